"""Routes: which function handles which change."""

from __future__ import annotations

from tailrace.exceptions import EventFormatError
from tailrace.types import EventName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    from tailrace._core import Record

    Function = TypeVar("Function", bound=Callable[[Record], Any])

__all__ = ["Route", "Routing"]

_EVENT_NAMES = tuple(name.value for name in EventName)


class Route:
    """One function and the name it goes by in logs and in the quarantine."""

    __slots__ = ("function", "name")

    def __init__(self, function: Callable[[Record], object]) -> None:
        self.function = function
        self.name = _name(function)


class Routing:
    """The decorators that register routes.

    A handler takes the Record. Every route that matches runs, in order of registration; the function is returned
    unchanged and may be registered many times. What a handler returns does not matter, but an awaitable is awaited.
    """

    def __init__(self) -> None:
        # Looked up once a record. A name that is not in here is one that nobody knows.
        self._routes: dict[str | None, tuple[Route, ...]] = dict.fromkeys(_EVENT_NAMES, ())
        self._routes_of_every_event: tuple[Route, ...] = ()

    if TYPE_CHECKING:

        @overload
        def insert(self, function: Function, /) -> Function: ...
        @overload
        def insert(self, /) -> Callable[[Function], Function]: ...

    def insert(self, function: Any = None, /) -> Any:
        """Route INSERT to a function; as ``@app.insert`` or ``@app.insert()``.

        Args:
            function: takes the Record.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function.

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_event
            >>> app = StreamHandler()
            >>> @app.insert
            ... def welcome(record):
            ...     print("new:", record.new_image["id"])
            >>> app(make_event([{"id": "a"}]))
            new: a
            {'batchItemFailures': []}
        """
        return self._register(function, (EventName.INSERT.value,))

    if TYPE_CHECKING:

        @overload
        def modify(self, function: Function, /) -> Function: ...
        @overload
        def modify(self, /) -> Callable[[Function], Function]: ...

    def modify(self, function: Any = None, /) -> Any:
        """Route MODIFY to a function; as ``@app.modify`` or ``@app.modify()``.

        Args:
            function: takes the Record.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function.

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_event, make_record
            >>> app = StreamHandler()
            >>> @app.modify
            ... def moved(record):
            ...     print(record.old_image["city"], "->", record.new_image["city"])
            >>> change = make_record(old_image={"id": "a", "city": "Bern"}, new_image={"id": "a", "city": "Basel"})
            >>> app(make_event([change]))
            Bern -> Basel
            {'batchItemFailures': []}
        """
        return self._register(function, (EventName.MODIFY.value,))

    if TYPE_CHECKING:

        @overload
        def remove(self, function: Function, /) -> Function: ...
        @overload
        def remove(self, /) -> Callable[[Function], Function]: ...

    def remove(self, function: Any = None, /) -> Any:
        """Route REMOVE to a function; as ``@app.remove`` or ``@app.remove()``.

        Args:
            function: takes the Record.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function.

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_event, make_record
            >>> app = StreamHandler()
            >>> @app.remove
            ... def farewell(record):
            ...     print("gone:", record.keys["id"])
            >>> app(make_event([make_record(old_image={"id": "a"})]))
            gone: a
            {'batchItemFailures': []}
        """
        return self._register(function, (EventName.REMOVE.value,))

    if TYPE_CHECKING:

        @overload
        def on(self, function: Function, /) -> Function: ...
        @overload
        def on(self, *event_names: str) -> Callable[[Function], Function]: ...

    def on(self, *event_names: Any) -> Any:
        """Route several kinds of events to a function; every event when none is named.

        Args:
            event_names: of INSERT, MODIFY, REMOVE. A route without names also takes events whose name nobody knows.

        Returns:
            A decorator that returns the function unchanged. ``@app.on`` is short for ``@app.on()``.

        Raises:
            ValueError: another name, which could never match.
            TypeError: no function.

        Example:
            >>> from tailrace import StreamHandler
            >>> from tailrace.testing import make_event
            >>> app = StreamHandler()
            >>> def seen(record):
            ...     print(record.event_name, record.keys)
            >>> app.on("INSERT", "REMOVE")(seen) is seen
            True
            >>> app(make_event([{"id": "a"}]))
            INSERT {'id': 'a'}
            {'batchItemFailures': []}
        """
        if len(event_names) == 1 and callable(event_names[0]):
            return self._register(event_names[0], ())
        return self._register(None, tuple(_event_name(name) for name in event_names))

    def _register(self, function: Any, event_names: tuple[str, ...]) -> Any:
        if function is None:
            return lambda given: self._add(given, event_names)
        return self._add(function, event_names)

    def _add(self, function: Any, event_names: tuple[str, ...]) -> Any:
        if not callable(function):
            raise TypeError(f"a route needs a function that takes the record, not {type(function).__name__}")
        route = Route(function)
        for name in dict.fromkeys(event_names or _EVENT_NAMES):
            self._routes[name] += (route,)
        if not event_names:
            self._routes_of_every_event += (route,)
        return function

    def _routes_of_unknown(self, record: Record, *, sinks_take_it: bool) -> tuple[Route, ...]:
        if not self._routes_of_every_event and not sinks_take_it:
            raise EventFormatError(
                f"eventName {record.event_name!r} is none of {', '.join(_EVENT_NAMES)} and no route takes every event:"
                " add a route with app.on()",
                path=("eventName",),
                sequence_number=record.sequence_number,
            )
        return self._routes_of_every_event


def _event_name(name: object) -> str:
    if name not in _EVENT_NAMES:
        raise ValueError(f"no event is named {name!r}: use {', '.join(_EVENT_NAMES)}, or none for every event")
    return EventName(name).value


def _name(function: Any) -> str:
    named = function
    while not hasattr(named, "__qualname__"):  # functools.partial wraps a function, an object has its class
        named = getattr(named, "func", type(named))
    return f"{named.__module__}.{named.__qualname__}"
