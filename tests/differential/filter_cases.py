"""Seeded random cases for filters: a pattern and the events it is asked about, both as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.differential.filter_events import Path, crowd, obj, record, relation, scalar
from tests.differential.filter_faults import broken, broken_text
from tests.differential.filter_patterns import LAMBDA_OPERATORS, condition, crowd_pattern, pattern
from tests.reference.filter_json import Members, write

RELATIONS_PER_CASE = 4


@dataclass(frozen=True)
class Case:
    """A pattern, and events of which it was made or nearly made."""

    pattern: str
    events: tuple[str, ...]


def cases(seed: int, count: int) -> Iterator[Case]:
    """The same cases for the same seed."""
    rng = Random(seed)
    for _ in range(count):
        yield case(rng)


def case(rng: Random) -> Case:
    """One case."""
    event, tree = _pair(rng)
    if rng.random() < 0.25:
        tree = broken(rng, tree)
    text = spelled(rng, tree)
    if rng.random() < 0.06:
        text = broken_text(rng, text)
    values, at = list(scalars(tree)), list(paths(tree))
    events = [event, *(relation(rng, event, at, values) for _ in range(RELATIONS_PER_CASE))]
    return Case(text, tuple(spelled(rng, each) for each in events))


def _pair(rng: Random) -> tuple[Members, Members]:
    """An event, and a pattern about it."""
    kind = rng.random()
    if kind < 0.2:
        event = crowd(rng)
        return event, crowd_pattern(rng, event)
    if kind < 0.4:
        value = scalar(rng)
        return Members([("a", value)]), Members([("a", [condition(rng, value)])])
    event = record(rng) if kind < 0.75 else obj(rng)
    return event, pattern(rng, event, LAMBDA_OPERATORS if rng.random() < 0.3 else None)


def paths(tree: Members, at: Path = ()) -> Iterator[Path]:
    """Where the lists of conditions of a pattern stand."""
    for name, value in tree:
        if name == "$or" and isinstance(value, list):
            for branch in value:
                yield from paths(branch, at) if isinstance(branch, Members) else ()
        elif isinstance(value, Members):
            yield from paths(value, (*at, name))
        else:
            yield (*at, name)


def scalars(tree: Any) -> Iterator[Any]:
    """The values that stand in a pattern, among them the words of numeric."""
    if isinstance(tree, Members):
        for _, value in tree:
            yield from scalars(value)
    elif isinstance(tree, list):
        for element in tree:
            yield from scalars(element)
    else:
        yield tree


def spelled(rng: Random, tree: Any) -> str:
    """JSON of the tree, at times with escapes and spaces that change nothing."""
    if rng.random() < 0.5:
        return write(tree)
    return _spelled(rng, tree)


def _spelled(rng: Random, tree: Any) -> str:
    if isinstance(tree, Members):
        return "{" + ",".join(f"{_text(rng, name)}{_space(rng)}:{_spelled(rng, value)}" for name, value in tree) + "}"
    if isinstance(tree, list):
        return "[" + ",".join(_space(rng) + _spelled(rng, element) for element in tree) + _space(rng) + "]"
    if isinstance(tree, str):
        return _text(rng, tree)
    return write(tree)


def _text(rng: Random, text: str) -> str:
    written = write(text, ensure_ascii=False)
    if not text or rng.random() < 0.8:
        return written
    return write(text) if "\\" in written else "".join(_character(rng, character) for character in written)


def _character(rng: Random, character: str) -> str:
    escaped = rng.random() < 0.3 and character.isalnum() and ord(character) < 0x10000
    return f"\\u{ord(character):04x}" if escaped else character


def _space(rng: Random) -> str:
    return rng.choice(["", "", "", " ", "\n", "\t "])
