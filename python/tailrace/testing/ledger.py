"""The record of a delivery: what was invoked, with which records, and what came of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tailrace import TailraceError
from tailrace.testing.timeline import timeline_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    Cause = Literal["batch", "retry", "rest", "half", "duplicate", "window"]

__all__ = ["Checkpoint", "DeliveryReport", "Invocation", "StalledError", "Step"]


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
        cause: ``"batch"``: read from the shard; ``"retry"``: the same again; ``"rest"``: from the checkpoint on;
            ``"half"``: of a batch that was split; ``"duplicate"``: delivered once more though it was a success;
            ``"window"``: the end of a tumbling window, without records.
        shard_id: the shard.
        started_at: seconds from the start of the delivery.
        duration_ms: how long it took.
        answer: what the function answered, as JSON gives it; None also where it raised.
        unheard: SequenceNumbers of the records that the answer wanted to have again, and Lambda took for done.

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
    error: BaseException | None = None
    invoke_count: int = 1
    cause: Cause = "batch"
    shard_id: str = ""
    started_at: float = 0.0
    duration_ms: float = 0.0
    answer: Any = None
    unheard: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One thing that happened in a delivery.

    Attributes:
        at: when, in seconds from the start of the delivery; of an invocation when it ended.
        shard_id: in which shard.
        kind: ``"success"``, ``"partial"``, ``"failure"``: an invocation and its outcome; ``"throttle"``: there was
            none; ``"filter"``: records that no filter matches; ``"discard"``: records given up; ``"miss"``: records
            from before the mapping began.
        sequence_numbers: of the records.
        said: what came of it, in words; may be empty.
        invocation: if it was one.
        checkpoint: the shard's checkpoint after it: the SequenceNumber up to which all is settled; None before the
            first.

    Example:
        >>> from tailrace.testing import EventSourceMapping, make_event
        >>> report = EventSourceMapping(lambda event, context: None).deliver(make_event([{"id": "a"}]))
        >>> [(step.kind, step.checkpoint == report.done[0]) for step in report.steps]
        [('success', True)]
    """

    at: float
    shard_id: str
    kind: Literal["success", "partial", "failure", "throttle", "filter", "discard", "miss"]
    sequence_numbers: tuple[str, ...]
    said: str = ""
    invocation: Invocation | None = None
    checkpoint: str | None = None


@dataclass(frozen=True)
class Checkpoint:
    """A shard's checkpoint, when it has moved.

    Attributes:
        at: when, in seconds from the start of the delivery.
        shard_id: the shard.
        sequence_number: up to which all is done, filtered or given up.

    Example:
        >>> from tailrace.testing import EventSourceMapping, make_event
        >>> mapping = EventSourceMapping(lambda event, context: None, batch_size=1)
        >>> len(mapping.deliver(make_event([{"id": "a"}, {"id": "b"}])).checkpoints)
        2
    """

    at: float
    shard_id: str
    sequence_number: str


@dataclass
class DeliveryReport:
    """What an EventSourceMapping did with the records it was given.

    Attributes:
        invocations: every call of the function, in order.
        done: SequenceNumbers of the records that the checkpoint passed as successes, in that order.
        discarded: SequenceNumbers of the records that were given up, in that order.
        on_failure_documents: what the on-failure destination got, or would have got.
        batch_count: batches read from the shards.
        record_count: records read from the shards.
        retry_count: invocations that repeated the very records of the one before.
        bisect_count: batches that were split in two.
        filtered: SequenceNumbers of the records that no filter matched, and the checkpoint passed.
        missed: SequenceNumbers of the records from before the mapping began, with LATEST.
        unheard: SequenceNumbers of the records that an answer wanted to have again, and Lambda took for done: the
            mapping has no ReportBatchItemFailures, or the key is misspelt. They are among ``done``, and lost.
        on_failure_keys: the names of the objects in an S3 destination, one a document.
        steps: all of it, as it happened.
        positions: the position of each record in its shard, from 1, by SequenceNumber.

    Example:
        >>> from tailrace.testing import EventSourceMapping, make_event
        >>> report = EventSourceMapping(lambda event, context: None).deliver(make_event([{"id": "a"}, {"id": "b"}]))
        >>> print(report)
        2 records in 1 batches: 1 invocations, 0 retries, 0 bisects, 2 done, 0 discarded
        >>> print(report.timeline())
        0.0 s  invocation 1  #1-#2  success  checkpoint #2
    """

    invocations: list[Invocation] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    discarded: list[str] = field(default_factory=list)
    on_failure_documents: list[dict[str, Any]] = field(default_factory=list)
    batch_count: int = 0
    record_count: int = 0
    retry_count: int = 0
    bisect_count: int = 0
    filtered: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    on_failure_keys: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    positions: dict[str, int] = field(default_factory=dict)

    @property
    def invocation_count(self) -> int:
        """How often the function was called."""
        return len(self.invocations)

    @property
    def deliveries(self) -> dict[str, int]:
        """How often each record was delivered, by SequenceNumber, in order of first delivery."""
        return dict(Counter(number for invocation in self.invocations for number in invocation.sequence_numbers))

    @property
    def lost(self) -> list[str]:
        """SequenceNumbers of the records that no invocation has done: given up, missed and unheard, each once."""
        return list(dict.fromkeys([*self.missed, *self.unheard, *self.discarded]))

    @property
    def checkpoints(self) -> list[Checkpoint]:
        """Each move of a checkpoint, in order."""
        last: dict[str, str] = {}
        moves = []
        for step in self.steps:
            if step.checkpoint is not None and last.get(step.shard_id) != step.checkpoint:
                last[step.shard_id] = step.checkpoint
                moves.append(Checkpoint(step.at, step.shard_id, step.checkpoint))
        return moves

    def timeline(self, *, color: bool = False) -> str:
        """What happened, for people: a line for each step, records by their position in the shards.

        Of many steps alike in a row the first two are told, the last, and how many more there are.

        Args:
            color: whether what is lost is red and what failed yellow, on a terminal.
        """
        return "\n".join(timeline_lines(self.steps, self.positions, color=color))

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
