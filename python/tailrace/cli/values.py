"""Values as short text for the eye: safe on a terminal, whatever an item holds."""

from __future__ import annotations

import json
from decimal import Decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["key_texts", "printable", "shorten", "shorten_pair", "value_text"]

ELLIPSIS = "…"
FEW_BYTES = 8


def value_text(value: object) -> str:
    """A Python value of an item as text on one line, numbers as written.

    Example:
        >>> from decimal import Decimal
        >>> value_text({"qty": Decimal("2"), "tags": {"b", "a"}, "raw": b"abc", "note": None})
        '{qty: 2, tags: {"a", "b"}, raw: <3 bytes 616263>, note: null}'
    """
    if isinstance(value, str):
        return printable(json.dumps(value, ensure_ascii=False))
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return _bytes_text(bytes(value))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{printable(str(name))}: {value_text(part)}" for name, part in value.items()) + "}"
    if isinstance(value, (set, frozenset)):
        return "{" + ", ".join(sorted(map(value_text, value))) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(value_text, value)) + "]"
    return printable(str(value))


def key_texts(keys: Mapping[str, object]) -> tuple[str, ...]:
    """Each attribute of a primary key as ``name=value``; text without quotes where it needs none.

    Example:
        >>> key_texts({"customer": "C-7", "title": "two words"})
        ('customer=C-7', 'title="two words"')
    """
    return tuple(f"{printable(name)}={_bare(value)}" for name, value in keys.items())


def printable(text: str) -> str:
    """The text with everything escaped that would move the cursor, change colours or hide."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def shorten(text: str, width: int) -> str:
    """The text, cut to ``width`` characters with an ellipsis."""
    return text if len(text) <= width else text[: max(width - 1, 0)] + ELLIPSIS


def shorten_pair(old: str, new: str, width: int) -> tuple[str, str]:
    """Both texts cut to ``width`` characters each, so that the place where they part is in view.

    Example:
        >>> shorten_pair("[1, 2, 3, 4, 5, 6, 7, 8]", "[1, 2, 3, 4, 5, 6, 7, 9]", 12)
        ('…5, 6, 7, 8]', '…5, 6, 7, 9]')
    """
    if max(len(old), len(new)) <= width:
        return old, new
    parted = next(
        (index for index, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new))
    )
    # Between two ellipses there is room for width - 2 characters.
    start = min(parted - min(width // 2, width - 3), max(len(old), len(new)) - width + 1)
    if start <= 1:
        return shorten(old, width), shorten(new, width)
    return shorten(ELLIPSIS + old[start:], width), shorten(ELLIPSIS + new[start:], width)


def _bare(value: object) -> str:
    return value if isinstance(value, str) and value.isprintable() and value.split() == [value] else value_text(value)


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")


def _bytes_text(data: bytes) -> str:
    more = ELLIPSIS if len(data) > FEW_BYTES else ""
    return f"<{len(data)} byte{'' if len(data) == 1 else 's'} {data[:FEW_BYTES].hex()}{more}>"
