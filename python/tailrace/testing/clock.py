"""The time of a simulation."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import datetime
from threading import Lock

from tailrace.testing.accidents import FunctionKilled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["VirtualClock"]

_START = 1_767_225_600.0  # 2026-01-01T00:00:00Z


class VirtualClock:
    """The time in which a mapping delivers. Waiting costs nothing: whoever waits moves it.

    A function under test moves it by ``advance`` or ``sleep``; the mapping moves it from batch to batch, and for the
    batches that Lambda would run at once it puts it back to where each of them began. Threads of one invocation share
    it: what they wait adds up.

    Args:
        start: an aware datetime or seconds since 1970. By default the mapping begins with the first record's time.
        real_time: whether the time that the function really takes counts, too. Without it the simulation is the same
            at every run.

    Raises:
        ValueError: a naive datetime.

    Example:
        >>> from tailrace.testing import EventSourceMapping, VirtualClock, make_event
        >>> clock = VirtualClock()
        >>> def slow(event, context):
        ...     clock.sleep(2.5)
        ...     print(context.get_remaining_time_in_millis())
        >>> report = EventSourceMapping(slow, clock=clock, timeout_ms=3000).deliver(make_event([{"id": "a"}]))
        500
    """

    def __init__(self, start: datetime | float | None = None, *, real_time: bool = False) -> None:
        if isinstance(start, datetime) and start.tzinfo is None:
            raise ValueError("start is naive: give it a time zone")
        self._is_set = start is not None
        self._start = _START if start is None else start.timestamp() if isinstance(start, datetime) else float(start)
        self._elapsed = 0.0  # apart from the start, as a float of today's seconds is no longer exact to a microsecond
        self._real_time = real_time
        self._mark: float | None = None
        self._deadline: float | None = None
        self._lock = Lock()

    def now(self) -> float:
        """The time, in seconds since 1970."""
        return self._start + self.elapsed()

    def elapsed(self) -> float:
        """Seconds since the start."""
        return self._elapsed + (0.0 if self._mark is None else time.monotonic() - self._mark)

    def advance(self, seconds: float) -> None:
        """Let time pass; a function may pass its own timeout so, and finds out when it has answered.

        Args:
            seconds: how much, 0 or more.

        Raises:
            ValueError: it would go back.
        """
        if not seconds >= 0:
            raise ValueError(f"time does not pass by {seconds!r} seconds")
        with self._lock:
            self._elapsed += seconds

    def sleep(self, seconds: float) -> None:
        """Wait, as ``time.sleep`` does; where the timeout of the function comes first, it ends there.

        Args:
            seconds: how long, 0 or more.

        Raises:
            FunctionKilled: the invocation has timed out. No ``except Exception`` holds it, as nothing holds Lambda.
            ValueError: it would go back.
        """
        late = self._deadline is not None and self.elapsed() + seconds > self._deadline
        self.advance(seconds)
        if late:
            raise FunctionKilled("the invocation has timed out")

    def begin(self, start: float) -> None:
        """Start at a time, if none was given; the mapping does so at the first record."""
        if not self._is_set:
            self._start, self._is_set = start, True

    def move_to(self, elapsed: float) -> None:
        """Go to a time, also back: the mapping does so where batches run at once."""
        self._elapsed = elapsed

    @contextmanager
    def running(self, deadline: float) -> Iterator[None]:
        """An invocation runs, until the deadline in seconds since the start."""
        self._mark, self._deadline = time.monotonic() if self._real_time else None, deadline
        try:
            yield
        finally:
            self._elapsed, self._mark, self._deadline = self.elapsed(), None, None
