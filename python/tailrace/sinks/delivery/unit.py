"""What is sent as one entry, and the changes of an item that wait for each other."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from math import inf
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from tailrace._core import Record

__all__ = ["Encoded", "Lane", "Unit"]


class Encoded(NamedTuple):
    """One record as the sink sends it.

    ``body`` is the sink's own; ``size_bytes`` what the service counts for it. Entries of two ``destination``s are never
    in one call.
    """

    body: Any
    size_bytes: int
    destination: Hashable = None


class Unit:
    """What becomes one entry: a record, or the newest change of an item and the older ones that it stands for."""

    __slots__ = ("attempts", "encoded", "error", "largest_call", "position", "record", "records")

    def __init__(self, record: Record, position: int, records: Sequence[tuple[int, Record]] | None = None) -> None:
        self.record = record
        self.position = position  # of the first record that it stands for
        self.records = records or ((position, record),)
        self.encoded: Encoded | None = None
        self.attempts = 0
        self.error: Exception | None = None  # of the last attempt
        self.largest_call: float = inf  # how many entries a call with this one may have


class Lane:
    """The units of one item in order: only the first is ever sent, so no two of them are under way together."""

    __slots__ = ("behind", "head")

    def __init__(self, head: Unit) -> None:
        self.head = head
        self.behind: deque[Unit] | None = None  # most items change once in a batch, and an empty deque has 0.7 KB

    def append(self, unit: Unit) -> None:
        """Put a unit at the end."""
        if self.behind is None:
            self.behind = deque()
        self.behind.append(unit)

    def advance(self) -> bool:
        """Let the next unit be the first; False when there is none."""
        if not self.behind:
            return False
        self.head = self.behind.popleft()
        return True

    def units(self) -> Iterable[Unit]:
        """The first one, and those that wait for it."""
        return (self.head, *(self.behind or ()))
