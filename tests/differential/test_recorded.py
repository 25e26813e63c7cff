"""Recorded streams of a real server against json, base64 and Decimal: every record, attribute for attribute."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, loads
from tailrace._core import image_json
from tests.reference import by_value, change_records, event_shapes, unmarshalling
from tests.reference.exact import exact
from tests.reference.plain_diff import held, plain_diff

RECORDED = Path(__file__).resolve().parents[1] / "data" / "recorded-stream"
BODIES = sorted(RECORDED.glob("*-[0-9][0-9].json"))
TABLES = sorted(RECORDED.glob("*-table.json"))
ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/Orders/stream/2026-11-24T00:00:00.000"
IMAGES = {"keys": "Keys", "new_image": "NewImage", "old_image": "OldImage"}


def test_there_is_something_to_compare() -> None:
    assert len(BODIES) == 5
    assert len(TABLES) == 2


@pytest.mark.parametrize("body", BODIES, ids=lambda path: path.stem)
@pytest.mark.parametrize("form", ["bytes", "text", "dict", "kinesis", "kinesis-bytes", "s3-text"])
def test_every_attribute_of_every_record(body: Path, form: str) -> None:
    records = json.loads(body.read_bytes())["Records"]
    event = _as(form, body.read_bytes(), records)
    batch = Batch.from_event(event, event_source_arn=ARN)
    oracle = [change_records.read(record, ARN) for record in change_records.records_of(event)]
    for record, wanted in zip(batch, oracle, strict=True):
        for name, value in wanted.items():
            found = getattr(record, name)
            if name in ("event_name", "stream_view_type"):
                assert found == value
            elif not (name == "event_source_arn" and value is None):
                assert exact(found) == exact(value), (name, record)


def _as(form: str, body: bytes, records: list[dict[str, Any]]) -> Any:
    if form == "bytes":
        return body
    if form == "text":
        return body.decode()
    with_arn = [{**record, "eventSourceARN": ARN} for record in records]
    return SHAPES[form](with_arn)


SHAPES: dict[str, Callable[[list[dict[str, Any]]], Any]] = {
    "dict": event_shapes.lambda_event,
    "kinesis": event_shapes.kinesis,
    "kinesis-bytes": event_shapes.kinesis_bytes,
    "s3-text": event_shapes.on_failure_text,
}


@pytest.mark.parametrize("body", BODIES, ids=lambda path: path.stem)
def test_every_form_of_every_image(body: Path) -> None:
    text = body.read_bytes()
    wires = json.loads(text)["Records"]
    for event in (text, json.loads(text)):
        for record, wire in zip(Batch.from_event(event), wires, strict=True):
            change = wire["dynamodb"]
            assert record.to_dict() == wire
            for image, member in IMAGES.items():
                written = image_json(record, image)  # type: ignore[arg-type]
                assert (json.loads(written) if written else None) == change.get(member)
            if wire["eventName"] == "MODIFY":
                wanted = by_value.changed_attributes(change["OldImage"], change["NewImage"])
                assert record.diff is not None
                assert sorted(record.diff.attributes) == wanted


@pytest.mark.parametrize("body", BODIES, ids=lambda path: path.stem)
def test_every_change_of_every_record(body: Path) -> None:
    text = body.read_bytes()
    for event in (text, json.loads(text), _as("kinesis", text, json.loads(text)["Records"])):
        batch = Batch.from_event(event, event_source_arn=ARN)
        for record, found in zip(batch, batch.diffs(), strict=True):
            old, new = record.old_image, record.new_image
            needed = {"INSERT": (new,), "REMOVE": (old,), "MODIFY": (old, new)}[str(record.event_name)]
            assert (found is None) == (None in needed)
            if found is not None:
                reference = plain_diff(None if record.event_name == "INSERT" else old, new)
                assert [(each.path, each.kind) for each in found] == [(each.path, each.kind) for each in reference]
                assert [(held(each.old), held(each.new)) for each in found] == [
                    (held(each.old), held(each.new)) for each in reference
                ]
                assert held(found.apply(reference.old_item)) == held(new)


@pytest.mark.parametrize("body", BODIES, ids=lambda path: path.stem)
def test_items_are_grouped_as_their_keys_are(body: Path) -> None:
    batch = Batch.from_event(body.read_bytes())
    wires = json.loads(body.read_bytes())["Records"]
    wanted: dict[Any, list[str]] = {}
    for wire in wires:
        key = by_value.item_key(wire["dynamodb"]["Keys"])
        wanted.setdefault(key, []).append(wire["dynamodb"]["SequenceNumber"])
    found = [[record.sequence_number for record in group] for group in batch.by_item().values()]
    assert found == list(wanted.values())


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_every_item_of_a_table(table: Path) -> None:
    items = json.loads(table.read_bytes())
    assert items
    for item in items:
        assert exact(loads(json.dumps(item))) == exact(unmarshalling.item(item))
