"""order="sequential": one record after the other, up to the first failure."""

from __future__ import annotations

from tailrace.handler.running import run_records, run_records_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tailrace._core import Batch, Record
    from tailrace.handler.invocation import Invocation

__all__ = ["run_in_order"]


def run_in_order(invocation: Invocation) -> None:
    """Run the records until one fails or the time is over; the invocation's progress tells how far it came."""
    batch = invocation.batch
    positions = invocation.verdicts.wanted(invocation.routes)
    if not positions:
        return
    invocation.first = positions[0]
    records: Iterable[tuple[int, Record]] = zip(positions, _records(batch, positions), strict=True)
    if invocation.clock.remaining_ms is not None:
        records = _in_time(records, invocation)
    run = run_records if invocation.once is None else run_records_once
    for position, error in run(records, invocation):
        invocation.progress.stop(position, error)
        return


def _in_time(records: Iterable[tuple[int, Record]], invocation: Invocation) -> Iterator[tuple[int, Record]]:
    """The records, for as long as the time lasts; it is asked for before each but the first, which always starts."""
    for position, record in records:
        if position != invocation.first and invocation.clock.left_ms() <= 0:
            invocation.report.not_started(record, len(invocation.batch) - position)
            invocation.progress.stop(position, None)
            return
        yield position, record


def _records(batch: Batch, positions: Sequence[int]) -> Batch:
    return batch if len(positions) == len(batch) else batch.take(positions)
