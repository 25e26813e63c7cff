"""A diff in the plainest way: Python items walked side by side, values compared by what DynamoDB holds.

It has the public parts of an ImageDiff and shares no code with the one written in Rust.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, NamedTuple

Path = tuple[str | int, ...]
Item = Mapping[str, Any]
Kind = Literal["added", "removed", "changed"]
ABSENT = object()


class PlainChange(NamedTuple):
    path: Path
    kind: Kind
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
    old: Item | None,
    new: Item | None,
    *,
    lists: str = "positional",
    ignore: Iterable[Path] = (),
    only: Iterable[Path] = (),
    mask: Iterable[Path] = (),
) -> PlainDiff:
    """What ``tailrace.diff`` answers; with ``only`` the changes are in the order of its paths."""
    walk = _Walk(lists, tuple(ignore), tuple(mask))
    paths = tuple(only) or ((),)
    outermost = dict.fromkeys(path for path in paths if not any(_within(path, other) for other in paths))
    found = (walk.pair(_at(old or {}, path), _at(new or {}, path), path) for path in outermost)
    return PlainDiff(tuple(change for changes in found for change in changes), old, new)


def _within(path: Path, other: Path) -> bool:
    """Whether a path leads through another and on."""
    return len(path) > len(other) and path[: len(other)] == other


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(step, str) and isinstance(value, Mapping):
            value = value.get(step, ABSENT)
        elif isinstance(step, int) and isinstance(value, (list, tuple)) and step < len(value):
            value = value[step]
        else:
            return ABSENT
    return value


@dataclass(frozen=True)
class _Walk:
    lists: str
    ignore: tuple[Path, ...]
    mask: tuple[Path, ...]

    def pair(self, old: Any, new: Any, path: Path) -> Iterator[PlainChange]:
        if any(path == each or _within(path, each) for each in self.ignore):
            return
        inside = tuple(self._inside(old, new, path))
        whole = self.lists == "whole" and all(isinstance(each, (list, tuple)) for each in (old, new))
        if whole or any(path == each or _within(path, each) for each in self.mask):
            inside = (self._change(old, new, path),) if inside else ()
        yield from inside

    def _inside(self, old: Any, new: Any, path: Path) -> Iterator[PlainChange]:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            for name in [*new, *(name for name in old if name not in new)]:
                yield from self.pair(old.get(name, ABSENT), new.get(name, ABSENT), (*path, name))
        elif isinstance(old, (list, tuple)) and isinstance(new, (list, tuple)):
            for at in range(max(len(old), len(new))):
                yield from self.pair(_at(old, (at,)), _at(new, (at,)), (*path, at))
        elif held(old) != held(new):
            yield self._change(old, new, path)

    def _change(self, old: Any, new: Any, path: Path) -> PlainChange:
        kind: Kind = "added" if old is ABSENT else "removed" if new is ABSENT else "changed"
        if any(path == each or _within(path, each) or _within(each, path) for each in self.mask):
            return PlainChange(path, kind, None, None, masked=True)
        return PlainChange(path, kind, None if old is ABSENT else old, None if new is ABSENT else new)


def held(value: Any) -> Hashable:
    """Equal for what DynamoDB holds alike: the type, and the value whatever its class and spelling are."""
    if value is ABSENT or value is None or isinstance(value, bool):
        return "ABSENT" if value is ABSENT else ("NULL",) if value is None else ("BOOL", value)
    if isinstance(value, str):
        return "S", str(value)
    if isinstance(value, (int, float, Decimal)):
        return "N", Fraction(value)
    if isinstance(value, Mapping):
        return "M", frozenset((name, held(member)) for name, member in value.items())
    if isinstance(value, (list, tuple)):
        return "L", tuple(map(held, value))
    if isinstance(value, (set, frozenset)):
        return "set", frozenset(map(held, value))
    return "B", bytes(getattr(value, "value", value))
