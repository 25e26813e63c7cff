"""Work done in a thread with little room, where a crash would show first."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

STACK_BYTES = 256 * 1024


def in_small_stack(work: Callable[[], Any]) -> Any:
    """The result of the work done in a thread with a stack of 256 KB; what it raises is raised here.

    The collector rests meanwhile: it would drop there whatever deep values earlier tests left in cycles, and CPython
    3.13.0 itself needs more stack than that to drop a deep tuple.
    """
    results: list[Any] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 it is raised again
            errors.append(error)

    before = threading.stack_size(STACK_BYTES)
    collects = gc.isenabled()
    gc.disable()
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
        if collects:
            gc.enable()
    if errors:
        raise errors[0]
    return results[0]
