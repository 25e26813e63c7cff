"""The random cases for filters reach what they are made for: a differential test can't find what it never asks."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import pytest

from tests.differential import filter_events, filter_faults, filter_patterns
from tests.differential.filter_cases import Case, cases
from tests.differential.filter_extensions import extended_cases
from tests.reference import filter_plain, filter_values
from tests.reference.filter_extended import PlainExtended
from tests.reference.filter_json import Members, Number, read, write
from tests.reference.filter_plain import PlainPattern, Refused

SEED, COUNT = 71, 1000


@pytest.fixture(scope="module")
def some_cases() -> list[Case]:
    return list(cases(SEED, COUNT))


@pytest.fixture(scope="module")
def right(some_cases: list[Case]) -> list[list[bool] | None]:
    return [_answers(case) for case in some_cases]


def _answers(case: Case) -> list[bool] | None:
    """None for a pattern that is refused."""
    try:
        pattern = PlainPattern(case.pattern, "eventbridge")
    except Refused:
        return None
    return [pattern.matches(event) for event in case.events]


def test_a_seed_gives_the_same_cases_again(some_cases: list[Case]) -> None:
    assert list(cases(SEED, 50)) == some_cases[:50] != list(cases(SEED + 1, 50))


def test_hits_misses_and_refusals_are_all_frequent(right: list[list[bool] | None]) -> None:
    valid = [answer for answer in right if answer is not None]
    assert 0.2 < 1 - len(valid) / len(right) < 0.45
    outcomes = Counter(match for answer in valid for match in answer)
    assert 0.3 < outcomes[True] / outcomes.total() < 0.6
    # What tells two events apart is what a pattern is about.
    assert sum(len(set(answer)) == 2 for answer in valid) > len(valid) / 3


def test_every_event_is_an_object(some_cases: list[Case]) -> None:
    assert all(isinstance(read(event), Members) for case in some_cases for event in case.events)


@pytest.mark.parametrize("form", filter_patterns.OPERATORS)
def test_every_operator_holds_and_does_not(form: str) -> None:
    rng = Random(form)
    outcomes: Counter[bool] = Counter()
    for _ in range(400):
        value, other = filter_events.scalar(rng), filter_events.scalar(rng)
        pattern = write(Members([("a", [filter_patterns.condition(rng, value, [form])])]))
        try:
            compiled = PlainPattern(pattern, "eventbridge")
        except Refused:
            continue
        outcomes.update(compiled.matches(write(Members([("a", each)]))) for each in (value, other))
    assert outcomes[True] > 20
    assert outcomes[False] > 20


@pytest.mark.slow
def test_every_form_and_every_fault_is_reached() -> None:
    """Over more cases than one run asks; the text of a form is found whichever spelling it has."""
    trees = [read(case.pattern) for case in cases(SEED, 6000) if _is_json(case.pattern)]
    seen = {repr(node) for tree in trees for node in _nodes(tree)}
    faults = {repr(element) for element in filter_faults.ELEMENTS + filter_faults.MEMBERS}
    assert len(faults - seen) < len(faults) / 6
    words = {
        (name, type(value).__name__) for tree in trees for node in _nodes(tree) if isinstance(node, Members)
        for name, value in node
    }  # fmt: skip
    wanted = {("anything-but", kind) for kind in ("str", "Number", "list", "Members")}
    wanted |= {(word, kind) for word in ("prefix", "suffix") for kind in ("str", "Members")}
    wanted |= {(word, "str") for word in ("exactly", "equals-ignore-case", "wildcard", "cidr")}
    assert wanted | {("exists", "bool"), ("numeric", "list"), ("$or", "list")} <= words


def _is_json(text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def _nodes(tree: Any) -> list[Any]:
    inner = [value for _, value in tree] if isinstance(tree, Members) else tree if isinstance(tree, list) else []
    return [tree, *(node for value in inner for node in _nodes(value))]


def test_the_extended_cases_hit_and_miss_and_reach_every_operator() -> None:
    outcomes: Counter[str] = Counter()
    words: set[str] = set()
    for case in extended_cases(SEED, 300):
        try:
            pattern = PlainExtended(case.pattern)
        except Refused:
            outcomes["refused"] += 1
            continue
        outcomes.update(str(pattern.matches(event)) for event in case.events)
        words |= {name for node in _nodes(read(case.pattern)) if isinstance(node, Members) for name, _ in node}
    assert words >= {"regex", "contains-all", "$and", "$or", "$not", "changed", "added", "removed"}
    assert 0.25 < outcomes["True"] / (outcomes["True"] + outcomes["False"]) < 0.6
    assert outcomes["refused"] > 2


def _unsorted(item: tuple[str, Any]) -> bytes:
    return b""


# What an implementation could get wrong, and the function of the plain one that gets it right.
MISTAKES: list[tuple[str, Any, str, Any]] = [
    ("elements of one array are mixed", filter_plain, "agree", lambda one, other: True),
    ("paths are taken as they stand", filter_plain, "utf16", _unsorted),
    ("no text is an address", filter_values, "ip_address", lambda text: None),
    ("case is ASCII's", filter_values, "fold", lambda text: text.encode().lower().decode()),
    ("case is lower()", filter_values, "fold", str.lower),
    ("a star is at least one character", filter_values, "wildcard_pieces", lambda text: text.split("*")),
    ("numbers are compared as text", Number, "value", property(lambda number: number.text)),
    ("nothing is excluded", filter_values, "none_of", lambda conditions: lambda value: True),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[0])
def test_a_mistake_shows(monkeypatch: pytest.MonkeyPatch, mistake: tuple[str, Any, str, Any]) -> None:
    """Well before a run of a differential test ends."""
    shown = 0
    for case in cases(SEED, 4 * COUNT):
        right = _answers(case)
        with monkeypatch.context() as mistaken:
            mistaken.setattr(*mistake[1:])
            shown += _answers(case) != right
        if shown == 2:
            return
    pytest.fail(f"{shown} times in {4 * COUNT} cases")
