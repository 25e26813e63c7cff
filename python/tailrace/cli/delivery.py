"""Records to a handler in batches, as Lambda delivers them, with one difference: no healthy record is given up."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

from tailrace import StreamHandler
from tailrace.testing import EventSourceMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from tailrace.cli.reading import Piece
    from tailrace.cli.target import Handler
    from tailrace.testing import Invocation

__all__ = ["Delivery", "FailedRecord", "Incoming", "incoming_records"]

_LOG = logging.getLogger("tailrace.run")


@dataclass(frozen=True)
class Incoming:
    """A record that was read, and where it stands, in words."""

    place: str
    event_name: str
    event_id: str | None
    sequence_number: str
    wire: dict[str, Any]


@dataclass(frozen=True)
class FailedRecord:
    """A record that failed at every try, and the last reason that is known."""

    record: Incoming
    reason: str


@dataclass
class Delivery:
    """Delivers batches to a handler and keeps count.

    It retries a batch that fails from the first record that is not done. When the retries are used up, the records
    that are left come one by one, so that only those that fail themselves are given up: Lambda would drop the
    healthy ones behind them too.

    Args:
        handler: called with an event and a context.
        batch_size: records in a batch, 1 to 10,000.
        retries: how often a batch, and then a record, is tried again.
    """

    handler: Handler
    batch_size: int
    retries: int
    record_count: int = 0
    event_counts: Counter[str] = field(default_factory=Counter)
    batch_count: int = 0
    retry_count: int = 0
    failed: list[FailedRecord] = field(default_factory=list)
    open_batch: list[Incoming] = field(default_factory=list)

    def deliver_all(self, records: Iterator[Incoming], progress: Callable[[int], None]) -> None:
        """Deliver all records, a batch at a time.

        Args:
            records: read as they are needed; when reading raises, the whole batches before it are done.
            progress: called after each batch with its number of records.
        """
        for batch in _batches(records, self.batch_size):
            self._deliver(batch)
            progress(len(batch))

    def _deliver(self, batch: list[Incoming]) -> None:
        self.open_batch = batch
        report = self._mapping(self.batch_size).deliver(record.wire for record in batch)
        self.retry_count += report.invocation_count - report.batch_count
        left = set(report.discarded)
        for record in batch:
            if record.sequence_number in left:
                self._deliver_alone(record)
        # Only now it is done: whatever stops the handler before must not find the batch among the whole ones.
        self.open_batch = []
        self.record_count += len(batch)
        self.event_counts.update(record.event_name for record in batch)
        self.batch_count += report.batch_count

    def _deliver_alone(self, record: Incoming) -> None:
        self.open_batch = [record]
        report = self._mapping(1).deliver([record.wire])
        self.retry_count += report.invocation_count  # it was delivered before, with its batch
        if report.discarded:
            self._give_up(record, report.invocations[-1])

    def _give_up(self, record: Incoming, last: Invocation) -> None:
        reason = last.reason or "the handler reported it"
        self.failed.append(FailedRecord(record, reason))
        _LOG.error(
            "record given up: eventID %s, SequenceNumber %s: %s",
            record.event_id,
            record.sequence_number,
            reason,
            exc_info=last.error,
        )

    def _mapping(self, batch_size: int) -> EventSourceMapping:
        # A StreamHandler reads bytes faster than the objects that any other function expects.
        return EventSourceMapping(
            self.handler,
            batch_size=batch_size,
            maximum_retry_attempts=self.retries,
            bisect_batch_on_function_error=True,
            event_format="bytes" if isinstance(self.handler, StreamHandler) else "dict",
        )


def _batches(records: Iterator[Incoming], batch_size: int) -> Iterator[list[Incoming]]:
    """Batches of one stream with growing numbers, as a handler may expect: what it names tells all before it done."""
    batch: list[Incoming] = []
    for record in records:
        if batch and (len(batch) == batch_size or not _follows(record, batch[-1])):
            yield batch
            batch = []
        batch.append(record)
    if batch:
        yield batch


def _follows(record: Incoming, last: Incoming) -> bool:
    same_stream = record.wire.get("eventSourceARN") == last.wire.get("eventSourceARN")
    return same_stream and _by_value(record.sequence_number) > _by_value(last.sequence_number)


def _by_value(sequence_number: str) -> tuple[int, str]:
    digits = sequence_number.lstrip("0")
    return len(digits), digits


def incoming_records(pieces: Iterable[Piece]) -> Iterator[Incoming]:
    """The records of what was read, one by one.

    Args:
        pieces: documents or lines.

    Yields:
        Each record, in order.

    Raises:
        InputError: a record that cannot be delivered.
    """
    for piece in pieces:
        for index, (record, wire) in enumerate(zip(piece.batch, piece.wire_records(), strict=True), 1):
            place = f"{piece.file}, line {piece.line}" + (f", record {index}" if len(piece.batch) > 1 else "")
            yield Incoming(place, str(record.event_name), record.event_id, str(record.sequence_number), wire)
