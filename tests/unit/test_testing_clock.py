"""The clock of a simulation: it waits for nothing, and ends what takes too long."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

import pytest

from tailrace import StreamHandler
from tailrace.testing import EventSourceMapping, FunctionKilled, VirtualClock, make_event
from tests.unit.functions import SIX, Function


def test_it_moves_only_when_it_is_moved() -> None:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=timezone.utc))
    assert clock.now() == 1_767_225_600
    clock.advance(1.5)
    clock.sleep(2)
    time.sleep(0.01)
    assert (clock.now(), clock.elapsed()) == (1_767_225_603.5, 3.5)


def test_it_begins_with_the_first_record() -> None:
    clock = VirtualClock()
    event = make_event([{"id": "a"}])
    EventSourceMapping(Function(), clock=clock).deliver(event)
    assert clock.now() == event["Records"][0]["dynamodb"]["ApproximateCreationDateTime"]


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_time_does_not_go_back(seconds: float) -> None:
    for move in (VirtualClock().advance, VirtualClock().sleep):
        with pytest.raises(ValueError, match="does not pass"):
            move(seconds)


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        VirtualClock(datetime(2026, 1, 1))  # noqa: DTZ001  that is what is refused


def test_the_context_follows_it() -> None:
    clock, remaining = VirtualClock(), list[int]()

    def function(event: Any, context: Any) -> None:
        remaining.append(context.get_remaining_time_in_millis())
        clock.advance(1.25)
        remaining.append(context.get_remaining_time_in_millis())
        clock.advance(60)
        remaining.append(context.get_remaining_time_in_millis())

    mapping = EventSourceMapping(function, clock=clock, timeout_ms=3000, maximum_retry_attempts=0)
    report = mapping.deliver(SIX)
    assert remaining == [3000, 1750, 0]
    assert report.invocations[0].duration_ms == 3000, "Lambda ends it there"
    assert isinstance(report.invocations[0].error, TimeoutError)


def test_a_sleep_past_the_deadline_ends_the_function() -> None:
    clock, reached = VirtualClock(), list[str]()

    def function(event: Any, context: Any) -> None:
        try:
            clock.sleep(2)
            reached.append("in time")
            clock.sleep(2)
            reached.append("too late")
        except Exception:  # noqa: BLE001  nothing that a function catches
            reached.append("caught")

    mapping = EventSourceMapping(function, clock=clock, timeout_ms=3000, maximum_retry_attempts=0)
    report = mapping.deliver(SIX)
    assert reached == ["in time"]
    assert str(report.invocations[0].reason).startswith("TimeoutError: Task timed out after 3.00 seconds")


def test_what_is_killed_in_time_is_no_timeout() -> None:
    def function(event: Any, context: Any) -> None:
        raise FunctionKilled("signal: killed")

    report = EventSourceMapping(function, maximum_retry_attempts=0).deliver(SIX)
    assert report.invocations[0].reason == "FunctionKilled: signal: killed"
    assert report.on_failure_documents[0]["responseContext"]["functionError"] == "Unhandled"


def test_a_handler_checkpoints_before_its_deadline() -> None:
    clock, app, seen = VirtualClock(), StreamHandler(), list[str]()

    @app.insert
    def slow(record: Any) -> None:
        clock.sleep(1)
        seen.append(record.keys["id"])

    report = EventSourceMapping(app, clock=clock, timeout_ms=4000).deliver(SIX)
    assert "".join(seen) == "abcdef", "no record twice"
    assert [each.outcome for each in report.invocations] == ["partial", "partial", "success"]


def test_real_time_counts_when_asked_for() -> None:
    clock = VirtualClock(real_time=True)
    report = EventSourceMapping(lambda event, context: time.sleep(0.02), clock=clock).deliver(SIX)
    assert 20 <= report.invocations[0].duration_ms < 5000
    before = clock.elapsed()
    time.sleep(0.02)
    assert clock.elapsed() == before, "only while the function runs"


def test_lanes_run_at_once() -> None:
    clock = VirtualClock()
    event = make_event([{"id": str(number)} for number in range(40)])
    mapping = EventSourceMapping(
        lambda event, context: clock.sleep(10), clock=clock, batch_size=1, parallelization_factor=10
    )
    mapping.deliver(event)
    assert 40 <= clock.elapsed() < 100, "and not 400"
