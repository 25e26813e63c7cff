"""Running what an ``async def`` handler returns.

One event loop a thread, made at the first awaitable and kept: clients that a handler keeps between invocations
(an HTTP session, say) are bound to the loop they were made on.
"""

from __future__ import annotations

import threading

from tailrace.exceptions import HandlerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Awaitable
    from concurrent.futures import ThreadPoolExecutor
    from typing import Any

__all__ = ["finish"]


def finish(returned: object) -> object:
    """Wait for what a handler returned, when it is something to wait for.

    The value decides, not the function: a coroutine that nobody awaits would look like a success.

    Args:
        returned: what the handler returned.

    Returns:
        The result of the awaitable, or ``returned`` itself.

    Raises:
        HandlerError: a generator, whose body has not run, or a cancelled task.
        Exception: what the awaitable raised.
    """
    from inspect import isasyncgen, isawaitable, isgenerator

    if isawaitable(returned):
        return _run(returned)
    if isgenerator(returned) or isasyncgen(returned):
        raise HandlerError("a function with `yield` returns a generator and its body never runs: remove the `yield`")
    return returned


def _run(awaitable: Awaitable[object]) -> object:
    from asyncio import get_running_loop

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
        raise HandlerError("the handler's task was cancelled") from error
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
    """The loop of a thread and the worker that stands in for it while its loop is running."""

    def __init__(self) -> None:
        self._keeper: _Keeper | None = None
        self._worker: ThreadPoolExecutor | None = None

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
        finalize(self, _close, self.loop)


def _close(loop: Any) -> None:
    if not loop.is_running():
        loop.close()


_of_this_thread = _OfThisThread()
