"""Why a pattern is refused: each reason once, with the words of AWS, the place and what would be right."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from tailrace import FilterCriteria, FilterPatternError, TailraceError
from tests.reference.rust_messages import READING, REASONS, RULER_CALLS, messages, pattern, ruler_texts, unseen
from tests.unit.filter_refusals import EVENTBRIDGE_TEXT, LAMBDA_TEXT, OURS, RULES, Dialect, Refusal, a, but, numeric

# Those of to_lambda, which test_filter_export.py provokes.
EXPORT = ["Lambda has no filter like this: regex", "Lambda would need 8 filters, and at most 5 are allowed"]


def changed(*sides: Any) -> dict[str, Any]:
    return {"dynamodb": {"NewImage": {"a": [{"changed": list(sides)}]}}}


def refused(given: Any, dialect: Dialect = "lambda") -> FilterPatternError:
    with pytest.raises(FilterPatternError) as raised:
        FilterCriteria(given, dialect=dialect)
    return raised.value


def told(error: FilterPatternError) -> tuple[Any, ...]:
    """What stands behind event-ruler's text and the dialect in a Refusal."""
    return error.path, error.column, error.operator, error.found, error.allowed, error.suggestion


def forms(row: Refusal) -> list[tuple[Any, int | None]]:
    """The pattern as object and as text, where it can be both, and the column that is told of each."""
    if isinstance(row.pattern, (str, bytes)):
        return [(row.pattern, row.column)]
    try:
        text = json.dumps(row.pattern, allow_nan=False)
    except (TypeError, ValueError):
        return [(row.pattern, None)]
    return [(row.pattern, None)] if isinstance(row.pattern, list) else [(row.pattern, None), (text, row.column)]


# There names are nobody's, and several operators in one object must all hold.
NOT_OF_EXTENDED = ("no field inside $or may be called", "one operator in one object")


@pytest.mark.parametrize("row", RULES, ids=[row.reason[:50] for row in RULES])
def test_a_rule_of_aws_is_told_in_our_words_and_in_theirs(row: Refusal) -> None:
    for form, column in forms(row):
        error = refused(form, row.dialect)
        assert (error.reason, error.aws_message) == (row.reason, f"{EVENTBRIDGE_TEXT}{row.ruler}")
        assert told(error) == (row.path, column, *row[6:10])
        assert str(error).startswith(row.reason)
        assert (error.line is None) is (column is None)
        assert refused(form).aws_message == LAMBDA_TEXT
        if not row.reason.startswith(NOT_OF_EXTENDED):
            assert refused(form, "extended").aws_message is None


@pytest.mark.parametrize("row", OURS, ids=[row.reason[:50] for row in OURS])
def test_a_rule_of_ours_is_told(row: Refusal) -> None:
    for form, column in forms(row):
        error = refused(form, row.dialect)
        assert (error.reason, error.aws_message) == (row.reason, row.aws)
        assert told(error) == (row.path, column, *row[6:10])
        assert (error.line is None) is (column is None)


def test_the_lists_are_complete() -> None:
    texts = [row.ruler or "" for row in RULES]
    # Some calls hold both texts.
    said = [*(row.reason for row in [*RULES, *OURS]), *EXPORT, *texts]
    for message in {*messages(REASONS), *messages(READING, "core/filter/parse.rs")} - {"", "; "}:
        assert any(pattern(message).fullmatch(text) for text in said), message
    for message in ruler_texts() - {*messages(REASONS)}:
        assert any(pattern(message).fullmatch(text) for text in texts), message
    # And each row is one of its own.
    assert len({(row.reason, row.ruler, row.path) for row in RULES}) == len(RULES)
    assert len({row.reason for row in OURS}) == len(OURS)


def test_no_message_is_made_where_it_is_not_seen() -> None:
    """Where no text stands inside the call, it comes from a place that is known and read."""
    passed_on = "at.or(last), broken.unwrap_or_else(|| reason.to_owned())"
    assert unseen(REASONS) == {"core/filter/expression.rs": ["tree.at, reason"], "core/filter/parse.rs": [passed_on]}
    assert {text for texts in unseen(RULER_CALLS).values() for text in texts} == {"ruler", "TOO_MANY"}


def test_the_place_is_named_in_objects_and_in_text() -> None:
    text = '{\n  "eventName": ["INSERT"],\n  "dynamodb": {"\u00e9": {"S": ["x", {"perfix": "y"}]}}\n}'
    error = refused(text)
    assert error.path == ("dynamodb", "\u00e9", "S", 1, "perfix")
    assert (error.line, error.column) == (3, 33)
    assert (error.operator, error.found, error.suggestion) == ("perfix", "perfix", "prefix")
    assert error.allowed == ("anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix")
    assert str(error).endswith("(at dynamodb.\u00e9.S[1].perfix, line 3, column 33)")
    error = refused(json.loads(text))
    assert (error.path[-1], error.line, error.column) == ("perfix", None, None)


def test_the_path_goes_into_operators() -> None:
    assert refused(numeric(">", 1, "<", "x")).path == ("a", 0, "numeric", 3)
    assert refused(but(["x", None])).path == ("a", 0, "anything-but", 1)
    assert refused({"$or": [a(1), {"b": [{}]}]}).path == ("$or", 1, "b", 0)
    assert refused(changed("x", {"numeric": [">", "y"]}), "extended").path[-4:] == ("changed", 1, "numeric", 1)
    assert refused(changed({"changed": True}, "y"), "extended").path[-2:] == ("changed", 0)
    assert refused(but({"prefix": [1]}), "eventbridge").path == ("a", 0, "anything-but", "prefix", 0)


def test_one_filter_of_several_is_named() -> None:
    for given in ([a(1), {}], {"Filters": [{"Pattern": '{"a":[1]}'}, {"Pattern": "{}"}]}):
        error = refused(given)
        assert error.filter_index == 1
        assert "in filter 1" in str(error)
    assert refused({}).filter_index is None


def test_a_broken_text_has_its_place() -> None:
    error = refused('{"a":\n[1,]}')
    assert error.reason == "the pattern is no JSON: expected a value"
    assert (error.line, error.column) == (2, 4)
    assert error.aws_message == LAMBDA_TEXT
    # What AWS would take has no text of AWS.
    assert refused('{"a":[1]} x').aws_message is None


def test_the_error_is_of_the_family_and_can_be_pickled() -> None:
    error = refused('{"a": [{"perfix": "x"}]}')
    assert isinstance(error, TailraceError)
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 our own
    assert (str(again), vars(again)) == (str(error), vars(error))


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="dialect is"):
        FilterCriteria(a(1), dialect="x")  # type: ignore[arg-type]
    for number in (0, 11):
        with pytest.raises(ValueError, match="max_filters is 1 to 10"):
            FilterCriteria(a(1), max_filters=number)
