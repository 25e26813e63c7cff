"""A diff applied and reverted: the other item, made of copies, or an error that says where the item is another."""

from __future__ import annotations

import copy
from collections import UserDict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from tailrace import MarshallError, TailraceError, diff, diff_images, dumps, marshall
from tests.reference.exact import exact

OLD: dict[str, Any] = {
    "id": "a",
    "m": {"x": 1, "gone": [1]},
    "l": [1, [2, 3], {"a": "x"}, "y"],
    "s": {"b"},
    "gone": None,
}
NEW: dict[str, Any] = {"id": "a", "l": [1, [2], {"a": "z"}], "m": {"x": 2, "new": {}}, "s": {"b", "c"}, "new": [1, 2]}


def test_it_leads_there_and_back() -> None:
    found = diff(OLD, NEW)
    assert exact(found.apply(OLD)) == exact(NEW)
    assert exact(found.revert(NEW)) == exact(OLD)
    wire = diff_images(marshall(OLD), marshall(NEW))
    assert wire.apply(OLD) == NEW
    assert wire.revert(NEW) == OLD


def test_what_did_not_change_is_shared_and_nothing_is_changed() -> None:
    old, new = copy.deepcopy((OLD, NEW))
    old["same"] = new["same"] = same = {"a": [1]}
    found = diff(old, new)
    made = found.apply(old)
    assert made is not None
    assert made["same"] is same
    assert made["new"] is new["new"]
    assert made["m"] is not old["m"]
    assert (old, new) == ({**OLD, "same": same}, {**NEW, "same": same})


def test_what_is_beside_the_changes_may_be_anything() -> None:
    found = diff({"n": 1, "m": {"a": 1}}, {"n": 2, "m": {"a": 2}})
    odd = object()
    item = {"n": Decimal("1.0"), "m": {"a": 1, "odd": odd}, "more": odd}
    assert found.apply(item) == {"n": 2, "m": {"a": 2, "odd": odd}, "more": odd}


@pytest.mark.parametrize("kind", [UserDict, MappingProxyType])
def test_an_item_is_any_mapping_and_a_dict_is_made(kind: Any) -> None:
    found = diff({"m": {"a": 1, "l": [1]}}, {"m": {"a": 2, "l": [1, 2]}})
    made = found.apply(kind({"m": kind({"a": 1, "l": (1,)})}))
    assert exact(made) == exact({"m": {"a": 2, "l": [1, 2]}})
    assert found.revert(made) == {"m": {"a": 1, "l": [1]}}


def test_old_values_are_compared_as_dynamodb_does() -> None:
    found = diff({"n": 1, "s": {1, 2}, "b": b"x"}, {"n": 2, "s": {3}, "b": b"y"})
    item = {"b": Binary(b"x"), "s": frozenset({Decimal("2.0"), 1}), "n": 1.0}
    assert found.apply(item) == {"b": b"y", "s": {3}, "n": 2}
    with pytest.raises(TailraceError, match=r"the item is not as the diff found it \(at n\)"):
        found.apply({**item, "n": True})


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ({**OLD, "m": {"x": 2, "gone": [1]}}, ("m", "x")),
        ({**OLD, "m": {"gone": [1]}}, ("m", "x")),
        ({**OLD, "m": {"x": 1}}, ("m", "gone")),
        ({**OLD, "m": {"x": 1, "gone": [1.5]}}, ("m", "gone")),
        ({**OLD, "m": {"x": 1, "gone": [1], "new": {}}}, ("m", "new")),
        ({**OLD, "m": [1]}, ("m", "x")),
        ({**OLD, "m": None}, ("m", "x")),
        ({name: value for name, value in OLD.items() if name != "m"}, ("m", "x")),
        ({**OLD, "l": [1, [2, 3], {"a": "x"}]}, ("l", 3)),
        ({**OLD, "l": [1, [2], {"a": "x"}, "y"]}, ("l", 1, 1)),
        ({**OLD, "l": [1, [2, 4], {"a": "x"}, "y"]}, ("l", 1, 1)),
        ({**OLD, "l": {"0": 1}}, ("l", 2, "a")),
        ({**OLD, "s": ["b"]}, ("s",)),
        ({**OLD, "new": [1, 2]}, ("new",)),
        ({name: value for name, value in OLD.items() if name != "gone"}, ("gone",)),
        ({**OLD, "gone": False}, ("gone",)),
        ({}, None),
        (None, ()),
    ],
)
def test_another_item_is_refused_with_the_place(item: Any, path: Any) -> None:
    before = copy.deepcopy(item)
    with pytest.raises(TailraceError, match="the item is not as the diff found it") as raised:
        diff(OLD, NEW).apply(item)
    assert type(raised.value) is TailraceError
    assert path is None or raised.value.path == path
    assert item == before


@pytest.mark.parametrize(
    ("old", "new", "item", "path"),
    [
        ({"l": [1]}, {"l": [1, 2, 3]}, {"l": [1, 5]}, ("l", 1)),
        ({"l": [1]}, {"l": [1, 2, 3]}, {"l": []}, ("l", 1)),
        ({"l": [1, 2, 3]}, {"l": [1]}, {"l": [1, 2, 3, 4]}, ("l", 2)),
        ({"l": []}, {"l": [1]}, {"l": {}}, ("l", 0)),
        ({"l": []}, {"l": [1]}, {"l": "text"}, ("l", 0)),
        ({"m": {}}, {"m": {"0": 1}}, {"m": []}, ("m", "0")),
        (None, {"a": 1}, {}, ()),
        ({"a": 1}, None, None, ()),
        ({"a": 1}, None, {"a": 2}, ("a",)),
    ],
)
def test_an_item_of_another_shape_is_refused(old: Any, new: Any, item: Any, path: Any) -> None:
    with pytest.raises(TailraceError, match="the item is not as the diff found it") as raised:
        diff(old, new).apply(item)
    assert raised.value.path == path
    with pytest.raises(TailraceError, match="the item is not as the diff found it"):
        diff(new, old).revert(item)


def test_a_value_that_dynamodb_has_not_is_refused() -> None:
    with pytest.raises(MarshallError):
        diff({"a": 1}, {"a": 2}).apply({"a": object()})


@pytest.mark.parametrize("item", [5, "text", [1], [("n", 1)]], ids=repr)
def test_what_is_no_item_is_refused(item: Any) -> None:
    found = diff({"n": 1}, {"n": 2})
    for way in (found.apply, found.revert):
        with pytest.raises(MarshallError, match="an item is a mapping of attribute names and values, found") as raised:
            way(item)
        assert isinstance(raised.value, TypeError)


def test_the_changes_as_plain_containers_can_be_stored() -> None:
    plain = diff(OLD, NEW).to_dict()
    assert [change["path"] for change in plain["changes"]] == [[*change.path] for change in diff(OLD, NEW)]
    assert plain["changes"][0] == {"path": ["l", 1, 1], "kind": "removed", "old": 3}
    assert plain["changes"][1] == {"path": ["l", 2, "a"], "kind": "changed", "old": "x", "new": "z"}
    assert plain["changes"][-2:] == [
        {"path": ["new"], "kind": "added", "new": [1, 2]},
        {"path": ["gone"], "kind": "removed", "old": None},
    ]
    assert marshall(plain)
    assert dumps(plain)
