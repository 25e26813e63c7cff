"""SqliteQuarantine: what is set aside can be found, explained, replayed and resolved, however broken it is."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, Quarantine, Record, SinkError
from tailrace.sinks import QuarantineEntry, SqliteQuarantine
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteQuarantine]:
    with SqliteQuarantine(tmp_path / "quarantine.db") as store:
        yield store


def raised(error: BaseException) -> BaseException:
    """The error as a handler raises it, with a traceback."""
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 - any kind
        return caught


def only(store: SqliteQuarantine) -> QuarantineEntry:
    (entry,) = store
    return entry


def changed(road: Road, change: Callable[[dict[str, Any]], object]) -> Record:
    """A record whose wire form was tampered with."""
    event = make_event([{"id": "a", "n": 1}], table_name="orders")
    change(event["Records"][0])
    return Batch.from_event(road(event))[0]


def test_an_entry_holds_the_record_the_error_and_the_route(store: SqliteQuarantine, road: Road) -> None:
    record = Batch.from_event(road(make_event([{"id": "a", "b": b"\xff"}], table_name="orders")))[0]
    before = datetime.now(timezone.utc)
    store.add(record, error=raised(KeyError("price")), route="bill")
    entry = only(store)
    assert (entry.table, entry.event_id, entry.route) == ("orders", record.event_id, "bill")
    assert entry.sequence_number == record.sequence_number
    assert entry.record == record.to_dict()
    assert entry.unreadable == {}
    assert (entry.error_type, entry.message, entry.reason) == ("KeyError", "'price'", None)
    assert "in raised" in entry.traceback
    assert entry.traceback.endswith("KeyError: 'price'\n")
    assert before <= entry.first_time == entry.last_time <= datetime.now(timezone.utc)
    assert entry.attempt_count == 1


def test_a_stored_record_can_be_handled_again(store: SqliteQuarantine) -> None:
    record = make_record(old_image={"id": "a", "s": {"x"}}, new_image={"id": "a", "b": b"\x00"}, table_name="orders")
    store.add(record, error=ValueError(), route="bill")
    again = Batch.from_event({"Records": [only(store).record]})[0]
    assert (again.new_image, again.old_image, again.table_name) == (record.new_image, record.old_image, "orders")
    assert (again.event_id, again.sequence_number) == (record.event_id, record.sequence_number)


def test_the_reason_of_a_quarantine_and_its_cause_are_kept(store: SqliteQuarantine) -> None:
    try:
        try:
            os.environ["NO_SUCH_CUSTOMER"]
        except KeyError as cause:
            raise Quarantine("no such customer") from cause
    except Quarantine as error:
        store.add(make_record(new_image={"id": "a"}), error=error, route="bill")
    entry = only(store)
    assert entry.reason == "no such customer"
    assert entry.error_type == "tailrace.exceptions.Quarantine"
    assert "KeyError: 'NO_SUCH_CUSTOMER'" in entry.traceback


def test_a_record_that_comes_again_is_counted(store: SqliteQuarantine) -> None:
    record = make_record(new_image={"id": "a"})
    store.add(record, error=KeyError("first"), route="bill")
    first = only(store)
    store.add(record, error=ValueError("second"), route="bill")
    entry = only(store)
    assert (entry.attempt_count, entry.error_type, entry.message) == (2, "ValueError", "second")
    assert entry.first_time == first.first_time <= entry.last_time
    assert "first" not in entry.traceback


def test_table_event_and_route_tell_entries_apart(store: SqliteQuarantine) -> None:
    def add(table: str, event_id: str, route: str | None) -> None:
        record = make_record(new_image={"id": "a"}, table_name=table, event_id=event_id)
        store.add(record, error=ValueError(), route=route)

    for key in [("left", "1", "x"), ("left", "1", "y"), ("left", "2", "x"), ("right", "1", "x"), ("left", "1", None)]:
        add(*key)
    assert [store.count(), store.count("left"), store.count("right"), store.count("none")] == [5, 4, 1, 0]
    assert [(entry.table, entry.event_id, entry.route) for entry in store][-1] == ("left", "1", "")


def test_an_entry_is_found_and_resolved_by_its_key(store: SqliteQuarantine) -> None:
    record = make_record(new_image={"id": "a"}, table_name="orders", event_id="e1")
    store.add(record, error=ValueError("x"), route="bill")
    assert store.get("orders", "e1", "bill") == only(store)
    assert store.get("orders", "e1", "other") is None
    assert not store.resolve("orders", "e1", "other")
    assert store.resolve("orders", "e1", "bill")
    assert not store.resolve("orders", "e1", "bill")
    assert (store.count(), list(store)) == (0, [])


def test_entries_come_in_the_order_they_were_stored_over_many_pages(store: SqliteQuarantine) -> None:
    records = [make_record(new_image={"id": str(number)}) for number in range(230)]
    for record in records:
        store.add(record, error=ValueError(), route="bill")
    store.add(records[0], error=ValueError(), route="bill")
    assert [entry.event_id for entry in store] == [record.event_id for record in records]


def test_without_an_event_id_the_sequence_number_is_the_key(store: SqliteQuarantine, road: Road) -> None:
    record = changed(road, lambda wire: wire.pop("eventID"))
    for _ in range(2):
        store.add(record, error=ValueError(), route="bill")
    entry = only(store)
    assert (entry.event_id, entry.attempt_count) == (f"sequence-number:{record.sequence_number}", 2)
    assert store.resolve("orders", entry.event_id, "bill")


def test_without_event_id_and_sequence_number_it_is_not_stored(store: SqliteQuarantine, road: Road) -> None:
    record = changed(road, lambda wire: (wire.pop("eventID"), wire["dynamodb"].pop("SequenceNumber")))
    with pytest.raises(SinkError, match="neither eventID nor SequenceNumber"):
        store.add(record, error=ValueError(), route="bill")
    with pytest.raises(SinkError, match="no such file"):
        store.count()


@pytest.mark.parametrize("read", [list, SqliteQuarantine.count, lambda store: store.get("orders", "1", "bill")])
def test_a_path_that_nothing_was_written_to_does_not_look_like_no_entries(
    tmp_path: Path, read: Callable[[SqliteQuarantine], object]
) -> None:
    with SqliteQuarantine(tmp_path / "quarentine.db") as store, pytest.raises(SinkError, match="no such file"):
        read(store)
    assert list(tmp_path.iterdir()) == []


def test_a_record_of_no_known_table_is_stored_all_the_same(tmp_path: Path) -> None:
    (record,) = Batch.from_event(make_event([{"id": "a"}], shape="get-records"))
    for table, kept in ((None, ""), ("mine", "mine")):
        with SqliteQuarantine(tmp_path / f"{kept}.db", table=table) as store:
            store.add(record, error=ValueError(), route="bill")
            assert only(store).table == kept


@pytest.mark.parametrize(
    "change",
    [
        lambda wire: wire["dynamodb"]["NewImage"].update(n={"N": "twelve"}),
        lambda wire: wire["dynamodb"].update(NewImage="nothing"),
        lambda wire: wire["dynamodb"].update(Keys=[]),
        lambda wire: wire["dynamodb"].pop("Keys"),
        lambda wire: wire["dynamodb"].update(ApproximateCreationDateTime="yesterday"),
        lambda wire: wire["dynamodb"].update(SequenceNumber="12x"),
        lambda wire: wire["dynamodb"].update(SizeBytes={}),
        lambda wire: wire["dynamodb"].update(StreamViewType=5),
        lambda wire: wire.update(eventName=["INSERT"]),
    ],
)
def test_a_malformed_record_is_stored_as_it_came(
    store: SqliteQuarantine, road: Road, change: Callable[[Any], object]
) -> None:
    event = make_event([{"id": "a", "n": 1}], table_name="orders")
    change(event["Records"][0])
    (record,) = Batch.from_event(road(event))
    store.add(record, error=ValueError(), route="bill")
    assert (only(store).record, only(store).unreadable) == (event["Records"][0], {})


@pytest.mark.parametrize(("part", "value"), [("eventSourceARN", 7), ("userIdentity", "me")])
def test_of_a_record_that_has_no_wire_form_all_is_stored_that_can_be_read(
    store: SqliteQuarantine, road: Road, part: str, value: Any
) -> None:
    record = changed(road, lambda wire: wire.update({part: value}))
    store.add(record, error=ValueError(), route="bill")
    entry = only(store)
    assert set(entry.unreadable) == {"record", part}
    assert entry.event_id == record.event_id
    whole = make_event([{"id": "a", "n": 1}], table_name="orders")["Records"][0]
    same = ("SequenceNumber", "ApproximateCreationDateTime")
    assert {name: entry.record["dynamodb"][name] for name in whole["dynamodb"] if name not in same} == {
        name: value for name, value in whole["dynamodb"].items() if name not in same
    }
    assert set(entry.record) == {"eventID", "eventName", "eventSourceARN", "awsRegion", "dynamodb"} - {part}


def test_a_kinesis_record_whose_payload_is_broken_is_stored_as_it_came(store: SqliteQuarantine, road: Road) -> None:
    event = make_event([{"id": "a"}], shape="kinesis")
    event["Records"][0]["kinesis"]["data"] = "no base64!"
    (record,) = Batch.from_event(road(event))
    store.add(record, error=ValueError(), route=None)
    entry = only(store)
    assert entry.event_id == f"sequence-number:{event['Records'][0]['kinesis']['sequenceNumber']}"
    assert entry.record == event["Records"][0]


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("error", [Unprintable(), ValueError("\ud800 lone"), ValueError("nul \0"), KeyboardInterrupt()])
def test_no_error_keeps_a_record_from_being_stored(store: SqliteQuarantine, error: BaseException) -> None:
    store.add(make_record(new_image={"id": "a"}), error=raised(error), route="bill")
    assert only(store).attempt_count == 1


def test_it_is_on_the_disk_when_add_returns(store: SqliteQuarantine, tmp_path: Path) -> None:
    store.add(make_record(new_image={"id": "a"}), error=ValueError(), route="bill")
    other = sqlite3.connect(tmp_path / "quarantine.db")
    assert other.execute("SELECT count(*) FROM quarantine").fetchone() == (1,)
    other.close()
    assert store._query("PRAGMA synchronous") == [(2,)]


def test_a_store_that_cannot_be_written_raises(tmp_path: Path) -> None:
    with SqliteQuarantine(tmp_path / "missing" / "quarantine.db") as store, pytest.raises(SinkError, match="folder"):
        store.add(make_record(new_image={"id": "a"}), error=ValueError(), route="bill")


def test_a_route_that_sqlite_cannot_hold_raises(store: SqliteQuarantine) -> None:
    with pytest.raises(SinkError, match="cannot be stored"):
        store.add(make_record(new_image={"id": "a"}), error=ValueError(), route="\ud800")
    assert store.count() == 0


def test_a_further_failure_is_noted_and_the_record_stays_as_it_was(store: SqliteQuarantine) -> None:
    store.add(make_record(new_image={"id": "a"}), error=Quarantine("once"), route="bill")
    before = only(store)
    assert store.failed_again(before.table, before.event_id, "bill", error=raised(ValueError("twice")))
    after = only(store)
    assert (after.record, after.first_time) == (before.record, before.first_time)
    assert (after.error_type, after.message, after.reason, after.attempt_count) == ("ValueError", "twice", None, 2)
    assert "in raised" in after.traceback
    assert after.last_time > before.last_time
    assert not store.failed_again(before.table, before.event_id, "other", error=ValueError())
    assert only(store) == after
