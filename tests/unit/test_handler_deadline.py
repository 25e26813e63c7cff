"""The deadline: what is started, what is left for the next invocation."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import HandlerError, StreamHandler
from tailrace.testing import make_event

DONE: dict[str, list[Any]] = {"batchItemFailures": []}


class Context:
    """A context with a clock of its own: each record takes `record_ms`."""

    def __init__(self, remaining_ms: float) -> None:
        self.remaining_ms = remaining_ms

    def get_remaining_time_in_millis(self) -> float:
        return self.remaining_ms


def run(context: Context, *, record_ms: float, count: int = 5, **options: Any) -> tuple[int, Any, Any]:
    """How many records were started, the answer, and the event."""
    app, started = StreamHandler(**options), []

    @app.insert
    def handle(record: Any) -> None:
        started.append(record)
        context.remaining_ms -= record_ms

    event = make_event([{"id": str(number)} for number in range(count)])
    answer = app(event, context)
    return len(started), answer, event


def number_at(event: Any, position: int) -> str:
    number: str = event["Records"][position]["dynamodb"]["SequenceNumber"]
    return number


@pytest.mark.parametrize(
    ("remaining_ms", "record_ms", "started"),
    [
        (10_000, 1000, 5),
        (5000, 1000, 3),  # after three there are 2,000 ms left: the margin
        (5001, 1000, 4),
        (10_000, 20_000, 1),
        (1000, 100, 5),  # the margin is half of 1,000: the fifth starts at 600
        (1000, 200, 3),
        (3000, 400, 4),  # the margin is half of 3,000
        (1, 0, 5),
        (0, 0, 1),  # at least one, whatever the deadline
    ],
)
def test_records_start_until_the_margin(remaining_ms: float, record_ms: float, started: int) -> None:
    count, answer, event = run(Context(remaining_ms), record_ms=record_ms)
    assert count == started
    reported = [] if started == 5 else [{"itemIdentifier": number_at(event, started)}]
    assert answer == {"batchItemFailures": reported}


def test_the_margin_is_the_one_given() -> None:
    assert run(Context(10_000), record_ms=1000, deadline_margin_ms=0)[0] == 5
    assert run(Context(4000), record_ms=1000, deadline_margin_ms=0)[0] == 4
    assert run(Context(20_000), record_ms=4000, deadline_margin_ms=9000)[0] == 3


@pytest.mark.parametrize("context", [None, object(), {}], ids=["None", "another object", "a dict"])
def test_without_a_clock_there_is_no_deadline(context: Any) -> None:
    app, started = StreamHandler(), []
    app.insert(started.append)
    assert app(make_event([{"id": "a"}, {"id": "b"}]), context) == DONE
    assert len(started) == 2


def test_what_never_started_raises_where_the_answer_would_be_ignored() -> None:
    with pytest.raises(HandlerError, match="the time ran out") as caught:
        run(Context(0), record_ms=0, report="raise")
    assert caught.value.__cause__ is None


def test_records_without_a_route_take_part() -> None:
    event = make_event([{"id": "a"}, {"id": "b"}])
    assert StreamHandler()(event, Context(0)) == {"batchItemFailures": [{"itemIdentifier": number_at(event, 1)}]}


class Watching:
    """A sink that keeps what it was given."""

    def __init__(self) -> None:
        self.remaining_ms: list[float] = []
        self.ids: list[str] = []

    def write(self, records: Any, *, deadline: Any) -> list[Any]:
        self.remaining_ms.append(deadline.remaining_ms())
        self.ids += [record.keys["id"] for record in records]
        return []

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("context", "low", "high"),
    [(None, math.inf, math.inf), (Context(10_000), 7000, 8000), (Context(1000), 0, 500), (Context(0), 0, 0)],
    ids=["None", "plenty", "half", "nothing"],
)
def test_a_sink_gets_the_deadline_with_the_margin_off(context: Any, low: float, high: float) -> None:
    app = StreamHandler()
    sink = app.sink(Watching())
    app(make_event([{"id": "a"}]), context)
    assert low <= sink.remaining_ms[0] <= high


def test_a_sink_gets_what_was_started() -> None:
    app, context = StreamHandler(), Context(10_000)
    sink = app.sink(Watching())

    @app.insert
    def slow(record: Any) -> None:
        context.remaining_ms -= 4500

    event = make_event([{"id": name} for name in "abcd"])
    assert app(event, context) == {"batchItemFailures": [{"itemIdentifier": number_at(event, 2)}]}
    assert sink.ids == ["a", "b"]


def test_the_log_says_that_the_time_was_short(caplog: pytest.LogCaptureFixture) -> None:
    _, _, event = run(Context(0), record_ms=0, count=3)
    assert [entry.levelname for entry in caplog.records] == ["WARNING"]
    assert "2 records not started" in caplog.text
    assert number_at(event, 1) in caplog.text


def test_a_clock_that_breaks_fails_the_invocation() -> None:
    class Broken:
        def get_remaining_time_in_millis(self) -> float:
            raise OSError("no clock")

    clock: Callable[[], Any] = Broken
    with pytest.raises(OSError, match="no clock"):
        StreamHandler()(make_event([{"id": "a"}]), clock())


@pytest.mark.parametrize("answer", [None, "1000", object(), True])
def test_a_context_that_answers_no_number_is_named(answer: object) -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> object:
            return answer

    with pytest.raises(TypeError, match=r"get_remaining_time_in_millis\(\) answered \w+ and not a number"):
        StreamHandler()(make_event([{"id": "a"}]), Context())
