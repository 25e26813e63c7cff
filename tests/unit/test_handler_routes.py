"""Routes: which functions see which record."""

from __future__ import annotations

import functools
from collections.abc import Callable
from itertools import product
from typing import Any
from unittest.mock import MagicMock, Mock

import pytest

from tailrace import EventFormatError, Record, StreamHandler
from tailrace.sinks import MemorySink
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
ITEM = {"id": "a"}


def one_of_each() -> list[Record]:
    return [make_record(new_image=ITEM), make_record(old_image=ITEM, new_image=ITEM), make_record(old_image=ITEM)]


def unknown_event() -> dict[str, Any]:
    return make_event([make_record(new_image=ITEM, event_name="ARCHIVE")])


class Nothing:
    """A sink that stores everything nowhere."""

    def write(self, records: Any, *, deadline: Any) -> list[Any]:
        return []

    def close(self) -> None:
        pass


def test_each_event_goes_to_its_route(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.insert(lambda record: seen.append(("insert", record.event_name)))
    app.modify(lambda record: seen.append(("modify", record.event_name)))
    app.remove(lambda record: seen.append(("remove", record.event_name)))
    app(road(make_event(one_of_each())))
    assert seen == [("insert", "INSERT"), ("modify", "MODIFY"), ("remove", "REMOVE")]


@pytest.mark.parametrize("name", ["insert", "modify", "remove"])
def test_a_decorator_works_with_and_without_parentheses(name: str) -> None:
    app, seen = StreamHandler(), []

    def handle(record: Record) -> None:
        seen.append(record.event_name)

    assert getattr(app, name)(handle) is handle
    assert getattr(app, name)()(handle) is handle
    app(make_event(one_of_each()))
    assert seen == [name.upper()] * 2


def test_on_takes_several_names() -> None:
    app, seen = StreamHandler(), []
    app.on("INSERT", "REMOVE")(lambda record: seen.append(record.event_name))
    app(make_event(one_of_each()))
    assert seen == ["INSERT", "REMOVE"]


def test_a_name_given_twice_routes_once() -> None:
    app, seen = StreamHandler(), []
    app.on("INSERT", "INSERT")(lambda record: seen.append(record.event_name))
    app(make_event(one_of_each()))
    assert seen == ["INSERT"]


@pytest.mark.parametrize("bare", [True, False], ids=["@app.on", "@app.on()"])
def test_on_without_names_takes_every_event(*, bare: bool) -> None:
    app, seen = StreamHandler(), []

    def handle(record: Record) -> None:
        seen.append(record.event_name)

    registered = app.on(handle) if bare else app.on()(handle)
    assert registered is handle
    app(make_event(one_of_each()))
    assert seen == ["INSERT", "MODIFY", "REMOVE"]


def test_every_matching_route_runs_in_order_of_registration() -> None:
    app, seen = StreamHandler(), []
    app.insert(lambda record: seen.append(1))
    app.on()(lambda record: seen.append(2))
    app.modify(lambda record: seen.append(0))
    app.on("INSERT", "MODIFY")(lambda record: seen.append(3))
    app.insert(lambda record: seen.append(4))
    app(make_event([ITEM]))
    assert seen == [1, 2, 3, 4]


def test_a_function_may_be_registered_many_times() -> None:
    app, seen = StreamHandler(), []

    def handle(record: Record) -> None:
        seen.append(record.event_name)

    app.insert(app.insert(app.on("INSERT", "REMOVE")(handle)))
    app(make_event(one_of_each()))
    assert seen == ["INSERT"] * 3 + ["REMOVE"]


def test_a_route_may_be_added_after_an_invocation() -> None:
    app, seen = StreamHandler(), []
    app(make_event([ITEM]))
    app.insert(lambda record: seen.append(record.event_name))
    app(make_event([ITEM]))
    assert seen == ["INSERT"]


def test_a_failing_route_keeps_the_later_ones_from_the_record() -> None:
    app, seen = StreamHandler(), []

    def broken(record: Record) -> None:
        raise RuntimeError

    app.insert(broken)
    app.insert(seen.append)
    assert app(make_event([ITEM]))["batchItemFailures"]
    assert not seen


def test_routes_of_one_record_share_its_view() -> None:
    app, seen = StreamHandler(), []
    app.insert(seen.append)
    app.insert(seen.append)
    app(make_event([ITEM]))
    assert seen[0] is seen[1]


def test_a_record_without_a_route_is_done(road: Road) -> None:
    app = StreamHandler()
    app.modify(lambda record: None)
    assert app(road(make_event([ITEM]))) == {"batchItemFailures": []}


def test_an_event_nobody_knows_is_never_skipped(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.on("INSERT", "MODIFY", "REMOVE")(seen.append)
    event = unknown_event()
    number = event["Records"][0]["dynamodb"]["SequenceNumber"]
    assert app(road(event)) == {"batchItemFailures": [{"itemIdentifier": number}]}
    assert not seen


def test_an_event_nobody_knows_names_itself_in_the_error() -> None:
    app = StreamHandler(report="raise")
    with pytest.raises(Exception, match="not done") as caught:
        app(unknown_event())
    assert isinstance(caught.value.__cause__, EventFormatError)
    assert "'ARCHIVE'" in str(caught.value.__cause__)


def test_a_route_of_every_event_takes_one_that_nobody_knows(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.on()(lambda record: seen.append(record.event_name))
    assert app(road(unknown_event())) == {"batchItemFailures": []}
    assert seen == ["ARCHIVE"]


def test_a_sink_takes_an_event_that_nobody_knows(road: Road) -> None:
    app = StreamHandler()
    app.sink(Nothing())
    assert app(road(unknown_event())) == {"batchItemFailures": []}


@pytest.mark.parametrize("name", ["insert", "Insert", "ARCHIVE", "", None, 1])
def test_a_name_that_could_never_match_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match="INSERT, MODIFY, REMOVE"):
        StreamHandler().on(name)


@pytest.mark.parametrize("given", [1, "handler", object()])
@pytest.mark.parametrize("name", ["insert", "modify", "remove"])
def test_what_is_no_function_is_refused(name: str, given: Any) -> None:
    with pytest.raises(TypeError, match="needs a function"):
        getattr(StreamHandler(), name)(given)
    with pytest.raises(TypeError, match="needs a function"):
        getattr(StreamHandler(), name)()(given)


@pytest.mark.parametrize(
    ("name", "option"),
    [
        *product(["insert", "modify", "on", "batch", "window"], ["ttl"]),
        *product(["insert", "remove"], ["changed", "old", "new"]),
    ],
)
def test_options_that_do_not_exist_are_refused(name: str, option: str) -> None:
    with pytest.raises(TypeError):
        getattr(StreamHandler(), name)(**{option: None})


class Handler:
    def method(self, record: Record) -> None:
        raise RuntimeError

    def __call__(self, record: Record) -> None:
        raise RuntimeError


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (Handler().method, "Handler.method"),
        (Handler(), "Handler"),
        (functools.partial(functools.partial(Handler.method, Handler())), "Handler.method"),
    ],
    ids=["method", "object", "partial"],
)
def test_a_route_goes_by_a_name_of_its_function(function: Any, name: str, caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler()
    app.insert(function)
    app(make_event([ITEM]))
    assert caplog.records[0].__dict__["route"] == f"{__name__}.{name}"


@pytest.mark.parametrize("kind", [Mock, MagicMock])
def test_a_mock_is_a_function_like_any_other(kind: type[Mock]) -> None:
    app, function = StreamHandler(), kind(return_value=None)
    app.on(function)
    app(make_event([{"id": "a"}]))
    assert function.call_count == 1


def test_what_nobody_takes_is_told() -> None:
    app, sink_app, batch_app = StreamHandler(), StreamHandler(), StreamHandler()
    app.remove(print)
    app.insert(table="orders")(print)
    sink_app.sink(MemorySink(), where={"eventName": ["INSERT"]})
    batch_app.batch("INSERT")(lambda records: None)
    new = make_record(new_image={"id": "a"}, table_name="orders").to_dict()
    other = make_record(new_image={"id": "a"}, table_name="other").to_dict()
    changed = make_record(old_image={"id": "a"}, new_image={"id": "a", "n": 1}).to_dict()
    assert [app.takes(record) for record in (new, other, changed)] == [True, False, False]
    assert [sink_app.takes(record) for record in (new, changed)] == [True, False]
    assert [batch_app.takes(record) for record in (new, changed)] == [True, False]
    assert not StreamHandler().takes(new)
    assert not app.takes({**new, "eventName": "UPSERT"})
