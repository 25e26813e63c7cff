"""make_event: every shape holds the same changes."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timezone
from typing import Any

import pytest

from tailrace import Batch, MarshallError, Record
from tailrace.testing import make_event, make_record

SHAPES = ["lambda", "kinesis", "pipes", "s3", "s3-text", "get-records", "botocore"]
TTL: Any = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def changes() -> list[Record]:
    return [
        make_record(new_image={"id": "a", "b": b"\x00\xff", "s": {b"x", b"y"}, "m": {"l": [b"z"]}}),
        make_record(old_image={"id": "a", "n": 1}, new_image={"id": "a", "n": 2}),
        make_record(old_image={"id": "b"}, user_identity=TTL),
    ]


def contents(record: Record) -> tuple[Any, ...]:
    return (
        record.event_id,
        record.event_name,
        record.keys,
        record.new_image,
        record.old_image,
        record.approximate_creation_time,
        record.size_bytes,
        record.is_ttl_delete,
        record.item_key,
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_holds_the_same_changes(shape: Any) -> None:
    records = changes()
    batch = Batch.from_event(make_event(records, shape=shape))
    # Time to Live is not told apart where Kinesis carries the change of a record that names nobody.
    assert [contents(record) for record in batch] == [contents(record) for record in records]


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "botocore"])
def test_all_but_botocores_are_json(shape: Any) -> None:
    event = make_event(changes(), shape=shape)
    assert json.loads(json.dumps(event)) == event


@pytest.mark.parametrize(
    ("shape", "of_batch"),
    [("lambda", "stream"), ("s3", "stream"), ("get-records", "stream"), ("kinesis", "kinesis"), ("pipes", "pipes")],
)
def test_the_batch_knows_how_its_records_came(shape: Any, of_batch: str) -> None:
    assert Batch.from_event(make_event(changes(), shape=shape)).shape == of_batch


@pytest.mark.parametrize("shape", SHAPES)
def test_sequence_numbers_keep_their_order(shape: Any) -> None:
    numbers = [int(record.sequence_number or "") for record in Batch.from_event(make_event(changes(), shape=shape))]
    assert numbers == sorted(numbers)
    assert {len(str(number)) for number in numbers} == {56 if shape == "kinesis" else 21}


@pytest.mark.parametrize("shape", SHAPES)
def test_items_become_inserts(shape: Any) -> None:
    event = make_event([{"id": "a", "n": 1}, {"id": "b", "n": 2}], shape=shape, keys=("id", "n"), table_name="orders")
    batch = Batch.from_event(event)
    assert [record.event_name for record in batch] == ["INSERT"] * 2
    assert [record.keys for record in batch] == [{"id": "a", "n": 1}, {"id": "b", "n": 2}]
    known = shape not in ("get-records", "botocore")  # their records carry no ARN
    assert [record.table_name for record in batch] == ["orders" if known else None] * 2


def test_items_and_records_may_be_mixed() -> None:
    removed = make_record(old_image={"id": "b"})
    batch = Batch.from_event(make_event(iter([{"id": "a"}, removed])))
    assert [(record.event_name, record.keys["id"]) for record in batch] == [("INSERT", "a"), ("REMOVE", "b")]


@pytest.mark.parametrize("shape", ["lambda", "kinesis", "pipes", "get-records", "botocore"])
def test_an_event_may_be_empty(shape: Any) -> None:
    assert len(Batch.from_event(make_event([], shape=shape))) == 0


@pytest.mark.parametrize("shape", ["s3", "s3-text"])
def test_an_on_failure_object_is_never_empty(shape: Any) -> None:
    with pytest.raises(ValueError, match="at least one record"):
        make_event([], shape=shape)


def test_a_record_of_kinesis_is_as_aws_sends_it() -> None:
    record = make_record(new_image={"id": "a"}, table_name="orders", approximate_creation_time=1_700_000_000)
    (wire,) = make_event([record], shape="kinesis")["Records"]
    payload = json.loads(base64.b64decode(wire["kinesis"]["data"]))
    assert wire["eventSource"] == "aws:kinesis"
    assert payload["tableName"] == "orders"
    assert payload["userIdentity"] is None
    assert payload["dynamodb"]["ApproximateCreationDateTime"] == 1_700_000_000_000_000
    assert not {"SequenceNumber", "StreamViewType"} & set(payload["dynamodb"])
    assert not {"eventSourceARN", "eventVersion"} & set(payload)


def test_a_payload_as_text_is_the_event() -> None:
    records = changes()
    as_object, as_text = make_event(records, shape="s3"), make_event(records, shape="s3-text")
    assert json.loads(as_text["payload"]) == as_object["payload"] == make_event(records)


def test_get_records_spells_user_identity_with_capitals() -> None:
    (wire,) = make_event([make_record(old_image={"id": "a"}, user_identity=TTL)], shape="get-records")["Records"]
    assert wire["userIdentity"] == {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert "eventSourceARN" not in wire


def test_boto3_gives_bytes_and_datetimes() -> None:
    record = make_record(new_image={"id": b"a"}, approximate_creation_time=1_700_000_000)
    (wire,) = make_event([record], shape="botocore")["Records"]
    assert wire["dynamodb"]["Keys"] == {"id": {"B": b"a"}}
    assert wire["dynamodb"]["ApproximateCreationDateTime"] == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)


def test_an_event_shares_nothing_with_its_records() -> None:
    record = make_record(new_image={"id": "a"})
    event = make_event([record])
    event["Records"][0]["dynamodb"]["Keys"]["id"]["S"] = "spoiled"
    assert record.keys == {"id": "a"}


@pytest.mark.parametrize("shape", ["sqs", "", None, "LAMBDA"])
def test_a_shape_that_does_not_exist_is_refused(shape: Any) -> None:
    with pytest.raises(ValueError, match="does not exist"):
        make_event([{"id": "a"}], shape=shape)


def test_what_dynamodb_cannot_hold_is_refused() -> None:
    with pytest.raises(MarshallError, match="float"):
        make_event([{"id": "a", "price": 1.5}])
