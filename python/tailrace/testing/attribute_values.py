"""Python values as attribute values of a Lambda event: exact, or refused."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal

from tailrace import MarshallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Path = tuple[str | int, ...]

__all__ = ["attribute_values"]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_MAXIMUM_DIGITS = 38
_LOWEST_EXPONENT, _HIGHEST_EXPONENT = -130, 125


def attribute_values(item: Mapping[str, Any], path: Path = ()) -> dict[str, dict[str, Any]]:
    """Write an item as attribute values, as they stand in a Lambda event: B is base64 text.

    Args:
        item: attribute names and their values: str, int, Decimal, bytes, bool, None, list, tuple, mappings and sets.
        path: where the item is, for error texts.

    Returns:
        A new dict.

    Raises:
        MarshallError: a value that DynamoDB cannot hold or that would change, floats above all; it says where.
    """
    return {_name(name, path): _attribute_value(value, (*path, name)) for name, value in item.items()}


def _attribute_value(value: object, path: Path) -> dict[str, Any]:
    if value is None:
        return {"NULL": True}
    for types, write in _WRITERS:
        if isinstance(value, types):
            return write(value, path)
    hint = ": use Decimal, a float changes on the way" if isinstance(value, float) else ""
    raise MarshallError(f"{type(value).__name__} is no attribute value{hint}", path=path)


def _number(value: int | Decimal, path: Path) -> str:
    if isinstance(value, int) and abs(value) >= 10 ** (_HIGHEST_EXPONENT + 1):  # before str(): it has a limit
        raise MarshallError("a number beyond 9.99...E+125", path=path)
    number = Decimal(value)
    if not number.is_finite():
        raise MarshallError(f"{number} is no number that DynamoDB holds", path=path)
    if number and not _LOWEST_EXPONENT <= number.adjusted() <= _HIGHEST_EXPONENT:
        raise MarshallError("a number outside 1E-130 to 9.99...E+125", path=path)
    if len("".join(map(str, number.as_tuple().digits)).strip("0")) > _MAXIMUM_DIGITS:
        raise MarshallError(f"a number of more than {_MAXIMUM_DIGITS} digits", path=path)
    return str(value)


def _string(value: str, path: Path) -> str:
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise MarshallError("text with half of a surrogate pair is no UTF-8", path=path) from error
    return value


def _binary(value: bytes | bytearray | memoryview, _path: Path) -> str:
    return b64encode(value).decode("ascii")


def _list(value: list[object] | tuple[object, ...], path: Path) -> dict[str, Any]:
    return {"L": [_attribute_value(element, (*path, index)) for index, element in enumerate(value)]}


def _set(value: AbstractSet[Any], path: Path) -> dict[str, Any]:
    for tag, types, write in _SETS:
        if value and all(isinstance(element, types) and not isinstance(element, bool) for element in value):
            return {tag: sorted(write(element, path) for element in value)}
    raise MarshallError("a set holds only text, only numbers or only bytes, and is not empty", path=path)


def _name(name: object, path: Path) -> str:
    if not isinstance(name, str) or not name:
        raise MarshallError(f"{name!r} is no attribute name", path=path)
    return _string(name, path)


_SETS: tuple[tuple[str, tuple[type, ...], Callable[[Any, Path], str]], ...] = (
    ("SS", (str,), _string),
    ("NS", (int, Decimal), _number),
    ("BS", (bytes, bytearray, memoryview), _binary),
)

_WRITERS: tuple[tuple[tuple[type, ...], Callable[[Any, Path], dict[str, Any]]], ...] = (
    ((str,), lambda value, path: {"S": _string(value, path)}),
    ((bool,), lambda value, _path: {"BOOL": value}),  # before int: a bool is one
    ((int, Decimal), lambda value, path: {"N": _number(value, path)}),
    ((bytes, bytearray, memoryview), lambda value, path: {"B": _binary(value, path)}),
    ((list, tuple), _list),
    ((Mapping,), lambda value, path: {"M": attribute_values(value, path)}),
    ((AbstractSet,), _set),
)
