"""Records that were handled before: their routes are not run again, their sinks get them, and nothing is skipped."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tailrace import Record, StreamHandler
from tailrace.idempotency import MemorySeen, SqliteSeen
from tailrace.sinks import MemorySink, SqliteQuarantine
from tailrace.testing import EventSourceMapping, make_event, make_record
from tests.unit.seen import DONE, EVENT, Flaky, handler, reported

Road = Callable[[Any], Any]
NAMES = ["memory", "sqlite"]


@pytest.fixture(params=NAMES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemorySeen() if request.param == "memory" else SqliteSeen(tmp_path / "seen.db", name="app")


class Watched(MemorySeen):
    """Keeps what it was asked and told, and fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []
        self.told: list[str] = []
        self.seen_fails: set[int] = set()
        self.mark_fails: set[str] = set()

    def seen(self, keys: Sequence[str]) -> set[str]:
        self.asked.append(len(keys))
        if len(self.asked) in self.seen_fails:
            raise OSError("no answer")
        return super().seen(keys)

    def mark(self, key: str) -> None:
        self.told.append(key.rsplit(maxsplit=1)[-1])
        if key.rsplit(maxsplit=1)[-1] in self.mark_fails:
            raise OSError("no disk")
        super().mark(key)


def test_a_record_that_comes_again_is_not_run_again(road: Road, store: Any) -> None:
    route = Flaky()
    app = handler(route, store)
    assert app(road(EVENT)) == app(road(EVENT)) == DONE
    assert route.got == ["a", "b", "c", "d"]


def test_one_that_failed_is_run_again_and_those_before_it_are_not(road: Road, store: Any) -> None:
    route = Flaky("c")
    app = handler(route, store)
    assert app(road(EVENT)) == reported(2)
    route.fails.clear()
    assert app(road(EVENT)) == DONE
    assert route.got == ["a", "b", "c", "c", "d"]


def test_it_is_seen_only_when_all_of_its_routes_have_succeeded(store: Any) -> None:
    first, second = Flaky(), Flaky("a")
    app = handler(first, store)
    app.on()(second)
    event = make_event([{"id": "a"}])
    assert app(event) == reported(0, event)
    second.fails.clear()
    assert app(event) == app(event) == DONE
    assert first.got == second.got == ["a", "a"], "the first route is run again, as the record was not seen"


def test_the_sinks_get_what_was_seen(road: Road, store: Any) -> None:
    """The routes were through with it, and the sink may have failed: it has its own guard."""
    sink = MemorySink()
    app = handler(Flaky(), store)
    app.sink(sink)
    app(road(EVENT))
    app(road(EVENT))
    assert [record.keys["id"] for record in sink.records] == list("abcd") * 2


def test_what_was_set_aside_is_not_seen_and_no_sink_gets_it_when_it_comes_again(tmp_path: Path, store: Any) -> None:
    sink, quarantine = MemorySink(), SqliteQuarantine(tmp_path / "aside.db")
    route = Flaky("b")
    app = handler(route, store, on_error="quarantine", quarantine=quarantine)
    app.sink(sink)
    assert app(EVENT) == app(EVENT) == DONE
    assert route.got == ["a", "b", "c", "d", "b"]
    assert [record.keys["id"] for record in sink.records] == list("acd") * 2
    (entry,) = quarantine
    assert entry.attempt_count == 2
    route.fails.clear()
    assert app({"Records": [entry.record]}) == DONE
    assert route.got[-1] == "b", "a replay runs it"


def test_the_same_record_twice_in_a_batch_is_run_once(road: Road, store: Any) -> None:
    record = EVENT["Records"][0]
    route = Flaky()
    assert handler(route, store)(road({"Records": [record, record]})) == DONE
    assert route.got == ["a"]


def test_a_record_without_an_event_id_is_always_run(road: Road, store: Any) -> None:
    event = make_event([make_record(new_image={"id": "a"}, event_id="")])
    del event["Records"][0]["eventID"]
    route = Flaky()
    app = handler(route, store)
    assert app(road(event)) == app(road(event)) == DONE
    assert route.got == ["a", "a"]


def test_records_of_two_tables_with_one_event_id_are_two(road: Road, store: Any) -> None:
    records = [make_record(new_image={"id": table}, event_id="1", table_name=table) for table in ("left", "right")]
    route = Flaky()
    assert handler(route, store)(road(make_event(records))) == DONE
    assert route.got == ["left", "right"]


def test_what_no_route_wants_is_neither_asked_for_nor_marked(road: Road) -> None:
    store = Watched()
    app = StreamHandler(idempotency=store)
    app.remove(Flaky())
    app.insert(Flaky(), where={"dynamodb": {"Keys": {"id": {"S": ["b"]}}}})
    assert app(road(EVENT)) == DONE
    assert store.asked == [1]
    assert len(store.told) == 1


@pytest.mark.parametrize("order", ["sequential", "per_item"])
def test_a_store_is_asked_for_a_hundred_at_a_time(order: Any) -> None:
    store = Watched()
    app = handler(Flaky(), store, order=order, workers=1 if order == "sequential" else 4)
    assert app(make_event([{"id": str(number)} for number in range(250)])) == DONE
    assert sorted(store.asked) == [50, 100, 100]
    assert len(store.told) == 250


def test_a_store_that_cannot_be_asked_fails_the_record_before_it_is_run(
    road: Road, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store, route = Watched(), Flaky()
    store.seen_fails = {2}
    event = make_event([{"id": str(number)} for number in range(150)])
    app = handler(route, store, on_error="quarantine", quarantine=SqliteQuarantine(tmp_path / "aside.db"))
    assert app(road(event)) == reported(100, event), "no outage of a store fills the quarantine"
    assert len(route.got) == 100
    assert "no answer" in caplog.text
    assert app(road(event)) == DONE
    assert route.got == [str(number) for number in range(150)]


@pytest.mark.parametrize("answer", [lambda keys: dict.fromkeys(keys, False), "".join, lambda keys: None, len])
def test_an_answer_that_is_no_list_of_keys_does_not_skip_a_record(answer: Callable[[Any], Any]) -> None:
    class Wrong(MemorySeen):
        def seen(self, keys: Sequence[str]) -> Any:
            return answer(keys)

    route = Flaky()
    assert handler(route, Wrong())(EVENT) == reported(0)
    assert not route.got


@pytest.mark.parametrize("answer", [None, 1, "claimed"])
def test_an_answer_that_is_neither_yes_nor_no_does_not_skip_a_record(answer: Any) -> None:
    class Wrong(MemorySeen):
        claims = True

        def claim(self, key: str, *, remaining_ms: float | None) -> Any:
            return answer

        def release(self, key: str) -> None:
            raise AssertionError("nothing was claimed")

    route = Flaky()
    assert handler(route, Wrong())(EVENT) == reported(0)
    assert not route.got


def test_a_record_that_cannot_be_marked_has_failed(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    store, route = Watched(), Flaky()
    store.mark_fails = {EVENT["Records"][1]["eventID"]}
    app = handler(route, store)
    assert app(road(EVENT)) == reported(1)
    assert "its routes have run and it could not be marked" in caplog.text
    store.mark_fails.clear()
    assert app(road(EVENT)) == DONE
    assert route.got == ["a", "b", "b", "c", "d"]


def test_a_store_may_be_async() -> None:
    class Async:
        def __init__(self) -> None:
            self.keys: set[str] = set()

        async def seen(self, keys: Sequence[str]) -> list[str]:
            return [key for key in keys if key in self.keys]

        async def mark(self, key: str) -> None:
            self.keys.add(key)

    for options in ({}, {"order": "per_item", "workers": 3}):
        route = Flaky()
        app = handler(route, Async(), **options)
        assert app(EVENT) == app(EVENT) == DONE
        assert sorted(route.got) == ["a", "b", "c", "d"]


def test_in_threads_each_record_is_run_once(store: Any) -> None:
    route = Flaky()
    event = make_event([{"id": str(number % 7), "n": number} for number in range(300)])
    app = handler(route, store, order="per_item", workers=8)
    assert app(event) == app(event) == DONE
    assert len(route.got) == 300


@pytest.mark.parametrize("workers", [1, 4])
def test_routes_that_are_awaited_are_not_run_again_either(store: Any, workers: int) -> None:
    """Such a handler has no thread for each record, unless there is a store to ask."""
    got: list[str] = []
    app = StreamHandler(idempotency=store, order="per_item", workers=workers)

    @app.on()
    async def slowly(record: Record) -> None:
        got.append(record.keys["id"])
        await asyncio.sleep(0.001)

    assert app(EVENT) == app(EVENT) == DONE
    assert sorted(got) == ["a", "b", "c", "d"]


def test_what_was_cut_off_is_not_marked(store: Any) -> None:
    got: list[str] = []
    app = StreamHandler(idempotency=store, order="per_item", workers=2, deadline_margin_ms=50)

    @app.on()
    async def slowly(record: Record) -> None:
        got.append(record.keys["id"])
        await asyncio.sleep(0 if len(got) > 1 else 5)

    class Context:
        end = time.monotonic() + 0.3

        def get_remaining_time_in_millis(self) -> int:
            return int((self.end - time.monotonic()) * 1000)

    event = make_event([{"id": "a"}])
    assert app(event, Context()) == reported(0, event)
    assert app(event) == app(event) == DONE
    assert got == ["a", "a"]


def test_a_thread_that_outlives_its_invocation_marks_its_record(store: Any) -> None:
    """It is reported, comes again, and was handled: its routes are not run a second time."""
    got: list[str] = []
    app = StreamHandler(idempotency=store, order="per_item", workers=2, deadline_margin_ms=100)
    gate = threading.Event()

    @app.on()
    def slow(record: Record) -> None:
        got.append(record.keys["id"])
        gate.wait(5)

    class Context:
        def __init__(self) -> None:
            self.end = time.monotonic() + 0.3

        def get_remaining_time_in_millis(self) -> int:
            return int((self.end - time.monotonic()) * 1000)

    event = make_event([{"id": "a"}])
    assert app(event, Context()) == reported(0, event)
    gate.set()
    assert app(event, None) == DONE
    assert got == ["a"]


def test_under_a_mapping_that_repeats_everything_each_effect_happens_once(store: Any) -> None:
    route = Flaky("c")
    app = handler(route, store)

    def mending(event: Any, context: Any) -> Any:
        answer = app(event, context)
        route.fails.clear()
        return {"batchItemFailures": [{"itemIdentifier": ""}]} if answer != DONE else answer

    report = EventSourceMapping(mending, event_format="bytes").deliver(EVENT)
    assert len(report.done) == 4
    assert route.got == ["a", "b", "c", "c", "d"]


@pytest.mark.parametrize("wrong", [object(), MemorySeen, 5])
def test_what_is_no_store_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"idempotency= needs a store with seen\(\), mark\(\)"):
        StreamHandler(idempotency=wrong)


def test_a_store_that_claims_needs_claim_and_release() -> None:
    class Half(MemorySeen):
        claims = True

    with pytest.raises(TypeError, match="claim"):
        StreamHandler(idempotency=Half())


def test_one_store_serves_one_handler(store: Any) -> None:
    """Or what one of them has handled, the other would never see."""
    app = StreamHandler(idempotency=store)
    with pytest.raises(ValueError, match="of another handler"):
        StreamHandler(idempotency=store)
    del app
    StreamHandler(idempotency=store)


def test_a_store_without_a_weak_reference_is_taken() -> None:
    class Slotted:
        __slots__ = ()
        __hash__ = None  # type: ignore[assignment]

        def seen(self, keys: Sequence[str]) -> list[str]:
            return []

        def mark(self, key: str) -> None: ...

    assert handler(Flaky(), Slotted())(EVENT) == DONE
