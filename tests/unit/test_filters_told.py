"""What is told of filters, as objects: Explanation and LintWarning."""

from __future__ import annotations

import copy
import json
import pickle
import re
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, Explanation, FilterCriteria, LintWarning
from tests.reference.filter_records import EXPIRED, MODIFIED
from tests.unit.filter_lints import LINTS
from tests.unit.test_filter_explain import HINTS
from tests.unit.test_filter_extended import CHANGES, new

ESCAPES = re.compile(r"\x1b\[[0-9]*m")


def explain(pattern: Any, event: Any, **options: Any) -> Explanation:
    return FilterCriteria(pattern, **options).explain(event)


@pytest.mark.parametrize(("pattern", "event", "hint"), HINTS, ids=[str(row[2])[:40] for row in HINTS])
def test_an_explanation_is_the_answer_and_the_hints(pattern: Any, event: Any, hint: str | None) -> None:
    criteria = FilterCriteria(pattern)
    explanation = criteria.explain(event)
    assert isinstance(explanation, Explanation)
    assert bool(explanation) is explanation.matches is criteria.matches(event)
    assert explanation.hints == (() if hint is None else (hint,))
    assert criteria.explain(json.dumps(event)) == criteria.explain(Batch.from_event([event])[0]) == explanation


def test_an_explanation_for_programs_is_json_and_has_the_patterns() -> None:
    explanation = explain([{"eventName": ["INSERT"]}, new("status S", "PAID")], MODIFIED)
    told = explanation.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert [each["matches"] for each in told["filters"]] == [False, True]
    assert [json.loads(each["pattern"]) for each in told["filters"]] == [
        {"eventName": ["INSERT"]},
        new("status S", "PAID"),
    ]


def test_an_explanation_for_people() -> None:
    either = {"$or": [{"eventID": ["e1"]}, new("status", "PAID")]}
    explanation = explain([{"eventName": ["INSERT"]}, either, new("tags SS", "b")], MODIFIED)
    assert explanation.render() == str(explanation)
    assert str(explanation).splitlines() == [
        "filter 0: no match",
        '  - eventName: asks ["INSERT"], found "MODIFY"',
        "filter 1: match",
        "  one of 2: match",
        '  + eventID: asks ["e1"], found "e1"',
        "  one of 2: no match",
        '  - dynamodb.NewImage.status: asks ["PAID"], found nothing',
        "    ! the path ends at an attribute: its value is at dynamodb.NewImage.status.S",
        "filter 2: match",
        '  + dynamodb.NewImage.tags.SS: asks ["b"], found "a", "b"',
    ]
    colored = explanation.render(color=True)
    assert colored != str(explanation)
    assert ESCAPES.sub("", colored) == str(explanation)
    assert str(explain([], MODIFIED)) == "no filters: everything matches"
    assert repr(explanation) == "<Explanation: match>"


def test_a_change_is_shown_with_both_images() -> None:
    text = str(explain(CHANGES[4][0], MODIFIED, dialect="extended"))
    assert text.endswith('found "PENDING" in OldImage, "PAID" in NewImage')


def test_much_is_cut_and_said_so() -> None:
    assert "5, 6, 7, and 12 more\n" in str(explain({"a": ["z"]}, {"a": list(range(20))}))
    branches = {"$or": [{"a": [number]} for number in range(40)]}
    lines = str(explain(branches, {"a": 39})).splitlines()
    assert lines[0] == "filter 0: match"
    assert lines[-1] == "  and 8 more"


def test_what_an_event_holds_is_safe_on_a_terminal() -> None:
    text = str(explain({"a": ["\x1b[2J"], "\x1b]0;x": [1]}, {"a": "\x1b[31m\u202e", "b": 1}))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert all(line.isprintable() for line in text.splitlines())


def test_a_broken_event_is_an_error_with_its_number() -> None:
    record = copy.deepcopy(MODIFIED)
    nested: Any = "x"
    for _ in range(300):
        nested = [nested]
    record["dynamodb"]["NewImage"]["status"] = {"S": nested}
    for event in (record, json.dumps(record)):
        with pytest.raises(EventFormatError):
            explain(new("status S", "PAID"), event)
    with pytest.raises(EventFormatError, match="SequenceNumber 111"):
        explain(new("status S", "PAID"), Batch.from_event([record])[0])


def test_explanations_are_equal_by_what_they_tell_and_can_be_pickled() -> None:
    explanation = explain({"eventName": ["INSERT"]}, EXPIRED)
    assert explanation == explain({"eventName": ["INSERT"]}, EXPIRED)
    assert explanation != explain({"eventName": ["MODIFY"]}, EXPIRED)
    assert explanation != "no match"
    assert copy.deepcopy(explanation) == pickle.loads(pickle.dumps(explanation)) == explanation  # noqa: S301
    with pytest.raises(TypeError, match="unhashable"):
        hash(explanation)


@pytest.mark.parametrize(("pattern", "expected"), LINTS, ids=[str(row[0])[:60] for row in LINTS])
def test_warnings_are_objects(pattern: Any, expected: list[tuple[str, str]]) -> None:
    warnings = FilterCriteria(pattern).lint()
    assert all(isinstance(warning, LintWarning) for warning in warnings)
    assert {code for code, _ in expected} <= {warning.code for warning in warnings}
    for warning in warnings:
        assert json.loads(json.dumps(warning.to_dict())) == warning.to_dict()
        assert warning.message in str(warning)
        assert str(warning).endswith(f"[{warning.code}]")
        assert pickle.loads(pickle.dumps(warning)) == warning  # noqa: S301


def test_a_warning_for_people_says_where() -> None:
    text = '{"dynamodb": {"NewImage":\n {"status": ["PAID"]}}}'
    warning = FilterCriteria([{"eventName": ["MODIFY"]}, text]).lint()[0]
    assert str(warning).startswith("filter 1, dynamodb.NewImage.status[0], line 2, column 14: error: the path ends")
    assert warning.to_dict()["severity"] == warning.severity == "error"
    (advice,) = FilterCriteria({"eventSource": ["aws:dynamodb"]}).lint()
    assert str(advice).startswith("filter 0, eventSource: advice: AWS documents")
    (warning,) = FilterCriteria({"\x1b[2J": ["x"]}).lint()
    assert "\x1b" not in str(warning)
