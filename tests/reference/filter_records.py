"""The records that the rows of the filter language are held against."""

from __future__ import annotations

from typing import Any

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"

_NEW: dict[str, Any] = {
    "pk": {"S": "U#1"},
    "status": {"S": "PAID"},
    "qty": {"N": "15"},
    "price": {"N": "9.50"},
    "active": {"BOOL": True},
    "off": {"BOOL": False},
    "note": {"NULL": True},
    "name": {"S": "Caf\u00e9"},
    "empty": {"S": ""},
    "tags": {"SS": ["a", "b"]},
    "nums": {"NS": ["1", "2"]},
    "addr": {"M": {"city": {"S": "Oslo"}}},
    "lines": {"L": [{"M": {"sku": {"S": "A"}, "n": {"N": "1"}}}, {"M": {"sku": {"S": "B"}, "n": {"N": "2"}}}]},
    "elist": {"L": []},
    "emap": {"M": {}},
    "a.b": {"S": "dot"},
    "ip": {"S": "10.0.0.1"},
    "prefix": {"S": "kw"},
}
_OLD: dict[str, Any] = {"pk": {"S": "U#1"}, "status": {"S": "PENDING"}, "qty": {"N": "5"}}


def _record(event_name: str, **more: Any) -> dict[str, Any]:
    change = {
        "ApproximateCreationDateTime": 1700000000.0,
        "Keys": {"pk": {"S": "U#1"}},
        "OldImage": _OLD,
        "SequenceNumber": "111",
        "SizeBytes": 26,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    if event_name == "MODIFY":
        change["NewImage"] = _NEW
    return {
        "eventID": "e1",
        "eventName": event_name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "eventSourceARN": ARN,
        "dynamodb": change,
        **more,
    }


TTL_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}

MODIFIED = _record("MODIFY")
EXPIRED = _record("REMOVE", userIdentity=TTL_SERVICE)
REMOVED = _record("REMOVE")
REMOVED_WITH_NULL = _record("REMOVE", userIdentity=None)
