"""What the filters of routes and sinks say of the records of a batch: each is asked once, for all of them."""

from __future__ import annotations

from tailrace._core import FilterCriteria
from tailrace.types import EventName

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from tailrace._core import Batch, Record
    from tailrace.handler.route import Route

    # What FilterCriteria takes, in the dialect "lambda", or one that is made.
    Where = FilterCriteria | Mapping[str, Any] | Sequence[Mapping[str, Any] | str] | str

__all__ = ["Verdicts", "compiled"]

_EVENT_NAMES = tuple(name.value for name in EventName)


def compiled(where: Where | None) -> FilterCriteria | None:
    """The filter of a route or sink, ready to be asked; None takes every record.

    Raises:
        FilterPatternError: a pattern is refused.
        TypeError: a function, such as a preset that was not called.
    """
    if where is None or isinstance(where, FilterCriteria):
        return where
    if callable(where):
        raise TypeError(f"where= takes a filter, not the function {getattr(where, '__name__', where)}: call it")
    return FilterCriteria(where)


class Verdicts:
    """What filters say of the records of one batch.

    A filter that cannot be evaluated for a record, as that is broken, says so of this one only.

    Args:
        batch: the records.
    """

    __slots__ = ("_found", "batch")

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self._found: dict[FilterCriteria, Sequence[bool | Exception]] = {}

    def admits(self, where: FilterCriteria | None, position: int) -> bool:
        """Whether a record is let through; raises where the filter cannot be evaluated."""
        if where is None:
            return True
        verdict = self.of(where)[position]
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    def of(self, where: FilterCriteria) -> Sequence[bool | Exception]:
        """What it says of each record: True, False, or the error of one for which it cannot be evaluated."""
        found = self._found.get(where)
        if found is None:
            found = self._found[where] = _matches(self.batch, where)
        return found

    def wanted(self, routes: Mapping[str | None, tuple[Route, ...]]) -> Sequence[int]:
        """Where the records are that must be looked at; what lies between is done, and no Record is made of it.

        Looked at are those that a route wants, those of which a filter could not say, and those whose eventName
        nobody knows.
        """
        events = _events_by_filter(routes)
        if not any(events):  # no route has a filter
            return range(len(self.batch))
        positions = {position for position, known in enumerate(self.of(_named(_EVENT_NAMES))) if known is not True}
        for where, names in events.items():
            positions.update(self._both(where, names))
        return sorted(positions)

    def _both(self, where: FilterCriteria | None, names: tuple[str, ...]) -> Iterable[int]:
        verdicts = [self.of(each) for each in (where, _named(names)) if each is not None]
        # An error counts as true here: the record fails where the route is asked.
        return [position for position, each in enumerate(zip(*verdicts, strict=True)) if all(each)]


def _events_by_filter(routes: Mapping[str | None, tuple[Route, ...]]) -> dict[FilterCriteria | None, tuple[str, ...]]:
    events: dict[FilterCriteria | None, tuple[str, ...]] = {}
    for name in _EVENT_NAMES:
        for where in {route.where for route in routes[name]}:
            events[where] = (*events.get(where, ()), name)
    return events


_OF_NAMES: dict[tuple[str, ...], FilterCriteria] = {}


def _named(names: tuple[str, ...]) -> FilterCriteria:
    if names not in _OF_NAMES:
        _OF_NAMES[names] = FilterCriteria({"eventName": list(names)})
    return _OF_NAMES[names]


def _matches(batch: Batch, where: FilterCriteria) -> Sequence[bool | Exception]:
    try:
        return batch.matches(where)
    except Exception:  # noqa: BLE001  one record is broken: the others are not
        return [_verdict(record, where) for record in batch]


def _verdict(record: Record, where: FilterCriteria) -> bool | Exception:
    try:
        return where.matches(record)
    except Exception as error:  # noqa: BLE001  whatever it is, the record fails with it where it is asked for
        return error
