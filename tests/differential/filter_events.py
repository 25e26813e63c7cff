"""Seeded random events: change records of DynamoDB Streams, other JSON, and near relations of both."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.reference.filter_json import Members, Number

Path = tuple[str, ...]
# Few names and values, so that a pattern and an event often speak of the same.
NAMES = ["a", "b", "c", "d", "A", "a.b", "b.c", "é", "ab", "prefix", "exists", "$or", "😀", "\uffee", "x y", "="]
TEXTS = [
    "", "a", "b", "ab", "abc", "abcabc", "PAID", "paid", "Paid", "PENDING", "PAID*", "a*c", "a\\c", "a*", "*", "\\", "a\nc",
    "Café", "CAFÉ", "Cafe\u0301", "café", "straße", "STRASSE", "σς", "ΣΣ", "ΐ", "ok😀", "ok😁", "𐐀", "𐐨", "K", "k", "\u212a",
    'x"', '"', '"x', 'x', "10.0.0.1", "10.0.0.01", "10.0.0.2", "10.0.1.1", "11.0.0.1", "0.0.0.10", "255.255.255.255",
    "1.2.3.4", "1.2.3.256", "1.2.3", "::1", "::", ":", "2001:db8::1", "2001:DB8:0:0:0:0:0:0001", "2001:db8::2",
    "::ffff:102:304", "::ffff:1.2.3.4", "12:30", "fe80::1", "dead", "00001::", "01.02.03.04", "000000000001.2.3.4",
    "true", "null", "1", "15", "300", "9.50", "1e2", "us-east-1", "dir/a/b.png", "b.PNG", "\u0000", "日本", "\ud7ff", "\uffff",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "0.0", "-0.0", "0e5", "1", "1.0", "10e-1", "0.1e1", "-1", "2", "5", "10", "15", "15.00", "26", "300", "300.0",
    "3e2", "3.0E+2", "30000E-2", "0.1", "0.10", "1e-1", "9.5", "9.50", "-9.5", "1e16", "10000000000000000", "1700000000",
    "1700000000.0", "1.7E9", "9007199254740991", "123456789012345", "1e15", "1e-7", "5e-324", "1.7976931348623157e308",
    "10000000", "99",
]  # fmt: skip
# Doubles can't hold these.
BIG_NUMBERS = ["9007199254740993", "12345678901234567890123456789012345678", "1e400", "-1e400", "1e-400",
               "0.1000000000000000055", "1e23", "9007199254740993.0", "9007199254740992"]  # fmt: skip


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


def relation(rng: Random, event: Members, values: list[Any]) -> Members:
    """The event with one to three changes, many of which bring in a value of the pattern."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        event = _changed(rng, event, values)
    return event


def _changed(rng: Random, tree: Members, values: list[Any]) -> Members:
    if not tree:
        return tree
    at = rng.randrange(len(tree))
    name, value = tree[at]
    return Members(pair for index, old in enumerate(tree) for pair in (
        _changed_member(rng, name, value, values) if index == at else [old]
    ))  # fmt: skip


def _changed_member(rng: Random, name: str, value: Any, values: list[Any]) -> list[tuple[str, Any]]:
    if isinstance(value, Members) and value and rng.random() < 0.85:
        return [(name, _changed(rng, value, values))]
    if isinstance(value, list) and value and rng.random() < 0.75:
        return [(name, _changed_list(rng, value, values))]
    other = rng.choice(values) if values and rng.random() < 0.7 else anything(rng, 2)
    return rng.choice([
        [(name, other)], [(name, other)], [(name, other)], [], [(name, value), (name, other)], [(name, [value, other])],
        [(name, [value])], [(name, rng.choice([Members(), [], None]))], [(rng.choice(NAMES), value)],
        [(name, value), (rng.choice(NAMES), other)], [(name, Members([(rng.choice(NAMES), value)]))],
    ])  # fmt: skip


def _changed_list(rng: Random, elements: list[Any], values: list[Any]) -> list[Any]:
    kind = rng.random()
    at = rng.randrange(len(elements))
    if kind < 0.2:
        return elements[:at] + elements[at + 1 :]
    if kind < 0.4:
        return rng.sample(elements, len(elements))
    if kind < 0.5:
        return [*elements, [elements[at]]]
    element = elements[at]
    other = _changed(rng, element, values) if isinstance(element, Members) else rng.choice([*values, scalar(rng)])
    return [*elements[:at], other, *elements[at + 1 :]]
