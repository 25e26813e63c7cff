"""SqliteAuditTrail: every change once, in order, with what changed, when, and by whom."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, Record
from tailrace.sinks import Deadline, SqliteAuditTrail
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
NO_LIMIT = Deadline(None)
TIME_TO_LIVE: Any = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[SqliteAuditTrail]:
    with SqliteAuditTrail(tmp_path / "audit.db") as sink:
        yield sink


def store(trail: SqliteAuditTrail, *records: Record) -> None:
    assert trail.write(records, deadline=NO_LIMIT) == []


def test_an_entry_holds_all_that_the_change_says(trail: SqliteAuditTrail, road: Road) -> None:
    made = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)
    record = make_record(
        old_image={"id": "a", "n": Decimal("1.50"), "gone": b"\xff", "same": {"x"}},
        new_image={"id": "a", "n": Decimal("1.51"), "come": None, "same": {"x"}},
        event_id="e1",
        sequence_number="300000000000000000001",
        approximate_creation_time=made,
        table_name="orders",
    )
    store(trail, *Batch.from_event(road(make_event([record]))))
    (entry,) = trail
    assert (entry.table, entry.event_id, entry.event_name) == ("orders", "e1", "MODIFY")
    assert entry.sequence_number == "300000000000000000001"
    assert (entry.item_key, entry.keys) == (record.item_key, {"id": "a"})
    assert (entry.before, entry.after) == (record.old_image, record.new_image)
    assert entry.changed_attributes == ["come", "gone", "n"]
    assert entry.approximate_creation_time == made
    assert (entry.user_identity, entry.actor, entry.is_ttl_delete) == (None, None, False)


def test_images_keep_their_exact_numbers(trail: SqliteAuditTrail) -> None:
    store(trail, make_record(new_image={"id": "a", "n": Decimal("1.50"), "big": Decimal(10**37 + 1)}))
    (entry,) = trail
    assert entry.after is not None
    assert (str(entry.after["n"]), str(entry.after["big"])) == ("1.50", str(10**37 + 1))


def test_insert_and_remove_changed_all_their_attributes(trail: SqliteAuditTrail) -> None:
    store(trail, make_record(new_image={"id": "a", "n": 1}), make_record(old_image={"id": "a", "n": 1}))
    assert [entry.changed_attributes for entry in trail] == [["id", "n"], ["id", "n"]]


def test_without_images_what_changed_is_unknown_and_never_guessed(trail: SqliteAuditTrail) -> None:
    store(trail, make_record(keys={"id": "a"}, event_name="MODIFY", stream_view_type="KEYS_ONLY"))
    (entry,) = trail
    assert (entry.before, entry.after, entry.changed_attributes) == (None, None, None)


def test_an_event_nobody_knows_is_kept(trail: SqliteAuditTrail) -> None:
    store(trail, make_record(keys={"id": "a"}, event_name="UNKNOWN_TO_SDK_VERSION"))
    assert [entry.event_name for entry in trail] == ["UNKNOWN_TO_SDK_VERSION"]


def test_a_redelivery_rewrites_nothing(trail: SqliteAuditTrail) -> None:
    first = make_record(new_image={"id": "a", "n": 1}, event_id="e1", sequence_number="5")
    again = make_record(new_image={"id": "a", "n": 2}, event_id="e1", sequence_number="6")
    store(trail, first, first)
    store(trail, again)
    assert [entry.after for entry in trail] == [first.new_image]
    assert trail.count() == 1


def test_equal_event_ids_of_two_tables_are_two_changes(trail: SqliteAuditTrail) -> None:
    store(trail, *[make_record(new_image={"id": "a"}, event_id="e1", table_name=name) for name in ("left", "right")])
    assert [trail.count(), trail.count("left"), trail.count("right")] == [2, 1, 1]


def test_history_is_one_item_in_the_order_of_its_numbers(trail: SqliteAuditTrail) -> None:
    def of(key: str, number: int) -> Record:
        return make_record(new_image={"id": key, "n": number}, sequence_number=str(number))

    numbers = [10**30, 7, 10**21, 123]
    store(trail, *[of("a", number) for number in numbers], of("b", 8))
    history = trail.history("table", {"id": "a"})
    assert [int(entry.sequence_number) for entry in history] == sorted(numbers)
    assert trail.history("table", history[0].item_key) == history
    assert trail.history("other", {"id": "a"}) == []


def test_iteration_is_by_table_and_number_over_many_pages(trail: SqliteAuditTrail) -> None:
    records = [
        make_record(new_image={"id": "a"}, sequence_number=str(number), table_name=table)
        for number in range(350, 0, -1)
        for table in ("right", "left")
    ]
    store(trail, *records)
    assert len(trail.history("left", {"id": "a"})) == 350
    found = [(entry.table, int(entry.sequence_number)) for entry in trail]
    assert found == [(table, number) for table in ("left", "right") for number in range(1, 351)]


def test_a_record_without_an_event_id_is_a_failure(trail: SqliteAuditTrail, road: Road) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}])
    del event["Records"][1]["eventID"]
    records = list(Batch.from_event(road(event)))
    (failure,) = trail.write(records, deadline=NO_LIMIT)
    assert failure.record is records[1]
    assert "eventID" in str(failure.error)
    assert str(records[1].sequence_number) in str(failure.error)
    assert [entry.keys for entry in trail] == [{"id": "a"}, {"id": "c"}]


def test_a_broken_image_fails_alone(trail: SqliteAuditTrail, road: Road) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}])
    event["Records"][0]["dynamodb"]["NewImage"]["n"] = {"N": "twelve"}
    records = list(Batch.from_event(road(event)))
    assert [failure.record for failure in trail.write(records, deadline=NO_LIMIT)] == records[:1]
    assert [entry.keys for entry in trail] == [{"id": "b"}]


def test_a_time_to_live_delete_is_marked_and_says_who(tmp_path: Path) -> None:
    with SqliteAuditTrail(tmp_path / "audit.db", actor="by") as trail:
        store(trail, make_record(old_image={"id": "a", "by": "ann"}, user_identity=TIME_TO_LIVE))
        (entry,) = trail
    assert entry.is_ttl_delete
    assert entry.user_identity == TIME_TO_LIVE
    assert entry.actor is None


@pytest.mark.parametrize(
    ("old", "new", "actor"),
    [
        (None, {"id": "a", "by": "ann"}, "ann"),
        ({"id": "a", "by": "ann"}, {"id": "a", "by": "bob"}, "bob"),
        ({"id": "a", "by": "ann"}, None, "ann"),
        ({"id": "a", "by": "ann"}, {"id": "a"}, None),
        (None, {"id": "a", "by": 7}, "7"),
        (None, {"id": "a", "by": {"name": "ann", "n": 7}}, json.dumps({"name": "ann", "n": "7"})),
        (None, {"id": "a", "by": None}, None),
    ],
)
def test_actor_names_the_attribute_that_says_who(tmp_path: Path, old: Any, new: Any, actor: str | None) -> None:
    with SqliteAuditTrail(tmp_path / "audit.db", actor="by") as trail:
        store(trail, make_record(old_image=old, new_image=new))
        assert [entry.actor for entry in trail] == [actor]


def test_times_are_kept_to_the_microsecond_and_in_utc(trail: SqliteAuditTrail) -> None:
    made = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    store(
        trail,
        *Batch.from_event(
            make_event([make_record(new_image={"id": "a"}, approximate_creation_time=made)], shape="kinesis")
        ),
    )
    (entry,) = trail
    assert entry.approximate_creation_time == made
    assert entry.approximate_creation_time.utcoffset() == timedelta(0)


def test_changes_through_kinesis_keep_their_own_event_id(trail: SqliteAuditTrail) -> None:
    record = make_record(new_image={"id": "a"}, event_id="of-the-change")
    for _ in range(2):
        store(trail, *Batch.from_event(make_event([record], shape="kinesis")))
    assert [entry.event_id for entry in trail] == ["of-the-change"]


def test_a_table_fed_both_ways_is_refused(trail: SqliteAuditTrail) -> None:
    store(trail, make_record(new_image={"id": "a"}))
    (other,) = Batch.from_event(make_event([{"id": "a"}], shape="kinesis"))
    (failure,) = trail.write([other], deadline=NO_LIMIT)
    assert failure.record is other
    assert "cannot be ordered" in str(failure.error)
    assert trail.count() == 1


def test_a_record_of_no_known_table_is_a_failure_unless_table_names_it(tmp_path: Path) -> None:
    batch = list(Batch.from_event(make_event([{"id": "a"}], shape="get-records")))
    with SqliteAuditTrail(tmp_path / "one.db") as trail:
        (failure,) = trail.write(batch, deadline=NO_LIMIT)
        assert "SqliteAuditTrail(path, table=...)" in str(failure.error)
        assert trail.count() == 0
    with SqliteAuditTrail(tmp_path / "two.db", table="mine") as trail:
        store(trail, *batch)
        assert [entry.table for entry in trail] == ["mine"]


def test_what_the_deadline_leaves_over_is_a_retryable_failure(trail: SqliteAuditTrail) -> None:
    batch = Batch.from_event(make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}]))
    failures = trail.write(batch, deadline=Deadline(0))  # type: ignore[arg-type]
    assert [failure.record.event_id for failure in failures] == [record.event_id for record in batch[1:]]
    assert all(failure.retryable for failure in failures)
    assert [entry.keys for entry in trail] == [{"id": "a"}]
