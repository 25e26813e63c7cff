"""The tables of the specification of filter patterns: each row with an answer is run, in every form."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tailrace import EventFormatError, FilterCriteria, FilterPatternError
from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "filter-patterns.md"
ANSWERS = {"match", "no match", "refused", "error"}


class Row(NamedTuple):
    """One row: which rule, in which dialect, what is asked of what, and the answer."""

    line: int
    rule: str
    dialect: str
    pattern: str
    event: str
    answer: str


def _rows() -> list[Row]:
    rows, names = [], list[str]()
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if not line.startswith("|"):
            names = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not names:
            names = [cell.strip() for cell in line.strip("|").split("|")]
        elif "answer" in names and not line.startswith("|-"):
            found = dict(zip(names, cells, strict=True))
            code = {name: found[name].strip("`") for name in ("pattern", "event")}
            rows.append(Row(number, found["rule"], found.get("dialect", "lambda"), **code, answer=found["answer"]))
    return rows


ROWS = _rows()
FORMS: list[Callable[[str], Any]] = [json.loads, str, lambda text: text.encode()]


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
    patterns = FORMS[:1] if row.pattern.startswith("[") else FORMS  # a list is none as text, by rule 1.2
    found = {_answer(pattern(row.pattern), row.dialect, event(row.event)) for pattern in patterns for event in FORMS}
    assert found == {row.answer}


def test_rows_name_rules_that_there_are() -> None:
    rules = set(re.findall(r"^(\d+\.\d+) ", PAGE.read_text("utf-8"), re.MULTILINE))
    assert {row.rule for row in ROWS} <= rules
    assert {row.answer for row in ROWS} == ANSWERS
    # What needs no event to be shown, or is shown elsewhere on the page.
    assert rules - {row.rule for row in ROWS} <= {"1.3", "1.5", "2.6", "2.8", "8.1", "8.2", "8.3", "8.4"}
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
