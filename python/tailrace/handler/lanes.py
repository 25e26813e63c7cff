"""Lanes: which record may start, when several run at a time and the changes of one item run one after the other.

A lane is an item: its changes run in the order of the batch. Of all that may start, the first of the batch does. When a
record fails, nothing behind it starts any more; what runs ends; all before it is finished, and when one of those fails,
the end of the batch sinks to it. What is before the end is done without a gap, and the rest comes again.
"""

from __future__ import annotations

import threading
from heapq import heappop, heappush

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from tailrace.handler.crew import Item
    from tailrace.handler.invocation import Invocation

__all__ = ["Lanes"]


class Lanes:
    """Hands out the records of an invocation to its workers; any of them may ask.

    Args:
        invocation: its progress is moved back where a record fails.
        items: the records that have to run, by position in ascending order, and the item of each.

    Attributes:
        fatal: what a worker raised that is no failure of a record, such as KeyboardInterrupt.
        running: the positions of the records that run, and the worker of each.
    """

    def __init__(self, invocation: Invocation, items: Mapping[int, Item]) -> None:
        self.fatal: BaseException | None = None
        self.running: dict[int, int] = {}
        self._invocation = invocation
        self._ready, self._behind = _in_lanes(items)
        self._started = False
        self._out_of_time = False
        self._lock = threading.Lock()

    def ready_count(self) -> int:
        """How many may start at once."""
        return len(self._ready)

    def take(self, worker: int) -> int | None:
        """The record that is to run next, by position; None when there is none for this worker any more.

        A worker that gets none is not needed again: each record that ends frees one other at most, and whoever ran it
        asks for the next.
        """
        with self._lock:
            return self._take(worker)

    def done(self, worker: int, position: int, error: Exception | None) -> int | None:
        """Say that a record has ended, with an error or without, and take the next."""
        with self._lock:
            del self.running[position]
            if error is not None:
                self._sink(position, error)
            elif position in self._behind:
                heappush(self._ready, self._behind[position])
            return self._take(worker)

    def die(self, worker: int, error: BaseException) -> None:
        """Say that a worker ends with what is no failure of a record: nothing starts any more."""
        with self._lock:
            self.fatal = self.fatal or error
            self.running = {position: each for position, each in self.running.items() if each != worker}

    def over(self) -> bool:
        """Whether nothing runs and nothing will start."""
        with self._lock:
            return not self.running and not self._may_start()

    def cut(self) -> int | None:
        """Take what has not ended as not done, whatever becomes of it, and start nothing more.

        Returns:
            The position of the first record that the time did not last for, or None.
        """
        with self._lock:
            self._invocation.cut = True
            unfinished = min([*self.running, *self._ready], default=None)
            if unfinished is None or unfinished >= self._invocation.progress.end:
                return None
            self._invocation.progress.stop(unfinished, None)
            return unfinished

    def _take(self, worker: int) -> int | None:
        if not self._may_start():
            return None
        if self._started and self._invocation.clock.left_ms() <= 0:
            self._out_of_time = True
            return None
        self._started = True
        position = heappop(self._ready)
        self.running[position] = worker
        return position

    def _may_start(self) -> bool:
        if self._invocation.cut or self._out_of_time or self.fatal is not None or not self._ready:
            return False
        return self._ready[0] < self._invocation.progress.end

    def _sink(self, position: int, error: Exception) -> None:
        if position < self._invocation.progress.end:
            self._invocation.progress.stop(position, error)


def _in_lanes(items: Mapping[int, Item]) -> tuple[list[int], dict[int, int]]:
    """The first record of each item, which is a heap as it ascends, and for each record the one behind it."""
    last: dict[Item, int] = {}
    heads, behind = [], {}
    for position, item in items.items():
        if item in last:
            behind[last[item]] = position
        else:
            heads.append(position)
        last[item] = position
    return heads, behind
