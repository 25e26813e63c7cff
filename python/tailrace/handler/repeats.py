"""Counting what is logged again and again: a record that keeps failing is delivered again for up to a day."""

from __future__ import annotations

import threading
from collections import OrderedDict

from tailrace.sinks.base import forget_after_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["Repeats"]


class Repeats:
    """How often each of the latest keys was seen. Any thread may ask.

    Args:
        most_keys: how many are kept; the one not seen for longest is forgotten, and counted anew.
    """

    def __init__(self, most_keys: int) -> None:
        self._most_keys = most_keys
        self._counts: OrderedDict[Hashable, int] = OrderedDict()
        self._forget()
        forget_after_fork(self)

    def _forget(self) -> None:
        self._lock = threading.Lock()  # in a forked child it may be held by a thread that is not there

    def count(self, key: Hashable) -> int:
        """Count this key once more, from 1."""
        with self._lock:
            count = self._counts.pop(key, 0) + 1
            self._counts[key] = count
            if len(self._counts) > self._most_keys:
                self._counts.popitem(last=False)
            return count
