"""Paths and values as text on one line, safe on a terminal whatever an item holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal

from tailrace.exceptions import MarshallValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.diffs.parts import Path

__all__ = ["path_text", "printable", "value_text"]

# As deep as the extension reads: DynamoDB holds 32 levels.
_DEEPEST = 128

_PLAIN_NAME = re.compile(r"[\w-]+")


def path_text(path: Path) -> str:
    """Names with dots between them and positions in brackets; a name that would be mistaken for those is quoted.

    Args:
        path: attribute names and list positions.

    Returns:
        A text that stands for this path alone.

    Example:
        >>> path_text(("lines", 0, "unit.price"))
        'lines[0]."unit.price"'
    """
    steps = (f"[{step}]" if isinstance(step, int) else f".{_name(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def value_text(value: Any, path: Path = ()) -> str:
    """The complete value, the types told apart: text and names that are odd in quotes, bytes in hexadecimal.

    Args:
        value: a Python value of an item, at most 128 levels deep.
        path: where it stands in the item, for the error.

    Returns:
        One line. Members of sets are sorted, names stand in the order of the dict.

    Raises:
        MarshallError: the value is deeper.

    Example:
        >>> value_text({"qty": Decimal("2.0"), "tags": {"b", "a"}, "raw": b"abc", "notes": [None, True]})
        '{qty: 2.0, tags: {"a", "b"}, raw: <3 bytes 616263>, notes: [null, true]}'
    """
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return _quoted(value)
    if len(path) >= _DEEPEST and isinstance(value, (Mapping, list, tuple)):
        raise MarshallValueError(f"attribute values are nested deeper than {_DEEPEST} levels", path=path)
    if isinstance(value, Mapping):
        return "{" + ", ".join(_member_text(str(name), value[name], path) for name in value) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(value_text(element, (*path, at)) for at, element in enumerate(value)) + "]"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(map(value_text, sorted(value, key=_rank))) + "}"
    if _is_binary(value):
        return _bytes_text(bytes(value))
    return printable(str(value))


def printable(text: str) -> str:
    r"""Escape everything in a text that would move the cursor, change colours or hide.

    Args:
        text: any text.

    Returns:
        The text, or one line of printable characters in its place.

    Example:
        >>> printable("\x1b[2J")
        '\\x1b[2J'
    """
    return text if text.isprintable() else "".join(map(_escaped, text))


def _member_text(name: str, value: Any, path: Path) -> str:
    return f"{_name(name)}: {value_text(value, (*path, name))}"


def _is_binary(value: Any) -> bool:
    # boto3's Binary is no subclass of bytes; before Python 3.11 bytes itself has no __bytes__.
    return isinstance(value, (bytes, bytearray, memoryview)) or hasattr(type(value), "__bytes__")


def _rank(member: Any) -> Any:
    """What a set is sorted by: text by code point, numbers by value, bytes by byte; any other number by its text."""
    if _is_binary(member):
        return bytes(member)
    return member if isinstance(member, (str, int, float, Decimal)) else str(member)


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) and name.isprintable() else _quoted(name)


def _quoted(text: str) -> str:
    return printable(json.dumps(text, ensure_ascii=False))


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def _bytes_text(data: bytes) -> str:
    count = f"{len(data)} byte{'' if len(data) == 1 else 's'}"
    return f"<{count} {data.hex()}>" if data else f"<{count}>"
