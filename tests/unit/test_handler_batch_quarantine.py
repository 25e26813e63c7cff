"""``@app.batch`` and the quarantine: what is set aside of many records, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pydantic
import pytest

from tailrace import HandlerError, ModelError, Quarantine, Record, StreamHandler
from tailrace.sinks import MemorySink
from tailrace.sinks.base import SinkFailure
from tailrace.testing import make_event
from tests.unit.stage import ids, named, reported

Road = Callable[[Any], Any]
DONE: dict[str, Any] = {"batchItemFailures": []}
SIX = [{"id": name} for name in "abcdef"]


class Store:
    """A quarantine, as a list of ids and errors."""

    def __init__(self) -> None:
        self.added: list[tuple[str, BaseException, str]] = []

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        self.added.append((record.keys["id"], error, route.rpartition(".")[2]))


class Item(pydantic.BaseModel):
    id: str
    n: int = 0


@pytest.mark.parametrize("form", ["record", "pair", "failure"])
def test_quarantine_takes_what_it_returns(road: Road, form: str) -> None:
    store = Store()
    app, seen, sink = StreamHandler(on_error="quarantine", quarantine=store), [], MemorySink()
    error = OSError("no")
    forms: dict[str, Any] = {
        "record": lambda record: record,
        "pair": lambda record: (record, error),
        "failure": lambda record: SinkFailure(record, error),
    }

    @app.batch
    def index(records: list[Record]) -> Any:
        return [forms[form](record) for record in named(records, "be")]

    app.batch(lambda records: seen.append(ids(records)))
    app.sink(sink)
    assert app(road(make_event(SIX))) == DONE
    assert [(name, route) for name, _, route in store.added] == [("b", "index"), ("e", "index")]
    kept = [each for _, each, _ in store.added]
    assert kept == [error] * 2 if form != "record" else all(isinstance(each, HandlerError) for each in kept)
    assert seen == ["acdf"]
    assert ids(sink.records) == "acdf"


def test_a_quarantine_in_a_pair_sets_one_record_aside(road: Road) -> None:
    store = Store()
    app = StreamHandler(quarantine=store)

    @app.batch
    def index(records: list[Record]) -> Any:
        return [(records[1], Quarantine("no such customer")), (records[4], OSError("no")), (records[5], Quarantine())]

    event = make_event(SIX)
    assert app(road(event)) == reported(event, 4)
    assert [name for name, _, _ in store.added] == ["b"], "what lies behind a failure comes again"


def test_a_quarantine_without_a_store_is_a_failure(road: Road) -> None:
    app = StreamHandler()
    app.batch(lambda records: [(records[1], Quarantine("no"))])
    event = make_event(SIX)
    assert app(road(event)) == reported(event, 1)


@pytest.mark.parametrize("error", [OSError("no"), Quarantine("which?")])
def test_a_raise_sets_nothing_aside(road: Road, error: Exception) -> None:
    store = Store()
    app = StreamHandler(on_error="quarantine", quarantine=store, report="raise")

    @app.batch
    def index(records: list[Record]) -> None:
        raise error

    with pytest.raises(HandlerError) as caught:
        app(road(make_event(SIX)))
    assert not store.added
    cause = caught.value.__cause__
    assert error in (cause, cause.__cause__ if cause else None)


def test_what_was_set_aside_before_is_not_among_its_records(road: Road) -> None:
    app, seen = StreamHandler(quarantine=Store()), []

    @app.insert
    def handle(record: Record) -> None:
        if record.keys["id"] in "bc":
            raise Quarantine("no")

    app.batch(lambda records: seen.append(ids(records)))
    assert app(road(make_event(SIX))) == DONE
    assert seen == ["adef"]


@pytest.mark.parametrize("quarantine", [None, Store()])
def test_an_image_that_is_not_taken_fails_alone(road: Road, quarantine: Any) -> None:
    options: Any = {"on_error": "quarantine", "quarantine": quarantine} if quarantine else {}
    app, seen = StreamHandler(**options), []
    app.batch(model=Item)(lambda records: seen.append(ids(records)))
    event = make_event([{"id": "a"}, {"id": "b", "n": "?"}, {"id": "c"}])
    assert app(road(event)) == (DONE if quarantine else reported(event, 1))
    assert seen == (["ac"] if quarantine else ["a"])
    if quarantine:
        assert [(name, type(error)) for name, error, _ in quarantine.added[-1:]] == [("b", ModelError)]
