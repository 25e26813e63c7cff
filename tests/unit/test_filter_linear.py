"""Time and room: patterns made to be slow are linear in the text, and a pattern unfolds to no more than is allowed."""

from __future__ import annotations

import time
from typing import Any, Literal

import pytest

from tailrace import FilterCriteria, FilterPatternError

Dialect = Literal["lambda", "eventbridge", "extended"]
DIALECTS: tuple[Dialect, ...] = ("lambda", "eventbridge", "extended")
CHARACTERS = 400_000
STARS = "*a" * 400

# A condition, and the text of this many characters that it is slowest for.
SLOW: dict[str, tuple[dict[str, Any], Any]] = {
    "stars, then another letter": ({"wildcard": STARS + "*b"}, lambda n: "a" * n),
    "stars, then another letter at the end": ({"wildcard": STARS + "b"}, lambda n: "a" * n),
    "stars of longer pieces": ({"wildcard": "*aab" * 300 + "*c"}, lambda n: "aaab" * (n // 4)),
    "a period that breaks": ({"wildcard": "*" + "ab" * 500 + "c*"}, lambda n: "ab" * (n // 2)),
    "a piece that nearly is": ({"wildcard": "*" + "a" * 1000 + "b*"}, lambda n: "a" * n),
    "all but stars": ({"anything-but": {"wildcard": [STARS + "*b", STARS + "*c"]}}, lambda n: "a" * n),
    "stars without case": ({"wildcard": {"equals-ignore-case": STARS + "*b"}}, lambda n: "A" * n),
    "no case": ({"equals-ignore-case": "a" * 4000}, lambda n: "A" * n),
    "a suffix without case": ({"suffix": {"equals-ignore-case": "ba" * 2000}}, lambda n: "A" * n),
    "choices": ({"regex": "(a|aa)*b"}, lambda n: "a" * n),
    "stars in stars": ({"regex": "((a*)*)*b"}, lambda n: "a" * n),
    "counts": ({"regex": "(a?){20}a{20}b"}, lambda n: "a" * n),
}


def seconds(criteria: FilterCriteria, event: dict[str, Any], *, rounds: int = 3) -> float:
    """Of this thread alone: other processes' load counts for nothing."""
    best = float("inf")
    for _ in range(rounds):
        start = time.thread_time()
        criteria.matches(event)
        best = min(best, time.thread_time() - start)
    return best


@pytest.mark.parametrize("name", SLOW)
def test_a_text_four_times_as_long_takes_four_times_as_long(name: str) -> None:
    """A quadratic search would take sixteen times as long, and minutes."""
    condition, text = SLOW[name]
    criteria = FilterCriteria({"a": [condition]}, dialect="extended")
    short, long = ({"a": text(count)} for count in (CHARACTERS // 4, CHARACTERS))
    spent = seconds(criteria, long)
    assert spent < 8 * seconds(criteria, short) + 0.002
    assert spent < 1


def test_more_stars_take_no_longer() -> None:
    event = {"a": "a" * CHARACTERS}
    one, many = (FilterCriteria({"a": [{"wildcard": "*a" * n + "*b"}]}, dialect="eventbridge") for n in (1, 1000))
    assert not one.matches(event)
    assert not many.matches(event)
    assert seconds(many, event) < 4 * seconds(one, event) + 0.002


def branches(count: int, name: str = "a") -> list[dict[str, Any]]:
    return [{name: [n]} for n in range(count)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_pattern_unfolds_to_1024_alternatives_and_no_more(dialect: Dialect) -> None:
    full = {"x": {"$or": branches(32)}, "y": {"$or": branches(32, "b")}}
    criteria = FilterCriteria(full, dialect=dialect)
    assert criteria.matches({"x": {"a": 31}, "y": {"b": 31}})
    assert not criteria.matches({"x": {"a": 31}, "y": {"b": 32}})
    for most in (
        {"x": {"$or": branches(32)}, "y": {"$or": branches(33, "b")}},
        {f"x{n}": {"$or": branches(2)} for n in range(11)},
        {"$or": [{"x": {"$or": branches(32)}, "y": {"$or": branches(32, "b")}}, {"z": [1]}]},
    ):
        with pytest.raises(FilterPatternError, match="unfolds to more than 1024 alternatives"):
            FilterCriteria(most, dialect=dialect)


def test_not_unfolds_no_further_either() -> None:
    many = {"x": {"$or": branches(32)}, "y": {"$or": branches(33, "b")}}
    with pytest.raises(FilterPatternError, match="unfolds to more than 1024 alternatives"):
        FilterCriteria({"$not": many}, dialect="extended")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_unfolds_most_is_soon_compiled_and_matched(dialect: Dialect) -> None:
    """Ten paths in each of 1,024 alternatives, none of which matches before its last."""
    pattern = {f"{n}": {"$or": [{"a": [1]}, {"b": [1]}]} for n in range(10)}
    start = time.thread_time()
    criteria = FilterCriteria(pattern, dialect=dialect)
    event: dict[str, Any] = {f"{n}": {"b": 1} for n in range(10)}
    assert criteria.matches(event)
    event["9"] = {"c": 1}
    assert not criteria.matches(event)
    assert time.thread_time() - start < 1


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_pattern_is_128_levels_deep_and_no_deeper(dialect: Dialect) -> None:
    def nested(levels: int, inner: Any) -> Any:
        return inner if levels == 0 else {"a": nested(levels - 1, inner)}

    assert FilterCriteria(nested(126, [1]), dialect=dialect).matches(nested(126, 1))
    assert FilterCriteria({".".join("a" * 128): [1]}, dialect=dialect).matches(nested(128, 1))
    for deep, reason in [(nested(130, [1]), "nested too deep"), ({".".join("a" * 129): [1]}, "at most 128 steps")]:
        with pytest.raises(FilterPatternError, match=reason):
            FilterCriteria(deep, dialect=dialect)
