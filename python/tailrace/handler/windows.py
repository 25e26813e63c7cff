"""``@app.window``: the function that carries a state through a tumbling window."""

from __future__ import annotations

from functools import partial

from tailrace.exceptions import HandlerError
from tailrace.handler.gathering import GatheringRoute, fail_all, gather
from tailrace.handler.response import coming_again
from tailrace.handler.route import Selection
from tailrace.handler.routing import event_names_of
from tailrace.handler.state import read_state, state_of, write_state
from tailrace.handler.tumbling import TumblingWindow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Any, Protocol, TypeVar, overload

    from typing_extensions import Unpack

    from tailrace._core import Record
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.model import TypedRecord
    from tailrace.handler.route import Path, Table
    from tailrace.handler.routing import ChangeOptions, Image, ModelOf, Result
    from tailrace.handler.verdicts import Where

    State = dict[str, Any]
    Folded = Mapping[str, Any] | None | Awaitable[Mapping[str, Any] | None]
    WindowFunction = TypeVar(
        "WindowFunction",
        bound=Callable[[list[Record], State, TumblingWindow], Folded]
        | Callable[[list[Record], State, TumblingWindow, Any], Folded],
    )

    class TypedWindow(Protocol[Image]):
        """Returns the function unchanged."""

        @overload
        def __call__(
            self, function: Callable[[list[TypedRecord[Image]], State, TumblingWindow], Result], /
        ) -> Callable[[list[TypedRecord[Image]], State, TumblingWindow], Result]: ...
        @overload
        def __call__(
            self, function: Callable[[list[TypedRecord[Image]], State, TumblingWindow, Any], Result], /
        ) -> Callable[[list[TypedRecord[Image]], State, TumblingWindow, Any], Result]: ...


__all__ = ["WindowRouting", "run_window"]


class WindowRouting:
    """The decorator that registers the function of the tumbling windows."""

    def __init__(self) -> None:
        super().__init__()
        self._window_route: GatheringRoute | None = None

    if TYPE_CHECKING:

        @overload
        def window(self, function: WindowFunction, /, **options: Unpack[ChangeOptions]) -> WindowFunction: ...
        @overload
        def window(
            self, function: Callable[..., Result], /, *, model: ModelOf[Any], **options: Unpack[ChangeOptions]
        ) -> Callable[..., Result]: ...
        @overload
        def window(
            self, *event_names: str, model: ModelOf[Image], **options: Unpack[ChangeOptions]
        ) -> TypedWindow[Image]: ...
        @overload
        def window(
            self, *event_names: str, **options: Unpack[ChangeOptions]
        ) -> Callable[[WindowFunction], WindowFunction]: ...

    def window(
        self,
        *event_names: Any,
        changed: str | Path | None = None,
        old: Any = ...,
        new: Any = ...,
        where: Where | None = None,
        table: Table | None = None,
        model: Any = None,
    ) -> Any:
        """Register the function that carries a state through each tumbling window.

        The event source mapping needs ``TumblingWindowInSeconds``. The function is called last, behind routes and
        sinks, with those of its records that lie before the first failure and were not set aside, with the state, and
        with the window; it returns the new state. So the state always holds exactly the records that are done, and when
        Lambda starts again from the one that failed, no record is counted twice or left out. It is not called when an
        invocation has none of its records, but for the last of a window, whose records are usually none: then
        ``window.is_final_invoke_for_window`` is true, and what is returned does not matter.

        The state is an item: a dict of what ``marshall`` takes, which comes back in the modes of the handler, exactly.
        It begins empty, and may be changed in place. Lambda takes 1 MB of it as JSON; a larger one is a failure.

        When the function raises, its records have failed, the state stays as it was, and ``attempts`` calls it again.
        In the last invocation of a window any failure raises, as there is no record to start again from: Lambda repeats
        it, and nothing else of the shard, until it succeeds.

        Args:
            event_names: as of ``on``.
            changed: as of ``on``.
            old: as of ``on``.
            new: as of ``on``.
            where: as of ``on``.
            table: as of ``on``.
            model: as of ``on``. A record that is not taken fails by itself, and the function does not get it.

        Returns:
            A decorator that returns the function unchanged. It takes a list of Records, the state, a TumblingWindow,
            and Lambda's context if it likes. ``@app.window`` is short for ``@app.window()``.

        Raises:
            ValueError: the handler has such a function, and a window one state; or as of ``on``.
            TypeError: as of ``on``.
            FilterPatternError: as of ``on``.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_event
            >>> app = StreamHandler()
            >>> @app.window("INSERT")
            ... def revenue(records, state, window):
            ...     if window.is_final_invoke_for_window:
            ...         print("until", window.end.time(), "total", state["total"])
            ...         return state
            ...     state["total"] = state.get("total", 0) + sum(record.new_image["price"] for record in records)
            ...     return state
            >>> times = {"window": {"start": "2026-01-01T10:00:00Z", "end": "2026-01-01T10:15:00Z"}}
            >>> event = make_event([{"id": "a", "price": 5}, {"id": "b", "price": 7}])
            >>> answer = app({**event, **times, "state": {}, "isFinalInvokeForWindow": False})
            >>> last = {"Records": [], **times, "state": answer["state"], "isFinalInvokeForWindow": True}
            >>> done = app(last)
            until 10:15:00 total 12
        """
        selection = Selection(changed=changed, old=old, new=new, where=where, table=table, model=model)
        function, names = event_names_of(event_names, old, new)
        add = partial(self._add_window, event_names=names, selection=selection)
        return add if function is None else add(function)

    def _add_window(self, function: Any, *, event_names: tuple[str, ...], selection: Selection) -> Any:
        if self._window_route is not None:
            raise ValueError(f"{self._window_route.name} is the function of the windows, which have one state")
        self._window_route = GatheringRoute(function, event_names, selection, "records", "state", "window")
        return function


def run_window(
    route: GatheringRoute | None, members: Mapping[str, Any], modes: Mapping[str, Any], invocation: Invocation
) -> dict[str, Any]:
    """Carry the state on by the records before the first failure.

    Args:
        route: the function; without one, the state stays what it is.
        members: those of the event.
        modes: how the state is read.
        invocation: what was handled; a failure moves its progress back.

    Returns:
        The state for the answer. It always holds exactly what the answer says is done.

    Raises:
        EventFormatError: the event has a state that is none.
        HandlerError: a failure in the last invocation of a window.
    """
    window, state = TumblingWindow(members), dict(state_of(members))
    gathered = {} if route is None else gather(route, invocation)
    if gathered and invocation.progress.end < len(invocation.batch):
        again = coming_again(gathered, invocation.batch, invocation.progress)
        gathered = {position: form for position, form in gathered.items() if position not in again}
    is_final = window.is_final_invoke_for_window
    if is_final and invocation.progress.end < len(invocation.batch):
        raise _not_over(invocation.progress.error) from invocation.progress.error
    if route is None or not (gathered or is_final):
        return state

    def arguments() -> tuple[object, ...]:
        return list(gathered.values()), read_state(state, modes), window

    first = invocation.batch[min(gathered)] if gathered else None
    try:
        carried = route.call(arguments, first, invocation)
        return {} if is_final else write_state(carried, modes)
    except Exception as error:
        if is_final:
            raise _not_over(error) from error
        fail_all(gathered, error, route, invocation)
        return state


def _not_over(error: BaseException | None) -> HandlerError:
    why = "the time ran out" if error is None else type(error).__name__
    return HandlerError(f"the last invocation of a window failed ({why}), so it must come again")
