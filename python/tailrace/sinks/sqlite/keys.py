"""The identity of an item, from its primary key as Python values."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tailrace._core import Batch
from tailrace.exceptions import MarshallError

__all__ = ["item_key"]


def item_key(keys: Mapping[str, object] | bytes) -> bytes:
    """The canonical identity of an item, as ``record.item_key`` has it.

    Args:
        keys: the primary key as Python values, such as ``{"id": "a"}``, or an ``item_key``, which is returned.

    Returns:
        The bytes.

    Raises:
        MarshallError: a value that no key attribute can have.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html

    Example:
        >>> from decimal import Decimal
        >>> item_key({"id": "a", "at": 10}) == item_key({"at": Decimal("1E+1"), "id": "a"})
        True
    """
    if isinstance(keys, bytes):
        return keys
    image = {name: _key_value(name, value) for name, value in keys.items()}
    change = {"eventSource": "aws:dynamodb", "eventName": "REMOVE", "dynamodb": {"Keys": image}}
    return Batch.from_event({"Records": [change]})[0].item_key


def _key_value(name: str, value: object) -> dict[str, object]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, (bytes, bytearray)):
        return {"B": bytes(value)}
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return {"N": str(value)}
    raise MarshallError(f"a key value is str, int, Decimal or bytes, not {type(value).__name__}", path=(name,))
