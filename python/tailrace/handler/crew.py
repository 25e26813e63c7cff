"""The threads of a handler, and what an invocation had to leave running in them."""

from __future__ import annotations

from collections import deque

from tailrace.exceptions import HandlerError
from tailrace.handler.host import Host
from tailrace.sinks.base import forget_after_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Collection
    from concurrent.futures import Future, ThreadPoolExecutor
    from typing import Any

    from tailrace.handler.clock import Clock

    # An item_key, or the position of a record whose keys cannot be read: that may be a change of any item.
    Item = bytes | int
    Slot = Future[Any] | Task[Any]

__all__ = ["Crew", "Straggler"]


class Straggler:
    """A record that still ran when its invocation had to answer.

    Lambda freezes it with the environment, and the next invocation finds it running on.
    """

    __slots__ = ("host", "item", "sequence_number", "slot")

    def __init__(self, item: Item, sequence_number: str | None, slot: Slot, host: Host) -> None:
        self.item = item
        self.sequence_number = sequence_number
        self.slot = slot
        self.host = host

    def concerns(self, items: Collection[Item]) -> bool:
        """Whether it may be a change of one of these items."""
        return self.item in items or isinstance(self.item, int) or any(isinstance(item, int) for item in items)


class Crew:
    """The threads of one handler, made when an invocation first needs them and kept for the next.

    Args:
        workers: how many records run at a time.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._forget()
        forget_after_fork(self)

    def _forget(self) -> None:
        # Threads do not live on in a forked child: neither the idle ones nor those that were left running.
        self._idle: deque[ThreadPoolExecutor] = deque()
        self._stragglers: list[Straggler] = []

    def take_threads(self) -> ThreadPoolExecutor:
        """Threads for one invocation; one that runs meanwhile, as of a handler that calls itself, has its own."""
        try:
            return self._idle.pop()
        except IndexError:
            from concurrent.futures import ThreadPoolExecutor

            return ThreadPoolExecutor(self.workers, "tailrace")

    def give_back(self, threads: ThreadPoolExecutor, stragglers: list[Straggler]) -> None:
        """End an invocation; the threads are kept for the next one if none of them is taken."""
        if stragglers:
            self._stragglers = [*self._running(), *stragglers]
            threads.shutdown(wait=False)  # each of them ends with its record
        else:
            self._idle.append(threads)

    def join(self, items: Collection[Item], clock: Clock) -> None:
        """Wait for what invocations before left running of these items: no other change of them may start yet.

        Raises:
            HandlerError: it has not ended when the margin begins.
        """
        awaited = [each for each in self._running() if each.concerns(items)]
        if not awaited:
            return
        host = Host()
        for each in awaited:
            each.slot.add_done_callback(lambda _: host.wake())
        host.wait(
            lambda: all(each.slot.done() for each in awaited),
            clock,
            begin=_nothing if any(each.host.has_tasks() for each in awaited) else None,
        )
        running = [each for each in awaited if not each.slot.done()]
        if running:
            raise HandlerError(
                f"{len(running)} records that an invocation before had to leave running have not ended, and no other"
                " change of their items may start: the whole batch must come again",
                sequence_number=running[0].sequence_number,
            )

    def _running(self) -> list[Straggler]:
        self._stragglers = [each for each in self._stragglers if not each.slot.done()]
        return self._stragglers


def _nothing() -> None:
    """All that the loop has to do is to go on."""
