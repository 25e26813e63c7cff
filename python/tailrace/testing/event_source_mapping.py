"""A Lambda event source mapping in the process of a test."""

from __future__ import annotations

import json
import math

from tailrace.testing.context import LambdaContext
from tailrace.testing.destination import on_failure_document
from tailrace.testing.ledger import DeliveryReport, Invocation, StalledError
from tailrace.testing.reply import BadAnswerError, reported
from tailrace.testing.segment import Segment, batches
from tailrace.testing.wire import shard_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Literal

    from tailrace import Record
    from tailrace.testing.wire import ShardRecord

__all__ = ["EventSourceMapping"]

# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
_MAXIMUM_BATCH_SIZE = 10_000
_MAXIMUM_RETRY_ATTEMPTS = 10_000
_MAXIMUM_TIMEOUT_MS = 900_000


class EventSourceMapping:
    """Delivers the records of one shard to a function as Lambda does.

    It cuts batches, moves its checkpoint to the lowest number that the answer names and delivers everything from
    there again, repeats a batch that failed, splits it, and gives it up to the on-failure destination. The retries
    are counted anew when the checkpoint has moved. A batch is split where the function raises or times out, and that
    costs no retry; an answer that names a record splits at that record only. What a batch is given up with are all
    records that it still holds, also those behind the failing one: that is how records get lost in production.

    Args:
        handler: the function, called with the event and a context.
        batch_size: records in a batch, 1 to 10,000; an event is never over 6 MiB.
        maximum_retry_attempts: 0 to 10,000, or -1 for no limit.
        bisect_batch_on_function_error: whether a batch is split in two when the function raises.
        on_failure: called with the document that the S3 destination stores, for each batch that is given up.
        report_batch_item_failures: whether FunctionResponseTypes has ReportBatchItemFailures; without it every answer
            is a success.
        event_format: ``"dict"`` as Python's Lambda runtime gives it, or ``"bytes"``.
        timeout_ms: milliseconds that an invocation may take, up to 900,000. One that takes longer has failed,
            whatever it answered.
        max_invocations: invocations in a row that move nothing, before StalledError. Lambda itself goes on for as
            long as the stream keeps the records, a day.

    Raises:
        ValueError: an option outside its limits.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.testing import EventSourceMapping, make_event
        >>> app = StreamHandler()
        >>> tries = []
        >>> @app.insert
        ... def flaky(record):
        ...     tries.append(record.keys["id"])
        ...     if tries == ["a", "b"]:
        ...         raise RuntimeError("not yet")
        >>> report = EventSourceMapping(app).deliver(make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}]))
        >>> tries, report.invocation_count, len(report.done)
        (['a', 'b', 'b', 'c'], 2, 3)
    """

    def __init__(
        self,
        handler: Callable[[Any, Any], object],
        *,
        batch_size: int = 100,
        maximum_retry_attempts: int = -1,
        bisect_batch_on_function_error: bool = False,
        on_failure: Callable[[dict[str, Any]], object] | None = None,
        report_batch_item_failures: bool = True,
        event_format: Literal["dict", "bytes"] = "dict",
        timeout_ms: float = _MAXIMUM_TIMEOUT_MS,
        max_invocations: int = 1000,
    ) -> None:
        _check("batch_size", batch_size, 1, _MAXIMUM_BATCH_SIZE)
        _check("maximum_retry_attempts", maximum_retry_attempts, -1, _MAXIMUM_RETRY_ATTEMPTS)
        _check("timeout_ms", timeout_ms, 1, _MAXIMUM_TIMEOUT_MS)
        _check("max_invocations", max_invocations, 1, math.inf)
        if event_format not in ("dict", "bytes"):
            raise ValueError(f"event_format={event_format!r} does not exist: use 'dict' or 'bytes'")
        self._handler = handler
        self._batch_size = batch_size
        self._maximum_retry_attempts = maximum_retry_attempts
        self._bisect = bisect_batch_on_function_error
        self._on_failure = on_failure
        self._report_batch_item_failures = report_batch_item_failures
        self._event_format = event_format
        self._timeout_ms = timeout_ms
        self._max_invocations = max_invocations

    def deliver(
        self, records: Mapping[str, Any] | bytes | str | Iterable[Record | Mapping[str, Any]]
    ) -> DeliveryReport:
        """Deliver records to the end: each is done or given up when this returns.

        Args:
            records: of one shard, in its order: an event with Records, its JSON text, or an iterable of Records and
                of dicts in Lambda's wire shape, which is read batch by batch.

        Returns:
            What happened.

        Raises:
            StalledError: the same batch fails again and again and nothing limits the retries.
            ValueError: a record that is no JSON or has no SequenceNumber.
        """
        report = DeliveryReport()
        for batch in batches(shard_records(records), self._batch_size):
            report.batch_count += 1
            report.record_count += len(batch)
            self._deliver_batch(batch, report)
        return report

    def _deliver_batch(self, batch: list[ShardRecord], report: DeliveryReport) -> None:
        waiting = [Segment(batch)]
        idle_count = 0
        while waiting:
            segment = waiting.pop()
            invocation = self._invoke(segment, report)
            following = self._following(segment, invocation, report)
            idle_count = idle_count + 1 if following and invocation.outcome == "failure" else 0
            if idle_count >= self._max_invocations:
                raise _stalled(invocation, report, idle_count)
            waiting.extend(reversed(following))

    def _invoke(self, segment: Segment, report: DeliveryReport) -> Invocation:
        report.retry_count += segment.invoke_count > 0
        segment.invoke_count += 1
        numbers, reason, error = segment.sequence_numbers(), None, None
        number = None
        try:
            number = self._reported(segment, numbers, report)
        except BadAnswerError as bad:
            reason = str(bad)
        except Exception as raised:  # noqa: BLE001  whatever a function raises, Lambda calls it a function error
            reason, error = f"{type(raised).__name__}: {raised}", raised
        outcome = segment.outcome(number, failed=reason is not None)
        invocation = Invocation(numbers, outcome, number, reason, error, segment.invoke_count)
        report.invocations.append(invocation)
        return invocation

    def _reported(self, segment: Segment, numbers: tuple[str, ...], report: DeliveryReport) -> str | None:
        context = LambdaContext(self._timeout_ms, report.invocation_count + 1)
        text = segment.event_text()
        event = text.encode() if self._event_format == "bytes" else json.loads(text)
        answer = json.loads(json.dumps(self._handler(event, context)))  # an answer that is no JSON is an error too
        if context.timed_out():
            raise TimeoutError(f"Task timed out after {self._timeout_ms / 1000:.2f} seconds")
        return reported(answer, numbers) if self._report_batch_item_failures else None

    def _following(self, segment: Segment, invocation: Invocation, report: DeliveryReport) -> list[Segment]:
        """What of the segment is to be delivered next, now that it was delivered once more."""
        if invocation.outcome != "failure":
            done, rest = segment.split_at(invocation.reported)
            report.done.extend(record.sequence_number for record in done)
            return [Segment(rest)] if rest else []
        if self._bisect and invocation.error is not None and len(segment.records) > 1:
            report.bisect_count += 1
            return segment.halves()
        if 0 <= self._maximum_retry_attempts < segment.invoke_count:
            self._give_up(segment, invocation, report)
            return []
        return [segment]

    def _give_up(self, segment: Segment, invocation: Invocation, report: DeliveryReport) -> None:
        event = json.loads(segment.event_text())
        document = on_failure_document(
            event["Records"],
            payload=event,
            invoke_count=segment.invoke_count,
            function_error=None if invocation.error is None else "Unhandled",
        )
        report.discarded.extend(invocation.sequence_numbers)
        report.on_failure_documents.append(document)
        if self._on_failure is not None:
            self._on_failure(document)


def _stalled(invocation: Invocation, report: DeliveryReport, idle_count: int) -> StalledError:
    first = invocation.sequence_numbers[0]
    reason = invocation.reason or "its first record is reported"
    return StalledError(
        f"{idle_count} invocations in a row moved nothing ({reason}): set maximum_retry_attempts=, or make the handler"
        " get past this record",
        report=report,
        sequence_number=first,
    )


def _check(option: str, value: float, lowest: int, highest: float) -> None:
    if not lowest <= value <= highest:
        raise ValueError(f"{option}={value!r} is not between {lowest:,} and {highest:,}")
