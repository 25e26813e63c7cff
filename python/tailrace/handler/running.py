"""Running one record: the one place where its routes are called, whatever the order and the thread."""

from __future__ import annotations

from functools import partial

from tailrace.exceptions import HandlerError
from tailrace.handler.awaiting import finish, finished

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from tailrace._core import Record
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.route import Route

    InThread = Callable[[Callable[[], Exception | None]], Awaitable[Exception | None]]

__all__ = [
    "fail_record",
    "run_once",
    "run_record",
    "run_record_on_loop",
    "run_records",
    "run_records_once",
    "unreadable",
]


def run_records(records: Iterable[tuple[int, Record]], invocation: Invocation) -> Iterator[tuple[int, Exception]]:
    """Run the routes of records, as often as they may be tried, and set aside those that are to be.

    A generator, as what a record costs here is what the handler costs.

    Args:
        records: each with its position in the batch; read one by one. The routes of a record share this view.
        invocation: what they are run with.

    Yields:
        The position of a record that failed, and the error; that is logged. All others up to there are done
        (``invocation.progress`` knows which were set aside).
    """
    routes, verdicts, context = invocation.routes, invocation.verdicts, invocation.context
    for position, record in records:
        route = matching = None
        try:
            # Reading event_name also proves that the record is well-formed, so that one without a route is too.
            matching = routes.get(record.event_name)
            if matching is None:
                matching = invocation.routes_of_unknown(record, partial(verdicts.admits, position=position))
            for route in matching:
                if route.where is not None and not verdicts.admits(route.where, position):
                    continue
                if invocation.cut:
                    raise _cut_off()
                returned = route.function(record, context) if route.with_context else route.function(record)
                if returned is not None:
                    finish(returned)
        except Exception as error:  # noqa: BLE001  any error of a handler is a failure of its record
            rest = () if route is None or matching is None else matching[matching.index(route) :]
            failed = _recover(record, position, invocation, rest, error)
            if failed is not None:
                yield position, failed


def run_record(record: Record, position: int, invocation: Invocation) -> Exception | None:
    """Run the routes of one record; the error with which it failed, or None when it is done."""
    failed = next(run_records(((position, record),), invocation), None)
    return None if failed is None else failed[1]


def run_once(record: Record, position: int, invocation: Invocation) -> Exception | None:
    """As ``run_record``, but for a record that was handled before, whose routes are not run again."""
    once = invocation.once
    return run_record(record, position, invocation) if once is None else once.run(record, position, run_record)


def run_records_once(records: Iterable[tuple[int, Record]], invocation: Invocation) -> Iterator[tuple[int, Exception]]:
    """As ``run_records``, but the routes of records that were handled before are not run again."""
    for position, record in records:
        failed = run_once(record, position, invocation)
        if failed is not None:
            yield position, failed


async def run_record_on_loop(
    record: Record, position: int, invocation: Invocation, in_thread: InThread
) -> Exception | None:
    """As ``run_record``, line by line (a test holds them together), for ``async def`` routes on the event loop.

    Args:
        record: its routes share this view.
        position: where it is in the batch.
        invocation: what it is run with.
        in_thread: runs what may pause or block.

    Returns:
        The error with which it failed, or None when it is done.
    """
    routes, verdicts, context = invocation.routes, invocation.verdicts, invocation.context
    route = matching = None
    try:
        # Reading event_name also proves that the record is well-formed, so that one without a route is too.
        matching = routes.get(record.event_name)
        if matching is None:
            matching = invocation.routes_of_unknown(record, partial(verdicts.admits, position=position))
        for route in matching:
            if route.where is not None and not verdicts.admits(route.where, position):
                continue
            if invocation.cut:
                raise _cut_off()
            returned = route.function(record, context) if route.with_context else route.function(record)
            if returned is not None:
                await finished(returned)
    except Exception as error:  # noqa: BLE001  any error of a handler is a failure of its record
        rest = () if route is None or matching is None else matching[matching.index(route) :]
        failed = await in_thread(partial(_recover, record, position, invocation, rest, error))
        if failed is not None:
            return failed
    return None


def unreadable(record: Record) -> Exception:
    """Why the item of a record cannot be read."""
    try:
        record.event_name, record.item_key  # noqa: B018
    except Exception as error:  # noqa: BLE001  whatever it is, it says why
        return error
    raise AssertionError("a record that could not be read can be read now")


def fail_record(record: Record, position: int, invocation: Invocation, error: Exception) -> Exception | None:
    """Take a record that cannot be run as failed with this error; as of ``run_record``."""
    return _recover(record, position, invocation, (), error)


def _recover(
    record: Record, position: int, invocation: Invocation, rest: Iterable[Route], error: Exception
) -> Exception | None:
    """Try the first of the routes again, as it has failed, and go on with those behind it."""
    failed: Exception | None = error
    route, exhausted = None, True
    for route in rest:
        if invocation.cut:
            return failed or _cut_off()
        failed = _error_of(route, record, position, invocation) if failed is None else failed
        failed, exhausted = _insist(route, record, position, invocation, failed)
        if failed is not None:
            break
    if failed is None:
        return None
    # Not set aside: what had too little time and is started first when it comes again, and what comes again anyway.
    if (exhausted or position == invocation.first) and not _superseded(invocation, position):
        failed = invocation.setting_aside.take(invocation.exact[position], failed, route)
        if failed is None:
            invocation.progress.set_aside.add(position)
            return None
    if not invocation.cut:  # else it says no more than that it was cut off, or it comes again and says so then
        invocation.failed.add(position)
        invocation.report.failed(record, failed, route)
    return failed


def _insist(
    route: Route, record: Record, position: int, invocation: Invocation, error: Exception | None
) -> tuple[Exception | None, bool]:
    """The error of the last attempt, and whether there is no other one to make."""
    attempt = 1
    while error is not None:
        if invocation.retrying.exhausted(attempt, error, record):
            return error, True
        if _superseded(invocation, position) or not _paused(invocation, attempt):
            return error, False
        error = _error_of(route, record, position, invocation)
        attempt += 1
    return None, True


def _paused(invocation: Invocation, attempt: int) -> bool:
    """Wait before the next attempt; not at all where the time does not last for it."""
    return invocation.retrying.wait(attempt, invocation.clock) and not invocation.cut


def _superseded(invocation: Invocation, position: int) -> bool:
    """Whether the record comes again, whatever becomes of it now."""
    return invocation.cut or position > invocation.progress.end


def _cut_off() -> HandlerError:
    """For a record that is reported already: no other route of it starts."""
    return HandlerError("the invocation was over before this record was")


def _error_of(route: Route, record: Record, position: int, invocation: Invocation) -> Exception | None:
    try:
        if route.where is None or invocation.verdicts.admits(route.where, position):
            finish(route.call(record, invocation.context))
    except Exception as error:  # noqa: BLE001  any error of a handler is a failure of its record
        return error
    return None
