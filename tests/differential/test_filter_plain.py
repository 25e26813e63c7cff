"""FilterCriteria against the plain matchers on random cases, on every road."""

from __future__ import annotations

from typing import Any, Literal

import pytest

import tailrace
from tests.differential.filter_cases import Case, cases
from tests.differential.filter_extensions import extended_cases
from tests.reference.filter_extended import PlainExtended
from tests.reference.filter_json import Members, has_name_twice, read, to_python
from tests.reference.filter_plain import PlainPattern, Refused

FilterCriteria: Any = getattr(tailrace, "FilterCriteria", None)
FilterPatternError: Any = getattr(tailrace, "FilterPatternError", None)
pytestmark = pytest.mark.skipif(FilterCriteria is None, reason="this build has no FilterCriteria")
Dialect = Literal["lambda", "eventbridge"]
DIALECTS: tuple[Dialect, ...] = ("lambda", "eventbridge")


def _plain(pattern: str, dialect: Dialect) -> PlainPattern | None:
    try:
        return PlainPattern(pattern, dialect)
    except Refused:
        return None


def _criteria(pattern: Any, dialect: str) -> Any:
    try:
        return FilterCriteria([pattern], dialect=dialect)
    except FilterPatternError:
        return None


def _forms(text: str) -> list[Any]:
    """The text, and the object that it is where a dict can be it."""
    try:
        tree = read(text)
    except ValueError:
        return [text]
    return [text] if has_name_twice(tree) else [text, to_python(tree)]


TAGS = {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}


def _has_stray_dots(event: Any) -> bool:
    """Whether an image holds, under a name with dots, what no attribute value is.

    There, in what DynamoDB never sends, FilterCriteria does not look for `b` inside `a` under the name `a.b`.
    """
    changes = [change for name, change in event if name == "dynamodb" and isinstance(change, Members)]
    images = [image for change in changes for name, image in change if name in ("Keys", "NewImage", "OldImage")]
    return any(map(_is_stray_map, images))


def _is_stray_map(image: Any) -> bool:
    if not isinstance(image, Members):
        return False
    return any(_is_stray_value(value, dotted="." in name) for name, value in image)


def _is_stray_value(value: Any, *, dotted: bool) -> bool:
    if not isinstance(value, Members):
        return dotted or (isinstance(value, list) and any(_is_stray_value(each, dotted=False) for each in value))
    names = {name for name, _ in value}
    if (dotted and not names & TAGS) or any("." in name for name in names):
        return True
    return any(_is_stray_map(inner) or _is_stray_value(inner, dotted=False) for _, inner in value)


def _check(case: Case, dialect: Dialect) -> None:
    plain = _plain(case.pattern, dialect)
    for pattern in _forms(case.pattern):
        # A tree that is no object is a list of filters, or no filter at all, where it is no text.
        if not isinstance(pattern, (str, dict)):
            continue
        criteria = _criteria(pattern, dialect)
        assert (criteria is None) == (plain is None), (case.pattern, type(pattern), dialect)
        if criteria is None or plain is None:
            continue
        for event in (event for event in case.events if not _has_stray_dots(read(event))):
            expected = plain.matches(event)
            for form in (event.encode(), *_forms(event)):
                assert criteria.matches(form) == expected, (case.pattern, event, type(form), dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_filter_criteria_answers_as_the_plain_matcher(dialect: Dialect) -> None:
    for case in cases(0, 500):
        _check(case, dialect)


def _check_extended(case: Case) -> None:
    plain: PlainExtended | None
    try:
        plain = PlainExtended(case.pattern)
    except Refused:
        plain = None
    criteria = _criteria(case.pattern, "extended")
    assert (criteria is None) == (plain is None), case.pattern
    if criteria is None or plain is None:
        return
    for event in case.events:
        expected = plain.matches(event)
        for form in (event.encode(), *_forms(event)):
            assert criteria.matches(form) == expected, (case.pattern, event, type(form))


def test_the_extended_dialect_answers_as_the_plain_matcher() -> None:
    for case in extended_cases(0, 500):
        _check_extended(case)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(201, 205))
def test_the_extended_dialect_answers_as_the_plain_matcher_in_many_cases(seed: int) -> None:
    for case in extended_cases(seed, 4000):
        _check_extended(case)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("seed", range(101, 109))
def test_filter_criteria_answers_as_the_plain_matcher_in_many_cases(seed: int, dialect: Dialect) -> None:
    for case in cases(seed, 4000):
        _check(case, dialect)
