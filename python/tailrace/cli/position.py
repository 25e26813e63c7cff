"""Where in a JSON text something is: for error messages only, so it may be slow."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

__all__ = ["line_of", "offset_of", "path_of_fault", "path_text", "spans_in", "text_of"]

# No number is made: Python makes none of more than 4,300 digits (sys.set_int_max_str_digits).
_DECODER = json.JSONDecoder(parse_int=str)
_SPACE = " \t\r\n"
DEEPEST = 200  # levels: nobody reads a longer path


def line_of(text: str, offset: int) -> int:
    r"""The line, from 1, of a character of a text.

    Example:
        >>> line_of("[1,\n2]", 4)
        2
    """
    return text.count("\n", 0, offset) + 1


def offset_of(text: str, path: Path) -> int:
    """Where the value at a path starts; as near to it as the text allows when it has no such value.

    Args:
        text: one JSON value.
        path: names and list positions, outermost first.

    Returns:
        The offset of its first character.

    Example:
        >>> offset_of('{"Records": [{"a": 1}]}', ("Records", 0))
        13
    """
    at = _skip_space(text, 0)
    for step in path:
        # The last of equal names counts, as in json.loads.
        found = [start for name, start in _children(text, at) if name == step]
        if not found:
            break
        at = found[-1]
    return at


def text_of(text: str, path: Path) -> str:
    """The JSON text of the value at a path.

    Args:
        text: one JSON value.
        path: as of ``offset_of``.

    Example:
        >>> text_of('{"Item": {"id": {"S": "a"}}, "x": 1}', ("Item",))
        '{"id": {"S": "a"}}'
    """
    start = offset_of(text, path)
    return text[start : _DECODER.raw_decode(text, start)[1]]


def spans_in(text: str, path: Path) -> list[tuple[int, int]]:
    """Where each element of the list at a path starts and ends.

    Args:
        text: one JSON value.
        path: as of ``offset_of``; what is there has no elements unless it is a list.

    Example:
        >>> spans_in('{"Records": [{"a": 1}, 5]}', ("Records",))
        [(13, 21), (23, 24)]
    """
    start = offset_of(text, path)
    if text[start : start + 1] != "[":
        return []
    return [(at, _DECODER.raw_decode(text, at)[1]) for _, at in _children(text, start)]


def path_of_fault(text: str) -> Path:
    """The path of the innermost value that is not JSON; () when it is the text itself, or none is.

    Example:
        >>> path_of_fault('{"Records": [{"a": 1}, {"a": tru}]}')
        ('Records', 1, 'a')
    """
    path: list[str | int] = []
    at = _skip_space(text, 0)
    while len(path) < DEEPEST:
        broken = next(((name, start) for name, start in _children(text, at) if not _is_json(text, start)), None)
        if broken is None:
            break
        path.append(broken[0])
        at = broken[1]
    return tuple(path)


def path_text(path: Path) -> str:
    """A path as it is written in Python and in jq.

    Example:
        >>> path_text(("Records", 0, "dynamodb"))
        'Records[0].dynamodb'
    """
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def _children(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Name or position of each member of the object or array at ``at``, and where its value starts.

    It ends at the first member that is not JSON, after giving it.
    """
    kind = text[at : at + 1]
    if kind not in ("{", "["):
        return
    at = _skip_space(text, at + 1)
    index = 0
    try:
        while text[at] not in "}]":
            name: str | int = index
            if kind == "{":
                name, at = _DECODER.raw_decode(text, at)
                at = _skip_space(text, at)
                if not isinstance(name, str) or text[at] != ":":
                    return
                at = _skip_space(text, at + 1)
            yield name, at
            _, at = _DECODER.raw_decode(text, at)
            at = _skip_space(text, at)
            if text[at] != ",":
                return
            at = _skip_space(text, at + 1)
            index += 1
    except (IndexError, ValueError, RecursionError):
        return


def _is_json(text: str, at: int) -> bool:
    try:
        _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return False
    return True


def _skip_space(text: str, at: int) -> int:
    while text[at : at + 1] in _SPACE and at < len(text):
        at += 1
    return at
