"""What every sink is: the protocol, its failures and the deadline it works under."""

from __future__ import annotations

import math
import os
import time
import weakref
from collections.abc import Sequence

from tailrace.exceptions import SinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from tailrace._core import Record
else:
    Protocol = object

__all__ = ["Deadline", "Forkable", "QuarantineStore", "Sink", "SinkFailure", "forget_after_fork", "started"]


class SinkFailure:
    """One record that a sink could not store.

    Args:
        record: the very record that was handed to ``write``.
        error: why it is not stored.
        retryable: whether the same write may succeed later.

    Example:
        >>> from tailrace.testing import make_record
        >>> record = make_record(new_image={"id": "a"}, sequence_number="100000000000000000001")
        >>> SinkFailure(record, OSError("disk full"), retryable=True)
        SinkFailure(sequence_number='100000000000000000001', error=OSError('disk full'))
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

    Example:
        >>> class PrintSink:
        ...     def write(self, records, *, deadline):
        ...         for record in records:
        ...             print(record.event_name, record.keys)
        ...         return []
        ...     def close(self):
        ...         pass
        >>> from tailrace.testing import make_record
        >>> PrintSink().write([make_record(new_image={"id": "a"})], deadline=Deadline())
        INSERT {'id': 'a'}
        []
    """

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Sequence[SinkFailure]:
        """Store the records; answer with one SinkFailure for each that is not stored."""
        ...

    def close(self) -> None:
        """Release what the sink holds."""
        ...


class QuarantineStore(Protocol):
    """What keeps the records that are set aside, such as a SqliteQuarantine."""

    def add(self, record: Record, *, error: BaseException, route: str) -> object:
        """Store the record for good; raise when that fails. The route is "" when no route has had the record."""
        ...


def started(records: Sequence[Record], deadline: Deadline, failures: list[SinkFailure]) -> Iterator[Record]:
    """The records that may be begun before the deadline: always the first, or nothing would ever move.

    The others go to ``failures``, as retryable. ``records`` is iterated once: a Batch makes a new view
    at each access, and a failure must name the very record that was handed in.
    """
    remaining = iter(records)
    for record in remaining:
        yield record
        if deadline.passed():
            failures.extend(SinkFailure(late, _not_started(late)) for late in remaining)
            return


def _not_started(record: Record) -> SinkError:
    return SinkError("not started: the deadline of the write had passed", sequence_number=record.sequence_number)


class Forkable(Protocol):
    """Something that a forked child must not share with its parent: a connection, a file position, a lock."""

    def _forget(self) -> None:
        """In the child: let go of what is the parent's, without touching it."""
        ...


_FORKABLE: weakref.WeakSet[Forkable] = weakref.WeakSet()


def forget_after_fork(sink: Forkable) -> None:
    """Have ``sink._forget()`` called in every child that is forked while the sink lives."""
    _FORKABLE.add(sink)


def _after_fork_in_child() -> None:
    for sink in list(_FORKABLE):
        sink._forget()  # noqa: SLF001 - no method that a user should call


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
