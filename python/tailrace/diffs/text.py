"""Paths and values as text on one line, safe on a terminal whatever an item holds."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from tailrace.diffs.attribute_value import attribute_value
from tailrace.exceptions import MarshallValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from typing import Any

    from tailrace.diffs.parts import Path

__all__ = ["path_text", "printable", "value_text"]

# As deep as the extension reads: DynamoDB holds 32 levels.
_DEEPEST = 128

# Printable for Python, invisible or blank on a screen: fillers, an empty Braille cell, selectors of a variant.
# Source: DerivedCoreProperties.txt of Unicode, Default_Ignorable_Code_Point
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Vowels and finals of Hangul syllables, and of Kirat Rai: letters that join the one before, as marks do.
_JOINING_LETTER = re.compile("[\u1161-\u1175\u11a8-\u11c2\U00016d63\U00016d67-\U00016d69]")
_ASCII = re.compile(r"[\x20-\x7e]*")
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

    Only an empty set shows as ``set()``: ``{}`` is an empty map.

    Args:
        value: a Python value of an item, at most 128 levels deep.
        path: where it stands in the item, for the error.

    Returns:
        One line. Members of sets are sorted, names stand in the order of the dict.

    Raises:
        MarshallError: the value is deeper; a set holds members of several types; an integer has more digits than
            Python writes. It names the path.

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
        return "{" + ", ".join(value_text(member, path) for member in _sorted(value, path)) + "}" if value else "set()"
    return _bytes_text(bytes(value)) if _is_binary(value) else printable(_plain_text(value, path))


def printable(text: str) -> str:
    r"""Escape everything in a text that would move the cursor, change colours, hide, or look like other text.

    That is: what Python holds for not printable, what shows nothing, and the marks of text that is not in Unicode's
    normalization form C. Look-alike letters, such as the Latin and the Cyrillic a, stay.

    Args:
        text: any text.

    Returns:
        The text, or one line of printable characters in its place; in normalization form C.

    Source: https://www.unicode.org/reports/tr15/ (normalization form C)

    Example:
        >>> printable("\x1b[2J")
        '\\x1b[2J'
        >>> printable("caf\u00e9"), printable("cafe\u0301")
        ('café', 'cafe\\u0301')
    """
    if _ASCII.fullmatch(text):
        return text
    escaped = "".join(map(_escaped, text)) if not text.isprintable() or _INVISIBLE.search(text) else text
    return escaped if unicodedata.is_normalized("NFC", escaped) else "".join(map(_escaped_mark, escaped))


def _member_text(name: str, value: Any, path: Path) -> str:
    return f"{_name(name)}: {value_text(value, (*path, name))}"


def _is_binary(value: Any) -> bool:
    # boto3's Binary is no subclass of bytes; before Python 3.11 bytes itself has no __bytes__.
    return isinstance(value, (bytes, bytearray, memoryview)) or hasattr(type(value), "__bytes__")


def _sorted(members: AbstractSet[Any], path: Path) -> list[Any]:
    try:
        return sorted(members, key=_rank)
    except (TypeError, ArithmeticError):  # of members of several types, and of a NaN
        attribute_value(members, path)  # raises what is wrong with them
        raise


def _plain_text(value: Any, path: Path) -> str:
    try:
        return str(value)
    except ValueError:  # of an int with more digits than sys.set_int_max_str_digits allows: no number is as long
        attribute_value(value, path)
        raise


def _rank(member: Any) -> Any:
    """What a set is sorted by: text by code point, numbers by value, bytes by byte; any other number by its text."""
    if _is_binary(member):
        return bytes(member)
    return member if isinstance(member, (str, int, float, Decimal)) else str(member)


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) and printable(name) == name else _quoted(name)


def _quoted(text: str) -> str:
    return printable(json.dumps(text, ensure_ascii=False))


def _escaped(character: str) -> str:
    seen = character.isprintable() and not _INVISIBLE.match(character)
    return character if seen else character.encode("unicode_escape").decode("ascii")


def _escaped_mark(character: str) -> str:
    """Escaped where it may join the character before it, or where another character is the same."""
    stays = character.isascii() or not (
        unicodedata.category(character)[0] == "M"
        or _JOINING_LETTER.match(character)
        or not unicodedata.is_normalized("NFC", character)
    )
    return character if stays else character.encode("unicode_escape").decode("ascii")


def _bytes_text(data: bytes) -> str:
    count = f"{len(data)} byte{'' if len(data) == 1 else 's'}"
    return f"<{count} {data.hex()}>" if data else f"<{count}>"
