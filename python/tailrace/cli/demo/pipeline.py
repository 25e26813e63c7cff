"""The demo's pipeline on tailrace: a handler, three sinks, a quarantine, and a few accidents on the way."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tailrace import Quarantine, StreamHandler
from tailrace.cli.demo.rules import ACTOR, search_text, wrong_total
from tailrace.sinks import SinkFailure, SqliteAuditTrail, SqliteQuarantine, SqliteReplica, SqliteSearchIndex
from tailrace.testing import EventSourceMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from tailrace import Record
    from tailrace.sinks import Deadline

    Handler = Callable[[Any, Any], object]

__all__ = ["BATCH_SIZE", "Accidents", "Passage", "Pipeline", "check_total"]

BATCH_SIZE = 100
RETRY_ATTEMPTS = 5
BATCHES_A_REFUSAL = 90
BATCHES_A_DEATH = 150


class Pipeline:
    """The order table's audit trail, replica and search index, fed by one handler.

    Args:
        directory: where their files are; it exists.
        accidents: what goes wrong on the way, if anything does.
    """

    def __init__(self, directory: Path, accidents: Accidents | None = None) -> None:
        self.trail = SqliteAuditTrail(directory / "audit.db", actor=ACTOR)
        self.replica = SqliteReplica(directory / "replica.db")
        self.index = SqliteSearchIndex(directory / "search.db", document=_document)
        self.quarantine = SqliteQuarantine(directory / "quarantine.db")
        self.quarantine.resolve("", "", "")  # makes the file, so that an empty one can be looked at
        app = StreamHandler(on_error="quarantine", quarantine=self.quarantine)
        app.on("INSERT", "MODIFY")(check_total)
        app.sink(self.trail)
        app.sink(self.replica)
        if accidents is not None:
            app.sink(accidents)
        app.sink(self.index)
        self.handler: Handler = app if accidents is None else accidents.around(app)

    def close(self) -> None:
        """Close all files."""
        for file in (self.trail, self.replica, self.index, self.quarantine):
            file.close()


def check_total(record: Record) -> None:
    """Set an order aside that nobody should act upon."""
    order = record.new_image
    reason = None if order is None else wrong_total(order)
    if reason is not None:
        raise Quarantine(reason)


def _document(record: Record) -> str | None:
    return None if record.new_image is None else search_text(record.new_image)


class Accidents:
    """What happens in production, at fixed places: a sink that refuses a record once, a function that dies.

    It is a sink itself. The function dies when all its work is done and before it can say so, which is the worst
    moment: everything comes again.

    Args:
        batch_count: how many batches there will be.
    """

    def __init__(self, batch_count: int) -> None:
        self._refuse_at = _spread(batch_count, max(1, batch_count // BATCHES_A_REFUSAL))
        # One later than the middle, so that the two do not meet in the same batch.
        self._die_at = {2 + at for at in _spread(batch_count, max(1, batch_count // BATCHES_A_DEATH))}
        self._write_count = 0
        self._answer_count = 0
        self.refusal_count = 0
        self.death_count = 0

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Sequence[SinkFailure]:
        """Take all records, or now and then all but one."""
        self._write_count += 1
        if self._write_count not in self._refuse_at:
            return []
        self.refusal_count += 1
        return [SinkFailure(records[len(records) // 2], ConnectionError("the network was down for a moment"))]

    def close(self) -> None:
        """There is nothing to close."""

    def around(self, handler: Handler) -> Handler:
        """A handler that dies now and then after its work."""

        def mortal(event: Any, context: Any) -> object:
            answer = handler(event, context)
            self._answer_count += 1
            if self._answer_count in self._die_at:
                self.death_count += 1
                raise TimeoutError("the function was stopped before it could answer")
            return answer

        return mortal


def _spread(batch_count: int, count: int) -> set[int]:
    """So many numbers, evenly over the batches."""
    return {1 + (2 * index + 1) * batch_count // (2 * count) for index in range(count)}


@dataclass
class Passage:
    """What came of the way through the files, added up file by file.

    Args:
        handler: called with the bytes of an event and a context.
    """

    handler: Handler
    record_count: int = 0
    batch_count: int = 0
    retry_count: int = 0
    lost_count: int = 0
    handler_seconds: float = 0.0

    def deliver(self, event: bytes) -> None:
        """Deliver the records of an event as Lambda does, until all are done."""
        mapping = EventSourceMapping(
            self.call, batch_size=BATCH_SIZE, maximum_retry_attempts=RETRY_ATTEMPTS, event_format="bytes"
        )
        report = mapping.deliver(event)
        self.record_count += report.record_count
        self.batch_count += report.batch_count
        self.retry_count += report.invocation_count - report.batch_count
        self.lost_count += len(report.discarded)

    def call(self, event: bytes, context: object = None) -> object:
        """Call the handler. Only this time counts, as on Lambda's bill: the mapping is no part of it."""
        started = time.perf_counter()
        try:
            return self.handler(event, context)
        finally:
            self.handler_seconds += time.perf_counter() - started
