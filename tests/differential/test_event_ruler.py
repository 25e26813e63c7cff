"""FilterCriteria and the plain matcher against event-ruler, the program that AWS matches with."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tailrace import FilterCriteria, FilterPatternError
from tests.differential import filter_quirks as quirks
from tests.differential import rounds
from tests.differential.filter_cases import Case, cases
from tests.differential.ruler.process import PatternRefused, Ruler
from tests.differential.stray_dots import has_stray_dots
from tests.reference import specification
from tests.reference.filter_json import read
from tests.reference.filter_plain import PlainPattern, Refused
from tests.unit import test_filter_rows as truth

pytestmark = pytest.mark.slow
REFUSED = "refused"
EITHER = "either"
# The one divergence that is no bug of event-ruler.
DOTS = "names with dots"


def _plain(pattern: str) -> PlainPattern | None:
    try:
        return PlainPattern(pattern, "eventbridge")
    except Refused:
        return None


def _criteria(pattern: str) -> FilterCriteria | None:
    try:
        return FilterCriteria([pattern], dialect="eventbridge")
    except FilterPatternError:
        return None


def _theirs(ruler: Ruler, pattern: str, events: tuple[str, ...]) -> list[bool | None] | None:
    try:
        return ruler.matches(pattern, events)
    except PatternRefused:
        return None


@pytest.mark.parametrize("seed", rounds.seeds(1))
def test_random_patterns_match_as_in_event_ruler(ruler: Ruler, seed: int) -> None:
    asked: Counter[str] = Counter()
    for case in cases(seed, rounds.CASES):
        asked += _compared(ruler, case)
    # What is not asked must stay the exception.
    assert asked["quirk"] < asked["pair"] / 5
    assert asked["refused"] > rounds.CASES / 6
    assert asked["pair"] > rounds.PAIRS


def _compared(ruler: Ruler, case: Case) -> Counter[str]:
    if quirks.of_pattern(case.pattern):
        return Counter(quirk=len(case.events))
    plain, ours, theirs = _plain(case.pattern), _criteria(case.pattern), _theirs(ruler, case.pattern, case.events)
    assert (plain is None) == (ours is None) == (theirs is None), case.pattern
    if plain is None or ours is None or theirs is None:
        return Counter(refused=1)
    asked: Counter[str] = Counter()
    for event, match in zip(case.events, theirs, strict=True):
        quirk = quirks.of_event(case.pattern, event)
        asked["quirk" if quirk else "pair"] += 1
        assert quirk or plain.matches(event) is match, (case.pattern, event)
        assert quirk or has_stray_dots(read(event)) or ours.matches(event.encode()) is match, (case.pattern, event)
    return asked


ROWS = [row for row in specification.rows() if row.divergence]
# event-ruler knows no lists of patterns, no dialects that refuse, and no spellings of GetRecords.
AGREED = [
    row
    for row in specification.rows()
    if not row.divergence and row.dialect != "extended" and row.rule[:2] != "1." and row.rule != "2.7"
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.divergence}: {row.pattern}")
def test_a_divergence_is_what_the_page_says(ruler: Ruler, row: specification.Row) -> None:
    # A machine is made for each question, and chance with it.
    answers = {_ask(ruler, row.pattern, row.event) for _ in range(60 if row.ruler == EITHER else 3)}
    assert answers == ({"match", "no match"} if row.ruler == EITHER else {row.ruler})
    assert row.answer != row.ruler
    assert _answer(_criteria(row.pattern), row.event) == row.answer
    if row.divergence != DOTS:
        assert _quirks(row.pattern, row.event) == {row.divergence}
        assert _answer(_plain(row.pattern), row.event) == row.answer


def test_every_divergence_is_told_and_shown() -> None:
    told = specification.divergences()
    assert {*told} == quirks.ALL | {DOTS}
    assert list(dict.fromkeys(row.divergence for row in ROWS)) == told


@pytest.mark.parametrize("row", AGREED, ids=lambda row: f"line {row.line}: {row.pattern}")
def test_all_other_rows_of_the_page_are_event_rulers_too(ruler: Ruler, row: specification.Row) -> None:
    assert _ask(ruler, row.pattern, row.event) == row.answer


# The rows of the truth table where event-ruler answers otherwise, and why.
DIVERGING = {
    "57": quirks.NO_DOUBLE, "57 equal": quirks.NO_DOUBLE, "57 not equal": quirks.NO_DOUBLE,
    "60 emoji": quirks.ODD_CASE, "60 Kelvin": quirks.ODD_CASE,
    "64 bytes behind": quirks.BEHIND,
}  # fmt: skip
TRUTH = [*truth.ROWS, *truth.EVENTBRIDGE_ROWS]


@pytest.mark.parametrize("row", TRUTH, ids=[row[0] for row in TRUTH])
def test_the_truth_table_is_event_rulers(ruler: Ruler, row: truth.Row) -> None:
    name, pattern, event, expected = row
    text, event_text = pattern if isinstance(pattern, str) else json.dumps(pattern), json.dumps(event)
    found = _ask(ruler, text, event_text)
    wanted = {True: "match", False: "no match"}.get(expected, REFUSED)
    quirk = DIVERGING.get(name)
    if quirk is None:
        assert found == wanted
    else:
        assert found != wanted
        assert _quirks(text, event_text) == {quirk}


def _quirks(pattern: str, event: str) -> set[str]:
    return quirks.of_pattern(pattern) or quirks.of_event(pattern, event)


def _ask(ruler: Ruler, pattern: str, event: str) -> str:
    matches = _theirs(ruler, pattern, (event,))
    return REFUSED if matches is None else "match" if matches[0] else "no match"


def _answer(compiled: Any, event: str) -> str:
    return REFUSED if compiled is None else "match" if compiled.matches(event) else "no match"


def test_the_process_measures_whole_passes(ruler: Ruler) -> None:
    events = ['{"a":1}', '{"a":2}', '{"a":1.0}']
    measured = ruler.measure('{"a":[1]}', events, warm_ms=50, measure_ms=100)
    assert measured["match_count"] == 2
    assert measured["event_count"] % 3 == 0
    assert 0.1 <= measured["seconds"] < 60
    assert 0 < measured["cpu_seconds"] < measured["seconds"] * 1.1
