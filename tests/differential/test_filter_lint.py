"""What event-ruler loses or finds by mistake, lint tells of the pattern."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tailrace import FilterCriteria, FilterPatternError
from tests.differential import filter_quirks as quirks
from tests.differential.filter_patterns import OPERATORS, condition
from tests.differential.ruler.process import PatternRefused, Ruler
from tests.reference.filter_json import Members, Number, write
from tests.reference.filter_plain import PlainPattern, Refused

pytestmark = pytest.mark.slow
TOLD = {quirks.SHARED: "or-shared", quirks.HIDDEN: "text-before-range", quirks.AFLOAT: "case-behind-star"}
OTHERS = quirks.ALL - TOLD.keys()
VALUES = ["ab", "b", "abc", "1", "-x", "PAID", "", Number("5"), Number("-3"), Number("0")]
WORDS = [word for word in OPERATORS if word not in ("exists", "cidr")] + ["equals", "equals", "numeric", "numeric"]
# What it gets wrong at random shows in one of these.
TRIES = 8


def _conditions(rng: Random, count: int) -> list[object]:
    return [condition(rng, rng.choice(VALUES), WORDS) for _ in range(count)]


def _pattern(rng: Random) -> Members:
    """One list, or branches of `$or` that speak of the same one or two paths."""
    if rng.random() < 0.5:
        return Members([("a", _conditions(rng, rng.choice([2, 3, 3, 4])))])
    paths = "ab"[: rng.choice([1, 1, 2])]
    branches = [
        Members((path, _conditions(rng, rng.choice([1, 2, 2]))) for path in paths) for _ in range(rng.choice([2, 2, 3]))
    ]
    return Members([("$or", branches)])


def _events(rng: Random, pattern: str) -> list[str]:
    """Few values, and longer texts around them; none about which something else is known to be wrong."""
    around = ["extra", "zPAID", "1zz1", "-yx", "bxAB"]
    events = [write(Members([("a", value), ("b", rng.choice(VALUES))])) for value in (*VALUES, *around)]
    return [event for event in events if not quirks.of_event(pattern, event) & OTHERS]


@pytest.mark.parametrize("seed", [0, 3])
def test_what_event_ruler_gets_wrong_is_told(ruler: Ruler, seed: int) -> None:
    rng = Random(seed)
    wrong: Counter[str] = Counter()
    for _ in range(4000):
        pattern = write(_pattern(rng))
        if quirks.of_pattern(pattern) & OTHERS:
            continue
        try:
            plain = PlainPattern(pattern, "eventbridge")
            warnings = FilterCriteria(pattern, dialect="eventbridge").lint()
        except (Refused, FilterPatternError):
            continue
        events = _events(rng, pattern)
        expected = [plain.matches(event) for event in events]
        try:
            is_right = all(ruler.matches(pattern, events) == expected for _ in range(TRIES))
        except PatternRefused:
            continue
        if not is_right:
            codes = {warning.code for warning in warnings} & set(TOLD.values())
            assert codes, pattern
            wrong.update(codes)
    assert all(wrong[code] for code in TOLD.values())
