"""What ``to_lambda`` makes of random patterns matches the same random records: no record is lost on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import FilterCriteria, FilterPatternError, filters
from tests.differential.filter_events import leaves
from tests.differential.filter_extensions import OURS, extended_cases
from tests.differential.filter_patterns import condition, nest, one
from tests.reference.filter_json import Members, Number, read, to_python, write
from tests.reference.filter_plain import PlainPattern

SEEDS = st.integers(min_value=0, max_value=2**48)
# What Lambda has words for, and a little of what it has not.
WORDS = ["equals", "equals", "prefix", "suffix", "equals-ignore-case", "exists", "anything-but", "wildcard", "exactly"]
SCALARS = {"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS"}
Exported = tuple[FilterCriteria, Any, list[Members]]


def as_written(tree: Any, tag: str = "") -> Any:
    """A record with its numbers as DynamoDB writes them: plain digits without zeros that change nothing."""
    if isinstance(tree, Members):
        return Members((name, as_written(value, name)) for name, value in tree)
    if isinstance(tree, list):
        return [as_written(element, tag) for element in tree]
    if tag in ("N", "NS") and isinstance(tree, str):
        return f"{Decimal(tree).normalize() + 0:f}"
    return tree


def records(seed: int) -> list[Members]:
    """Changes that are like one another."""
    (case,) = extended_cases(seed, 1)
    return [as_written(read(event)) for event in case.events]


def pattern(rng: Random, event: Members) -> Members:
    """Paths of the record with all types, each with values and operators."""
    found = [(path, value) for path, value in leaves(event) if path[-1] in SCALARS or path[0] != "dynamodb"]
    entries = [_entry(rng, *rng.choice(found)) for _ in range(rng.choice([1, 2, 2, 3]))]
    tree = nest(rng, entries)
    if rng.random() < 0.2:
        return Members([*tree, ("$and", [nest(rng, [_entry(rng, *rng.choice(found))])])])
    return tree


def _entry(rng: Random, path: tuple[str, ...], value: Any) -> tuple[tuple[str, ...], list[Any]]:
    if path[1:2] == ("NewImage",) and rng.random() < 0.15:
        path = ("dynamodb", "OldImage", *path[2:])
    like = Number(value) if path[-1] in ("N", "NS") and rng.random() < 0.8 else value
    values = [_condition(rng, path, like) for _ in range(rng.choice([1, 1, 2, 3]))]
    # One of few at times: more than one path with values in common.
    return path, [*values, rng.choice([value, "PAID"])] if rng.random() < 0.3 else values


def _condition(rng: Random, path: tuple[str, ...], value: Any) -> Any:
    if path[1:2] in (("NewImage",), ("OldImage",)) and rng.random() < 0.2:
        return rng.choice(CHANGES)(rng, value)
    if rng.random() < 0.1:
        return OURS["$not"](rng, value)
    return condition(rng, value, WORDS)


def _side(rng: Random, value: Any) -> Any:
    return rng.choice([value, condition(rng, value, WORDS), one("exists", False), one("anything-but", [_plain(value)])])


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, Number)) and not isinstance(value, bool) else "x"


CHANGES: list[Callable[[Random, Any], Members]] = [
    lambda rng, value: one("changed", [_side(rng, value), value]),
    lambda rng, value: one("changed", [one("anything-but", [_plain(value)]), value]),
    lambda rng, value: one("changed", [one("exists", False), _side(rng, value)]),
    lambda rng, value: one("added", True),
    lambda rng, value: one("removed", True),
    lambda rng, value: one("changed", [_side(rng, value), _side(rng, value)]),
]


def exported(seed: int, make: Callable[[Random, Members], Members] = pattern) -> Exported | None:
    """Criteria and what is exported of them, if they are valid and anything is."""
    rng, events = Random(seed), records(seed)
    texts = [write(make(rng, rng.choice(events))) for _ in range(rng.choice([1, 1, 2]))]
    try:
        criteria = FilterCriteria(texts, dialect="extended")
        return criteria, criteria.to_lambda(), events
    except FilterPatternError:
        return None


def forms(event: Members) -> Iterator[Any]:
    yield to_python(event)
    yield write(event).encode()


@given(SEEDS)
def test_what_is_exported_matches_the_same_records(seed: int) -> None:
    found = exported(seed)
    if found is None:
        return
    criteria, made, events = found
    again = FilterCriteria(made)
    assert again.to_lambda() == made
    for event in events:
        for form in forms(event):
            assert again.matches(form) == criteria.matches(form), (criteria.patterns, made, write(event))


@given(SEEDS)
def test_a_plain_matcher_of_lambda_finds_the_same_records(seed: int) -> None:
    found = exported(seed)
    if found is None:
        return
    criteria, made, events = found
    plain = [PlainPattern(each["Pattern"], "lambda") for each in made["Filters"]]
    for event in events:
        expected = criteria.matches(to_python(event))
        assert any(each.matches(write(event)) for each in plain) == expected, (criteria.patterns, made, write(event))


@given(SEEDS)
def test_no_record_is_lost_whatever_the_pattern(seed: int) -> None:
    """Types left out, $not, every operator: most are refused."""
    (case,) = extended_cases(seed, 1)
    try:
        criteria = FilterCriteria(case.pattern, dialect="extended")
        made = FilterCriteria(criteria.to_lambda())
    except FilterPatternError:
        return
    for event in case.events:
        record = to_python(as_written(read(event)))
        assert made.matches(record) == criteria.matches(record), (case.pattern, made.patterns, event)


def test_the_generator_makes_what_can_be_exported() -> None:
    found = [each for each in map(exported, range(400)) if each is not None]
    assert len(found) > 100
    answers = [criteria.matches(to_python(event)) for criteria, _, events in found for event in events]
    assert 0.1 < sum(answers) / len(answers) < 0.9
    assert any(len(made["Filters"]) > 2 for _, made, _ in found)
    assert any("$or" in each["Pattern"] for _, made, _ in found for each in made["Filters"])
    words = json.dumps([made for _, made, _ in found])
    assert all(word in words for word in ("anything-but", "exists", "prefix", "suffix", "equals-ignore-case"))


def preset(rng: Random) -> FilterCriteria:
    """Any of the ready-made filters that Lambda can be given."""
    values: list[Any] = ["PAID", "PENDING", "", 5, 15, Decimal("9.50"), 100, True, False, None, b"\x01\x02\x03"]
    constants = [filters.inserts, filters.modifies, filters.removes, filters.ttl_deletes, filters.user_deletes]
    path: Any = rng.choice(["status", "qty", "active", "note", "blob", ("addr", "status"), ("addr", "qty")])
    return rng.choice(
        [
            *constants,
            filters.replicated_ttl_deletes(rng.choice(["qty", "status"])),
            *[filters.became(path, rng.choice(values))] * 6,
        ]
    )


@given(SEEDS)
def test_presets_match_the_same_records_once_exported(seed: int) -> None:
    criteria = preset(Random(seed))
    again = FilterCriteria(criteria.to_lambda())
    for event in records(seed):
        for form in forms(event):
            assert again.matches(form) == criteria.matches(form), (criteria.patterns, write(event))


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 40_000, 10_000))
def test_what_is_exported_matches_the_same_in_many_cases(start: int) -> None:
    for seed in range(start, start + 10_000):
        found = exported(seed)
        if found is None:
            continue
        criteria, made, events = found
        again = FilterCriteria(made)
        for event in events:
            record = to_python(event)
            assert again.matches(record) == criteria.matches(record), (criteria.patterns, made, write(event))
