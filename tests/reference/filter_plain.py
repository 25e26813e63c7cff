"""Filter patterns in the plainest way: the event becomes a list of fields, and every combination of them is tried.

It answers as ``tailrace.FilterCriteria`` must, shares no code with the one written in Rust, and is held against
event-ruler, the matcher that AWS runs, by the differential tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from tests.reference import filter_values as values
from tests.reference.filter_json import Members, Number, of, read

Dialect = Literal["lambda", "eventbridge"]
LAMBDA = {"anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix"}
EVENTBRIDGE = LAMBDA | {"cidr", "exactly", "wildcard"}
# Names that no member inside a $or may have, as event-ruler keeps them for operators to come.
RESERVED = EVENTBRIDGE | {
    "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after", "date-on-or-after",
    "date-before", "date-on-or-before", "in-date-range", "ip-address-in-range", "ip-address-not-in-range",
}  # fmt: skip
INSIDE_ANYTHING_BUT = {
    "prefix": values.prefix,
    "suffix": values.suffix,
    "equals-ignore-case": values.equals_ignore_case,
    "wildcard": values.wildcard,
}


class Refused(ValueError):
    """No pattern of the dialect."""


@dataclass(frozen=True)
class Condition:
    """One element of a list of conditions, and what it asks of a value; None where it asks that there be none."""

    element: Any
    holds: values.Holds | None


Branch = dict[str, list[Condition]]
# Which element of each array a value was found in.
Elements = dict[int, int]


@dataclass(frozen=True)
class Field:
    path: str
    value: Any
    elements: Elements


class PlainPattern:
    """One compiled pattern. Raises Refused."""

    def __init__(self, pattern: str | Mapping[str, Any], dialect: Dialect = "lambda") -> None:
        try:
            tree = read(pattern) if isinstance(pattern, str) else of(pattern)
        except ValueError as error:
            raise Refused(str(error)) from error
        self.branches = Parser(dialect).branches(tree)

    def matches(self, event: bytes | str | Mapping[str, Any]) -> bool:
        """Whether any branch holds. Raises ValueError for what is no JSON object."""
        text = event.decode() if isinstance(event, bytes) else event
        tree = read(text) if isinstance(text, str) else of(text)
        if not isinstance(tree, Members):
            raise ValueError("an event is an object")
        found = list(fields(tree))
        return any(_holds(found, sorted(branch.items(), key=utf16), {}) for branch in self.branches)


class Parser:
    """Pattern trees to branches: an event matches when all paths of one branch hold."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect

    def branches(self, tree: Any) -> list[Branch]:
        if not isinstance(tree, Members):
            raise Refused("a pattern is an object")
        return self._object([{}], "", tree, inside_or=False)

    def _object(self, branches: list[Branch], at: str, tree: Members, *, inside_or: bool) -> list[Branch]:
        """What stands later wins over what stands earlier at the same path."""
        if not tree:
            raise Refused("empty object")
        for name, value in tree:
            path = at + name
            if name == "$or":
                branches = self._or(branches, at, value)
            elif inside_or and name in RESERVED:
                raise Refused(f"{name} inside $or")
            elif isinstance(value, Members):
                branches = self._object(branches, path + ".", value, inside_or=inside_or)
            elif isinstance(value, list):
                conditions = self._conditions(value)
                branches = [branch | {path: conditions} for branch in branches]
            else:
                raise Refused(f"{name} must be an object or an array")
        return branches

    def _or(self, branches: list[Branch], at: str, value: Any) -> list[Branch]:
        if not isinstance(value, list) or len(value) < 2 or not all(isinstance(tree, Members) for tree in value):
            raise Refused("$or needs at least two objects")
        return [branch for tree in value for branch in self._object(branches, at, tree, inside_or=True)]

    def _conditions(self, elements: list[Any]) -> list[Condition]:
        if not elements:
            raise Refused("empty array")
        return [self._condition(element) for element in elements]

    def _condition(self, element: Any) -> Condition:
        if isinstance(element, list):
            raise Refused("an array inside the values")
        return Condition(element, self.holds(element) if isinstance(element, Members) else values.equals(element))

    def holds(self, element: Members) -> values.Holds | None:
        word, operand = _only_member(element)
        if word not in (LAMBDA if self.dialect == "lambda" else EVENTBRIDGE):
            raise Refused(f"no operator {word}")
        try:
            holds: values.Holds | None = getattr(self, "_" + word.replace("-", "_"))(operand)
        except ValueError as error:
            raise Refused(f"{word}: {error}") from error
        return holds

    def _exactly(self, operand: Any) -> values.Holds:
        return values.exactly(text_of(operand))

    def _exists(self, operand: Any) -> values.Holds | None:
        if not isinstance(operand, bool):
            raise Refused("exists is true or false")
        return (lambda value: True) if operand else None

    def _prefix(self, operand: Any) -> values.Holds:
        if isinstance(operand, Members):
            return values.prefix_ignore_case(self._ignoring_case(operand))
        return values.prefix(text_of(operand))

    def _suffix(self, operand: Any) -> values.Holds:
        if isinstance(operand, Members):
            return values.suffix_ignore_case(self._ignoring_case(operand))
        return values.suffix(text_of(operand))

    def _ignoring_case(self, operand: Members) -> str:
        word, text = _only_member(operand)
        if word != "equals-ignore-case" or self.dialect == "lambda":
            raise Refused(f"{word} inside prefix or suffix")
        return text_of(text)

    def _equals_ignore_case(self, operand: Any) -> values.Holds:
        return values.equals_ignore_case(text_of(operand))

    def _wildcard(self, operand: Any) -> values.Holds:
        return values.wildcard(text_of(operand))

    def _cidr(self, operand: Any) -> values.Holds:
        return values.cidr(text_of(operand))

    def _numeric(self, operand: Any) -> values.Holds:
        words, numbers = (operand[::2], operand[1::2]) if isinstance(operand, list) else ([], [])
        if not all(isinstance(word, str) for word in words) or not all(isinstance(each, Number) for each in numbers):
            raise Refused("numeric is a list of operators and numbers")
        if len(words) != len(numbers):
            raise Refused("numeric is a list of operators and numbers")
        if len(words) == 2 and words[0] in (">", ">=") and words[1] in ("<", "<="):
            if not numbers[0].value < numbers[1].value:
                raise Refused("bottom must be less than top")
        elif len(words) != 1 or words[0] not in values.COMPARISONS:
            raise Refused("no such comparison")
        return values.numeric(*zip(words, numbers, strict=True))

    def _anything_but(self, operand: Any) -> values.Holds:
        if isinstance(operand, Members):
            return values.none_of(self._inside_anything_but(*_only_member(operand)))
        wanted = operand if isinstance(operand, list) else [operand]
        kinds = {type(element) for element in wanted}
        if kinds not in ({str}, {Number}):
            raise Refused("anything-but has strings or numbers")
        # Unlike in a list of values, a text that looks like an address is nothing but text here.
        return values.none_of([values.exactly(each) if kinds == {str} else values.equals(each) for each in wanted])

    def _inside_anything_but(self, word: str, operand: Any) -> list[values.Holds]:
        if word not in INSIDE_ANYTHING_BUT or self.dialect == "lambda":
            raise Refused(f"{word} inside anything-but")
        texts = [text_of(text) for text in (operand if isinstance(operand, list) else [operand])]
        if not texts or (word in ("prefix", "suffix") and "" in texts):
            raise Refused("nothing inside anything-but")
        return [INSIDE_ANYTHING_BUT[word](text) for text in texts]


def _only_member(tree: Members) -> tuple[str, Any]:
    if len(tree) != 1:
        raise Refused("one operator, not none and not two")
    return tree[0]


def text_of(operand: Any) -> str:
    if not isinstance(operand, str):
        raise Refused("must be a string")
    return operand


def fields(event: Members) -> Iterator[Field]:
    """Every value of an event with its path; arrays vanish from the path, and each has a number of its own."""
    return _fields(event, None, {}, count())


def _fields(value: Any, path: str | None, elements: Elements, arrays: Iterator[int]) -> Iterator[Field]:
    if isinstance(value, Members):
        for name, member in value:
            yield from _fields(member, name if path is None else f"{path}.{name}", elements, arrays)
    elif isinstance(value, list):
        array = next(arrays)
        for index, element in enumerate(value):
            # A scalar goes together with any element of its array.
            inside = elements | {array: index} if isinstance(element, (Members, list)) else elements
            yield from _fields(element, path, inside, arrays)
    else:
        yield Field(path or "", value, elements)


def utf16(item: tuple[str, Any]) -> bytes:
    """The order of Java's strings: it shows where one of the paths must be absent."""
    return item[0].encode("utf-16-be", "surrogatepass")


def _holds(fields: list[Field], paths: list[tuple[str, list[Condition]]], chosen: Elements) -> bool:
    """Whether one value can be chosen for each path, none from two elements of one array.

    The paths are taken in order, and absence looks only at the elements chosen for the paths before: that is how
    event-ruler answers, surprising as it is.
    """
    if not paths:
        return True
    (path, conditions), rest = paths[0], paths[1:]
    found = [field for field in fields if field.path == path and agree(field.elements, chosen)]
    if not found and any(condition.holds is None for condition in conditions) and _holds(fields, rest, chosen):
        return True
    return any(
        _holds(fields, rest, chosen | field.elements)
        for field in found
        if any(condition.holds and condition.holds(field.value) for condition in conditions)
    )


def agree(one: Elements, other: Elements) -> bool:
    return all(other.get(array, index) == index for array, index in one.items())
