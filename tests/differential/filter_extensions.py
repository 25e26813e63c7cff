"""Seeded random cases for the extended dialect: change records, and patterns whose paths may leave the types out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

from tests.differential.filter_cases import Case, spelled
from tests.differential.filter_events import Path, attribute, image, leaves, record
from tests.differential.filter_patterns import OPERATORS, condition, nest, one, text_like, wildcard_text
from tests.reference.filter_json import Members, Number

Pairs = list[tuple[str, Any]]
TAGS = {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}
RECORDS_PER_CASE = 5
CHANGES = ["changed", "added", "removed"]


def extended_cases(seed: int, count: int) -> Iterator[Case]:
    """The same cases for the same seed."""
    rng = Random(seed)
    for _ in range(count):
        yield extended_case(rng)


def extended_case(rng: Random) -> Case:
    """One case."""
    event = _with_both_images(rng, record(rng))
    tree = _pattern(rng, event)
    events = [event, *(_relation(rng, event) for _ in range(RECORDS_PER_CASE - 1))]
    return Case(spelled(rng, tree), tuple(spelled(rng, each) for each in events))


def _with_both_images(rng: Random, event: Members) -> Members:
    """A change from one image to one that is like it: a record of another kind has one image."""
    old = _like(rng, image(rng))
    new = _like(rng, Members(pair for pair in old if pair[0] != "pk"))
    kept = {"INSERT": [("NewImage", new)], "REMOVE": [("OldImage", old)]}
    images: Pairs = kept.get(dict(event)["eventName"], [("NewImage", new), ("OldImage", old)])
    change = [pair for pair in dict(event)["dynamodb"] if not pair[0].endswith("Image")]
    return Members((name, Members(change + images) if name == "dynamodb" else value) for name, value in event)


def _relation(rng: Random, event: Members) -> Members:
    """The record with other values in its images."""
    change = [
        (name, _like(rng, Members(value[1:])) if name.endswith("Image") else value)
        for name, value in dict(event)["dynamodb"]
    ]
    return Members((name, Members(change) if name == "dynamodb" else value) for name, value in event)


def _like(rng: Random, old: Members) -> Members:
    """Most attributes as they were, some with another value, a number written otherwise, some gone, some new."""
    # An image is never empty.
    members: Pairs = [("pk", Members([("S", "U#1")]))]
    for name, value in old:
        kind = rng.random()
        if kind < 0.5:
            members.append((name, value))
        elif kind < 0.85:
            members.append((name, _other(rng, name)))
        elif kind < 0.9 and value[0][0] == "N":
            members.append((name, Members([("N", f"{Decimal(value[0][1]):E}")])))
    present = {name for name, _ in members}
    return Members([*members, *(pair for pair in image(rng) if pair[0] not in present and rng.random() < 0.3)])


def _other(rng: Random, name: str) -> Members:
    """Another value: most of them of the type that fits the name, some of another, some in a list."""
    kind = rng.random()
    if kind < 0.8:
        return attribute(rng, name)
    if kind < 0.9:
        return attribute(rng, rng.choice(["status", "qty", "active", "note", "tags", "nums", "addr", "lines"]))
    return one("L", [_other(rng, name) for _ in range(rng.choice([1, 1, 2]))])


def _pattern(rng: Random, event: Members) -> Members:
    found = [(path, value) for path, value in leaves(event) if path[1:2] in (("NewImage",), ("OldImage",))] or [
        (("dynamodb", "NewImage", "status", "S"), "PAID")
    ]
    entries = [_entry(rng, *rng.choice(found)) for _ in range(rng.choice([1, 1, 2, 2, 3]))]
    if rng.random() < 0.15:
        entries.append((("eventName",), [rng.choice(["INSERT", "MODIFY", "REMOVE"])]))
    tree = nest(rng, entries)
    kind = rng.random()
    if kind < 0.1:
        return one("$not", tree)
    if kind < 0.2:
        return Members([*tree, ("$not", nest(rng, [_entry(rng, *rng.choice(found))]))])
    if kind < 0.3:
        return one("$and", [tree, nest(rng, [_entry(rng, *rng.choice(found))])])
    return tree


def _entry(rng: Random, path: Path, value: Any) -> tuple[Path, list[Any]]:
    names, tag = _untyped(rng, path)
    if rng.random() < 0.1:
        names = (*names[:-1], rng.choice(["status", "qty", "zz", "addr"]))
    likely = Number(value) if path[-1] in ("N", "NS") and rng.random() < 0.7 else value
    typed = names if tag is None else (*names, tag)
    if rng.random() < (0.3 if tag is None else 0.2):
        other = rng.random() < 0.2
        return (*names, rng.choice(["L", "M", "S", "N"])) if other else typed, [_change(rng, likely)]
    return typed, [_condition(rng, likely) for _ in range(rng.choice([1, 1, 2]))]


def _untyped(rng: Random, path: Path) -> tuple[Path, str | None]:
    """The path with fewer of its types, and the one at its end if it is kept."""
    if rng.random() < 0.3 and path[-1] in TAGS - {"L", "M"}:
        return path[:-1], path[-1]
    attributes = [name for index, name in enumerate(path[2:]) if name not in TAGS or index == 0]
    kept = [name for name in path[2:-1] if name in attributes or name not in TAGS or rng.random() < 0.3]
    tag = path[-1] if rng.random() < 0.35 and path[-1] not in ("L", "M") else None
    return (*path[:2], *kept), tag


def _condition(rng: Random, value: Any) -> Any:
    kind = rng.random()
    if kind < 0.5:
        return condition(rng, value)
    return rng.choice(list(OURS.values()))(rng, value)


def _test(rng: Random, value: Any) -> Any:
    """A condition that can stand among others: one that asks for a value."""
    return condition(rng, value, [word for word in OPERATORS if word != "exists"])


def _change(rng: Random, value: Any) -> Any:
    word = rng.choice(CHANGES)
    if word != "changed" or rng.random() < 0.5:
        return one(word, True)
    return one(word, [rng.choice([_test(rng, value), one("exists", rng.random() < 0.5)]) for _ in range(2)])


def _regex(rng: Random, value: Any) -> Members:
    plain = "".join(character for character in text_like(rng, value) if character.isascii() and character.isalnum())
    at = rng.randint(0, len(plain))
    return one(
        "regex", rng.choice([plain, plain[:at] + ".*", plain + "|x", f"({plain})?", "[A-Z]+", plain[:at] + "[a-z0-9]*"])
    )


def _several(rng: Random, value: Any) -> Members:
    tests = [_test(rng, value) for _ in range(2)]
    return Members(test[0] for test in tests if isinstance(test, Members)) or one("prefix", "")


OURS: dict[str, Callable[[Random, Any], Any]] = {
    "regex": _regex,
    "wildcard ignoring case": lambda rng, value: one(
        "wildcard", one("equals-ignore-case", wildcard_text(rng, value).swapcase())
    ),
    "several": _several,
    "$and": lambda rng, value: one("$and", [_test(rng, value) for _ in range(rng.choice([1, 2]))]),
    "$not": lambda rng, value: one("$not", rng.choice([_test(rng, value), [_test(rng, value), _test(rng, value)]])),
    "contains-all": lambda rng, value: one(
        "contains-all",
        [rng.choice([value, "a", "b", Number("1"), Number("2"), "PAID"]) for _ in range(rng.choice([1, 2]))],
    ),
}
