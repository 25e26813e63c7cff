"""What the filter language means, row by row, on every road. ``ERROR`` stands for a pattern that is refused.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

import json
from typing import Any, Literal, TypeAlias

import pytest

from tailrace import Batch, FilterCriteria, FilterPatternError
from tests.reference.filter_records import EXPIRED, MODIFIED, REMOVED, REMOVED_WITH_NULL

ERROR = "error"
R1, R2, R3, R4 = MODIFIED, EXPIRED, REMOVED, REMOVED_WITH_NULL
Pattern: TypeAlias = dict[str, Any] | str
Row: TypeAlias = tuple[str, Pattern, dict[str, Any], bool | str]


def new(attribute: str, *values: Any) -> dict[str, Any]:
    """A pattern for a path in the new image; the path's steps are parted by spaces."""
    return nested(f"dynamodb NewImage {attribute}", *values)


def old(attribute: str, *values: Any) -> dict[str, Any]:
    return nested(f"dynamodb OldImage {attribute}", *values)


def nested(path: str, *values: Any) -> dict[str, Any]:
    first, *rest = path.split(" ")
    return {first: nested(" ".join(rest), *values) if rest else list(values)}


def both(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two patterns in one."""
    merged = dict(one)
    for name, value in other.items():
        merged[name] = both(merged[name], value) if name in merged else value
    return merged


def a(*values: Any) -> dict[str, Any]:
    return {"a": list(values)}


# Those that hold in both dialects.
ROWS: list[Row] = [
    ("1", {"eventName": ["INSERT", "MODIFY"]}, R1, True),
    ("2 equality", {"eventName": ["modify"]}, R1, False),
    ("2 ignoring case", {"eventName": [{"equals-ignore-case": "modify"}]}, R1, True),
    ("3", {"eventname": ["MODIFY"]}, R1, False),
    ("4", {"eventName": "MODIFY"}, R1, ERROR),
    ("5", new("status S", "PAID"), R1, True),
    ("5 no tag", new("status", "PAID"), R1, False),
    ("6", both(new("status S", "PAID"), old("status S", {"anything-but": ["PAID"]})), R1, True),
    ("7", both(new("status S", "PAID"), old("zz S", {"anything-but": ["PAID"]})), R1, False),
    ("8", both(new("status S", "PAID"), old("zz S", {"exists": False}, {"anything-but": ["PAID"]})), R1, True),
    ("9", new("qty N", {"numeric": [">", 10]}), R1, False),
    ("10 number", new("qty N", 15), R1, False),
    ("10 text", new("qty N", "15"), R1, True),
    ("11", new("price N", "9.5"), R1, False),
    ("12", new("qty N", {"numeric": [">", 100]}, {"anything-but": "101"}), R1, True),
    ("13", nested("dynamodb SizeBytes", {"numeric": [">=", 26, "<", 27]}), R1, True),
    ("14", nested("dynamodb ApproximateCreationDateTime", 1700000000), R1, True),
    ("15", nested("dynamodb SequenceNumber", 111), R1, False),
    ("16 true", new("active BOOL", True), R1, True),
    ("16 text", new("active BOOL", "true"), R1, False),
    ("16 one", new("active BOOL", 1), R1, False),
    ("17", new("off BOOL", {"exists": True}), R1, True),
    ("18 true", new("note NULL", True), R1, True),
    ("18 null", new("note NULL", None), R1, False),
    ("18 no tag", new("note", None), R1, False),
    ("19 empty", new("empty S", ""), R1, True),
    ("19 missing", new("missing S", ""), R1, False),
    ("20 exists", new("status", {"exists": True}), R1, False),
    ("20 does not", new("status", {"exists": False}), R1, True),
    ("21 S", new("status S", {"exists": False}), R1, False),
    ("21 N", new("status N", {"exists": False}), R1, True),
    ("22", new("nope S", {"exists": False}), R2, True),
    *[
        (
            f"23 {name}",
            {"eventName": ["REMOVE"], "userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}},
            record,
            expected,
        )
        for name, record, expected in [("service", R2, True), ("nobody", R3, False)]
    ],
    ("24 nobody", {"eventName": ["REMOVE"], "userIdentity": {"type": [{"exists": False}]}}, R3, True),
    ("24 null", {"eventName": ["REMOVE"], "userIdentity": {"type": [{"exists": False}]}}, R4, True),
    ("25 null", {"userIdentity": [None]}, R4, True),
    ("25 absent", {"userIdentity": [None]}, R3, False),
    ("26", new("tags SS", "b", "z"), R1, True),
    ("27 some", new("tags SS", {"anything-but": ["a"]}), R1, True),
    ("27 none", new("tags SS", {"anything-but": ["a", "b"]}), R1, False),
    ("28", new("nums NS", 1), R1, False),
    ("29 alone", nested("dynamodb NewImage lines L M sku S", "B"), R1, True),
    (
        "29 one element",
        both(nested("dynamodb NewImage lines L M sku S", "B"), nested("dynamodb NewImage lines L M n N", "2")),
        R1,
        True,
    ),
    (
        "30",
        both(nested("dynamodb NewImage lines L M sku S", "A"), nested("dynamodb NewImage lines L M n N", "2")),
        R1,
        False,
    ),
    ("31 list", new("lines L", {"exists": True}), R1, False),
    ("31 empty list", new("elist L", {"exists": True}), R1, False),
    ("31 empty map", new("emap M", {"exists": False}), R1, True),
    ("33", new("name S", {"equals-ignore-case": "CAF\u00c9"}), R1, True),
    ("33 decomposed", new("name S", "Cafe\u0301"), R1, False),
    ("34", new("name S", {"suffix": "f\u00e9"}), R1, True),
    ("35", nested("dynamodb NewImage a b S", "dot"), R1, True),
    ("36", new("ip S", "10.0.0.01"), R1, True),
    ("39", {"$or": [{"eventName": ["INSERT"]}, new("status S", "PAID")]}, R1, True),
    ("40", {"eventName": ["INSERT"], "$or": [{"eventID": ["e1"]}, {"eventID": ["e2"]}]}, R1, False),
    ("41", {"$or": [{"eventName": ["MODIFY"]}]}, R1, ERROR),
    ("42 inside", {"dynamodb": {"NewImage": {"$or": [{"prefix": {"S": ["kw"]}}, {"status": {"S": ["X"]}}]}}}, R1,
     ERROR),
    ("42 outside", new("prefix S", "kw"), R1, True),
    ("43", {"eventName": ["INSERT"], "$or": [{"eventName": ["MODIFY"]}, {"eventID": ["zz"]}]}, R1, True),
    ("44", '{"eventName":["INSERT"],"eventName":["MODIFY"]}', R1, True),
    ("45 empty", {}, R1, ERROR),
    ("45 empty inside", {"dynamodb": {}}, R1, ERROR),
    ("45 empty list", {"eventName": []}, R1, ERROR),
    ("46 list", '[{"eventName":["INSERT"]}]', R1, ERROR),
    ("46 no JSON", "single-string", R1, ERROR),
    ("47", {"eventName": [{"prefix": "MOD", "suffix": "FY"}]}, R1, ERROR),
    ("48 regex", {"eventName": [{"regex": "M.*"}]}, R1, ERROR),
    ("48 case", {"eventName": [{"PREFIX": "M"}]}, R1, ERROR),
    ("48 text", {"eventName": [{"exists": "true"}]}, R1, ERROR),
    ("49 list", {"eventName": [{"anything-but": []}]}, R1, ERROR),
    ("49 mixed", {"eventName": [{"anything-but": ["INSERT", 1]}]}, R1, ERROR),
    ("49 true", {"eventName": [{"anything-but": True}]}, R1, ERROR),
    ("49 null", {"eventName": [{"anything-but": None}]}, R1, ERROR),
    ("50 empty", {"eventName": [{"anything-but": {"prefix": ""}}]}, R1, ERROR),
    ("50 prefix", {"eventName": [{"prefix": ["M"]}]}, R1, ERROR),
    ("50 case", {"eventName": [{"equals-ignore-case": ["m"]}]}, R1, ERROR),
    *[
        (f"51 {terms}", nested("dynamodb SizeBytes", {"numeric": terms}), R1, ERROR)
        for terms in (["<", 30, ">", 1], [">=", 26, "<=", 26], [">", "1"], [], ["!=", 1])
    ],
    ("52", {"eventSource": ["aws:dynamodb"], "awsRegion": ["us-east-1"]}, R1, True),
    ("53", {"Records": {"eventName": ["MODIFY"]}}, R1, False),
    ("54 null", a({"exists": True}), {"a": None}, True),
    ("54 list", a({"exists": True}), {"a": []}, False),
    ("54 map", a({"exists": True}), {"a": {}}, False),
    ("55 absent", a({"anything-but": ["x"]}), {}, False),
    ("55 null", a({"anything-but": ["x"]}), {"a": None}, True),
    ("55 number", a({"anything-but": ["x"]}), {"a": 1}, True),
    ("55 list", a({"anything-but": ["x"]}), {"a": []}, False),
    ("56", a(300), {"a": 300.0}, True),
    ("56 zero", a(0), {"a": -0.0}, True),
    ("56 large", a(10000000000000000), {"a": 1e16}, True),
    # event-ruler can compare neither; numbers are exact here.
    ("57", a({"numeric": [">", 0]}), {"a": 9007199254740993}, True),
    ("57 equal", a({"numeric": ["=", 9007199254740993]}), {"a": 9007199254740993}, True),
    ("57 not equal", a({"numeric": ["=", 9007199254740993]}), {"a": 9007199254740992}, False),
    ("58 empty", a({"prefix": ""}), {"a": ""}, True),
    ("58 text", a({"prefix": ""}), {"a": "x"}, True),
    ("58 number", a({"prefix": ""}), {"a": 1}, False),
    ("60 emoji", a({"equals-ignore-case": "ok\U0001f600"}), {"a": "ok\U0001f600"}, True),
    ("60 accent", a({"equals-ignore-case": "CAF\u00c9"}), {"a": "caf\u00e9"}, True),
    ("60 Kelvin", a({"equals-ignore-case": "k"}), {"a": "\u212a"}, True),
    ("61 elements", nested("x a", {"exists": False}), {"x": [{"b": 1}, {"a": 1}]}, False),
    ("61 number", nested("x a", {"exists": False}), {"x": 1}, True),
    ("61 absent", nested("x a", {"exists": False}), {}, True),
    ("61 sorted", {"x": {"a": [{"exists": False}], "b": [1]}}, {"x": [{"b": 1}, {"a": 1}]}, False),
    ("61 swapped", {"x": {"b": [{"exists": False}], "a": [1]}}, {"x": [{"a": 1}, {"b": 1}]}, True),
    ("64 bytes behind", '{"a": ["x"]} zzz', {"a": "x"}, ERROR),
    ("64 comma", '{"a": ["x",]}', {"a": "x"}, ERROR),
    ("64 NaN", '{"a": [NaN]}', {"a": "x"}, ERROR),
]  # fmt: skip

# Those that Lambda does not document: an error there.
EVENTBRIDGE_ROWS: list[Row] = [
    ("32", nested("dynamodb NewImage addr M city S", {"prefix": {"equals-ignore-case": "OS"}}), R1, True),
    ("36 cidr", new("ip S", {"cidr": "10.0.0.0/24"}), R1, True),
    ("37", new("status S", {"wildcard": "P*D"}), R1, True),
    ("37 nothing", new("status S", {"wildcard": "PAID*"}), R1, True),
    ("37 two", new("status S", {"wildcard": "P**D"}), R1, ERROR),
    ("38", new("status S", {"anything-but": {"prefix": ["PE", "SH"]}}), R1, True),
    ("59 escaped", a({"wildcard": "a\\*c"}), {"a": "a*c"}, True),
    ("59 no star", a({"wildcard": "a\\*c"}), {"a": "abc"}, False),
    ("59 escape", a({"wildcard": "a\\nc"}), {"a": "a"}, ERROR),
    ("59 line", a({"wildcard": "a*c"}), {"a": "a\nc"}, True),
    ("62", a({"cidr": "10.0.0.7/24"}), {"a": "10.0.0.1"}, True),
    ("62 single", a({"cidr": "10.0.0.7/32"}), {"a": "10.0.0.7"}, ERROR),
    ("exactly", a({"exactly": "10.0.0.01"}), {"a": "10.0.0.1"}, False),
    ("suffix ignoring case", a({"suffix": {"equals-ignore-case": ".PNG"}}), {"a": "x.png"}, True),
    ("but a suffix", a({"anything-but": {"suffix": "x"}}), {"a": 1}, True),
    ("but a wildcard", a({"anything-but": {"wildcard": ["a*", ""]}}), {"a": ""}, False),
    ("but ignoring case", a({"anything-but": {"equals-ignore-case": ["X"]}}), {"a": "x"}, False),
]


def outcome(pattern: Pattern, dialect: Literal["lambda", "eventbridge"], event: dict[str, Any]) -> list[bool | str]:
    """What every road says: the pattern as text and as an object, the event as bytes, as text and as an object."""
    texts: list[Any] = [pattern] if isinstance(pattern, str) else [pattern, json.dumps(pattern)]
    found: list[bool | str] = []
    for text in texts:
        try:
            criteria = FilterCriteria(text, dialect=dialect)
        except FilterPatternError:
            found.append(ERROR)
            continue
        forms = (event, json.dumps(event), json.dumps(event, ensure_ascii=False).encode())
        found += [criteria.matches(form) for form in forms]
        if "dynamodb" in event:
            events = {"Records": [event, event]}
            for batch in (Batch.from_event(events), Batch.from_event(json.dumps(events))):
                found += [*batch.matches(criteria), criteria.matches(batch[0]), len(batch.select(criteria)) == 2]
    return found


@pytest.mark.parametrize("dialect", ["lambda", "eventbridge"])
@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_a_row_holds_on_every_road(row: Row, dialect: Literal["lambda", "eventbridge"]) -> None:
    _, pattern, event, expected = row
    assert set(outcome(pattern, dialect, event)) == {expected}


@pytest.mark.parametrize("row", EVENTBRIDGE_ROWS, ids=[row[0] for row in EVENTBRIDGE_ROWS])
def test_a_row_of_eventbridge_holds_and_lambda_refuses_it(row: Row) -> None:
    _, pattern, event, expected = row
    assert set(outcome(pattern, "eventbridge", event)) == {expected}
    assert set(outcome(pattern, "lambda", event)) == {ERROR}


def test_63_limits() -> None:
    pattern = {"eventName": ["INSERT"]}
    assert len(FilterCriteria([pattern] * 5)) == 5
    with pytest.raises(FilterPatternError, match="there are 6 filters, and at most 5 are allowed"):
        FilterCriteria([pattern] * 6)
    assert len(FilterCriteria([pattern] * 10, max_filters=10)) == 10
    room = 4096 - len('{"eventName":[""]}')
    FilterCriteria({"eventName": ["\u00e9" * room]})
    for form in ({"eventName": ["\u00e9" * (room + 1)]}, '{"eventName":["' + "\u00e9" * (room + 1) + '"]}'):
        with pytest.raises(FilterPatternError, match="a pattern has at most 4096 characters, this one has 4097"):
            FilterCriteria(form)
