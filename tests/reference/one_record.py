"""One complete change record, with parts of it changed or left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tailrace import Record
from tests.reference.roads import only_record

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"


def wire(change: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """One complete record; members given as ... are left out."""
    stream_record = {
        "ApproximateCreationDateTime": 1_700_000_000.0,
        "Keys": {"id": {"S": "a"}},
        "NewImage": {"id": {"S": "a"}, "n": {"N": "2"}},
        "OldImage": {"id": {"S": "a"}, "n": {"N": "1"}},
        "SequenceNumber": "100000000000000000001",
        "SizeBytes": 59,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        **(change or {}),
    }
    record = {
        "eventID": "c4ca4238a0b923820dcc509a6f75849b",
        "eventName": "MODIFY",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": {name: value for name, value in stream_record.items() if value is not ...},
        "eventSourceARN": ARN,
        **members,
    }
    return {name: value for name, value in record.items() if value is not ...}


def read(road: Callable[[Any], Any], change: dict[str, Any] | None = None, **members: Any) -> Record:
    return only_record(road({"Records": [wire(change, **members)]}))
