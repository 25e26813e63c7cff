"""What a pattern may not mean as it was meant: each warning, and that none is false."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import EventFormatError, FilterCriteria, FilterPatternError, LintWarning
from tests.differential.filter_events import record
from tests.differential.filter_extensions import OURS, extended_cases
from tests.differential.filter_patterns import condition, nest, one
from tests.differential.filter_patterns import pattern as about
from tests.properties.test_filter_exports import as_written
from tests.reference.filter_json import Members, Number, has_name_twice, read, to_python, write
from tests.reference.filter_records import EXPIRED, MODIFIED, REMOVED, REMOVED_WITH_NULL
from tests.unit.filter_lints import ALL, KINESIS_LINTS, LATER, Dialect
from tests.unit.test_filter_extended import new


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


@pytest.mark.parametrize(("pattern", "expected"), KINESIS_LINTS, ids=[str(row[0])[:60] for row in KINESIS_LINTS])
def test_a_mapping_of_kinesis_has_the_record_in_data(pattern: Any, expected: list[tuple[str, str]]) -> None:
    found = FilterCriteria(pattern).lint(source="kinesis")
    assert [warning.code for warning in found] == [code for code, _ in expected]
    for warning, (_, text) in zip(found, expected, strict=True):
        assert text in warning.message


def test_a_stream_has_no_names_of_kinesis() -> None:
    (warning,) = FilterCriteria({"tableName": ["t"]}).lint(source="dynamodb")
    assert (warning.code, warning.severity) == ("unknown-name", "error")
    with pytest.raises(ValueError, match="source is"):
        FilterCriteria({"a": [1]}).lint(source="sqs")  # type: ignore[arg-type]


def test_what_costs_records_is_an_error_and_the_rest_advice() -> None:
    found = {warning.code: warning.severity for pattern, dialect, _ in ALL for warning in told(pattern, dialect)}
    advice = {
        "absent-in-list", "address", "any-member", "case-behind-star", "dotted-name", "every-later-write",
        "or-override", "outside-dynamodb",
    }  # fmt: skip
    assert {code for code, severity in found.items() if severity == "advice"} == advice
    assert {severity for code, severity in found.items() if code not in advice} == {"error"}


@pytest.mark.parametrize(
    "pattern",
    [
        new("pk S", "x"), new("id S", {"prefix": "user#"}), new("qty N", 5), new("status", "x"),
        {"dynamodb": {"Keys": {"user": {"S": ["x"]}}, "NewImage": {"user": {"S": ["x"]}}}},
        [{"dynamodb": {"Keys": {"user": {"S": ["x"]}}}}, new("user S", "x")],
        {"eventName": ["REMOVE"], **new("status S", "x")}, new("status S", {"exists": False}),
    ],
    ids=str,
)  # fmt: skip
def test_a_key_never_changes_and_one_word_is_enough_where_something_is_wrong(pattern: Any) -> None:
    assert LATER not in [warning.code for warning in FilterCriteria(pattern).lint()]


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ('{"eventID":["x"],"eventID":["y"]}', "name-twice", 18),
        ('{ "eventname" : ["x"]}', "unknown-name", 3),
        ('{"eventName":{"prefix":["x"]}}', "operator-as-name", 15),
        ('{"dynamodb.SizeBytes":[1]}', "dotted-name", 2),
        (r'{"a\"\\" :["x"]}', "unknown-name", 2),
        ('{"eventName":["x"]}', "never-matches", 15),
        ('{"dynamodb":{"NewImage":{"s":{"S":["x"]}}}}', LATER, 36),
    ],
)
def test_what_is_said_of_a_name_stands_at_it(text: str, code: str, column: int) -> None:
    (warning,) = FilterCriteria(text).lint()[-1:]
    assert (warning.code, warning.line, warning.column) == (code, 1, column)
    inside = FilterCriteria(f'{{"Filters":[{{"Pattern":{text}}}]}}').lint()
    assert {(each.line, each.column) for each in inside} == {(None, None)}


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
    """As DynamoDB writes them."""
    for _ in range(15):
        yield to_python(as_written(record(rng)))
    (case,) = extended_cases(rng.randrange(2**32), 1)
    for event in case.events:
        yield to_python(as_written(read(event)))


def alone(tree: Any, path: tuple[str | int, ...], put: Any = None) -> Any:
    """The pattern with nothing but this value, or another in the place of it; `$or` has two of it, `$not` is left."""
    if not path:
        return tree if put is None else put
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [alone(tree[step], rest, put)]
    within = alone(dict(tree)[step], rest, put)
    if step == "$not":
        return within
    return one(step, within * 2 if step in ("$or", "$and") else within)


def doubtful(rng: Random, dialect: Dialect = "eventbridge") -> Members:
    """Paths of a record, or next to them, each with a value that may not be one of that place."""
    event = record(rng)
    if rng.random() < 0.4:
        return about(rng, event)
    if dialect == "extended" and rng.random() < 0.3:
        (case,) = extended_cases(rng.randrange(2**32), 1)
        tree = read(case.pattern)
        assert isinstance(tree, Members)
        return tree
    paths = [
        ("dynamodb", "NewImage", "status"), ("dynamodb", "NewImage", "status", "S"), ("dynamodb",), ("eventName",),
        ("dynamodb", "NewImage", "qty", "N"), ("eventName", "x"),
        ("dynamodb", "OldImage", "active", "BOOL"), ("dynamodb", "OldImage", "note", "NULL"), ("dynamodb", "SizeBytes"),
        ("dynamodb", "NewImage", "nums", "NS"), ("dynamodb", "NewImage", "lines", "L"), ("dynamodb", "NewImage"),
        ("dynamodb", "NewImage", "lines", "L", "M", "qty", "N"), ("dynamodb", "NewImage", "addr", "M"),
        ("dynamodb", "NewImage", "status", "S", "x"), ("dynamodb", "SequenceNumber"),
        ("eventID",), ("dynamodb", "ApproximateCreationDateTime"), ("userIdentity",), ("userIdentity", "type"),
        ("dynamodb", "NewImage", "addr", "status", "S"), ("dynamodb", "NewImage", "S"), ("dynamodb", "NewImage", "a.b"),
        ("dynamodb", "NewImage", "blob", "B"), ("dynamodb", "NewImage", "tags", "SS"), ("dynamodb", "Keys", "pk", "S"),
        ("dynamodb", "StreamViewType"), ("eventName",), ("dynamodb", "NewImage", "qty", "N"),
    ]  # fmt: skip
    kinds = ["equals", "numeric", "exists", "exists", "anything-but", "prefix", "wildcard", "cidr", "exactly"]
    likely = ["PAID", "5", True, None, "INSERT", "REMOVE", "26", "1.50", "1e2", "aGk=", "NEW_IMAGE", Number("15")]

    def value() -> Any:
        like = rng.choice(likely)
        if dialect == "extended" and rng.random() < 0.3:
            return rng.choice([*OURS.values()])(rng, like)
        return condition(rng, like, kinds)

    entries = [
        (rng.choice(paths), [value() for _ in range(rng.choice([1, 1, 2, 3]))]) for _ in range(rng.choice([1, 1, 2]))
    ]
    return nest(rng, entries)


@given(st.integers(0, 2**48), st.sampled_from(["lambda", "eventbridge", "extended"]))
def test_no_warning_is_false(seed: int, dialect: Dialect) -> None:
    rng = Random(seed)
    tree = doubtful(rng, dialect)
    if has_name_twice(tree):
        return
    try:
        warnings = FilterCriteria(write(tree), dialect=dialect).lint()
    except FilterPatternError:
        return
    for warning in warnings:
        if warning.code in (NEVER, ALWAYS, ANY_VALUE):
            assert_true(rng, tree, dialect, warning)


def assert_true(rng: Random, tree: Members, dialect: Dialect, warning: LintWarning) -> None:
    pattern, events = write(alone(tree, warning.path)), list(records(rng))
    found = answers(pattern, dialect, events)
    expected = [None if each is None else warning.code == ALWAYS for each in found]
    if warning.code == ANY_VALUE:
        there: Any = one("exists", True)
        in_place = there if isinstance(warning.path[-1], int) else [there]
        expected = answers(write(alone(tree, warning.path, in_place)), dialect, events)
    assert found == expected, (pattern, str(warning))


def answers(pattern: str, dialect: Dialect, events: list[dict[str, Any]]) -> list[bool | None]:
    """None where the images of a change are missing: that is an error."""
    criteria = FilterCriteria(pattern, dialect=dialect)
    return [answer(criteria, event) for event in events]


def answer(criteria: FilterCriteria, event: dict[str, Any]) -> bool | None:
    try:
        return criteria.matches(event)
    except EventFormatError:
        return None


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
