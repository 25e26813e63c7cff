"""order="sequential": one record after the other, up to the first failure."""

from __future__ import annotations

from tailrace.handler.running import run_once

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace._core import Batch
    from tailrace.handler.invocation import Invocation

__all__ = ["run_in_order"]


def run_in_order(invocation: Invocation) -> None:
    """Run the records until one fails or the time is over; the invocation's progress tells how far it came.

    The time is asked for before each record but the first, which always starts.
    """
    batch, progress, clock = invocation.batch, invocation.progress, invocation.clock
    remaining_ms, margin_ms = clock.remaining_ms, clock.margin_ms
    positions, started = invocation.verdicts.wanted(invocation.routes), False
    for position, record in zip(positions, _records(batch, positions), strict=True):
        if remaining_ms is not None:
            if started and remaining_ms() <= margin_ms:
                invocation.report.not_started(record, len(batch) - position)
                progress.stop(position, None)
                return
            if not started:
                invocation.first, started = position, True
        error = run_once(record, position, invocation)
        if error is not None:
            progress.stop(position, error)
            return


def _records(batch: Batch, positions: Sequence[int]) -> Batch:
    return batch if len(positions) == len(batch) else batch.take(positions)
