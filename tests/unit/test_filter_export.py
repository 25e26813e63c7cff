"""Filters as patterns of Lambda: they match the same records, or are refused with what cannot be said there."""

from __future__ import annotations

import copy
import json
import re
from typing import Any, Literal, TypeAlias

import pytest

from tailrace import FilterCriteria, FilterPatternError
from tests.reference.filter_records import EXPIRED, MODIFIED, REMOVED
from tests.unit.test_filter_extended import INSERTED, nested, new

UNCHANGED = copy.deepcopy(MODIFIED)
UNCHANGED["dynamodb"]["OldImage"] = UNCHANGED["dynamodb"]["NewImage"]
RECORDS = [MODIFIED, EXPIRED, REMOVED, INSERTED, UNCHANGED]

# Pattern, dialect, filters that Lambda needs.
Dialect: TypeAlias = Literal["eventbridge", "extended"]
EXPORTED: list[tuple[Any, Dialect, int]] = [
    ({"eventName": ["MODIFY"]}, "eventbridge", 1),
    (new("status S", {"wildcard": "PA*"}), "eventbridge", 1),
    (new("status S", {"wildcard": "*ID"}, {"wildcard": "PAID"}, {"wildcard": "*"}), "eventbridge", 1),
    (new("status S", {"exactly": "PAID"}), "eventbridge", 1),
    ({"$or": [{"eventName": ["INSERT"]}, new("status S", {"wildcard": "PA*"})]}, "eventbridge", 1),
    (new("status", "PAID"), "extended", 1),
    (new("qty", 15.0), "extended", 1),
    (new("active", True), "extended", 1),
    (new("note", None), "extended", 1),
    (new("addr city", {"prefix": "Os"}), "extended", 1),
    (new("status", "PAID", 15, None), "extended", 1),
    (new("prefix", "kw", 15), "extended", 2),
    (new("status", {"changed": ["PENDING", "PAID"]}), "extended", 1),
    (new("status", {"changed": [{"exists": False}, "PAID"]}), "extended", 1),
    (new("status", {"changed": [{"anything-but": ["PAID"]}, "PAID"]}), "extended", 1),
    (new("qty", {"changed": [5, 15]}), "extended", 1),
    ({"eventName": ["INSERT"], "$and": [new("status", "PAID"), new("qty", 15)]}, "extended", 1),
    (new("status S", {"$not": ["A", "B"]}), "extended", 1),
]


@pytest.mark.parametrize(("pattern", "dialect", "count"), EXPORTED, ids=json.dumps)
def test_what_is_exported_matches_the_same(pattern: Any, dialect: Dialect, count: int) -> None:
    criteria = FilterCriteria(pattern, dialect=dialect)
    exported = criteria.to_lambda()
    assert len(exported["Filters"]) == count
    again = FilterCriteria(exported)
    assert again.to_lambda() == exported
    answers = [again.matches(record) for record in RECORDS]
    assert answers == [criteria.matches(record) for record in RECORDS]
    assert any(answers)


def test_the_lambda_dialect_comes_out_as_it_was() -> None:
    text = '{ "eventName": ["MODIFY"] }'
    assert FilterCriteria([text, {"a": [1]}]).to_lambda() == {"Filters": [{"Pattern": text}, {"Pattern": '{"a":[1]}'}]}
    assert FilterCriteria([]).to_lambda() == {"Filters": []}


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (new("status S", {"wildcard": "P*D"}), "dynamodb.NewImage.status.S: a wildcard that is neither"),
        (new("ip S", {"cidr": "10.0.0.0/8"}), "cidr"),
        (new("ip S", {"exactly": "10.0.0.1"}), "looks like an IP address"),
        (new("a S", {"prefix": {"equals-ignore-case": "x"}}), "a prefix or suffix that ignores case"),
        (new("a S", {"anything-but": {"prefix": "x"}}), "anything-but or \\$not with an operator inside"),
        (new("qty", {"numeric": [">", 1]}), "Lambda compares no N as a number"),
        (new("qty N", {"numeric": [">", 1]}), "Lambda compares no N as a number"),
        (new("a", {"exists": True}), "exists needs the type"),
        (new("a", {"regex": "x"}), "regex"),
        (new("a S", {"regex": "x"}), "regex"),
        (new("a", {"contains-all": ["x"]}), "contains-all"),
        (new("a", {"prefix": "x", "suffix": "y"}), "several operators that must hold at once"),
        (new("a", {"changed": True}), "Lambda compares no images"),
        (new("a", {"added": True}), "Lambda compares no images"),
        (new("a", {"changed": [{"prefix": "x"}, {"prefix": "x"}]}), "a value that stays the same"),
        ({"$not": {"eventName": ["INSERT"]}}, "\\$not has no counterpart"),
        ({"eventName": ["INSERT"], "$and": [{"eventName": ["MODIFY"]}]}, "eventName: two conditions on one path"),
        (nested("dynamodb SizeBytes", {"regex": "x"}), "dynamodb.SizeBytes: regex"),
    ],
    ids=str,
)
def test_what_lambda_cannot_say_is_refused(pattern: Any, reason: str) -> None:
    criteria = FilterCriteria(pattern, dialect="extended")
    with pytest.raises(FilterPatternError, match="Lambda has no filter like this") as raised:
        criteria.to_lambda()
    assert re.search(reason, raised.value.reason)
    assert raised.value.filter_index == 0


def test_too_many_filters_are_refused() -> None:
    pattern = new("prefix", "kw", 1, True, None)
    assert len(FilterCriteria(pattern, dialect="extended").to_lambda()["Filters"]) == 4
    criteria = FilterCriteria([pattern, pattern], dialect="extended")
    with pytest.raises(FilterPatternError, match="Lambda would need 8 filters, and at most 5 are allowed"):
        criteria.to_lambda()
