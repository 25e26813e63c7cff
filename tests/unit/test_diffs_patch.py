"""JSON Patch of a diff: pointers, the order of operations, and the JSON form of each type."""

from __future__ import annotations

import json
from collections import UserDict
from decimal import Decimal
from typing import Any

import jsonpatch
import pytest
from boto3.dynamodb.types import Binary

from tailrace import MarshallError, TailraceError, diff
from tailrace.diffs.patch import json_form, json_patch


def patch(old: Any, new: Any, **options: Any) -> list[dict[str, Any]]:
    return diff(old, new).to_json_patch(**options)


def test_each_kind_of_change_is_an_operation() -> None:
    assert patch({"a": 1, "b": 2}, {"b": 3, "c": None}) == [
        {"op": "replace", "path": "/b", "value": 3},
        {"op": "remove", "path": "/a"},
        {"op": "add", "path": "/c", "value": None},
    ]


def test_elements_are_removed_from_the_end_of_a_list() -> None:
    assert [each["path"] for each in patch({"l": [1, 2, 3, 4]}, {"l": [0]})] == ["/l/0", "/l/3", "/l/2", "/l/1"]


def test_elements_are_added_at_the_end_of_a_list_one_after_the_other() -> None:
    operations = patch({"l": [1]}, {"l": [1, 2, 3]})
    assert operations == [
        {"op": "add", "path": "/l/1", "value": 2},
        {"op": "add", "path": "/l/2", "value": 3},
    ]


def test_the_order_of_the_changes_does_not_matter() -> None:
    old, new = {"l": list(range(12)), "m": []}, {"l": [1], "m": list(range(12))}
    backwards = json_patch(reversed([*diff(old, new)]))
    assert jsonpatch.apply_patch(old, backwards) == new


@pytest.mark.parametrize(
    ("name", "step"),
    [("a/b", "a~1b"), ("a~b", "a~0b"), ("~1", "~01"), ("/~/", "~1~0~1"), ("0", "0"), ("-", "-"), ("é\n", "é\n")],
)
def test_names_are_escaped_as_json_pointers_are(name: str, step: str) -> None:
    operations = patch({name: {name: 1}}, {name: {name: 2}})
    assert operations == [{"op": "replace", "path": f"/{step}/{step}", "value": 2}]
    assert jsonpatch.apply_patch({name: {name: 1}}, operations) == {name: {name: 2}}


def test_a_test_of_the_old_value_stands_before_each_replace_and_remove() -> None:
    assert patch({"a": 1, "b": 2, "l": [1, 2]}, {"b": 3, "c": 4, "l": []}, test=True) == [
        {"op": "test", "path": "/b", "value": 2},
        {"op": "replace", "path": "/b", "value": 3},
        {"op": "test", "path": "/l/1", "value": 2},
        {"op": "remove", "path": "/l/1"},
        {"op": "test", "path": "/l/0", "value": 1},
        {"op": "remove", "path": "/l/0"},
        {"op": "test", "path": "/a", "value": 1},
        {"op": "remove", "path": "/a"},
        {"op": "add", "path": "/c", "value": 4},
    ]


@pytest.mark.parametrize("item", [{"a": 5, "l": [1, 2]}, {"a": 1, "l": [1, 3]}, {"a": 1, "l": [1]}])
def test_a_tested_patch_is_refused_by_another_item(item: Any) -> None:
    operations = patch({"a": 1, "l": [1, 2]}, {"a": 2, "l": [1]}, test=True)
    with pytest.raises((jsonpatch.JsonPatchTestFailed, jsonpatch.JsonPatchConflict)):
        jsonpatch.apply_patch(item, operations)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("text", "text"),
        (True, True),
        (None, None),
        (7, 7),
        (Decimal("7.00"), 7),
        (Decimal("-0"), 0),
        (Decimal("1E+2"), 100),
        (Decimal("19.99"), 19.99),
        (Decimal("0.1"), 0.1),
        (Decimal("1E-130"), 1e-130),
        (Decimal("1E+125"), 10**125),
        (2**53, 2**53),
        (2**53 + 1, {"N": "9007199254740993"}),
        (10**40 + 10**10, {"N": "1.000000000000000000000000000001E+40"}),
        (Decimal("0.30000000000000000001"), {"N": "0.30000000000000000001"}),
        (Decimal("0.300000000000000000010"), {"N": "0.30000000000000000001"}),
        (b"\xff\xd8", "/9g="),
        (bytearray(b"a"), "YQ=="),
        (memoryview(b"a"), "YQ=="),
        (Binary(b"a"), "YQ=="),
        ({"b", "a"}, ["a", "b"]),
        (frozenset({10, 9}), [9, 10]),
        ({Decimal("1.5"), 2**53 + 1}, [1.5, {"N": "9007199254740993"}]),
        ({b"\xff", b"a"}, ["YQ==", "/w=="]),
        ((1, [], {}), [1, [], {}]),
        (UserDict(a={"S": "x"}), {"a": {"S": "x"}}),
    ],
)
def test_the_json_form_of_each_type(value: Any, form: Any) -> None:
    written = json.dumps(json_form(value), allow_nan=False)
    assert written == json.dumps(form)
    assert patch({}, {"a": value}) == [{"op": "add", "path": "/a", "value": form}]


@pytest.mark.parametrize("value", [0.5, float("nan"), Decimal("NaN"), set(), {"a": object()}])
def test_what_is_no_exact_value_is_refused_with_its_path(value: Any) -> None:
    with pytest.raises(MarshallError) as raised:
        json_form({"m": [value]}, ("a", 1))
    assert raised.value.path[:4] == ("a", 1, "m", 0)


def test_a_masked_value_is_refused() -> None:
    found = diff({"a": 1, "token": "s3cret"}, {"a": 2, "token": "other"}, mask="token")
    with pytest.raises(TailraceError, match=r"masked: make the diff without mask= .*at token") as raised:
        json_patch(found)
    assert "s3cret" not in str(raised.value)
