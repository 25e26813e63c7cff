"""order="sequential": one record after the other, up to the first failure."""

from __future__ import annotations

from functools import partial

from tailrace.handler.awaiting import finish
from tailrace.handler.progress import Progress
from tailrace.handler.report import log_failure, log_out_of_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tailrace._core import Batch, FilterCriteria, Record
    from tailrace.handler.clock import Clock
    from tailrace.handler.quarantine import SettingAside
    from tailrace.handler.routing import Route
    from tailrace.handler.verdicts import Verdicts

    Admits = Callable[[FilterCriteria | None], bool]

__all__ = ["run_in_order"]


def run_in_order(
    verdicts: Verdicts,
    routes: Mapping[str | None, tuple[Route, ...]],
    routes_of_unknown: Callable[[Record, Admits], tuple[Route, ...]],
    setting_aside: SettingAside,
    clock: Clock,
) -> Progress:
    """Run the routes of each record until one fails or the time is over.

    Args:
        verdicts: what the filters say of the records.
        routes: the routes of each known eventName.
        routes_of_unknown: the routes of a record whose eventName nobody knows, by their filters; raises when nobody
            takes it.
        setting_aside: what becomes of a record whose handler raises.
        clock: the time left; asked before each record but the first, which always starts.

    Returns:
        How far it came.
    """
    batch = verdicts.batch
    progress = Progress(len(batch))
    remaining_ms, margin_ms = clock.remaining_ms, clock.margin_ms
    positions, started = verdicts.wanted(routes), False
    for position, record in zip(positions, _records(batch, positions), strict=True):
        if remaining_ms is not None and started and remaining_ms() <= margin_ms:
            log_out_of_time(record, len(batch) - position)
            progress.stop(position, None)
            return progress
        route, started = None, True
        try:
            # Reading event_name also proves that the record is well-formed, so that one without a route is too.
            matching = routes.get(record.event_name)
            if matching is None:
                matching = routes_of_unknown(record, partial(verdicts.admits, position=position))
            for route in matching:
                if route.where is not None and not verdicts.admits(route.where, position):
                    continue
                returned = route.function(record)
                if returned is not None:
                    finish(returned)
        except Exception as error:  # noqa: BLE001  any error of a handler is a failure of its record
            failure = setting_aside.take(record, error, route)
            if failure is not None:
                log_failure(record, failure, route)
                progress.stop(position, failure)
                return progress
            progress.set_aside.add(position)
    return progress


def _records(batch: Batch, positions: Sequence[int]) -> Batch:
    return batch if len(positions) == len(batch) else batch.take(positions)
