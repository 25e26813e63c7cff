"""One invocation in numbers, and the protocol of what takes them."""

from __future__ import annotations

from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol
else:
    Protocol = object

__all__ = ["InvocationMetrics", "Metrics", "RecordCounts"]


@dataclass(frozen=True)
class RecordCounts:
    """What became of the records of one table and one kind of event in one invocation.

    ``received`` is ``processed + skipped + returned``, and those of ``quarantined`` and ``deduplicated`` that are not
    returned; ``failed`` is part of ``returned``. What each counts stands in docs/metrics.md.

    Example:
        >>> RecordCounts(received=3, processed=1, failed=1, returned=2).returned
        2
    """

    received: int = 0
    processed: int = 0
    failed: int = 0
    returned: int = 0
    skipped: int = 0
    quarantined: int = 0
    deduplicated: int = 0


@dataclass(frozen=True)
class InvocationMetrics:
    """One invocation in numbers.

    Attributes:
        records: by table (``""`` where nobody knows it) and event: INSERT, MODIFY, REMOVE or OTHER.
        batch_size: records in the event; 0 when it could not be read.
        oldest_record_age_ms: milliseconds since the oldest change was made; None when no record says.
        redelivered_count: records that this environment was given before.
        low_watermark_stall: how many invocations of this environment, this one included, ended at the same first record
            that was not done; 0 when all are.
        decode_ms: milliseconds to read the event.
        handler_ms: milliseconds to run the routes.
        sink_ms: milliseconds to write to the sinks.
        first_undone: the SequenceNumber of the first record that is not done.
        error: the type of what the invocation raised, or None.
        request_id: that of Lambda's context, or None.
        time_ms: when it began, in milliseconds since 1970.

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.testing import make_event
        >>> class Printer:
        ...     def emit(self, invocation):
        ...         print(invocation.batch_size, invocation.records["orders", "INSERT"].processed)
        >>> app = StreamHandler(metrics=Printer())
        >>> _ = app.insert(lambda record: None)
        >>> app(make_event([{"id": "a"}, {"id": "b"}], table_name="orders"))
        2 2
        {'batchItemFailures': []}
    """

    records: Mapping[tuple[str, str], RecordCounts]
    batch_size: int
    oldest_record_age_ms: float | None
    redelivered_count: int
    low_watermark_stall: int
    decode_ms: float
    handler_ms: float
    sink_ms: float
    first_undone: str | None
    error: str | None
    request_id: str | None
    time_ms: int


class Metrics(Protocol):
    """What takes the numbers of each invocation: implement it for a place of your own.

    It is called once at the end of each invocation, also of one that raises, before Lambda gets the answer, so it
    should be quick. What it raises is logged and fails no record. It may be ``async def``.

    Example:
        >>> class Total:
        ...     received = 0
        ...     def emit(self, invocation):
        ...         self.received += invocation.batch_size
        >>> from tailrace import StreamHandler
        >>> from tailrace.testing import make_event
        >>> total = Total()
        >>> app = StreamHandler(metrics=total)
        >>> _ = app(make_event([{"id": "a"}])), app(make_event([{"id": "b"}]))
        >>> total.received
        2
    """

    def emit(self, invocation: InvocationMetrics) -> object:
        """Take the numbers of one invocation."""
        ...
