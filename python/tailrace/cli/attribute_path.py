"""Paths into an item as the command line takes them: written as a diff prints them."""

from __future__ import annotations

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

__all__ = ["parse_path"]

_STEP = re.compile(
    r"""\[(?P<position>[0-9]{1,9})\] | "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<name>[^.[\]"\s](?:[^.[\]"]*[^.[\]"\s])?)""",
    re.VERBOSE | re.DOTALL,
)
# Those of JSON, and those that Python writes for what JSON leaves alone and a terminal would obey.
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|(["\\/bfnrt]))')
_CHARACTERS = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_FORM = 'write names with dots between, positions in brackets, odd names in quotes: lines[0]."unit.price"'


def parse_path(text: str) -> Path:
    r"""Read a path: names with dots between them, positions in brackets, and any name in quotes.

    Args:
        text: such as ``address.city``, ``lines[0].qty`` or ``"a.b"``. In quotes the escapes of JSON hold.

    Returns:
        The path, as ``diff`` takes it.

    Raises:
        ValueError: it is no path; it says how to write one.

    Example:
        >>> parse_path('lines[0]."unit.price"')
        ('lines', 0, 'unit.price')
        >>> parse_path(r'"say \"a\""')
        ('say "a"',)
    """
    path = tuple(_steps(text))
    if isinstance(path[0], int):
        raise ValueError(f"a path begins with the name of an attribute: {_FORM}")
    return path


def _steps(text: str) -> Iterator[str | int]:
    at = 0
    while True:
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f"no path, from character {at + 1} on: {_FORM}")
        yield _step(found)
        at = found.end()
        if at == len(text):
            return
        if text[at] == "." and text[at + 1 : at + 2] != "[":
            at += 1
        elif text[at] != "[":
            raise ValueError(f"no path, from character {at + 1} on: {_FORM}")


def _step(found: re.Match[str]) -> str | int:
    if found["position"] is not None:
        return int(found["position"])
    return found["name"] if found["quoted"] is None else _unquoted(found["quoted"])


def _unquoted(text: str) -> str:
    rest = _ESCAPE.sub("", text)
    if "\\" in rest:
        raise ValueError(f"no escape of JSON in quotes: {_FORM}")
    plain = _ESCAPE.sub(_character, text)
    # Two halves of a character beyond U+FFFF, as JSON writes it, are one.
    return plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _character(escape: re.Match[str]) -> str:
    four, two, eight, letter = escape.groups()
    digits = four or two or eight
    if digits is None:
        return _CHARACTERS.get(letter, letter)
    if int(digits, 16) > sys.maxunicode:
        raise ValueError(f"there is no character {escape[0]}")
    return chr(int(digits, 16))
