"""JSON as the filter language sees it: names may stand twice, and numbers keep their text and value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

# NaN and the infinities, which JSON has not: a value that equals nothing and lies in no range.
NO_NUMBER = object()
# Made once: json.dumps makes one for each call that wants anything but ASCII.
_ASCII, _ANY = json.JSONEncoder(), json.JSONEncoder(ensure_ascii=False)


class Members(tuple[tuple[str, Any], ...]):
    """An object: its members in order, with those that stand twice."""

    __slots__ = ()


@dataclass(frozen=True)
class Number:
    """A number by its text."""

    text: str

    @property
    def value(self) -> Decimal:
        return Decimal(self.text)


class Digits(str):
    """A number that is written as text, where its type says so: what N and NS hold."""

    __slots__ = ()

    @property
    def value(self) -> Decimal:
        return Decimal(self)


def read(text: str) -> Any:
    """Text to Members, list, str, Number, bool and None. Raises ValueError, also for half of a surrogate pair."""
    tree = json.loads(
        text, object_pairs_hook=Members, parse_int=Number, parse_float=Number, parse_constant=_no_constant
    )
    text.encode()
    if "\\ud" in text.lower():
        write(tree, ensure_ascii=False).encode()
    return tree


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def of(value: Any) -> Any:
    """The same tree from Python values, whose numbers are int, float and Decimal; a float is what it prints."""
    if isinstance(value, Mapping):
        return Members((name, of(member)) for name, member in value.items())
    if isinstance(value, (list, tuple)):
        return [of(element) for element in value]
    if isinstance(value, (float, Decimal)) and not isfinite(value):
        return NO_NUMBER
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return Number(str(value))
    return value


def write(tree: Any, *, ensure_ascii: bool = True) -> str:
    """The plain text of a tree."""
    if isinstance(tree, Members):
        both = (":".join(write(part, ensure_ascii=ensure_ascii) for part in pair) for pair in tree)
        return "{" + ",".join(both) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(write(element, ensure_ascii=ensure_ascii) for element in tree) + "]"
    if isinstance(tree, Number):
        return tree.text
    return _ASCII.encode(tree) if ensure_ascii else _ANY.encode(tree)


def has_name_twice(tree: Any) -> bool:
    """Whether any object has two members of one name: no dict can show that."""
    if isinstance(tree, Members):
        return len({name for name, _ in tree}) < len(tree) or any(has_name_twice(value) for _, value in tree)
    return isinstance(tree, list) and any(map(has_name_twice, tree))


def to_python(tree: Any) -> Any:
    """What json.loads gives for the same text: the last of equal names wins; numbers as int or Decimal."""
    if isinstance(tree, Members):
        return {name: to_python(value) for name, value in tree}
    if isinstance(tree, list):
        return [to_python(element) for element in tree]
    if isinstance(tree, Number):
        return int(tree.text) if tree.text.lstrip("-").isdigit() else Decimal(tree.text)
    return tree
