"""What came of a call, in a form that is equal only where no caller could tell the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """A value in its exact form, or an exception."""

    value: Any = None
    error: BaseException | None = None


def outcome(work: Callable[[], Any]) -> Outcome:
    try:
        return Outcome(value=form(work()))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
        return Outcome(error=error)


def assert_same(ours: Outcome, theirs: Outcome) -> None:
    """The value with its types, or an exception that whoever catches theirs catches, with the same text."""
    if theirs.error is None:
        assert ours.error is None, f"raised {ours.error!r} where the other gave {theirs.value!r}"
        assert ours.value == theirs.value
        return
    assert ours.error is not None, f"gave {ours.value!r} where the other raised {theirs.error!r}"
    assert isinstance(ours.error, type(theirs.error)), f"{type(ours.error).__mro__} for {theirs.error!r}"
    assert str(ours.error) == str(theirs.error)


def form(value: Any) -> Any:
    """Types, digits and order spelled out; classes by name, since boto3's may have been loaded twice."""
    name = type(value).__qualname__
    if isinstance(value, Mapping):
        return (name, [(form(key), form(member)) for key, member in value.items()])
    if isinstance(value, list | tuple):
        return (name, [form(member) for member in value])
    if isinstance(value, set | frozenset):
        return (name, sorted(repr(form(member)) for member in value))
    if isinstance(value, Decimal):
        return (name, value.as_tuple())
    if name == "Binary":
        return (name, form(value.value))
    if isinstance(value, str | bytes | bytearray | int | float | None):
        return (name, repr(value))
    return name
