"""The deadline in order="per_item": what is cut off, what goes on after the answer, and who waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import Any

import pytest

from tailrace import HandlerError, Record, StreamHandler
from tailrace.testing import make_event, make_record
from tests.unit.stage import DONE, PATIENCE_S, at, event_of, reported


class Remaining:
    """A context whose time goes by when the test says so."""

    def __init__(self, remaining_ms: float) -> None:
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> float:
        return self.remaining_ms


class Ends:
    """A context whose time goes by."""

    def __init__(self, timeout_ms: float) -> None:
        self._end_s = time.monotonic() + timeout_ms / 1000

    def get_remaining_time_in_millis(self) -> float:
        return (self._end_s - time.monotonic()) * 1000


def per_item(workers: int = 4, **options: Any) -> StreamHandler:
    return StreamHandler(order="per_item", workers=workers, **options)


class Stuck:
    """Plain handlers that hang at some records until they are let go."""

    def __init__(self, *positions: int, **options: Any) -> None:
        self.app = per_item(**options)
        self.app.on()(self.handle)
        self.app.on()(lambda record: self.second.append(at(record)))
        self.positions = positions
        self.gate = threading.Event()
        self.log: list[tuple[str, int]] = []
        self.second: list[int] = []

    def handle(self, record: Record) -> None:
        self.log.append(("start", at(record)))
        if at(record) in self.positions:
            assert self.gate.wait(PATIENCE_S)
        self.log.append(("end", at(record)))


# What is started and reported


@pytest.mark.parametrize(
    ("remaining_ms", "record_ms", "started"),
    [(10_000, 1000, 5), (5000, 1000, 3), (5001, 1000, 4), (1000, 200, 3), (3000, 400, 4)],
)
def test_records_start_until_the_margin(remaining_ms: float, record_ms: float, started: int) -> None:
    app, context, seen = per_item(1), Remaining(remaining_ms), []

    @app.on()
    def handle(record: Record) -> None:
        seen.append(at(record))
        context.remaining_ms -= record_ms

    event = event_of("abcde")
    assert app(event, context) == (DONE if started == 5 else reported(event, started))
    assert seen == [*range(started)]


def test_at_least_one_is_started_whatever_the_deadline() -> None:
    app, seen = per_item(4), []
    app.on()(lambda record: seen.append(at(record)))
    event = event_of("abc")
    answer = app(event, Remaining(0))
    assert seen == [0]
    assert answer in (reported(event, 0), reported(event, 1))


def test_a_thread_that_still_runs_is_reported_and_what_is_done_before_it_counts() -> None:
    stuck, written = Stuck(2), []

    class Sink:
        def write(self, records: Any, *, deadline: Any) -> list[Any]:
            written.extend(at(record) for record in records)
            return []

        def close(self) -> None:
            pass

    stuck.app.sink(Sink())
    event = event_of("abcde")
    before = time.monotonic()
    assert stuck.app(event, Ends(1000)) == reported(event, 2)
    assert time.monotonic() - before < 1
    assert written == [0, 1]
    assert ("end", 4) in stuck.log, "the others went on meanwhile"
    stuck.gate.set()


def test_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    stuck = Stuck(1)
    stuck.app(event_of("abc"), Ends(200))
    stuck.gate.set()
    (entry,) = caplog.records
    assert entry.levelname == "WARNING"
    assert "2 records not finished for want of time" in entry.getMessage()


def test_a_failure_before_what_still_runs_is_the_one_that_counts(caplog: pytest.LogCaptureFixture) -> None:
    stuck = Stuck(2)

    @stuck.app.on()
    def fail(record: Record) -> None:
        if at(record) == 1:
            raise RuntimeError("no")

    event = event_of("abc")
    assert stuck.app(event, Ends(200)) == reported(event, 1)
    stuck.gate.set()
    assert [entry.levelname for entry in caplog.records] == ["ERROR"]


def test_with_report_raise_it_raises() -> None:
    stuck = Stuck(0, report="raise")
    with pytest.raises(HandlerError, match="the time ran out"):
        stuck.app(event_of("ab"), Ends(100))
    stuck.gate.set()


# What goes on after the answer


def test_the_next_invocation_waits_for_it_before_it_starts_the_same_item() -> None:
    stuck = Stuck(0)
    event = event_of("ab")
    assert stuck.app(event, Ends(200)) == reported(event, 0)
    threading.Timer(0.1, stuck.gate.set).start()
    assert stuck.app(event, Ends(20_000)) == DONE
    assert [each for each in stuck.log if each[1] == 0] == [("start", 0), ("end", 0), ("start", 0), ("end", 0)]


def test_what_was_cut_off_starts_no_other_route() -> None:
    stuck = Stuck(0)
    event = event_of("a")
    stuck.app(event, Ends(100))
    stuck.gate.set()
    assert stuck.app(event, None) == DONE
    assert stuck.second == [0], "of the second invocation alone"


def test_what_was_cut_off_is_not_set_aside_and_not_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    class Store:
        kept: list[Any] = []  # noqa: RUF012

        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            self.kept.append(record)

    store, gate, tries = Store(), threading.Event(), []
    app = per_item(quarantine=store, on_error="quarantine", attempts=5, backoff_ms=0)

    @app.on()
    def handle(record: Record) -> None:
        tries.append(at(record))
        gate.wait(PATIENCE_S)
        if len(tries) == 1:
            raise RuntimeError("no")

    event = event_of("a")
    assert app(event, Ends(100)) == reported(event, 0)
    gate.set()
    assert app(event, None) == DONE
    assert (store.kept, tries) == ([], [0, 0])


def test_it_raises_when_its_own_margin_comes_first() -> None:
    stuck = Stuck(0)
    event = event_of("ab")
    stuck.app(event, Ends(100))
    log = list(stuck.log)
    before = time.monotonic()
    with pytest.raises(HandlerError, match="1 records that an invocation before had to leave running") as caught:
        stuck.app(event, Ends(1000))
    assert time.monotonic() - before < 1
    assert caught.value.sequence_number == event["Records"][0]["dynamodb"]["SequenceNumber"]
    assert stuck.log == log, "nothing was started"
    stuck.gate.set()
    assert stuck.app(event, Ends(5000)) == DONE


def test_other_items_do_not_wait_for_it() -> None:
    stuck = Stuck(0)
    stuck.app(event_of("a"), Ends(100))
    before = time.monotonic()
    others = make_event([make_record(new_image={"id": str(each), "at": 5}, event_name="MODIFY") for each in range(8)])
    assert stuck.app(others, Ends(10_000)) == DONE
    assert time.monotonic() - before < 5
    stuck.gate.set()


def test_a_record_without_readable_keys_may_be_any_item() -> None:
    stuck = Stuck(0)
    stuck.app(event_of("a"), Ends(100))
    event = event_of("b")
    del event["Records"][0]["dynamodb"]["Keys"]
    with pytest.raises(HandlerError, match="leave running"):
        stuck.app(event, Ends(100))
    stuck.gate.set()
    assert stuck.app(event, Ends(1000)) == reported(event, 0)


def test_the_threads_that_it_takes_do_not_lack_to_the_next() -> None:
    stuck = Stuck(0, 1, 2, workers=3)
    stuck.app(event_of("abc"), Ends(100))
    others = make_event([make_record(new_image={"id": str(each), "at": 5}, event_name="MODIFY") for each in range(8)])
    assert stuck.app(others, Ends(10_000)) == DONE
    stuck.gate.set()


# What is awaited


def test_what_is_awaited_is_cancelled_and_ends_before_the_answer() -> None:
    app, log = per_item(3), []

    @app.on()
    async def handle(record: Record) -> None:
        try:
            await asyncio.sleep(0 if at(record) == 0 else 60)
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)
            log.append(at(record))
            raise

    event = event_of("abc")
    before = time.monotonic()
    assert app(event, Ends(1000)) == reported(event, 1)
    assert time.monotonic() - before < 1
    assert sorted(log) == [1, 2]


def test_what_was_cancelled_does_not_go_on_in_the_next_invocation() -> None:
    app, log = per_item(2), []

    @app.on()
    async def handle(record: Record) -> None:
        log.append("start")
        await asyncio.sleep(60 if len(log) == 1 else 0)
        log.append("end")

    event = event_of("a")
    assert app(event, Ends(100)) == reported(event, 0)
    assert app(event, Ends(10_000)) == DONE
    assert log == ["start", "start", "end"]


def test_what_swallows_its_cancellation_is_not_done() -> None:
    app = per_item(2)

    @app.on()
    async def handle(record: Record) -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    event = event_of("a")
    assert app(event, Ends(100)) == reported(event, 0)


def test_what_does_not_end_when_cancelled_is_waited_for_by_the_next_invocation() -> None:
    app, log = per_item(2), []

    @app.on()
    async def handle(record: Record) -> None:
        log.append("start")
        end = time.monotonic() + (3 if len(log) == 1 else 0)
        while time.monotonic() < end:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.01)
        log.append("end")

    event = event_of("a")
    before = time.monotonic()
    assert app(event, Ends(1000)) == reported(event, 0)
    assert time.monotonic() - before < 1, "half of the margin is kept for the answer"
    with pytest.raises(HandlerError, match="leave running"):
        app(event, Ends(100))
    assert app(event, Ends(60_000)) == DONE
    assert log == ["start", "end", "start", "end"]


def test_a_cancelled_record_is_not_set_aside(caplog: pytest.LogCaptureFixture) -> None:
    class Store:
        kept: list[Any] = []  # noqa: RUF012

        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            self.kept.append(record)

    store = Store()
    app = per_item(2, quarantine=store, on_error="quarantine")

    @app.on()
    async def handle(record: Record) -> None:
        await asyncio.sleep(60)

    event = event_of("ab")
    assert app(event, Ends(100)) == reported(event, 0)
    assert not store.kept
    assert [entry.levelname for entry in caplog.records] == ["WARNING"]


def test_a_plain_handler_that_is_late_with_something_to_await_is_refused_it() -> None:
    """Nobody runs the loop any more when it comes: it must neither wait for ever nor warn."""
    app, gate, ran = per_item(2), threading.Event(), []

    async def later() -> None:
        ran.append(1)

    @app.on()
    def handle(record: Record) -> Any:
        gate.wait(PATIENCE_S)
        return later()

    event = event_of("a")
    assert app(event, Ends(100)) == reported(event, 0)
    gate.set()
    assert app(event, Ends(20_000)) == DONE
    assert ran == [1], "of the second invocation alone"


# The clock


def test_a_clock_that_breaks_fails_the_invocation() -> None:
    class Breaks:
        asked = 0

        def get_remaining_time_in_millis(self) -> float:
            self.asked += 1
            if self.asked > 2:
                raise OSError("no clock")
            return 10_000.0

    app = per_item(1)
    app.on()(lambda record: time.sleep(0.01))
    with pytest.raises(OSError, match="no clock"):
        app(event_of("abcd"), Breaks())


def test_a_clock_that_jumps_is_noticed_while_a_thread_runs() -> None:
    stuck, context = Stuck(0), Remaining(60_000)
    threading.Timer(0.05, lambda: setattr(context, "remaining_ms", 100)).start()
    event = event_of("a")
    before = time.monotonic()
    assert stuck.app(event, context) == reported(event, 0)
    assert time.monotonic() - before < 5
    stuck.gate.set()
