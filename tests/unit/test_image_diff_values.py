"""What a diff calls equal: numbers by value, sets in any order, maps by name, lists by position, types apart."""

from __future__ import annotations

from collections import OrderedDict, UserDict
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from tailrace import diff, diff_images
from tests.reference.diff_roads import IMAGE_ROADS, Road

every_image_road = pytest.mark.parametrize("road", [pytest.param(road, id=name) for name, road in IMAGE_ROADS.items()])

DIGITS_38 = "12345678901234567890123456789012345678"
# Attribute values that are equal, two by two.
SAME: dict[str, tuple[Any, Any]] = {
    "digits": ({"N": "1"}, {"N": "1.0"}),
    "exponents": ({"N": "1E2"}, {"N": "100"}),
    "small exponents": ({"N": "1e-2"}, {"N": "0.01"}),
    "signs and zeros": ({"N": "+007.50"}, {"N": "7.5"}),
    "zero": ({"N": "-0"}, {"N": "0.000"}),
    "zero with an exponent": ({"N": "0E+99"}, {"N": "0"}),
    "38 digits": ({"N": DIGITS_38 + "E-30"}, {"N": f"{DIGITS_38[:8]}.{DIGITS_38[8:]}"}),
    "the largest": ({"N": "9." + "9" * 37 + "E+125"}, {"N": "9" * 38 + "0" * 88}),
    "a set of text": ({"SS": ["x", "y"]}, {"SS": ["y", "x"]}),
    "a set of numbers": ({"NS": ["1", "20"]}, {"NS": ["2e1", "1.0"]}),
    "a set of bytes": ({"BS": [b"\xff", b"a"]}, {"BS": [b"a", b"\xff"]}),
    "a member twice": ({"NS": ["1", "1.0", "2"]}, {"NS": ["2", "1"]}),
    "a map": ({"M": {"x": {"N": "1"}, "y": {"S": ""}}}, {"M": {"y": {"S": ""}, "x": {"N": "1.0"}}}),
    "a list": ({"L": [{"N": "1"}, {"M": {}}]}, {"L": [{"N": "1.00"}, {"M": {}}]}),
    "NULL": ({"NULL": True}, {"NULL": True}),
}
# Attribute values that are not.
OTHER: dict[str, tuple[Any, Any]] = {
    "text and number": ({"S": "1"}, {"N": "1"}),
    "text and bytes": ({"S": "a"}, {"B": b"a"}),
    "bytes and their base64": ({"S": "YQ=="}, {"B": b"a"}),
    "text and NULL": ({"S": "null"}, {"NULL": True}),
    "true and one": ({"BOOL": True}, {"N": "1"}),
    "false and zero": ({"BOOL": False}, {"N": "0"}),
    "true and false": ({"BOOL": True}, {"BOOL": False}),
    "NULL and false": ({"NULL": True}, {"BOOL": False}),
    "two normal forms": ({"S": "\u00e9"}, {"S": "e\u0301"}),
    "upper and lower case": ({"S": "a"}, {"S": "A"}),
    "text as long": ({"S": "abcdefgh-1"}, {"S": "abcdefgh-2"}),
    "text and more of it": ({"S": "a"}, {"S": "a\0"}),
    "beyond a float": ({"N": "9007199254740992"}, {"N": "9007199254740993"}),
    "the 38th digit": ({"N": DIGITS_38}, {"N": DIGITS_38[:-1] + "9"}),
    "the smallest": ({"N": "1E-130"}, {"N": "0"}),
    "signs": ({"N": "1"}, {"N": "-1"}),
    "exponents": ({"N": "1E1"}, {"N": "1E2"}),
    "bytes": ({"B": b"x"}, {"B": b"y"}),
    "bytes and more of them": ({"B": b"\x00"}, {"B": b"\x00\x00"}),
    "no bytes": ({"B": b""}, {"B": b"\x00"}),
    "sets of two types": ({"SS": ["1"]}, {"NS": ["1"]}),
    "a set and its text in bytes": ({"SS": ["a"]}, {"BS": [b"a"]}),
    "sets of as much text": ({"SS": ["a", "b"]}, {"SS": ["a", "c"]}),
    "sets of as many numbers": ({"NS": ["1", "2"]}, {"NS": ["1", "3"]}),
    "sets of as many bytes": ({"BS": [b"a", b"b"]}, {"BS": [b"a", b"c"]}),
    "a set and a smaller one": ({"SS": ["a", "b"]}, {"SS": ["a"]}),
    "a set and a list": ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
    "an empty map and an empty list": ({"M": {}}, {"L": []}),
    "a map and NULL": ({"M": {}}, {"NULL": True}),
    "a map and what looks like one": ({"M": {"S": {"S": "x"}}}, {"S": "x"}),
}


@every_image_road
@pytest.mark.parametrize("name", SAME)
def test_equal_values_are_no_change(road: Road, name: str) -> None:
    for old, new in (SAME[name], SAME[name][::-1]):
        found = road({"a": old, "m": {"M": {"l": {"L": [old]}}}}, {"m": {"M": {"l": {"L": [new]}}}, "a": new})
        assert not found
        assert list(found) == []


@every_image_road
@pytest.mark.parametrize("name", OTHER)
def test_values_that_differ_are_one_change_where_they_are(road: Road, name: str) -> None:
    for old, new in (OTHER[name], OTHER[name][::-1]):
        found = road({"a": old, "m": {"M": {"l": {"L": [old]}}}}, {"m": {"M": {"l": {"L": [new]}}}, "a": new})
        assert [(change.path, change.kind) for change in found] == [(("m", "l", 0), "changed"), (("a",), "changed")]


class Text(str):
    __slots__ = ()


class Whole(int):
    pass


class Number(Decimal):
    __slots__ = ()


# Python values that DynamoDB holds alike.
CLASSES: list[tuple[Any, Any]] = [
    (1, Decimal("1.00")),
    (1.0, 1),
    (0.5, Decimal("0.5")),
    (-0.0, 0),
    (10**37, Decimal("1E+37")),
    (Whole(7), Number("7.0")),
    ("x", Text("x")),
    (b"x", bytearray(b"x")),
    (memoryview(b"x"), Binary(b"x")),
    ([1, [2]], (1, (2.0,))),
    ({"a": 1}, OrderedDict(a=1)),
    ({"a": {"b": 1}}, UserDict(a=UserDict(b=1))),
    ({1, 2}, frozenset({Decimal("2.0"), 1})),
    ({b"x"}, {Binary(b"x")}),
    ({Text("x")}, {"x"}),
    (type("Items", (list,), {})([1]), [1]),
    (type("Map", (dict,), {})(a=1), {Text("a"): 1}),
]
NO_CLASSES: list[tuple[Any, Any]] = [
    (True, 1),
    (False, 0),
    (0.1, Decimal("0.1")),  # a float is what it is, and not what it looks like
    (float(2**53), 2**53 + 1),
    (1e308, 5e-324),
    ("1", 1),
    (b"x", "x"),
    (None, False),
    ([], {}),
    ([1], {1}),
    ({1}, {"1"}),
]


@pytest.mark.parametrize(("one", "other"), CLASSES, ids=repr)
def test_the_class_of_a_python_value_does_not_matter(one: Any, other: Any) -> None:
    assert not diff({"a": one}, {"a": other})
    assert not diff({"m": {"l": [other]}}, {"m": {"l": [one]}})


@pytest.mark.parametrize(("one", "other"), NO_CLASSES, ids=repr)
def test_what_python_may_call_equal_is_told_apart(one: Any, other: Any) -> None:
    assert diff({"a": one}, {"a": other}).changed == {("a",): (one, other)}
    assert diff({"l": [other]}, {"l": [one]}).changed == {("l", 0): (other, one)}


def test_an_item_is_any_mapping() -> None:
    assert diff(UserDict(a=1), OrderedDict(a=2)).changed == {("a",): (1, 2)}
    assert diff_images(UserDict(a=UserDict(N="1")), {"a": {"N": "2"}}).changed == {("a",): (1, 2)}
