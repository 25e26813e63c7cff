"""order="per_item": several records at a time in threads, the changes of one item one after the other."""

from __future__ import annotations

import time
from contextvars import copy_context
from functools import partial

from tailrace.handler.awaiting import hosted_by
from tailrace.handler.crew import Straggler
from tailrace.handler.host import Host
from tailrace.handler.lanes import Lanes
from tailrace.handler.running import fail_record, run_once, unreadable
from tailrace.handler.tasks import Tasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import ThreadPoolExecutor
    from contextvars import Context
    from typing import Any

    from tailrace._core import Record
    from tailrace.handler.crew import Crew, Item
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.route import Route

__all__ = ["Work", "run_per_item"]

# What is awaited is cancelled when the margin begins; its threads then need no more than this to end.
_THREADS_END_S = 0.02


def run_per_item(invocation: Invocation, crew: Crew) -> None:
    """Run the records until one fails or the time is over; the invocation's progress tells how far they came.

    The time is asked for before each record but the first, which always starts. What still runs when the margin begins
    is not done; what is awaited is cancelled, and a thread is left to the next invocation, which waits for it.

    Raises:
        HandlerError: what an invocation before left running of the same items has not ended.
        BaseException: what is no failure of a record, such as KeyboardInterrupt, from whatever thread it comes.
    """
    items = _items(invocation)
    if not items:
        return
    crew.join(set(items.values()), invocation.clock)
    invocation.first = min(items)
    lanes = Lanes(invocation, items)
    unfinished = _run(invocation, lanes, items, crew)
    if lanes.fatal is not None:
        raise lanes.fatal
    if unfinished is not None:
        invocation.report.not_finished(invocation.batch[unfinished], len(invocation.batch) - unfinished)


def _run(invocation: Invocation, lanes: Lanes, items: Mapping[int, Item], crew: Crew) -> int | None:
    host, threads = Host(), crew.take_threads()
    slots: dict[int, Any] = {}
    count = min(crew.workers, lanes.ready_count())
    try:
        if _all_await(invocation):
            tasks = Tasks(invocation, lanes, items, host, threads)
            slots = tasks.slots
            host.wait(lanes.over, invocation.clock, begin=partial(tasks.begin, count))
        else:
            _start(Work(invocation, lanes, items, host), slots, threads, count)
            host.wait(lanes.over, invocation.clock)
    finally:
        unfinished = lanes.cut()
        try:
            host.close(invocation.clock.margin_ms / 2)
        finally:
            crew.give_back(threads, _stragglers(invocation, lanes, items, host, slots))
    return unfinished


def _all_await(invocation: Invocation) -> bool:
    """Whether no route can hold up the loop. One that looks as if it could has a thread, whatever it returns.

    A store of handled records can: it is asked and told around each record.
    """
    return invocation.once is None and all(route.awaited for routes in invocation.routes.values() for route in routes)


def _start(work: Work, slots: dict[int, Any], threads: ThreadPoolExecutor, count: int) -> None:
    """Start so many workers. The first has its record at once, as one is always started."""
    position = work.lanes.take(0)
    for worker in range(count):
        try:
            slots[worker] = threads.submit(work, worker, position)
        except RuntimeError:  # no more threads can be started: those that could do all of the work
            if not slots:
                work.called_off = True  # it is in the queue of the threads, which may get one later
                raise
            return
        position = None


def _stragglers(
    invocation: Invocation, lanes: Lanes, items: Mapping[int, Item], host: Host, slots: Mapping[int, Any]
) -> list[Straggler]:
    end_s = time.monotonic() + _THREADS_END_S
    while lanes.running and time.monotonic() < end_s:
        time.sleep(0.001)
    return [
        Straggler(items[position], invocation.batch[position].sequence_number, slots[worker], host)
        for position, worker in dict(lanes.running).items()
        if worker in slots and not slots[worker].done()
    ]


class Work:
    """What each worker does: run records until there is none for it.

    Each record runs in a copy of the caller's context, so that a tracer and a logger find what they keep there.
    """

    def __init__(self, invocation: Invocation, lanes: Lanes, items: Mapping[int, Item], host: Host) -> None:
        self.lanes = lanes
        self._invocation = invocation
        self._items = items
        self._host = host
        self._context: Context = copy_context()
        self.called_off = False

    def __call__(self, worker: int, position: int | None) -> None:
        """Run records, this one first."""
        if self.called_off:
            return
        lanes = self.lanes
        try:
            with hosted_by(self._host):
                position = lanes.take(worker) if position is None else position
                while position is not None:
                    position = lanes.done(worker, position, self._context.copy().run(self._run, position))
        except BaseException as error:  # noqa: BLE001  raised again in the thread that called the handler
            lanes.die(worker, error)
        finally:
            self._host.wake()

    def _run(self, position: int) -> Exception | None:
        record = self._invocation.batch[position]
        if isinstance(self._items[position], int):
            return fail_record(record, position, self._invocation, unreadable(record))
        return run_once(record, position, self._invocation)


def _items(invocation: Invocation) -> dict[int, Item]:
    """The records that have to run, by position, and the item of each."""
    batch, routes = invocation.batch, invocation.routes
    positions = invocation.verdicts.wanted(routes)
    records = batch if len(positions) == len(batch) else batch.take(positions)
    items = ((position, _item(record, position, routes)) for position, record in zip(positions, records, strict=True))
    return {position: item for position, item in items if item is not None}


def _item(record: Record, position: int, routes: Mapping[str | None, tuple[Route, ...]]) -> Item | None:
    """The item of a record; its position where that cannot be read, and None where no route is for its event."""
    try:
        # Reading event_name also proves that the record is well-formed, so that one without a route is done.
        return None if routes.get(record.event_name) == () else record.item_key
    except Exception:  # noqa: BLE001  it fails when it is its turn, and only if it comes to that
        return position
