"""Python values as attribute values of a Lambda event."""

from __future__ import annotations

import json

from tailrace import MarshallError, dumps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Path = tuple[str | int, ...]

__all__ = ["attribute_values"]


def attribute_values(item: Mapping[str, Any], path: Path = ()) -> dict[str, dict[str, Any]]:
    """Write an item as attribute values, as they stand in a Lambda event: B is base64 text.

    Args:
        item: attribute names and their values, as ``tailrace.marshall`` takes them.
        path: where the item is, for error texts.

    Returns:
        A new dict.

    Raises:
        MarshallError: a value that DynamoDB cannot hold or that would change, floats above all; it says where.
    """
    try:
        wire: dict[str, dict[str, Any]] = json.loads(dumps(item))
    except MarshallError as error:
        raise type(error)(error.message, path=(*path, *error.path)) from None
    return wire
