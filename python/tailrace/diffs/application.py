"""A diff applied to an item, forwards and backwards."""

from __future__ import annotations

from collections.abc import Mapping

from tailrace._core import diff as compare
from tailrace.exceptions import MarshallTypeError, TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Literal

    from tailrace._core import ImageDiff
    from tailrace.diffs.parts import Change, Path

    Item = Mapping[str, Any]
    Side = Literal["old", "new"]

__all__ = ["apply", "revert"]


def apply(diff: ImageDiff, old: Item | None) -> dict[str, Any] | None:
    """Make the new item of the old one.

    Args:
        diff: an ImageDiff made without ``ignore``, ``only`` and ``mask``, of exact values.
        old: the item before; None where there was none. It is not changed. What did not change is shared with it.

    Returns:
        A new dict; None where the item was removed.

    Raises:
        TailraceError: the item is not as the diff found it, at the path that the error names.
        MarshallError: a value there that DynamoDB cannot hold.

    Example:
        >>> from tailrace import diff
        >>> changes = diff({"id": "a", "lines": [1, 2]}, {"id": "a", "lines": [1], "paid": True})
        >>> apply(changes, {"id": "a", "lines": [1, 2]})
        {'id': 'a', 'lines': [1], 'paid': True}
    """
    return _lead(diff, old, "old", "new")


def revert(diff: ImageDiff, new: Item | None) -> dict[str, Any] | None:
    """Make the old item of the new one.

    Args:
        diff: as of ``apply``.
        new: the item after; None where it was removed.

    Returns:
        A new dict; None where the item was inserted.

    Raises:
        TailraceError: as of ``apply``.
        MarshallError: as of ``apply``.

    Example:
        >>> from tailrace import diff
        >>> revert(diff({"id": "a", "n": 1}, {"id": "a", "n": 2}), {"id": "a", "n": 2})
        {'id': 'a', 'n': 1}
    """
    return _lead(diff, new, "new", "old")


def _lead(diff: ImageDiff, item: Item | None, before: Side, after: Side) -> dict[str, Any] | None:
    start, goal = (diff.old_item, diff.new_item) if before == "old" else (diff.new_item, diff.old_item)
    if item is not None and not isinstance(item, Mapping):
        kind = type(item).__name__
        raise MarshallTypeError(f"an item is a mapping of attribute names and values, found {kind}")
    if (item is None) != (start is None):
        raise _other_item(())
    made = _Copy(item or {})
    for change in _in_order(diff, "removed" if after == "new" else "added"):
        made.change(change.path, getattr(change, before), getattr(change, after), _presence(change, before, after))
    return None if goal is None else made.root


def _in_order(changes: Iterable[Change], gone: str) -> list[Change]:
    """Elements that go leave from the end of their list, so that all positions stay those of the diff."""
    found = list(changes)
    return [each for each in found if each.kind != gone] + [each for each in reversed(found) if each.kind == gone]


def _presence(change: Change, before: Side, after: Side) -> tuple[bool, bool]:
    """Whether there is a value before, and after."""
    absent = {"added": "old", "removed": "new"}.get(change.kind)
    return before != absent, after != absent


class _Copy:
    """A copy of an item, of which containers are copied when something in them changes."""

    def __init__(self, item: Item) -> None:
        self.root = dict(item)
        self._copied: dict[Path, Any] = {(): self.root}

    def change(self, path: Path, before: Any, after: Any, presence: tuple[bool, bool]) -> None:
        there, stays = presence
        around, step = self._container(path[:-1], path), path[-1]
        is_list = isinstance(around, list)
        if is_list != isinstance(step, int) or _has(around, step) != there:
            raise _other_item(path)
        if there and compare({"": around[step]}, {"": before}):
            raise _other_item(path)
        if is_list and there != stays:
            _move_end(around, step, after, path)
        elif stays:
            around[step] = after
        else:
            del around[step]

    def _container(self, path: Path, whole: Path) -> Any:
        if path in self._copied:
            return self._copied[path]
        around, step = self._container(path[:-1], whole), path[-1]
        if not _has(around, step):
            raise _other_item(whole)
        value = around[step]
        if isinstance(value, Mapping):
            copied: Any = dict(value)
        elif isinstance(value, (list, tuple)):
            copied = list(value)
        else:
            raise _other_item(whole)
        around[step] = self._copied[path] = copied
        return copied


def _move_end(elements: list[Any], position: str | int, after: Any, path: Path) -> None:
    """A list grows and shrinks at its end, and had the length that the diff found."""
    if position == len(elements):
        elements.append(after)
    elif position == len(elements) - 1:
        elements.pop()
    else:
        raise _other_item(path)


def _has(around: Any, step: str | int) -> bool:
    if isinstance(around, list):
        return isinstance(step, int) and step < len(around)
    return isinstance(around, dict) and step in around


def _other_item(path: Path) -> TailraceError:
    return TailraceError("the item is not as the diff found it", path=path)
