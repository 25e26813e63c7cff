"""Changes at paths that end with a type: only values of this type are looked at, here and once exported."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from tailrace import FilterCriteria, FilterPatternError

VALUES: list[Any] = [
    None, {"S": "x"}, {"S": "y"}, {"S": "5"}, {"N": "5"}, {"N": "6"}, {"BOOL": True}, {"BOOL": False}, {"NULL": True},
    {"B": "eA=="}, {"SS": ["x"]}, {"NS": ["5"]}, {"L": []}, {"L": [{"S": "x"}]}, {"M": {}}, {"M": {"S": {"S": "x"}}},
]  # fmt: skip
PAIRS = list(itertools.product(VALUES, repeat=2))
ABSENT = {"exists": False}


def image(value: Any) -> dict[str, Any]:
    return {"id": {"S": "a"}} if value is None else {"id": {"S": "a"}, "s": value}


def record(old: Any, new: Any) -> dict[str, Any]:
    return {"eventName": "MODIFY", "dynamodb": {"OldImage": image(old), "NewImage": image(new)}}


def at(tag: str, *tests: Any) -> FilterCriteria:
    return FilterCriteria({"dynamodb": {"NewImage": {"s": {tag: list(tests)}}}}, dialect="extended")


def held(value: Any, tag: str) -> Any:
    """What of a value a path with this type sees."""
    return None if value is None else value.get(tag)


def matching(criteria: FilterCriteria) -> list[tuple[Any, Any]]:
    return [pair for pair in PAIRS if criteria.matches(json.dumps(record(*pair)))]


@pytest.mark.parametrize("tag", ["S", "N", "BOOL", "NULL", "B", "SS", "NS", "L", "M"])
def test_a_change_is_one_of_values_of_the_type(tag: str) -> None:
    changed = [(old, new) for old, new in PAIRS if held(old, tag) != held(new, tag)]
    assert matching(at(tag, {"changed": True})) == changed
    sides = [(pair, *(held(side, tag) is None for side in pair)) for pair in PAIRS]
    assert matching(at(tag, {"added": True})) == [pair for pair, old_lacks, lacks in sides if old_lacks and not lacks]
    assert matching(at(tag, {"removed": True})) == [pair for pair, old_lacks, lacks in sides if lacks and not old_lacks]


@pytest.mark.parametrize(
    ("tag", "old", "new", "pattern"),
    [
        ("S", "x", "y", {"OldImage": {"s": {"S": ["x"]}}, "NewImage": {"s": {"S": ["y"]}}}),
        ("S", {"anything-but": ["x"]}, "x",
         {"OldImage": {"s": {"S": [{"anything-but": ["x"]}]}}, "NewImage": {"s": {"S": ["x"]}}}),
        ("N", 5, 6.0, {"OldImage": {"s": {"N": ["5"]}}, "NewImage": {"s": {"N": ["6"]}}}),
        ("N", {"anything-but": [5, 7]}, 5,
         {"OldImage": {"s": {"N": [{"anything-but": ["5", "7"]}]}}, "NewImage": {"s": {"N": ["5"]}}}),
        ("N", 5, ABSENT, {"OldImage": {"s": {"N": ["5"]}}, "NewImage": {"s": {"N": [ABSENT]}}}),
        ("BOOL", False, True, {"OldImage": {"s": {"BOOL": [False]}}, "NewImage": {"s": {"BOOL": [True]}}}),
        ("NULL", ABSENT, None, {"OldImage": {"s": {"NULL": [ABSENT]}}, "NewImage": {"s": {"NULL": [True]}}}),
        ("B", ABSENT, "eA==", {"OldImage": {"s": {"B": [ABSENT]}}, "NewImage": {"s": {"B": ["eA=="]}}}),
    ],
)  # fmt: skip
def test_the_type_is_kept_where_a_change_is_exported(tag: str, old: Any, new: Any, pattern: Any) -> None:
    criteria = at(tag, {"changed": [old, new]})
    exported = criteria.to_lambda()
    (text,) = [each["Pattern"] for each in exported["Filters"]]
    assert json.loads(text) == {"dynamodb": pattern}
    found = matching(criteria)
    assert found
    assert matching(FilterCriteria(exported)) == found


UNSAYABLE = [
    ("SS", ABSENT, "x"), ("S", ABSENT, 5), ("BOOL", "x", "y"), ("N", "5", "6"), ("N", {"$not": ["x", 5]}, 5),
    ("NULL", ABSENT, True),
]  # fmt: skip


@pytest.mark.parametrize(("tag", "old", "new"), UNSAYABLE)
def test_what_a_type_cannot_hold_is_not_exported(tag: str, old: Any, new: Any) -> None:
    with pytest.raises(FilterPatternError, match="Lambda has no filter like this"):
        at(tag, {"changed": [old, new]}).to_lambda()


def test_alternatives_that_differ_in_one_list_are_one_pattern() -> None:
    """Two branches of $or that share conditions are less safe, and longer."""
    criteria = at("S", {"changed": [ABSENT, "x"]}, {"changed": [{"anything-but": ["x"]}, "x"]})
    exported = criteria.to_lambda()
    assert [json.loads(each["Pattern"]) for each in exported["Filters"]] == [
        {"dynamodb": {"OldImage": {"s": {"S": [ABSENT, {"anything-but": ["x"]}]}}, "NewImage": {"s": {"S": ["x"]}}}}
    ]
    assert matching(FilterCriteria(exported)) == matching(criteria)
    different = at("S", {"changed": ["x", "y"]}, {"changed": ["y", "x"]}).to_lambda()
    assert list(json.loads(different["Filters"][0]["Pattern"])) == ["$or"]
    same = at("S", {"changed": ["x", "y"]}, {"changed": ["x", "y"]}).to_lambda()
    assert list(json.loads(same["Filters"][0]["Pattern"])) == ["dynamodb"]
