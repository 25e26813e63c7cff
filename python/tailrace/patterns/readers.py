"""What the text of a setting says. Each reader raises a ValueError that tells what would be right."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["filters", "location", "names", "paths", "switch", "text", "texts", "whole", "word"]

_LOCATION = re.compile(r"s3://([^/\s]+)(?:/(.*))?")


def text(value: str) -> str:
    """Any text."""
    return value


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number between the two, both included."""

    def read(value: str) -> int:
        if re.fullmatch(r"[0-9]{1,18}", value) and least <= int(value) <= most:
            return int(value)
        raise ValueError(f"a whole number from {least} to {most}")

    return read


def word(*allowed: str) -> Callable[[str], str]:
    """One of the words."""

    def read(value: str) -> str:
        if value in allowed:
            return value
        raise ValueError(f"one of {', '.join(allowed)}")

    return read


def switch(value: str) -> bool:
    """``on`` or ``off``.

    Example:
        >>> switch("on"), switch("0")
        (True, False)
    """
    known = {"on": True, "true": True, "1": True, "yes": True, "off": False, "false": False, "0": False, "no": False}
    if value.lower() in known:
        return known[value.lower()]
    raise ValueError("on or off")


def names(value: str) -> tuple[str, ...]:
    """Names with commas between them.

    Example:
        >>> names("title, body")
        ('title', 'body')
    """
    found = tuple(name.strip() for name in value.split(","))
    if all(found):
        return found
    raise ValueError("names with commas between them")


def paths(value: str) -> list[str | tuple[str | int, ...]]:
    """Paths of attributes: a JSON array of names, and of arrays of names and list positions; or names with commas.

    Example:
        >>> paths('["pin", ["card", "number"]]')
        ['pin', ('card', 'number')]
        >>> paths("pin, token")
        ['pin', 'token']
    """
    if not value.startswith("["):
        return list(names(value))
    wanted = 'names with commas between them, or a JSON array such as ["pin", ["card", "number"]]'
    return [tuple(path) if isinstance(path, list) else path for path in _json(value, list, wanted)]


def texts(value: str) -> dict[str, str]:
    """A JSON object of text to text.

    Example:
        >>> texts('{"team": "orders"}')
        {'team': 'orders'}
    """
    wanted = 'a JSON object of text to text, such as {"team": "orders"}'
    found: dict[str, str] = _json(value, dict, wanted)
    if all(isinstance(each, str) for each in found.values()):
        return found
    raise ValueError(wanted)


def filters(value: str) -> Any:
    """Filter patterns as JSON, of the extended dialect.

    Example:
        >>> filters('{"eventName": ["INSERT"]}').matches({"eventName": "INSERT"})
        True
    """
    from tailrace import FilterCriteria

    # A FilterPatternError is a ValueError, and says what is wrong, and where.
    return FilterCriteria(json.loads(value) if value.startswith("[") else value, dialect="extended")


def location(value: str) -> tuple[str, str]:
    """Bucket and prefix of ``s3://bucket/prefix``.

    Example:
        >>> location("s3://audit/orders")
        ('audit', 'orders')
    """
    found = _LOCATION.fullmatch(value)
    if found is None:
        raise ValueError("s3://bucket/prefix, the prefix may be left out")
    return found[1], found[2] or ""


def _json(value: str, kind: type, wanted: str) -> Any:
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if isinstance(found, kind):
        return found
    raise ValueError(wanted)
