"""Keys, and text cut to the room that there is for it."""

from __future__ import annotations

from tailrace.diffs.text import printable, value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["key_texts", "shorten", "shorten_pair"]

ELLIPSIS = "…"


def key_texts(keys: Mapping[str, object], masked: Collection[str] = ()) -> tuple[str, ...]:
    """Each attribute of a primary key as ``name=value``; text without quotes where it needs none.

    Args:
        keys: the primary key.
        masked: names whose values are not to be shown.

    Example:
        >>> key_texts({"customer": "C-7", "title": "two words"}, masked=["customer"])
        ('customer=(masked)', 'title="two words"')
    """
    return tuple(f"{printable(name)}={'(masked)' if name in masked else _bare(keys[name])}" for name in keys)


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
