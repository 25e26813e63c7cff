"""What every sink is: the protocol, its failures and the deadline it works under."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from tailrace._core import Record
else:
    Protocol = object

__all__ = ["Deadline", "Sink", "SinkFailure"]


class SinkFailure:
    """One record that a sink could not store.

    Args:
        record: the very record that was handed to ``write``.
        error: why it is not stored.
        retryable: whether the same write may succeed later.
    """

    __slots__ = ("error", "record", "retryable")

    def __init__(self, record: Record, error: BaseException, retryable: bool = True) -> None:
        self.record = record
        self.error = error
        self.retryable = retryable

    def __repr__(self) -> str:
        return f"SinkFailure(sequence_number={self.record.sequence_number!r}, error={self.error!r})"


class Deadline:
    """The moment by which a write should be over. Without a limit it never passes.

    Args:
        remaining_ms: milliseconds from now, or None for no limit.

    Example:
        >>> Deadline(None).remaining_ms()
        inf
        >>> Deadline(0).passed()
        True
    """

    __slots__ = ("_at",)

    def __init__(self, remaining_ms: float | None = None) -> None:
        self._at = math.inf if remaining_ms is None else time.monotonic() + remaining_ms / 1000

    def remaining_ms(self) -> float:
        """Milliseconds left: never negative, ``math.inf`` without a limit."""
        return max(0.0, (self._at - time.monotonic()) * 1000)

    def passed(self) -> bool:
        """Whether no time is left."""
        return time.monotonic() >= self._at


class Sink(Protocol):
    """What a target of your own implements.

    ``write`` gets records in stream order and answers with those it could not store; everything it
    does not name counts as stored. A sink that raises, answers None or names a record it was not
    given fails its whole write, from the first record on.
    """

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Sequence[SinkFailure]:
        """Store the records; answer with one SinkFailure for each that is not stored."""
        ...

    def close(self) -> None:
        """Release what the sink holds."""
        ...
