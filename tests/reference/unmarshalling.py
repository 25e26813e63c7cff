"""Attribute values read in the plainest way: json, base64 and Decimal, a level at a time.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from tests.reference.number import decimal_of, is_number

DEEPEST = 128


class Refused(Exception):
    """The input is no item."""


class Object(dict[str, Any]):
    """A JSON object that still knows its members as they were written."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def json_of(text: str | bytes) -> Any:
    """JSON as RFC 8259 has it: UTF-8, no NaN, and no half of a surrogate pair."""
    try:
        plain = text if isinstance(text, str) else text.decode("utf-8")
        return json.loads(
            plain, object_pairs_hook=_object, parse_constant=_refuse, parse_float=_fraction, parse_int=_integer
        )
    except (ValueError, RecursionError) as error:
        raise Refused(f"no JSON: {error}") from None


def _refuse(word: str) -> NoReturn:
    raise Refused(f"{word} is no JSON")


def _integer(text: str) -> int | Decimal:
    """An int, or where it has more digits than Python reads, what holds them."""
    try:
        return int(text)
    except ValueError:
        return Decimal(text)


def _fraction(text: str) -> float | Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:
        return float(text)


def _object(pairs: list[tuple[str, Any]]) -> Object:
    return Object(pairs)


def members(value: Any) -> list[tuple[str, Any]]:
    """An object's members, those that stand twice twice."""
    if isinstance(value, Object):
        return value.pairs
    if not isinstance(value, Mapping):
        raise Refused("no object")
    return list(value.items())


def item_from_json(text: str | bytes) -> dict[str, Any]:
    return item(json_of(text))


def item(wire: Any, depth: int = 0) -> dict[str, Any]:
    """Attribute names and values; a name that stands twice has no meaning."""
    if depth >= DEEPEST:
        raise Refused("too deep")
    found: dict[str, Any] = {}
    for name, attribute_value in members(wire):
        if name in found:
            raise Refused(f"{name} stands twice")
        found[_text(name)] = value(attribute_value, depth)
    return found


def value(wire: Any, depth: int) -> Any:
    """The first descriptor counts, and the same one may not come again."""
    descriptors = members(wire)
    if not descriptors:
        raise Refused("no descriptor")
    (tag, payload), *others = descriptors
    if tag not in READERS or tag in dict(others):
        raise Refused(f"{tag} is no type")
    return READERS[tag](payload, depth)


def _text(payload: Any, _: int = 0) -> str:
    if not isinstance(payload, str):
        raise Refused("no text")
    try:
        payload.encode("utf-8")
    except UnicodeEncodeError:
        raise Refused("half of a surrogate pair") from None
    return payload


def _number(payload: Any, _: int = 0) -> Decimal:
    if not is_number(_text(payload)):
        raise Refused(f"{payload!r} is no number")
    return decimal_of(payload)


def _binary(payload: Any, _: int = 0) -> bytes:
    if isinstance(payload, bytes | bytearray | memoryview):
        return bytes(payload)
    return base64_of(_text(payload))


def base64_of(text: str) -> bytes:
    """RFC 4648, with its padding and nothing else: encoding it again gives the text."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Refused(f"no base64: {error}") from None
    if base64.b64encode(decoded).decode("ascii") != text:
        raise Refused("no base64: bits left over")
    return decoded


def _bool(payload: Any, _: int) -> bool:
    if not isinstance(payload, bool):
        raise Refused("no boolean")
    return payload


def _elements(payload: Any) -> list[Any]:
    if not isinstance(payload, list | tuple | set | frozenset):
        raise Refused("no array")
    return list(payload)


def _list(payload: Any, depth: int) -> list[Any]:
    if depth + 1 >= DEEPEST:
        raise Refused("too deep")
    return [value(element, depth + 1) for element in _elements(payload)]


def _set_of(read: Callable[[Any], Any]) -> Callable[[Any, int], set[Any]]:
    return lambda payload, _: {read(member) for member in _elements(payload)}


READERS: dict[str, Callable[[Any, int], Any]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": _bool,
    "NULL": lambda *_: None,
    "L": _list,
    "M": lambda payload, depth: item(payload, depth + 1),
    "SS": _set_of(_text),
    "NS": _set_of(_number),
    "BS": _set_of(_binary),
}
