"""Routes with ``table=`` and ``ttl=``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tailrace import EventFormatError, HandlerError, Record, StreamHandler, filters
from tailrace.sinks import MemorySink
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
DONE: dict[str, Any] = {"batchItemFailures": []}
SERVICE: Any = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def of_tables(*names: str) -> list[Record]:
    return [make_record(new_image={"id": name}, table_name=name) for name in names]


def reported(event: Any, position: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][position]["dynamodb"]["SequenceNumber"]}]}


def without_table(event: Any) -> Any:
    for record in event["Records"]:
        del record["eventSourceARN"]
    return event


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("orders", ["orders"]),
        (("orders", "carts"), ["orders", "carts"]),
        (["carts"], ["carts"]),
        ({"carts", "users"}, ["carts", "users"]),
        ("order", []),
        (None, ["orders", "carts", "users"]),
    ],
)
def test_a_route_sees_the_records_of_its_tables(road: Road, table: Any, expected: list[str]) -> None:
    app, seen = StreamHandler(), []
    for register in (app.insert, app.on):
        register(table=table)(lambda record: seen.append(record.table_name))
    app.batch(table=table)(lambda records: seen.extend(record.table_name for record in records))
    assert app(road(make_event(of_tables("orders", "carts", "users")))) == DONE
    assert seen == [name for name in expected for _ in range(2)] + expected


@pytest.mark.parametrize("name", ["modify", "remove"])
def test_the_other_decorators_take_a_table(road: Road, name: str) -> None:
    app, seen = StreamHandler(), []
    getattr(app, name)(table="carts")(lambda record: seen.append(record.table_name))
    images = {"modify": ("old_image", "new_image"), "remove": ("old_image",)}[name]
    records = [
        make_record(**{image: {"id": "a"} for image in images}, table_name=table)  # type: ignore[arg-type]
        for table in ("orders", "carts")
    ]
    assert app(road(make_event(records))) == DONE
    assert seen == ["carts"]


def test_a_collection_that_is_changed_later_does_not_change_the_route() -> None:
    app, seen, tables = StreamHandler(), [], ["orders"]
    app.on(table=tables)(seen.append)
    tables[:] = ["carts"]
    app(make_event(of_tables("orders")))
    assert len(seen) == 1


def test_a_record_of_another_table_is_not_asked_what_changed(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.on("MODIFY", table="orders", changed="status")(seen.append)
    event = make_event([make_record(new_image={"id": "a"}, event_name="MODIFY", table_name="carts")])
    assert app(road(event)) == DONE
    event = make_event([make_record(new_image={"id": "a"}, event_name="MODIFY", table_name="orders")])
    assert app(road(event)) == reported(event, 0)


def test_a_record_that_does_not_say_its_table_is_never_skipped(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.insert(table="orders")(seen.append)
    event = without_table(make_event(of_tables("orders", "orders")))
    assert app(road(event)) == reported(event, 0)
    assert not seen


def test_a_record_without_a_table_says_so_in_its_error() -> None:
    app = StreamHandler(report="raise")
    app.insert(table="orders")(print)
    with pytest.raises(HandlerError) as caught:
        app(without_table(make_event(of_tables("orders"))))
    assert isinstance(caught.value.__cause__, EventFormatError)
    assert "does not say of which table" in str(caught.value.__cause__)


def test_a_change_through_kinesis_names_its_table(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.on(table="carts")(lambda record: seen.append(record.table_name))
    assert app(road(make_event(of_tables("orders", "carts"), shape="kinesis"))) == DONE
    assert seen == ["carts"]


def test_an_unknown_event_of_another_table_is_not_taken_by_the_route(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.on(table="orders")(lambda record: seen.append(record.table_name))
    event = make_event(
        [make_record(new_image={"id": "a"}, event_name="ARCHIVE", table_name=name) for name in ("orders", "carts")]
    )
    assert app(road(event)) == reported(event, 1)
    assert seen == ["orders"]


def test_an_unknown_event_is_taken_by_a_batch_route_of_every_event(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.batch(table="orders")(lambda records: seen.extend(record.event_name for record in records))
    app.batch("INSERT")(seen.extend)
    event = make_event(
        [make_record(new_image={"id": "a"}, event_name="ARCHIVE", table_name=name) for name in ("orders", "carts")]
    )
    assert app(road(event)) == reported(event, 1)
    assert seen == ["ARCHIVE"]


@pytest.mark.parametrize("table", [1, b"orders", ["orders", 1], {"orders": 1}, iter(["orders"])])
def test_what_is_no_name_is_refused(table: Any) -> None:
    with pytest.raises(TypeError, match="table= takes the name of a table"):
        StreamHandler().on(table=table)


@pytest.mark.parametrize(
    "table", ["", [], ["orders", ""], "arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "a b", "t" * 256]
)
def test_a_name_that_no_table_can_have_is_refused(table: Any) -> None:
    with pytest.raises(ValueError, match="could never match"):
        StreamHandler().insert(table=table)


def deletes() -> list[Record]:
    return [
        make_record(old_image={"id": "expired"}, user_identity=SERVICE),
        make_record(old_image={"id": "deleted"}),
        make_record(old_image={"id": "by another service"}, user_identity={**SERVICE, "principalId": "other"}),
    ]


@pytest.mark.parametrize(
    ("ttl", "expected"),
    [
        (True, ["expired"]),
        (False, ["deleted", "by another service"]),
        (None, ["expired", "deleted", "by another service"]),
    ],
)
def test_ttl_tells_deletes_apart(road: Road, ttl: Any, expected: list[str]) -> None:
    app, seen = StreamHandler(), []
    app.remove(ttl=ttl)(lambda record: seen.append(record.keys["id"]))
    assert app(road(make_event([*deletes(), make_record(new_image={"id": "new"})]))) == DONE
    assert seen == expected


def test_ttl_and_the_presets_say_the_same(road: Road) -> None:
    app, seen, sinks = StreamHandler(), {True: [], False: []}, {True: MemorySink(), False: MemorySink()}
    for ttl, where in ((True, filters.ttl_deletes), (False, filters.user_deletes)):
        app.remove(ttl=ttl)(seen[ttl].append)
        app.sink(sinks[ttl], where=where)
    app(road(make_event(deletes())))
    assert [list(sink.records) for sink in sinks.values()] == list(seen.values())


@pytest.mark.parametrize("ttl", [0, 1, "yes"])
def test_ttl_is_a_bool(ttl: Any) -> None:
    with pytest.raises(TypeError, match="ttl= is True, False, or None"):
        StreamHandler().remove(ttl=ttl)
