"""A change record of any shape read in the plainest way.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html,
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from tests.reference import unmarshalling
from tests.reference.unmarshalling import Refused

Wire = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
REFUSED = "refused"
# Units are told by the value: 10**11 seconds are the year 5138, as many milliseconds were 1973.
_MILLISECONDS_FROM, _MICROSECONDS_FROM = 10**11, 10**14


def records_of(event: Any) -> list[Any]:
    """The records of an event, whichever of the five shapes it has."""
    if isinstance(event, bytes | str):
        event = unmarshalling.json_of(event)
    if isinstance(event, Mapping) and "Records" not in event and "payload" in event:
        event = event["payload"]
        event = unmarshalling.json_of(event) if isinstance(event, str) else event
    records = event["Records"] if isinstance(event, Mapping) else event
    if not isinstance(records, list):
        raise Refused("no records")
    return records


def read(record: Wire, event_source_arn: str | None = None) -> dict[str, Any]:
    """Everything that a record says; REFUSED for a part that cannot be read."""
    change, number, arn = _unwrapped(record)
    readers: dict[str, Callable[[], Any]] = {
        "sequence_number": lambda: _sequence_number(number),
        "event_source_arn": lambda: _arn(arn, event_source_arn),
        "table_name": lambda: _text(change.get("tableName")) or _table_of(_arn(arn, event_source_arn)),
        "event_id": lambda: _text(change.get("eventID")),
        "event_name": lambda: _text(change.get("eventName")),
        "aws_region": lambda: _text(change.get("awsRegion")),
        "stream_view_type": lambda: _text(change["dynamodb"].get("StreamViewType")),
        "size_bytes": lambda: change["dynamodb"].get("SizeBytes"),
        "approximate_creation_time": lambda: _creation_time(change["dynamodb"]),
        "user_identity": lambda: _identity(change.get("userIdentity")),
        "is_ttl_delete": lambda: change.get("eventName") == "REMOVE" and _identity(change.get("userIdentity")) == TTL,
        "keys": lambda: _keys(change["dynamodb"].get("Keys")),
        "new_image": lambda: _image(change["dynamodb"].get("NewImage")),
        "old_image": lambda: _image(change["dynamodb"].get("OldImage")),
    }
    return {name: _tried(reader) for name, reader in readers.items()}


TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def _tried(reader: Callable[[], Any]) -> Any:
    try:
        return reader()
    except (Refused, KeyError):
        return REFUSED


def _unwrapped(record: Wire) -> tuple[Wire, Any, Any]:
    """The change, the number that is reported for it, and the ARN it came from."""
    if "kinesis" not in record:
        return record, record["dynamodb"].get("SequenceNumber"), record.get("eventSourceARN")
    data = record["kinesis"]["data"]
    payload = data if isinstance(data, bytes) else unmarshalling.base64_of(data)
    return unmarshalling.json_of(payload), record["kinesis"].get("sequenceNumber"), record.get("eventSourceARN")


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise Refused("no text")
    return value


def _arn(own: Any, given: str | None) -> str | None:
    return given if own is None else _text(own)


def _sequence_number(value: Any) -> str | None:
    return value if isinstance(value, str) and re.fullmatch("[0-9]+", value) else None


def _table_of(arn: str | None) -> str | None:
    found = re.fullmatch(r"[^:]*:[^:]*:[^:]*:[^:]*:[^:]*:table/([^/]+)(/.*)?", arn or "", re.DOTALL)
    return found[1] if found else None


def _creation_time(change: Wire) -> datetime | None:
    value = change.get("ApproximateCreationDateTime")
    if value is None or isinstance(value, datetime):
        return value
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    precision = change.get("ApproximateCreationDateTimePrecision")
    if precision == "MILLISECOND" or (precision is None and _MILLISECONDS_FROM <= number < _MICROSECONDS_FROM):
        number *= 1000
    elif precision != "MICROSECOND" and number < _MILLISECONDS_FROM:
        number *= 1_000_000
    return EPOCH + timedelta(microseconds=int(number))


def _identity(value: Wire | None) -> dict[str, str] | None:
    if value is None:
        return None
    lower = {name[:1].lower() + name[1:]: text for name, text in value.items()}
    return {"type": lower.get("type", ""), "principalId": lower.get("principalId", "")}


def _keys(value: Any) -> dict[str, Any]:
    found = _image(value)
    if not found:
        raise Refused("no keys")
    return found


def _image(value: Any) -> dict[str, Any] | None:
    """An empty image is no image: an item always has its key."""
    return None if value is None or value == {} else unmarshalling.item(value)


def as_json(event: Any) -> bytes:
    return json.dumps(event).encode()
