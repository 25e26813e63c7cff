"""A form of values that is equal only for what cannot be told apart: type, digits, zeros and exponent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def exact(value: Any) -> Any:
    """The value with its type at every level; a Decimal as sign, digits and exponent: 1.50 is not 1.5."""
    if isinstance(value, Mapping):
        return {name: exact(member) for name, member in value.items()}
    if isinstance(value, list):
        return [exact(element) for element in value]
    if isinstance(value, set):
        return ("set", frozenset(exact(member) for member in value))
    if type(value) is Decimal:
        return ("Decimal", value.as_tuple())
    return (type(value).__name__, value)
