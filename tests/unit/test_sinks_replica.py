"""SqliteReplica: each item as its newest change left it, whatever comes twice or late."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, Record, SinkError
from tailrace.exceptions import MarshallError
from tailrace.sinks import Deadline, SinkFailure, SqliteReplica
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
NO_LIMIT = Deadline(None)
KEY = {"id": "a"}


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[SqliteReplica]:
    with SqliteReplica(tmp_path / "replica.db") as sink:
        yield sink


def change(number: int, *, name: str = "MODIFY", version: int | None = None, **more: Any) -> Record:
    """A change of item a in table "table"; `version` tells the images apart."""
    image = None if name == "REMOVE" else {"id": "a", "version": number if version is None else version}
    return make_record(new_image=image, keys=KEY, event_name=name, sequence_number=str(number), **more)


def version(replica: SqliteReplica) -> Decimal | None:
    item = replica.get("table", KEY)
    return None if item is None else item["version"]


def store(replica: SqliteReplica, *records: Record) -> None:
    assert replica.write(records, deadline=NO_LIMIT) == []


def refusal(replica: SqliteReplica, record: Record) -> SinkFailure:
    """The one failure of a write of one record, which leaves nothing behind."""
    replica.write([], deadline=NO_LIMIT)
    before = list(replica.items("table"))
    (failure,) = replica.write([record], deadline=NO_LIMIT)
    assert failure.record is record
    assert list(replica.items("table")) == before
    return failure


def test_an_item_is_read_as_it_was_written(replica: SqliteReplica, road: Road) -> None:
    item = {
        "id": "a",
        "n": Decimal("12345678901234567890123456789012345678"),
        "b": b"\x00\xff",
        "tags": {"x", "y"},
        "lines": [{"qty": Decimal("1.50")}, None, True],
    }
    store(replica, *Batch.from_event(road(make_event([item]))))
    assert replica.get("table", KEY) == item
    assert str(replica.get("table", KEY)["lines"][0]["qty"]) == "1.50"  # type: ignore[index]


@pytest.mark.parametrize("batches", [[[2, 1]], [[2], [1]], [[1], [2], [1]], [[1, 2, 2, 1]]])
def test_an_older_change_never_overwrites_a_newer_one(replica: SqliteReplica, batches: list[list[int]]) -> None:
    for numbers in batches:
        store(replica, *[change(number) for number in numbers])
    assert version(replica) == 2


def test_numbers_are_compared_by_value_whatever_their_length(replica: SqliteReplica) -> None:
    store(replica, change(10**24), change(99), change(10**39))
    assert version(replica) == 10**39


def test_an_equal_number_is_a_replay_and_changes_nothing(replica: SqliteReplica) -> None:
    store(replica, change(5, version=1), change(5, version=2))
    assert version(replica) == 1


def test_a_late_change_does_not_revive_a_removed_item(replica: SqliteReplica) -> None:
    store(replica, change(1, name="INSERT"), change(3, name="REMOVE"))
    store(replica, change(2), change(1, name="INSERT"))
    assert replica.get("table", KEY) is None
    assert list(replica.items("table")) == []
    assert replica.count("table") == 0


def test_a_removal_is_remembered_before_the_item_was_seen(replica: SqliteReplica) -> None:
    store(replica, change(3, name="REMOVE"))
    store(replica, change(1, name="INSERT"))
    assert replica.get("table", KEY) is None


def test_a_late_removal_does_not_remove_a_newer_item(replica: SqliteReplica) -> None:
    store(replica, change(3, name="INSERT"), change(2, name="REMOVE"))
    assert version(replica) == 3


def test_an_item_comes_back_when_it_is_inserted_again(replica: SqliteReplica) -> None:
    store(replica, change(1, name="INSERT"), change(2, name="REMOVE"), change(3, name="INSERT"))
    assert version(replica) == 3


@pytest.mark.parametrize("view", ["KEYS_ONLY", "OLD_IMAGE"])
@pytest.mark.parametrize("name", ["INSERT", "MODIFY"])
def test_a_missing_new_image_is_a_failure_and_never_a_delete(replica: SqliteReplica, name: str, view: str) -> None:
    store(replica, change(1))
    failure = refusal(replica, change(2, name=name, stream_view_type=view))
    assert isinstance(failure.error, SinkError)
    assert "without NewImage" in str(failure.error)
    assert failure.error.sequence_number == "2"
    assert not failure.retryable
    assert version(replica) == 1


def test_an_empty_new_image_is_no_image(replica: SqliteReplica, road: Road) -> None:
    event = make_event([change(2)])
    event["Records"][0]["dynamodb"]["NewImage"] = {}
    assert "without NewImage" in str(refusal(replica, Batch.from_event(road(event))[0]).error)


def test_an_event_nobody_knows_is_a_failure(replica: SqliteReplica) -> None:
    failure = refusal(replica, change(2, name="UNKNOWN_TO_SDK_VERSION"))
    assert "UNKNOWN_TO_SDK_VERSION" in str(failure.error)


def test_a_record_without_a_number_is_a_failure(replica: SqliteReplica, road: Road) -> None:
    event = make_event([change(2)])
    del event["Records"][0]["dynamodb"]["SequenceNumber"]
    assert "SequenceNumber" in str(refusal(replica, Batch.from_event(road(event))[0]).error)


def test_what_cannot_be_read_fails_alone(replica: SqliteReplica, road: Road) -> None:
    event = make_event([{"id": name} for name in "abcd"])
    event["Records"][1]["dynamodb"]["NewImage"]["id"] = {"S": 5}
    event["Records"][2]["dynamodb"]["Keys"] = {"id": {"BOOL": True}}
    records = list(Batch.from_event(road(event)))
    failures = replica.write(records, deadline=NO_LIMIT)
    assert [failure.record for failure in failures] == records[1:3]
    assert not any(failure.retryable for failure in failures)
    assert [item["id"] for item in replica.items("table")] == ["a", "d"]


def test_a_batch_is_written_as_it_is(replica: SqliteReplica) -> None:
    batch = Batch.from_event(make_event([{"id": "a"}, {"id": "b"}]))
    assert replica.write(batch, deadline=NO_LIMIT) == []  # type: ignore[arg-type]
    assert replica.count() == 2


def test_a_record_of_no_known_table_is_a_failure(replica: SqliteReplica) -> None:
    (record,) = Batch.from_event(make_event([{"id": "a"}], shape="get-records"))
    assert "table=" in str(refusal(replica, record).error)


def test_table_names_the_records_whose_arn_is_unknown_and_only_those(tmp_path: Path) -> None:
    unknown = Batch.from_event(make_event([{"id": "a"}], shape="get-records"))
    with SqliteReplica(tmp_path / "replica.db", table="mine") as replica:
        store(replica, *unknown, make_record(new_image={"id": "b"}, table_name="other"))
        assert replica.get("mine", {"id": "a"}) == {"id": "a"}
        assert replica.get("other", {"id": "b"}) == {"id": "b"}


def test_tables_are_told_apart(replica: SqliteReplica) -> None:
    store(replica, change(1, table_name="left"), change(2, table_name="right"), change(3, table_name="right"))
    assert [replica.count("left"), replica.count("right"), replica.count()] == [1, 1, 2]
    assert replica.get("left", KEY) != replica.get("right", KEY)
    assert replica.get("neither", KEY) is None


def through_kinesis(*records: Record) -> list[Record]:
    return list(Batch.from_event(make_event(records, shape="kinesis")))


def test_changes_through_kinesis_are_ordered_by_their_time(replica: SqliteReplica) -> None:
    late, early = (change(n, version=v, approximate_creation_time=t) for n, v, t in [(1, 2, 200), (2, 1, 100)])
    store(replica, *through_kinesis(late, early))
    assert version(replica) == 2


@pytest.mark.parametrize("first", ["stream", "kinesis"])
def test_a_table_fed_both_ways_is_refused(replica: SqliteReplica, first: str) -> None:
    ways = [[change(5)], through_kinesis(change(6))]
    before, after = ways if first == "stream" else reversed(ways)
    store(replica, *before)
    failure = refusal(replica, after[0])
    assert "cannot be ordered" in str(failure.error)
    assert not failure.retryable


def test_a_table_fed_both_ways_in_one_batch_is_refused(replica: SqliteReplica) -> None:
    records = [change(5), *through_kinesis(change(6), change(7, table_name="other"))]
    assert [failure.record for failure in replica.write(records, deadline=NO_LIMIT)] == [records[1]]


def test_what_the_deadline_leaves_over_is_a_retryable_failure(replica: SqliteReplica) -> None:
    records = [change(1, name="INSERT"), change(2), change(3)]
    failures = replica.write(records, deadline=Deadline(0))
    assert [failure.record for failure in failures] == records[1:]
    assert all(failure.retryable for failure in failures)
    assert version(replica) == 1


def test_an_empty_write_is_one(replica: SqliteReplica) -> None:
    assert replica.write([], deadline=Deadline(0)) == []


def test_items_are_read_page_by_page_while_others_are_written(replica: SqliteReplica) -> None:
    store(replica, *[make_record(new_image={"id": f"{number:03}"}) for number in range(250)])
    seen = []
    for item in replica.items("table"):
        seen.append(item["id"])
        store(replica, make_record(new_image={"id": "000", "again": len(seen)}))
    assert seen == [f"{number:03}" for number in range(250)]


@pytest.mark.parametrize("keys", [{"id": 5, "at": b"x"}, {"at": bytearray(b"x"), "id": Decimal("5.0")}])
def test_an_item_is_found_however_its_key_is_written(replica: SqliteReplica, keys: dict[str, Any]) -> None:
    record = make_record(new_image={"id": Decimal("5.00"), "at": b"x"}, keys=("id", "at"))
    store(replica, record)
    assert replica.get("table", keys) == {"id": 5, "at": b"x"}
    assert replica.get("table", record.item_key) == {"id": 5, "at": b"x"}
    assert replica.get("table", {**keys, "id": "5"}) is None


@pytest.mark.parametrize("value", [1.5, True, None, ["a"], {"S": "a"}])
def test_a_value_no_key_can_have_is_refused(replica: SqliteReplica, value: object) -> None:
    with pytest.raises(MarshallError, match=r"not \w+ \(at id\)"):
        replica.get("table", {"id": value})


RECORDED = Path(__file__).resolve().parents[1] / "data" / "recorded-stream"


@pytest.mark.parametrize("name", ["orders", "types"])
def test_a_recorded_stream_gives_its_table(tmp_path: Path, name: str) -> None:
    answers = [path.read_bytes() for path in sorted(RECORDED.glob(f"{name}-[0-9]*.json"))]
    table = json.loads((RECORDED / f"{name}-table.json").read_bytes())
    with SqliteReplica(tmp_path / "replica.db", table=name) as replica:
        # Backwards, the order in which redeliveries are worst; then once more in order.
        for answer in [*reversed(answers), *answers]:
            store(replica, *Batch.from_event(answer))
        found = {record.item_key: record.new_image for record in _as_inserts(table, keys_of(answers[0]))}
        assert replica.count(name) == len(found)
        for key, item in found.items():
            assert replica.get(name, key) == item


def keys_of(answer: bytes) -> list[str]:
    return list(json.loads(answer)["Records"][0]["dynamodb"]["Keys"])


def _as_inserts(items: list[dict[str, Any]], names: list[str]) -> Batch:
    changes = [{"Keys": {name: item[name] for name in names}, "NewImage": item} for item in items]
    return Batch.from_event({"Records": [{"eventName": "INSERT", "dynamodb": each} for each in changes]})
