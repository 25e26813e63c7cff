"""The kwargs of UpdateItem: which action each change becomes, what guards it, and what is refused.

That DynamoDB does with them what is meant is tried in tests/e2e/test_update_expression.py.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeSerializer

from tailrace import MarshallError, TailraceError, diff
from tailrace.diffs.update import update_expression

LONGEST = 4096


def update(old: Any, new: Any, *, lists: Any = "positional", **options: Any) -> dict[str, Any]:
    return diff(old, new, lists=lists).to_update_expression(**options)


def filled(request: dict[str, Any], expression: str = "UpdateExpression") -> str:
    """The expression with names and values in place of their placeholders."""
    names = {**request.get("ExpressionAttributeNames", {})}
    values = {name: repr(value) for name, value in request.get("ExpressionAttributeValues", {}).items()}
    text: str = request.get(expression, "")
    for placeholder, meant in sorted({**names, **values}.items(), key=lambda each: -len(each[0])):
        text = text.replace(placeholder, meant)
    return text


def condition(old: Any, new: Any, **options: Any) -> str:
    return filled(update(old, new, guard=True, values="attribute-values", **options), "ConditionExpression")


@pytest.mark.parametrize(
    ("old", "new", "expression"),
    [
        ({}, {"a": "x"}, "SET a = 'x'"),
        ({"a": "x"}, {}, "REMOVE a"),
        ({"a": "x"}, {"a": "y"}, "SET a = 'y'"),
        ({"a": "1"}, {"a": None}, "SET a = None"),
        ({"a": "x", "b": "y"}, {"c": "z"}, "SET c = 'z' REMOVE a, b"),
        ({"m": {"a": "x"}}, {"m": {"a": "y", "b": "z"}}, "SET m.a = 'y', m.b = 'z'"),
        ({"m": {"a": {"b": "x"}}}, {"m": {"a": {}}}, "REMOVE m.a.b"),
        ({"l": ["x", {"a": "y"}]}, {"l": ["x", {"a": "z"}]}, "SET l[1].a = 'z'"),
        ({"l": [["x"]]}, {"l": [["x", "y"], "z"]}, "SET l[0][1] = 'y', l[1] = 'z'"),
        ({"l": ["x", "y", "z"]}, {"l": ["x"]}, "REMOVE l[1], l[2]"),
        ({"m": {"a": "x"}}, {"m": ["x"]}, "SET m = ['x']"),
        ({"s": {"x"}}, {"s": {"x", "y"}}, "ADD s {'y'}"),
        ({"s": {"x", "y"}}, {"s": {"x"}}, "DELETE s {'y'}"),
        ({"s": {"x"}}, {"s": {"y"}}, "SET s = {'y'}"),
        ({}, {"s": {"x"}}, "SET s = {'x'}"),
        ({"s": {"x"}}, {}, "REMOVE s"),
        ({"s": {"x"}}, {"s": {b"x"}}, "SET s = {b'x'}"),
        ({"s": frozenset({b"x"})}, {"s": {Binary(b"x"), b"y"}}, "ADD s {b'y'}"),
        ({"s": {1, 2}}, {"s": {Decimal("1.0")}}, "DELETE s {Decimal('2')}"),
        ({"s": ["x"]}, {"s": {"x"}}, "SET s = {'x'}"),
        ({"m": {"s": {"x"}}}, {"m": {"s": {"x", "y"}}}, None),
        ({"a": "x", "s": {"x"}, "t": {"x", "y"}, "u": 1}, {"a": "y", "s": {"x", "y"}, "t": {"x"}},
         "SET a = 'y' REMOVE u ADD s {'y'} DELETE t {'y'}"),
    ],
)  # fmt: skip
def test_each_change_is_an_action(old: Any, new: Any, expression: str | None) -> None:
    request = update(old, new)
    if expression is None:  # a set inside a map is SET, with its members in any order
        assert request["UpdateExpression"] == "SET #a0.#a1 = :v0"
        assert request["ExpressionAttributeValues"] == {":v0": {"x", "y"}}
    else:
        assert filled(request) == expression


def test_every_name_has_one_placeholder() -> None:
    request = update({"m": {"m": 1, "a.b": 1}}, {"m": {"m": 2, "a.b": 2}})
    assert request["UpdateExpression"] == "SET #a0.#a0 = :v0, #a0.#a1 = :v1"
    assert request["ExpressionAttributeNames"] == {"#a0": "m", "#a1": "a.b"}


def test_lists_as_a_whole_are_set_as_a_whole() -> None:
    assert filled(update({"l": ["x"]}, {"l": ["x", "y"]}, lists="whole")) == "SET l = ['x', 'y']"


def test_no_change_is_no_expression() -> None:
    assert update({"a": 1}, {"a": Decimal("1.0")}) == {}
    assert update({"a": 1}, {"a": 1}, guard=True) == {}


def test_what_is_empty_is_left_out() -> None:
    assert set(update({"a": 1}, {})) == {"UpdateExpression", "ExpressionAttributeNames"}


@pytest.mark.parametrize("keys", ["id", ("id",), ["id"], {"id"}])
def test_nothing_is_done_to_the_keys(keys: Any) -> None:
    assert filled(update(None, {"id": "a", "x": "y"}, keys=keys)) == "SET x = 'y'"
    assert filled(update({"id": "a"}, {"id": "b", "x": "y"}, keys=keys)) == "SET x = 'y'"
    assert update(None, {"id": "a"}, keys=keys) == {}


def test_a_key_is_told_from_a_name_that_it_is_part_of() -> None:
    request = update({"id": "a", "i": "x", "m": {"id": "x"}}, {"id": "a", "i": "y", "m": {"id": "y"}}, keys="id")
    assert filled(request) == "SET i = 'y', m.id = 'y'"


def test_attribute_values_are_for_a_client_and_python_values_for_a_table() -> None:
    new = {"n": 1, "s": {"x"}, "b": bytearray(b"x"), "l": ({"a": None},)}
    wire = update({}, new, values="attribute-values")["ExpressionAttributeValues"]
    python = update({}, new)["ExpressionAttributeValues"]
    assert [*wire.values()] == [{"N": "1"}, {"SS": ["x"]}, {"B": b"x"}, {"L": [{"M": {"a": {"NULL": True}}}]}]
    assert [*python.values()] == [Decimal(1), {"x"}, b"x", [{"a": None}]]


@pytest.mark.parametrize(
    ("number", "wire"),
    [
        (10**100, "1E+100"),
        (Decimal("0E+300"), "0"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1." + "0" * 60), "1"),
        (Decimal("9.9999999999999999999999999999999999999E+125"), "9.9999999999999999999999999999999999999E+125"),
    ],
)
def test_boto3_takes_every_number(number: Any, wire: str) -> None:
    (value,) = update({}, {"n": number})["ExpressionAttributeValues"].values()
    assert TypeSerializer().serialize(value) == {"N": wire}


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ({"a": 1}, {"a": 2}, "a = {'N': '1'}"),
        ({"a": 1}, {}, "a = {'N': '1'}"),
        ({}, {"a": 1}, "attribute_not_exists(a)"),
        ({"m": {"a": 1, "b": 1}}, {"m": {"a": 2, "c": 1}},
         "m.a = {'N': '1'} AND m.b = {'N': '1'} AND attribute_not_exists(m.c)"),
        ({"s": {"x"}}, {"s": {"x", "y"}}, "s = {'SS': ['x']}"),
        ({"l": []}, {"l": [1, 2]}, "attribute_not_exists(l[0])"),
        ({"l": [1]}, {"l": [1, 2, 3]}, "attribute_not_exists(l[1]) AND attribute_exists(l[0])"),
        ({"l": [1, 2, 3]}, {"l": [1]}, "l[1] = {'N': '2'} AND l[2] = {'N': '3'} AND attribute_not_exists(l[3])"),
    ],
)  # fmt: skip
def test_a_guard_wants_the_old_values(old: Any, new: Any, wanted: str) -> None:
    assert condition(old, new) == wanted


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        (None, {"id": 1, "a": 1}, "attribute_not_exists(id)"),
        (None, {"id": 1}, "attribute_not_exists(id)"),
        ({}, {"id": 1, "a": 1}, "attribute_not_exists(id)"),
        ({"id": 1}, {"id": 1, "a": 1}, "attribute_not_exists(a) AND attribute_exists(id)"),
        ({"id": 1}, {"id": 1}, "attribute_exists(id)"),
        ({"id": 1, "a": 1}, {"id": 1, "b": 1}, "a = {'N': '1'} AND attribute_not_exists(b)"),
    ],
)
def test_a_guard_that_knows_a_key_tells_whether_there_is_an_item(old: Any, new: Any, wanted: str) -> None:
    assert condition(old, new, keys=("id", "sort")) == wanted


def test_a_removed_item_is_no_update() -> None:
    for options in ({"old": {"id": 1}, "new": None}, {"old": {"id": 1, "a": 1}, "new": {}, "keys": "id"}):
        with pytest.raises(TailraceError, match="the item was removed, which is no update: delete it instead"):
            update(**options)


def test_an_expression_that_would_be_too_long_is_of_whole_attributes() -> None:
    many = {f"n{at}": "x" for at in range(300)}
    old = {"a": "x", "m": many, "l": ["x"], "s": {"x"}}
    new = {"a": "y", "m": dict.fromkeys(many, "y"), "l": ["x", "y"], "s": {"x", "y"}}
    request = update(old, new)
    assert request["UpdateExpression"] == "SET #a0 = :v0, #a1 = :v1, #a2 = :v2 ADD #a3 :v3"
    assert [*request["ExpressionAttributeNames"].values()] == ["a", "m", "l", "s"]
    assert [*request["ExpressionAttributeValues"].values()] == ["y", new["m"], ["x", "y"], {"y"}]


def test_a_condition_that_would_be_too_long_is_of_whole_attributes() -> None:
    """150 conditions and their ANDs are 299 operators, one more is 301."""
    old, new = ({"m": {f"n{at}": value for at in range(151)}} for value in "xy")
    assert update(old, new)["UpdateExpression"].count("=") == 151
    assert update(old, new, guard=True)["ConditionExpression"] == "#a0 = :v1"
    del old["m"]["n150"], new["m"]["n150"]
    assert update(old, new, guard=True)["ConditionExpression"].count("=") == 150


def test_an_expression_is_as_long_as_dynamodb_takes_and_no_longer() -> None:
    def wide(count: int) -> int:
        return len(update({}, {f"n{at}": "x" for at in range(count)})["UpdateExpression"])

    longest = max(count for count in range(250, 290) if _written(count))
    assert LONGEST - len(", #a999 = :v999") < wide(longest) <= LONGEST


def _written(count: int) -> bool:
    try:
        update({}, {f"n{at}": "x" for at in range(count)})
    except TailraceError as error:
        assert "put the new item instead" in str(error)  # noqa: PT017 - the other counts raise nothing
        return False
    return True


def test_masked_values_are_refused() -> None:
    found = diff({"token": "s3cret"}, {"token": "other"}, mask="token")
    with pytest.raises(TailraceError, match=r"masked.*token"):
        update_expression(found)


@pytest.mark.parametrize("values", ["python", "attribute-values"])
def test_what_is_no_exact_value_is_refused_with_its_path(values: Any) -> None:
    found = diff({"m": {}}, {"m": {"f": [0.5]}})
    with pytest.raises(MarshallError) as raised:
        found.to_update_expression(values=values)
    assert raised.value.path == ("m", "f", 0)


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(ValueError, match='values is "python" or "attribute-values"'):
        update({}, {}, values="wire")
