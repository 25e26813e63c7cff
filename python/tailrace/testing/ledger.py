"""The record of a delivery: what was invoked, with which records, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tailrace import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["DeliveryReport", "Invocation", "StalledError"]


@dataclass(frozen=True)
class Invocation:
    """One call of the function.

    Attributes:
        sequence_numbers: of the records it got, in order.
        outcome: ``"success"``: all are done; ``"partial"``: the checkpoint moved into the batch; ``"failure"``: it did
            not move.
        reported: the SequenceNumber that Lambda went back to, if the answer named one.
        reason: why the batch failed as a whole, if it did.
        error: what the function raised, if it did.
        invoke_count: which try of these very records it was, from 1.

    Example:
        >>> from tailrace.testing import EventSourceMapping, make_event
        >>> report = EventSourceMapping(lambda event, context: None).deliver(make_event([{"id": "a"}]))
        >>> report.invocations[0].outcome
        'success'
    """

    sequence_numbers: tuple[str, ...]
    outcome: Literal["success", "partial", "failure"]
    reported: str | None = None
    reason: str | None = None
    error: Exception | None = None
    invoke_count: int = 1


@dataclass
class DeliveryReport:
    """What an EventSourceMapping did with the records it was given.

    Attributes:
        invocations: every call of the function, in order.
        done: SequenceNumbers of the records that the checkpoint passed as successes, in that order.
        discarded: SequenceNumbers of the records that were given up, in that order.
        on_failure_documents: what the on-failure destination got, or would have got.
        batch_count: batches read from the shard.
        record_count: records read from the shard.
        retry_count: invocations that repeated the very records of the one before.
        bisect_count: batches that were split in two.

    Example:
        >>> from tailrace.testing import EventSourceMapping, make_event
        >>> report = EventSourceMapping(lambda event, context: None).deliver(make_event([{"id": "a"}, {"id": "b"}]))
        >>> print(report)
        2 records in 1 batches: 1 invocations, 0 retries, 0 bisects, 2 done, 0 discarded
    """

    invocations: list[Invocation] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    on_failure_documents: list[dict[str, Any]] = field(default_factory=list)
    batch_count: int = 0
    record_count: int = 0
    retry_count: int = 0
    bisect_count: int = 0

    @property
    def invocation_count(self) -> int:
        """How often the function was called."""
        return len(self.invocations)

    @property
    def deliveries(self) -> dict[str, int]:
        """How often each record was delivered, by SequenceNumber, in order of first delivery."""
        return dict(Counter(number for invocation in self.invocations for number in invocation.sequence_numbers))

    def __str__(self) -> str:
        return (
            f"{self.record_count} records in {self.batch_count} batches: {self.invocation_count} invocations,"
            f" {self.retry_count} retries, {self.bisect_count} bisects, {len(self.done)} done,"
            f" {len(self.discarded)} discarded"
        )


class StalledError(TailraceError):
    """The mapping would repeat the same batch for as long as the stream keeps its records.

    Attributes:
        report: what was delivered until then.

    Example:
        >>> from tailrace.testing import EventSourceMapping, StalledError, make_event
        >>> def broken(event, context):
        ...     raise RuntimeError("no")
        >>> try:
        ...     EventSourceMapping(broken, max_invocations=5).deliver(make_event([{"id": "a"}]))
        ... except StalledError as error:
        ...     print(error.report)
        1 records in 1 batches: 5 invocations, 4 retries, 0 bisects, 0 done, 0 discarded
    """

    def __init__(
        self,
        message: str = "",
        *,
        path: tuple[str | int, ...] = (),
        sequence_number: str | None = None,
        report: DeliveryReport | None = None,
    ) -> None:
        super().__init__(message, path=path, sequence_number=sequence_number)
        self.report = report or DeliveryReport()
