"""The extended dialect in the plainest way: attribute values become fields with and without their types.

A path inside an image that names all types is as it stands. One that leaves any out is its names and, if the pattern
says it, the type at its end: L, M and the elements of lists are gone through whether it names them or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any

from tests.reference import filter_values as values
from tests.reference.filter_json import Digits, Members, Number, of, read
from tests.reference.filter_plain import Elements, Parser, Refused, agree, fields, text_of, utf16

IMAGES = ("Keys", "NewImage", "OldImage")
SCALARS = {"S", "N", "B", "BOOL", "NULL"}
SETS = {"SS", "NS", "BS"}
OURS = {"regex", "contains-all", "$and", "$not", "changed", "added", "removed"}
# An attribute is there, whatever its type: only exists looks at that.
ATTRIBUTE = object()
EXISTS = Members([("exists", True)])
# A path of the event with all of its types; or names of attributes inside an image, and a type.
Key = tuple[str, str | None]
WHOLE = "whole"


@dataclass(frozen=True)
class Found:
    """A value, the elements it lies in, and the arrays around it with the elements that those lie in."""

    key: Key
    value: Any
    elements: Elements
    arrays: tuple[tuple[int, tuple[tuple[int, int], ...]], ...] = ()


@dataclass(frozen=True)
class Leaf:
    """All that one list asks: tests of a value, of several members of a set or list, and of a change."""

    path: str
    exists: bool = False
    absent: bool = False
    asks_existence: bool = False
    tests: list[values.Holds] = field(default_factory=list)
    contains: list[list[values.Holds]] = field(default_factory=list)
    changes: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        """A list that asks nothing but exists asks for a map or list where its path ends with M or L."""
        attribute = named(self.path)
        if attribute and attribute.container and self.asks_existence:
            return key_of(self.path)[0], attribute.container
        return key_of(self.path)


@dataclass(frozen=True)
class Rule:
    leaves: tuple[Leaf, ...] = ()
    nots: tuple[tuple[Rule, ...], ...] = ()


@dataclass(frozen=True)
class Named:
    """The attribute that a path inside an image names."""

    names: tuple[str, ...]
    tag: str | None
    is_whole: bool
    # M or L, where the path ends with one.
    container: str | None = None


@cache
def named(path: str) -> Named | None:
    steps = path.split(".")
    if len(steps) < 3 or steps[0] != "dynamodb" or steps[1] not in IMAGES:
        return None
    names, is_value, is_whole = list[str](), False, True
    container = None
    for step in steps[2:]:
        if not is_value or step not in SCALARS | SETS | {"L", "M"}:
            is_whole = is_whole and not is_value
            names.append(step)
            is_value, container = True, None
        elif step in ("L", "M"):
            is_value, container = step == "L", step
        else:
            return Named(tuple(names), step, is_whole)
    return Named(tuple(names), None, is_whole=False, container=container)


@cache
def key_of(path: str) -> Key:
    attribute = named(path)
    if attribute is None or attribute.is_whole:
        return path, WHOLE
    return ".".join((*path.split(".")[:2], *attribute.names)), attribute.tag


class PlainExtended:
    """One compiled pattern of the extended dialect. Raises Refused."""

    def __init__(self, pattern: str | Mapping[str, Any]) -> None:
        try:
            tree = read(pattern) if isinstance(pattern, str) else of(pattern)
        except ValueError as error:
            raise Refused(str(error)) from error
        if not isinstance(tree, Members):
            raise Refused("a pattern is an object")
        self.rules = _Extended("eventbridge").rules([Rule()], "", tree)

    def matches(self, event: bytes | str | Mapping[str, Any]) -> bool:
        text = event.decode() if isinstance(event, bytes) else event
        tree = read(text) if isinstance(text, str) else of(text)
        found = list(_found(tree))
        return any(_meets(rule, found, tree) for rule in self.rules)


class _Extended(Parser):
    """Nothing is overridden, and no name is reserved."""

    def rules(self, rules: list[Rule], at: str, tree: Members) -> list[Rule]:
        if not tree:
            raise Refused("empty object")
        for name, value in tree:
            if name in ("$or", "$and", "$not"):
                rules = getattr(self, name.replace("$", "_rules_"))(rules, at, value)
            elif isinstance(value, Members):
                rules = self.rules(rules, at + name + ".", value)
            elif isinstance(value, list):
                leaf = self._leaf(at + name, value)
                rules = [Rule((*rule.leaves, leaf), rule.nots) for rule in rules]
            else:
                raise Refused(f"{name} must be an object or an array")
        return rules

    def _rules_or(self, rules: list[Rule], at: str, value: Any) -> list[Rule]:
        return [rule for tree in _objects(value, 2) for rule in self.rules(rules, at, tree)]

    def _rules_and(self, rules: list[Rule], at: str, value: Any) -> list[Rule]:
        for tree in _objects(value, 1):
            rules = self.rules(rules, at, tree)
        return rules

    def _rules_not(self, rules: list[Rule], at: str, value: Any) -> list[Rule]:
        (tree,) = _objects([value], 1)
        negated = tuple(self.rules([Rule()], at, tree))
        return [Rule(rule.leaves, (*rule.nots, negated)) for rule in rules]

    def _leaf(self, path: str, elements: list[Any]) -> Leaf:
        if not elements:
            raise Refused("empty array")
        absence = Members([("exists", False)])
        asks_existence = all(element in (EXISTS, absence) for element in elements)
        leaf = Leaf(path, EXISTS in elements, absence in elements, asks_existence)
        for element in elements:
            word, operand = element[0] if isinstance(element, Members) and len(element) == 1 else ("", None)
            if word == "contains-all":
                leaf.contains.append(self._tests(operand))
            elif word in ("changed", "added", "removed"):
                leaf.changes.append((word, self._change(path, word, operand)))
            elif element != Members([("exists", False)]):
                leaf.tests.append(self._test(element))
        return leaf

    def _change(self, path: str, word: str, operand: Any) -> Any:
        if named(path) is None or path.startswith("dynamodb.Keys"):
            raise Refused(f"{word} away from the images")
        if operand is True:
            return None
        if word != "changed" or not isinstance(operand, list) or len(operand) != 2:
            raise Refused(f"{word} is true")
        # From and to: a test, or None where nothing may be.
        return [
            None if each == Members([("exists", False)]) else (each == EXISTS, self._test(each)) for each in operand
        ]

    def _tests(self, operand: Any) -> list[values.Holds]:
        if not isinstance(operand, list) or not operand:
            raise Refused("a list of tests")
        return [self._test(element) for element in operand]

    def _test(self, element: Any) -> values.Holds:
        """All operators of the object; a value by itself."""
        if isinstance(element, list) or element == Members():
            raise Refused("no test")
        if not isinstance(element, Members):
            return values.equals(element)
        tests = [self._one(word, operand) for word, operand in element]
        return tests[0] if len(tests) == 1 else values.all_of(tests)

    def _one(self, word: str, operand: Any) -> values.Holds:
        if word == "$and":
            return values.all_of(self._tests(operand))
        if word == "$not":
            return values.none_of(self._tests(operand if isinstance(operand, list) else [operand]))
        if word == "regex":
            return self._regex(operand)
        if word == "wildcard" and isinstance(operand, Members):
            ((inner, text),) = operand if len(operand) == 1 else (("", None),)
            if inner != "equals-ignore-case":
                raise Refused("no such wildcard")
            return self._wildcard_ignore_case(text)
        holds = None if word in OURS else self.holds(Members([(word, operand)]))
        if holds is None:
            raise Refused(f"{word} among other tests")
        return holds

    def _regex(self, operand: Any) -> values.Holds:
        try:
            return values.regex(text_of(operand))
        except ValueError as error:
            raise Refused(str(error)) from error

    def _wildcard_ignore_case(self, operand: Any) -> values.Holds:
        try:
            return values.wildcard_ignore_case(text_of(operand))
        except ValueError as error:
            raise Refused(str(error)) from error


def _objects(value: Any, least: int) -> list[Members]:
    if not isinstance(value, list) or len(value) < least or not all(isinstance(tree, Members) for tree in value):
        raise Refused("a list of objects")
    return value


def _found(event: Members) -> Iterator[Found]:
    """The values of an event; those of images as attributes."""
    arrays = count()
    rest = []
    for name, value in event:
        if name != "dynamodb" or not isinstance(value, Members):
            rest.append((name, value))
            continue
        change = Members(pair for pair in value if pair[0] not in IMAGES)
        rest.append((name, change))
        for image, attributes in value:
            if image in IMAGES and isinstance(attributes, Members):
                at = f"dynamodb.{image}"
                yield from _map(attributes, at, at, Found(("", None), None, {}), arrays)
    for plain in fields(Members(rest)):
        # A number below those of the images' arrays.
        elements = {-1 - array: index for array, index in plain.elements.items()}
        yield Found((plain.path, WHOLE), plain.value, elements)


def _map(attributes: Members, at: str, whole: str, inside: Found, arrays: Iterator[int]) -> Iterator[Found]:
    """`at`: the names so far; `whole`: the same with all types."""
    for name, value in attributes:
        yield from _attribute(value, f"{at}.{name}", f"{whole}.{name}", inside, arrays)


def _attribute(value: Members, names: str, whole: str, inside: Found, arrays: Iterator[int]) -> Iterator[Found]:
    yield Found((names, None), ATTRIBUTE, inside.elements, inside.arrays)
    for tag, held in value:
        yield Found((names, tag if tag in ("L", "M") else None), ATTRIBUTE, inside.elements, inside.arrays)
        typed = f"{whole}.{tag}"
        if tag == "M":
            yield from _map(held, names, typed, inside, arrays)
        elif tag == "L":
            array = next(arrays)
            around = (*inside.arrays, (array, tuple(inside.elements.items())))
            for index, element in enumerate(held):
                within = Found(inside.key, None, inside.elements | {array: index}, around)
                yield from _attribute(element, names, typed, within, arrays)
        elif tag in SETS:
            around = (*inside.arrays, (next(arrays), tuple(inside.elements.items())))
            for element in held:
                yield from _scalar(tag, element, names, typed, Found(inside.key, None, inside.elements, around))
        else:
            yield from _scalar(tag, held, names, typed, inside)


def _scalar(tag: str, held: Any, names: str, typed: str, inside: Found) -> Iterator[Found]:
    """Under its type as it is written, without it as what it means."""
    written = Digits(held) if tag in ("N", "NS") else held
    for key, value in (((typed, WHOLE), written), ((names, tag), written), ((names, None), _meant(tag, held))):
        yield Found(key, value, inside.elements, inside.arrays)


def _meets(rule: Rule, found: list[Found], event: Members) -> bool:
    leaves = sorted(rule.leaves, key=lambda leaf: utf16((leaf.path, None)))
    if not _together([_candidates(leaf, found, event) for leaf in leaves], {}):
        return False
    return not any(_meets(negated, found, event) for each in rule.nots for negated in each)


# Whether none may be there, where there is one, and where one passes.
Candidates = tuple[bool, list[Elements], list[Elements]]


def _candidates(leaf: Leaf, found: list[Found], event: Members) -> Candidates:
    key = leaf.key
    here = [one for one in found if one.key == key]
    passing = [one.elements for one in here if _passes(leaf, one.value)]
    real = [one for one in here if one.value is not ATTRIBUTE]
    for array, outer in dict(around for one in real for around in one.arrays).items():
        members = [one.value for one in real if array in dict(one.arrays)]
        if any(all(any(test(member) for member in members) for test in wanted) for wanted in leaf.contains):
            passing.append(dict(outer))
    if any(_has_changed(leaf, word, sides, event) for word, sides in leaf.changes):
        passing.append({})
    return leaf.absent, [one.elements for one in here], passing


def _passes(leaf: Leaf, value: Any) -> bool:
    return leaf.exists if value is ATTRIBUTE else any(test(value) for test in leaf.tests)


def _together(leaves: list[Candidates], chosen: Elements) -> bool:
    if not leaves:
        return True
    (absent, there, passing), rest = leaves[0], leaves[1:]
    if absent and not any(agree(elements, chosen) for elements in there) and _together(rest, chosen):
        return True
    return any(agree(elements, chosen) and _together(rest, chosen | elements) for elements in passing)


def _has_changed(leaf: Leaf, word: str, sides: Any, event: Members) -> bool:
    change = dict(dict(event)["dynamodb"])
    name = dict(event)["eventName"]
    old = None if name == "INSERT" else _value_at(change["OldImage"], leaf.path)
    new = None if name == "REMOVE" else _value_at(change["NewImage"], leaf.path)
    if word == "added":
        return old is None and new is not None
    if word == "removed":
        return old is not None and new is None
    if (old and _by_value(old)) == (new and _by_value(new)):
        return False
    return sides is None or (_side_holds(sides[0], old) and _side_holds(sides[1], new))


def _value_at(image: Members, path: str) -> Members | None:
    """The attribute by its names, or by one name with dots where the path has no types between; of its type.

    Of an attribute in elements of a list, the list of what they have, unless the path has M between all names.
    """
    attribute = named(path)
    assert attribute is not None
    value = _behind(image, attribute.names)
    together = ".".join(attribute.names)
    if value is None and path.split(".", 2)[2].startswith(together):
        value = dict(image).get(together)
    tag = attribute.tag or attribute.container
    if value is None and path.split(".", 2)[2].startswith(".M.".join(attribute.names)):
        return None
    if value is None:
        inside = list(_inside(dict(image).get(attribute.names[0], Members()), attribute.names[1:], tag))
        return Members([("L", inside)]) if inside else None
    return value if tag in (None, *dict(value)) else None


def _inside(value: Members, names: tuple[str, ...], tag: str | None) -> Iterator[Members]:
    held = dict(value)
    if names and "L" in held:
        for element in held["L"]:
            yield from _inside(element, names, tag)
    elif names:
        yield from _inside(dict(held.get("M", Members())).get(names[0], Members()), names[1:], tag)
    elif held and tag in (None, *held):
        yield value


def _behind(image: Members, names: tuple[str, ...]) -> Members | None:
    value, attributes = None, dict(image)
    for name in names:
        value = attributes.get(name)
        if value is None:
            return None
        attributes = dict(dict(value).get("M", Members()))
    return value


def _by_value(attribute: Members) -> Any:
    ((tag, held),) = attribute
    if tag == "M":
        return tag, {name: _by_value(value) for name, value in held}
    if tag == "L":
        return tag, [_by_value(value) for value in held]
    if tag in SETS:
        return tag, {Decimal(each) if tag == "NS" else each for each in held}
    return tag, Decimal(held) if tag == "N" else held


def _side_holds(side: Any, attribute: Members | None) -> bool:
    if side is None or attribute is None:
        return side is None and attribute is None
    exists, test = side
    ((tag, held),) = attribute
    if exists:
        return True
    if tag == "L":
        return any(_side_holds(side, element) for element in held)
    if tag == "M":
        return False
    members = held if tag in SETS else [held]
    return any(test(_meant(tag, each)) for each in members)


def _meant(tag: str, held: Any) -> Any:
    if tag in ("N", "NS"):
        return Number(held)
    return None if tag == "NULL" and held is True else held
