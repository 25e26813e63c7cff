"""What a worker asks the loop of the calling thread to await."""

from __future__ import annotations

from tailrace.exceptions import HandlerError
from tailrace.handler.awaiting import cancelled_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Task
    from collections.abc import Awaitable
    from concurrent.futures import Future
    from contextvars import Context

__all__ = ["Request"]


class Request:
    """An awaitable, the context it runs in, and where its result goes."""

    __slots__ = ("_awaitable", "_context", "future")

    def __init__(self, awaitable: Awaitable[object]) -> None:
        from concurrent.futures import Future
        from contextvars import copy_context

        self._awaitable = awaitable
        self._context: Context = copy_context()
        self.future: Future[object] = Future()

    def start(self, loop: AbstractEventLoop) -> Task[object]:
        """Make a task of it, on the loop that is running in this thread."""
        task: Task[object] = self._context.run(loop.create_task, _result(self._awaitable))
        task.add_done_callback(self._settle)
        return task

    def refuse(self) -> None:
        """Say that it came too late."""
        self._drop()
        self.future.set_exception(HandlerError("the invocation was over before this could be awaited"))

    def _settle(self, task: Task[object]) -> None:
        if task.cancelled():
            self._drop()
            self.future.set_exception(cancelled_task())
        elif (error := task.exception()) is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(task.result())

    def _drop(self) -> None:
        """A coroutine that never ran is closed: it is known, and no mistake to be warned of."""
        from inspect import iscoroutine

        if iscoroutine(self._awaitable):
            self._awaitable.close()


async def _result(awaitable: Awaitable[object]) -> object:
    return await awaitable
