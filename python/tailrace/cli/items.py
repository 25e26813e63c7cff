"""Files that hold one item: attribute values as the AWS CLI prints them, or plain JSON."""

from __future__ import annotations

import json
from decimal import Decimal

from tailrace import MarshallError, UnmarshallError, loads, marshall, unmarshall
from tailrace.cli.reading import InputError, input_error, read_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

__all__ = ["read_item"]


def read_item(file: str, *, plain: bool = False) -> dict[str, Any] | None:
    """Read an item.

    Args:
        file: its path; ``-`` is standard input.
        plain: whether its values are plain JSON. Otherwise they are attribute values: ``{"id": {"S": "a"}}``, or an
            answer of GetItem with such an item in its member Item.

    Returns:
        The item as Python values; None for ``null``, which is no item.

    Raises:
        InputError: it cannot be read, or is no item.
    """
    name, data = read_document(file)
    if not data.strip():
        raise InputError(name, "it is empty: write null where there is no item")
    document = _document(name, data)
    if document is None:
        return None
    if not isinstance(document, dict):
        raise InputError(name, "an item is a JSON object, or null where there is none", line=1)
    return _plain_item(name, data, document) if plain else _wire_item(name, data, document)


def _plain_item(name: str, data: bytes, document: dict[str, Any]) -> dict[str, Any]:
    try:
        marshall(document)
    except MarshallError as error:
        raise input_error(name, 1, data, error.message, error.path) from error
    return document


def _wire_item(name: str, data: bytes, document: dict[str, Any]) -> dict[str, Any]:
    try:
        if _is_answer(document):
            item: dict[str, Any] = loads(data, shape="answer")["Item"]
            return item
        return loads(data)
    except UnmarshallError as error:
        raise input_error(name, 1, data, error.message, error.path) from error


def _is_answer(document: dict[str, Any]) -> bool:
    """Whether this is an answer of GetItem, and not an item that has an attribute called Item.

    No document is both: what is inside would have to be an attribute value and an item of attribute values, so a map
    of one member that is again both, and so on without an end.
    """
    inner = document.get("Item")
    if not isinstance(inner, dict):
        return False
    try:
        unmarshall({"Item": inner}, strict=True)
    except UnmarshallError:
        return True
    return False


def _document(name: str, data: bytes) -> Any:
    """The JSON of a file, no number changed and no name passed by."""
    try:
        return json.loads(
            data.decode(), parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse, object_pairs_hook=_unique
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise input_error(name, 1, data, _reason(error), ()) from error


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    return "a number that no item holds" if isinstance(error, ArithmeticError) else str(error)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a name stands twice in one object")
    return found
