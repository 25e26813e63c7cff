"""An event cut at every byte and spoilt at every byte: an error of ours or what the JSON says, and no crash."""

from __future__ import annotations

import base64
import json
from enum import Enum
from typing import Any

import pytest

from tailrace import Batch, Record, TailraceError
from tests.reference import change_records, unmarshalling
from tests.reference.change_records import REFUSED
from tests.reference.event_shapes import JSON_SHAPES, kinesis_payload
from tests.reference.exact import exact
from tests.reference.one_record import wire
from tests.reference.unmarshalling import Refused

SMALL = {
    "eventID": "é",
    "eventName": "MODIFY",
    "awsRegion": "r",
    "dynamodb": {
        "Keys": {"k": {"S": 'a"\\'}},
        "NewImage": {"k": {"S": "a"}, "b": {"B": "aGk="}, "l": {"L": [{"N": "-1.5"}, {"BOOL": True}]}},
        "OldImage": {},
        "SequenceNumber": "17",
        "SizeBytes": 5,
    },
    "eventSourceARN": "arn:aws:dynamodb:r:1:table/t/stream/x",
}
ATTRIBUTES = ("sequence_number", "event_id", "event_name", "aws_region", "event_source_arn", "table_name", "keys",
              "new_image", "old_image")  # fmt: skip
NUMBERLIKE = ("size_bytes", "approximate_creation_time", "user_identity", "is_ttl_delete", "item_key")
EVENT = json.dumps({"Records": [SMALL, SMALL]}, separators=(",", ":"), ensure_ascii=False).encode()
WITH_BLANKS = json.dumps([SMALL], indent=1).encode()
OTHERS = b'\0 "\\{}[]:,01-eEntN\x7f\x80\xc3'


def attributes(record: Record) -> dict[str, Any]:
    found = {}
    for name in (*ATTRIBUTES, *NUMBERLIKE):
        try:
            value = getattr(record, name)
            found[name] = exact(value.value if isinstance(value, Enum) else value)
        except TailraceError:  # noqa: PERF203 each may fail by itself
            found[name] = REFUSED
    return {name: found[name] for name in ATTRIBUTES}


def written(record: Record) -> Any:
    try:
        return record.to_dict()
    except TailraceError:
        return None


def check(text: bytes) -> str:
    """What became of the text: refused at once, refused in part, or read."""
    try:
        oracle = change_records.records_of(text)
    except (Refused, KeyError, TypeError):
        oracle = None
    try:
        batch = Batch.from_event(text)
    except TailraceError:
        return "refused"
    found = [attributes(record) for record in batch]
    if any(written(record) is None for record in batch):
        return "refused in part"
    assert oracle is not None, text
    wanted = [change_records.read(record) for record in oracle]
    for one, other in zip(found, wanted, strict=True):
        assert one == {name: other[name] if other[name] == REFUSED else exact(other[name]) for name in ATTRIBUTES}, text
    return "read"


@pytest.mark.parametrize("text", [EVENT, WITH_BLANKS], ids=["compact", "with blanks"])
def test_the_event_itself_is_read(text: bytes) -> None:
    assert check(text) == "read"


@pytest.mark.parametrize("shape", JSON_SHAPES)
def test_an_event_that_is_cut_off_is_refused_at_every_byte(shape: str) -> None:
    text = json.dumps(JSON_SHAPES[shape]([wire()])).encode()
    assert len(Batch.from_event(text)) == 1
    for end in range(len(text)):
        with pytest.raises(TailraceError):
            Batch.from_event(text[:end])


@pytest.mark.parametrize("text", [EVENT, WITH_BLANKS], ids=["compact", "with blanks"])
def test_a_spoilt_byte_is_seen_or_gives_what_json_gives(text: bytes) -> None:
    outcomes = set()
    for at in range(len(text)):
        for other in {*OTHERS, *(text[at] ^ 1 << bit for bit in range(8))} - {text[at]}:
            outcomes.add(check(text[:at] + bytes([other]) + text[at + 1 :]))
    assert outcomes == {"refused", "refused in part", "read"}


@pytest.mark.parametrize("text", [EVENT, WITH_BLANKS], ids=["compact", "with blanks"])
def test_a_lost_or_doubled_byte_is_seen_or_gives_what_json_gives(text: bytes) -> None:
    for at in range(len(text)):
        check(text[:at] + text[at + 1 :])
        check(text[:at] + text[at : at + 1] + text[at:])


def test_a_spoilt_payload_of_kinesis_fails_alone() -> None:
    payload = json.dumps(kinesis_payload(wire())).encode()
    fine = base64.b64encode(payload).decode()
    for at in range(len(payload)):
        for spoilt in (payload[:at], payload[:at] + b"\xff" + payload[at + 1 :], payload[:at] + payload[at + 1 :]):
            data = base64.b64encode(spoilt).decode()
            records = [{"kinesis": {"sequenceNumber": str(n), "data": d}} for n, d in enumerate((fine, data, fine))]
            batch = Batch.from_event(json.dumps({"Records": records}))
            assert [record.sequence_number for record in batch] == ["0", "1", "2"]
            assert [batch[0].new_image, batch[2].new_image] == [{"id": "a", "n": 2}] * 2
            attributes(batch[1])
            written(batch[1])


def test_a_spoilt_base64_of_kinesis_fails_alone() -> None:
    fine = base64.b64encode(json.dumps(kinesis_payload(wire())).encode()).decode()
    for at in range(len(fine)):
        data = fine[:at] + "!" + fine[at + 1 :]
        records = [{"kinesis": {"sequenceNumber": str(n), "data": d}} for n, d in enumerate((data, fine))]
        batch = Batch.from_event({"Records": records})
        assert set(attributes(batch[0]).values()) >= {REFUSED}
        assert batch[0].sequence_number == "0"
        assert batch[1].new_image == {"id": "a", "n": 2}


@pytest.mark.parametrize(
    "hostile",
    [b"[" * 100_000, b'{"Records":' * 20_000, b'{"Records":[{"dynamodb":' * 5_000, b'{"payload":' * 20_000,
     b'"' + b"\\" * 100_001, b'{"Records":[' + b'{"dynamodb":{}},' * 20_000],
    ids=lambda text: text[:30].decode(),
)  # fmt: skip
def test_a_hostile_event_is_an_error_and_no_hang(hostile: bytes) -> None:
    with pytest.raises(TailraceError):
        Batch.from_event(hostile)
    with pytest.raises(TailraceError):
        Batch.from_event(hostile.decode())


@pytest.mark.parametrize("member", ["eventVersion", "userIdentity", "eventID", "eventName", "eventSourceARN"])
def test_a_hostile_depth_in_an_envelope_harms_nothing_else(member: str) -> None:
    deep = "[" * 20_000 + "]" * 20_000
    record = Batch.from_event(json.dumps([{**wire(), member: "?"}]).replace('"?"', deep))[0]
    assert record.new_image == {"id": "a", "n": 2}
    with pytest.raises(TailraceError, match="nested too deep"):
        record.to_dict()
    attributes(record)


def test_a_megabyte_of_blanks_or_escapes_is_no_hang() -> None:
    blanks = b" \n\t\r" * 250_000
    assert len(Batch.from_event(blanks + EVENT + blanks)) == 2
    long = json.dumps([wire({"NewImage": {"a": {"S": '\\"\n' * 100_000}}})])
    assert Batch.from_event(long)[0].new_image == {"a": '\\"\n' * 100_000}
    assert unmarshalling.item_from_json('{"a":{"S":""}}') == {"a": ""}
