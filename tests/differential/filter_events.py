"""Seeded random events: change records of DynamoDB Streams, other JSON, and near relations of both."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.reference.filter_json import Members, Number

Path = tuple[str, ...]
# Few names and values, so that a pattern and an event often speak of the same.
NAMES = ["a", "b", "c", "d", "A", "a.b", "b.c", "é", "ab", "prefix", "exists", "$or", "😀", "\uffee", "x y", "="]
TEXTS = [
    "", "a", "b", "ab", "abc", "abcabc", "PAID", "paid", "Paid", "PENDING", "PAID*", "a*c", "a\\c", "a*", "*", "\\",
    "a\nc", "Café", "CAFÉ", "Cafe\u0301", "café", "straße", "STRASSE", "σς", "ΣΣ", "ΐ", "ok😀", "ok😁", "𐐀", "𐐨", "K",
    "k", "\u212a", 'x"', '"', '"x', 'x', "10.0.0.1", "10.0.0.01", "10.0.0.2", "10.0.1.1", "11.0.0.1", "0.0.0.10",
    "255.255.255.255", "1.2.3.4", "1.2.3.256", "1.2.3", "::1", "::", ":", "2001:db8::1", "2001:DB8:0:0:0:0:0:0001",
    "2001:db8::2", "::ffff:102:304", "::ffff:1.2.3.4", "12:30", "fe80::1", "dead", "00001::", "01.02.03.04",
    "000000000001.2.3.4", "\u1e9e", "\u017fk", "\u01c6", "\u03c2", "true", "null", "1", "15", "300", "9.50", "1e2",
    "us-east-1", "dir/a/b.png", "b.PNG", "\u0000", "日本", "\ud7ff", "\uffff",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "0.0", "-0.0", "0e5", "1", "1.0", "10e-1", "0.1e1", "-1", "2", "5", "10", "15", "15.00", "26", "300",
    "300.0", "3e2", "3.0E+2", "30000E-2", "0.1", "0.10", "1e-1", "9.5", "9.50", "-9.5", "1e16", "10000000000000000",
    "1700000000", "1700000000.0", "1.7E9", "9007199254740991", "123456789012345", "1e15", "1e-7", "5e-324",
    "1.7976931348623157e308", "10000000", "99",
]  # fmt: skip
# Doubles can't hold these.
BIG_NUMBERS = [
    "9007199254740993", "12345678901234567890123456789012345678", "1e400", "-1e400", "1e-400",
    "0.1000000000000000055", "1e23", "9007199254740993.0", "9007199254740992",
]  # fmt: skip


OTHER_CASES = {
    character: letters
    for letters in ("kK\u212a", "sS\u017f", "\u03c3\u03a3\u03c2", "\u00df\u1e9e", "\u01c6\u01c5\u01c4", "i\u0131")
    for character in letters
}


def cased(rng: Random, text: str) -> str:
    """The text in other cases; at times in letters that are one with its own only by Unicode's folding."""
    if rng.random() < 0.3:
        return "".join(rng.choice(OTHER_CASES.get(character, character)) for character in text)
    return rng.choice([text, text.swapcase(), text.upper(), text.lower()])


def scalar(rng: Random) -> Any:
    kind = rng.random()
    if kind < 0.55:
        return rng.choice(TEXTS)
    if kind < 0.85:
        return Number(rng.choice(BIG_NUMBERS if rng.random() < 0.04 else NUMBERS))
    return rng.choice([True, False, None])


def anything(rng: Random, depth: int = 0) -> Any:
    kind = rng.random() + 0.15 * depth
    if kind < 0.3:
        return obj(rng, depth + 1)
    if kind < 0.55:
        return [anything(rng, depth + 1) for _ in range(rng.choice([0, 1, 1, 2, 2, 3]))]
    return scalar(rng)


def obj(rng: Random, depth: int = 0) -> Members:
    size = rng.choice([0, 1, 1, 2, 2, 3, 4]) if depth else rng.choice([1, 2, 3, 4])
    names = rng.sample(NAMES[:4] if rng.random() < 0.6 else NAMES, min(size, 4))
    return Members((name, anything(rng, depth)) for name in names)


def crowd(rng: Random, depth: int = 0) -> Members:
    """Arrays of objects in arrays of objects, of hardly any names and values: which elements go together matters."""
    members: list[tuple[str, Any]] = []
    for name in rng.sample("abc", rng.choice([1, 2, 2, 3])):
        if depth < 3 and rng.random() < 0.55:
            few = [crowd(rng, depth + 1) for _ in range(rng.choice([1, 2, 2, 3]))]
            members.append((name, rng.choice([few, few, [few], few[0], [*few, Number("1")]])))
        else:
            members.append((name, Number(rng.choice("12"))))
    return Members(members)


def record(rng: Random) -> Members:
    """A change record as Lambda gets it."""
    event_name = rng.choice(["INSERT", "MODIFY", "MODIFY", "REMOVE"])
    data: list[tuple[str, Any]] = [
        ("ApproximateCreationDateTime", Number(rng.choice(["1700000000", "1700000000.0", "1.7E9", "1700000001"]))),
        ("Keys", Members([("pk", Members([("S", rng.choice(["U#1", "U#2"]))]))])),
        ("SequenceNumber", rng.choice(["111", "112", "100000000000000000000001"])),
        ("SizeBytes", Number(rng.choice(["26", "27", "300"]))),
        ("StreamViewType", "NEW_AND_OLD_IMAGES"),
    ]
    if event_name != "REMOVE":
        data.append(("NewImage", image(rng)))
    if event_name != "INSERT":
        data.append(("OldImage", image(rng)))
    members: list[tuple[str, Any]] = [
        ("eventID", rng.choice(["e1", "e2"])), ("eventName", event_name), ("eventVersion", "1.1"),
        ("eventSource", "aws:dynamodb"), ("awsRegion", rng.choice(["us-east-1", "eu-west-1"])),
        ("dynamodb", Members(data)),
        ("eventSourceARN", "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2024-01-01T00:00:00.000"),
    ]  # fmt: skip
    if event_name == "REMOVE" and rng.random() < 0.7:
        service = Members([("principalId", "dynamodb.amazonaws.com"), ("type", "Service")])
        members.append(("userIdentity", service if rng.random() < 0.8 else None))
    return Members(members)


def image(rng: Random) -> Members:
    names = ["status", "qty", "active", "note", "name", "tags", "nums", "addr", "lines", "a.b", "ip", "prefix", "blob"]
    return Members((name, attribute(rng, name)) for name in rng.sample(names, rng.randint(2, 7)))


def attribute(rng: Random, name: str, depth: int = 0) -> Members:
    """An attribute value whose type fits its name."""
    tag = {
        "qty": "N", "active": "BOOL", "note": "NULL", "tags": "SS", "nums": "NS", "addr": "M", "lines": "L", "blob": "B"
    }.get(name, "S")  # fmt: skip
    value: Any
    if tag == "S":
        value = rng.choice(["PAID", "PENDING", "paid", "SHIPPED"]) if name == "status" else rng.choice(TEXTS)
    elif tag == "N":
        value = rng.choice(["5", "15", "9.50", "1e2"])
    elif tag in ("BOOL", "NULL"):
        value = tag == "NULL" or rng.random() < 0.5
    elif tag == "SS":
        value = rng.sample(["a", "b", "c", "PAID"], rng.randint(1, 3))
    elif tag == "NS":
        value = rng.sample(["1", "2", "15"], rng.randint(1, 2))
    elif tag == "B":
        value = "AQID"
    elif tag == "M":
        value = Members((inner, attribute(rng, inner, depth + 1)) for inner in _inner(rng, depth))
    else:
        value = [
            Members([("M", Members((inner, attribute(rng, inner, depth + 1)) for inner in ("status", "qty")))])
            for _ in range(rng.choice([0, 1, 2, 3]))
        ]
    return Members([(tag, value)])


def _inner(rng: Random, depth: int) -> list[str]:
    names = ["status", "qty", "ip"] + (["addr", "lines"] if depth < 2 else [])
    return rng.sample(names, rng.randint(0, 2))


def leaves(tree: Any, at: Path = ()) -> list[tuple[Path, Any]]:
    """Every scalar with its path, and everything empty with its own."""
    if isinstance(tree, Members) and tree:
        return [leaf for name, value in tree for leaf in leaves(value, (*at, name))]
    if isinstance(tree, list) and tree:
        return [leaf for element in tree for leaf in leaves(element, at)]
    return [(at, tree)]


def relation(rng: Random, event: Members, paths: list[Path], values: list[Any]) -> Members:
    """The event with one to three changes, most of them at a path of the pattern, and often to a value of it."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        path = rng.choice(paths) if paths and rng.random() < 0.8 else ()
        event = _Change(rng, values).within(event, path)
    return event


class _Change:
    """One change of an event, with its source of chance and of values."""

    def __init__(self, rng: Random, values: list[Any]) -> None:
        self.rng = rng
        self.values = values

    def within(self, tree: Members, path: Path) -> Members:
        """Changes a member on the path; any member where the path is lost."""
        members = list(tree)
        if not members:
            return Members([(path[0] if path else "a", self.value())])
        on_path = [index for index, (name, _) in enumerate(members) if path and name == path[0]]
        at = self.rng.choice(on_path or range(len(members)))
        members[at : at + 1] = self.member(*members[at], path[1:] if on_path else ())
        return Members(members)

    def value(self) -> Any:
        if not self.values or self.rng.random() < 0.3:
            return anything(self.rng, 2)
        value = self.rng.choice(self.values)
        return cased(self.rng, value) if isinstance(value, str) and self.rng.random() < 0.3 else value

    def member(self, name: str, value: Any, path: Path) -> list[tuple[str, Any]]:
        rng = self.rng
        if isinstance(value, Members) and value and rng.random() < 0.9:
            return [(name, self.within(value, path))]
        if isinstance(value, list) and value and rng.random() < 0.8:
            return [(name, self.elements(value, path))]
        other = self.value()
        return rng.choice([
            [(name, other)], [(name, other)], [(name, other)], [(name, other)], [], [], [(name, value), (name, other)],
            [(name, [value, other])], [(name, [value])], [(name, rng.choice([Members(), [], None]))],
            [(rng.choice(NAMES), value)], [(name, value), (rng.choice(NAMES), other)],
            [(name, Members([(rng.choice(NAMES), value)]))],
        ])  # fmt: skip

    def elements(self, old: list[Any], path: Path) -> list[Any]:
        kind, at = self.rng.random(), self.rng.randrange(len(old))
        if kind < 0.15:
            return old[:at] + old[at + 1 :]
        if kind < 0.25:
            return self.rng.sample(old, len(old))
        if kind < 0.3:
            return [*old, [old[at]]]
        element = old[at]
        other = self.within(element, path) if isinstance(element, Members) else self.value()
        return [*old[:at], other, *old[at + 1 :]]
