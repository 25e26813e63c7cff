"""Running what an ``async def`` handler returns.

One event loop a thread, made at the first awaitable and kept: clients that a handler keeps between invocations
(an HTTP session, say) are bound to the loop they were made on. Workers have no loop: theirs is that of the thread that
called the handler.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager

from tailrace.exceptions import HandlerError
from tailrace.sinks.base import forget_after_fork

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Awaitable, Iterator
    from concurrent.futures import ThreadPoolExecutor
    from typing import Any

    from tailrace.handler.host import Host

__all__ = ["cancelled_task", "finish", "finished", "hosted_by"]


def finish(returned: object) -> object:
    """Wait for what a handler returned, when it is something to wait for.

    The value decides, not the function: a coroutine that nobody awaits would look like a success.

    Args:
        returned: what the handler returned.

    Returns:
        The result of the awaitable, and of what that has to await in turn, or ``returned`` itself.

    Raises:
        HandlerError: a generator, whose body has not run, or a cancelled task.
        Exception: what the awaitable raised.
    """
    from inspect import isasyncgen, isawaitable, isgenerator

    while isawaitable(returned):
        returned = _run(returned)
    if isgenerator(returned) or isasyncgen(returned):
        raise _never_ran()
    return returned


async def finished(returned: object) -> object:
    """On the loop: what ``finish`` is elsewhere."""
    from asyncio import CancelledError
    from inspect import isasyncgen, isawaitable, isgenerator

    try:
        while isawaitable(returned):
            returned = await returned
    except CancelledError as error:
        raise cancelled_task() from error
    if isgenerator(returned) or isasyncgen(returned):
        raise _never_ran()
    return returned


def cancelled_task() -> HandlerError:
    """What a cancelled task is to its record."""
    return HandlerError("the handler's task was cancelled")


def _never_ran() -> HandlerError:
    return HandlerError("a function with `yield` returns a generator and its body never runs: remove the `yield`")


@contextmanager
def hosted_by(host: Host) -> Iterator[None]:
    """In a worker: have what is to be awaited run by the host."""
    _of_this_thread.host = host
    try:
        yield
    finally:
        _of_this_thread.host = None


def _run(awaitable: Awaitable[object]) -> object:
    from asyncio import get_running_loop

    if _of_this_thread.host is not None:
        return _of_this_thread.host.finish(awaitable)
    try:
        get_running_loop()
    except RuntimeError:
        return _run_here(awaitable)
    return _run_beside(awaitable)


def _run_here(awaitable: Awaitable[object]) -> object:
    from asyncio import CancelledError

    loop = _of_this_thread.loop()
    task = loop.create_task(_result(awaitable))
    try:
        return loop.run_until_complete(task)
    except CancelledError as error:
        # No Exception, so it would pass every handler's `except` and end the invocation without a word.
        raise cancelled_task() from error
    finally:
        _leave_nothing_behind(loop, task)


def _run_beside(awaitable: Awaitable[object]) -> object:
    # A running loop cannot be entered again, so it waits here while another thread's loop does the work.
    from contextvars import copy_context

    return _of_this_thread.worker().submit(copy_context().run, _run_here, awaitable).result()


async def _result(awaitable: Awaitable[object]) -> object:
    return await awaitable


def _leave_nothing_behind(loop: AbstractEventLoop, task: Task[object]) -> None:
    if not task.done():  # KeyboardInterrupt in the loop itself: else the task goes on with the next record
        from asyncio import gather

        task.cancel()
        loop.run_until_complete(gather(task, return_exceptions=True))
    elif not task.cancelled():
        task.exception()  # marks it as seen


class _OfThisThread(threading.local):
    """The loop of a thread, the worker that stands in for it while its loop is running, and a worker's host."""

    def __init__(self) -> None:
        self.host: Host | None = None
        self._keeper: _Keeper | None = None
        self._worker: ThreadPoolExecutor | None = None
        self._inherited: list[_Keeper] = []

    def _forget(self) -> None:
        """In a forked child: leave the parent's loop alone, and have no thread that does not exist here."""
        if self._keeper is not None:
            self._keeper.disown()
            self._inherited.append(self._keeper)
        self.host = self._keeper = self._worker = None

    def loop(self) -> AbstractEventLoop:
        if self._keeper is None or self._keeper.loop.is_closed():
            self._keeper = _Keeper()
        return self._keeper.loop

    def worker(self) -> ThreadPoolExecutor:
        if self._worker is None:
            from concurrent.futures import ThreadPoolExecutor

            self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tailrace")
        return self._worker


class _Keeper:
    """Closes its loop when the thread ends, or at exit."""

    def __init__(self) -> None:
        from asyncio import new_event_loop
        from weakref import finalize

        self.loop: AbstractEventLoop = new_event_loop()
        self._finalizer = finalize(self, _close, self.loop)

    def disown(self) -> None:
        """In a forked child: never close the loop, as its selector is one with the parent's, which would go deaf."""
        self._finalizer.detach()
        self.loop.close = _nothing  # type: ignore[method-assign]
        self.loop.is_closed = _true  # type: ignore[method-assign]


def _close(loop: Any) -> None:
    if not loop.is_running():
        loop.close()


def _nothing() -> None:
    pass


def _true() -> bool:
    return True


_of_this_thread = _OfThisThread()
forget_after_fork(_of_this_thread)
