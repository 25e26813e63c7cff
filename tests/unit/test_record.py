"""What a Record says of its change, from bytes and from dicts."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, EventName, Record, StreamViewType, UnmarshallError
from tests.reference.event_shapes import KINESIS_ARN, kinesis
from tests.reference.one_record import ARN, read, wire
from tests.reference.roads import only_record

Road = Callable[[Any], Any]
NAIVE = datetime(2026, 7, 1)  # noqa: DTZ001 what is naive is refused
TEXT_ATTRIBUTES = {
    "event_id": ("eventID",),
    "event_name": ("eventName",),
    "aws_region": ("awsRegion",),
    "event_source_arn": ("eventSourceARN",),
    "stream_view_type": ("dynamodb", "StreamViewType"),
}


def test_every_attribute_is_read(road: Road) -> None:
    record = read(road)
    assert record.event_id == "c4ca4238a0b923820dcc509a6f75849b"
    assert record.event_name is EventName.MODIFY
    assert record.event_source_arn == ARN
    assert record.table_name == "orders"
    assert record.aws_region == "eu-west-1"
    assert record.sequence_number == "100000000000000000001"
    assert record.stream_view_type is StreamViewType.NEW_AND_OLD_IMAGES
    assert record.size_bytes == 59
    assert record.approximate_creation_time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
    assert record.user_identity is None
    assert record.is_ttl_delete is False


def test_only_what_is_there_is_said(road: Road) -> None:
    record = only_record(road([{"dynamodb": {}}]))
    absent = [*TEXT_ATTRIBUTES, "table_name", "sequence_number", "size_bytes", "approximate_creation_time"]
    for name in (*absent, "user_identity", "new_image", "old_image"):
        assert getattr(record, name) is None, name
    assert record.is_ttl_delete is False
    assert record.attribute_values("keys") is None
    for key in (lambda: record.keys, lambda: record.item_key):
        with pytest.raises(EventFormatError, match="the record has no Keys"):
            key()


def test_null_is_absent(road: Road) -> None:
    nulls = dict.fromkeys((*wire(), "userIdentity", "tableName"))
    record = only_record(road([{**nulls, "dynamodb": dict.fromkeys(wire()["dynamodb"])}]))
    for name in (*TEXT_ATTRIBUTES, "table_name", "sequence_number", "size_bytes", "new_image", "old_image"):
        assert getattr(record, name) is None, name
    assert record.approximate_creation_time is None
    assert record.user_identity is None
    assert record.to_dict()["dynamodb"]["Keys"] is None


@pytest.mark.parametrize(("name", "path"), TEXT_ATTRIBUTES.items())
@pytest.mark.parametrize("wrong", [5, True, [], {}, {"S": "x"}], ids=str)
def test_a_text_that_is_none_is_refused_when_it_is_read(
    road: Road, name: str, path: tuple[str, ...], wrong: Any
) -> None:
    record = read(road, {path[-1]: wrong}) if len(path) > 1 else read(road, **{path[0]: wrong})
    with pytest.raises(EventFormatError, match=f"{path[-1]} is a string, found ") as caught:
        getattr(record, name)
    assert caught.value.path == path
    assert caught.value.sequence_number == record.sequence_number == "100000000000000000001"
    assert record.new_image == {"id": "a", "n": 2}


@pytest.mark.parametrize("event_name", list(EventName))
def test_known_words_are_members_of_their_enums(road: Road, event_name: EventName) -> None:
    assert read(road, eventName=event_name.value).event_name is event_name
    for view in StreamViewType:
        assert read(road, {"StreamViewType": view.value}).stream_view_type is view


@pytest.mark.parametrize("word", ["", "insert", "INSERT ", "TRANSFORM", "名", "\U0001f600"])
def test_unknown_words_are_kept_as_text(road: Road, word: str) -> None:
    for found in (read(road, eventName=word).event_name, read(road, {"StreamViewType": word}).stream_view_type):
        assert (type(found), found) == (str, word)


@pytest.mark.parametrize("digits", range(1, 61))
def test_a_sequence_number_is_kept_digit_by_digit(road: Road, digits: int) -> None:
    for number in ("1234567890" * 6, "0" * 60, "9" * 60, "0" * 59 + "1"):
        assert read(road, {"SequenceNumber": number[-digits:]}).sequence_number == number[-digits:]


@pytest.mark.parametrize(
    "number", ["", " 1", "1 ", "-1", "+1", "1e3", "1.0", "x", "٣", "１", "1_0", "1\0", 1, 1.0, True, [], {}, None, ...]
)  # fmt: skip
def test_a_sequence_number_that_could_not_be_reported_is_none(road: Road, number: Any) -> None:
    record = read(road, {"SequenceNumber": number})
    assert record.sequence_number is None
    assert record.new_image == {"id": "a", "n": 2}


@pytest.mark.parametrize(
    ("arn", "table"),
    [
        (ARN, "orders"),
        ("arn:aws-cn:dynamodb:cn-north-1:123456789012:table/a.b_c-1/stream/2026-01-01T00:00:00.000", "a.b_c-1"),
        ("arn:aws-us-gov:dynamodb:us-gov-west-1:1:table/" + "t" * 255 + "/stream/x", "t" * 255),
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "orders"),
        (KINESIS_ARN, None),
        ("arn:aws:dynamodb:eu-west-1:1:table/", None),
        ("arn:aws:dynamodb:eu-west-1:1:table//stream/x", None),
        ("arn:aws:dynamodb:eu-west-1:1:index/x", None),
        ("orders", None),
        ("", None),
    ],
)
def test_the_table_comes_from_the_arn(road: Road, arn: str, table: str | None) -> None:
    record = read(road, eventSourceARN=arn)
    assert (record.event_source_arn, record.table_name) == (arn, table)
    without = road({"Records": [wire(eventSourceARN=...)]})
    (given,) = Batch.from_event(without, event_source_arn=arn)
    assert (given.event_source_arn, given.table_name) == (arn, table)
    assert given.to_dict()["eventSourceARN"] == arn


def test_the_records_own_arn_stands_before_the_one_given(road: Road) -> None:
    (record,) = Batch.from_event(road({"Records": [wire()]}), event_source_arn=ARN.replace("orders", "others"))
    assert (record.table_name, record.event_source_arn) == ("orders", ARN)


def test_without_any_arn_the_table_is_unknown(road: Road) -> None:
    record = read(road, eventSourceARN=...)
    assert record.event_source_arn is record.table_name is None
    assert "eventSourceARN" not in record.to_dict()


TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


@pytest.mark.parametrize(
    ("identity", "event_name", "is_ttl_delete"),
    [
        (TTL, "REMOVE", True),
        ({"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}, "REMOVE", True),
        (TTL, "MODIFY", False),
        ({**TTL, "principalId": "me"}, "REMOVE", False),
        ({**TTL, "type": "User"}, "REMOVE", False),
        ({"type": "Service"}, "REMOVE", False),
        (None, "REMOVE", False),
        (..., "REMOVE", False),
    ],
)
def test_deletes_by_time_to_live_are_known(road: Road, identity: Any, event_name: str, is_ttl_delete: bool) -> None:
    record = read(road, userIdentity=identity, eventName=event_name)
    assert record.is_ttl_delete is is_ttl_delete
    if is_ttl_delete:
        assert record.user_identity == TTL
        assert record.to_dict()["userIdentity"] == TTL


@pytest.mark.parametrize("identity", ["x", 5, []], ids=str)
def test_an_identity_that_is_none_is_refused(road: Road, identity: Any) -> None:
    record = read(road, userIdentity=identity, eventName="REMOVE")
    for ask in (lambda: record.user_identity, lambda: record.is_ttl_delete):
        with pytest.raises(EventFormatError, match="userIdentity is an object"):
            ask()


@pytest.mark.parametrize(
    ("size", "read_size"), [(0, 0), (59, 59), (2**63, 2**63), (2**64 - 1, 2**64 - 1), (..., None), (None, None)]
)
def test_size_bytes(road: Road, size: Any, read_size: int | None) -> None:
    assert read(road, {"SizeBytes": size}).size_bytes == read_size


@pytest.mark.parametrize("size", [-1, 2**64, 1.5, "59", True, [], {}, "x"], ids=str)
def test_a_size_that_is_none_is_refused(road: Road, size: Any) -> None:
    record = read(road, {"SizeBytes": size})
    with pytest.raises(EventFormatError, match="SizeBytes") as caught:
        _ = record.size_bytes
    assert caught.value.path == ("dynamodb", "SizeBytes")
    assert caught.value.sequence_number == "100000000000000000001"


@pytest.mark.parametrize(
    ("number", "microseconds"),
    [
        ("0", 0), ("1", 1_000_000), ("1700000000", 1_700_000_000_000_000), ("1700000000.0", 1_700_000_000_000_000),
        ("1.7E9", 1_700_000_000_000_000), ("17e8", 1_700_000_000_000_000), ("1700000000.25", 1_700_000_000_250_000),
        ("1700000000.123456", 1_700_000_000_123_456), ("99999999999", 99_999_999_999_000_000),
        ("100000000000", 100_000_000_000_000), ("1700000000123", 1_700_000_000_123_000),
        ("1.700000000123E12", 1_700_000_000_123_000), ("99999999999999", 99_999_999_999_999_000),
        ("1700000000123456", 1_700_000_000_123_456), ("1.700000000123456E+15", 1_700_000_000_123_456),
        ("253402300799", 253_402_300_799_000), ("253402300799999999", 253_402_300_799_999_999),
    ],
)  # fmt: skip
def test_times_are_read_in_every_unit_and_spelling(number: str, microseconds: int) -> None:
    text = json.dumps([wire({"ApproximateCreationDateTime": "?"})]).replace('"?"', number)
    wanted = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=microseconds)
    for event in (text.encode(), json.loads(text)):
        found = only_record(event).approximate_creation_time
        assert found == wanted
        assert found is not None
        assert found.tzinfo is timezone.utc


@pytest.mark.parametrize(
    ("value", "precision", "microseconds"),
    [(5, "MILLISECOND", 5_000), (5, "MICROSECOND", 5), (5, "other", 5_000_000), (5, None, 5_000_000)],
)
def test_a_precision_that_is_named_counts(road: Road, value: int, precision: Any, microseconds: int) -> None:
    change = {"ApproximateCreationDateTime": value, "ApproximateCreationDateTimePrecision": precision}
    wanted = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=microseconds)
    assert read(road, change).approximate_creation_time == wanted


@pytest.mark.parametrize(
    "time", [-1, -0.5, 253_402_300_800_000_000, 10**30, "2026-01-01T00:00:00Z", "1700000000", "", True, [], {}], ids=str
)
def test_a_time_that_is_none_is_refused(road: Road, time: Any) -> None:
    record = read(road, {"ApproximateCreationDateTime": time})
    with pytest.raises(EventFormatError, match="ApproximateCreationDateTime") as caught:
        _ = record.approximate_creation_time
    assert caught.value.path == ("dynamodb", "ApproximateCreationDateTime")
    assert caught.value.sequence_number == record.sequence_number
    assert record.new_image == {"id": "a", "n": 2}


@pytest.mark.parametrize(
    "time",
    [
        datetime(2026, 7, 1, 12, 30, 15, 123_456, tzinfo=timezone.utc),
        datetime(2026, 7, 1, 12, 30, 15, 123_456, tzinfo=timezone(timedelta(hours=-7, minutes=-30))),
        datetime(1970, 1, 1, tzinfo=timezone.utc),
        type("DatetimeOfItsOwn", (datetime,), {})(2026, 7, 1, tzinfo=timezone.utc),
    ],
)
def test_a_datetime_is_kept_to_the_microsecond(time: datetime) -> None:
    record = only_record([wire({"ApproximateCreationDateTime": time})])
    found = record.approximate_creation_time
    assert found == time
    assert found is not None
    assert found.tzinfo is timezone.utc
    again = only_record(json.dumps([record.to_dict()]))
    assert again.approximate_creation_time == time


@pytest.mark.parametrize(
    "time", [NAIVE, datetime(1969, 12, 31, tzinfo=timezone.utc), float("nan"), float("inf"), 1j, b"1"],
    ids=repr,
)  # fmt: skip
def test_python_has_more_that_is_no_time(time: Any) -> None:
    record = only_record([wire({"ApproximateCreationDateTime": time})])
    with pytest.raises(EventFormatError):
        _ = record.approximate_creation_time


def test_views_of_one_record_are_equal_and_hash_alike(road: Road) -> None:
    event = road([wire(), wire()])
    batch = Batch.from_event(event)
    assert batch[0] == batch[0] == batch[-2] == next(iter(batch)) == batch[::-1][1]
    assert hash(batch[0]) == hash(batch[-2])
    assert batch[0] != batch[1]
    assert batch[0] != Batch.from_event(event)[0]
    assert batch[0] != object()
    assert {batch[0], batch[1], batch[0]} == {batch[0], batch[1]}


def test_a_record_shows_which_one_it_is_and_nothing_that_it_holds(road: Road) -> None:
    text = repr(read(road, {"NewImage": {"secret": {"S": "hush"}}}))
    assert text == "<Record MODIFY table=orders sequence_number=100000000000000000001>"
    assert repr(only_record(road([{"dynamodb": {}}]))).startswith("<Record")


def test_a_record_is_made_by_a_batch_and_not_changed(road: Road) -> None:
    record = read(road)
    with pytest.raises(TypeError):
        Record()
    with pytest.raises(AttributeError):
        record.event_id = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        record.other = "x"  # type: ignore[attr-defined]
    for copied in (copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError):
            copied(record)


@pytest.mark.parametrize("image", ["keys", "new_image", "old_image"])
def test_a_broken_part_fails_alone_and_every_time(road: Road, image: str) -> None:
    member = {"keys": "Keys", "new_image": "NewImage", "old_image": "OldImage"}[image]
    record = read(road, {member: {"id": {"S": 5}}})
    for _ in range(2):
        with pytest.raises(UnmarshallError, match="S holds a string, found a number") as caught:
            getattr(record, image)
        assert caught.value.path == ("dynamodb", member, "id", "S")
        assert caught.value.sequence_number == "100000000000000000001"
    others = {"keys": {"id": "a"}, "new_image": {"id": "a", "n": 2}, "old_image": {"id": "a", "n": 1}}
    assert all(getattr(record, other) == value for other, value in others.items() if other != image)


def test_a_broken_payload_of_kinesis_keeps_its_number_and_fails_alone(road: Road) -> None:
    event = kinesis([wire(), wire(), wire()])
    broken = ["%%%", "e30", "bnVsbA==", "e30=", "eyJkeW5hbW9kYiI6", "eyJkeW5hbW9kYiI6bnVsbH0=", "", 5, None, [], {}]
    for data in broken:
        event["Records"][1]["kinesis"]["data"] = data
        batch = Batch.from_event(road(event))
        assert [record.sequence_number for record in batch] == ["100000000000000000001".zfill(56)] * 3
        assert [batch[0].event_name, batch[2].event_name] == ["MODIFY", "MODIFY"]
        for name in ("event_id", "event_name", "keys", "new_image", "user_identity", "item_key", "table_name"):
            with pytest.raises(EventFormatError, match="the payload is no DynamoDB change") as caught:
                getattr(batch[1], name)
            assert caught.value.sequence_number == batch[1].sequence_number
        with pytest.raises(EventFormatError, match="the payload is no DynamoDB change"):
            batch[1].attribute_values("keys")
        # Nothing of it is known, so all of it is kept: what Kinesis sent, as it came.
        assert batch[1].to_dict() == event["Records"][1]
        assert "malformed" in repr(batch[1])


def test_a_table_without_a_name_is_unknown(road: Road) -> None:
    assert read(road, tableName="orders-2", eventSourceARN=KINESIS_ARN).table_name == "orders-2"
    assert read(road, tableName="", eventSourceARN=KINESIS_ARN).table_name is None


class FloatOfItsOwn(float):
    """As numpy's float64, which is a float and has another repr."""

    def __repr__(self) -> str:
        return f"of_its_own({float(self)!r})"


class IntOfItsOwn(int):
    def __repr__(self) -> str:
        return "of its own"

    __str__ = __repr__


def test_numbers_of_their_own_kind_are_numbers() -> None:
    time, size = FloatOfItsOwn(1_700_000_000.5), IntOfItsOwn(7)
    record = only_record([wire({"ApproximateCreationDateTime": time, "SizeBytes": size}, x=time, y=size)])
    assert record.approximate_creation_time == datetime(2023, 11, 14, 22, 13, 20, 500_000, tzinfo=timezone.utc)
    assert record.size_bytes == 7
    written = record.to_dict()
    assert [type(written[name]) for name in "xy"] == [float, int]
    assert [written[name] for name in "xy"] == [1_700_000_000.5, 7]


@pytest.mark.parametrize("ask", ["size_bytes", "approximate_creation_time", "to_dict"])
def test_an_integer_that_python_does_not_write_is_refused(ask: str) -> None:
    endless = 10**5_000
    record = only_record([wire({"SizeBytes": endless, "ApproximateCreationDateTime": endless})])
    with pytest.raises(EventFormatError):
        _ = record.to_dict() if ask == "to_dict" else getattr(record, ask)
