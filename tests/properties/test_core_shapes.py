"""Laws of reading change records: one record in five shapes says the same, and goes through to_dict unchanged."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace import Batch, Record, TailraceError
from tests.properties.strategies import records, write
from tests.reference import change_records, unmarshalling
from tests.reference.change_records import REFUSED
from tests.reference.event_shapes import JSON_SHAPES, PYTHON_SHAPES
from tests.reference.exact import exact
from tests.reference.one_record import ARN
from tests.reference.unmarshalling import Refused

Wire = dict[str, Any]
batches = st.lists(records(), min_size=1, max_size=3)
fewer = settings(max_examples=40)
TEXT, OBJECTS = "text", "objects"
CASES = [(name, road) for name in JSON_SHAPES for road in (TEXT, OBJECTS)] + [(name, OBJECTS) for name in PYTHON_SHAPES]


def attributes(record: Record) -> dict[str, Any]:
    """Everything that a record says, REFUSED where it cannot."""
    return {name: _read(record, name) for name in change_records.read({"dynamodb": {}})}


def _read(record: Record, name: str) -> Any:
    try:
        return exact(getattr(record, name))
    except TailraceError:
        return REFUSED


def _exact(read: dict[str, Any]) -> dict[str, Any]:
    return {name: value if value == REFUSED else exact(value) for name, value in read.items()}


def _plain(found: dict[str, Any]) -> dict[str, Any]:
    """Enum members as the text that they are."""
    return {name: ("str", value[1]) if name in ENUMS and value else value for name, value in found.items()}


ENUMS = ("event_name", "stream_view_type")


def read(shape: str, road: str, wires: list[Wire], hand: int) -> tuple[Any, Batch]:
    """These records as an event of a shape, and what it is read to be."""
    event = {**JSON_SHAPES, **PYTHON_SHAPES}[shape](wires)
    source = write(event, random.Random(hand)) if road == TEXT else event
    return event, Batch.from_event(source, event_source_arn=_given_arn(shape))


def _given_arn(shape: str) -> str | None:
    return ARN if shape in ("get-records", "botocore") else None


# All shapes in one test, since drawing the records takes longer than reading them.
@settings(max_examples=50)
@given(batches, st.integers(0, 2**32))
def test_every_shape_is_read_as_the_oracle_reads_it(wires: list[Wire], hand: int) -> None:
    for shape, road in CASES:
        event, batch = read(shape, road, wires, hand)
        oracle = [change_records.read(record, _given_arn(shape)) for record in change_records.records_of(event)]
        wanted = [_plain(_exact(record)) for record in oracle]
        assert [_plain(attributes(record)) for record in batch] == wanted, (shape, road)
        assert batch.shape == {"kinesis": "kinesis", "kinesis-bytes": "kinesis", "pipes": "pipes"}.get(shape, "stream")


@settings(max_examples=50)
@given(batches, st.integers(0, 2**32))
def test_a_record_of_every_shape_comes_back_from_its_dict(wires: list[Wire], hand: int) -> None:
    for shape, road in CASES:
        for record, wire in zip(read(shape, road, wires, hand)[1], wires, strict=True):
            written = record.to_dict()
            for again in (Batch.from_event([written])[0], Batch.from_event(json.dumps([written]))[0]):
                assert attributes(again) == attributes(record)
                assert again.to_dict() == written
                assert again.item_key == record.item_key
            if shape in ("lambda", "pipes", "s3", "s3-text"):
                assert written == wire
            elif "kinesis" not in shape:
                assert _normal(written) == _normal(wire)


def _normal(wire: Wire) -> Any:
    """Without what the shapes spell differently: the order of members and the members of sets."""
    return {
        **wire,
        "dynamodb": {
            name: exact(unmarshalling.item(value)) if name in ("Keys", "NewImage", "OldImage") else value
            for name, value in wire["dynamodb"].items()
        },
    }


@fewer
@given(batches)
def test_all_shapes_of_a_batch_agree_with_each_other(wires: list[Wire]) -> None:
    shared = ("event_id", "event_name", "table_name", "size_bytes", "user_identity", "is_ttl_delete", "keys",
              "new_image", "old_image", "approximate_creation_time", "item_key")  # fmt: skip
    found = {
        shape: [
            [_read(record, name) for name in shared] for record in Batch.from_event(make(wires), event_source_arn=ARN)
        ]
        for shape, make in {**JSON_SHAPES, **PYTHON_SHAPES}.items()
    }
    assert all(of_shape == found["lambda"] for of_shape in found.values())


@settings(max_examples=60)
@given(batches, st.data())
def test_an_event_that_is_cut_or_spoilt_is_never_a_wrong_one(wires: list[Wire], data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(sorted(JSON_SHAPES)))
    text = json.dumps(JSON_SHAPES[shape](wires)).encode()
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(TailraceError):
        Batch.from_event(text[:cut])
    read_in_full(text[:cut] + data.draw(st.binary(min_size=1, max_size=2)) + text[cut + 1 :])


def read_in_full(text: bytes) -> None:
    """Where JSON is whole, what is read is what the oracle reads; where it is broken, something of ours says so."""
    try:
        wires: list[Any] | None = change_records.records_of(text)
    except (Refused, KeyError, TypeError):
        wires = None
    try:
        batch = Batch.from_event(text)
    except TailraceError:
        return
    found = [attributes(record) for record in batch]
    written = [_written(record) for record in batch]
    if wires is None:
        return
    oracle = [_oracle(record) for record in wires]
    for one, other in zip(found, oracle, strict=True):
        if other:
            assert {name for name in one if _plain(one)[name] != _plain(other)[name]} <= UNCHECKED, (one, other)
    assert len(written) == len(oracle)


# The oracle takes these two as they are: whether they are numbers and identities is the unit tests' matter.
UNCHECKED = {"size_bytes", "approximate_creation_time", "user_identity", "is_ttl_delete"}


def _written(record: Record) -> Any:
    try:
        return record.to_dict()
    except TailraceError:
        return None


def _oracle(record: Any) -> Any:
    try:
        return _exact(change_records.read(record))
    except (Refused, KeyError, TypeError, AttributeError, ValueError, ArithmeticError):
        return None


@given(st.binary(max_size=120) | st.text('{}[]":,\\ Records dynmbkis01', max_size=80).map(str.encode))
def test_any_bytes_are_an_event_or_an_error_of_ours(data: bytes) -> None:
    read_in_full(data)
    read_in_full(b'{"Records":[{"dynamodb":{"NewImage":' + data + b"}}]}")
    read_in_full(b'[{"dynamodb":{"Keys":{"a":' + data + b'}},"eventID":"x"}]')
    read_in_full(json.dumps({"payload": data.decode("latin-1")}).encode())
