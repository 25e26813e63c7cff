"""``@app.batch``: functions that get the records before the first failure in one list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from tailrace._core import Record
from tailrace.exceptions import HandlerError
from tailrace.handler.gathering import GatheringRoute, fail_all, fail_one, gather
from tailrace.handler.model import TypedRecord
from tailrace.handler.route import Selection
from tailrace.handler.routing import event_names_of
from tailrace.sinks.base import SinkFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any, TypeVar, overload

    from typing_extensions import Unpack

    from tailrace.handler.gathering import Gathered
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.route import Path, Table
    from tailrace.handler.routing import ChangeOptions, Decorator, Image, ModelOf, Result
    from tailrace.handler.verdicts import Where

    Failed = Record | TypedRecord[Any] | SinkFailure | tuple[Record | TypedRecord[Any], Exception]
    BatchAnswer = Iterable[Failed] | None
    BatchFunction = TypeVar(
        "BatchFunction",
        bound=Callable[[list[Record]], BatchAnswer | Awaitable[BatchAnswer]]
        | Callable[[list[Record], Any], BatchAnswer | Awaitable[BatchAnswer]],
    )

__all__ = ["BatchRouting", "run_batches"]


class BatchRouting:
    """The decorator that registers functions of many records."""

    def __init__(self) -> None:
        super().__init__()
        self._batch_routes: list[GatheringRoute] = []

    if TYPE_CHECKING:

        @overload
        def batch(self, function: BatchFunction, /, **options: Unpack[ChangeOptions]) -> BatchFunction: ...
        @overload
        def batch(
            self, function: Callable[..., Result], /, *, model: ModelOf[Any], **options: Unpack[ChangeOptions]
        ) -> Callable[..., Result]: ...
        @overload
        def batch(
            self, *event_names: str, model: ModelOf[Image], **options: Unpack[ChangeOptions]
        ) -> Decorator[list[TypedRecord[Image]]]: ...
        @overload
        def batch(
            self, *event_names: str, **options: Unpack[ChangeOptions]
        ) -> Callable[[BatchFunction], BatchFunction]: ...

    def batch(
        self,
        *event_names: Any,
        changed: str | Path | None = None,
        old: Any = ...,
        new: Any = ...,
        where: Where | None = None,
        table: Table | None = None,
        model: Any = None,
    ) -> Any:
        """Route records to a function in one list; those of several kinds of events, or of every one.

        It is called when the routes of single records are through, and before the sinks, with those of its records that
        lie before the first failure so far and were not set aside; not at all when there is none. That is so whatever
        time is left: what these functions and the sinks need has to fit into ``deadline_margin_ms``.

        It returns None or an empty list when all are done; otherwise the records that failed, each as the record, as a
        pair of it and an exception, or as a SinkFailure. The lowest of them is where Lambda starts again, unless it is
        set aside, as ``on_error="quarantine"`` or a ``Quarantine`` in the pair asks for. When it raises, all of its
        records have failed, and none is set aside, since nobody knows which is to blame; ``attempts`` then calls it
        again with all of them. Records that it returns are not tried again in place: a later change of the same item
        may have been handled.

        Args:
            event_names: as of ``on``.
            changed: as of ``on``.
            old: as of ``on``.
            new: as of ``on``.
            where: as of ``on``.
            table: as of ``on``.
            model: as of ``on``. A record that is not taken fails by itself, and the function does not get it.

        Returns:
            A decorator that returns the function unchanged. It takes a list of Records, or that and Lambda's context.
            ``@app.batch`` is short for ``@app.batch()``.

        Raises:
            ValueError: as of ``on``.
            TypeError: as of ``on``.
            FilterPatternError: as of ``on``.

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_event
            >>> app = StreamHandler()
            >>> @app.batch("INSERT", "MODIFY")
            ... def index(records):
            ...     print([record.keys["id"] for record in records])
            ...     return [record for record in records if "title" not in record.new_image]
            >>> event = make_event([{"id": "a", "title": "A"}, {"id": "b"}, {"id": "c", "title": "C"}])
            >>> answer = app(event)
            ['a', 'b', 'c']
            >>> answer["batchItemFailures"][0]["itemIdentifier"] == event["Records"][1]["dynamodb"]["SequenceNumber"]
            True
        """
        selection = Selection(changed=changed, old=old, new=new, where=where, table=table, model=model)
        function, names = event_names_of(event_names, old, new)
        add = partial(self._add_batch, event_names=names, selection=selection)
        return add if function is None else add(function)

    def _add_batch(self, function: Any, *, event_names: tuple[str, ...], selection: Selection) -> Any:
        self._batch_routes.append(GatheringRoute(function, event_names, selection, "records"))
        return function


def run_batches(routes: Sequence[GatheringRoute], invocation: Invocation) -> None:
    """Call each function with its records, in order of registration; a failure moves the end of the batch."""
    for route in routes:
        gathered = gather(route, invocation)
        if gathered:
            _run(route, gathered, invocation)


def _run(route: GatheringRoute, gathered: Gathered, invocation: Invocation) -> None:
    first = invocation.batch[min(gathered)]
    try:
        answer = route.call(lambda: (list(gathered.values()),), first, invocation)
        failed = _failed(route, answer, gathered)
    except Exception as error:  # noqa: BLE001  whatever it is, nobody knows what was handled
        fail_all(gathered, error, route, invocation)
        return
    for position in sorted(failed):
        if not fail_one(position, failed[position], route, invocation):
            break  # what lies behind it comes again


def _failed(route: GatheringRoute, answer: object, gathered: Gathered) -> dict[int, Exception]:
    """The records that failed, by position, and why."""
    if answer is None:
        return {}
    if not isinstance(answer, Iterable) or isinstance(answer, (str, bytes, Mapping)):
        raise _refusal(route, type(answer).__name__)
    positions = {_record(form): position for position, form in gathered.items()}
    failed: dict[int, Exception] = {}
    for each in answer:
        record, error = _read(route, each)
        if record not in positions:
            raise HandlerError(f"{route.name} returned a record that it was not given: nothing of this batch is done")
        failed.setdefault(positions[record], error)
    return failed


def _read(route: GatheringRoute, each: object) -> tuple[Record, Exception]:
    if isinstance(each, SinkFailure):
        each = (each.record, each.error)
    record, error = each if isinstance(each, tuple) and len(each) == 2 else (each, None)  # noqa: PLR2004  a pair
    record = _record(record)
    if not isinstance(record, Record) or not isinstance(error, (Exception, type(None))):
        raise _refusal(route, f"a sequence with {type(each).__name__}")
    reason = f"{route.name} returned the record as one that failed"
    return record, error or HandlerError(reason, sequence_number=record.sequence_number)


def _record(form: Any) -> Any:
    return form.record if isinstance(form, TypedRecord) else form


def _refusal(route: GatheringRoute, found: str) -> HandlerError:
    return HandlerError(
        f"{route.name} returned {found}, so nothing of this batch counts as done: return None when all is, or the"
        " records that failed, alone or each in a pair with its exception"
    )
