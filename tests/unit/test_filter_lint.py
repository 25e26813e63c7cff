"""What a pattern may not mean as it was meant: each warning, and that none is false."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any, Literal, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import FilterCriteria, FilterPatternError, LintWarning
from tests.differential.filter_events import record
from tests.differential.filter_extensions import extended_cases
from tests.differential.filter_patterns import condition, nest, one
from tests.differential.filter_patterns import pattern as about
from tests.reference.filter_json import Members, has_name_twice, to_python, write
from tests.reference.filter_records import EXPIRED, MODIFIED, REMOVED, REMOVED_WITH_NULL
from tests.unit.test_filter_extended import nested, new

Dialect: TypeAlias = Literal["lambda", "eventbridge", "extended"]
LATER = "every-later-write"


def old(path: str, *values: Any) -> dict[str, Any]:
    return nested(f"dynamodb OldImage {path}", *values)


# A pattern, the codes and texts of its warnings; that a state matches every later write is left out but where it is
# asked for.
LINTS: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"eventName": ["MODIFY"]}, []),
    (old("status S", "PAID"), []),
    # Types.
    (new("status", "PAID"), [("missing-type-tag", "add its type, such as dynamodb.NewImage.status.S")]),
    (new("addr M", "PAID"), [("missing-type-tag", "add its type, such as dynamodb.NewImage.addr.M.name.S")]),
    (new("addr city S", "Oslo"), [("missing-type-tag", 'stands M, as in addr.M.city; without it,')]),
    (new("status", {"exists": True}), [("missing-type-tag", "ends at an attribute and never matches")]),
    (new("status", {"exists": False}), [("always-matches", "exists: false always matches")]),
    (new("lines L", {"exists": False}), [("always-matches", "add its type, such as dynamodb.NewImage.lines.L.S")]),
    (new("status S x", "PAID"), [("never-matches", "a value stands above it")]),
    (new("status S x", {"exists": False}), [("always-matches", "a value stands above it")]),
    # Values that never stand there.
    (new("qty N", 15), [("never-matches", "N is text on the wire: a number or numeric never matches")]),
    (new("qty N", {"numeric": [">", 1]}), [("never-matches", "N is text on the wire")]),
    (new("nums NS", 1), [("never-matches", "NS is text on the wire")]),
    (new("qty N", {"anything-but": [15]}), [("excludes-nothing", "N is text on the wire: anything-but with this")]),
    (new("qty N", {"anything-but": ["15"]}), []),
    (new("note NULL", None), [("never-matches", "NULL holds true on the wire")]),
    (new("note NULL", False), [("never-matches", "NULL holds true on the wire")]),
    (new("note NULL", True), []),
    (new("active BOOL", "true"), [("never-matches", "BOOL is a boolean on the wire: write true or false without")]),
    (new("active BOOL", {"anything-but": ["true"]}), [("excludes-nothing", "BOOL is a boolean on the wire")]),
    (new("active BOOL", {"equals-ignore-case": "true"}), [("never-matches", "BOOL is a boolean on the wire")]),
    (new("status S", 5), [("never-matches", "S is text on the wire")]),
    (new("blob B", None), [("never-matches", "B is text on the wire: only strings match")]),
    ({"eventID": [5]}, [("never-matches", "eventID is text on the wire: only strings match")]),
    ({"dynamodb": {"SequenceNumber": [111]}}, [("never-matches", "dynamodb.SequenceNumber is text on the wire")]),
    ({"dynamodb": {"SizeBytes": ["26"]}}, [("never-matches", "dynamodb.SizeBytes is a number on the wire")]),
    ({"dynamodb": {"SizeBytes": [26, {"numeric": [">", 1]}]}}, []),
    ({"eventName": ["modify"]}, [("never-matches", "did you mean MODIFY?")]),
    ({"eventName": {"x": ["MODIFY"]}}, [("never-matches", "anything at eventName.x")]),
    # Objects above values.
    (nested("dynamodb NewImage", {"exists": True}), [("never-matches", "dynamodb.NewImage is an object")]),
    (nested("dynamodb OldImage", {"exists": False}), [("always-matches", "exists: false always matches")]),
    (nested("dynamodb", {"exists": False}), [("always-matches", "dynamodb is an object")]),
    ({"userIdentity": [{"exists": False}]}, [("ends-early", "ask for userIdentity.type")]),
    ({"userIdentity": [None]}, []),
    # Sets and lists.
    (new("tags SS", {"anything-but": ["a"]}), [("any-member", "as soon as one member of the set is none of these")]),
    (new("lines L S", {"anything-but": ["a"]}), [("any-member", "as soon as one member of the list is none")]),
    (new("lines L M", 0) and {"dynamodb": {"NewImage": {"lines": {"L": {"M": {
        "a": {"S": ["x"]}, "b": {"S": [{"exists": False}]}}}}}}},
     [("absent-in-list", "exists: false at dynamodb.NewImage.lines.L.M.b.S looks only at the element")]),
    # Names.
    ({"eventname": ["MODIFY"]}, [("unknown-name", "did you mean eventName?")]),
    ({"Records": {"eventName": ["MODIFY"]}}, [("unknown-name", "leave Records out")]),
    ({"dynamodb": {"newImage": {"a": {"S": ["x"]}}}}, [("unknown-name", "did you mean NewImage?")]),
    ({"userIdentity": {"Type": ["Service"]}}, [("unknown-name", "a userIdentity has no Type: did you mean type?")]),
    ({"quite": ["x"]}, [("unknown-name", "a record has no quite")]),
    ({"eventSource": ["aws:dynamodb"], "awsRegion": ["us-east-1"]},
     [("outside-dynamodb", "AWS documents filters on dynamodb only"), ("outside-dynamodb", "awsRegion may not be")]),
    ({"eventID": ["x"], "userIdentity": {"type": ["Service"]}}, []),
    ({"dynamodb.SizeBytes": [1]}, [("dotted-name", "the same as names inside one another")]),
    (new("a.b S", "dot"), [("dotted-name", '"a.b" is the same as names inside one another')]),
    ({"eventID": ["10.0.0.1"]}, [("address", "is compared as one")]),
    # What is asked twice.
    ({"eventName": ["INSERT"], "$or": [{"eventName": ["MODIFY"]}, {"eventID": ["x"]}]},
     [("or-override", "eventName stands outside of $or, too")]),
    ({"$or": [{"eventName": ["MODIFY"]}, {"eventID": ["x"]}], "eventName": ["INSERT"]},
     [("or-override", "eventName stands inside of $or, too: this list takes the place of that")]),
    ({"eventName": ["INSERT"], "$or": [{"eventID": ["y"]}, {"eventID": ["x"]}]}, []),
    ('{"eventName":["INSERT"],"eventName":["MODIFY"]}', [("name-twice", "only the last list counts")]),
    ('{"eventID":["x"],"dynamodb":{"SizeBytes":[1]},"dynamodb":{"SizeBytes":[2]}}',
     [("name-twice", "dynamodb.SizeBytes stands twice")]),
    # Events.
    ({"eventName": ["INSERT"], **old("a S", "x")}, [("never-matches", "an INSERT has no OldImage")]),
    ({"eventName": ["REMOVE"], **new("a S", "x")}, [("never-matches", "a REMOVE has no NewImage")]),
    ({"$or": [{"eventName": ["REMOVE"], **new("a S", "x")}, {"eventID": ["x"]}]},
     [("dead-branch", "a branch of $or never matches: a REMOVE has no NewImage")]),
    ({"eventName": ["INSERT"], **new("a S", "x")}, []),
    (new("status S", "PAID"), [(LATER, "matches every later write")]),
    ({**new("status S", "PAID"), "eventID": ["x"]}, [(LATER, "matches every later write")]),
    ({"dynamodb": {"NewImage": {"a": {"S": ["x"]}}, "OldImage": {"a": {"S": [{"anything-but": ["x"]}]}}}}, []),
    # What AWS may lose.
    ({"$or": [{"eventID": ["x", "y"]}, {"eventID": ["x", "z"]}]},
     [("or-shared", "a value in common at each of their paths (eventID): AWS may take them for one")]),
    ({"$or": [{"eventID": ["x"]}, {"eventID": ["y"]}]}, []),
    ({"$or": [{"eventID": ["x", "y"], "eventName": ["INSERT"]}, {"eventID": ["x", "z"], "eventName": ["MODIFY"]}]}, []),
    ({"$or": [{"eventID": ["x"]}, {"eventID": ["x"]}]}, []),
    ({"$or": [{"dynamodb": {"SizeBytes": [300, 1]}}, {"dynamodb": {"SizeBytes": [3e2]}}]}, [("or-shared", "")]),
    ({"$or": [{"quite": [{"numeric": ["=", 3]}, 1]}, {"quite": [3.0]}]},
     [("unknown-name", ""), ("unknown-name", ""), ("or-shared", "(quite)")]),
    ({"$or": [{"eventID": [{"anything-but": ["x", "y"]}]}, {"eventID": [{"anything-but": ["y", "x"]}, "z"]}]},
     [("or-shared", "(eventID)")]),
    ({"quite": ["x", {"numeric": ["<", 5]}, "y"]},
     [("unknown-name", ""), ("text-before-range", "AWS may then not match this one; put numeric first")]),
    ({"quite": ["x", {"numeric": ["<=", 5]}, {"prefix": "y"}]}, [("unknown-name", ""), ("text-before-range", "")]),
    ({"$or": [{"quite": ["x"]}, {"quite": [{"numeric": ["<", 5]}]}, {"quite": ["y"]}]},
     [("unknown-name", "")] * 3 + [("text-before-range", "")]),
    ({"quite": [{"numeric": ["<", 5]}, "x", "y"]}, [("unknown-name", "")]),
    ({"quite": ["x", "y", {"numeric": ["<", 5]}]}, [("unknown-name", "")]),
    ({"quite": ["x", {"numeric": [">", -1, "<", 5]}, "y"]}, [("unknown-name", ""), ("text-before-range", "")]),
    ({"quite": ["x", {"numeric": [">=", -1]}, "y"]}, [("unknown-name", ""), ("text-before-range", "")]),
    ({"quite": ["x", {"numeric": [">", 1, "<", 5]}, "y"]}, [("unknown-name", "")]),
    ({"quite": ["x", {"numeric": [">=", 0]}, "y"]}, [("unknown-name", "")]),
    ({"quite": ["x", {"numeric": ["<", -1]}, "y"]}, [("unknown-name", "")]),
    ({"quite": ["x", {"numeric": ["<", 5]}, {"anything-but": ["y"]}]}, [("unknown-name", "")]),
]  # fmt: skip
EVENTBRIDGE_LINTS: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"eventID": [{"wildcard": "*p"}, {"equals-ignore-case": "a"}]},
     [("case-behind-star", "AWS may then find that behind the star, too; put equals-ignore-case before the wildcard")]),
    ({"eventID": [{"wildcard": "1*p"}, {"anything-but": {"equals-ignore-case": "1x"}}]}, [("case-behind-star", "")]),
    ({"eventID": [{"wildcard": "*p"}, {"prefix": {"equals-ignore-case": "a"}}]}, [("case-behind-star", "eventID")]),
    ({"$or": [{"eventID": [{"wildcard": "*p"}]}, {"eventID": [{"equals-ignore-case": "a"}]}]},
     [("case-behind-star", "")]),
    ({"$or": [{"eventID": [{"equals-ignore-case": "a"}]}, {"eventID": [{"wildcard": "*p"}]}]},
     [("case-behind-star", "")]),
    ({"eventID": [{"equals-ignore-case": "a"}, {"wildcard": "*p"}]}, []),
    ({"eventID": [{"wildcard": "b*p"}, {"equals-ignore-case": "a"}]}, []),
    ({"eventID": [{"wildcard": "b*p"}, {"equals-ignore-case": "bx"}]}, []),
    ({"eventID": [{"wildcard": "1*p"}, {"equals-ignore-case": "12"}]}, []),
    ({"eventID": [{"wildcard": "b"}, {"equals-ignore-case": "b"}]}, []),
    ({"dynamodb": {"SizeBytes": [{"wildcard": "2*"}]}}, [("never-matches", "dynamodb.SizeBytes is a number")]),
    (new("active BOOL", {"wildcard": "t*"}), [("never-matches", "BOOL is a boolean")]),
    ({"$or": [{"eventID": ["x", "y"]}, {"eventID": [{"exactly": "x"}, "z"]}]}, [("or-shared", "(eventID)")]),
]  # fmt: skip
EXTENDED_LINTS: list[tuple[Any, list[tuple[str, str]]]] = [
    (new("qty", {"changed": True}), []),
    (new("qty", 15), []),
    (new("qty N", 15), []),
    (new("qty N", {"anything-but": [15]}), []),
    (new("qty N", True), [("never-matches", "N is text on the wire")]),
    (new("qty S", 15), [("never-matches", "S is text on the wire")]),
    (new("addr city S", "Oslo"), []),
    ({"eventID": ["x"], "$or": [{"eventID": ["x", "y"]}, {"eventID": ["x", "z"]}]}, []),
    ({"eventID": [{"wildcard": "*p"}, {"equals-ignore-case": "a"}]}, []),
    ({"dynamodb": {"SizeBytes": ["26"]}}, [("never-matches", "dynamodb.SizeBytes is a number")]),
]  # fmt: skip
ALL: list[tuple[Any, Dialect, list[tuple[str, str]]]] = [
    *((pattern, "lambda", expected) for pattern, expected in LINTS),
    *((pattern, "eventbridge", expected) for pattern, expected in EVENTBRIDGE_LINTS),
    *((pattern, "extended", expected) for pattern, expected in EXTENDED_LINTS),
]


def told(pattern: Any, dialect: Dialect) -> list[LintWarning]:
    return FilterCriteria(pattern, dialect=dialect).lint()


@pytest.mark.parametrize(("pattern", "dialect", "expected"), ALL, ids=[str(row[0])[:60] for row in ALL])
def test_a_pattern_that_may_mean_something_else_is_told(
    pattern: Any, dialect: Dialect, expected: list[tuple[str, str]]
) -> None:
    codes = [code for code, _ in expected]
    found = [warning for warning in told(pattern, dialect) if warning.code != LATER or LATER in codes]
    assert [warning.code for warning in found] == codes
    for warning, (_, text) in zip(found, expected, strict=True):
        assert text in warning.message


def test_a_warning_that_nothing_matches_is_true() -> None:
    records = [MODIFIED, EXPIRED, REMOVED, REMOVED_WITH_NULL]
    for pattern, dialect, expected in ALL:
        criteria = FilterCriteria(pattern, dialect=dialect)
        codes = {code for code, _ in expected}
        if codes & {"never-matches"}:
            assert not any(map(criteria.matches, records)), pattern
        if "always-matches" in codes:
            assert all(map(criteria.matches, records)), pattern


def test_a_warning_has_its_place() -> None:
    text = '{"dynamodb": {"NewImage":\n {"status": ["PAID"]}}}'
    warning = FilterCriteria([{"a": [1]}, text]).lint()[1]
    assert warning.path == ("dynamodb", "NewImage", "status", 0)
    assert (warning.line, warning.column, warning.filter_index) == (2, 14, 1)
    (shared,) = told('{"eventName": ["INSERT"],\n "$or": [{"eventID": [1, "x"]}, {"eventID": ["x"]}]}', "lambda")[1:]
    assert (shared.code, shared.path, shared.line) == ("or-shared", ("$or",), 2)


# What a warning with a place says of the one value there, and without one of the whole pattern.
NEVER, ALWAYS, ANY_VALUE = "never-matches", "always-matches", "excludes-nothing"


def records(rng: Random) -> Iterator[dict[str, Any]]:
    for _ in range(15):
        yield to_python(record(rng))
    (case,) = extended_cases(rng.randrange(2**32), 1)
    for event in case.events:
        yield json.loads(event)


def alone(tree: Any, path: tuple[str | int, ...]) -> Any:
    """The pattern with nothing but this value; `$or` has two of it."""
    if not path:
        return tree
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [alone(tree[step], rest)]
    within = alone(dict(tree)[step], rest)
    return one(step, within * 2 if step in ("$or", "$and") else within)


def doubtful(rng: Random) -> Members:
    """Paths of a record, or next to them, each with a value that may not be one of that place."""
    event = record(rng)
    if rng.random() < 0.5:
        return about(rng, event)
    paths = [
        ("dynamodb", "NewImage", "status"), ("dynamodb", "NewImage", "status", "S"), ("dynamodb",), ("eventName",),
        ("dynamodb", "NewImage", "qty", "N"), ("eventName", "x"),
        ("dynamodb", "OldImage", "active", "BOOL"), ("dynamodb", "OldImage", "note", "NULL"), ("dynamodb", "SizeBytes"),
        ("dynamodb", "NewImage", "nums", "NS"), ("dynamodb", "NewImage", "lines", "L"), ("dynamodb", "NewImage"),
        ("dynamodb", "NewImage", "lines", "L", "M", "qty", "N"), ("dynamodb", "NewImage", "addr", "M"),
        ("dynamodb", "NewImage", "status", "S", "x"), ("dynamodb", "SequenceNumber"),
        ("eventID",), ("dynamodb", "ApproximateCreationDateTime"), ("userIdentity",), ("userIdentity", "type"),
        ("dynamodb", "NewImage", "addr", "status", "S"), ("dynamodb", "NewImage", "S"), ("dynamodb", "NewImage", "a.b"),
    ]  # fmt: skip
    kinds = ["equals", "numeric", "exists", "exists", "anything-but", "prefix", "wildcard", "cidr", "exactly"]
    likely = ["PAID", "5", True, None, "INSERT", "REMOVE", "26"]
    return nest(
        rng,
        [
            (rng.choice(paths), [condition(rng, rng.choice(likely), kinds) for _ in range(rng.choice([1, 1, 2]))])
            for _ in range(rng.choice([1, 1, 2]))
        ],
    )


@given(st.integers(0, 2**48), st.sampled_from(["lambda", "eventbridge", "extended"]))
def test_no_warning_is_false(seed: int, dialect: Dialect) -> None:
    rng = Random(seed)
    tree = doubtful(rng)
    if has_name_twice(tree):
        return
    try:
        warnings = FilterCriteria(write(tree), dialect=dialect).lint()
    except FilterPatternError:
        return
    events = list(records(rng))
    for warning in warnings:
        if warning.code not in (NEVER, ALWAYS, ANY_VALUE):
            continue
        pattern = write(alone(tree, warning.path))
        criteria = FilterCriteria(pattern, dialect=dialect)
        expected = {NEVER: False, ALWAYS: True}.get(warning.code)
        if expected is None:
            there = json.loads(pattern.replace(write(_value(tree, warning.path)), '{"exists":true}'))
            also = FilterCriteria(there, dialect=dialect)
            assert [criteria.matches(event) for event in events] == [also.matches(event) for event in events], pattern
            continue
        assert [criteria.matches(event) for event in events] == [expected] * len(events), (pattern, str(warning))


def _value(tree: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        tree = tree[step] if isinstance(step, int) else dict(tree)[step]
    return tree


def test_the_generator_meets_the_warnings() -> None:
    found: dict[str, int] = {}
    for seed in range(600):
        try:
            warnings = FilterCriteria(write(doubtful(Random(seed))), dialect="eventbridge").lint()
        except FilterPatternError:
            continue
        for warning in warnings:
            found[warning.code] = found.get(warning.code, 0) + 1
    assert found[NEVER] > 50
    assert found[ALWAYS] > 20
    assert found[ANY_VALUE] > 10
    assert len(found) > 8
