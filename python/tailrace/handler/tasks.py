"""Records as tasks of the event loop, where every route is an ``async def``: no thread waits for any of them."""

from __future__ import annotations

from contextlib import suppress
from contextvars import copy_context
from functools import partial

from tailrace.handler.awaiting import cancelled_task, hosted_by
from tailrace.handler.running import fail_record, run_record_on_loop, unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import Callable, Mapping
    from concurrent.futures import ThreadPoolExecutor

    from tailrace.handler.crew import Item
    from tailrace.handler.host import Host
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.lanes import Lanes

__all__ = ["Tasks"]


class Tasks:
    """Runs records as tasks, so many at a time; each in a copy of the caller's context.

    A record that fails goes on in a thread, if it may be tried again or set aside: a pause or a store of the quarantine
    must not hold up the loop.

    Args:
        invocation: what the records are run with.
        lanes: hands out the records.
        items: the item of each record, by position.
        host: runs the loop.
        threads: for records that fail.

    Attributes:
        slots: the latest task of each worker.
    """

    def __init__(
        self,
        invocation: Invocation,
        lanes: Lanes,
        items: Mapping[int, Item],
        host: Host,
        threads: ThreadPoolExecutor,
    ) -> None:
        self.slots: dict[int, Task[Exception | None]] = {}
        self._invocation = invocation
        self._lanes = lanes
        self._items = items
        self._host = host
        self._threads = threads
        self._context = copy_context()

    def begin(self, count: int) -> None:
        """On the loop: start so many workers."""
        for worker in range(count):
            self._go_on(worker, partial(self._lanes.take, worker))

    def _go_on(self, worker: int, take: Callable[[], int | None]) -> None:
        try:
            position = take()
        except BaseException as error:  # noqa: BLE001  raised again in the thread that called the handler
            self._lanes.die(worker, error)
            position = None
        if position is not None:
            task = self.slots[worker] = self._host.spawn(self._run(position), self._context)
            task.add_done_callback(partial(self._ended, worker, position))

    def _ended(self, worker: int, position: int, task: Task[Exception | None]) -> None:
        broken = None if task.cancelled() else task.exception()
        if broken is not None:  # no failure of the record: that would be its result
            self._lanes.die(worker, broken)
        else:
            error = cancelled_task() if task.cancelled() else task.result()
            self._go_on(worker, partial(self._lanes.done, worker, position, error))
        self._host.wake()

    async def _run(self, position: int) -> Exception | None:
        record = self._invocation.batch[position]
        if isinstance(self._items[position], int):
            return await self._in_thread(partial(fail_record, record, position, self._invocation, unreadable(record)))
        return await run_record_on_loop(record, position, self._invocation, self._in_thread)

    async def _in_thread(self, call: Callable[[], Exception | None]) -> Exception | None:
        """Call what becomes of a failure, in a thread if it may take its time.

        A cancellation has to wait until the thread has ended, as that cannot be stopped.
        """
        from asyncio import CancelledError, get_running_loop, wait

        if not (self._invocation.retrying.retries or self._invocation.setting_aside.stores):
            return call()
        running = get_running_loop().run_in_executor(self._threads, self._hosted, call)
        while not running.done():
            with suppress(CancelledError):
                await wait([running])
        return running.result()

    def _hosted(self, call: Callable[[], Exception | None]) -> Exception | None:
        with hosted_by(self._host):
            return self._context.copy().run(call)
