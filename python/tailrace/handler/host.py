"""The thread that called the handler, while workers run the records: it waits, and runs what is to be awaited."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue

from tailrace.handler.awaiting import finish
from tailrace.handler.request import Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Event, Task
    from collections.abc import Awaitable, Callable, Coroutine
    from contextvars import Context
    from typing import Any, TypeVar

    from tailrace.handler.clock import Clock

    Result = TypeVar("Result")

__all__ = ["Host", "Patience"]

# A context may have a clock of its own, so it is asked again after this long at the latest.
_SLICE_S = 0.05


class Host:
    """Waits in the calling thread, and becomes an event loop when the first worker has something to await.

    All awaitables of all records so run on the loop that is kept for this thread, as in the sequential order: clients
    that a handler keeps are bound to the loop that they were made on.
    """

    def __init__(self) -> None:
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._loop: AbstractEventLoop | None = None
        self._woken: Event | None = None
        self._tasks: set[Task[Any]] = set()
        self._closed = False

    def finish(self, awaitable: Awaitable[object]) -> object:
        """In a worker: have it run on the loop, and wait for its result.

        Raises:
            HandlerError: it was cancelled, or the invocation has answered.
        """
        request = Request(awaitable)
        self._post(request)
        return request.future.result()

    def wake(self) -> None:
        """In a worker: what the host waits for may have come."""
        self._post(None)

    def has_tasks(self) -> bool:
        """Whether something is still awaited."""
        return bool(self._tasks)

    def spawn(self, coroutine: Coroutine[Any, Any, Result], context: Context) -> Task[Result]:
        """On the loop: make a task of it that is cancelled when the host is closed."""
        from asyncio import get_running_loop

        task = context.run(get_running_loop().create_task, coroutine)
        self._keep(task)
        return task

    def wait(self, over: Callable[[], bool], clock: Clock, *, begin: Callable[[], object] | None = None) -> None:
        """In the calling thread: wait until it is over, or the margin has begun.

        Args:
            over: asked when the host is woken, and now and then.
            clock: the time left.
            begin: to be called on the loop; without it there is a loop only if a worker needs one.
        """
        patience = Patience(over, clock)
        if begin is None:
            request = self._first_request(patience)
            if request is None:
                return
            self._requests.put(request)
        finish(self._serve(patience, begin))

    def close(self, grace_ms: float) -> None:
        """In the calling thread: cancel what is still awaited, give it so long to end, and refuse what comes later."""
        self._closed = True
        try:
            if self._tasks:
                finish(self._cancel(grace_ms))
        finally:
            self._refuse_the_rest()

    def _post(self, request: Request | None) -> None:
        # Whoever sets one of these two attributes looks into the queue afterwards, so nothing is forgotten in it.
        self._requests.put(request)
        loop = self._loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._start_requests)
            except RuntimeError:  # the loop was closed just now
                self._refuse_the_rest()
        if self._closed:
            self._refuse_the_rest()

    def _first_request(self, patience: Patience) -> Request | None:
        """Wait without a loop for as long as no worker needs one."""
        while (patience_s := patience.left_s()) > 0:
            try:
                request = self._requests.get(timeout=None if patience_s == float("inf") else patience_s)
            except Empty:
                continue
            if request is not None:
                return request
        return None

    async def _serve(self, patience: Patience, begin: Callable[[], object] | None) -> None:
        import asyncio

        loop, self._woken = asyncio.get_running_loop(), asyncio.Event()
        self._loop = loop
        try:
            if begin is not None:
                begin()
            self._start_requests()
            while (patience_s := patience.left_s()) > 0:
                alarm = loop.call_later(min(patience_s, _SLICE_S), self._woken.set)
                await self._woken.wait()
                self._woken.clear()
                alarm.cancel()
        finally:
            self._loop = None

    def _start_requests(self) -> None:
        """On the loop: make tasks of what has been posted."""
        if self._loop is None or self._woken is None:
            return  # called by a loop that goes on without this host
        self._woken.set()
        for request in self._posted():
            self._keep(request.start(self._loop))

    def _keep(self, task: Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _cancel(self, grace_ms: float) -> None:
        import asyncio

        tasks = {task for task in self._tasks if task.get_loop() is asyncio.get_running_loop()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=grace_ms / 1000)
        await asyncio.sleep(0)  # the callbacks of those that ended

    def _refuse_the_rest(self) -> None:
        for request in self._posted():
            request.refuse()

    def _posted(self) -> list[Request]:
        found: list[Request] = []
        while True:
            try:
                request = self._requests.get_nowait()
            except Empty:
                return found
            if request is not None:
                found.append(request)


class Patience:
    """How long the host waits on.

    What is about to end when the margin begins gets a moment more: it would only be repeated.

    Args:
        over: whether there is nothing to wait for any more.
        clock: the time left.
    """

    def __init__(self, over: Callable[[], bool], clock: Clock) -> None:
        self._over = over
        self._clock = clock
        self._moment_s = min(20, 5 + clock.margin_ms / 4) / 1000
        self._end_s: float | None = None

    def left_s(self) -> float:
        """Seconds to wait before it is asked again: 0 when the waiting is over, ``math.inf`` without a deadline."""
        if self._over():
            return 0
        left_s = self._clock.left_ms() / 1000
        if left_s > 0:
            return left_s if self._clock.remaining_ms is None else min(left_s, _SLICE_S)
        now_s = time.monotonic()
        if self._end_s is None:
            self._end_s = now_s + self._moment_s
        return max(0.0, self._end_s - now_s)
