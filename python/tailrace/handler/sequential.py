"""order="sequential": one record after the other, up to the first failure."""

from __future__ import annotations

from tailrace.handler.awaiting import finish
from tailrace.handler.progress import Progress
from tailrace.handler.report import log_failure, log_out_of_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tailrace._core import Batch, Record
    from tailrace.handler.clock import Clock
    from tailrace.handler.quarantine import SettingAside
    from tailrace.handler.routing import Route

__all__ = ["run_in_order"]


def run_in_order(
    batch: Batch,
    routes: Mapping[str | None, tuple[Route, ...]],
    routes_of_unknown: Callable[[Record], tuple[Route, ...]],
    setting_aside: SettingAside,
    clock: Clock,
) -> Progress:
    """Run the routes of each record until one fails or the time is over.

    Args:
        batch: the records.
        routes: the routes of each known eventName.
        routes_of_unknown: the routes of a record whose eventName nobody knows; raises when there are none.
        setting_aside: what becomes of a record whose handler raises.
        clock: the time left; asked before each record but the first, which always starts.

    Returns:
        How far it came.
    """
    progress = Progress(len(batch))
    remaining_ms, margin_ms = clock.remaining_ms, clock.margin_ms
    for position, record in enumerate(batch):
        if remaining_ms is not None and position and remaining_ms() <= margin_ms:
            log_out_of_time(record, len(batch) - position)
            progress.stop(position, None)
            return progress
        route = None
        try:
            # Reading event_name also proves that the record is well-formed, so that one without a route is too.
            matching = routes.get(record.event_name)
            for route in routes_of_unknown(record) if matching is None else matching:
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
