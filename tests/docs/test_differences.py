"""The differences from boto3 that docs/unmarshalling.md lists: each is there, and each has its test."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import inspect
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb import types as boto3_types

import tailrace
from tailrace import MarshallError, UnmarshallError, dropin, dumps, loads, marshall, unmarshall
from tests.docs.pages import ROOT
from tests.reference.outcome import form, outcome
from tests.reference.untouched_boto3 import untouched_types

PAGE = ROOT / "docs" / "unmarshalling.md"
REFUSED = object()
theirs = untouched_types()


def test_every_test_that_the_page_names_exists() -> None:
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", PAGE.read_text("utf-8"))
    assert named
    assert [f"{file}::{test}" for file, test in named if f"def {test}(" not in _all_of(file)] == []


def _all_of(name: str) -> str:
    """The text of every test file of this name: some stand in two folders."""
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob(name))


# What boto3 makes of an attribute value -> what unmarshall does.
READING: list[tuple[Any, Any, Any]] = [
    ({"N": "1E+126"}, Decimal("1E+126"), REFUSED),
    ({"N": "1E-140"}, Decimal("1E-140"), REFUSED),
    ({"N": "abc"}, Decimal("NaN"), REFUSED),
    ({"N": ""}, Decimal("NaN"), REFUSED),
    ({"N": "1_000"}, Decimal("NaN"), REFUSED),
    ({"N": "-Infinity"}, Decimal("-Infinity"), REFUSED),
    ({"N": 5}, Decimal(5), REFUSED),
    ({"N": True}, Decimal(1), REFUSED),
    ({"S": 5}, 5, REFUSED),
    ({"BOOL": "x"}, "x", REFUSED),
    ({"SS": "abc"}, {"a", "b", "c"}, REFUSED),
    ({"L": {}}, [], REFUSED),
    ({"M": {5: {"S": "x"}}}, {5: "x"}, REFUSED),
    ({"s": "x"}, "x", REFUSED),
    ({"N": "1" + "0" * 100}, REFUSED, Decimal("1" + "0" * 100)),
    ({"B": "YQ=="}, REFUSED, b"a"),
    ({"B": b"a"}, boto3_types.Binary(b"a"), b"a"),
    ({"BS": [bytearray(b"a")]}, REFUSED, {b"a"}),
]


@pytest.mark.parametrize(("value", "boto3s", "ours"), READING, ids=[repr(value)[:40] for value, _, _ in READING])
def test_reading(value: Any, boto3s: Any, ours: Any) -> None:
    _is(lambda: theirs.TypeDeserializer().deserialize(value), boto3s, Exception)
    _is(lambda: unmarshall({"a": value})["a"], ours, UnmarshallError)
    _is(lambda: tailrace.TypeDeserializer(numbers="decimal-strict").deserialize(value), boto3s, UnmarshallError)


class Level(enum.IntEnum):
    LOW = 1


class Color(str, enum.Enum):
    RED = "red"


# A Python value -> what marshall makes of it; what boto3 does.
WRITING: list[tuple[Any, Any, Any]] = [
    ("a", {"S": "a"}, {"S": "a"}),
    ("\ud800", REFUSED, {"S": "\ud800"}),
    (5, {"N": "5"}, {"N": "5"}),
    (Decimal("1.50"), {"N": "1.50"}, {"N": "1.50"}),
    (10**38, {"N": "1" + "0" * 38}, REFUSED),
    (Decimal("1E+126"), REFUSED, {"N": "1E+126"}),
    (Decimal("9" * 39), REFUSED, REFUSED),
    (1.5, REFUSED, REFUSED),
    (Decimal("NaN"), REFUSED, REFUSED),
    (Decimal("Infinity"), REFUSED, REFUSED),
    (Decimal("-Infinity"), REFUSED, {"N": "-Infinity"}),
    (Decimal("sNaN"), REFUSED, {"N": "sNaN"}),
    (True, {"BOOL": True}, {"BOOL": True}),
    (None, {"NULL": True}, {"NULL": True}),
    (b"a", {"B": b"a"}, {"B": b"a"}),
    (bytearray(b"a"), {"B": b"a"}, {"B": bytearray(b"a")}),
    (boto3_types.Binary(b"a"), {"B": b"a"}, {"B": b"a"}),
    (memoryview(b"a"), {"B": b"a"}, REFUSED),
    (set(), REFUSED, {"NS": []}),
    ({True}, REFUSED, {"NS": ["1"]}),
    ({1, "a"}, REFUSED, REFUSED),
    (frozenset({2}), {"NS": ["2"]}, {"NS": ["2"]}),
    ([1, (None,)], {"L": [{"N": "1"}, {"L": [{"NULL": True}]}]}, {"L": [{"N": "1"}, {"L": [{"NULL": True}]}]}),
    ({"a": "x"}, {"M": {"a": {"S": "x"}}}, {"M": {"a": {"S": "x"}}}),
    ({5: "x"}, REFUSED, {"M": {5: {"S": "x"}}}),
    (Level.LOW, REFUSED, {"N": "1"}),
    (Color.RED, REFUSED, {"S": Color.RED}),
    (dt.date(2026, 1, 2), REFUSED, REFUSED),
    (dt.datetime(2026, 1, 2, tzinfo=dt.timezone.utc), REFUSED, REFUSED),
    (uuid.UUID(int=1), REFUSED, REFUSED),
]


@pytest.mark.parametrize(("value", "ours", "boto3s"), WRITING, ids=[repr(value)[:40] for value, _, _ in WRITING])
def test_writing(value: Any, ours: Any, boto3s: Any) -> None:
    _is(lambda: boto3_types.TypeSerializer().serialize(value), boto3s, Exception)
    _is(lambda: tailrace.TypeSerializer().serialize(value), boto3s, MarshallError)
    _is(lambda: marshall({"a": value})["a"], ours, MarshallError)
    if ours is REFUSED:
        _is(lambda: dumps({"a": value}), ours, MarshallError)
    else:
        assert loads(dumps({"a": value})) == unmarshall({"a": ours})


def test_a_float_is_written_when_asked_for() -> None:
    assert marshall({"a": 0.1}, floats="repr") == {"a": {"N": "0.1"}}
    for wrong in (float("nan"), float("inf"), 1e300):
        with pytest.raises(MarshallError):
            marshall({"a": wrong}, floats="repr")


def test_sets_are_sorted() -> None:
    value = {"s": {"b", "a", "\U00010000", "\uffff"}, "n": {10, 9, Decimal("-1.5")}, "b": {b"b", b"a\0", b"a"}}
    wanted = {"s": {"SS": ["a", "b", "\uffff", "\U00010000"]}, "n": {"NS": ["-1.5", "9", "10"]}, "b": {"BS": [b"a",
              b"a\0", b"b"]}}  # fmt: skip
    assert marshall(value) == wanted
    assert {
        name: set(member) for name, member in _members(tailrace.TypeSerializer().serialize_item(value)).items()
    } == {name: set(member) for name, member in _members(wanted).items()}


def _members(item: dict[str, Any]) -> dict[str, Any]:
    return {name: next(iter(value.values())) for name, value in item.items()}


def _is(read: Callable[[], Any], expected: Any, error: type[Exception]) -> None:
    found = outcome(read)
    if expected is REFUSED:
        assert isinstance(found.error, error)
    else:
        assert found.error is None
        assert form(_alike(read())) == form(_alike(expected))


def _alike(value: Any) -> Any:
    """Of the module that was loaded anew, Binary is another class."""
    return boto3_types.Binary(value.value) if type(value).__name__ == "Binary" else value


def test_unmarshall_asks_no_context(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3_types, "DYNAMODB_CONTEXT", decimal.Context(prec=2, traps=[]))
    assert unmarshall({"n": {"N": "1234"}}) == loads(b'{"n":{"N":"1234"}}') == {"n": Decimal(1234)}
    assert tailrace.TypeDeserializer().deserialize({"N": "1234"}) == Decimal("1.2E+3")


def test_the_methods_have_no_code_of_python() -> None:
    for name, method in (
        ("deserialize", tailrace.TypeDeserializer.deserialize),
        ("serialize", tailrace.TypeSerializer.serialize),
    ):
        assert not hasattr(method, "__code__")
        with pytest.raises(TypeError):
            inspect.getsource(method)
        assert (method.__name__, [*inspect.signature(method).parameters]) == (name, ["self", "value"])
        assert inspect.getdoc(method)

    borrower = type("Borrower", (), {"deserialize": tailrace.TypeDeserializer.deserialize})()
    with pytest.raises(TypeError, match="descriptor"):
        borrower.deserialize({"S": "x"})


def test_the_classes_are_not_boto3s() -> None:
    for name in ("TypeDeserializer", "TypeSerializer"):
        ours, boto3s = getattr(tailrace, name), getattr(boto3_types, name)
        assert not isinstance(ours(), boto3s)
        assert dropin.install()
        try:
            assert getattr(boto3_types, name) is boto3s
        finally:
            assert dropin.uninstall()
