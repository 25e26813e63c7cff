"""Values told apart exactly: wire values read in the plainest way, and compared by type and value."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any


def native(attribute_value: Mapping[str, Any]) -> Any:
    ((tag, value),) = attribute_value.items()
    return READERS[tag](value)


def native_item(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: native(value) for name, value in item.items()}


def _binary(value: str | bytes) -> bytes:
    return base64.b64decode(value) if isinstance(value, str) else value


READERS: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": Decimal,
    "B": _binary,
    "BOOL": bool,
    "NULL": lambda _: None,
    "L": lambda values: [native(value) for value in values],
    "M": native_item,
    "SS": set,
    "NS": lambda values: {Decimal(value) for value in values},
    "BS": lambda values: {_binary(value) for value in values},
}


def exact(value: Any) -> Any:
    """A form that is equal only for equal values of equal types: True is not 1, b"a" is not "a", 1.0 is 1."""
    if isinstance(value, Mapping):
        return {name: exact(each) for name, each in value.items()}
    if isinstance(value, list):
        return [exact(each) for each in value]
    if isinstance(value, set | frozenset):
        return ("set", frozenset(exact(each) for each in value))
    return (type(value).__name__, value)
