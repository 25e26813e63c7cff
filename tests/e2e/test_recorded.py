"""Streams recorded from DynamoDB Local, offline: every form of a record agrees, and a replay gives the table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, Record
from tests.e2e.exact import exact, native_item
from tests.e2e.get_records import FORMS
from tests.e2e.pipeline import pipeline, same_items

RECORDED = Path(__file__).resolve().parents[1] / "data" / "recorded-stream"
TABLES = {"orders": "Orders", "types": "types"}
# The attribute whose text is searched: any that holds text.
TEXTS = {"orders": "status", "types": "pk"}
COUNTS = {"orders": 700, "types": 149}
ARN = "arn:aws:dynamodb:ddblocal:000000000000:table/{}/stream/2026-11-24T00:00:00.000"

ATTRIBUTES = [name for name in dir(Record) if not name.startswith("_") and not callable(getattr(Record, name))]
every_stream = pytest.mark.parametrize("stream", list(TABLES))
every_form = pytest.mark.parametrize("form", list(FORMS))


def _bodies(stream: str) -> list[bytes]:
    return [path.read_bytes() for path in sorted(RECORDED.glob(f"{stream}-[0-9]*.json"))]


def _table(stream: str) -> list[Any]:
    items = json.loads((RECORDED / f"{stream}-table.json").read_bytes())
    return [exact(native_item(item)) for item in items]


def _records(stream: str, form: str) -> list[Record]:
    arn = ARN.format(TABLES[stream])
    return [record for body in _bodies(stream) for record in Batch.from_event(FORMS[form](body), event_source_arn=arn)]


def _read(record: Record) -> dict[str, Any]:
    """All that a record says."""
    attributes = {name: exact(getattr(record, name)) for name in ATTRIBUTES}
    images = {image: record.attribute_values(image) for image in ("keys", "new_image", "old_image")}
    return {**attributes, "images": images, "wire": record.to_dict()}


@every_stream
@pytest.mark.parametrize("form", [form for form in FORMS if form != "bytes"])
def test_every_form_of_an_answer_gives_the_same_records(stream: str, form: str) -> None:
    from_bytes, from_form = _records(stream, "bytes"), _records(stream, form)
    assert len(from_bytes) == len(from_form) == COUNTS[stream]
    for left, right in zip(from_bytes, from_form, strict=True):
        assert _read(left) == _read(right)


@every_stream
@every_form
def test_images_have_the_values_of_the_wire(stream: str, form: str) -> None:
    wire = [record["dynamodb"] for body in _bodies(stream) for record in json.loads(body)["Records"]]
    for record, written in zip(_records(stream, form), wire, strict=True):
        assert exact(record.keys) == exact(native_item(written["Keys"]))
        for image, name in ((record.new_image, "NewImage"), (record.old_image, "OldImage")):
            assert exact(image) == exact(native_item(written[name]) if name in written else None)


@every_stream
@every_form
def test_images_replayed_in_order_give_the_table(stream: str, form: str) -> None:
    items: dict[bytes, Any] = {}
    for record in _records(stream, form):
        assert exact(items.get(record.item_key)) == exact(record.old_image)
        if record.new_image is None:
            del items[record.item_key]
        else:
            items[record.item_key] = record.new_image
    assert same_items([exact(item) for item in items.values()], _table(stream))


@every_stream
@every_form
def test_the_sinks_end_with_the_table_and_every_change(stream: str, form: str, tmp_path: Path) -> None:
    with pipeline(tmp_path, TABLES[stream], text=TEXTS[stream]) as pipe:
        for body in _bodies(stream):
            pipe.feed(FORMS[form](body))
        assert same_items(pipe.items(), _table(stream))
        assert pipe.audit_trail.count() == COUNTS[stream]


@every_stream
def test_a_replay_and_a_late_redelivery_change_nothing(stream: str, tmp_path: Path) -> None:
    with pipeline(tmp_path, TABLES[stream], text=TEXTS[stream]) as pipe:
        for body in _bodies(stream):
            pipe.feed(body)
        before = pipe.contents()
        for body in reversed(_bodies(stream)):
            pipe.feed(json.loads(body))
        assert pipe.contents() == before


@pytest.mark.parametrize("tag", ["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"])
def test_what_is_recorded_reaches_every_type(tag: str) -> None:
    assert f'{{"{tag}":'.encode() in b"".join(_bodies("types"))
