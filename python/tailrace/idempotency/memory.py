"""Handled records in the memory of one execution environment."""

from __future__ import annotations

import threading
from collections import OrderedDict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MemorySeen"]


class MemorySeen:
    """Remembers in memory the records that were handled last: of this execution environment, for as long as it lives.

    It costs nothing, and spares most of what comes again after a failure, since a warm environment gets most batches
    of its shard. It can do no more: another environment, or this one after a crash, has seen nothing. Where an effect
    must not be repeated, take ``DynamoDBSeen``.

    Args:
        capacity: how many records are remembered, from 1 up; some 250 bytes each. What was marked or found longest ago
            goes first. A batch has up to 10,000.

    Raises:
        ValueError: the capacity is below 1.
        TypeError: it is no whole number.

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.idempotency import MemorySeen
        >>> from tailrace.testing import make_event
        >>> app = StreamHandler(idempotency=MemorySeen())
        >>> @app.insert
        ... def welcome(record):
        ...     print("welcome,", record.keys["id"])
        >>> event = make_event([{"id": "a"}])
        >>> app(event), app(event)
        welcome, a
        ({'batchItemFailures': []}, {'batchItemFailures': []})
    """

    def __init__(self, capacity: int = 10_000) -> None:
        if isinstance(capacity, bool) or not isinstance(capacity, int):
            raise TypeError(f"capacity is a whole number, not {type(capacity).__name__}")
        if capacity < 1:
            raise ValueError(f"capacity={capacity!r} remembers nothing: give 1 or more")
        self._capacity = capacity
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"MemorySeen(capacity={self._capacity})"

    def seen(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that are remembered."""
        with self._lock:
            found = {key for key in keys if key in self._keys}
            for key in found:
                self._keys.move_to_end(key)
        return found

    def mark(self, key: str) -> None:
        """Remember a key."""
        with self._lock:
            self._keys[key] = None
            self._keys.move_to_end(key)
            if len(self._keys) > self._capacity:
                self._keys.popitem(last=False)
