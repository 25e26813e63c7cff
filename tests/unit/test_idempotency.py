"""Records that were handled before: their routes are not run again, their sinks get them, and nothing is skipped."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tailrace import Quarantine, Record, SinkError, StreamHandler
from tailrace.idempotency import MemorySeen, SqliteSeen
from tailrace.idempotency.seen import record_key
from tailrace.sinks import MemorySink, SqliteQuarantine
from tailrace.testing import EventSourceMapping, make_event, make_record

Road = Callable[[Any], Any]
DONE: dict[str, list[Any]] = {"batchItemFailures": []}
EVENT = make_event([{"id": name} for name in "abcd"])
NAMES = ["memory", "sqlite"]


def reported(position: int, event: Any = EVENT) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][position]["dynamodb"]["SequenceNumber"]}]}


@pytest.fixture(params=NAMES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return MemorySeen() if request.param == "memory" else SqliteSeen(tmp_path / "seen.db", name="app")


class Flaky:
    """A route that keeps what it was called with, and fails at the records it is told to."""

    def __init__(self, fails: str = "") -> None:
        self.fails = set(fails)
        self.got: list[str] = []

    def __call__(self, record: Record) -> None:
        self.got.append(record.keys["id"])
        if record.keys["id"] in self.fails:
            raise RuntimeError("no")


def handler(route: Callable[[Record], object], store: Any, **options: Any) -> StreamHandler:
    app = StreamHandler(idempotency=store, **options)
    app.on()(route)
    return app


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


def test_memory_forgets_what_was_used_longest_ago() -> None:
    store = MemorySeen(capacity=2)
    for key in "ab":
        store.mark(key)
    assert store.seen(["a"]) == {"a"}
    store.mark("c")
    assert store.seen(["a", "b", "c"]) == {"a", "c"}
    store.mark("a")
    store.mark("d")
    assert store.seen(["a", "b", "c", "d"]) == {"a", "d"}


@pytest.mark.parametrize(
    ("capacity", "error"), [(0, ValueError), (-1, ValueError), (True, TypeError), (1.5, TypeError)]
)
def test_memory_needs_room(capacity: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="capacity"):
        MemorySeen(capacity)


def test_a_file_keeps_handlers_apart_and_outlives_them(tmp_path: Path) -> None:
    for name, found in (("left", set()), ("right", set()), ("left", {"k"})):
        with SqliteSeen(tmp_path / "seen.db", name=name) as store:
            assert store.seen(["k"]) == found
            store.mark("k")
    with SqliteSeen(tmp_path / "seen.db", name="left") as left:
        assert left.seen(["k", "other"]) == {"k"}
    with SqliteSeen(tmp_path / "seen.db", name="third") as third:
        assert third.seen(["k"]) == set()


def test_a_file_is_asked_for_any_number_of_keys(tmp_path: Path) -> None:
    with SqliteSeen(tmp_path / "seen.db", name="app") as store:
        store.mark("700")
        assert store.seen([str(number) for number in range(1000)]) == {"700"}
        assert store.seen([]) == set()


def test_an_expired_mark_is_none_and_is_swept_away(tmp_path: Path) -> None:
    file = tmp_path / "seen.db"
    with SqliteSeen(file, name="app") as store:
        store.mark("old")
        connection = sqlite3.connect(file)
        (expires_ms,) = connection.execute("SELECT expires_ms FROM seen").fetchone()
        assert 25 * 3600 - 10 < expires_ms / 1000 - time.time() <= 25 * 3600
        connection.execute("UPDATE seen SET expires_ms = ?", (int(time.time() * 1000) - 1,))
        connection.commit()
        assert store.seen(["old"]) == set()
        store.mark("new")
        assert connection.execute("SELECT key FROM seen").fetchall() == [("new",)]
        connection.close()


def test_a_file_that_cannot_be_written_fails_the_record(tmp_path: Path) -> None:
    store = SqliteSeen(tmp_path / "no" / "such" / "folder.db", name="app")
    with pytest.raises(SinkError):
        store.seen(["k"])
    route = Flaky()
    assert handler(route, store)(EVENT) == reported(0)
    assert route.got == []


@pytest.mark.parametrize("ttl_ms", [0, 24 * 3_600_000, 25 * 3_600_000 - 1, float("nan"), float("inf")])
def test_marks_live_for_25_hours_at_least(tmp_path: Path, ttl_ms: float) -> None:
    with pytest.raises(ValueError, match="25 hours"):
        SqliteSeen(tmp_path / "seen.db", name="app", ttl_ms=ttl_ms)


@pytest.mark.parametrize("name", [None, "", "two words", "a\tb"])
def test_a_shared_store_needs_the_name_of_its_handler(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    with pytest.raises(ValueError, match="name="):
        SqliteSeen(tmp_path / "seen.db", name=name)


def test_in_lambda_the_name_is_that_of_the_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders")
    with SqliteSeen(tmp_path / "seen.db") as store:
        store.mark("k")
    with SqliteSeen(tmp_path / "seen.db", name="orders") as named:
        assert named.seen(["k"]) == {"k"}


def test_the_key_is_where_it_came_from_and_its_event_id() -> None:
    record = make_record(new_image={"id": "a"}, event_id="e 1", table_name="orders")
    key = record_key(record)
    assert key is not None
    arn, _, event_id = key.partition(" ")
    assert arn == record.event_source_arn
    assert event_id == "e 1"


def test_a_quarantined_claim_goes_to_the_quarantine(tmp_path: Path) -> None:
    """A store may say that a person must decide."""

    class Doubtful(MemorySeen):
        claims = True

        def claim(self, key: str, *, remaining_ms: float | None) -> bool:
            raise Quarantine("look it up")

        def release(self, key: str) -> None:
            raise AssertionError("nothing was claimed")

    route, quarantine = Flaky(), SqliteQuarantine(tmp_path / "aside.db")
    assert handler(route, Doubtful(), quarantine=quarantine)(EVENT) == DONE
    assert [entry.reason for entry in quarantine] == ["look it up"] * 4
    assert handler(route, Doubtful())(EVENT) == reported(0), "without a quarantine it is a failure"
    assert route.got == []


def test_claims_are_given_back_when_a_record_fails_or_is_set_aside(tmp_path: Path) -> None:
    class Claims(MemorySeen):
        claims = True

        def __init__(self) -> None:
            super().__init__()
            self.said: list[str] = []

        def claim(self, key: str, *, remaining_ms: float | None) -> bool:
            assert remaining_ms is None
            self.said.append("claim")
            return not self.seen([key])

        def mark(self, key: str) -> None:
            self.said.append("mark")
            super().mark(key)

        def release(self, key: str) -> None:
            self.said.append("release")
            raise OSError("no network")

    store, route = Claims(), Flaky("b")
    app = handler(route, store, quarantine=SqliteQuarantine(tmp_path / "aside.db"))
    assert app(EVENT) == reported(1), "a claim that cannot be given back changes nothing of that"
    assert store.said == ["claim", "mark", "claim", "release"]

    @app.on()
    def refuse(record: Record) -> None:
        raise Quarantine("no")

    route.fails.clear()
    store.said.clear()
    assert app(make_event([{"id": "z"}])) == DONE
    assert store.said == ["claim", "release"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where there is fork")
def test_a_forked_child_may_use_the_file(tmp_path: Path) -> None:
    with SqliteSeen(tmp_path / "seen.db", name="app") as store:
        store.mark("parent")
        child = os.fork()
        if not child:
            found = store.seen(["parent"])
            store.mark("child")
            os._exit(0 if found else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert store.seen(["parent", "child"]) == {"parent", "child"}
