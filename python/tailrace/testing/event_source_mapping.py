"""A Lambda event source mapping in the process of a test."""

from __future__ import annotations

import math

from tailrace.testing.clock import VirtualClock
from tailrace.testing.configuration import settings_of
from tailrace.testing.delivery import deliver
from tailrace.testing.function import Function
from tailrace.testing.ledger import DeliveryReport
from tailrace.testing.settings import Settings, check_range, check_word, compiled
from tailrace.testing.shard import Shard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Literal

    from tailrace import FilterCriteria
    from tailrace.testing.ledger import Invocation
    from tailrace.testing.settings import Destination
    from tailrace.testing.shard import Records

    Filters = FilterCriteria | Mapping[str, Any] | Iterable[Any] | str

__all__ = ["EventSourceMapping"]

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_MAXIMUM_TIMEOUT_MS = 900_000


class EventSourceMapping:
    """Delivers the records of shards to a function as Lambda does.

    It cuts batches, moves its checkpoint to the lowest number that the answer names and delivers everything from
    there again, repeats a batch that failed, splits it, and gives it up to the on-failure destination. The retries
    are counted anew when the checkpoint has moved. A batch is split where the function raises or times out, and that
    costs no retry; an answer that names a record splits at that record only. What a batch is given up with are all
    records that it still holds, also those behind the failing one: that is how records get lost in production.

    Nothing sleeps: windows and the waits between retries pass on a clock of its own. Lambda's settings have its own
    names here, in lower case; ``from_configuration`` takes them as AWS writes them.

    Args:
        handler: the function, called with the event and a context. It may also raise ``FunctionKilled`` or
            ``FunctionThrottled``.
        batch_size: records in a batch, 1 to 10,000; an event is never over 6 MiB.
        maximum_batching_window_in_seconds: how long records are gathered for a batch, 0 to 300.
        maximum_retry_attempts: 0 to 10,000, or -1 for no limit.
        maximum_record_age_in_seconds: 60 to 604,800, or -1 for no limit; older records are given up. The stream
            itself keeps none for more than a day.
        bisect_batch_on_function_error: whether a batch is split in two when the function raises.
        parallelization_factor: batches of a shard at once, 1 to 10; those of one item stay in order.
        filter_criteria: the patterns of the mapping, in any form that ``FilterCriteria`` takes. Records that none
            of them matches are never delivered, and the checkpoint passes them.
        on_failure: called with each document that the on-failure destination gets.
        destination: ``"s3"``: the document holds the event, too; ``"sqs"``, ``"sns"``, ``"kafka"``: it does not.
        report_batch_item_failures: whether FunctionResponseTypes has ReportBatchItemFailures; without it every answer
            is a success.
        tumbling_window_in_seconds: 0 for none, or up to 900: the function gets and answers a state, and one
            invocation more at the end of each window. Not together with a parallelization_factor over 1.
        starting_position: ``"TRIM_HORIZON"``, or ``"LATEST"``: records from before the start of the clock are missed.
        arrival: ``"backlog"``: all records are in the stream when the delivery starts; ``"live"``: each comes when
            its ApproximateCreationDateTime says. With a tumbling window they always come so.
        duplicate: called after each success, except in a tumbling window; gives in how many batches the same records
            come once more, as they rarely do: 0 for never, 1 for next.
        event_format: ``"dict"`` as Python's Lambda runtime gives it, or ``"bytes"``.
        timeout_ms: milliseconds that an invocation may take, up to 900,000. One that takes longer has failed,
            whatever it answered.
        clock: whose time it is. By default one that also counts the time that the function really takes.
        max_invocations: invocations in a row that move nothing, before StalledError. Lambda itself goes on for as
            long as the stream keeps the records, a day.

    Raises:
        ValueError: an option outside its limits.
        FilterPatternError: Lambda would refuse the filters.

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
        maximum_batching_window_in_seconds: float = 0,
        maximum_retry_attempts: int = -1,
        maximum_record_age_in_seconds: float = -1,
        bisect_batch_on_function_error: bool = False,
        parallelization_factor: int = 1,
        filter_criteria: Filters | None = None,
        on_failure: Callable[[dict[str, Any]], object] | None = None,
        destination: Destination = "s3",
        report_batch_item_failures: bool = True,
        tumbling_window_in_seconds: float = 0,
        starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON",
        arrival: Literal["backlog", "live"] = "backlog",
        duplicate: Callable[[Invocation], int] | None = None,
        event_format: Literal["dict", "bytes"] = "dict",
        timeout_ms: float = _MAXIMUM_TIMEOUT_MS,
        clock: VirtualClock | None = None,
        max_invocations: int = 1000,
    ) -> None:
        self._settings = Settings(
            batch_size=batch_size,
            maximum_batching_window_in_seconds=maximum_batching_window_in_seconds,
            maximum_retry_attempts=maximum_retry_attempts,
            maximum_record_age_in_seconds=maximum_record_age_in_seconds,
            bisect_batch_on_function_error=bisect_batch_on_function_error,
            parallelization_factor=parallelization_factor,
            filter_criteria=compiled(filter_criteria),
            report_batch_item_failures=report_batch_item_failures,
            tumbling_window_in_seconds=tumbling_window_in_seconds,
            starting_position=starting_position,
            destination=destination,
        )
        check_range("timeout_ms", timeout_ms, 1, _MAXIMUM_TIMEOUT_MS)
        check_range("max_invocations", max_invocations, 1, math.inf)
        check_word("event_format", event_format, "dict", "bytes")
        check_word("arrival", arrival, "backlog", "live")
        self.clock = VirtualClock(real_time=True) if clock is None else clock
        self._function = Function(handler, self._settings, event_format, timeout_ms, self.clock)
        self._on_failure = on_failure
        self._arrival: Literal["backlog", "live"] = "live" if tumbling_window_in_seconds else arrival
        self._duplicate = None if tumbling_window_in_seconds else duplicate
        self._max_invocations = max_invocations

    @classmethod
    def from_configuration(
        cls, handler: Callable[[Any, Any], object], configuration: Mapping[str, Any], **options: Any
    ) -> EventSourceMapping:
        """Make a mapping with the settings of one of AWS.

        Args:
            handler: the function.
            configuration: what ``aws lambda get-event-source-mapping`` prints, what ``create-event-source-mapping``
                takes, or the properties of a mapping in a template. A setting that is missing has AWS's default, and
                names that say nothing about delivery (UUID, State...) are passed over.
            options: further arguments of EventSourceMapping; where both say something, these count.

        Returns:
            The mapping.

        Raises:
            ValueError: a setting that cannot be, or whose name is not spelled as AWS does.
            FilterPatternError: Lambda would refuse the filters.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html

        Example:
            >>> from tailrace.testing import EventSourceMapping, make_event
            >>> def poison(event, context):
            ...     raise RuntimeError("no")
            >>> mapping = EventSourceMapping.from_configuration(poison, {"BatchSize": 2, "MaximumRetryAttempts": 1})
            >>> print(mapping.deliver(make_event([{"id": "a"}, {"id": "b"}])))
            2 records in 1 batches: 2 invocations, 1 retries, 0 bisects, 0 done, 2 discarded
        """
        return cls(handler, **(settings_of(configuration) | options))

    def deliver(self, records: Records) -> DeliveryReport:
        """Deliver records to the end: each is done, filtered or given up when this returns.

        Args:
            records: of one shard, in its order: an event with Records, its JSON text, or an iterable of Records and
                of dicts in Lambda's wire shape, which is read batch by batch.

        Returns:
            What happened.

        Raises:
            StalledError: the same batch fails again and again and nothing limits the retries.
            ValueError: a record that is no JSON or has no SequenceNumber.
        """
        return self.deliver_shards([Shard(records)])

    def deliver_shards(self, shards: Iterable[Shard]) -> DeliveryReport:
        """Deliver the records of several shards: those of a child when all of its parent's are settled.

        Args:
            shards: in any order.

        Returns:
            What happened.

        Raises:
            StalledError: the same batch fails again and again and nothing limits the retries.
            ValueError: a record that is no JSON or has no SequenceNumber; two shards of one name; shards that are
                parents of each other.
        """
        report = DeliveryReport()
        deliver(
            list(shards),
            self._function,
            report,
            arrival=self._arrival,
            on_failure=self._on_failure,
            duplicate=self._duplicate,
            max_invocations=self._max_invocations,
        )
        return report
