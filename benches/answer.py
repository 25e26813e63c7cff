"""Whether two answers are the same: a fast wrong answer is worth nothing."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

__all__ = ["DifferentAnswersError", "must_be_same", "same"]


class DifferentAnswersError(AssertionError):
    """The two sides of a benchmark do not do the same work."""


def must_be_same(ours: object, theirs: object) -> None:
    """Refuse to compare the speed of different answers."""
    if not same(ours, theirs):
        raise DifferentAnswersError(f"different answers: {_short(ours)} here, {_short(theirs)} there")


def same(one: object, other: object) -> bool:
    """Equal in type, value, order of names and written digits: ``1.0`` is not ``1.00``, and no bool is an int."""
    if type(one) is not type(other):
        return False
    compare = _BY_TYPE.get(type(one))
    return compare(one, other) if compare else one == other


def _same_number(one: Decimal, other: Decimal) -> bool:
    return one.as_tuple() == other.as_tuple()


def _same_elements(one: list[object] | tuple[object, ...], other: list[object] | tuple[object, ...]) -> bool:
    return len(one) == len(other) and all(map(same, one, other))


def _same_members(one: dict[object, object], other: dict[object, object]) -> bool:
    return _same_elements(list(one.items()), list(other.items()))


def _same_set(one: set[object], other: set[object]) -> bool:
    """Equal members meet at one place of both lists: repr tells types and written digits apart."""
    return _same_elements(sorted(one, key=repr), sorted(other, key=repr))


_BY_TYPE: dict[type, Callable[..., bool]] = {
    Decimal: _same_number,
    dict: _same_members,
    list: _same_elements,
    set: _same_set,
    tuple: _same_elements,
}


def _short(answer: object) -> str:
    text = repr(answer)
    return text if len(text) <= 200 else text[:200] + "..."
