"""The values of a change as attribute values, and as the Python values that boto3's serializer takes unharmed."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact

from tailrace._core import marshall, unmarshall
from tailrace.exceptions import MarshallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.diffs.parts import Path

__all__ = ["attribute_value", "canonical_text", "plain_value"]

_DIGITS = 38
_EXACT = Context(prec=_DIGITS, traps=[Inexact])


def attribute_value(value: Any, path: Path) -> dict[str, Any]:
    """The value with its type tag: B is bytes, the members of sets are sorted.

    Args:
        value: what ``marshall`` takes.
        path: where it stands in the item, for the error.

    Returns:
        ``{"S": ...}`` or the like.

    Raises:
        MarshallError: DynamoDB has no such value, or it is not exact: a float. It names the path in the item.
    """
    try:
        return marshall({"": value})[""]
    except MarshallError as error:
        raise type(error)(error.message, path=(*path, *error.path[1:])) from None


def plain_value(value: Any, path: Path) -> Any:
    """The value as ``unmarshall`` gives it, and every number in at most 38 digits.

    boto3's serializer refuses 1000...0 where it is written with more digits than DynamoDB keeps, though it is 1E+40.

    Args:
        value: what ``marshall`` takes.
        path: where it stands in the item, for the error.

    Returns:
        Of str, Decimal, bytes, bool, None, set, list and dict.

    Raises:
        MarshallError: as of ``attribute_value``.
    """
    return unmarshall({"": attribute_value(value, path)}, numbers=_short_decimal)[""]


def canonical_text(number: Decimal) -> str:
    """The text of a number of at most 38 significant digits; equal numbers have the same.

    Args:
        number: a number that DynamoDB holds.

    Returns:
        Its digits without zeros at the end.

    Example:
        >>> canonical_text(Decimal("1.50"))
        '1.5'
    """
    return str(number.normalize(_EXACT))


def _short_decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number:
        return Decimal(0)  # 0E+200 is refused too
    return number if len(number.as_tuple().digits) <= _DIGITS else number.normalize(_EXACT)
