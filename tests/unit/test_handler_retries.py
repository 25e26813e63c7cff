"""attempts= and backoff_ms=: what is tried again, how often, and when not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import Quarantine, Record, StreamHandler
from tailrace.handler.retrying import Retrying
from tests.unit.stage import DONE, at, event_of, reported

Road = Callable[[Any], Any]
ORDERS = [{"order": "sequential"}, {"order": "per_item", "workers": 2}]


@pytest.fixture(params=ORDERS, ids=["sequential", "per_item"])
def order(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


class Store:
    def __init__(self) -> None:
        self.kept: list[tuple[int, BaseException, str]] = []

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        self.kept.append((at(record), error, route))


class Flaky:
    """Fails so often, for each record."""

    def __init__(self, failures: dict[int, int], error: Callable[[], Exception] = OSError) -> None:
        self.failures = failures
        self.error = error
        self.calls: list[int] = []

    def __call__(self, record: Record) -> None:
        self.calls.append(at(record))
        if self.failures.get(at(record), 0):
            self.failures[at(record)] -= 1
            raise self.error()


def test_one_attempt_is_the_default(order: dict[str, Any], road: Road) -> None:
    app, flaky, event = StreamHandler(**order), Flaky({0: 1}), event_of("aa")
    app.on()(flaky)
    assert app(road(event)) == reported(event, 0)
    assert flaky.calls == [0]


@pytest.mark.parametrize(("failures", "calls"), [(1, 2), (2, 3), (3, 3)])
def test_a_route_is_tried_so_often(order: dict[str, Any], road: Road, failures: int, calls: int) -> None:
    app, flaky, event = StreamHandler(attempts=3, backoff_ms=0, **order), Flaky({0: failures}), event_of("a")
    app.on()(flaky)
    assert app(road(event)) == (DONE if failures < 3 else reported(event, 0))
    assert flaky.calls == [0] * calls


def test_a_success_after_failures_logs_nothing(order: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler(attempts=3, backoff_ms=0, **order)
    app.on()(Flaky({0: 2}))
    assert app(event_of("a")) == DONE
    assert not caplog.records


def test_the_routes_before_are_not_repeated_and_those_behind_have_attempts_of_their_own(order: dict[str, Any]) -> None:
    app = StreamHandler(attempts=2, backoff_ms=0, **order)
    first, second, third, fourth = Flaky({}), Flaky({0: 1}), Flaky({0: 1}), Flaky({})
    for each in (first, second, third, fourth):
        app.on()(each)
    assert app(event_of("a")) == DONE
    assert [len(each.calls) for each in (first, second, third, fourth)] == [1, 2, 2, 1]


def test_a_route_behind_whose_attempts_are_used_up_is_the_one_that_is_named(order: dict[str, Any]) -> None:
    store = Store()
    app = StreamHandler(attempts=2, backoff_ms=0, on_error="quarantine", quarantine=store, **order)
    first, second, third = Flaky({0: 1}), Flaky({0: 9}), Flaky({})

    def named(record: Record) -> None:
        second(record)

    app.on()(first)
    app.on()(named)
    app.on()(third)
    assert app(event_of("a")) == DONE
    assert [len(each.calls) for each in (first, second, third)] == [2, 2, 0]
    ((_, _, route),) = store.kept
    assert route.endswith("named")


def test_a_route_whose_filter_does_not_let_the_record_through_is_passed_over_when_it_goes_on(
    order: dict[str, Any],
) -> None:
    app = StreamHandler(attempts=2, backoff_ms=0, **order)
    other = Flaky({})
    app.on()(Flaky({0: 1}))
    app.on(where={"eventName": ["REMOVE"]})(other)
    assert app(event_of("a")) == DONE
    assert not other.calls


def test_quarantine_is_never_tried_again(order: dict[str, Any], road: Road) -> None:
    store = Store()
    app = StreamHandler(attempts=5, backoff_ms=0, quarantine=store, **order)
    flaky = Flaky({0: 9}, lambda: Quarantine("no"))
    app.on()(flaky)
    assert app(road(event_of("a"))) == DONE
    assert flaky.calls == [0]
    assert len(store.kept) == 1


def test_a_broken_record_is_not_tried_again(order: dict[str, Any], road: Road) -> None:
    app, calls, event = StreamHandler(attempts=5, backoff_ms=0, **order), [], event_of("a")
    event["Records"][0]["dynamodb"]["NewImage"]["n"] = {"N": "no number"}

    @app.on()
    def handle(record: Record) -> None:
        calls.append(1)
        record.new_image  # noqa: B018

    assert app(road(event)) == reported(event, 0)
    assert calls == [1]


def test_the_last_error_is_the_one_that_is_set_aside(order: dict[str, Any], road: Road) -> None:
    store, errors = Store(), []

    def failing(record: Record) -> None:
        errors.append(OSError(len(errors)))
        raise errors[-1]

    app = StreamHandler(attempts=3, backoff_ms=0, on_error="quarantine", quarantine=store, **order)
    app.on()(failing)
    assert app(road(event_of("a"))) == DONE
    ((position, error, route),) = store.kept
    assert (position, error) == (0, errors[2])
    assert route.endswith("failing")
    assert error.__traceback__ is not None


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_is_not_tried_again(order: dict[str, Any], error: Any) -> None:
    app, flaky = StreamHandler(attempts=3, backoff_ms=0, **order), Flaky({0: 9}, error)
    app.on()(flaky)
    with pytest.raises(error):
        app(event_of("a"))
    assert flaky.calls == [0]


def test_an_async_handler_is_tried_again(order: dict[str, Any]) -> None:
    app, calls = StreamHandler(attempts=3, backoff_ms=0, **order), []

    @app.on()
    async def handle(record: Record) -> None:
        await asyncio.sleep(0)
        calls.append(1)
        if len(calls) < 3:
            raise OSError

    assert app(event_of("a")) == DONE
    assert len(calls) == 3


# Pauses


def test_the_pause_is_drawn_from_nothing_up_to_a_length_that_doubles_and_has_an_end() -> None:
    retrying = Retrying(100, 50)
    for attempt, longest_ms in [(1, 50), (2, 100), (5, 800), (9, 12_800), (10, 20_000), (99, 20_000)]:
        drawn = [retrying.pause_ms(attempt) for _ in range(400)]
        assert 0 <= min(drawn) < longest_ms * 0.1
        assert longest_ms * 0.9 < max(drawn) <= longest_ms


def test_it_pauses_between_the_attempts(order: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(Retrying, "pause_ms", lambda self, attempt: (asked.append(attempt), 40.0)[1])
    app = StreamHandler(attempts=3, **order)
    app.on()(Flaky({0: 2}))
    before = time.monotonic()
    assert app(event_of("a")) == DONE
    assert time.monotonic() - before >= 0.08
    assert asked == [1, 2]


class Remaining:
    def __init__(self, remaining_ms: float) -> None:
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> float:
        return self.remaining_ms


def app_in_a_hurry(order: dict[str, Any], **options: Any) -> tuple[StreamHandler, Flaky, Remaining]:
    """Each attempt takes a second; the margin is two."""
    context = Remaining(5500)
    app, flaky = StreamHandler(attempts=9, backoff_ms=0, **order, **options), Flaky({0: 99, 1: 99})

    @app.on()
    def handle(record: Record) -> None:
        context.remaining_ms -= 1000
        flaky(record)

    return app, flaky, context


def test_no_attempt_is_made_for_which_the_time_does_not_last(order: dict[str, Any]) -> None:
    app, flaky, context = app_in_a_hurry(order)
    event = event_of("aa")
    assert app(event, context) == reported(event, 0)
    assert flaky.calls == [0] * 4


def test_a_pause_that_would_end_behind_the_margin_is_not_made(
    order: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Retrying, "pause_ms", lambda self, attempt: 3500.0)
    app, flaky, context = app_in_a_hurry(order)
    event = event_of("aa")
    before = time.monotonic()
    assert app(event, context) == reported(event, 0)
    assert flaky.calls == [0]
    assert time.monotonic() - before < 3


def test_a_record_with_too_little_time_for_its_attempts_comes_again_instead_of_being_set_aside(
    order: dict[str, Any],
) -> None:
    store = Store()
    app, flaky, context = app_in_a_hurry(order, on_error="quarantine", quarantine=store)
    flaky.failures = {1: 99}
    event = event_of("aa")
    assert app(event, context) == reported(event, 1)
    assert flaky.calls == [0, 1, 1, 1]
    assert not store.kept


def test_the_first_record_had_all_the_time_there_is_so_it_is_set_aside(order: dict[str, Any]) -> None:
    """Else it would block its shard until the stream forgets it, whatever on_error says."""
    store = Store()
    app, flaky, context = app_in_a_hurry(order, on_error="quarantine", quarantine=store)
    event = event_of("aa")
    assert app(event, context) == reported(event, 1)
    assert flaky.calls == [0] * 4
    assert [position for position, *_ in store.kept] == [0]
