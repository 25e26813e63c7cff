"""StreamHandler: a Lambda function for change records."""

from __future__ import annotations

from functools import partial

from tailrace._core import Batch
from tailrace.exceptions import HandlerError, TailraceError
from tailrace.handler.batches import BatchRouting, run_batches
from tailrace.handler.clock import Clock
from tailrace.handler.invocation import Invocation
from tailrace.handler.metering import Metering, NoMeter
from tailrace.handler.options import (
    check_amount,
    check_attempts,
    check_modes,
    check_quarantine,
    check_sink,
    check_word,
    check_workers,
)
from tailrace.handler.progress import Progress
from tailrace.handler.quarantine import SettingAside
from tailrace.handler.report import Report
from tailrace.handler.response import answer
from tailrace.handler.retrying import Retrying
from tailrace.handler.routing import Routing
from tailrace.handler.sequential import run_in_order
from tailrace.handler.tumbling import members_of_window
from tailrace.handler.verdicts import Verdicts, compiled
from tailrace.handler.windows import WindowRouting, run_window
from tailrace.handler.writing import Outlet, write_to_sinks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Literal, TypeVar

    from tailrace._core import Record
    from tailrace.handler.gathering import GatheringRoute
    from tailrace.handler.invocation import Admits
    from tailrace.handler.once import Idempotency
    from tailrace.handler.route import Route, Selection
    from tailrace.handler.verdicts import Where
    from tailrace.idempotency.seen import Seen
    from tailrace.metrics.outcome import Metrics
    from tailrace.sinks.base import QuarantineStore, Sink
    from tailrace.types import BatchResponse

    Numbers = Literal["decimal", "decimal-strict", "int-decimal", "int-float", "float", "str"] | Callable[[str], object]
    AnySink = TypeVar("AnySink", bound=Sink)

__all__ = ["StreamHandler"]

# What sinks and the quarantine see, whatever modes the handlers chose.
_EXACT = {"numbers": "decimal", "binary": "bytes", "sets": "set"}

_NO_METER = NoMeter()


class StreamHandler(Routing, BatchRouting, WindowRouting):
    """Handles the change records of a table and tells Lambda exactly from where to go on.

    Register functions with ``insert``, ``modify``, ``remove`` and ``on``, those of many records with ``batch``, targets
    with ``sink``, and give Lambda the object itself. It stops at the first failure: nothing behind it starts any more,
    and all before it is finished. Then the functions of many records, and after them the sinks, get the records before
    it, each in one call. Records without a route are done. ``window`` registers what carries the state of a tumbling
    window; without it the state stays what it is.

    ``async def`` handlers are awaited, on one event loop that is kept for the life of the environment; when the handler
    is called where a loop is already running (a notebook, an async test), the caller waits while a loop of another
    thread does the work.

    The event source mapping needs ``FunctionResponseTypes: [ReportBatchItemFailures]``. Without it Lambda ignores
    the answer and the failed records are lost: use ``report="raise"`` there.

    Args:
        order: ``"sequential"``: one record after the other, in the order of the batch. ``"per_item"``: ``workers``
            records at a time, the changes of one item one after the other.
        workers: records that run at a time, 1 to 1,000; 1 where the order is sequential. Each has a thread,
            unless every route is an ``async def``.
        on_error: ``"stop"`` at a record that failed, or ``"quarantine"`` it and go on. A failure of a sink always
            stops.
        report: ``"partial"`` answers with the record to start again from; ``"raise"`` raises for any failure.
        attempts: how often a route is tried before its record has failed, 1 to 100. ``Quarantine`` and a broken record
            are final at once.
        backoff_ms: the longest pause before the second attempt, in milliseconds; it doubles each time, up to 20 s, and
            is drawn from nothing up to that. An attempt for which the time does not last is not made.
        deadline_margin_ms: milliseconds kept in reserve of Lambda's time; at most half of what is left at the start
            of an invocation. Records that are not started by then are reported, and in ``"per_item"`` those that are
            not finished.
        quarantine: keeps the records that are set aside: anything with ``add(record, *, error, route)``.
        idempotency: knows the records that were handled before, whose routes are not run again: a store of
            ``tailrace.idempotency``, or one of your own. One store serves one handler.
        metrics: takes the numbers of each invocation: one of ``tailrace.metrics``, or one of your own.
        numbers: what an N of keys and images becomes for the handlers, as of ``unmarshall``; sinks and the quarantine
            always see exact values.
        binary: what a B becomes for them, as of ``unmarshall``.
        sets: what SS, NS and BS become for them, as of ``unmarshall``.

    Raises:
        ValueError: an option has a value that does not exist, or quarantine has no store.
        TypeError: an option is of the wrong type.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.testing import make_event
        >>> app = StreamHandler()
        >>> @app.insert
        ... def welcome(record):
        ...     if record.new_image["id"] == "b":
        ...         raise RuntimeError("no")
        >>> event = make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}])
        >>> app(event)["batchItemFailures"][0]["itemIdentifier"] == event["Records"][1]["dynamodb"]["SequenceNumber"]
        True
    """

    def __init__(
        self,
        *,
        order: Literal["sequential", "per_item"] = "sequential",
        workers: int = 1,
        on_error: Literal["stop", "quarantine"] = "stop",
        report: Literal["partial", "raise"] = "partial",
        attempts: int = 1,
        backoff_ms: float = 100,
        deadline_margin_ms: float = 2000,
        quarantine: QuarantineStore | None = None,
        idempotency: Seen | None = None,
        metrics: Metrics | None = None,
        numbers: Numbers = "decimal",
        binary: Literal["bytes", "boto3", "raw"] = "bytes",
        sets: Literal["set", "list"] = "set",
    ) -> None:
        super().__init__()
        check_word("order", order, "sequential", "per_item")
        check_workers(workers, order)
        check_word("on_error", on_error, "stop", "quarantine")
        check_word("report", report, "partial", "raise")
        check_attempts(attempts)
        check_amount("backoff_ms", backoff_ms)
        check_amount("deadline_margin_ms", deadline_margin_ms)
        check_quarantine(quarantine, on_error)
        self._modes: dict[str, Any] = {"numbers": numbers, "binary": binary, "sets": sets}
        check_modes(self._modes)
        self._run = run_in_order if order == "sequential" else _per_item(workers)
        self._answer_by: Literal["partial", "raise"] = report
        self._report = Report()
        self._deadline_margin_ms = deadline_margin_ms
        self._retrying = Retrying(attempts, backoff_ms)
        self._setting_aside = SettingAside(quarantine, self._report, every_error=on_error == "quarantine")
        self._outlets: list[Outlet] = []
        self._idempotency = None if idempotency is None else _guarded_by(idempotency, self)
        self._metering = None if metrics is None else Metering(metrics)

    @property
    def report(self) -> Literal["partial", "raise"]:
        """How failures are told to Lambda: the ``report=`` it was made with.

        Example:
            >>> from tailrace import StreamHandler
            >>> StreamHandler(report="raise").report
            'raise'
        """
        return self._answer_by

    def sink(self, sink: AnySink, where: Where | None = None) -> AnySink:
        """Write every record to a sink as well, or those that pass a filter.

        Args:
            sink: has ``write(records, *, deadline)`` and ``close()``. It is not closed here: whoever made it does.
            where: only records that pass this filter, as of a route; for this sink the others are done.

        Returns:
            The sink, unchanged.

        Raises:
            TypeError: it lacks one of them, or ``where`` is a function.
            FilterPatternError: the filter is refused.

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_event
            >>> class Printer:
            ...     def write(self, records, *, deadline):
            ...         print(len(records), "records")
            ...         return []
            ...     def close(self):
            ...         pass
            >>> app = StreamHandler()
            >>> printer = app.sink(Printer())
            >>> app(make_event([{"id": "a"}, {"id": "b"}]))
            2 records
            {'batchItemFailures': []}
            >>> printer = app.sink(Printer(), where={"dynamodb": {"Keys": {"id": {"S": ["b"]}}}})
            >>> app(make_event([{"id": "a"}, {"id": "b"}]))
            2 records
            1 records
            {'batchItemFailures': []}
        """
        check_sink(sink)
        self._outlets.append(Outlet(sink, compiled(where)))
        return sink

    def __call__(
        self,
        event: bytes | bytearray | memoryview | str | Mapping[str, Any] | Sequence[Any],
        context: object = None,
    ) -> BatchResponse:
        """Handle an event: this is the function that Lambda calls.

        Args:
            event: what ``Batch.from_event`` takes.
            context: Lambda's context; None, or one without ``get_remaining_time_in_millis``, sets no deadline.

        Returns:
            No failure, or the lowest SequenceNumber of all records that are not done; in a tumbling window the state
            as well, of what is done.

        Raises:
            EventFormatError: no batch of change records; it never looks like a success.
            HandlerError: a failure that the answer cannot express: a record that is not done has no SequenceNumber,
                the batch came through a pipe, ``report="raise"``, or the last invocation of a tumbling window; or there
                is a function for windows, and the event has none.
        """
        if self._metering is None:
            return self._handle(event, context, _NO_METER)
        meter = self._metering.begin(context)
        try:
            response = self._handle(event, context, meter)
        except BaseException as error:
            meter.end(error)
            raise
        meter.end(None)
        return response

    def takes(self, record: Mapping[str, Any]) -> bool:
        """Whether anything here is asked for a record: a route, a batch or window function, or a sink.

        What nobody takes is done for Lambda, as it was not wanted. Whoever has the only copy of a record, such as a
        quarantine, asks before it is thrown away.

        Args:
            record: in Lambda's wire shape, as of ``Record.to_dict``.

        Returns:
            True also where a filter or condition cannot be judged, as the record is broken there: it fails then.

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_record
            >>> app = StreamHandler()
            >>> app.remove(print) is print
            True
            >>> app.takes(make_record(new_image={"id": "a"}).to_dict())
            False
        """
        try:
            return self._takes(self._invocation({"Records": [record]}, None))
        except TailraceError:
            return True

    def _takes(self, invocation: Invocation) -> bool:
        record, admits = invocation.batch[0], partial(invocation.verdicts.admits, position=0)
        routes = self._routes.get(record.event_name, self._routes_of_every_event)
        return (
            any(admits(outlet.where) for outlet in self._outlets)
            or any(_takes(route.selection, record, admits) for route in routes)
            or any(route.form(0, invocation) is not None for route in self._gathering)
        )

    @property
    def _gathering(self) -> list[GatheringRoute]:
        return [*self._batch_routes, *([self._window_route] if self._window_route else [])]

    def _handle(self, event: Any, context: object, meter: NoMeter) -> BatchResponse:
        invocation = self._invocation(event, context)
        meter.decoded(invocation, self._outlets)
        members = members_of_window(event, invocation.batch)
        if members is None and self._window_route is not None and invocation.batch:
            raise _no_window(self._window_route.name)
        if self._idempotency is not None:
            invocation.once = self._idempotency.begin(invocation)
        self._run(invocation)
        run_batches(self._batch_routes, invocation)
        meter.ran()
        if self._outlets:
            write_to_sinks(invocation, self._outlets)
        meter.wrote()
        state = None if members is None else run_window(self._window_route, members, self._modes, invocation)
        response = answer(invocation.batch, invocation.progress, self._answer_by)
        if state is not None:
            response["state"] = state
        return response

    def _invocation(self, event: Any, context: object) -> Invocation:
        batch = Batch.from_event(event, **self._modes)
        return Invocation(
            batch=batch,
            exact=batch if self._modes == _EXACT or not self._keeps() else Batch.from_event(event),
            context=context,
            clock=Clock(context, self._deadline_margin_ms),
            verdicts=Verdicts(batch),
            progress=Progress(len(batch)),
            routes=self._routes,
            routes_of_unknown=self._of_unknown_event,
            report=self._report,
            retrying=self._retrying,
            setting_aside=self._setting_aside,
        )

    def _keeps(self) -> bool:
        """Whether anybody here keeps records, who must see exact values: for nobody they need not be read twice."""
        return bool(self._outlets) or self._setting_aside.stores

    def _of_unknown_event(self, record: Record, admits: Admits) -> tuple[Route, ...]:
        every = self._routes_of_every_event
        takers = tuple(route for route in every if _takes(route.selection, record, admits))
        gathers = [route.selection for route in self._gathering if route.takes_every_event]
        if (
            not takers
            and not any(admits(outlet.where) for outlet in self._outlets)
            and not any(_takes(selection, record, admits) for selection in gathers)
        ):
            filtered = bool(self._routes_of_every_event or self._outlets or gathers)
            raise self._unknown_event(record, filtered=filtered)
        return takers


def _takes(selection: Selection, record: Record, admits: Admits) -> bool:
    return admits(selection.where) and selection.is_of_table(record)


def _per_item(workers: int) -> Callable[[Invocation], None]:
    from tailrace.handler.crew import Crew  # brings what a handler without threads need not import
    from tailrace.handler.per_item import run_per_item

    return partial(run_per_item, crew=Crew(workers))


def _guarded_by(store: Seen, handler: StreamHandler) -> Idempotency:
    from tailrace.handler.once import Idempotency

    return Idempotency(store, handler)


def _no_window(name: str) -> HandlerError:
    return HandlerError(
        f"{name} carries the state of tumbling windows, and the event has no window: set TumblingWindowInSeconds in the"
        " event source mapping, or hand the records to an app without that function"
    )
