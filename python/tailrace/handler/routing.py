"""Routes: which function handles which change."""

from __future__ import annotations

from tailrace.exceptions import EventFormatError
from tailrace.handler.condition import Condition
from tailrace.handler.verdicts import compiled
from tailrace.types import EventName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar, overload

    from tailrace._core import FilterCriteria, Record
    from tailrace.handler.verdicts import Where

    Function = TypeVar("Function", bound=Callable[[Record], Any])
    Path = tuple[str | int, ...]

__all__ = ["Route", "Routing"]

_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE; inspect itself is a slow import
_EVENT_NAMES = tuple(name.value for name in EventName)


class Route:
    """One function, called where its condition holds, and the name it goes by in logs and in the quarantine.

    ``awaited`` says that it is an ``async def``, whose call does nothing but make a coroutine. The records that do not
    pass its filter, ``where``, are not even made.
    """

    __slots__ = ("awaited", "function", "name", "where")

    def __init__(
        self,
        function: Callable[[Record], object],
        condition: Condition | None = None,
        where: FilterCriteria | None = None,
    ) -> None:
        self.function = function if condition is None else condition.guarding(function)
        self.awaited = _is_coroutine_function(function)
        self.name = _name(function)
        self.where = where


class Routing:
    """The decorators that register routes.

    A handler takes the Record. Every route that matches runs, in order of registration; the function is returned
    unchanged and may be registered many times. What a handler returns does not matter, but an awaitable is awaited.

    Each route may have a filter, ``where=``: a FilterCriteria, a preset of ``tailrace.filters``, or what FilterCriteria
    takes in the dialect ``"lambda"``. It is compiled when the route is registered and asked for all records of a batch
    at once, by what they are on the wire; a record that no route wants is done, and no Record is made of it. One for
    which a filter cannot be evaluated, as it is broken there, fails in the route that asks.
    """

    def __init__(self) -> None:
        # Looked up once a record. A name that is not in here is one that nobody knows.
        self._routes: dict[str | None, tuple[Route, ...]] = dict.fromkeys(_EVENT_NAMES, ())
        self._routes_of_every_event: tuple[Route, ...] = ()

    if TYPE_CHECKING:

        @overload
        def insert(self, function: Function, /, *, where: Where | None = None) -> Function: ...
        @overload
        def insert(self, /, *, where: Where | None = None) -> Callable[[Function], Function]: ...

    def insert(self, function: Any = None, /, *, where: Where | None = None) -> Any:
        """Route INSERT to a function; as ``@app.insert``, ``@app.insert()`` or ``@app.insert(where=...)``.

        Args:
            function: takes the Record.
            where: only records that pass this filter.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function, or ``where`` is one.
            FilterPatternError: the filter is refused.

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
            >>> @app.insert(where={"dynamodb": {"NewImage": {"plan": {"S": ["gold"]}}}})
            ... def call(record):
            ...     print("call", record.keys["id"])
            >>> app(make_event([{"id": "b", "plan": "gold"}]))
            new: b
            call b
            {'batchItemFailures': []}
        """
        return self._register(function, (EventName.INSERT.value,), None, where)

    if TYPE_CHECKING:

        @overload
        def modify(
            self,
            function: Function,
            /,
            *,
            changed: str | Path | None = None,
            old: Any = ...,
            new: Any = ...,
            where: Where | None = None,
        ) -> Function: ...
        @overload
        def modify(
            self,
            /,
            *,
            changed: str | Path | None = None,
            old: Any = ...,
            new: Any = ...,
            where: Where | None = None,
        ) -> Callable[[Function], Function]: ...

    def modify(
        self,
        function: Any = None,
        /,
        *,
        changed: str | Path | None = None,
        old: Any = ...,
        new: Any = ...,
        where: Where | None = None,
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
            where: only records that pass this filter; asked first, so that ``changed`` is no question for the others.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function, ``changed`` is no path, or ``old`` or ``new`` is given without it or cannot be
                compared, such as a float; or ``where`` is a function.
            ValueError: an empty path, a negative position, a value that DynamoDB cannot hold, an ``old`` that equals
                ``new`` and so is no change.
            FilterPatternError: the filter is refused.

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
        return self._register(function, (EventName.MODIFY.value,), _condition(changed, old, new), where)

    if TYPE_CHECKING:

        @overload
        def remove(self, function: Function, /, *, where: Where | None = None) -> Function: ...
        @overload
        def remove(self, /, *, where: Where | None = None) -> Callable[[Function], Function]: ...

    def remove(self, function: Any = None, /, *, where: Where | None = None) -> Any:
        """Route REMOVE to a function; as ``@app.remove``, ``@app.remove()`` or ``@app.remove(where=...)``.

        Args:
            function: takes the Record.
            where: only records that pass this filter, such as ``tailrace.filters.ttl_deletes``.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function, or ``where`` is one.
            FilterPatternError: the filter is refused.

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
        return self._register(function, (EventName.REMOVE.value,), None, where)

    if TYPE_CHECKING:

        @overload
        def on(
            self,
            function: Function,
            /,
            *,
            changed: str | Path | None = None,
            old: Any = ...,
            new: Any = ...,
            where: Where | None = None,
        ) -> Function: ...
        @overload
        def on(
            self,
            *event_names: str,
            changed: str | Path | None = None,
            old: Any = ...,
            new: Any = ...,
            where: Where | None = None,
        ) -> Callable[[Function], Function]: ...

    def on(
        self,
        *event_names: Any,
        changed: str | Path | None = None,
        old: Any = ...,
        new: Any = ...,
        where: Where | None = None,
    ) -> Any:
        """Route several kinds of events to a function; every event when none is named.

        Args:
            event_names: of INSERT, MODIFY, REMOVE. A route without names also takes events whose name nobody knows.
            changed: as of ``modify``. An INSERT adds what the new image has, a REMOVE takes away what the old one had.
                A record that does not carry the images of its change is a failure of that record, and so is one
                whose event nobody knows.
            old: as of ``modify``. An INSERT has none.
            new: as of ``modify``. A REMOVE has none.
            where: as of ``modify``. A record whose event nobody knows fails if no route or sink takes it: a filter
                that it does not pass does not make it done.

        Returns:
            A decorator that returns the function unchanged. ``@app.on`` is short for ``@app.on()``.

        Raises:
            ValueError: another name; an ``old`` or ``new`` that none of the events has, which could never match; or as
                of ``modify``.
            TypeError: as of ``modify``.
            FilterPatternError: as of ``modify``.

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
            return self._register(event_names[0], (), condition, where)
        names = tuple(_event_name(name) for name in event_names)
        _refuse_never(names, old, new)
        return self._register(None, names, condition, where)

    def _register(
        self, function: Any, event_names: tuple[str, ...], condition: Condition | None, where: Where | None
    ) -> Any:
        criteria = compiled(where)
        if function is None:
            return lambda given: self._add(given, event_names, condition, criteria)
        return self._add(function, event_names, condition, criteria)

    def _add(
        self, function: Any, event_names: tuple[str, ...], condition: Condition | None, where: FilterCriteria | None
    ) -> Any:
        if not callable(function):
            raise TypeError(f"a route needs a function that takes the record, not {type(function).__name__}")
        route = Route(function, condition, where)
        for name in dict.fromkeys(event_names or _EVENT_NAMES):
            self._routes[name] += (route,)
        if not event_names:
            self._routes_of_every_event += (route,)
        return function

    def _unknown_event(self, record: Record, *, filtered: bool) -> EventFormatError:
        why = "no filter of a route or sink lets it through" if filtered else "no route takes every event"
        text = f"eventName {record.event_name!r} is none of {', '.join(_EVENT_NAMES)} and {why}"
        return EventFormatError(
            f"{text}: add a route with app.on()",
            path=("eventName",),
            sequence_number=record.sequence_number,
        )


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


def _is_coroutine_function(function: Any) -> bool:
    """Whether it is an ``async def``, as far as can be seen without a call: one that cannot be seen takes a thread."""
    while not hasattr(function, "__code__") and hasattr(function, "func"):
        function = function.func
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & _CO_COROUTINE)
