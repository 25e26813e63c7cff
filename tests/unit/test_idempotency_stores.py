"""The stores of handled records, each by itself: what it keeps, how long, and for whom."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from tailrace import Quarantine, Record, SinkError
from tailrace.idempotency import MemorySeen, SqliteSeen
from tailrace.idempotency.seen import record_key
from tailrace.sinks import SqliteQuarantine
from tailrace.testing import make_event, make_record
from tests.unit.seen import DONE, EVENT, Flaky, handler, reported


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
