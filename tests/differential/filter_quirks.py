"""What event-ruler gets wrong, or leaves to chance: where one of these is in play, its answer is not asked for.

Each is as narrow as can be, bears the name that docs/filter-patterns.md gives it, and has rows there that show
event-ruler's answer and ours: test_event_ruler.py asks for both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from typing import Any

from tests.reference.filter_json import Members, Number, read
from tests.reference.filter_plain import Branch, Condition, PlainPattern, Refused, fields
from tests.reference.filter_values import fold, ip_address

BLANK = " \t\r\n"
ADDRESSES = "addresses"
AFLOAT = "a wildcard beside letter case"
BEHIND = "behind the pattern"
EMPTY_LIST = "empty lists in anything-but"
EMPTY_NAME = "empty names"
LEAK = "quotes"
NO_DOUBLE = "numbers"
ODD_CASE = "letter case"
HALF = "half of a surrogate pair"
HIDDEN = "a text before a range"
SHARED = "branches of $or"
ALL = {ADDRESSES, AFLOAT, BEHIND, EMPTY_LIST, EMPTY_NAME, HALF, HIDDEN, LEAK, NO_DOUBLE, ODD_CASE, SHARED}
# Where a number of a pattern is compared as one; "" is a value of a list of conditions.
NUMBER_WORDS = ("", "numeric", "anything-but")


def of_pattern(text: str) -> set[str]:
    """The quirks of a pattern whatever the event: it is refused there, or its matches mean nothing."""
    if has_bytes_behind(text):
        return {BEHIND}
    try:
        tree = read(text)
    except UnicodeError:
        return {HALF}
    except ValueError:
        return set()
    found = set()
    if "" in _names(tree):
        found.add(EMPTY_NAME)
    if any(node == [] and names[1:2] == ("anything-but",) for node, names in _walk(tree)):
        found.add(EMPTY_LIST)
    if any(not is_comparable(number) for number in _under(tree, Number, "numeric", "anything-but")):
        found.add(NO_DOUBLE)
    if any(_share(one, other) for one, other in combinations(_branches(text), 2)):
        found.add(SHARED)
    return found


def of_event(pattern: str, event: str) -> set[str]:
    """The quirks of this event under this pattern."""
    found, event_tree = set(), read(event)
    if "" in _names(event_tree):
        found.add(EMPTY_NAME)
    # All branches of a $or share the machine of a path.
    at: dict[str, list[Any]] = {}
    for path, conditions in _conditions(read(pattern)):
        at.setdefault(path, []).extend(conditions)
    for field in fields(event_tree):
        if field.path in at:
            found |= _of_value(at[field.path], field.value)
    return found


def _of_value(conditions: list[Any], value: Any) -> set[str]:
    if isinstance(value, Number):
        numbers = _under(conditions, Number, *NUMBER_WORDS)
        no_double = bool(numbers) and not all(map(is_comparable, [value, *numbers]))
        return ({NO_DOUBLE} if no_double else set()) | ({ADDRESSES} if _families(conditions) else set())
    if not isinstance(value, str):
        return set()
    found = set()
    if _leaks(conditions, value):
        found.add(LEAK)
    if _has_odd_case(conditions, value):
        found.add(ODD_CASE)
    if _is_afloat(conditions):
        found.add(AFLOAT)
    if _is_hidden(conditions, value):
        found.add(HIDDEN)
    if _families(conditions) - {family(value)} and family(value):
        found.add(ADDRESSES)
    return found


def _is_afloat(conditions: list[Any]) -> bool:
    """A text whose case is ignored is also found behind the star of a wildcard that starts as it does."""
    starts = [fold(wildcard.partition("*")[0]) for wildcard in _under(conditions, str, "wildcard") if "*" in wildcard]
    ignoring = [fold(text) for text in _under(conditions, str, "equals-ignore-case")]
    return any(text.startswith(start) for text in ignoring for start in starts)


def _is_hidden(conditions: list[Any], text: str) -> bool:
    """A text that is compared as a whole, then a range of numbers, then another text: the first is at times lost."""
    has_range = not {"<", "<=", ">", ">="}.isdisjoint(_under(conditions, str, "numeric"))
    return has_range and text in _under(conditions, str, "", "exactly")


def _leaks(conditions: list[Any], text: str) -> bool:
    """event-ruler keeps strings within their quotes, and a prefix may end with one, a suffix may start with one."""
    starts = [fold(prefix) for prefix in _under(conditions, str, "prefix")]
    ends = [fold(suffix) for suffix in _under(conditions, str, "suffix")]
    return fold(text) + '"' in starts or '"' + fold(text) in ends


def _has_odd_case(conditions: list[Any], text: str) -> bool:
    ignoring = _under(conditions, str, "equals-ignore-case")
    return bool(ignoring) and any(odd_case(character) for each in (text, *ignoring) for character in each)


def odd_case(character: str) -> bool:
    """Letters whose upper and lower case are not simply each other's, and those outside the first plane."""
    if ord(character) > 0xFFFF:
        return True
    upper, lower = character.upper(), character.lower()
    pair = character in (upper, lower) and upper.lower() == lower and lower.upper() == upper
    return not pair or len({fold(each) for each in (character, upper, lower)}) > 1


def is_comparable(number: Number) -> bool:
    """Whether a double holds exactly this decimal; Java 17 does not write every double in its shortest form."""
    as_double, exact = float(number.text), number.value
    if as_double in (float("inf"), float("-inf")) or Decimal(repr(as_double)) != exact:
        return False
    return exact == 0 or (len(exact.normalize().as_tuple().digits) <= 15 and -300 < exact.adjusted() < 22)


def has_bytes_behind(text: str) -> bool:
    """Whether there is a whole value with something behind it."""
    text = text.lstrip(BLANK)
    try:
        _, end = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode(text)
    except ValueError:
        return False
    return bool(text[end:].strip(BLANK))


def _branches(text: str) -> list[Branch]:
    try:
        return PlainPattern(text, "eventbridge").branches
    except Refused:
        return []


def _share(one: Branch, other: Branch) -> bool:
    """Whether event-ruler may take one branch for the other and drop it: they share a condition at every path."""
    if one.keys() != other.keys():
        return False
    ours, theirs = ({path: _identities(branch[path]) for path in branch} for branch in (one, other))
    return ours != theirs and all(ours[path] & theirs[path] for path in ours)


def _identities(conditions: list[Condition]) -> set[str]:
    return {repr(_identity(condition.element)) for condition in conditions}


def _identity(element: Any) -> Any:
    """Equal for what event-ruler takes for equal conditions."""
    if isinstance(element, Number):
        return element.value.normalize() + 0
    if isinstance(element, str):
        return ip_address(element) or element
    if isinstance(element, list):
        return [_identity(each) for each in element]
    if not isinstance(element, Members):
        return element
    ((word, operand),) = element
    if word == "exactly":
        return operand
    if word == "numeric" and operand[0] == "=":
        return _identity(operand[1])
    return word, _identity(operand) if word == "numeric" else _as_set(operand)


def _as_set(operand: Any) -> Any:
    """anything-but has one value or several, in no order."""
    if isinstance(operand, Members):
        return [(word, _as_set(inner)) for word, inner in operand]
    return sorted({repr(_identity(each)) for each in (operand if isinstance(operand, list) else [operand])})


def _conditions(tree: Any, at: str = "") -> Iterator[tuple[str, list[Any]]]:
    """The lists of conditions of a pattern, each with its path."""
    for name, value in tree:
        if name == "$or":
            for branch in value:
                yield from _conditions(branch, at)
        elif isinstance(value, Members):
            yield from _conditions(value, at + name + ".")
        else:
            yield at + name, value


def _walk(tree: Any, under: str = "", *outer: str) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Every node with the names it stands under, the innermost first; an element stands under its array's name."""
    yield tree, (under, *outer)
    if isinstance(tree, Members):
        for name, value in tree:
            yield from _walk(value, name, under, *outer)
    elif isinstance(tree, list):
        for element in tree:
            yield from _walk(element, under, *outer)


def _under(tree: Any, kind: type, *words: str) -> list[Any]:
    """The values of a kind under one of these operators, however deep; "" is for those under none."""
    return [
        node
        for node, names in _walk(tree)
        if isinstance(node, kind) and ((names == ("",) and "" in words) or any(name in words for name in names if name))
    ]


def _names(tree: Any) -> set[str]:
    return {name for node, _ in _walk(tree) if isinstance(node, Members) for name, _ in node}


def _families(conditions: list[Any]) -> set[int | None]:
    """4 and 6 for the addresses and ranges of addresses among the conditions."""
    return {family(text) for text in _under(conditions, str, "", "cidr")} - {None}


def family(text: str) -> int | None:
    """4 or 6 for an address or a range of addresses."""
    address = ip_address(text.partition("/")[0])
    return address.version if address is not None else None
