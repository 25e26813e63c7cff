"""The answer to Lambda: the only file that knows the contract of the event source mapping.

With ReportBatchItemFailures, Lambda moves its checkpoint to the lowest SequenceNumber that is named and sends
everything from there again; nothing named means all is done, so a failure that cannot be named must raise.
"""

from __future__ import annotations

from tailrace.exceptions import HandlerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from tailrace._core import Batch
    from tailrace.handler.progress import Progress
    from tailrace.types import BatchResponse

__all__ = ["answer", "coming_again"]


def answer(batch: Batch, progress: Progress, report: Literal["partial", "raise"]) -> BatchResponse:
    """Say to Lambda from where the batch must come again.

    Args:
        batch: the batch that was handled.
        progress: how far it came.
        report: ``"partial"`` names a SequenceNumber, ``"raise"`` fails the invocation.

    Returns:
        No failure, or exactly one: the lowest SequenceNumber of all records that are not done.

    Raises:
        HandlerError: the answer cannot express the failure, or would be ignored.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    if progress.end == len(batch):
        return {"batchItemFailures": []}
    if report == "raise":
        raise _whole_batch(batch, progress, "the mapping does not take partial answers") from progress.error
    if batch.shape == "pipes":
        # A pipe retries only the eventIDs it is told, which breaks the order; the batch must come again whole.
        raise _whole_batch(batch, progress, "a pipe would retry the named records alone") from progress.error
    return {"batchItemFailures": [{"itemIdentifier": _lowest_sequence_number(batch, progress)}]}


def coming_again(positions: Iterable[int], batch: Batch, progress: Progress) -> set[int]:
    """Those of some records that are done and yet delivered again: their numbers are behind the reported one.

    Args:
        positions: where they are in the batch, which may be out of order.
        batch: the batch.
        progress: how far it came; not to the end.

    Raises:
        HandlerError: a record that is not done has no SequenceNumber.
    """
    lowest = _by_value(_lowest_sequence_number(batch, progress))
    numbers = ((position, batch[position].sequence_number) for position in positions)
    return {position for position, number in numbers if number is None or _by_value(number) >= lowest}


def _lowest_sequence_number(batch: Batch, progress: Progress) -> str:
    numbers: list[str] = []
    for record in batch[progress.end :]:
        number = record.sequence_number
        if number is None:
            raise _whole_batch(batch, progress, "a record of them has no SequenceNumber") from progress.error
        numbers.append(number)
    return min(numbers, key=_by_value)


def _by_value(number: str) -> tuple[int, str]:
    # Not int(): Python caps the digits it converts, and the cap can be lowered by anyone in the process.
    digits = number.lstrip("0")
    return len(digits), digits


def _whole_batch(batch: Batch, progress: Progress, reason: str) -> HandlerError:
    undone = len(batch) - progress.end
    why = "the time ran out before them" if progress.error is None else f"the first: {type(progress.error).__name__}"
    return HandlerError(
        f"{undone} of {len(batch)} records are not done ({why}) and {reason}: the whole batch must come again",
        sequence_number=batch[progress.end].sequence_number,
    )
