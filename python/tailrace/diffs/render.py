"""A diff for the eye: one line a change."""

from __future__ import annotations

from tailrace.diffs.text import path_text, value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tailrace.diffs.parts import Change

__all__ = ["render"]

_MARKS = {"added": "+", "removed": "-", "changed": "~"}
_COLOURS = {"added": "\x1b[32m", "removed": "\x1b[31m", "changed": "\x1b[33m"}
_PLAIN = "\x1b[0m"
_MASKED = "(masked)"


def render(diff: Iterable[Change], *, color: bool = False) -> str:
    """Write each change on a line of its own, in the order of the diff, values complete.

    What would move the cursor, change colours, hide, or look like other text is escaped: see ``text.printable``. A
    masked value is never shown.

    Args:
        diff: an ImageDiff.
        color: whether lines are green, red and yellow by ANSI escape sequences.

    Returns:
        Lines of ``+ path: value``, ``- path: value`` and ``~ path: old -> new``, without a newline at the end; empty
        text where nothing changed.

    Raises:
        MarshallError: a value deeper than 128 levels, a set with members of several types, or an integer with more
            digits than Python writes. It names the path.

    Source: ECMA-48, section 8.3.117 (the colours)

    Example:
        >>> from tailrace import diff
        >>> old = {"status": "PENDING", "lines": [], "token": "s3cret"}
        >>> new = {"status": "PAID", "lines": [{"qty": 1}], "token": "s4cret"}
        >>> print(render(diff(old, new, mask="token")))
        ~ status: "PENDING" -> "PAID"
        + lines[0]: {qty: 1}
        ~ token: (masked)
    """
    return "\n".join(_coloured(change) if color else _line(change) for change in diff)


def _coloured(change: Change) -> str:
    return f"{_COLOURS[change.kind]}{_line(change)}{_PLAIN}"


def _line(change: Change) -> str:
    return f"{_MARKS[change.kind]} {path_text(change.path)}: {_MASKED if change.masked else _values(change)}"


def _values(change: Change) -> str:
    if change.kind == "changed":
        return f"{value_text(change.old, change.path)} -> {value_text(change.new, change.path)}"
    return value_text(change.new if change.kind == "added" else change.old, change.path)
