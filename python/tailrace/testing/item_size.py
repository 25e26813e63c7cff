"""The size of an item as DynamoDB counts it."""

from __future__ import annotations

from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["image_size_bytes"]

_MAXIMUM_NUMBER_BYTES = 21


def image_size_bytes(image: Mapping[str, Mapping[str, Any]]) -> int:
    """Count the bytes of an image in Lambda's wire form (B as base64 text).

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html; the
    numbers as DynamoDB Local counts them.
    """
    return sum(len(name.encode()) + _value_size_bytes(value) for name, value in image.items())


def _value_size_bytes(value: Mapping[str, Any]) -> int:
    ((tag, payload),) = value.items()
    if tag == "L":
        return 3 + sum(1 + _value_size_bytes(element) for element in payload)
    if tag == "M":
        return 3 + sum(1 + len(name.encode()) + _value_size_bytes(element) for name, element in payload.items())
    if tag in ("BOOL", "NULL"):
        return 1
    scalars = payload if tag in ("SS", "NS", "BS") else (payload,)
    return sum(_SCALAR_SIZE_BYTES[tag[0]](scalar) for scalar in scalars)


def _number_size_bytes(text: str) -> int:
    # Two digits a byte, in pairs from the decimal point on, without the zeros at both ends.
    number = Decimal(text)
    if not number:
        return 1
    zeros = len(digits := "".join(map(str, number.as_tuple().digits))) - len(digits.rstrip("0"))
    lowest = number.adjusted() - len(digits.lstrip("0")) + 1 + zeros
    return min(_MAXIMUM_NUMBER_BYTES, 1 + number.adjusted() // 2 - lowest // 2 + 1 + (number < 0))


_SCALAR_SIZE_BYTES: dict[str, Callable[[str], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _number_size_bytes,
    "B": lambda text: len(text) // 4 * 3 - text.count("="),
}
