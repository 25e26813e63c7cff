"""The plain filter matcher against event-ruler, the program that AWS matches with."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.differential import filter_quirks as quirks
from tests.differential.filter_cases import Case, cases
from tests.differential.ruler.process import PatternRefused, Ruler
from tests.reference.filter_plain import PlainPattern, Refused

pytestmark = pytest.mark.slow
SEEDS = range(1, 6)
COUNT = 4000


def _ours(case: Case) -> PlainPattern | None:
    try:
        return PlainPattern(case.pattern, "eventbridge")
    except Refused:
        return None


def _theirs(ruler: Ruler, pattern: str, events: tuple[str, ...]) -> list[bool | None] | None:
    try:
        return ruler.matches(pattern, events)
    except PatternRefused:
        return None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plain_matcher_answers_as_event_ruler(ruler: Ruler, seed: int) -> None:
    asked: Counter[str] = Counter()
    for case in cases(seed, COUNT):
        if quirks.of_pattern(case.pattern):
            asked["quirk"] += len(case.events)
            continue
        ours, theirs = _ours(case), _theirs(ruler, case.pattern, case.events)
        assert (ours is None) == (theirs is None), case.pattern
        if ours is None or theirs is None:
            asked["refused"] += 1
            continue
        for event, match in zip(case.events, theirs, strict=True):
            quirk = quirks.of_event(case.pattern, event)
            asked["quirk" if quirk else "pair"] += 1
            assert quirk or ours.matches(event) is match, (case.pattern, event)
    # What is not asked must stay the exception.
    assert asked["quirk"] < asked["pair"] / 5
    assert asked["refused"] > COUNT / 6


REFUSED = "refused"
EITHER = "either"
# A quirk, a pattern and an event that show it, event-ruler's answer, ours.
ROWS: list[tuple[str, str, str, bool | str, bool | str]] = [
    (quirks.LEAK, '{"a":[{"prefix":"x\\""}]}', '{"a":"x"}', True, False),
    (quirks.LEAK, '{"a":[{"suffix":"\\"x"}]}', '{"a":"x"}', True, False),
    (quirks.LEAK, '{"a":[{"anything-but":{"prefix":"x\\""}}]}', '{"a":"x"}', False, True),
    (quirks.LEAK, '{"a":[{"anything-but":{"suffix":["\\"x"]}}]}', '{"a":"x"}', False, True),
    (quirks.LEAK, '{"a":[{"prefix":{"equals-ignore-case":"x\\""}}]}', '{"a":"X"}', True, False),
    (quirks.LEAK, '{"a":[{"suffix":{"equals-ignore-case":"\\"x"}}]}', '{"a":"X"}', True, False),
    (quirks.ODD_CASE, '{"a":[{"equals-ignore-case":"ok😀"}]}', '{"a":"ok😀"}', False, True),
    (quirks.ODD_CASE, '{"a":[{"equals-ignore-case":"ok😀"}]}', '{"a":"ok??"}', True, False),
    (quirks.ODD_CASE, '{"a":[{"equals-ignore-case":"k"}]}', '{"a":"\u212a"}', False, True),
    (quirks.ODD_CASE, '{"a":[{"equals-ignore-case":"σ"}]}', '{"a":"ς"}', False, True),
    (quirks.ODD_CASE, '{"a":[{"equals-ignore-case":"straße"}]}', '{"a":"STRASSE"}', True, False),
    (quirks.ODD_CASE, '{"a":[{"equals-ignore-case":"ﬁ"}]}', '{"a":"FI"}', True, False),
    (quirks.ODD_CASE, '{"a":[{"equals-ignore-case":"ǅ"}]}', '{"a":"ǅ"}', False, True),
    (quirks.ODD_CASE, '{"a":[{"prefix":{"equals-ignore-case":"𐐀"}}]}', '{"a":"𐐨x"}', False, True),
    (quirks.ODD_CASE, '{"a":[{"anything-but":{"equals-ignore-case":"k"}}]}', '{"a":"\u212a"}', True, False),
    (quirks.NO_DOUBLE, '{"a":[{"numeric":[">",0]}]}', '{"a":9007199254740993}', False, True),
    (quirks.NO_DOUBLE, '{"a":[{"numeric":["=",9007199254740993]}]}', '{"a":1}', REFUSED, False),
    (quirks.NO_DOUBLE, '{"a":[{"anything-but":9007199254740993}]}', '{"a":1}', REFUSED, True),
    (quirks.NO_DOUBLE, '{"a":[{"anything-but":[1e400]}]}', '{"a":1}', REFUSED, True),
    (quirks.NO_DOUBLE, '{"a":[9007199254740993]}', '{"a":9007199254740993.0}', False, True),
    (quirks.NO_DOUBLE, '{"a":[{"numeric":["<",1]}]}', '{"a":0.1000000000000000055}', False, True),
    (quirks.ADDRESSES, '{"a":[{"cidr":"::/0"}]}', '{"a":"10.0.0.1"}', True, False),
    (quirks.ADDRESSES, '{"a":[{"cidr":"10.0.0.0/2"}]}', '{"a":10}', True, False),
    (quirks.ADDRESSES, '{"a":["16.0.0.0"]}', '{"a":10000000}', True, False),
    (quirks.BEHIND, '{"a":[1]} zzz', '{"a":1}', True, REFUSED),
    (quirks.EMPTY_NAME, '{"":{"a":[1]}}', '{"a":1}', True, False),
    (quirks.EMPTY_NAME, '{"":{"a":[1]}}', '{"":{"a":1}}', False, True),
    (quirks.HALF, '{"a":["\\ud83d"]}', '{"a":"\\ud83d"}', True, REFUSED),
    (quirks.EMPTY_LIST, '{"a":[1,{"anything-but":{"prefix":[]}}]}', '{"a":1}', True, REFUSED),
    (quirks.AFLOAT, '{"a":[{"wildcard":"*p"},{"equals-ignore-case":"a"}]}', '{"a":"extra"}', True, False),
    (quirks.AFLOAT, '{"a":[{"wildcard":"*p"},{"anything-but":{"equals-ignore-case":"a"}}]}', '{"a":"ab"}', False, True),
    (quirks.HIDDEN, '{"a":["x",{"numeric":["<",5]},"y"]}', '{"a":"x"}', EITHER, True),
    (quirks.HIDDEN, '{"a":["x",{"numeric":["<",5]},{"anything-but":"x"}]}', '{"a":"x"}', EITHER, True),
    (quirks.SHARED, '{"$or":[{"a":["x","y"]},{"a":["x","z"]}]}', '{"a":"z"}', False, True),
    (quirks.SHARED, '{"$or":[{"a":["x"]},{"a":["z","x"]}]}', '{"a":"z"}', EITHER, True),
    (quirks.SHARED, '{"$or":[{"a":["x",{"exists":false}]},{"a":["x"]}]}', '{"b":1}', True, True),
    (quirks.SHARED, '{"$or":[{"a":["x"]},{"a":["z",{"exists":false},"x"]}]}', '{"b":1}', EITHER, True),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}: {row[1]}")
def test_a_bug_is_not_copied(ruler: Ruler, row: tuple[str, str, str, bool | str, bool | str]) -> None:
    quirk, pattern, event, theirs, ours = row
    found = quirks.of_pattern(pattern) or quirks.of_event(pattern, event)
    assert found == {quirk}
    # A machine is made for each question, and chance with it.
    answers = {_answer(_theirs(ruler, pattern, (event,))) for _ in range(60 if theirs == EITHER else 3)}
    assert answers == ({True, False} if theirs == EITHER else {theirs})
    compiled = _ours(Case(pattern, (event,)))
    assert (REFUSED if compiled is None else compiled.matches(event)) == ours


def _answer(matches: list[bool | None] | None) -> bool | str | None:
    return REFUSED if matches is None else matches[0]


def test_every_quirk_has_a_row() -> None:
    assert {row[0] for row in ROWS} == quirks.ALL


def test_the_process_measures_whole_passes(ruler: Ruler) -> None:
    events = ['{"a":1}', '{"a":2}', '{"a":1.0}']
    measured = ruler.measure('{"a":[1]}', events, warm_ms=50, measure_ms=100)
    assert measured["match_count"] == 2
    assert measured["event_count"] % 3 == 0
    assert 0.1 <= measured["seconds"] < 60
    assert 0 < measured["cpu_seconds"] < measured["seconds"] * 1.1
