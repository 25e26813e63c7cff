"""What TypeDeserializer gives for each type, and what it refuses: of boto3, of ours, of boto3 under install()."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
from collections import OrderedDict, UserDict
from collections.abc import Iterator
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

import tailrace
from tailrace import TypeDeserializer, UnmarshallError
from tests.reference.bases import KINDS, base_of
from tests.reference.outcome import form
from tests.reference.small_stack import in_small_stack
from tests.reference.untouched_boto3 import untouched_types

NO_DESCRIPTOR = "Value must be a nonempty dictionary whose key is a valid dynamodb type."
NO_BINARY = "Value must be of the following types: <class 'bytearray'>, <class 'bytes'>"
DEEPEST = 128
# A level that leads through Python, as a hook's does, takes ten times the stack.
DEEPEST_IN_PYTHON = 60


@pytest.fixture(params=["boto3", *KINDS])
def base(request: pytest.FixtureRequest) -> Iterator[type[Any]]:
    if request.param == "boto3":
        yield untouched_types().TypeDeserializer
        return
    with base_of(request.param, "TypeDeserializer") as cls:
        yield cls


@pytest.fixture(params=KINDS)
def ours(request: pytest.FixtureRequest) -> Iterator[type[Any]]:
    with base_of(request.param, "TypeDeserializer") as cls:
        yield cls


VALUES: list[tuple[Any, Any]] = [
    ({"NULL": True}, None),
    ({"NULL": False}, None),
    ({"NULL": "anything"}, None),
    ({"BOOL": True}, True),
    ({"BOOL": False}, False),
    ({"BOOL": "kept as it is"}, "kept as it is"),
    ({"N": "1"}, Decimal("1")),
    ({"N": "-1.50"}, Decimal("-1.50")),
    ({"N": "0.0"}, Decimal("0.0")),
    ({"N": "-0"}, Decimal("-0")),
    ({"N": "9999"}, Decimal("9999")),
    ({"N": "10000"}, Decimal("10000")),
    ({"N": "1E+20"}, Decimal("1E+20")),
    ({"N": "9" * 38}, Decimal("9" * 38)),
    ({"N": 5}, Decimal(5)),
    ({"N": True}, Decimal(1)),
    ({"N": 0.5}, Decimal("0.5")),
    ({"N": Decimal("1.50")}, Decimal("1.50")),
    ({"N": "abc"}, Decimal("NaN")),
    ({"N": ""}, Decimal("NaN")),
    ({"N": "NaN"}, Decimal("NaN")),
    ({"N": "-Infinity"}, Decimal("-Infinity")),
    ({"N": "٣"}, Decimal(3)),
    ({"S": "text"}, "text"),
    ({"S": ""}, ""),
    ({"S": "\ud800"}, "\ud800"),
    ({"S": 5}, 5),
    ({"B": b"\0"}, Binary(b"\0")),
    ({"B": bytearray(b"a")}, Binary(bytearray(b"a"))),
    ({"NS": ["1", "1.50"]}, {Decimal("1"), Decimal("1.50")}),
    ({"NS": ["1", "1.0"]}, {Decimal("1")}),
    ({"NS": []}, set()),
    ({"SS": ["a", "b", "a"]}, {"a", "b"}),
    ({"SS": "abc"}, {"a", "b", "c"}),
    ({"SS": ("a",)}, {"a"}),
    ({"BS": [b"a", b"b"]}, {Binary(b"a"), Binary(b"b")}),
    ({"L": []}, []),
    ({"L": [{"S": "a"}, {"L": [{"N": "1"}]}]}, ["a", [Decimal(1)]]),
    ({"L": ({"S": "a"},)}, ["a"]),
    ({"L": {}}, []),
    ({"M": {}}, {}),
    ({"M": {"b": {"S": "x"}, "a": {"NULL": True}}}, {"b": "x", "a": None}),
    ({"M": {5: {"S": "x"}, None: {"BOOL": True}}}, {5: "x", None: True}),
    ({"M": UserDict({"a": {"S": "x"}})}, {"a": "x"}),
    ({"M": OrderedDict({"S": {"S": "x"}})}, {"S": "x"}),
    ({"s": "lower case"}, "lower case"),
    ({"Bool": True}, True),
    ({"nULL": 1}, None),
    ({"S": "the first", "N": "1"}, "the first"),
    ({"N": "1", "S": "the second"}, Decimal(1)),
    (UserDict({"S": "x"}), "x"),
    (MappingProxyType({"L": [MappingProxyType({"S": "x"})]}), ["x"]),
]


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=[repr(value)[:60] for value, _ in VALUES])
def test_values(base: type[Any], value: Any, expected: Any) -> None:
    assert form(base().deserialize(value)) == form(expected)


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=[repr(value)[:60] for value, _ in VALUES])
def test_values_inside_others(base: type[Any], value: Any, expected: Any) -> None:
    many = {"M": {str(at): {"L": [value, {"M": {"a": value}}]} for at in range(9)}}
    wanted = {str(at): [expected, {"a": expected}] for at in range(9)}
    assert form(base().deserialize(many)) == form(wanted)


REFUSED: list[tuple[Any, type[Exception], str]] = [
    ({}, TypeError, NO_DESCRIPTOR),
    (None, TypeError, NO_DESCRIPTOR),
    ([], TypeError, NO_DESCRIPTOR),
    ("", TypeError, NO_DESCRIPTOR),
    (0, TypeError, NO_DESCRIPTOR),
    (5, AttributeError, "'int' object has no attribute 'keys'"),
    ("S", AttributeError, "'str' object has no attribute 'keys'"),
    (["S"], AttributeError, "'list' object has no attribute 'keys'"),
    ({"X": 1}, TypeError, "Dynamodb type X is not supported"),
    ({"": 1}, TypeError, "Dynamodb type  is not supported"),
    ({5: 1}, TypeError, "Dynamodb type 5 is not supported"),
    ({None: 1}, TypeError, "Dynamodb type None is not supported"),
    ({("S",): 1}, TypeError, "Dynamodb type ('S',) is not supported"),
    ({b"S": 1}, TypeError, "Dynamodb type b'S' is not supported"),
    ({"Item": {"S": "x"}}, TypeError, "Dynamodb type Item is not supported"),
    ({"\ud800": 1}, TypeError, "Dynamodb type \ud800 is not supported"),
    ({"B": "aGk="}, TypeError, NO_BINARY),
    ({"B": memoryview(b"a")}, TypeError, NO_BINARY),
    ({"BS": ["aGk="]}, TypeError, NO_BINARY),
    ({"BS": [bytearray(b"a")]}, TypeError, "unhashable type: 'bytearray'"),
    ({"N": None}, TypeError, "conversion from NoneType to Decimal is not supported"),
    ({"N": {}}, TypeError, "conversion from dict to Decimal is not supported"),
    ({"NS": 5}, TypeError, "'int' object is not iterable"),
    ({"SS": None}, TypeError, "'NoneType' object is not iterable"),
    ({"L": 5}, TypeError, "'int' object is not iterable"),
    ({"L": "x"}, AttributeError, "'str' object has no attribute 'keys'"),
    ({"M": []}, AttributeError, "'list' object has no attribute 'items'"),
    ({"M": "x"}, AttributeError, "'str' object has no attribute 'items'"),
    ({"M": {"a": {}}}, TypeError, NO_DESCRIPTOR),
]


@pytest.mark.parametrize(("value", "error", "text"), REFUSED, ids=[repr(value)[:60] for value, _, _ in REFUSED])
def test_refusals(base: type[Any], value: Any, error: type[Exception], text: str) -> None:
    for wrapped in (value, {"L": [{"S": "x"}, value]}, {"M": {"a": value}}):
        with pytest.raises(error) as caught:
            base().deserialize(wrapped)
        assert str(caught.value) == text


@pytest.mark.parametrize(("value", "error", "text"), REFUSED, ids=[repr(value)[:60] for value, _, _ in REFUSED])
def test_our_refusals_are_of_our_family(ours: type[Any], value: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(UnmarshallError) as caught:
        ours().deserialize({"L": [value]})
    assert isinstance(caught.value, error)
    assert str(caught.value) == text
    for again in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):  # noqa: S301 - our own
        assert (type(again), str(again), again.path) == (type(caught.value), text, caught.value.path)


def test_a_refusal_says_where(ours: type[Any]) -> None:
    with pytest.raises(UnmarshallError) as caught:
        ours().deserialize({"M": {"lines": {"L": [{"S": "x"}, {"NS": ["1", []]}]}}})
    assert caught.value.path == ("M", "lines", "L", 1, "NS", 1)


def test_a_refused_item_says_where() -> None:
    with pytest.raises(UnmarshallError) as caught:
        TypeDeserializer().deserialize_items([{"a": {"S": "x"}}, {"lines": {"L": [{"X": "x"}]}}])
    assert caught.value.path == (1, "lines", "L", 0)


def test_sets_of_what_cannot_be_hashed(base: type[Any]) -> None:
    with pytest.raises(TypeError, match=r"unhashable type: 'list'|cannot use 'list' as a set element"):
        base().deserialize({"SS": [["a"]]})


@pytest.mark.parametrize(
    "text", ["1" + "0" * 38, "1" + "0" * 100, "1.5" + "0" * 37, "0E-500", "1." + "5" * 37 + "E-130"]
)
def test_what_boto3_cannot_read_back_is_read_exactly(ours: type[Any], text: str) -> None:
    with pytest.raises(ArithmeticError):
        untouched_types().TypeDeserializer().deserialize({"N": text})
    for value, expected in [({"N": text}, Decimal(text)), ({"NS": [text]}, {Decimal(text)})]:
        assert form(ours().deserialize(value)) == form(expected)
    with pytest.raises(ArithmeticError):
        TypeDeserializer(numbers="decimal-strict").deserialize({"N": text})


def test_it_is_read_exactly_through_every_way() -> None:
    """Ways that lead through Python, and super() in a hook; of boto3 under install() only the usual way does."""
    text, read = "1" + "0" * 100, TypeDeserializer()
    for value in [{"n": text}, UserDict({"N": text}), {"L": iter([{"N": text}])}, {"N": text, "S": ""}]:
        assert form(read.deserialize(value)) in (form(Decimal(text)), form([Decimal(text)]))
    assert form(read.deserialize({"NS": iter([text])})) == form({Decimal(text)})
    assert form(read._deserialize_n(text)) == form(Decimal(text))


@pytest.mark.parametrize("text", ["9" * 39, "1E+127", "1." + "0" * 38 + "1", "1E-166"])
def test_what_no_number_of_dynamodb_is_stays_refused(base: type[Any], text: str) -> None:
    for value in ({"N": text}, {"NS": ["1", text]}, {"NS": iter([text])}):
        with pytest.raises(ArithmeticError):
            base().deserialize(value)


def test_small_integers_are_shared_and_no_two_numbers_are_mixed_up(ours: type[Any]) -> None:
    texts = [str(number) for number in (*range(10_050), *range(-50, 0))]
    for _ in range(2):
        assert form(ours().deserialize({"L": [{"N": text} for text in texts]})) == form(
            [Decimal(text) for text in texts]
        )
    for text in ("007", "+7", "-0", "7.", "7.0", "7e0", " 7"):
        assert form(ours().deserialize({"N": text})) == form(
            untouched_types().TypeDeserializer().deserialize({"N": text})
        )


def test_items_are_read_as_their_attributes_are() -> None:
    item = {str(at): value for at, (value, _) in enumerate(VALUES)}
    expected = {str(at): value for at, (_, value) in enumerate(VALUES)}
    read = TypeDeserializer()
    assert form(read.deserialize_item(item)) == form(expected)
    assert form(read.deserialize_item(MappingProxyType(item))) == form(expected)
    assert form(read.deserialize_items(iter([item, {}]))) == form([expected, {}])
    assert read.deserialize_items([]) == []


@pytest.mark.parametrize("wrong", [None, 5, "x", [{"S": "x"}]], ids=repr)
def test_what_is_no_item_is_refused(wrong: Any) -> None:
    with pytest.raises((UnmarshallError, AttributeError, TypeError)):
        TypeDeserializer().deserialize_item(wrong)
    with pytest.raises((UnmarshallError, AttributeError, TypeError)):
        TypeDeserializer().deserialize_items([wrong])


def test_arguments_are_boto3s(base: type[Any]) -> None:
    assert base().deserialize(value={"S": "x"}) == "x"
    assert base.deserialize(base(), {"S": "x"}) == "x"
    for arguments, keywords in [
        ((), {}),
        (({"S": "x"}, 1), {}),
        (({"S": "x"},), {"value": {"S": "y"}}),
        ((), {"v": 1}),
    ]:
        with pytest.raises(TypeError):
            base().deserialize(*arguments, **keywords)
    assert [*inspect.signature(base.deserialize).parameters] == ["self", "value"]
    assert [*inspect.signature(base().deserialize).parameters] == ["value"]


def test_bound_methods_and_names(ours: type[Any]) -> None:
    """What mapping code holds on to: ``map(TypeDeserializer().deserialize, values)``."""
    read = ours().deserialize
    assert [*map(read, [{"S": "a"}, {"N": "1"}])] == ["a", Decimal(1)]
    assert read.__name__ == "deserialize"
    assert (read.__doc__ or "").strip()
    with pytest.raises(TypeError):
        ours.deserialize(object(), {"S": "x"})


def _deep(levels: int, way: str) -> Any:
    value: Any = {"S": "x"}
    for _ in range(levels):
        value = {"list": {"L": [value]}, "map": {"M": {"a": value}}, "mapping": UserDict({"M": UserDict(a=value)}),
                 "lower": {"l": iter([value])}}[way]  # fmt: skip
    return value


@pytest.mark.parametrize("way", ["list", "map", "mapping", "lower"])
def test_the_deepest_value_is_read_on_a_small_stack(ours: type[Any], way: str) -> None:
    """DynamoDB has 32 levels; boto3 knows no limit but Python's recursion."""
    levels = DEEPEST if way in ("list", "map") else DEEPEST_IN_PYTHON
    assert in_small_stack(lambda: ours().deserialize(_deep(levels, way)))


@pytest.mark.parametrize("way", ["list", "map", "mapping", "lower"])
def test_deeper_values_are_a_recursion_error(ours: type[Any], way: str) -> None:
    for levels in (DEEPEST + 1, 300, 20_000):
        # It is made and dropped out here: Python itself may need more stack for that.
        value = _deep(levels, way)
        with pytest.raises(RecursionError) as caught:
            in_small_stack(functools.partial(ours().deserialize, value))
        assert isinstance(caught.value, UnmarshallError)
    # Nothing is left behind: the next value is read as before.
    assert ours().deserialize({"L": [{"S": "x"}]}) == ["x"]


def test_a_hook_does_not_reach_round_the_limit(ours: type[Any]) -> None:
    class Own(ours):  # type: ignore[misc,valid-type]
        def deserialize(self, value: Any) -> Any:
            return super().deserialize(value)

    assert in_small_stack(lambda: Own().deserialize(_deep(DEEPEST_IN_PYTHON, "map")))
    for levels in (DEEPEST + 1, 2_000):
        value = _deep(levels, "map")
        with pytest.raises(RecursionError):
            in_small_stack(functools.partial(Own().deserialize, value))


def test_a_default_instance_carries_nothing() -> None:
    made = TypeDeserializer()
    assert made.__dict__ == {}
    assert TypeDeserializer(numbers="decimal", binary="boto3", sets="set", strict=False).__dict__ == {}
    assert repr(made) == "TypeDeserializer()"


def test_it_takes_the_place_of_boto3s() -> None:
    assert tailrace.TypeDeserializer is TypeDeserializer
    theirs = {name for name in vars(untouched_types().TypeDeserializer) if not name.startswith("__")}
    assert theirs <= set(vars(TypeDeserializer))


@pytest.mark.timeout(20)
def test_a_name_that_is_not_equal_to_itself_ends() -> None:
    class Odd(str):  # noqa: SLOT000 as users write them
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            return False

    for count in (3, 10):
        item = {Odd(f"n{i}"): {"S": "x"} for i in range(count)}
        try:
            read = TypeDeserializer().deserialize_item(item)
        except RuntimeError as error:
            assert "changed size" in str(error)  # noqa: PT017 either outcome is fine, going on for ever is not
        else:
            assert list(read.values()) == ["x"] * count
