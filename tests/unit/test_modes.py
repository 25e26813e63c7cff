"""The modes of numbers, binaries and sets, and strict reading: the same for Python objects, JSON text and records."""

from __future__ import annotations

import base64
import decimal
import fractions
import json
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Batch, UnmarshallError, loads, unmarshall
from tests.reference.roads import with_image

Read = Callable[..., Any]


def _record(text: str, **modes: Any) -> Any:
    (record,) = Batch.from_event(text, **modes)
    return record.new_image


ROADS: dict[str, Read] = {
    "dict": unmarshall,
    "text": lambda item, **modes: loads(json.dumps(item), **modes),
    "record of dicts": lambda item, **modes: Batch.from_event(with_image(item), **modes)[0].new_image,
    "record of text": lambda item, **modes: _record(json.dumps(with_image(item)), **modes),
}
UNMODED = ("record of dicts", "record of text")  # a Batch reads what the stream has: it has no strict mode


@pytest.fixture(params=list(ROADS))
def read(request: pytest.FixtureRequest) -> Read:
    return ROADS[request.param]


@pytest.fixture(params=[road for road in ROADS if road not in UNMODED])
def strict(request: pytest.FixtureRequest) -> Read:
    road = ROADS[request.param]
    return lambda item, **modes: road(item, strict=True, **modes)


def number(read: Read, text: str, **modes: Any) -> Any:
    alone = read({"n": {"N": text}}, **modes)["n"]
    (member,) = read({"n": {"NS": [text]}}, **modes)["n"]
    assert type(member) is type(alone), "a number in a set has the type of one alone"
    assert str(member) == str(alone)
    return alone


INTEGRAL = {
    "0": 0,
    "-0": 0,
    "0.00": 0,
    "1.0": 1,
    "-12": -12,
    "1E+2": 100,
    "120e-1": 12,
    "007": 7,
    "+5": 5,
    "999999999999999": 999_999_999_999_999,
    "1000000000000000": 10**15,
    "9223372036854775808": 2**63,
    "9" * 38: 10**38 - 1,
    "-" + "9" * 38: 1 - 10**38,
    "1E+125": 10**125,
    "1" + "0" * 100: 10**100,
}
FRACTIONAL = ["0.1", "-1.50", ".5", "1E-130", "1234567890.123456789", "0." + "3" * 38, "1.7976931348623157", "5e-1"]


@pytest.mark.parametrize("text", INTEGRAL)
@pytest.mark.parametrize("mode", ["int-decimal", "int-float"])
def test_a_number_without_fraction_is_an_int(read: Read, mode: str, text: str) -> None:
    found = number(read, text, numbers=mode)
    assert type(found) is int
    assert found == INTEGRAL[text]


@pytest.mark.parametrize("text", FRACTIONAL)
def test_the_others_are_decimals_or_the_nearest_floats(read: Read, text: str) -> None:
    exact = number(read, text, numbers="int-decimal")
    assert type(exact) is Decimal
    assert exact.as_tuple() == Decimal(text).as_tuple()
    for mode in ("int-float", "float"):
        nearest = number(read, text, numbers=mode)
        assert type(nearest) is float
        assert nearest == float(text)


def test_float_is_always_float(read: Read) -> None:
    for text, whole in INTEGRAL.items():
        found = number(read, text, numbers="float")
        assert type(found) is float
        assert found == float(whole)


def test_str_is_the_text_as_written(read: Read) -> None:
    for text in [*INTEGRAL, *FRACTIONAL]:
        assert number(read, text, numbers="str") == text


def test_a_function_gets_the_text(read: Read) -> None:
    assert number(read, "0.10", numbers=fractions.Fraction) == fractions.Fraction(1, 10)
    assert read({"n": {"N": "1"}}, numbers=lambda _: None) == {"n": None}


def test_what_a_function_raises_is_raised(read: Read) -> None:
    error = LookupError("mine")

    def refuse(_: str) -> None:
        raise error

    with pytest.raises(LookupError) as raised:
        read({"n": {"L": [{"N": "1"}]}}, numbers=refuse)
    assert raised.value is error


@pytest.mark.parametrize("mode", ["decimal", "decimal-strict", "int-decimal", "int-float", "float", "str", str])
@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", " 1", "1_000", "1E+126", "1E-131", "9" * 39])
def test_what_is_no_number_is_refused_in_every_mode(read: Read, mode: Any, text: str) -> None:
    with pytest.raises(UnmarshallError) as raised:
        read({"n": {"N": text}}, numbers=mode)
    assert raised.value.path[-2:] == ("n", "N")


def test_a_long_spelling_is_exact_and_in_strict_mode_raises_as_boto3_does(read: Read) -> None:
    text = "1" + "0" * 100
    assert number(read, text).as_tuple() == Decimal(text).as_tuple()
    with pytest.raises(UnmarshallError) as raised:
        number(read, text, numbers="decimal-strict")
    assert isinstance(raised.value, decimal.Rounded)


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=None).filter(
        lambda d: len(d.as_tuple().digits) <= 38 and (d == 0 or -130 <= d.adjusted() <= 125)
    )
)
def test_every_mode_keeps_to_its_word(value: Decimal) -> None:
    text = str(value)
    for road in (unmarshall, ROADS["text"]):
        read: dict[str, Any] = {
            mode: road({"n": {"N": text}}, numbers=mode)["n"]
            for mode in ("decimal", "int-decimal", "int-float", "float")
        }
        whole = value == value.to_integral_value()
        assert read["decimal"].as_tuple() == value.as_tuple()
        assert read["int-decimal"] == value
        assert type(read["int-decimal"]) is (int if whole else Decimal)
        assert read["float"] == float(value)
        assert read["int-float"] == (int(value) if whole else float(value))


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda f: f == 0 or 1e-130 <= abs(f) < 1e126))
def test_every_float_comes_back(value: float) -> None:
    text = repr(value)
    for road in (unmarshall, ROADS["text"]):
        found = road({"n": {"N": text}}, numbers="float")["n"]
        assert found == value
        assert math.copysign(1, found) == math.copysign(1, value)


BYTES = b"\x00\xffhi"
TEXT = base64.b64encode(BYTES).decode()


def test_binary(read: Read) -> None:
    item = {"b": {"B": TEXT}, "s": {"BS": [TEXT]}}
    assert read(item) == {"b": BYTES, "s": {BYTES}}
    as_boto3 = read(item, binary="boto3")
    assert type(as_boto3["b"]) is Binary
    assert {type(member) for member in as_boto3["s"]} == {Binary}
    assert as_boto3 == {"b": Binary(BYTES), "s": {Binary(BYTES)}}
    assert read(item, binary="raw") == {"b": TEXT, "s": {TEXT}}


def test_binary_of_bytes() -> None:
    for given_, raw in ((BYTES, BYTES), (bytearray(BYTES), BYTES), (memoryview(BYTES), BYTES)):
        item = {"b": {"B": given_}}
        assert unmarshall(item) == {"b": BYTES}
        assert unmarshall(item, binary="raw") == {"b": raw}
        assert unmarshall(item, binary="boto3") == {"b": Binary(BYTES)}


def test_raw_does_not_read_base64(read: Read) -> None:
    assert read({"b": {"B": "?"}}, binary="raw") == {"b": "?"}


def test_sets_as_lists_keep_the_order_of_the_wire(read: Read) -> None:
    item = {"s": {"SS": ["b", "a"]}, "n": {"NS": ["3", "1", "2"]}, "b": {"BS": [TEXT]}}
    assert read(item, sets="list") == {"s": ["b", "a"], "n": [3, 1, 2], "b": [BYTES]}


STRICT = {
    "two tags": ({"a": {"S": "x", "N": "1"}}, ("a",)),
    "two tags, the second unknown": ({"a": {"M": {"b": {"S": "x", "X": "1"}}}}, ("a", "M", "b")),
    "NULL:false": ({"a": {"NULL": False}}, ("a", "NULL")),
    "NULL of text": ({"a": {"L": [{"NULL": "true"}]}}, ("a", "L", 0, "NULL")),
    "an unknown tag": ({"a": {"X": "x"}}, ("a",)),
    "a text twice": ({"a": {"SS": ["x", "y", "x"]}}, ("a", "SS", 2)),
    "a number twice": ({"a": {"NS": ["1", "10E-1"]}}, ("a", "NS", 1)),
    "bytes twice": ({"a": {"BS": [TEXT, TEXT]}}, ("a", "BS", 1)),
}


@pytest.mark.parametrize("case", STRICT)
@pytest.mark.parametrize("modes", [{}, {"numbers": "str", "binary": "raw", "sets": "list"}])
def test_strict_refuses_what_means_nothing(strict: Read, case: str, modes: dict[str, str]) -> None:
    item, path = STRICT[case]
    with pytest.raises(UnmarshallError) as raised:
        strict(item, **modes)
    assert raised.value.path == path


def test_strict_takes_what_dynamodb_sends(strict: Read) -> None:
    item = {"z": {"NULL": True}, "s": {"SS": ["a", "b"]}, "n": {"NS": ["1", "2"]}, "t": {"SS": ["a", "b"]}}
    assert strict(item) == {"z": None, "s": {"a", "b"}, "n": {1, 2}, "t": {"a", "b"}}


@pytest.mark.parametrize(
    ("mode", "value"),
    [("numbers", "int"), ("numbers", None), ("numbers", 5), ("binary", "base64"), ("binary", None), ("sets", "tuple")],
)
def test_a_mode_that_does_not_exist(read: Read, mode: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError), match=mode):
        read({}, **{mode: value})


@pytest.mark.parametrize("count", [3, 10, 40])
def test_a_dict_that_a_function_changes_is_never_half_read(count: int) -> None:
    item: dict[str, Any] = {f"n{i}": {"N": str(i)} for i in range(count + 30)}
    for i in range(30):
        del item[f"n{i}"]  # leaves gaps, so that the next growth moves what is not read yet
    names = list(item)

    def rearrange(text: str) -> int:
        item[names[0]] = item.pop(names[0])
        item[names[-1]] = item.pop(names[-1])
        return int(text)

    try:
        found = unmarshall(item, numbers=rearrange)
    except UnmarshallError:
        return
    assert found == {name: int(name[1:]) for name in names}
