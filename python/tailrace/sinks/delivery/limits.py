"""What a service takes in one call."""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["Limits"]


class Limits(NamedTuple):
    """The limits of one call, in the bytes that the service counts.

    ``entry_count`` entries, each of at most ``entry_bytes``, all of them together of at most ``call_bytes``;
    ``entry_overhead_bytes`` are added for each entry, ``call_overhead_bytes`` once for a call.

    Example:
        >>> Limits(entry_count=10, entry_bytes=262_144, call_bytes=262_144).entry_overhead_bytes
        0
    """

    entry_count: float = math.inf
    entry_bytes: float = math.inf
    call_bytes: float = math.inf
    entry_overhead_bytes: int = 0
    call_overhead_bytes: int = 0

    def largest_entry_bytes(self) -> float:
        """What one entry may have, so that a call with nothing else can carry it."""
        return min(self.entry_bytes, self.call_bytes - self.call_overhead_bytes - self.entry_overhead_bytes)
