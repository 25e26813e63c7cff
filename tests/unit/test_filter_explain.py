"""What is told of filters: why a record matches or not, and what a pattern may not mean."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from tailrace import Batch, FilterCriteria
from tailrace._core import explain_filters
from tests.reference.filter_records import EXPIRED, MODIFIED
from tests.unit.test_filter_extended import CHANGES, OPERATORS, TYPED, nested, new
from tests.unit.test_filter_rows import ERROR, EVENTBRIDGE_ROWS, ROWS

Dialect = Literal["lambda", "eventbridge", "extended"]


def explained(pattern: Any, event: Any, dialect: Dialect = "lambda") -> dict[str, Any]:
    """The same on every road."""
    criteria = FilterCriteria(pattern, dialect=dialect)
    found = explain_filters(criteria, event)
    assert explain_filters(criteria, json.dumps(event)) == found
    if "dynamodb" in event:
        for form in ([event], json.dumps([event])):
            assert explain_filters(criteria, Batch.from_event(form)[0]) == found
    assert json.loads(json.dumps(found)) == found
    return found


def only_path(found: dict[str, Any]) -> dict[str, Any]:
    (path,) = found["filters"][0]["alternatives"][0]["paths"]
    assert isinstance(path, dict)
    return path


@pytest.mark.parametrize("row", [*ROWS, *EVENTBRIDGE_ROWS], ids=[row[0] for row in [*ROWS, *EVENTBRIDGE_ROWS]])
def test_the_verdict_is_that_of_matches(row: Any) -> None:
    _, pattern, event, expected = row
    if expected != ERROR:
        found = explained(pattern, event, "eventbridge")
        assert found["matches"] is expected
        assert any(filter_["matches"] for filter_ in found["filters"]) is expected


def test_the_verdict_of_extended_patterns_too() -> None:
    for pattern, expected in [*TYPED, *OPERATORS]:
        assert explained(pattern, MODIFIED, "extended")["matches"] is expected, pattern
    for pattern, modify, _, remove in CHANGES:
        assert explained(pattern, MODIFIED, "extended")["matches"] is modify, pattern
        assert explained(pattern, EXPIRED, "extended")["matches"] is remove, pattern


HINTS: list[tuple[Any, Any, str | None]] = [
    (new("status", "PAID"), MODIFIED, "the path ends at an attribute: its value is at dynamodb.NewImage.status.S"),
    (new("status", {"exists": False}), MODIFIED, ("exists tests the ends of paths only, and an object stands here: "
     "exists: false is always true; test dynamodb.NewImage.status.S")),
    (new("qty N", 15), MODIFIED, ("N is text on the wire: a number or numeric never matches; the extended dialect "
     "compares it as a number")),
    (new("qty S", "15"), MODIFIED, "the attribute is of type N, not S: its value is at dynamodb.NewImage.qty.N"),
    (new("note NULL", None), MODIFIED, "NULL holds true on the wire: ask for [true]"),
    (new("active BOOL", "true"), MODIFIED,
     "a boolean stands here, and a string is asked for: write true or false without quotes"),
    ({"dynamodb": {"SizeBytes": ["26"]}}, MODIFIED, "a number stands here, and a string is asked for"),
    ({"eventID": [5]}, MODIFIED, "a string stands here, and a number is asked for"),
    ({"eventname": ["MODIFY"]}, MODIFIED, "there is no eventname: did you mean eventName?"),
    ({"Records": {"eventName": ["MODIFY"]}}, MODIFIED, "a pattern is held against one record: leave Records out"),
    (new("status S", "PAID"), EXPIRED, "the record has no NewImage"),
    (new("nothing S", "PAID"), MODIFIED, "there is no nothing in dynamodb.NewImage"),
    ({"quite": {"other": [1]}}, MODIFIED, "there is no quite in the record"),
    (new("addr M", "Oslo"), MODIFIED, "an object stands here, and filters see the ends of paths only"),
    (new("nums NS", 1), MODIFIED, ("NS is text on the wire: a number or numeric never matches; the extended dialect "
     "compares it as a number")),
    (new("adr M city S", "Oslo"), MODIFIED, "there is no adr: did you mean addr?"),
    ({"eventName": ["MODIFY"]}, MODIFIED, None),
    ({"eventName": ["INSERT"]}, MODIFIED, None),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "event", "hint"), HINTS, ids=[str(row[2])[:40] for row in HINTS])
def test_known_traps_are_told(pattern: Any, event: Any, hint: str | None) -> None:
    assert only_path(explained(pattern, event))["hint"] == hint


def test_the_extended_dialect_is_told_what_it_means() -> None:
    assert only_path(explained(new("qty N", 5), MODIFIED, "extended"))["hint"] is None
    path = only_path(explained(new("status N", 5), MODIFIED, "extended"))
    assert path["hint"] == "the attribute is of type S, not N: its value is at dynamodb.NewImage.status.S"
    shown = only_path(explained(new("addr city S", "Rome"), MODIFIED, "extended"))["found"]
    assert [found["text"] for found in shown] == ["Oslo"]
    assert only_path(explained(new("addr city N", 5), MODIFIED, "extended"))["found"] == []


EXTENDED_HINTS: list[tuple[Any, Any, str | None]] = [
    (new("statu", "PAID"), MODIFIED, "there is no statu: did you mean status?"),
    (new("nothing", "PAID"), MODIFIED, "there is no nothing in dynamodb.NewImage"),
    (new("status", "PAID"), EXPIRED, "the record has no NewImage"),
    (new("status", "PAID"), MODIFIED, None),
]


@pytest.mark.parametrize(("pattern", "event", "hint"), EXTENDED_HINTS, ids=[str(row[2])[:40] for row in EXTENDED_HINTS])
def test_traps_of_the_extended_dialect_are_told(pattern: Any, event: Any, hint: str | None) -> None:
    assert only_path(explained(pattern, event, "extended"))["hint"] == hint


def test_what_not_excludes_is_told() -> None:
    pattern = {"eventName": ["MODIFY"], "$not": new("status", "PAID")}
    (alternative,) = explained(pattern, MODIFIED, "extended")["filters"][0]["alternatives"]
    assert (alternative["matches"], alternative["paths"][0]["matches"]) == (False, True)
    assert alternative["hint"] == "the paths match, and so does a pattern inside $not"


def test_where_all_match_together_each_path_does() -> None:
    """By itself `exists: false` would see the value in the other element."""
    pattern = {"x": {"b": [{"exists": False}], "a": [1]}}
    (alternative,) = explained(pattern, {"x": [{"a": 1}, {"b": 1}]})["filters"][0]["alternatives"]
    assert [path["matches"] for path in alternative["paths"]] == [alternative["matches"]] * 2 == [True, True]


def test_a_record_is_explained_as_it_is_matched() -> None:
    """Of a part that stands twice in a record the last counts; of a name in any other text either does."""
    twice = json.dumps(MODIFIED).replace('"eventName": "MODIFY"', '"eventName": "MODIFY", "eventName": "X"')
    criteria = FilterCriteria({"eventName": ["MODIFY"]})
    for form, expected in [(Batch.from_event(f'{{"Records": [{twice}]}}')[0], False), (twice, True)]:
        assert criteria.matches(form) is expected
        assert explain_filters(criteria, form)["matches"] is expected


def test_what_stands_there_is_shown() -> None:
    path = only_path(explained(new("tags SS", "z"), MODIFIED))
    assert path == {
        "path": "dynamodb.NewImage.tags.SS",
        "expected": '["z"]',
        "found": [{"type": "a string", "text": "a", "image": None}, {"type": "a string", "text": "b", "image": None}],
        "found_count": 2,
        "matches": False,
        "hint": None,
    }
    path = only_path(explained(new("status", {"changed": ["PENDING", "X"]}), MODIFIED, "extended"))
    shown = [(found["image"], found["text"]) for found in path["found"]]
    assert shown == [("OldImage", "PENDING"), ("NewImage", "PAID")]
    path = only_path(explained(new("lines sku", "Z"), MODIFIED, "extended"))
    assert [found["text"] for found in path["found"]] == ["A", "B"]
    path = only_path(explained({"a": ["z"]}, {"a": ["\u00e9" * 300] * 20}))
    assert (len(path["found"]), path["found_count"], len(path["found"][0]["text"])) == (8, 20, 203)


def test_elements_of_one_list_are_told() -> None:
    pattern = nested("dynamodb NewImage lines L M", 0)
    pattern["dynamodb"]["NewImage"]["lines"]["L"]["M"] = {"sku": {"S": ["A"]}, "n": {"N": ["2"]}}
    (alternative,) = explained(pattern, MODIFIED)["filters"][0]["alternatives"]
    assert [path["matches"] for path in alternative["paths"]] == [True, True]
    assert alternative["hint"].startswith("each path matches by itself, but in different elements of one list")


def test_each_filter_and_alternative_has_its_part() -> None:
    found = explained([{"eventName": ["INSERT"]}, {"$or": [{"eventName": ["REMOVE"]}, {"eventID": ["e1"]}]}], MODIFIED)
    assert [filter_["matches"] for filter_ in found["filters"]] == [False, True]
    assert [each["matches"] for each in found["filters"][1]["alternatives"]] == [False, True]
    assert found["filters"][1]["alternative_count"] == 2
    assert explained([], MODIFIED) == {"matches": True, "filters": []}
