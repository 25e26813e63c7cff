"""The options of TypeDeserializer: what N, B and sets become, what strict refuses; anywhere, and with hooks."""

from __future__ import annotations

import copy
import pickle
import sys
from collections import UserDict
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from hypothesis import given

import tailrace
from tailrace import TypeDeserializer, UnmarshallError
from tests.properties.strategies import numbers
from tests.reference.number import decimal_of
from tests.reference.outcome import form

# A value at every place a value may stand, and how it is found again.
PLACES: dict[str, Callable[[Any], Any]] = {
    "alone": lambda value: value,
    "in a list": lambda value: {"L": [value]},
    "in a map": lambda value: {"M": {"a": value}},
    "deep in a big map": lambda value: {"M": {**{str(at): {"S": ""} for at in range(9)}, "a": {"L": [value]}}},
    "in a Mapping": lambda value: UserDict({"M": UserDict({"a": UserDict(value)})}),
    "in lower case": lambda value: {"l": (value,)},
}


def found(value: Any) -> Any:
    """What stands innermost."""
    while True:
        if isinstance(value, dict) and "a" in value:
            value = value["a"]
        elif isinstance(value, list) and len(value) == 1:
            (value,) = value
        else:
            return value


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    chosen: Callable[[Any], Any] = PLACES[request.param]
    return chosen


NUMBERS: list[tuple[str, str, Any]] = [
    ("int-decimal", "5", 5),
    ("int-decimal", "-0", 0),
    ("int-decimal", "1.0", 1),
    ("int-decimal", "1E+2", 100),
    ("int-decimal", "10E-1", 1),
    ("int-decimal", "9" * 38, int("9" * 38)),
    ("int-decimal", "1" + "0" * 125, 10**125),
    ("int-decimal", "1E+125", 10**125),
    ("int-decimal", "1.50", Decimal("1.50")),
    ("int-decimal", "1E-130", Decimal("1E-130")),
    ("int-float", "5", 5),
    ("int-float", "1.0", 1),
    ("int-float", "12345678901234567890123456789012345678", 12345678901234567890123456789012345678),
    ("int-float", "1E+125", 10**125),
    ("int-float", "0.1", 0.1),
    ("int-float", "-1.5", -1.5),
    ("int-float", "0.1000000000000000055511151231257827021", 0.1),
    ("int-float", "9007199254740993.5", 9007199254740994.0),
    ("float", "5", 5.0),
    ("float", "-0", -0.0),
    ("float", "1E+125", 1e125),
    ("float", "1E-130", 1e-130),
    ("float", "9007199254740993", 9007199254740992.0),
    ("str", "5", "5"),
    ("str", "1.50", "1.50"),
    ("str", "1E+2", "1E+2"),
    ("str", "-0", "-0"),
    ("decimal", "1.50", Decimal("1.50")),
    ("decimal-strict", "1.50", Decimal("1.50")),
]


@pytest.mark.parametrize(("mode", "text", "expected"), NUMBERS)
def test_numbers(place: Callable[[Any], Any], mode: Any, text: str, expected: Any) -> None:
    read = TypeDeserializer(numbers=mode)
    assert form(found(read.deserialize(place({"N": text})))) == form(expected)
    assert form(found(read.deserialize(place({"NS": [text]})))) == form({expected})


@pytest.mark.parametrize("function", [Fraction, lambda text: f"<{text}>", Decimal, {"5": 6}.get], ids=repr)
def test_numbers_of_a_function(place: Callable[[Any], Any], function: Callable[[str], Any]) -> None:
    read = TypeDeserializer(numbers=function)
    assert form(found(read.deserialize(place({"N": "5"})))) == form(function("5"))
    assert form(read.deserialize({"NS": ["5"]})) == form({function("5")})
    assert form(read._deserialize_n("5")) == form(function("5"))


def test_what_a_function_of_numbers_raises_comes_out_as_the_same_object(place: Callable[[Any], Any]) -> None:
    error = ValueError("x")

    def refuse(text: str) -> Any:
        raise error

    for value in ({"N": "5"}, {"NS": ["5"]}):
        with pytest.raises(ValueError, match="x") as caught:
            TypeDeserializer(numbers=refuse).deserialize(place(value))
        assert caught.value is error


@given(numbers())
def test_every_number_in_every_mode(text: str) -> None:
    value, exact = {"N": text}, decimal_of(text)
    integer = int(exact) if exact == exact.to_integral_value() else None
    assert form(TypeDeserializer(numbers="int-decimal").deserialize(value)) == form(
        exact if integer is None else integer
    )
    assert form(TypeDeserializer(numbers="int-float").deserialize(value)) == form(
        float(text) if integer is None else integer
    )
    assert form(TypeDeserializer(numbers="float").deserialize(value)) == form(float(text))
    assert TypeDeserializer(numbers="str").deserialize(value) == text


@pytest.mark.parametrize(
    "junk", ["abc", "", " 1", "1_000", "NaN", "Infinity", "٣", "9" * 39, "1E+126", "0x1", "1\ud800"]
)
@pytest.mark.parametrize("mode", ["int-decimal", "int-float", "float", "str", Decimal])
def test_modes_of_ours_refuse_what_is_no_number(mode: Any, junk: str) -> None:
    for value in ({"N": junk}, {"NS": ["1", junk]}, {"n": junk}, {"NS": iter(["1", junk])}):
        with pytest.raises(UnmarshallError):
            TypeDeserializer(numbers=mode).deserialize(value)


@pytest.mark.parametrize("mode", ["decimal", "decimal-strict"])
def test_boto3s_modes_make_nan_of_it(mode: Any) -> None:
    assert TypeDeserializer(numbers=mode).deserialize({"N": "abc"}).is_nan()


@pytest.mark.parametrize(("number", "expected"), [(5, 5), (True, 1), (Decimal("1.0"), 1), (0.5, 0.5)])
def test_numbers_given_as_python_numbers(number: Any, expected: Any) -> None:
    assert form(TypeDeserializer(numbers="int-float").deserialize({"N": number})) == form(expected)


BINARY: list[tuple[str, Any, Any]] = [
    ("boto3", b"\0\xff", Binary(b"\0\xff")),
    ("boto3", bytearray(b"a"), Binary(bytearray(b"a"))),
    ("bytes", b"\0\xff", b"\0\xff"),
    ("bytes", "AP8=", b"\0\xff"),
    ("bytes", "", b""),
    ("bytes", bytearray(b"a"), b"a"),
    ("bytes", memoryview(b"a"), b"a"),
    ("raw", b"\0\xff", b"\0\xff"),
    ("raw", "AP8=", "AP8="),
    ("raw", bytearray(b"a"), bytearray(b"a")),
]


@pytest.mark.parametrize(("mode", "data", "expected"), BINARY)
def test_binary(place: Callable[[Any], Any], mode: Any, data: Any, expected: Any) -> None:
    read = TypeDeserializer(binary=mode)
    assert form(found(read.deserialize(place({"B": data})))) == form(expected)
    assert form(read._deserialize_b(data)) == form(expected)
    if not isinstance(data, bytearray):
        assert form(found(read.deserialize(place({"BS": [data]})))) == form({expected})


@pytest.mark.parametrize(
    ("mode", "data"), [("boto3", "AP8="), ("bytes", "AP8"), ("bytes", "?"), ("bytes", 5), ("bytes", None)]
)
def test_binary_that_is_refused(place: Callable[[Any], Any], mode: Any, data: Any) -> None:
    for value in ({"B": data}, {"BS": [b"", data]}):
        with pytest.raises(UnmarshallError) as caught:
            TypeDeserializer(binary=mode).deserialize(place(value))
        assert isinstance(caught.value, TypeError | ValueError)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"SS": ["b", "a", "b"]}, ["b", "a", "b"]),
        ({"NS": ["2", "1.50"]}, [Decimal(2), Decimal("1.50")]),
        ({"BS": [b"b", b"a"]}, [Binary(b"b"), Binary(b"a")]),
        ({"SS": []}, []),
        ({"SS": "abc"}, ["a", "b", "c"]),
        ({"SS": iter("ab")}, ["a", "b"]),
    ],
)
def test_sets_as_lists_in_the_order_of_the_wire(value: Any, expected: Any) -> None:
    assert form(TypeDeserializer(sets="list").deserialize(value)) == form(expected)


STRICTLY_REFUSED: dict[str, Any] = {
    "two tags": {"S": "x", "N": "1"},
    "two tags of a Mapping": UserDict({"S": "x", "N": "1"}),
    "an unknown second tag": {"S": "x", "X": "1"},
    "an unknown tag": {"X": "x"},
    "a tag in lower case": {"s": "x"},
    "NULL of false": {"NULL": False},
    "NULL of text": {"NULL": "true"},
    "NULL of 1": {"NULL": 1},
    "NULL of a Mapping": UserDict({"NULL": False}),
    "a text twice": {"SS": ["a", "b", "a"]},
    "a number twice": {"NS": ["1", "1.0"]},
    "a zero twice": {"NS": ["0", "-0"]},
    "a binary twice": {"BS": [b"a", b"a"]},
    "a text twice in a generator": {"SS": ["a", "a"]},
    "a number twice in a tuple": {"NS": ("1", "1E0")},
}


@pytest.mark.parametrize("name", STRICTLY_REFUSED)
def test_strict_refuses(place: Callable[[Any], Any], name: str) -> None:
    value = STRICTLY_REFUSED[name]
    with pytest.raises(UnmarshallError):
        TypeDeserializer(strict=True).deserialize(place(value))
    with pytest.raises(UnmarshallError):
        TypeDeserializer(strict=True, sets="list", numbers="int-float", binary="bytes").deserialize(place(value))
    if name != "an unknown tag":
        TypeDeserializer().deserialize(place(value))


def test_strict_says_where() -> None:
    with pytest.raises(UnmarshallError) as caught:
        TypeDeserializer(strict=True).deserialize_item({"lines": {"L": [{"M": {"tags": {"SS": ["a", "b", "a"]}}}]}})
    assert caught.value.path == ("lines", "L", 0, "M", "tags", "SS", 2)


def test_strict_takes_what_dynamodb_sends(place: Callable[[Any], Any]) -> None:
    if place is PLACES["in lower case"]:
        return
    everything = {"M": {"s": {"S": ""}, "n": {"N": "1"}, "b": {"B": b""}, "t": {"BOOL": False}, "z": {"NULL": True},
                        "l": {"L": [{"NULL": True}]}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]},
                        "bs": {"BS": [b"a", b"b"]}}}  # fmt: skip
    expected = TypeDeserializer().deserialize(place(everything))
    assert form(TypeDeserializer(strict=True).deserialize(place(everything))) == form(expected)


def test_all_modes_at_once() -> None:
    read = TypeDeserializer(numbers="int-float", binary="bytes", sets="list", strict=True)
    item = {"n": {"NS": ["2", "0.5"]}, "b": {"BS": ["AA==", b"a"]}, "l": {"L": [{"N": "1.0"}]}}
    assert form(read.deserialize_item(item)) == form({"n": [2, 0.5], "b": [b"\0", b"a"], "l": [1]})
    assert form(read.deserialize_items([item])) == form([read.deserialize_item(item)])


WRONG: list[dict[str, Any]] = [
    {"numbers": "decimals"}, {"numbers": None}, {"numbers": 5}, {"numbers": ""}, {"binary": "Binary"}, {"binary": None},
    {"sets": "frozenset"}, {"sets": None}, {"sets": list},
]  # fmt: skip


@pytest.mark.parametrize("options", WRONG, ids=repr)
def test_an_unknown_word_is_refused_and_the_words_are_named(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r'"decimal"|"boto3"|"set"'):
        TypeDeserializer(**options)


def test_options_are_keywords() -> None:
    with pytest.raises(TypeError):
        TypeDeserializer("int-float")  # type: ignore[misc]
    with pytest.raises(TypeError):
        TypeDeserializer(number="int-float")  # type: ignore[call-arg]


class Prefixed(TypeDeserializer):
    """A subclass with state, options and hooks."""

    __slots__ = ("prefix",)

    def __init__(self, prefix: str, **options: Any) -> None:
        super().__init__(**options)
        self.prefix = prefix

    def _deserialize_s(self, value: str) -> str:
        return self.prefix + value


OPTIONS: list[dict[str, Any]] = [{}, {"numbers": "int-float"}, {"sets": "list", "strict": True}, {"numbers": Fraction}]


def pickled(protocol: int) -> Callable[[Any], Any]:
    return lambda made: pickle.loads(pickle.dumps(made, protocol))  # noqa: S301 - it was made here


@pytest.mark.parametrize("options", OPTIONS, ids=repr)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, *map(pickled, range(2, pickle.HIGHEST_PROTOCOL + 1))])
def test_copies_and_pickles_read_alike(options: dict[str, Any], again: Callable[[Any], Any]) -> None:
    value = {"L": [{"NS": ["1", "2.5"]}, {"S": "x"}]}
    for made in (TypeDeserializer(**options), Prefixed("p-", **options)):
        made.extra = ["kept"]  # type: ignore[attr-defined]
        other = again(made)
        assert type(other) is type(made)
        assert other.extra == ["kept"]
        assert form(other.deserialize(value)) == form(made.deserialize(value))
        assert form(other._deserialize_n("1.0")) == form(made._deserialize_n("1.0"))
        assert repr(other) == repr(made)


def test_its_repr_names_its_options() -> None:
    assert repr(TypeDeserializer(numbers="int-float")) == (
        "TypeDeserializer(numbers='int-float', binary='boto3', sets='set', strict=False)"
    )
    assert repr(Prefixed("p-")) == "Prefixed()"


@pytest.mark.parametrize("options", OPTIONS[1:], ids=repr)
def test_hooks_reach_the_modes_through_super(options: dict[str, Any]) -> None:
    class Own(TypeDeserializer):
        def _deserialize_n(self, value: str) -> Any:
            return ("n", super()._deserialize_n(value))

        def _deserialize_ns(self, value: Any) -> Any:
            return ("ns", super()._deserialize_ns(value))

        def _deserialize_l(self, value: Any) -> Any:
            return ("l", super()._deserialize_l(value))

    plain = TypeDeserializer(**options)
    number, kind = ("n", plain.deserialize({"N": "1.0"})), type(plain.deserialize({"NS": ["1"]}))
    expected = ("l", [number, ("ns", kind([number]))])
    assert form(Own(**options).deserialize({"L": [{"N": "1.0"}, {"NS": ["1.0"]}]})) == form(expected)


def test_strict_holds_through_hooks() -> None:
    class Own(TypeDeserializer):
        def _deserialize_n(self, value: str) -> Any:
            return super()._deserialize_n(value)

        def _deserialize_ns(self, value: Any) -> Any:
            return super()._deserialize_ns(value)

        def _deserialize_vector(self, value: Any) -> Any:
            return tuple(value)

    read = Own(strict=True)
    assert read.deserialize({"VECTOR": [1, 2]}) == (1, 2)
    for value in ({"NS": ["1", "1.0"]}, {"L": [{"NULL": False}]}, {"VECTOR": [1], "S": "x"}):
        with pytest.raises(UnmarshallError):
            read.deserialize(value)


def test_a_patch_of_the_class_does_not_loop_through_the_modes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The replaced method reads by its options alone, and never comes back to its replacement."""
    original = TypeDeserializer._deserialize_n
    monkeypatch.setattr(TypeDeserializer, "_deserialize_n", lambda self, value: [original(self, value)])
    assert TypeDeserializer(numbers="int-float").deserialize({"N": "1.0"}) == [1]


def test_unmarshall_takes_the_same_words() -> None:
    item = {"n": {"NS": ["1.0", "2.5"]}, "b": {"B": b"a"}}
    for options in ({"numbers": "int-float"}, {"sets": "list"}, {"binary": "raw"}, {"numbers": "str", "strict": True}):
        ours = TypeDeserializer(**{"binary": "bytes", **options})  # type: ignore[arg-type]
        assert form(tailrace.unmarshall(item, **options)) == form(ours.deserialize_item(item))  # type: ignore[arg-type]


def test_references_are_given_back() -> None:
    """Options, callables and numbers are no one's any more when their reader is gone."""
    word = object()

    def number(text: str) -> object:
        return word

    for _ in range(1_000):
        TypeDeserializer(numbers=number).deserialize({"L": [{"N": "1"}, {"NS": ["1"]}]})
    assert sys.getrefcount(number) < 10
    assert sys.getrefcount(word) < 10
