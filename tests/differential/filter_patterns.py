"""Seeded random filter patterns around the values of an event: every operator, hits and near misses."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from tests.differential.filter_events import NAMES, NUMBERS, TEXTS, Path, cased, leaves, scalar
from tests.reference.filter_json import Members, Number

Entry = tuple[Path, list[Any]]


def one(word: str, operand: Any) -> Members:
    return Members([(word, operand)])


def pattern(rng: Random, event: Members, words: list[str] | None = None) -> Members:
    """One to three paths of the event, or next to them, each with one to three conditions.

    Args:
        rng: where chance comes from.
        event: what the pattern is about.
        words: the names of OPERATORS to choose from; None for all.
    """
    found = leaves(event)
    entries = [_entry(rng, *rng.choice(found), words) for _ in range(rng.choice([1, 1, 1, 2, 2, 3]))]
    return nest(rng, entries)


def crowd_pattern(rng: Random, event: Members) -> Members:
    """Up to four paths of the event that must have a value or must be absent: together they tell elements apart."""
    found = leaves(event)
    few = [one("exists", False), one("exists", False), one("exists", True), Number("1"), Number("2")]
    entries: list[Entry] = []
    if rng.random() < 0.5:
        # One name of an element has its value and another, that some element has, must be absent.
        path, value = rng.choice(found)
        entries += [(path, [value]), ((*path[:-1], rng.choice("abc")), [one("exists", False)])]
    for _ in range(rng.choice([0, 1, 1, 2]) if entries else rng.choice([2, 2, 3, 4])):
        path, value = rng.choice(found)
        straying = rng.random() < 0.4
        entries.append(((*path[:-1], rng.choice("abc")) if straying else path, [rng.choice([value, *few])]))
    return nest(rng, entries)


def _entry(rng: Random, path: Path, value: Any, words: list[str] | None) -> Entry:
    if rng.random() < 0.15:
        path = _strayed(rng, path)
    return path or ("a",), [condition(rng, value, words) for _ in range(rng.choice([1, 1, 1, 2, 3]))]


def _strayed(rng: Random, path: Path) -> Path:
    """A path beside the one given."""
    return rng.choice([path[:-1], (*path, rng.choice(NAMES)), (*path[:-1], rng.choice(NAMES)), (rng.choice(NAMES),)])


def nest(rng: Random, entries: list[Entry]) -> Members:
    """Objects inside objects, at times with dotted names, with the parts of a $or, or with one name twice."""
    if len(entries) > 1 and rng.random() < 0.35:
        return _with_or(rng, entries)
    return _nested(rng, entries)


def _nested(rng: Random, entries: list[Entry]) -> Members:
    groups: dict[str, list[Entry]] = {}
    members: list[tuple[str, Any]] = []
    for path, conditions in entries:
        cut = rng.choice([2, 3]) if rng.random() < 0.05 else 1
        name, rest = ".".join(path[:cut]), path[cut:]
        if rest:
            groups.setdefault(name, []).append((rest, conditions))
        else:
            members.append((name, conditions))
    members += [(name, nest(rng, group)) for name, group in groups.items()]
    rng.shuffle(members)
    return Members(members)


def _with_or(rng: Random, entries: list[Entry]) -> Members:
    """Some entries inside the branches of a $or, which may also be a branch short."""
    count = rng.choice([2, 2, 2, 3]) if rng.random() < 0.95 else 1
    branches: list[list[Entry]] = [[] for _ in range(count)]
    outside: list[Entry] = []
    for index, entry in enumerate(entries):
        (branches[index % count] if index < count or rng.random() < 0.5 else outside).append(entry)
    for branch in branches:
        if not branch:
            branch.append(rng.choice(entries))
    either: tuple[str, Any] = ("$or", [_nested(rng, branch) for branch in branches])
    members = [*(_nested(rng, outside) if outside else ()), either]
    rng.shuffle(members)
    return Members(members)


def condition(rng: Random, value: Any, words: list[str] | None = None) -> Any:
    """One element of a list of conditions, about this value or one like it."""
    word = rng.choice(words or WEIGHTED)
    return OPERATORS[word](rng, value)


def text_like(rng: Random, value: Any) -> str:
    """The value itself, or a text that is nearly or not at all like it."""
    text = value if isinstance(value, str) else value.text if isinstance(value, Number) else rng.choice(TEXTS)
    kind = rng.random()
    if kind < 0.6:
        return text
    if kind < 0.7 and text:
        at = rng.randrange(len(text))
        return text[:at] + rng.choice(["", "a", "Z", "é"]) + text[at + 1 :]
    if kind < 0.8:
        return text.swapcase()
    return rng.choice(TEXTS)


def number_like(rng: Random, value: Any) -> Number:
    if not isinstance(value, Number) or rng.random() < 0.2:
        return Number(rng.choice(NUMBERS))
    exact = value.value
    if rng.random() < 0.4 or not -20 < exact.adjusted() < 30:
        return value
    if rng.random() < 0.5:
        return Number(rng.choice([f"{exact:e}", f"{exact:E}", f"{exact:f}", f"{exact * 10:f}e-1"]))
    return Number(f"{exact + rng.choice([Decimal(1), Decimal(-1), Decimal('0.5')]):f}")


def _equals(rng: Random, value: Any) -> Any:
    kind = rng.random()
    if kind < 0.15:
        return scalar(rng)
    if isinstance(value, Number):
        return number_like(rng, value) if kind < 0.9 else value.text
    if isinstance(value, str):
        return text_like(rng, value)
    return value if not isinstance(value, (Members, list)) else scalar(rng)


def _prefix_text(rng: Random, value: Any) -> str:
    text = text_like(rng, value)
    return text[: rng.randint(0, len(text))]


def _suffix_text(rng: Random, value: Any) -> str:
    text = text_like(rng, value)
    return text[rng.randint(0, len(text)) :]


def wildcard_text(rng: Random, value: Any) -> str:
    """The text with some pieces replaced by stars, and what must be escaped mostly escaped."""
    text = text_like(rng, value)
    pieces: list[str] = []
    for character in text:
        kind = rng.random()
        if kind < 0.25:
            pieces.append("*")
        if kind < 0.1 or character in "*\\":
            pieces.append("\\" + character if character in "*\\" and rng.random() < 0.9 else "*")
        else:
            pieces.append(character)
    if rng.random() < 0.3:
        pieces.append("*")
    joined = "".join(pieces)
    return joined if rng.random() < 0.05 else joined.replace("***", "*").replace("**", "*")


def _cidr_text(rng: Random, value: Any) -> str:
    like = isinstance(value, str) and ("." in value or ":" in value)
    base = value if like else rng.choice(["10.0.0.7", "2001:db8::"])
    bits = rng.choice(["0", "1", "8", "24", "30", "31", "31", "64", "127", "+8", "08"])
    return f"{base}/{bits}"


def _numeric(rng: Random, value: Any) -> Members:
    bound, other = number_like(rng, value), number_like(rng, value)
    if rng.random() < 0.5:
        return one("numeric", [rng.choice(["=", "<", "<=", ">", ">="]), bound])
    low, high = (bound, other) if rng.random() < 0.1 else sorted([bound, other], key=lambda number: number.value)
    return one("numeric", [rng.choice([">", ">="]), low, rng.choice(["<", "<="]), high])


def _anything_but(rng: Random, value: Any) -> Members:
    kind = Number if isinstance(value, Number) and rng.random() < 0.9 else str
    like: Callable[[Random, Any], Any] = number_like if kind is Number else text_like
    many = [like(rng, value) for _ in range(rng.choice([1, 2, 3]))]
    return one("anything-but", rng.choice([many, many[0]]))


def _anything_but_inside(rng: Random, value: Any) -> Members:
    word = rng.choice(["prefix", "suffix", "equals-ignore-case", "wildcard"])
    makers: dict[str, Callable[[Random, Any], str]] = {
        "prefix": _prefix_text,
        "suffix": _suffix_text,
        "equals-ignore-case": lambda rng, value: cased(rng, text_like(rng, value)),
        "wildcard": wildcard_text,
    }
    texts = [makers[word](rng, value) for _ in range(rng.choice([1, 1, 2]))]
    return one("anything-but", one(word, rng.choice([texts, texts[0]])))


# An entry for each form of an operator. The keys are this file's own names for the forms.
OPERATORS: dict[str, Callable[[Random, Any], Any]] = {
    "equals": _equals,
    "exactly": lambda rng, value: one("exactly", text_like(rng, value)),
    "prefix": lambda rng, value: one("prefix", _prefix_text(rng, value)),
    "prefix ignoring case": lambda rng, value: one(
        "prefix", one("equals-ignore-case", cased(rng, _prefix_text(rng, value)))
    ),
    "suffix": lambda rng, value: one("suffix", _suffix_text(rng, value)),
    "suffix ignoring case": lambda rng, value: one(
        "suffix", one("equals-ignore-case", cased(rng, _suffix_text(rng, value)))
    ),
    "equals-ignore-case": lambda rng, value: one("equals-ignore-case", cased(rng, text_like(rng, value))),
    "wildcard": lambda rng, value: one("wildcard", wildcard_text(rng, value)),
    "cidr": lambda rng, value: one("cidr", _cidr_text(rng, value)),
    "numeric": _numeric,
    "exists": lambda rng, value: one("exists", rng.random() < 0.5),
    "anything-but": _anything_but,
    "anything-but inside": _anything_but_inside,
}
LAMBDA_OPERATORS = ["equals", "prefix", "suffix", "equals-ignore-case", "numeric", "exists", "anything-but"]
WEIGHTED = [*OPERATORS, "equals", "equals", "numeric", "exists", "anything-but", "anything-but inside"]
