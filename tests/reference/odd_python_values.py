"""What a caller may hand to a TypeSerializer, right or wrong: drawn as functions of boto3's module that make the value.

A generator can be read once, and boto3's Binary may have been loaded twice: each of two writers gets values of its own.
"""

from __future__ import annotations

import array
import dataclasses
import enum
import uuid
from collections import OrderedDict, UserDict, UserList, UserString, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timezone
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType, ModuleType
from typing import Any

from hypothesis import strategies as st

from tests.properties.strategies import numbers, texts
from tests.reference.odd_attribute_values import Dict, List, Octets, Text, Whole

Maker = Callable[[ModuleType], Any]
Pair = namedtuple("Pair", ["one", "other"])  # noqa: PYI024 - the plain kind, as many have it


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    LOW = 1


class Word(str, enum.Enum):
    YES = "yes"


@dataclasses.dataclass(frozen=True)
class Point:
    x: int = 1


class Exact(Decimal):
    """A Decimal of somebody's own."""


class Chosen(AbstractSet[Any]):
    """A set of somebody's own, in its own order."""

    def __init__(self, members: Iterable[Any] = ()) -> None:
        self.members = list(members)

    def __contains__(self, member: object) -> bool:
        return member in self.members

    def __iter__(self) -> Iterator[Any]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __repr__(self) -> str:
        return f"Chosen({self.members})"


# What Decimal(30.40) is.
INEXACT = Decimal("30.39999999999999857891452847979962825775146484375")
NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 9999, 10000, 2**63, 10**37, 10**38 - 1, 10**38, 10**38 + 1, -(10**38) + 1, 10**100, True, False, Whole(5),
    Level.LOW, Decimal(0), Decimal("-0"), Decimal("1.50"), Decimal("1E+2"), Decimal("0E-500"), Decimal("0E+500"),
    Decimal("9" * 38), Decimal("9" * 39), Decimal("1E+125"), Decimal("1E+126"), Decimal("1E+127"), Decimal("1E-130"),
    Decimal("1E-165"), Decimal("1E-166"), INEXACT, Decimal("NaN"), Decimal("-NaN"), Decimal("NaN123"),
    Decimal("Infinity"), Decimal("-Infinity"), Exact("1.5"), Decimal("1" + "0" * 38),
)  # fmt: skip
FLOATS = (0.0, -0.0, 1.5, 1e300, float("nan"), float("inf"), -float("inf"))
UNSUPPORTED: tuple[Any, ...] = (
    date(2026, 1, 2), datetime(2026, 1, 2, tzinfo=timezone.utc), time(1, 2), uuid.UUID(int=5), Colour.RED, Point(),
    Point, 3j, Fraction(1, 3), object(), Ellipsis, range(3), slice(1), memoryview(b"a"), array.array("b", b"a"),
    UserString("a"), UserList([1]), deque([1]), len, iter(()), NotImplemented, Decimal("sNaN"), Decimal("sNaN7"),
)  # fmt: skip


def plain(value: Any) -> Maker:
    """For what nobody changes."""
    return lambda _: value


def number_makers() -> st.SearchStrategy[Maker]:
    return st.one_of(
        st.sampled_from(NUMBERS),
        st.integers(),
        st.integers(-(10**40), 10**40),
        numbers().map(Decimal),
        st.decimals(allow_nan=False),
    ).map(plain)


def text_makers() -> st.SearchStrategy[Maker]:
    return st.one_of(texts(), texts().map(Text), st.sampled_from(("", "\ud800", Word.YES, "NaN"))).map(plain)


def binary_makers() -> st.SearchStrategy[Maker]:
    return st.binary(max_size=5).flatmap(
        lambda data: st.sampled_from(
            (
                plain(data),
                plain(Octets(data)),
                lambda types: types.Binary(data),
                lambda types: types.Binary(Octets(data)),
            )
        )
    )


def unhashable_makers() -> st.SearchStrategy[Maker]:
    return st.sampled_from((lambda _: bytearray(b"a"), lambda types: types.Binary(bytearray(b"a"))))


def leaves() -> st.SearchStrategy[Maker]:
    return st.one_of(
        number_makers(),
        text_makers(),
        binary_makers(),
        unhashable_makers(),
        st.sampled_from((None, True, False, *FLOATS, *UNSUPPORTED)).map(plain),
        sets(),
    )


def sets() -> st.SearchStrategy[Maker]:
    """Of one kind mostly, in every form a set may have."""
    hashable = st.one_of(
        st.lists(number_makers(), max_size=4),
        st.lists(text_makers(), max_size=4),
        st.lists(binary_makers(), max_size=4),
        st.lists(
            number_makers()
            | text_makers()
            | binary_makers()
            | st.sampled_from((None, True, 1.5, (), Point(), frozenset(), Decimal("NaN"))).map(plain),
            max_size=3,
        ),
    )
    kinds: list[Callable[[list[Any]], Any]] = [
        set, set, frozenset, lambda made: dict.fromkeys(made).keys(), lambda made: dict.fromkeys(made).items(), Chosen,
    ]  # fmt: skip
    unhashable = st.builds(_gathered, st.just(Chosen), st.lists(unhashable_makers(), max_size=2))
    return st.builds(_gathered, st.sampled_from(kinds), hashable) | unhashable


def _gathered(kind: Callable[[list[Any]], Any], members: list[Maker]) -> Maker:
    return lambda types: kind([member(types) for member in members])


def lists(members: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    kinds: list[Callable[[list[Any]], Any]] = [
        list, list, list, tuple, List, lambda made: Pair(made, 1), deque, UserList, iter,
        lambda made: dict(enumerate(made)).values(),
    ]  # fmt: skip
    return st.builds(_gathered, st.sampled_from(kinds), st.lists(members, max_size=4))


def maps(members: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    names = (
        texts() | texts() | texts().map(Text) | st.sampled_from((0, None, 1.5, ("a",), b"a", True, "\ud800", Word.YES))
    )
    kinds: list[Callable[[dict[Any, Any]], Any]] = [
        dict, dict, dict, Dict, OrderedDict, UserDict, MappingProxyType, lambda made: defaultdict(list, made),
    ]  # fmt: skip
    return st.builds(_mapped, st.sampled_from(kinds), st.lists(st.tuples(names, members), max_size=4))


def _mapped(kind: Callable[[dict[Any, Any]], Any], members: list[tuple[Any, Maker]]) -> Maker:
    return lambda types: kind({name: member(types) for name, member in members})


def python_values() -> st.SearchStrategy[Maker]:
    """Anything of any type, nested as it comes."""
    return st.recursive(leaves(), lambda inner: lists(inner) | maps(inner) | lists(inner) | maps(inner), max_leaves=8)


def deep_values(most: int = 100) -> st.SearchStrategy[Maker]:
    """A value inside up to so many others."""
    return st.builds(_wrapped, leaves(), st.lists(st.integers(0, 3), max_size=most))


def _wrapped(inner: Maker, ways: list[int]) -> Maker:
    def make(types: ModuleType) -> Any:
        value = inner(types)
        for way in ways:
            value = ([value], {"a": value}, (value, "behind"), UserDict({5: value}))[way]
        return value

    return make
