"""FilterCriteria against the plain matchers on random cases, on every road."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from tailrace import FilterCriteria, FilterPatternError
from tests.differential import rounds
from tests.differential.filter_cases import Case, cases
from tests.differential.filter_extensions import extended_cases
from tests.differential.stray_dots import has_stray_dots
from tests.reference.filter_extended import PlainExtended
from tests.reference.filter_json import has_name_twice, read, to_python
from tests.reference.filter_plain import PlainPattern, Refused

Dialect = Literal["lambda", "eventbridge", "extended"]
DIALECTS: tuple[Dialect, ...] = ("lambda", "eventbridge", "extended")
Plain = PlainPattern | PlainExtended


def _plain(pattern: str, dialect: Dialect) -> Plain | None:
    try:
        return PlainExtended(pattern) if dialect == "extended" else PlainPattern(pattern, dialect)
    except Refused:
        return None


def _criteria(pattern: Any, dialect: Dialect) -> FilterCriteria | None:
    try:
        return FilterCriteria([pattern], dialect=dialect)
    except FilterPatternError:
        return None


def _as_object(text: str) -> dict[str, Any] | None:
    """The object that the text is, where a dict can be it."""
    try:
        tree = read(text)
    except ValueError:
        return None
    # A tree that is no object is a list of filters, or no filter at all, where it is no text.
    value = None if has_name_twice(tree) else to_python(tree)
    return value if isinstance(value, dict) else None


def _forms(plain: Plain, event: str) -> Iterator[tuple[Any, bool]]:
    """The event in all its forms, each with the answer."""
    expected = plain.matches(event)
    yield event, expected
    yield event.encode(), expected
    exact = _as_object(event)
    if exact is None:
        return
    yield exact, expected
    # As json.loads gives it: a float is the number that it prints, and that need not be the one of the text.
    loose = json.loads(event)
    yield loose, expected if loose == exact else plain.matches(loose)


def _check(case: Case, dialect: Dialect) -> int:
    """The number of events that were compared."""
    plain = _plain(case.pattern, dialect)
    made = {"text": _criteria(case.pattern, dialect)}
    pattern = _as_object(case.pattern)
    if pattern is not None:
        made["object"] = _criteria(pattern, dialect)
    for form, criteria in made.items():
        assert (criteria is None) == (plain is None), (case.pattern, form, dialect)
    if plain is None:
        return 0
    events = [event for event in case.events if not has_stray_dots(read(event))]
    for given, expected in (form for event in events for form in _forms(plain, event)):
        for form, criteria in made.items():
            assert criteria is not None
            assert criteria.matches(given) == expected, (case.pattern, given, form, type(given), dialect)
    return len(events)


def _cases(seed: int, count: int, dialect: Dialect) -> Iterator[Case]:
    """Nearly all patterns of the extended cases are valid: fewer give as many pairs."""
    return extended_cases(seed, count * 3 // 5) if dialect == "extended" else cases(seed, count)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_filter_criteria_answers_as_the_plain_matcher(dialect: Dialect) -> None:
    assert sum(_check(case, dialect) for case in _cases(0, 400, dialect)) > 700


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("seed", rounds.seeds(100))
def test_filter_criteria_answers_as_the_plain_matcher_in_many_cases(seed: int, dialect: Dialect) -> None:
    assert sum(_check(case, dialect) for case in _cases(seed, rounds.CASES, dialect)) > rounds.PAIRS
