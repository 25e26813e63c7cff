"""A route: which records it takes, in which form, and the function that it calls with them."""

from __future__ import annotations

from functools import partial

from tailrace.handler.condition import ByTimeToLive, Condition, OfTable
from tailrace.handler.model import model_of
from tailrace.handler.signature import takes_context
from tailrace.handler.verdicts import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any, Protocol, TypeVar

    from tailrace._core import FilterCriteria, Record
    from tailrace.handler.model import TypedRecord
    from tailrace.handler.verdicts import Where

    class Asked(Protocol):
        """A condition, asked of each record."""

        def holds(self, record: Record) -> bool:
            """Whether it holds; raises where nobody knows."""
            ...

    class Named(Protocol):
        """A route of whatever kind, for logs and the quarantine."""

        @property
        def name(self) -> str:
            """What it goes by."""
            ...

    Table = str | Collection[str]
    Path = tuple[str | int, ...]
    Function = TypeVar("Function", bound=Callable[[Record], Any] | Callable[[Record, Any], Any])


__all__ = ["Route", "Selection", "is_coroutine_function", "name_of"]

_CO_COROUTINE = 0x80  # inspect.CO_COROUTINE; inspect itself is a slow import


class Selection:
    """Which records a route takes, and in which form.

    Args:
        where: a filter, asked for all records of a batch at once; the records that do not pass it are not even made.
        table: the name of a table, or several.
        ttl: whether Time to Live must have removed the item; None for both.
        changed: the path at which the value must have changed.
        old: the value that it must have had.
        new: the value that it must have now.
        model: makes objects of the images.

    Raises:
        FilterPatternError: the filter is refused.
        TypeError: an option is of the wrong type.
        ValueError: an option that could never match.
    """

    __slots__ = ("_conditions", "_model", "_of_table", "where")

    def __init__(
        self,
        *,
        where: Where | None = None,
        table: Table | None = None,
        ttl: bool | None = None,
        changed: str | Path | None = None,
        old: object = ...,
        new: object = ...,
        model: object = None,
    ) -> None:
        self.where: FilterCriteria | None = compiled(where)
        self._of_table = None if table is None else OfTable(table)
        of_ttl = None if ttl is None else ByTimeToLive(ttl)
        # What costs least first; a record of another table or kind is not asked what changed.
        asked: tuple[Asked | None, ...] = (self._of_table, of_ttl, _condition(changed, old, new))
        self._conditions: tuple[Asked, ...] = tuple(each for each in asked if each is not None)
        self._model = model_of(model)

    def is_of_table(self, record: Record) -> bool:
        """Whether the record is of a table that the route takes; raises where nobody knows."""
        return self._of_table is None or self._of_table.holds(record)

    def selects(self, record: Record) -> bool:
        """Whether the conditions hold, of which the filter is none; raises where nobody knows."""
        return all(condition.holds(record) for condition in self._conditions)

    def form(self, record: Record) -> Record | TypedRecord[Any]:
        """What the function gets. Raises ModelError when an image is not what ``model`` takes."""
        return record if self._model is None else self._model.typed(record)

    def guarding(self, function: Callable[..., object]) -> Callable[..., object]:
        """The function, called with what is selected, in its form; itself where that is every record as it is."""
        if not self._conditions and self._model is None:
            return function

        def guarded(record: Record, *context: object) -> object:
            return function(self.form(record), *context) if self.selects(record) else None

        return guarded


class Route:
    """One function, the records that it is called with, and the name it goes by in logs and in the quarantine.

    Args:
        function: takes the record, or the record and Lambda's context.
        selection: which records, and in which form.

    Attributes:
        awaited: it is an ``async def``, whose call does nothing but make a coroutine.
        function: calls it, or does nothing if a condition does not hold.
        where: its filter, asked before.
        with_context: whether it gets Lambda's context as well.

    Raises:
        TypeError: it cannot be called like that.
    """

    __slots__ = ("awaited", "function", "name", "selection", "where", "with_context")

    def __init__(self, function: Callable[..., object], selection: Selection) -> None:
        self.with_context = takes_context(function, "record")
        self.function = selection.guarding(function)
        self.awaited = is_coroutine_function(function)
        self.name = name_of(function)
        self.selection = selection
        self.where = selection.where

    def call(self, record: Record, context: object) -> object:
        """Call it with a record."""
        return self.function(record, context) if self.with_context else self.function(record)


def _condition(changed: str | Path | None, old: object, new: object) -> Condition | None:
    if changed is not None:
        return Condition(changed, old=old, new=new)
    if old is not ... or new is not ...:
        raise TypeError("old= and new= say from what and to what changed= changed: give it too")
    return None


def name_of(function: Any) -> str:
    """What a function goes by: its module and its name in there."""
    named = function
    while not hasattr(named, "__qualname__"):  # functools.partial wraps a function, an object has its class
        named = named.func if isinstance(named, partial) else type(named)
    return f"{named.__module__}.{named.__qualname__}"


def is_coroutine_function(function: Any) -> bool:
    """Whether it is an ``async def``, as far as can be seen without a call: one that cannot be seen takes a thread."""
    while isinstance(function, partial):
        function = function.func
    return bool(getattr(getattr(function, "__code__", None), "co_flags", 0) & _CO_COROUTINE)
