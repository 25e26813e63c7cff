"""Quarantine: one record is set aside and the others go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailrace import EventFormatError, HandlerError, Quarantine, Record, StreamHandler
from tailrace.sinks import SqliteQuarantine
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
DONE: dict[str, list[Any]] = {"batchItemFailures": []}
EVENT = make_event([{"id": name} for name in "abc"])


def reported(position: int, event: Any = EVENT) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][position]["dynamodb"]["SequenceNumber"]}]}


class Store:
    """Keeps what is set aside in a list."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, BaseException, str]] = []

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        self.kept.append((record.keys["id"], error, route))


class FullStore(Store):
    """Can't keep anything."""

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        raise OSError("no disk")


def app_raising(error: BaseException, **options: Any) -> tuple[StreamHandler, list[str]]:
    """A handler that raises the error at the second record, and a later route that keeps what it sees."""
    app, later = StreamHandler(**options), []

    @app.on()
    def handle(record: Record) -> None:
        if record.keys["id"] == "b":
            raise error

    app.on()(lambda record: later.append(record.keys["id"]))
    return app, later


def test_a_record_set_aside_counts_as_done(road: Road) -> None:
    store, error = Store(), Quarantine("no customer")
    app, later = app_raising(error, quarantine=store)
    assert app(road(EVENT)) == DONE
    assert [(key, kept) for key, kept, _ in store.kept] == [("b", error)]
    assert store.kept[0][2].endswith("app_raising.<locals>.handle")
    assert later == ["a", "c"], "no later route sees it"


def test_without_a_store_it_is_a_failure(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    app, later = app_raising(Quarantine("no customer"))
    assert app(road(EVENT)) == reported(1)
    assert later == ["a"]
    assert "no quarantine= store" in caplog.text
    assert "no customer" in caplog.text


def test_another_error_stops_even_with_a_store(road: Road) -> None:
    store = Store()
    app, _ = app_raising(RuntimeError("no"), quarantine=store)
    assert app(road(EVENT)) == reported(1)
    assert not store.kept


def test_every_error_is_set_aside_on_demand(road: Road) -> None:
    store, error = Store(), RuntimeError("no")
    app, later = app_raising(error, quarantine=store, on_error="quarantine")
    assert app(road(EVENT)) == DONE
    assert [kept for _, kept, _ in store.kept] == [error]
    assert later == ["a", "c"]


@pytest.mark.parametrize("error", [Quarantine("no customer"), RuntimeError("no")], ids=["Quarantine", "error"])
def test_a_record_that_cannot_be_stored_is_a_failure(
    road: Road, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    app, later = app_raising(error, quarantine=FullStore(), on_error="quarantine")
    assert app(road(EVENT)) == reported(1)
    assert later == ["a"]
    assert len(caplog.records) == 1
    assert "no disk" in caplog.text
    assert str(error) in caplog.text, "the first error is not hidden by the second"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit()], ids=["interrupt", "exit"])
def test_what_ends_the_process_is_not_set_aside(error: BaseException) -> None:
    store = Store()
    app, _ = app_raising(error, quarantine=store, on_error="quarantine")
    with pytest.raises(type(error)):
        app(EVENT)
    assert not store.kept


def test_an_event_nobody_knows_is_set_aside_on_demand() -> None:
    store = Store()
    app = StreamHandler(quarantine=store, on_error="quarantine")
    assert app(make_event([make_record(new_image={"id": "x"}, event_name="ARCHIVE")])) == DONE
    assert [(key, type(error), route) for key, error, route in store.kept] == [("x", EventFormatError, "")]


def test_a_store_may_be_async() -> None:
    class Async(Store):
        async def add(self, record: Record, *, error: BaseException, route: str) -> None:  # type: ignore[override]
            super().add(record, error=error, route=route)

    store = Async()
    app, _ = app_raising(Quarantine("x"), quarantine=store)
    assert app(EVENT) == DONE
    assert len(store.kept) == 1


def test_it_is_logged_once_as_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    app, _ = app_raising(Quarantine("no customer"), quarantine=Store())
    app(EVENT)
    assert [(entry.levelname, entry.name) for entry in caplog.records] == [("WARNING", "tailrace")]
    assert "record set aside" in caplog.text
    assert "no customer" in caplog.text


def test_the_record_comes_back_from_sqlite(road: Road, tmp_path: Path) -> None:
    with SqliteQuarantine(tmp_path / "quarantine.db") as store:
        app, _ = app_raising(Quarantine("no customer"), quarantine=store)
        assert app(road(EVENT)) == DONE
        assert app(road(EVENT)) == DONE
        (entry,) = store
    assert entry.reason == "no customer"
    assert entry.route.endswith("handle")
    replayed, seen = StreamHandler(), []
    replayed.insert(lambda record: seen.append(record.new_image))
    assert replayed({"Records": [entry.record]}) == DONE
    assert seen == [{"id": "b"}]


def test_a_malformed_record_is_set_aside_if_the_store_can_take_it(road: Road, tmp_path: Path) -> None:
    event = make_event([{"id": name} for name in "abc"])
    event["Records"][1]["eventName"] = 5
    with SqliteQuarantine(tmp_path / "quarantine.db") as store:
        app = StreamHandler(quarantine=store, on_error="quarantine")
        assert app(road(event)) == DONE
        (entry,) = store
    assert entry.sequence_number == event["Records"][1]["dynamodb"]["SequenceNumber"]
    assert entry.error_type.endswith("EventFormatError")


def test_a_malformed_record_that_no_store_can_take_fails(road: Road) -> None:
    event = make_event([{"id": name} for name in "abc"])
    event["Records"][1]["eventName"] = 5
    app = StreamHandler(quarantine=FullStore(), on_error="quarantine", report="raise")
    with pytest.raises(HandlerError) as caught:
        app(road(event))
    assert isinstance(caught.value.__cause__, HandlerError)
    assert isinstance(caught.value.__cause__.__cause__, OSError)
