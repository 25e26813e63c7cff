"""JSON lines that a terminal shows as what they are."""

from __future__ import annotations

import json

__all__ = ["json_line", "json_text"]


def json_line(value: object) -> str:
    r"""A value as JSON on one line. What would move the cursor, change colours or hide is escaped: it is the same JSON.

    Args:
        value: whatever ``json.dumps`` takes.

    Example:
        >>> print(json_line({"name": "Zoë\x9b2J"}))
        {"name": "Zoë\u009b2J"}
    """
    return _printable(json.dumps(value, ensure_ascii=False))


def json_text(value: object) -> str:
    """The same on several lines, indented.

    Example:
        >>> print(json_text({"id": "a"}))
        {
          "id": "a"
        }
    """
    return "\n".join(map(_printable, json.dumps(value, ensure_ascii=False, indent=2).split("\n")))


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(character: str) -> str:
    return character if character.isprintable() else json.dumps(character)[1:-1]
