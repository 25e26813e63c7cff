"""The strategies reach DynamoDB's limits and stay within them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tailrace import Batch, Record, unmarshall
from tailrace.testing import make_record
from tailrace.testing.strategies import attribute_values, events, items, keys, records

FEW_HUNDRED = settings(max_examples=300, suppress_health_check=list(HealthCheck), database=None, derandomize=True)


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 1


def values_in(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, (list, set)) else ()
    return [value, *(each for part in inside for each in values_in(part))]


def numbers_in(item: Any) -> list[Decimal]:
    return [value for value in values_in(item) if isinstance(value, Decimal)]


@given(items())
def test_an_item_comes_back_from_a_record_as_it_was(item: dict[str, Any]) -> None:
    record = make_record(new_image=item, keys={"id": "a"})
    assert (record.new_image or {}) == item
    written = Batch.from_event(json.dumps([record.to_dict()]).encode())[0]
    assert (written.new_image or {}) == item


@given(items())
def test_an_item_is_within_the_limits(item: dict[str, Any]) -> None:
    assert depth(item) <= 33, "the item itself and 32 levels in it"
    assert all(len(number.normalize().as_tuple().digits) <= 38 for number in numbers_in(item))
    assert all(-130 <= number.adjusted() <= 125 for number in numbers_in(item) if number)


LIMITS: dict[str, Any] = {
    "32 levels": lambda item: depth(item) == 33,
    "38 digits": lambda item: any(len(number.as_tuple().digits) == 38 for number in numbers_in(item)),
    "E+125": lambda item: any(number and number.adjusted() == 125 for number in numbers_in(item)),
    "E-130": lambda item: any(number and number.adjusted() == -130 for number in numbers_in(item)),
    "below zero": lambda item: any(number < 0 for number in numbers_in(item)),
    "zero": lambda item: any(number == 0 for number in numbers_in(item)),
    "zeros behind": lambda item: any(number and number.as_tuple().digits[-1] == 0 for number in numbers_in(item)),
    "empty text": lambda item: "" in item.values(),
    "empty bytes": lambda item: b"" in item.values(),
    "empty bytes in a set": lambda item: any(isinstance(value, set) and b"" in value for value in item.values()),
    "a set of numbers": lambda item: any(isinstance(value, set) and numbers_in(value) for value in item.values()),
    "empty list": lambda item: [] in item.values(),
    "empty map": lambda item: {} in item.values(),
    "empty item": lambda item: not item,
    "names like type tags": lambda item: "S" in item or "NULL" in item,
    "names like paths": lambda item: "a.b" in item or "a[0]" in item,
    "long names": lambda item: any(len(name) == 255 for name in item),
    "names beyond the basic plane": lambda item: any(ord(character) > 0xFFFF for name in item for character in name),
    "None": lambda item: None in item.values(),
    "False": lambda item: any(value is False for value in item.values()),
}


def test_the_limits_are_reached_in_a_few_hundred_examples() -> None:
    missing = set(LIMITS)

    @settings(FEW_HUNDRED)
    @given(items())
    def look(item: dict[str, Any]) -> None:
        missing.difference_update([name for name in missing if LIMITS[name](item)])

    look()
    assert not missing


@given(attribute_values())
def test_an_attribute_value_is_one(value: dict[str, Any]) -> None:
    assert json.loads(json.dumps(value)) == value
    assert len(value) == 1
    unmarshall({"value": value})


def test_every_type_is_drawn() -> None:
    drawn: set[str] = set()

    @settings(FEW_HUNDRED)
    @given(attribute_values())
    def look(value: dict[str, Any]) -> None:
        drawn.update(value)

    look()
    assert drawn == {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}


@given(keys())
def test_a_key_is_one(key: dict[str, Any]) -> None:
    assert 1 <= len(key) <= 2
    assert all(value not in ("", b"") for value in key.values())
    assert make_record(keys=key, event_name="REMOVE").keys == key


@given(records())
def test_a_record_is_as_its_event_and_view_say(record: Record) -> None:
    view = record.stream_view_type
    assert (record.new_image is not None) == (
        record.event_name != "REMOVE" and view in ("NEW_IMAGE", "NEW_AND_OLD_IMAGES")
    )
    assert (record.old_image is not None) == (
        record.event_name != "INSERT" and view in ("OLD_IMAGE", "NEW_AND_OLD_IMAGES")
    )
    assert record.sequence_number is not None
    assert 21 <= len(record.sequence_number) <= 40
    for image in (record.new_image, record.old_image):
        assert image is None or record.keys.items() <= image.items()


def test_records_of_every_kind_are_drawn() -> None:
    drawn: set[Any] = set()

    @settings(FEW_HUNDRED)
    @given(records())
    def look(record: Record) -> None:
        drawn.update((record.event_name, record.stream_view_type))
        drawn.update({"ttl"} if record.is_ttl_delete else ())
        drawn.update({"no time"} if record.approximate_creation_time is None else ())
        drawn.add(len(record.sequence_number or ""))

    look()
    assert {"INSERT", "MODIFY", "REMOVE", "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"} <= drawn
    assert {"ttl", "no time", 21, 40} <= drawn


@pytest.mark.parametrize("shape", ["lambda", "kinesis", "pipes", "get-records", "botocore"])
@given(data=st.data())
@settings(max_examples=12)
def test_events_of_every_shape_are_read(shape: Any, data: st.DataObject) -> None:
    batch = Batch.from_event(data.draw(events(shape=shape)))
    numbers = [int(record.sequence_number or "") for record in batch]
    assert numbers == sorted(set(numbers))
    assert len(batch) <= 8


@given(events(min_size=2, max_size=3))
@settings(max_examples=12)
def test_an_event_has_the_size_asked_for(event: Any) -> None:
    assert 2 <= len(event["Records"]) <= 3
