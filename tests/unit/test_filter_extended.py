"""The operators that only the extended dialect has, on every road."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, FilterCriteria, FilterPatternError
from tests.reference.filter_records import EXPIRED, MODIFIED

INSERTED = copy.deepcopy(MODIFIED)
INSERTED["eventName"] = "INSERT"
del INSERTED["dynamodb"]["OldImage"]


def new(path: str, *values: Any) -> dict[str, Any]:
    """A pattern for a path in the new image; its steps are parted by spaces."""
    return nested(f"dynamodb NewImage {path}", *values)


def nested(path: str, *values: Any) -> dict[str, Any]:
    first, *rest = path.split(" ")
    return {first: nested(" ".join(rest), *values) if rest else list(values)}


def matches(pattern: Any, record: dict[str, Any]) -> bool:
    """What all roads say."""
    criteria = FilterCriteria(pattern, dialect="extended")
    text = json.dumps(record)
    found = {criteria.matches(form) for form in (record, text, text.encode())}
    events = {"Records": [record]}
    for batch in (Batch.from_event(events), Batch.from_event(json.dumps(events))):
        found |= {*batch.matches(criteria), criteria.matches(batch[0])}
    (answer,) = found
    return answer


TYPED: list[tuple[dict[str, Any], bool]] = [
    # Tags may be left out, and then values have their types.
    (new("status", "PAID"), True),
    (new("status S", "PAID"), True),
    (new("status N", "PAID"), False),
    (new("qty", 15), True),
    (new("qty", 15.0), True),
    (new("qty", "15"), False),
    (new("qty N", "15"), True),
    (new("qty N", 15), True),
    (new("qty", {"numeric": [">", 10, "<=", 15]}), True),
    (new("qty N", {"numeric": [">", 15]}), False),
    (new("price", {"numeric": ["=", 9.5]}), True),
    (new("qty", {"anything-but": [15]}), False),
    (new("qty N", {"anything-but": ["15"]}), False),
    (new("qty N", {"anything-but": [15]}), False),
    (new("qty", {"anything-but": ["15"]}), True),
    (new("nums", 2), True),
    (new("nums", 3), False),
    (new("nums", {"numeric": [">", 1]}), True),
    (new("tags", "b"), True),
    (new("active", True), True),
    (new("active", "true"), False),
    (new("note", None), True),
    (new("note NULL", True), True),
    (new("note", True), False),
    (new("addr city", "Oslo"), True),
    (new("addr M city S", "Oslo"), True),
    (new("addr M city", {"prefix": "Os"}), True),
    (new("addr town", "Oslo"), False),
    (new("lines sku", "B"), True),
    (new("lines L M sku S", "B"), True),
    (new("a.b", "dot"), True),
    (new("a b", "dot"), True),
    (new("empty", ""), True),
    # exists asks for the attribute, whatever its type.
    (new("status", {"exists": True}), True),
    (new("status", {"exists": False}), False),
    (new("addr", {"exists": True}), True),
    (new("emap", {"exists": True}), True),
    (new("elist", {"exists": False}), False),
    (new("nope", {"exists": False}), True),
    (new("addr nope", {"exists": False}), True),
    (new("addr city", {"exists": False}), False),
]


@pytest.mark.parametrize(("pattern", "expected"), TYPED, ids=json.dumps)
def test_a_path_may_leave_the_types_out(pattern: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, MODIFIED) is expected


def test_elements_of_lists_stay_together() -> None:
    def line(sku: str, n: int) -> dict[str, Any]:
        return {"dynamodb": {"NewImage": {"lines": {"sku": [sku], "n": [n]}}}}

    assert matches(line("A", 1), MODIFIED)
    assert not matches(line("A", 2), MODIFIED)


def test_38_digits_are_exact() -> None:
    digits = "12345678901234567890123456789012345678"
    record = copy.deepcopy(MODIFIED)
    record["dynamodb"]["NewImage"]["big"] = {"N": digits}
    criteria = '{"dynamodb":{"NewImage":{"big":[{"numeric":["=",%s]}]}}}'
    assert matches(criteria % digits, record)
    assert not matches(criteria % (digits[:-1] + "9"), record)
    assert matches('{"dynamodb":{"NewImage":{"big":[{"numeric":[">",%s]}]}}}' % (digits[:-1] + "7"), record)


OPERATORS: list[tuple[dict[str, Any], bool]] = [
    (new("status", {"regex": "P[A-Z]+D"}), True),
    (new("status", {"regex": "P"}), False),
    (new("status", {"regex": "PAID|x"}), True),
    (new("status", {"wildcard": {"equals-ignore-case": "p*d"}}), True),
    (new("status", {"prefix": "P", "suffix": "D"}), True),
    (new("status", {"prefix": "P", "suffix": "X"}), False),
    (new("status", {"$and": [{"prefix": "P"}, {"anything-but": ["PENDING"]}]}), True),
    (new("status", {"$not": {"prefix": "P"}}), False),
    (new("status", {"$not": ["A", "B"]}), True),
    (new("nope", {"$not": ["A", "B"]}), False),
    (new("tags", {"contains-all": ["a", "b"]}), True),
    (new("tags", {"contains-all": ["a", "c"]}), False),
    (new("tags SS", {"contains-all": ["a", {"prefix": "b"}]}), True),
    (new("nums", {"contains-all": [1.0, 2]}), True),
    (new("nums", {"contains-all": [1, 3]}), False),
    (new("lines sku", {"contains-all": ["A", "B"]}), True),
    (new("status", {"contains-all": ["PAID"]}), False),
    ({"$not": new("status", "PAID")}, False),
    ({"$not": new("status", "SHIPPED")}, True),
    ({"$not": new("nope", "PAID")}, True),
    ({"eventName": ["MODIFY"], "$not": {"eventID": ["e2"]}}, True),
    ({"eventName": ["MODIFY"], "$not": {"eventID": ["e1"]}}, False),
    ({"eventName": ["INSERT"], "$not": {"eventID": ["e2"]}}, False),
    ({"$not": {"$not": {"eventID": ["e1"]}}}, True),
    ({"dynamodb": {"NewImage": {"$not": {"status": ["PAID"], "qty": [16]}}}}, True),
    ({"$and": [{"eventName": ["MODIFY"]}, {"eventName": [{"prefix": "M"}]}]}, True),
    ({"$and": [{"eventName": ["MODIFY"]}, {"eventName": [{"prefix": "I"}]}]}, False),
    # What stands outside of $or is not overridden.
    ({"eventName": ["INSERT"], "$or": [{"eventName": ["MODIFY"]}, {"eventID": ["zz"]}]}, False),
    ({"$or": [{"prefix": ["x"]}, {"eventName": ["MODIFY"]}]}, True),
]


@pytest.mark.parametrize(("pattern", "expected"), OPERATORS, ids=json.dumps)
def test_operators(pattern: dict[str, Any], expected: bool) -> None:
    assert matches(pattern, MODIFIED) is expected


CHANGES: list[tuple[dict[str, Any], bool, bool, bool]] = [
    # MODIFY, INSERT, REMOVE
    (new("status", {"changed": True}), True, True, True),
    (new("pk", {"changed": True}), False, True, True),
    (new("status S", {"changed": True}), True, True, True),
    (new("nope", {"changed": True}), False, False, False),
    (new("status", {"changed": ["PENDING", "PAID"]}), True, False, False),
    (new("status", {"changed": ["PENDING", "SHIPPED"]}), False, False, False),
    (new("status", {"changed": [{"anything-but": ["PAID"]}, "PAID"]}), True, False, False),
    (new("status", {"changed": [{"exists": False}, "PAID"]}), False, True, False),
    (new("qty", {"changed": [5, {"numeric": [">", 10]}]}), True, False, False),
    (new("price", {"added": True}), True, True, False),
    (new("pk", {"added": True}), False, True, False),
    (nested("dynamodb OldImage status", {"removed": True}), False, False, True),
    (nested("dynamodb OldImage status", {"changed": True}), True, True, True),
    (new("addr city", {"added": True}), True, True, False),
    (new("lines L", {"added": True}), True, True, False),
    (new("lines M", {"added": True}), False, False, False),
    (new("L", {"changed": True}), False, False, False),
    ({"eventName": ["MODIFY"], **new("status", {"changed": True})}, True, False, False),
    ({"$not": new("status", {"changed": True})}, False, False, False),
]


@pytest.mark.parametrize(("pattern", "modify", "insert", "remove"), CHANGES, ids=json.dumps)
def test_changes_between_the_images(pattern: dict[str, Any], modify: bool, insert: bool, remove: bool) -> None:
    assert matches(pattern, MODIFIED) is modify
    assert matches(pattern, INSERTED) is insert
    assert matches(pattern, EXPIRED) is remove


def test_a_number_written_in_another_way_has_not_changed() -> None:
    record = copy.deepcopy(MODIFIED)
    record["dynamodb"]["OldImage"]["qty"] = {"N": "15.0"}
    assert not matches(new("qty", {"changed": True}), record)


def test_without_the_images_a_change_cannot_be_told() -> None:
    record = copy.deepcopy(MODIFIED)
    del record["dynamodb"]["OldImage"]
    criteria = FilterCriteria(new("status", {"changed": True}), dialect="extended")
    for form in (record, json.dumps(record), Batch.from_event([record])[0]):
        with pytest.raises(EventFormatError, match="does not carry the images of its change"):
            criteria.matches(form)
    with pytest.raises(EventFormatError, match="SequenceNumber 111"):
        Batch.from_event([record]).matches(criteria)
    # Nothing is compared where something else has decided.
    assert not FilterCriteria(
        {"eventName": ["INSERT"], **new("status", {"changed": True})}, dialect="extended"
    ).matches(Batch.from_event([record])[0])


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ({"eventName": [{"changed": True}]}, "they stand at a path of an attribute"),
        (nested("dynamodb Keys pk", {"changed": True}), "they stand at a path of an attribute"),
        (new("a", {"changed": False}), "true is expected, found false"),
        (new("a", {"changed": ["x"]}), "changed has true or a list"),
        (new("a", {"added": 1}), "true is expected, found a number"),
        (new("a", {"changed": True, "prefix": "x"}), "changed stands in a list by itself"),
        (new("a", {"regex": "("}), "the regular expression cannot be read"),
        (new("a", {"regex": "a)(b"}), "the regular expression cannot be read"),
        (new("a", {"regex": 5}), "a string is expected, found a number"),
        (new("a", {"contains-all": []}), "contains-all has a list of values, found an empty list"),
        (new("a", {"contains-all": "x"}), "contains-all has a list of values, found a string"),
        (new("a", {"$not": {"exists": False}}), "exists: false stands in a list by itself"),
        ({"$and": {}}, r"\$and has a list of objects, found an object"),
        ({"$and": [1]}, r"\$and has objects, found a number"),
        ({"$not": [{}]}, r"\$not has an object, found an array"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(pattern: Any, reason: str) -> None:
    with pytest.raises(FilterPatternError, match=reason) as raised:
        FilterCriteria(pattern, dialect="extended")
    assert raised.value.aws_message is None


def test_the_other_dialects_refuse_these_by_name() -> None:
    for operator in ("regex", "changed", "added", "removed", "contains-all"):
        for dialect in ("lambda", "eventbridge"):
            with pytest.raises(FilterPatternError, match="is an operator of the extended dialect only"):
                FilterCriteria({"a": [{operator: "x"}]}, dialect=dialect)
