"""A diff in the plainest way: Python items walked side by side, values compared by what DynamoDB holds.

It has the public parts of an ImageDiff, so that what is made of a diff can be tried without the one written in Rust.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from tailrace import marshall
from tests.reference import by_value

Path = tuple[str | int, ...]
Item = Mapping[str, Any]


class PlainChange(NamedTuple):
    path: Path
    kind: Literal["added", "removed", "changed"]
    old: Any
    new: Any
    masked: bool = False


@dataclass(frozen=True)
class PlainDiff:
    """The changes in their order, and the items they lie between."""

    changes: tuple[PlainChange, ...]
    old_item: Item | None
    new_item: Item | None

    def __iter__(self) -> Iterator[PlainChange]:
        return iter(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def added(self) -> dict[Path, Any]:
        return {change.path: change.new for change in self if change.kind == "added"}

    @property
    def removed(self) -> dict[Path, Any]:
        return {change.path: change.old for change in self if change.kind == "removed"}

    @property
    def changed(self) -> dict[Path, tuple[Any, Any]]:
        return {change.path: (change.old, change.new) for change in self if change.kind == "changed"}

    @property
    def attributes(self) -> frozenset[str]:
        return frozenset(str(change.path[0]) for change in self)


def plain_diff(
    old: Item | None, new: Item | None, *, lists: str = "positional", mask: tuple[Path, ...] = ()
) -> PlainDiff:
    """What ``tailrace.diff`` answers; a path of ``mask`` is that of a change."""
    found = _of_maps(old or {}, new or {}, (), lists)
    changes = (PlainChange(each.path, each.kind, None, None, True) if each.path in mask else each for each in found)
    return PlainDiff(tuple(changes), old, new)


def _of_maps(old: Item, new: Item, path: Path, lists: str) -> Iterator[PlainChange]:
    for name, value in new.items():
        if name in old:
            yield from _of_values(old[name], value, (*path, name), lists)
        else:
            yield PlainChange((*path, name), "added", None, value)
    for name, value in old.items():
        if name not in new:
            yield PlainChange((*path, name), "removed", value, None)


def _of_values(old: Any, new: Any, path: Path, lists: str) -> Iterator[PlainChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_maps(old, new, path, lists)
    elif isinstance(old, list) and isinstance(new, list) and lists == "positional":
        yield from _of_lists(old, new, path, lists)
    elif _held(old) != _held(new):
        yield PlainChange(path, "changed", old, new)


def _of_lists(old: list[Any], new: list[Any], path: Path, lists: str) -> Iterator[PlainChange]:
    for at, (before, after) in enumerate(zip(old, new, strict=False)):
        yield from _of_values(before, after, (*path, at), lists)
    for at in range(len(old), len(new)):
        yield PlainChange((*path, at), "added", None, new[at])
    for at in range(len(new), len(old)):
        yield PlainChange((*path, at), "removed", old[at], None)


def _held(value: Any) -> Any:
    """Equal for what DynamoDB holds alike."""
    return by_value.attribute(marshall({"value": value})["value"])
