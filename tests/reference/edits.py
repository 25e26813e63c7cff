"""What a writer does to an item: some of it stays, some goes, some comes, at every depth."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from typing import Any


class Edits:
    """Edits copies of items; the same seed makes the same edits.

    Args:
        by: where chance comes from.
        spare: values to put in; sets among them lend their members.
    """

    def __init__(self, by: random.Random, spare: Sequence[Any]) -> None:
        self.by = by
        self.spare = [*spare, "spare", None, [], {}]

    def item(self, old: Mapping[str, Any]) -> dict[str, Any]:
        return self._map(copy.deepcopy(dict(old)), 0)

    def _value(self, value: Any, depth: int) -> Any:
        if self.by.random() < 0.3:
            return value
        if isinstance(value, dict):
            return self._map(value, depth)
        if isinstance(value, list):
            return self._list(value, depth)
        if isinstance(value, set):
            return self._set(value)
        return self._new_value(depth)

    def _map(self, value: dict[str, Any], depth: int) -> dict[str, Any]:
        kept = {name: self._value(member, depth + 1) for name, member in value.items() if self.by.random() < 0.8}
        added = {f"new {at}": self._new_value(depth + 1) for at in range(self.by.choice((0, 0, 1, 2)))}
        both = [*{**kept, **added}.items()]
        self.by.shuffle(both)
        return dict(both)

    def _list(self, value: list[Any], depth: int) -> list[Any]:
        edited = [self._value(element, depth + 1) for element in value]
        if self.by.random() < 0.4:
            return edited[: self.by.randrange(len(edited) + 1)]
        return edited + [self._new_value(depth + 1) for _ in range(self.by.randrange(3))]

    def _set(self, value: set[Any]) -> set[Any]:
        members = sorted(value)
        kept = set(self.by.sample(members, self.by.randint(1, len(members))))
        lent = [each for each in self.spare if isinstance(each, set) and type(next(iter(each))) is type(members[0])]
        return kept | (self.by.choice(lent) if lent and self.by.random() < 0.5 else set())

    def _new_value(self, depth: int) -> Any:
        """Deep values only where they stay within the depth that DynamoDB takes."""
        fitting = [each for each in self.spare if depth + _depth(each) <= 31]
        return copy.deepcopy(self.by.choice(fitting))


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
