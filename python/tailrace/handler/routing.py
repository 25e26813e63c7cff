"""Routes: which function handles which change."""

from __future__ import annotations

from tailrace.exceptions import EventFormatError
from tailrace.handler.condition import Condition
from tailrace.types import EventName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    from tailrace._core import Record

    Function = TypeVar("Function", bound=Callable[[Record], Any])
    Path = tuple[str | int, ...]

__all__ = ["Route", "Routing"]

_EVENT_NAMES = tuple(name.value for name in EventName)


class Route:
    """One function, called where its condition holds, and the name it goes by in logs and in the quarantine."""

    __slots__ = ("function", "name")

    def __init__(self, function: Callable[[Record], object], condition: Condition | None = None) -> None:
        self.function = function if condition is None else condition.guarding(function)
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
        def modify(
            self, function: Function, /, *, changed: str | Path | None = None, old: Any = ..., new: Any = ...
        ) -> Function: ...
        @overload
        def modify(
            self, /, *, changed: str | Path | None = None, old: Any = ..., new: Any = ...
        ) -> Callable[[Function], Function]: ...

    def modify(
        self, function: Any = None, /, *, changed: str | Path | None = None, old: Any = ..., new: Any = ...
    ) -> Any:
        """Route MODIFY to a function; as ``@app.modify``, ``@app.modify()`` or ``@app.modify(changed="status")``.

        A record that does not carry both images is a failure of that record where ``changed`` is given, as nobody
        knows what it changed: the stream's view type must be NEW_AND_OLD_IMAGES.

        Args:
            function: takes the Record.
            changed: only where the value at this path changed, appeared or went away, as of ``Record.changed``: the
                name of a top-level attribute, or a tuple of names and list positions, outermost first.
            old: only where the value at the path was this one, by what DynamoDB holds; None is NULL, ``...`` is any
                value or none at all.
            new: only where it is this one now, likewise.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function, ``changed`` is no path, or ``old`` or ``new`` is given without it or cannot be
                compared, such as a float.
            ValueError: an empty path, a negative position, a value that DynamoDB cannot hold, an ``old`` that equals
                ``new`` and so is no change.

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
            >>> app = StreamHandler()
            >>> @app.modify(changed="city", new="Basel")
            ... def welcome(record):
            ...     print("welcome,", record.keys["id"])
            >>> app(make_event([change]))
            welcome, a
            {'batchItemFailures': []}
        """
        return self._register(function, (EventName.MODIFY.value,), _condition(changed, old, new))

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
        def on(
            self, function: Function, /, *, changed: str | Path | None = None, old: Any = ..., new: Any = ...
        ) -> Function: ...
        @overload
        def on(
            self, *event_names: str, changed: str | Path | None = None, old: Any = ..., new: Any = ...
        ) -> Callable[[Function], Function]: ...

    def on(self, *event_names: Any, changed: str | Path | None = None, old: Any = ..., new: Any = ...) -> Any:
        """Route several kinds of events to a function; every event when none is named.

        Args:
            event_names: of INSERT, MODIFY, REMOVE. A route without names also takes events whose name nobody knows.
            changed: as of ``modify``. An INSERT adds what the new image has, a REMOVE takes away what the old one had.
                A record that does not carry the images of its change is a failure of that record, and so is one
                whose event nobody knows.
            old: as of ``modify``. An INSERT has none.
            new: as of ``modify``. A REMOVE has none.

        Returns:
            A decorator that returns the function unchanged. ``@app.on`` is short for ``@app.on()``.

        Raises:
            ValueError: another name; an ``old`` or ``new`` that none of the events has, which could never match; or as
                of ``modify``.
            TypeError: as of ``modify``.

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
        condition = _condition(changed, old, new)
        if len(event_names) == 1 and callable(event_names[0]):
            return self._register(event_names[0], (), condition)
        names = tuple(_event_name(name) for name in event_names)
        _refuse_never(names, old, new)
        return self._register(None, names, condition)

    def _register(self, function: Any, event_names: tuple[str, ...], condition: Condition | None = None) -> Any:
        if function is None:
            return lambda given: self._add(given, event_names, condition)
        return self._add(function, event_names, condition)

    def _add(self, function: Any, event_names: tuple[str, ...], condition: Condition | None) -> Any:
        if not callable(function):
            raise TypeError(f"a route needs a function that takes the record, not {type(function).__name__}")
        route = Route(function, condition)
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


def _condition(changed: str | Path | None, old: object, new: object) -> Condition | None:
    if changed is not None:
        return Condition(changed, old=old, new=new)
    if old is not ... or new is not ...:
        raise TypeError("old= and new= say from what and to what changed= changed: give it too")
    return None


def _refuse_never(names: tuple[str, ...], old: object, new: object) -> None:
    lacking = {
        event: side for side, value, event in (("old", old, "INSERT"), ("new", new, "REMOVE")) if value is not ...
    }
    if names and lacking.keys() >= set(names):
        options = " and ".join(f"{side}=" for event, side in lacking.items() if event in names)
        reasons = ", ".join(f"{event} has no {side} value" for event, side in lacking.items() if event in names)
        raise ValueError(f"{options} could never match: {reasons}")


def _event_name(name: object) -> str:
    if name not in _EVENT_NAMES:
        raise ValueError(f"no event is named {name!r}: use {', '.join(_EVENT_NAMES)}, or none for every event")
    return EventName(name).value


def _name(function: Any) -> str:
    named = function
    while not hasattr(named, "__qualname__"):  # functools.partial wraps a function, an object has its class
        named = getattr(named, "func", type(named))
    return f"{named.__module__}.{named.__qualname__}"
