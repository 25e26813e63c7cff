"""Routes: which function handles which change."""

from __future__ import annotations

from functools import partial

from tailrace.exceptions import EventFormatError
from tailrace.handler.route import Route, Selection
from tailrace.types import EventName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol, TypedDict, TypeVar, overload

    from typing_extensions import Unpack

    from tailrace._core import Record
    from tailrace.handler.model import TypedRecord, Validator
    from tailrace.handler.route import Function, Path, Table
    from tailrace.handler.verdicts import Where

    Result = TypeVar("Result")
    Image = TypeVar("Image")
    Given = TypeVar("Given")

    class Options(TypedDict, total=False):
        """What every route takes."""

        where: Where | None
        table: Table | None

    class RemoveOptions(Options, total=False):
        """What a route of deletes takes."""

        ttl: bool | None

    class ChangeOptions(Options, total=False):
        """What a route of changes takes."""

        changed: str | Path | None
        old: Any
        new: Any

    class Decorator(Protocol[Given]):
        """Returns the function unchanged, which takes what the route gives, and Lambda's context if it likes."""

        @overload
        def __call__(self, function: Callable[[Given], Result], /) -> Callable[[Given], Result]: ...
        @overload
        def __call__(self, function: Callable[[Given, Any], Result], /) -> Callable[[Given, Any], Result]: ...

    ModelOf = type[Image] | Callable[[dict[str, Any]], Image] | Validator[Image]

__all__ = ["Routing", "event_names_of"]

_EVENT_NAMES = tuple(name.value for name in EventName)


class Routing:
    """The decorators that register routes.

    A handler takes the Record, or the Record and Lambda's context: a second parameter without a default, or one that
    is called ``context`` or ``lambda_context``, gets that. Every route that matches runs, in order of registration; the
    function is returned unchanged and may be registered many times. What a handler returns does not matter, but an
    awaitable is awaited.

    Each route may have a filter, ``where=``: a FilterCriteria, a preset of ``tailrace.filters``, or what FilterCriteria
    takes in the dialect ``"lambda"``. It is compiled when the route is registered and asked for all records of a batch
    at once, by what they are on the wire; a record that no route wants is done, and no Record is made of it. One for
    which a filter cannot be evaluated, as it is broken there, fails in the route that asks.

    For a handler behind the streams of several tables, ``table=`` names one or several. A record that does not say
    of which table it is (one of a GetRecords answer without ``event_source_arn=``) fails in the route that asks.

    With ``model=``, the handler gets a ``TypedRecord``, whose images are objects: of a pydantic model, a dataclass
    (which gets those attributes that are its fields), or whatever a TypeAdapter or a function makes of a dict. An image
    that is not taken is a ModelError, and a failure of its record.
    """

    def __init__(self) -> None:
        super().__init__()
        # Looked up once a record. A name that is not in here is one that nobody knows.
        self._routes: dict[str | None, tuple[Route, ...]] = dict.fromkeys(_EVENT_NAMES, ())
        self._routes_of_every_event: tuple[Route, ...] = ()

    if TYPE_CHECKING:

        @overload
        def insert(self, function: Function, /, **options: Unpack[Options]) -> Function: ...
        @overload
        def insert(
            self, function: Callable[..., Result], /, *, model: ModelOf[Any], **options: Unpack[Options]
        ) -> Callable[..., Result]: ...
        @overload
        def insert(self, /, *, model: ModelOf[Image], **options: Unpack[Options]) -> Decorator[TypedRecord[Image]]: ...
        @overload
        def insert(self, /, **options: Unpack[Options]) -> Callable[[Function], Function]: ...

    def insert(
        self, function: Any = None, /, *, where: Where | None = None, table: Table | None = None, model: Any = None
    ) -> Any:
        """Route INSERT to a function; as ``@app.insert``, ``@app.insert()`` or ``@app.insert(where=...)``.

        Args:
            function: takes the Record, or the Record and Lambda's context.
            where: only records that pass this filter.
            table: only records of the table by this name, or of one of several.
            model: makes objects of the images, and a TypedRecord of the Record.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function, one that does not take a record, or an option of the wrong type.
            ValueError: an option that could never match.
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
        return self._register(function, (EventName.INSERT.value,), Selection(where=where, table=table, model=model))

    if TYPE_CHECKING:

        @overload
        def modify(self, function: Function, /, **options: Unpack[ChangeOptions]) -> Function: ...
        @overload
        def modify(
            self, function: Callable[..., Result], /, *, model: ModelOf[Any], **options: Unpack[ChangeOptions]
        ) -> Callable[..., Result]: ...
        @overload
        def modify(
            self, /, *, model: ModelOf[Image], **options: Unpack[ChangeOptions]
        ) -> Decorator[TypedRecord[Image]]: ...
        @overload
        def modify(self, /, **options: Unpack[ChangeOptions]) -> Callable[[Function], Function]: ...

    def modify(
        self,
        function: Any = None,
        /,
        *,
        changed: str | Path | None = None,
        old: Any = ...,
        new: Any = ...,
        where: Where | None = None,
        table: Table | None = None,
        model: Any = None,
    ) -> Any:
        """Route MODIFY to a function; as ``@app.modify``, ``@app.modify()`` or ``@app.modify(changed="status")``.

        A record that does not carry both images is a failure of that record where ``changed`` is given, as nobody
        knows what it changed: the stream's view type must be NEW_AND_OLD_IMAGES.

        Args:
            function: takes the Record, or the Record and Lambda's context.
            changed: only where the value at this path changed, appeared or went away, as of ``Record.changed``: the
                name of a top-level attribute, or a tuple of names and list positions, outermost first.
            old: only where the value at the path was this one, by what DynamoDB holds; None is NULL, ``...`` is any
                value or none at all.
            new: only where it is this one now, likewise.
            where: only records that pass this filter; asked first, so that ``changed`` is no question for the others.
            table: only records of the table by this name, or of one of several; asked before ``changed``.
            model: makes objects of the images, and a TypedRecord of the Record.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function, one that does not take a record, ``changed`` is no path, or ``old`` or ``new`` is
                given without it or cannot be compared, such as a float; or another option is of the wrong type.
            ValueError: an empty path, a negative position, a value that DynamoDB cannot hold, an ``old`` that equals
                ``new`` and so is no change, or another option that could never match.
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
        selection = Selection(changed=changed, old=old, new=new, where=where, table=table, model=model)
        return self._register(function, (EventName.MODIFY.value,), selection)

    if TYPE_CHECKING:

        @overload
        def remove(self, function: Function, /, **options: Unpack[RemoveOptions]) -> Function: ...
        @overload
        def remove(
            self, function: Callable[..., Result], /, *, model: ModelOf[Any], **options: Unpack[RemoveOptions]
        ) -> Callable[..., Result]: ...
        @overload
        def remove(
            self, /, *, model: ModelOf[Image], **options: Unpack[RemoveOptions]
        ) -> Decorator[TypedRecord[Image]]: ...
        @overload
        def remove(self, /, **options: Unpack[RemoveOptions]) -> Callable[[Function], Function]: ...

    def remove(
        self,
        function: Any = None,
        /,
        *,
        ttl: bool | None = None,
        where: Where | None = None,
        table: Table | None = None,
        model: Any = None,
    ) -> Any:
        """Route REMOVE to a function; as ``@app.remove``, ``@app.remove()`` or ``@app.remove(where=...)``.

        Args:
            function: takes the Record, or the Record and Lambda's context.
            ttl: True for items that Time to Live deleted, False for all others, as of ``Record.is_ttl_delete``. Only in
                the Region where Time to Live ran does the record say so: a replica of a global table gets the same
                delete as a user's. There, see ``tailrace.filters.replicated_ttl_deletes``.
            where: only records that pass this filter.
            table: only records of the table by this name, or of one of several.
            model: makes objects of the images, and a TypedRecord of the Record.

        Returns:
            The function, unchanged; without one, a decorator.

        Raises:
            TypeError: no function, one that does not take a record, or an option of the wrong type.
            ValueError: an option that could never match.
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
        selection = Selection(ttl=ttl, where=where, table=table, model=model)
        return self._register(function, (EventName.REMOVE.value,), selection)

    if TYPE_CHECKING:

        @overload
        def on(self, function: Function, /, **options: Unpack[ChangeOptions]) -> Function: ...
        @overload
        def on(
            self, function: Callable[..., Result], /, *, model: ModelOf[Any], **options: Unpack[ChangeOptions]
        ) -> Callable[..., Result]: ...
        @overload
        def on(
            self, *event_names: str, model: ModelOf[Image], **options: Unpack[ChangeOptions]
        ) -> Decorator[TypedRecord[Image]]: ...
        @overload
        def on(self, *event_names: str, **options: Unpack[ChangeOptions]) -> Callable[[Function], Function]: ...

    def on(
        self,
        *event_names: Any,
        changed: str | Path | None = None,
        old: Any = ...,
        new: Any = ...,
        where: Where | None = None,
        table: Table | None = None,
        model: Any = None,
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
                that it does not pass does not make it done, nor does a table that it is not of.
            table: as of ``modify``.
            model: as of ``modify``.

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
        selection = Selection(changed=changed, old=old, new=new, where=where, table=table, model=model)
        function, names = event_names_of(event_names, old, new)
        return self._register(function, names, selection)

    def _register(self, function: Any, event_names: tuple[str, ...], selection: Selection) -> Any:
        add = partial(self._add, event_names=event_names, selection=selection)
        return add if function is None else add(function)

    def _add(self, function: Any, *, event_names: tuple[str, ...], selection: Selection) -> Any:
        if not callable(function):
            raise TypeError(f"a route needs a function that takes the record, not {type(function).__name__}")
        route = Route(function, selection)
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


def event_names_of(given: tuple[Any, ...], old: object, new: object) -> tuple[Any, tuple[str, ...]]:
    """What a decorator that may take the names of events, or be used without parentheses, was given.

    Returns:
        The function or None, and the names, of which none mean every event.

    Raises:
        ValueError: another name, or an ``old`` or ``new`` that none of the events has.
    """
    if len(given) == 1 and callable(given[0]):
        return given[0], ()
    names = tuple(_event_name(name) for name in given)
    _refuse_never(names, old, new)
    return None, names


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
