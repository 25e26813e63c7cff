"""Python values to DynamoDB JSON: one spelling, the four shapes, and what each refuses."""

from __future__ import annotations

import base64
import json
from collections import UserDict
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer

from tailrace import MarshallError, dumps, loads
from tailrace.exceptions import MarshallTypeError, MarshallValueError
from tests.unit.test_marshall import REFUSED, VALUES


def in_json(wire: Any) -> Any:
    """Attribute values with base64 text for bytes."""
    if isinstance(wire, bytes):
        return base64.b64encode(wire).decode()
    if isinstance(wire, dict):
        return {name: in_json(value) for name, value in wire.items()}
    return [in_json(value) for value in wire] if isinstance(wire, list) else wire


@pytest.mark.parametrize(("value", "wire"), VALUES, ids=[type(value).__name__ for value, _ in VALUES])
def test_every_kind_of_value_is_written_as_json_writes_it(value: Any, wire: dict[str, Any]) -> None:
    plain = json.dumps({"a": in_json(wire)}, separators=(",", ":"), ensure_ascii=False)
    assert dumps({"a": value}).decode() == plain


@pytest.mark.parametrize(("value", "kind", "message"), REFUSED, ids=[type(value).__name__ for value, _, _ in REFUSED])
def test_what_marshall_refuses_dumps_refuses_alike(value: Any, kind: type[MarshallError], message: str) -> None:
    with pytest.raises(MarshallError, match=message) as raised:
        dumps({"l": [0, {"v": value}]})
    assert type(raised.value) is kind
    assert raised.value.path == ("l", 1, "v")


@pytest.mark.parametrize(
    "text",
    [
        *('"', "\\", "\n", "\r", "\t", "\b", "\f", "\0", "\x1f", "\x7f", "/", "\u2028", "é", "日", "\U0001f600"),
        *("x" * 15 + '"', "x" * 16 + "\\" + "y" * 31 + "\n", "é" * 16 + "\0", '"' * 40),
    ],
    ids=ascii,
)
def test_strings_are_escaped_where_json_needs_it_and_nowhere_else(text: str) -> None:
    written = dumps({text: text}).decode()
    assert json.loads(written) == {text: {"S": text}}
    assert loads(written) == {text: text}
    assert ("\\" in written) == any(character < " " or character in '"\\' for character in text)


def test_equal_items_are_written_alike() -> None:
    names = [f"word{n}" for n in range(50)]
    backwards = names[::-1]
    assert dumps({"a": set(names)}) == dumps({"a": set(backwards)}) == dumps({"a": frozenset(names)})
    numbers = [Decimal(n) / 8 for n in range(50)]
    backwards_too = numbers[::-1]
    assert dumps({"a": set(numbers)}) == dumps({"a": set(backwards_too)})
    assert dumps({"b": 1, "a": 1}) == b'{"b":{"N":"1"},"a":{"N":"1"}}'


def test_boto3_reads_it() -> None:
    item = {"s": "é", "n": Decimal("1.50"), "l": [1, None, True], "m": {"x": {"y"}}, "ns": {1, Decimal("2.5")}}
    read = json.loads(dumps(item))
    assert {name: TypeDeserializer().deserialize(value) for name, value in read.items()} == item


ITEM = {"id": "a", "n": 1, "b": b"\x01", "t": {"x"}}
WRITTEN = {"id": {"S": "a"}, "n": {"N": "1"}, "b": {"B": "AQ=="}, "t": {"SS": ["x"]}}


@pytest.mark.parametrize("items", [[], [ITEM], [ITEM, {}, ITEM]])
def test_items_are_an_array(items: list[dict[str, Any]]) -> None:
    expected = json.dumps([WRITTEN if item else {} for item in items], separators=(",", ":")).encode()
    for form in (items, tuple(items), iter(items), (item for item in items)):
        assert dumps(form, shape="items") == expected


def test_an_export_is_a_line_for_each() -> None:
    lines: list[dict[str, Any]] = [{"Item": ITEM}, {"Keys": {"id": "a"}, "OldImage": ITEM, "NewImage": {}}, {}]
    text = dumps(iter(lines), shape="export").decode()
    assert text.endswith("\n")
    assert [json.loads(line) for line in text.splitlines()] == [
        {"Item": WRITTEN},
        {"Keys": {"id": {"S": "a"}}, "OldImage": WRITTEN, "NewImage": {}},
        {},
    ]
    assert dumps([], shape="export") == b""


# (answer of an operation, what is written)
ANSWERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"Item": ITEM}, {"Item": WRITTEN}),
    ({"Item": None, "Attributes": ITEM}, {"Item": None, "Attributes": WRITTEN}),
    (
        {"Items": [ITEM, {}], "Count": 2, "LastEvaluatedKey": {"id": {"S": "a"}, "b": {"B": b"\x01"}}},
        {"Items": [WRITTEN, {}], "Count": 2, "LastEvaluatedKey": {"id": {"S": "a"}, "b": {"B": "AQ=="}}},
    ),
    (
        {"Responses": {"one": [ITEM], "other": []}, "UnprocessedKeys": {"one": {"Keys": [{"id": {"S": "b"}}]}}},
        {"Responses": {"one": [WRITTEN], "other": []}, "UnprocessedKeys": {"one": {"Keys": [{"id": {"S": "b"}}]}}},
    ),
    (
        {"Responses": [{"Item": ITEM, "TableName": "t"}, {}, {"Error": {"Code": "x", "Item": {"id": {"S": "a"}}}}]},
        {"Responses": [{"Item": WRITTEN, "TableName": "t"}, {}, {"Error": {"Code": "x", "Item": {"id": {"S": "a"}}}}]},
    ),
    (
        {
            "Records": [
                {"eventID": "1", "dynamodb": {"Keys": {"id": "a"}, "NewImage": ITEM, "OldImage": None, "SizeBytes": 9}}
            ]
        },
        {
            "Records": [
                {"eventID": "1",
                 "dynamodb": {"Keys": {"id": {"S": "a"}}, "NewImage": WRITTEN, "OldImage": None, "SizeBytes": 9}}
            ]
        },
    ),
    (
        {"x": [None, True, 1, -1.5, Decimal("1E+2"), b"\x01", ("a", {"Item": {"S": "x"}}), Decimal("0.10"), "é\n"]},
        {"x": [None, True, 1, -1.5, 100, "AQ==", ["a", {"Item": {"S": "x"}}], 0.1, "é\n"]},
    ),
    (UserDict({"Items": [UserDict({"id": "a"})]}), {"Items": [{"id": {"S": "a"}}]}),  # type: ignore[list-item]
]  # fmt: skip


@pytest.mark.parametrize(("answer", "written"), ANSWERS, ids=[",".join(answer) for answer, _ in ANSWERS])
def test_an_answer_has_items_where_the_api_has_them(answer: dict[str, Any], written: dict[str, Any]) -> None:
    assert json.loads(dumps(answer, shape="answer")) == written


def test_numbers_around_items_keep_their_digits() -> None:
    assert dumps({"x": [Decimal("0.10"), 10**30, 1e22, Decimal("1E+2")]}, shape="answer") == (
        b'{"x":[0.10,' + str(10**30).encode() + b",1e+22,1E+2]}"
    )


def test_a_datetime_in_an_answer_is_its_seconds() -> None:
    moment = datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=timezone.utc)
    record = {"dynamodb": {"Keys": {"id": "a"}, "ApproximateCreationDateTime": moment}}
    read = json.loads(dumps({"Records": [record]}, shape="answer"))
    assert read["Records"][0]["dynamodb"]["ApproximateCreationDateTime"] == moment.timestamp()


def deep() -> Any:
    value: Any = 1
    for _ in range(2_000):
        value = [value]
    return value


TYPE, VALUE = MarshallTypeError, MarshallValueError
# (shape, data, class of the error, path)
MISSHAPEN: list[tuple[str, Any, type[MarshallError], tuple[Any, ...]]] = [
    ("item", [], TYPE, ()),
    ("item", "a", TYPE, ()),
    ("items", 5, TYPE, ()),
    ("items", {"id": "a"}, TYPE, (0,)),
    ("items", "ab", TYPE, (0,)),
    ("items", [ITEM, []], TYPE, (1,)),
    ("items", [ITEM, {"a": [0.5]}], TYPE, (1, "a", 0)),
    ("export", ITEM, TYPE, (0,)),
    ("export", [{"Item": 5}], TYPE, (0, "Item")),
    ("export", [{"Item": ITEM}, {"Item": {"a": set()}}], VALUE, (1, "Item", "a")),
    ("answer", [], TYPE, ()),
    ("answer", {"Item": 5}, TYPE, ("Item",)),
    ("answer", {"Items": ITEM}, TYPE, ("Items", 0)),
    ("answer", {"Items": None}, TYPE, ("Items",)),
    ("answer", {"Items": [{"a": 0.5}]}, TYPE, ("Items", 0, "a")),
    ("answer", {"Responses": {"t": [{"a": 0.5}]}}, TYPE, ("Responses", "t", 0, "a")),
    ("answer", {"Responses": [{"Item": {"a": 0.5}}]}, TYPE, ("Responses", 0, "Item", "a")),
    ("answer", {"Responses": [5]}, TYPE, ("Responses", 0)),
    ("answer", {"Records": [{"dynamodb": {"Keys": 5}}]}, TYPE, ("Records", 0, "dynamodb", "Keys")),
    ("answer", {"Records": [{"dynamodb": 5}]}, TYPE, ("Records", 0, "dynamodb")),
    ("answer", {"x": {"y": [object()]}}, TYPE, ("x", "y", 0)),
    ("answer", {"x": float("nan")}, VALUE, ("x",)),
    ("answer", {"x": Decimal("Infinity")}, VALUE, ("x",)),
    ("answer", {"x": "\ud83d"}, VALUE, ("x",)),
    ("answer", {"x": {5: 1}}, TYPE, ("x",)),
    ("answer", {5: 1}, TYPE, ()),
    ("answer", {"x": datetime(2026, 1, 1)}, VALUE, ("x",)),  # noqa: DTZ001 - it is the naive one that is refused
]


@pytest.mark.parametrize(("shape", "data", "kind", "path"), MISSHAPEN, ids=lambda value: ascii(value)[:40])
def test_what_is_not_of_the_shape_is_refused_with_its_place(
    shape: Any, data: Any, kind: type[MarshallError], path: tuple[Any, ...]
) -> None:
    with pytest.raises(MarshallError) as raised:
        dumps(data, shape=shape)
    assert type(raised.value) is kind
    assert raised.value.path == path


def test_depth_around_items_has_a_limit() -> None:
    with pytest.raises(MarshallValueError, match="nested too deep"):
        dumps({"x": deep()}, shape="answer")


def test_names_that_look_like_others_mean_nothing_inside_an_item() -> None:
    item = {"Item": {"S": "x"}, "Items": [1], "M": {"N": 1}, "Records": None}
    assert loads(dumps(item)) == item


def test_an_option_is_one_of_its_words() -> None:
    with pytest.raises(ValueError, match='shape is "item", "items", "answer" or "export"'):
        dumps({}, shape="lines")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='floats is "error" or "repr"'):
        dumps({}, floats="yes")  # type: ignore[arg-type]


def test_floats_are_written_on_demand_in_every_shape() -> None:
    assert dumps({"a": 0.5}, floats="repr") == b'{"a":{"N":"0.5"}}'
    assert dumps([{"a": 0.5}], shape="items", floats="repr") == b'[{"a":{"N":"0.5"}}]'
    assert dumps({"Item": {"a": 0.5}}, shape="answer", floats="repr") == b'{"Item":{"a":{"N":"0.5"}}}'


def test_exceptions_of_the_callers_own_travel_untouched() -> None:
    def items() -> Any:
        yield {"a": 1}
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        dumps(items(), shape="items")
