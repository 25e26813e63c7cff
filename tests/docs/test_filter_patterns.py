"""The tables of the specification of filter patterns: each row with an answer is run, in every form."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from tailrace import EventFormatError, FilterCriteria, FilterPatternError
from tests.reference.specification import PAGE, Row, rows

ANSWERS = {"match", "no match", "refused", "error"}
ROWS = rows()


def _forms(text: str, *, rounds: bool = False) -> list[Any]:
    """The text as text, as bytes and, where it is JSON, as objects: with floats, if no number is rounded by them."""
    forms: list[Any] = [text, text.encode()]
    try:
        forms.append(json.loads(text, parse_float=Decimal))
    except ValueError:
        return forms
    return forms if rounds else [*forms, json.loads(text)]


def _answer(pattern: Any, dialect: Any, event: Any) -> str:
    try:
        criteria = FilterCriteria(pattern, dialect=dialect)
    except FilterPatternError:
        return "refused"
    try:
        return "match" if criteria.matches(event) else "no match"
    except EventFormatError:
        return "error"


@pytest.mark.parametrize("row", ROWS, ids=[f"line {row.line} rule {row.rule}" for row in ROWS])
def test_a_row_has_its_answer(row: Row) -> None:
    patterns, events = (_forms(text, rounds=row.divergence == "numbers") for text in (row.pattern, row.event))
    if row.pattern.startswith("["):
        patterns = patterns[2:]  # a list is none as text, by rule 1.2
    assert {_answer(pattern, row.dialect, event) for pattern in patterns for event in events} == {row.answer}


def test_rows_name_rules_that_there_are() -> None:
    rules = set(re.findall(r"^(\d+\.\d+) ", PAGE.read_text("utf-8"), re.MULTILINE))
    assert {row.rule for row in ROWS} <= rules
    assert {row.answer for row in ROWS} == ANSWERS
    # What needs no event to be shown, or is shown elsewhere on the page.
    assert rules - {row.rule for row in ROWS} <= {"1.3", "2.6", "2.8", "2.9", "8.1", "8.2", "8.3", "8.4"}
    assert len(ROWS) > 100


def test_the_limits() -> None:
    patterns = [{"a": [1]}] * 6
    for pattern in ({"a": ["x" * 4096]}, patterns, "{}x", '{"a":[1]} x', '{"a":[1,]}', '{"a":[NaN]}', '{"a":[01]}'):
        with pytest.raises(FilterPatternError):
            FilterCriteria(pattern)
    assert len(FilterCriteria(patterns, max_filters=6)) == 6
    nested: Any = {"$or": [{"a": [1]}, {"b": [1]}]}
    for n in range(11):
        nested = {"$or": [{"x": {f"y{n}": [1]}, **nested}, {"z": {f"y{n}": [1]}, **nested}]}
    with pytest.raises(FilterPatternError):
        FilterCriteria(nested, dialect="extended")
    deep: Any = [1]
    for _ in range(129):
        deep = {"a": deep}
    with pytest.raises(FilterPatternError):
        FilterCriteria(deep)


def test_names_that_stand_twice() -> None:
    criteria = FilterCriteria({"a": [1]})
    assert criteria.matches(b'{"a": 1, "a": 2}')
    assert criteria.matches(b'{"a": 2, "a": 1}')
    assert FilterCriteria('{"a": [1], "a": [2]}').matches({"a": 2})
    assert not FilterCriteria('{"a": [1], "a": [2]}').matches({"a": 1})
    assert not FilterCriteria('{"a": {"b": [1]}, "a": {"c": [1]}}').matches({"a": {"c": 1}})


def test_what_is_not_named_is_not_read() -> None:
    criteria = FilterCriteria({"a": [1]})
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    assert criteria.matches({"a": 1, "b": object()})
    with pytest.raises(EventFormatError):
        criteria.matches({"a": deep})
