"""StreamHandler: a Lambda function for change records."""

from __future__ import annotations

from tailrace._core import Batch
from tailrace.handler.clock import Clock
from tailrace.handler.quarantine import SettingAside
from tailrace.handler.response import answer
from tailrace.handler.routing import Routing
from tailrace.handler.sequential import run_in_order
from tailrace.handler.verdicts import Verdicts, compiled
from tailrace.handler.writing import Outlet, write_to_sinks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Literal, TypeVar

    from tailrace._core import FilterCriteria, Record
    from tailrace.handler.quarantine import QuarantineStore
    from tailrace.handler.routing import Route
    from tailrace.handler.verdicts import Where
    from tailrace.sinks.base import Sink
    from tailrace.types import BatchResponse

    AnySink = TypeVar("AnySink", bound=Sink)

__all__ = ["StreamHandler"]


class StreamHandler(Routing):
    """Handles the change records of a table, one after the other, and tells Lambda exactly from where to go on.

    Register functions with ``insert``, ``modify``, ``remove`` and ``on``, targets with ``sink``, and give Lambda the
    object itself. It stops at the first failure. Then the sinks get, each in one write, the records before it.
    Records without a route are done. ``async def`` handlers are awaited, on one event loop that is kept for the life
    of the environment; when the handler is called where a loop is already running (a notebook, an async test), the
    caller waits while a loop of another thread does the work.

    The event source mapping needs ``FunctionResponseTypes: [ReportBatchItemFailures]``. Without it Lambda ignores
    the answer and the failed records are lost: use ``report="raise"`` there.

    Args:
        order: ``"sequential"``.
        on_error: ``"stop"`` at a record whose handler raises, or ``"quarantine"`` it and go on. A failure of a sink
            always stops.
        report: ``"partial"`` answers with the record to start again from; ``"raise"`` raises for any failure.
        deadline_margin_ms: milliseconds kept in reserve of Lambda's time; at most half of what is left at the start
            of an invocation. Records that are not started by then are reported.
        quarantine: keeps the records that are set aside: anything with ``add(record, *, error, route)``.

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
        order: Literal["sequential"] = "sequential",
        on_error: Literal["stop", "quarantine"] = "stop",
        report: Literal["partial", "raise"] = "partial",
        deadline_margin_ms: float = 2000,
        quarantine: QuarantineStore | None = None,
    ) -> None:
        super().__init__()
        _check_word("order", order, "sequential")
        _check_word("on_error", on_error, "stop", "quarantine")
        _check_word("report", report, "partial", "raise")
        _check_quarantine(quarantine, on_error)
        _check_margin(deadline_margin_ms)
        self._report = report
        self._deadline_margin_ms = deadline_margin_ms
        self._setting_aside = SettingAside(quarantine, every_error=on_error == "quarantine")
        self._outlets: list[Outlet] = []

    @property
    def report(self) -> Literal["partial", "raise"]:
        """How failures are told to Lambda: the ``report=`` it was made with.

        Example:
            >>> from tailrace import StreamHandler
            >>> StreamHandler(report="raise").report
            'raise'
        """
        return self._report

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
        _check_sink(sink)
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
            No failure, or the lowest SequenceNumber of all records that are not done.

        Raises:
            EventFormatError: no batch of change records; it never looks like a success.
            HandlerError: a failure that the answer cannot express: a record that is not done has no SequenceNumber,
                the batch came through a pipe, or ``report="raise"``.
        """
        batch = Batch.from_event(event)
        clock = Clock(context, self._deadline_margin_ms)
        verdicts = Verdicts(batch)
        progress = run_in_order(verdicts, self._routes, self._of_unknown_event, self._setting_aside, clock)
        if self._outlets:
            write_to_sinks(batch, self._outlets, verdicts, progress, clock.deadline())
        return answer(batch, progress, self._report)

    def _of_unknown_event(self, record: Record, admits: Callable[[FilterCriteria | None], bool]) -> tuple[Route, ...]:
        takers = tuple(route for route in self._routes_of_every_event if admits(route.where))
        if not takers and not any(admits(outlet.where) for outlet in self._outlets):
            filtered = bool(self._routes_of_every_event or self._outlets)
            raise self._unknown_event(record, filtered=filtered)
        return takers


def _check_word(option: str, word: object, *allowed: str) -> None:
    if option == "order" and word == "per_item":
        raise ValueError("order='per_item' does not exist yet: use order='sequential'")
    if word not in allowed:
        raise ValueError(f"{option}={word!r} does not exist: use {' or '.join(map(repr, allowed))}")


def _check_quarantine(store: object, on_error: str) -> None:
    if store is None and on_error == "quarantine":
        raise ValueError("on_error='quarantine' needs a store: quarantine=SqliteQuarantine(path), say")
    if store is not None and (isinstance(store, type) or not callable(getattr(store, "add", None))):
        raise TypeError(f"quarantine= needs a store with add(record, *, error, route), not {store!r}")


def _check_sink(sink: object) -> None:
    for method in ("write", "close"):
        if isinstance(sink, type) or not callable(getattr(sink, method, None)):
            raise TypeError(f"a sink is an object with write(records, *, deadline) and close(), not {sink!r}")


def _check_margin(margin_ms: object) -> None:
    if isinstance(margin_ms, bool) or not isinstance(margin_ms, (int, float)):
        raise TypeError(f"deadline_margin_ms is a number of milliseconds, not {type(margin_ms).__name__}")
    if not 0 <= margin_ms < float("inf"):
        raise ValueError(f"deadline_margin_ms={margin_ms!r} is no number of milliseconds from 0 up")
