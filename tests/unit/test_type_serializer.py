"""What TypeSerializer gives for each type, and what it refuses: of boto3, of ours, of boto3 under install()."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
from collections import OrderedDict, UserDict, deque
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from boto3.dynamodb import types as boto3_types
from boto3.dynamodb.types import Binary

import tailrace
from tailrace import MarshallError, TypeSerializer
from tests.reference.bases import KINDS, base_of
from tests.reference.outcome import form
from tests.reference.small_stack import in_small_stack
from tests.reference.untouched_boto3 import untouched_types

FLOAT = "Float types are not supported. Use Decimal types instead."
NO_NUMBER = "Infinity and NaN not supported"
DEEPEST = 128
# A level that leads through Python, as a hook's does, takes ten times the stack.
DEEPEST_IN_PYTHON = 60


@pytest.fixture(params=["boto3", *KINDS])
def base(request: pytest.FixtureRequest) -> Iterator[type[Any]]:
    if request.param == "boto3":
        module = untouched_types()
        module.Binary = Binary  # type: ignore[attr-defined]
        yield module.TypeSerializer
        return
    with base_of(request.param, "TypeSerializer") as cls:
        yield cls


@pytest.fixture(params=KINDS)
def ours(request: pytest.FixtureRequest) -> Iterator[type[Any]]:
    with base_of(request.param, "TypeSerializer") as cls:
        yield cls


VALUES: list[tuple[Any, Any]] = [
    (None, {"NULL": True}),
    (True, {"BOOL": True}),
    (False, {"BOOL": False}),
    (0, {"N": "0"}),
    (-5, {"N": "-5"}),
    (10**37, {"N": "1" + "0" * 37}),
    (10**38 - 1, {"N": "9" * 38}),
    (Decimal("1.50"), {"N": "1.50"}),
    (Decimal("-0"), {"N": "-0"}),
    (Decimal("1E+20"), {"N": "1E+20"}),
    (Decimal("1E-130"), {"N": "1E-130"}),
    (Decimal("-Infinity"), {"N": "-Infinity"}),
    (Decimal("sNaN"), {"N": "sNaN"}),
    ("", {"S": ""}),
    ("text", {"S": "text"}),
    ("\ud800", {"S": "\ud800"}),
    (b"a", {"B": b"a"}),
    (bytearray(b"a"), {"B": bytearray(b"a")}),
    (Binary(b"a"), {"B": b"a"}),
    (Binary(bytearray(b"a")), {"B": bytearray(b"a")}),
    ({1}, {"NS": ["1"]}),
    ({Decimal("1.50")}, {"NS": ["1.50"]}),
    ({True}, {"NS": ["1"]}),
    ({"a"}, {"SS": ["a"]}),
    (frozenset({"a"}), {"SS": ["a"]}),
    ({b"a"}, {"BS": [b"a"]}),
    ({Binary(b"a")}, {"BS": [b"a"]}),
    (set(), {"NS": []}),
    (frozenset(), {"NS": []}),
    ({"a": 1}.keys(), {"SS": ["a"]}),
    ([], {"L": []}),
    ((), {"L": []}),
    ([1, "a", None], {"L": [{"N": "1"}, {"S": "a"}, {"NULL": True}]}),
    ((1, (2,)), {"L": [{"N": "1"}, {"L": [{"N": "2"}]}]}),
    ({}, {"M": {}}),
    ({"b": 1, "a": [True]}, {"M": {"b": {"N": "1"}, "a": {"L": [{"BOOL": True}]}}}),
    ({5: "x", None: {}}, {"M": {5: {"S": "x"}, None: {"M": {}}}}),
    (OrderedDict(a=1), {"M": {"a": {"N": "1"}}}),
    (UserDict(a=1), {"M": {"a": {"N": "1"}}}),
    (MappingProxyType({"a": 1}), {"M": {"a": {"N": "1"}}}),
]
IDS = [repr(value)[:60] for value, _ in VALUES]


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=IDS)
def test_values(base: type[Any], value: Any, expected: Any) -> None:
    assert form(base().serialize(value)) == form(expected)


@pytest.mark.parametrize(("value", "expected"), VALUES, ids=IDS)
def test_values_inside_others(base: type[Any], value: Any, expected: Any) -> None:
    many = {str(at): [value, {"a": value}] for at in range(9)}
    wanted = {"M": {str(at): {"L": [expected, {"M": {"a": expected}}]} for at in range(9)}}
    assert form(base().serialize(many)) == form(wanted)


def test_sets_are_written_in_their_own_order(base: type[Any]) -> None:
    for members in ({1, 20, 3, 400}, {"a", "bc", "d"}, {b"x", b"yz"}):
        ((_, written),) = base().serialize(members).items()
        assert written == [str(member) if isinstance(member, int) else member for member in members]


REFUSED: list[tuple[Any, str]] = [
    (1.5, FLOAT),
    (float("nan"), FLOAT),
    ({1.5}, FLOAT),
    ({1, 1.5}, FLOAT),
    (Decimal("NaN"), NO_NUMBER),
    (Decimal("Infinity"), NO_NUMBER),
    (deque([1]), """Unsupported type "<class 'collections.deque'>" for value "deque([1])\""""),
    (date(2026, 1, 2), """Unsupported type "<class 'datetime.date'>" for value "2026-01-02\""""),
    (memoryview, """Unsupported type "<class 'type'>" for value "<class 'memoryview'>\""""),
    (3j, """Unsupported type "<class 'complex'>" for value "3j\""""),
    (range(3), """Unsupported type "<class 'range'>" for value "range(0, 3)\""""),
    ({None}, """Unsupported type "<class 'set'>" for value "{None}\""""),
    (frozenset([()]), """Unsupported type "<class 'frozenset'>" for value "frozenset({()})\""""),
]


@pytest.mark.parametrize(("value", "text"), REFUSED, ids=[repr(value)[:60] for value, _ in REFUSED])
def test_refusals(base: type[Any], value: Any, text: str) -> None:
    for wrapped in (value, [1, value], {"a": {"b": value}}):
        with pytest.raises(TypeError) as caught:
            base().serialize(wrapped)
        assert str(caught.value) == text


@pytest.mark.parametrize(("value", "text"), REFUSED, ids=[repr(value)[:60] for value, _ in REFUSED])
def test_our_refusals_are_of_our_family(ours: type[Any], value: Any, text: str) -> None:
    with pytest.raises(MarshallError) as caught:
        ours().serialize([value])
    assert isinstance(caught.value, TypeError)
    for again in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):  # noqa: S301 - our own
        assert (type(again), str(again), again.path) == (type(caught.value), text, caught.value.path)


@pytest.mark.parametrize(
    ("value", "signal"),
    [(10**38, "Rounded"), (10**38 + 1, "Inexact"), (Decimal("9" * 39), "Inexact"), (Decimal("1E+127"), "Overflow"),
     (Decimal("1E-166"), "Underflow"), (Decimal("0E-500"), "Clamped")],
)  # fmt: skip
def test_numbers_that_the_context_refuses(ours: type[Any], value: Any, signal: str) -> None:
    for wrapped in (value, {value}, [value], {"a": value}):
        with pytest.raises(ArithmeticError) as theirs:
            untouched_types().TypeSerializer().serialize(wrapped)
        with pytest.raises(type(theirs.value)) as caught:
            ours().serialize(wrapped)
        assert isinstance(caught.value, MarshallError)
        assert signal in str(caught.value) == str(theirs.value)


def test_a_refusal_says_where(ours: type[Any]) -> None:
    with pytest.raises(MarshallError) as caught:
        ours().serialize({"lines": [{"price": 1}, {"price": 1.5}]})
    assert caught.value.path == ("lines", 1, "price")


def test_the_shared_context_holds(ours: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3_types, "DYNAMODB_CONTEXT", boto3_types.DYNAMODB_CONTEXT.copy())
    write = ours()
    assert write.serialize({12345: 12345}) == {"M": {12345: {"N": "12345"}}}
    boto3_types.DYNAMODB_CONTEXT.prec = 3
    with pytest.raises(ArithmeticError):
        write.serialize([12345])
    boto3_types.DYNAMODB_CONTEXT.clear_traps()
    assert write.serialize([12345, {12345}]) == {"L": [{"N": "1.23E+4"}, {"NS": ["1.23E+4"]}]}
    monkeypatch.setattr(boto3_types, "DYNAMODB_CONTEXT", untouched_types().DYNAMODB_CONTEXT)
    boto3_types.DYNAMODB_CONTEXT.clear_flags()
    assert write.serialize(12345) == {"N": "12345"}
    assert not any(boto3_types.DYNAMODB_CONTEXT.flags.values())
    with pytest.raises(ArithmeticError):
        write.serialize(10**38)
    assert any(boto3_types.DYNAMODB_CONTEXT.flags.values())


def test_items_are_written_as_their_attributes_are() -> None:
    item = {str(at): value for at, (value, _) in enumerate(VALUES)}
    expected = {str(at): value for at, (_, value) in enumerate(VALUES)}
    write = TypeSerializer()
    assert form(write.serialize_item(item)) == form(expected)
    assert form(write.serialize_item(MappingProxyType(item))) == form(expected)
    assert form(write.serialize_items(iter([item, {}]))) == form([expected, {}])


def test_arguments_are_boto3s(base: type[Any]) -> None:
    assert base().serialize(value="x") == {"S": "x"}
    assert base.serialize(base(), "x") == {"S": "x"}
    for arguments, keywords in [((), {}), (("x", 1), {}), (("x",), {"value": "y"}), ((), {"v": 1})]:
        with pytest.raises(TypeError):
            base().serialize(*arguments, **keywords)
    assert [*inspect.signature(base.serialize).parameters] == ["self", "value"]


def _deep(levels: int, way: str) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = {"list": [value], "map": {"a": value}, "tuple": (value,), "mapping": UserDict(a=value)}[way]
    return value


@pytest.mark.parametrize("way", ["list", "map", "tuple", "mapping"])
def test_the_deepest_value_is_written_on_a_small_stack(ours: type[Any], way: str) -> None:
    levels = DEEPEST_IN_PYTHON if way == "mapping" else DEEPEST - 1
    assert in_small_stack(lambda: ours().serialize(_deep(levels, way)))


@pytest.mark.parametrize("way", ["list", "map", "tuple", "mapping"])
def test_deeper_values_are_a_recursion_error(ours: type[Any], way: str) -> None:
    for levels in (DEEPEST + 1, 300, 20_000):
        # It is made and dropped out here: Python itself may need more stack for that.
        value = _deep(levels, way)
        with pytest.raises(RecursionError) as caught:
            in_small_stack(functools.partial(ours().serialize, value))
        assert isinstance(caught.value, MarshallError)
    assert ours().serialize(["x"]) == {"L": [{"S": "x"}]}


def test_it_takes_the_place_of_boto3s() -> None:
    assert tailrace.TypeSerializer is TypeSerializer
    theirs = {name for name in vars(untouched_types().TypeSerializer) if not name.startswith("__")}
    assert theirs <= set(vars(TypeSerializer))
    made = pickle.loads(pickle.dumps(TypeSerializer()))  # noqa: S301 - it was made here
    assert made.serialize(1) == {"N": "1"}
    assert repr(made) == "TypeSerializer()"
