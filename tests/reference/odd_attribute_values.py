"""What a caller may hand to a TypeDeserializer, right or wrong: drawn as functions that make the value.

A generator can be read once, so each of two readers gets a value of its own.
"""

from __future__ import annotations

import random
from collections import OrderedDict, UserDict, UserList, defaultdict, deque
from collections.abc import Callable, Iterable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

from tests.properties.strategies import base64_texts, no_numbers, numbers, texts

Maker = Callable[[], Any]
TAGS = ("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS")
NO_VALUES = (None, 0, 5, 1.5, True, "", "x", "S", (), [], ["S"], {}, set(), b"", b"S", range(0), 3j, Ellipsis)
NUMBERS_AT_THE_LIMITS = (
    "0", "-0", "0.0", "0E-500", "0E+500", "1.50", "00", "1E+2", "1e125", "9" * 38, "9" * 39, "1" + "0" * 37,
    "1" + "0" * 38, "1" + "0" * 100, "1" + "0" * 125, "1" + "0" * 126, "1" * 38 + "0" * 87, "1" * 39 + "0" * 86,
    "0." + "0" * 129 + "1", "1." + "0" * 50, "1.5" + "0" * 37, "1." + "5" * 37 + "E-130", "1E+125", "1E+126", "1E+127",
    "9." + "9" * 37 + "E+125", "9." + "9" * 38 + "E+125", "1E-128", "1E-129", "1E-130", "1E-131", "1E-165", "1E-166",
    "1E-999999", "1E+999999", "1E99999999999999999999", "NaN", "nan123", "-NaN", "sNaN", "sNaN5", "Infinity", "inf",
    "-Infinity", "abc", "", " ", " 1 ", "\t1\n", "1_000", "_1", "1__0", "٣", "١٢٣.٤", "1\0", "\0", "0x10", "1,5", "+-1",
    ".", "1.", ".1", "e1", "1e", "\ud800", "1\udfff", "５",
)  # fmt: skip


class Text(str):
    """A str of somebody's own."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Text({str(self)!r})"


class Octets(bytes):
    """bytes of somebody's own."""


class Dict(dict[Any, Any]):
    """A dict of somebody's own."""


class List(list[Any]):
    """A list of somebody's own."""


class Whole(int):
    """An int of somebody's own, with a look of its own."""

    def __repr__(self) -> str:
        return "whole"

    __str__ = __repr__


def plain(value: Any) -> Maker:
    """For what nobody changes."""
    return lambda: value


def number_payloads() -> st.SearchStrategy[Maker]:
    texts_of_numbers = st.one_of(st.sampled_from(NUMBERS_AT_THE_LIMITS), numbers(), no_numbers())
    others: list[Any] = [None, True, False, 0, 7, 10**37, 10**38, 10**100, 12345678901234567890123456789012345678, 0.5,
                         1e300, float("nan"), Decimal("1.50"), Decimal(10) ** 40, Decimal("sNaN"), Whole(3), b"1", [1],
                         (0, (1, 2), -1), (0, (1, 2)), (0, (1,) * 39, 0), {}, {"N": "1"}, 3j]  # fmt: skip
    return (texts_of_numbers | texts_of_numbers.map(Text) | st.sampled_from(others) | st.floats()).map(plain)


def binary_payloads() -> st.SearchStrategy[Maker]:
    data = st.binary(max_size=20)
    return st.one_of(
        st.one_of(data, data.map(Octets), data.map(memoryview), base64_texts(), st.sampled_from(NO_VALUES)).map(plain),
        data.map(lambda octets: lambda: bytearray(octets)),
    )


def any_payloads() -> st.SearchStrategy[Maker]:
    return st.one_of(texts(), st.booleans(), st.integers(), st.sampled_from(NO_VALUES)).map(plain)


def iterables(members: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    """The members in a list, mostly; else in anything that can be walked."""
    kinds: list[Callable[[Iterable[Any]], Any]] = [
        list, list, list, tuple, iter, deque, List, UserList, lambda made: (each for each in made),
        lambda made: dict(enumerate(made)), lambda made: dict(enumerate(made)).values(),
    ]  # fmt: skip
    return st.builds(_gathered, st.sampled_from(kinds), st.lists(members, max_size=4))


def _gathered(kind: Callable[[Iterable[Any]], Any], members: list[Maker]) -> Maker:
    return lambda: kind([member() for member in members])


def mappings(names: st.SearchStrategy[Any], members: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    kinds: list[Callable[[dict[Any, Any]], Any]] = [
        dict, dict, dict, Dict, OrderedDict, UserDict, MappingProxyType, lambda made: defaultdict(list, made),
    ]  # fmt: skip
    return st.builds(_mapped, st.sampled_from(kinds), st.lists(st.tuples(names, members), max_size=4))


def _mapped(kind: Callable[[dict[Any, Any]], Any], members: list[tuple[Any, Maker]]) -> Maker:
    return lambda: kind({name: member() for name, member in members})


def tags() -> st.SearchStrategy[Any]:
    """Right ones mostly, in any case; else words like them, and what is no word."""
    in_any_case = st.builds(_in_some_case, st.sampled_from(TAGS), st.randoms(use_true_random=False))
    odd = st.sampled_from(
        ("", "X", "SX", "_", "S ", "S\0", "n\u0130", "ſ", "\u017f\u017f", "item", "items", "__class__", Text("S"),
         Text("nope"), 5, None, 1.5, b"S", ("S",), True, "\ud800")
    )  # fmt: skip
    return st.one_of(st.sampled_from(TAGS), st.sampled_from(TAGS), in_any_case, odd)


def _in_some_case(tag: str, by: random.Random) -> str:
    return "".join(by.choice((each.lower(), each.upper())) for each in tag)


def names() -> st.SearchStrategy[Any]:
    return st.one_of(texts(), texts(), texts().map(Text), st.sampled_from((0, None, 1.5, ("a",), b"a", True, "\ud800")))


def _descriptor(tag: Any, payload: Maker, others: list[tuple[Any, Any]], kind: Callable[[Any], Any]) -> Maker:
    return lambda: kind({tag: payload(), **dict(others)})


def descriptors(payloads: st.SearchStrategy[Maker], tag: st.SearchStrategy[Any]) -> st.SearchStrategy[Maker]:
    others = st.lists(st.tuples(tags(), st.sampled_from(NO_VALUES)), max_size=2) | st.just([])
    kinds: list[Callable[[Any], Any]] = [dict, dict, dict, dict, Dict, OrderedDict, UserDict, MappingProxyType]
    return st.builds(_descriptor, tag, payloads, others, st.sampled_from(kinds))


def of_tag(tag: str, payloads: st.SearchStrategy[Maker]) -> st.SearchStrategy[Maker]:
    """Payloads under the tag they belong to, and now and then under another."""
    right = st.builds(_in_some_case, st.just(tag), st.randoms(use_true_random=False)) | st.just(tag) | st.just(tag)
    return descriptors(payloads, right)


def leaves() -> st.SearchStrategy[Maker]:
    members = st.one_of(texts(), st.sampled_from(NO_VALUES)).map(plain)
    return st.one_of(
        of_tag("S", any_payloads()),
        of_tag("N", number_payloads()),
        of_tag("N", number_payloads()),
        of_tag("B", binary_payloads()),
        of_tag("BOOL", any_payloads()),
        of_tag("NULL", any_payloads()),
        of_tag("SS", iterables(texts().map(plain)) | iterables(members) | any_payloads()),
        of_tag("NS", iterables(numbers().map(plain)) | iterables(number_payloads()) | any_payloads()),
        of_tag("BS", iterables(st.binary(max_size=5).map(plain)) | iterables(binary_payloads()) | any_payloads()),
        descriptors(any_payloads() | number_payloads() | binary_payloads(), tags()),
        st.sampled_from(NO_VALUES).map(plain),
    )


def attribute_values() -> st.SearchStrategy[Maker]:
    """Anything of any type, nested as it comes."""
    return st.recursive(
        leaves(),
        lambda inner: (
            of_tag("L", iterables(inner) | any_payloads())
            | of_tag("M", mappings(names(), inner) | any_payloads())
            | of_tag("L", iterables(inner))
            | of_tag("M", mappings(names(), inner))
        ),
        max_leaves=8,
    )


def deep_values(most: int = 100) -> st.SearchStrategy[Maker]:
    """A value inside up to so many others."""
    return st.builds(_wrapped, leaves(), st.lists(st.integers(0, 4), max_size=most))


def _wrapped(inner: Maker, ways: list[int]) -> Maker:
    def make() -> Any:
        value = inner()
        for way in ways:
            value = _wrap(value, way)
        return value

    return make


def _wrap(value: Any, way: int) -> Any:
    return (
        {"L": [value]},
        {"M": {"a": value}},
        {"l": (value, {"S": "behind"})},
        UserDict({"M": UserDict({5: value})}),
        {"L": iter([value])},
    )[way]
