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
    (new("status S", "PAID"), "extended", 1),
    (new("qty N", 15.0), "extended", 1),
    (new("qty N", {"anything-but": [5, 16]}), "extended", 1),
    (new("nums NS", 2), "extended", 1),
    (new("active BOOL", True), "extended", 1),
    (new("addr M city S", {"prefix": "Os"}), "extended", 1),
    (new("lines L M sku S", "B"), "extended", 1),
    ({"$or": [new("status S", "PAID"), new("qty N", 15)]}, "extended", 1),
    ({"$or": [new("prefix S", "kw"), new("prefix N", 15)]}, "extended", 2),
    (new("status S", {"changed": ["PENDING", "PAID"]}), "extended", 1),
    (new("status S", {"changed": [{"exists": False}, "PAID"]}), "extended", 1),
    (new("status S", {"changed": [{"anything-but": ["PAID"]}, "PAID"]}), "extended", 1),
    (new("status S", {"changed": [{"exists": False}, "PAID"]}, {"changed": ["PENDING", "PAID"]}), "extended", 1),
    (new("qty N", {"changed": [5, 15]}), "extended", 1),
    (new("price N", {"added": True}), "extended", 1),
    (nested("dynamodb OldImage status S", {"removed": True}), "extended", 1),
    ({"dynamodb": {"SizeBytes": [{"$not": [27, 28]}]}}, "extended", 1),
    ({"eventName": ["MODIFY"], "$and": [{"eventName": ["MODIFY"]}]}, "extended", 1),
    ({"x.$or": [{"exists": False}], "eventID": [{"$not": "x"}]}, "extended", 1),
    ({"eventID": [{"$not": "x"}], "eventID.x": [{"exists": False}]}, "extended", 1),
    ({"eventName": ["INSERT"], "$and": [new("status S", "PAID"), new("qty N", 15)]}, "extended", 1),
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
        (new("status", "PAID"), "lists are looked into, too.*: name them all, such as dynamodb.NewImage.status.S if"),
        (new("qty", {"changed": [5, 15]}), "such as dynamodb.NewImage.qty.N if qty is of that type"),
        (new("qty", {"anything-but": [5]}), "such as dynamodb.NewImage.qty.N"),
        (new("active", True), "such as dynamodb.NewImage.active.BOOL"),
        (new("note", None), "such as dynamodb.NewImage.note.NULL"),
        (new("tags", {"contains-all": ["x"]}), "such as dynamodb.NewImage.tags.SS.*; .*: contains-all"),
        (new("addr city", "x"), "such as dynamodb.NewImage.addr.M.city.S"),
        (new("lines L sku S", "x"), "such as dynamodb.NewImage.lines.L.M.sku.S"),
        (new("a", {"exists": True}), "it leaves types out"),
        (new("a", {"regex": "x"}), "regex"),
        (new("a S", {"regex": "x"}), "regex"),
        (new("a S", {"wildcard": {"equals-ignore-case": "x*"}}), "a wildcard that ignores case"),
        (new("a", {"contains-all": ["x"]}), "contains-all"),
        (new("a", {"prefix": "x", "suffix": "y"}), "several operators that must hold at once"),
        (new("a", {"changed": True}), "Lambda compares no images"),
        (new("a", {"added": True}), "it leaves types out"),
        (new("a S", {"changed": ["x", {"exists": True}]}), "a value that stays the same"),
        (new("a S", {"changed": ["x", 5]}), "a change of S to or from a value of another type"),
        (new("a SS", {"changed": ["x", "y"]}), "a change of SS to or from a value of another type"),
        (new("a L S", {"changed": ["x", "y"]}), "a change inside of a list"),
        (new("a N", {"changed": [{"numeric": ["<", 5]}, 6]}), "Lambda compares no N as a number"),
        (new("a N", 1e300), "no N is that large or small"),
        (new("a S", {"$not": ["x", 5]}), "\\$not with values of several types"),
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
    # A name that the language keeps for itself is none inside $or.
    pattern = {"$or": [new("prefix S", "kw"), new("prefix N", 1), new("prefix BOOL", True), new("prefix NULL", True)]}
    assert len(FilterCriteria(pattern, dialect="extended").to_lambda()["Filters"]) == 4
    criteria = FilterCriteria([pattern, pattern], dialect="extended")
    with pytest.raises(FilterPatternError, match="Lambda would need 8 filters, and at most 5 are allowed"):
        criteria.to_lambda()
    raised = FilterCriteria([pattern, pattern], dialect="extended", max_filters=10)
    assert len(raised.to_lambda()["Filters"]) == 8


def test_long_alternatives_go_to_several_filters() -> None:
    branches = [new(f"a{number} S", "x" * 1500) for number in range(5)]
    criteria = FilterCriteria([{"$or": branches[:2]}, {"$or": branches[2:4]}, branches[4]], dialect="extended")
    assert len(criteria.to_lambda()["Filters"]) == 3
    # What is asked once of each image is twice as long.
    changes = [new(f"a{number} S", {"changed": ["x" * 800, "y" * 800]}) for number in range(2)]
    exported = FilterCriteria({"$or": changes}, dialect="extended").to_lambda()
    assert [len(each["Pattern"]) <= 4096 for each in exported["Filters"]] == [True]
    (long,) = [new("a S", *({"changed": ["x" * 650, f"{number}" * 650]} for number in range(3)))]
    exported = FilterCriteria(long, dialect="extended").to_lambda()
    assert FilterCriteria(exported).to_lambda() == exported
    text = "{" + ",".join(f'"n{number}":[{{"$not":"x"}}]' for number in range(190)) + "}"
    assert len(text) < 4096
    with pytest.raises(FilterPatternError, match="would have 5971 characters, and at most 4096 are allowed"):
        FilterCriteria(text, dialect="extended").to_lambda()


def test_alternatives_that_multiply_are_refused_at_once() -> None:
    changes = [{"changed": [f"{number}", f"{number + 1}"]} for number in range(12)]
    criteria = FilterCriteria(
        {"dynamodb": {"NewImage": {name: {"S": changes} for name in "abcd"}}},
        dialect="extended",
    )
    with pytest.raises(FilterPatternError, match="more than 1024 alternatives"):
        criteria.to_lambda()


def test_alternatives_that_event_ruler_may_take_for_one_another_are_parted() -> None:
    """It may drop the second of two branches of the same paths that share a condition at each."""
    one, other = (
        {"eventID": ["x", value], **new("status S", {"exactly": "PAID"}, {"exactly": value})} for value in "yz"
    )
    exported = FilterCriteria({"$or": [one, other, {"eventName": ["REMOVE"]}]}, dialect="extended").to_lambda()
    patterns = [json.loads(each["Pattern"]) for each in exported["Filters"]]
    assert [len(pattern.get("$or", [pattern])) for pattern in patterns] == [2, 1]


def test_a_range_goes_before_the_texts() -> None:
    """event-ruler at times loses the text before a range."""
    pattern = {"dynamodb": {"SizeBytes": ["x", {"numeric": ["<", 5]}, {"exactly": "y"}]}}
    (exported,) = FilterCriteria(pattern, dialect="extended").to_lambda()["Filters"]
    assert exported["Pattern"] == '{"dynamodb":{"SizeBytes":[{"numeric":["<",5]},"x","y"]}}'
