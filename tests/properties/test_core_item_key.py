"""Laws of identity, comparison and order."""

from __future__ import annotations

import base64
import json
import random
from datetime import datetime, timezone
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace import Batch, Record
from tailrace._core import order_guard
from tests.properties.strategies import items, keys, numbers, sequence_numbers, write
from tests.reference import by_value, number
from tests.reference.event_shapes import KINESIS_ARN, kinesis
from tests.reference.one_record import wire
from tests.reference.roads import only_record


def record_of(change: dict[str, Any], **members: Any) -> Record:
    return only_record([wire(change, **members)])


def changed_names(record: Record) -> list[str] | None:
    """The sorted names of the top-level attributes that changed; None where nobody knows."""
    return None if record.diff is None else sorted(record.diff.attributes)


def item_key(key: dict[str, Any]) -> bytes:
    return record_of({"Keys": key}).item_key


@given(keys(), st.integers(0, 2**32))
def test_an_identity_does_not_depend_on_shape_order_or_spelling(key: dict[str, Any], hand: int) -> None:
    wanted = item_key(key)
    turned = dict(reversed(key.items()))
    raw = {name: {"B": base64.b64decode(value["B"])} if "B" in value else value for name, value in turned.items()}
    respelled = {
        name: {"N": f"{number.by_value(value['N']):f}"} if "N" in value else value for name, value in key.items()
    }
    assert item_key(turned) == item_key(raw) == item_key(respelled) == wanted
    event = kinesis([wire({"Keys": turned})])
    assert only_record(event).item_key == wanted
    assert only_record(write([wire({"Keys": key})], random.Random(hand))).item_key == wanted
    assert only_record([only_record(event).to_dict()]).item_key == wanted


@given(st.lists(keys(), min_size=2, max_size=5))
def test_identities_are_equal_exactly_when_the_keys_are(of_items: list[dict[str, Any]]) -> None:
    found = [item_key(key) for key in of_items]
    wanted = [by_value.item_key(key) for key in of_items]
    for one in range(len(found)):
        for other in range(one):
            assert (found[one] == found[other]) is (wanted[one] == wanted[other])


# Few letters, many chances to be cut in another place.
CLOSE = st.text("ab|#\0SNB", max_size=3)


@given(st.lists(st.tuples(CLOSE, CLOSE, CLOSE, st.sampled_from("SB")), min_size=2, max_size=8, unique=True))
def test_no_two_keys_run_together(parts: list[tuple[str, str, str, str]]) -> None:
    of_items = [
        {"p" + name: {"S": first}, "s": {tag: second if tag == "S" else base64.b64encode(second.encode()).decode()}}
        for name, first, second, tag in parts
    ]
    assert len({item_key(key) for key in of_items}) == len({json.dumps(key, sort_keys=True) for key in of_items})


@given(numbers(), numbers())
def test_numbers_are_one_key_exactly_when_they_are_equal(one: str, other: str) -> None:
    equal = number.by_value(one) == number.by_value(other)
    assert (item_key({"n": {"N": one}}) == item_key({"n": {"N": other}})) is equal
    images = {"OldImage": {"n": {"N": one}}, "NewImage": {"n": {"N": other}}}
    assert bool(record_of(images).diff) is not equal


@settings(max_examples=60)
@given(items(), items(), st.integers(0, 2**32), st.booleans())
def test_changed_attributes_are_those_that_differ_by_value(
    old: dict[str, Any], new: dict[str, Any], hand: int, overlapping: bool
) -> None:
    images = {"OldImage": {"id": {"S": "a"}, **old}, "NewImage": {"id": {"S": "b"}, **new}}
    if overlapping:
        shared = dict(zip(images["OldImage"], reversed(images["NewImage"].values()), strict=False))
        images["NewImage"] = {**images["NewImage"], **shared}
    wanted = by_value.changed_attributes(images["OldImage"], images["NewImage"])
    assert changed_names(record_of(images)) == wanted
    assert changed_names(only_record(write([wire(images)], random.Random(hand)))) == wanted
    assert changed_names(record_of({**images, "NewImage": images["OldImage"]})) == []
    assert changed_names(record_of(images, eventName="INSERT")) == sorted(images["NewImage"])
    assert changed_names(record_of(images, eventName="REMOVE")) == sorted(images["OldImage"])


@given(st.lists(sequence_numbers(), min_size=2, max_size=8))
def test_guards_of_a_stream_sort_as_the_numbers_do(of_records: list[str]) -> None:
    guards = [order_guard(record_of({"SequenceNumber": text})) for text in of_records]
    assert {(kind, len(guard)) for kind, guard in filter(None, guards)} == {("stream", 40)}
    _sorts(of_records, guards, key=int)


@given(st.lists(st.tuples(st.integers(0, 4_000_000_000_000_000), sequence_numbers(56)), min_size=2, max_size=8))
def test_guards_of_kinesis_sort_by_time_and_number(changes: list[tuple[int, str]]) -> None:
    guards = []
    for microseconds, text in changes:
        change = {
            "ApproximateCreationDateTime": microseconds,
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
            "SequenceNumber": text,
        }
        guards.append(order_guard(record_of(change, eventSourceARN=KINESIS_ARN)))
    assert {kind for kind, _ in filter(None, guards)} == {"kinesis"}
    _sorts(changes, guards, key=lambda change: (change[0], int(change[1])))


def _sorts(records: list[Any], guards: list[Any], key: Any) -> None:
    for one in range(len(records)):
        for other in range(one):
            left, right = key(records[one]), key(records[other])
            assert (guards[one] < guards[other], guards[one] == guards[other]) == (left < right, left == right)


@given(st.lists(keys(), max_size=8), st.data())
def test_by_item_parts_a_batch_and_loses_nothing(of_items: list[dict[str, Any]], data: st.DataObject) -> None:
    if of_items:
        of_items = data.draw(st.lists(st.sampled_from(of_items), max_size=12))
    event = [wire({"Keys": key, "SequenceNumber": str(at)}) for at, key in enumerate(of_items)]
    batch = Batch.from_event(json.dumps(event))
    groups = batch.by_item()
    numbered = [[int(record.sequence_number or "") for record in group] for group in groups.values()]
    assert sorted(at for group in numbered for at in group) == list(range(len(of_items)))
    assert [group[0] for group in numbered] == sorted(group[0] for group in numbered)
    assert all(group == sorted(group) for group in numbered)
    assert all(record.item_key == key for key, group in groups.items() for record in group)


# A float of seconds, which is how to_dict writes a datetime, has microseconds until the year 2242.
@given(st.datetimes(datetime(1970, 1, 1), datetime(2242, 1, 1), timezones=st.just(timezone.utc)))  # noqa: DTZ001
def test_a_time_is_kept_to_the_microsecond_from_every_writer(time: datetime) -> None:
    record = record_of({"ApproximateCreationDateTime": time})
    assert record.approximate_creation_time == time
    assert only_record(json.dumps([record.to_dict()])).approximate_creation_time == time


@given(st.lists(st.integers(0, 9), max_size=12), st.slices(12))
def test_a_slice_of_a_batch_is_that_of_a_list(rows: list[int], bounds: slice) -> None:
    batch = Batch.from_event([wire({"SequenceNumber": str(at)}) for at in range(10)]).take(rows)
    assert [int(record.sequence_number or "") for record in batch[bounds]] == rows[bounds]
    assert [int(record.sequence_number or "") for record in reversed(batch)] == rows[::-1]
