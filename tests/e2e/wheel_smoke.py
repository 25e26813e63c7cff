"""Runs inside a virtualenv that holds the wheel and nothing else: the main road through everything.

Usage: python wheel_smoke.py VERSION WHEEL_KIND
"""

from __future__ import annotations

import base64
import importlib.metadata
import json
import sys
import tempfile
from decimal import Decimal
from typing import Any

import tailrace
from tailrace import Batch, EventFormatError, StreamHandler, loads, unmarshall
from tailrace.sinks import JsonlSink, MemorySink, SqliteAuditTrail, SqliteReplica, SqliteSearchIndex

VERSION, KIND = sys.argv[1:]
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
WIRE: dict[str, Any] = {
    "id": {"S": "ö-1"},
    "n": {"N": "12345678901234567890123456789012345678"},
    "b": {"B": base64.b64encode(b"\x00\xff").decode()},
    "yes": {"BOOL": True},
    "none": {"NULL": True},
    "list": {"L": [{"S": "canal"}, {"M": {"deep": {"N": "1.50"}}}]},
    "map": {"M": {"empty": {"M": {}}}},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2.0"]},
    "bs": {"BS": [base64.b64encode(b"x").decode()]},
}
ITEM = {
    "id": "ö-1",
    "n": Decimal(12345678901234567890123456789012345678),
    "b": b"\x00\xff",
    "yes": True,
    "none": None,
    "list": ["canal", {"deep": Decimal("1.50")}],
    "map": {"empty": {}},
    "ss": {"a", "b"},
    "ns": {Decimal(1), Decimal("2.0")},
    "bs": {b"x"},
}


def change(name: str, number: int, **images: Any) -> dict[str, Any]:
    stream_record = {
        "ApproximateCreationDateTime": 1_767_225_600,
        "Keys": {"id": WIRE["id"]},
        "SequenceNumber": f"{10**20 + number}",
        "SizeBytes": 1,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
        **images,
    }
    return {
        "eventID": f"event-{number}",
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "eventSourceARN": ARN,
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_225_600,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
            **stream_record,
        },
    }


LATER = {**WIRE, "n": {"N": "1"}}
EVENT = {
    "Records": [
        change("INSERT", 1, NewImage=WIRE),
        change("MODIFY", 2, OldImage=WIRE, NewImage=LATER),
    ]
}
REMOVAL = {"Records": [change("REMOVE", 3, OldImage=LATER)]}


def check_build() -> None:
    info = tailrace.build_info()
    this_python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert info["wheel"] == KIND, info
    assert info["profile"] == "release", info
    assert info["python"] == ("3.10+" if KIND == "abi3" else this_python), info
    assert tailrace.__version__ == info["version"] == importlib.metadata.version("tailrace") == VERSION, info


def check_reading() -> None:
    assert repr(unmarshall(WIRE)["n"]) == repr(ITEM["n"])
    assert unmarshall(WIRE) == loads(json.dumps(WIRE)) == ITEM
    for event in (EVENT, json.dumps(EVENT).encode(), json.dumps(EVENT)):
        first, second = Batch.from_event(event)
        assert first.new_image == second.old_image == ITEM
        assert first.item_key == second.item_key
        assert (first.event_name, first.table_name, first.old_image) == ("INSERT", "orders", None)
    try:
        Batch.from_event(b"{}")
    except EventFormatError:
        return
    raise AssertionError("an empty object passed for an event")


def check_handling(folder: str) -> None:
    seen = []
    app = StreamHandler()
    app.on(lambda record: seen.append(str(record.event_name)))
    memory = app.sink(MemorySink())
    app.sink(JsonlSink(f"{folder}/changes.jsonl"))
    audit_trail = app.sink(SqliteAuditTrail(f"{folder}/audit.db"))
    replica = app.sink(SqliteReplica(f"{folder}/replica.db"))
    index = app.sink(SqliteSearchIndex(f"{folder}/search.db", attributes=("list",)))
    assert app(json.dumps(EVENT).encode(), None) == {"batchItemFailures": []}
    assert list(replica.items("orders")) == [{**ITEM, "n": Decimal(1)}]
    assert len(index.search("canal")) == 1
    assert app(REMOVAL, None) == {"batchItemFailures": []}
    assert app(EVENT, None) == {"batchItemFailures": []}  # a late redelivery revives nothing
    assert replica.count("orders") == index.count("orders") == 0
    assert [entry.changed_attributes for entry in audit_trail.history("orders", {"id": "ö-1"})][1] == ["n"]
    assert audit_trail.count() == 3
    assert seen == ["INSERT", "MODIFY", "REMOVE", "INSERT", "MODIFY"]
    assert len(memory.records) == 5
    for sink in (audit_trail, replica, index):
        sink.close()


def check_failing() -> None:
    app = StreamHandler()

    @app.modify
    def refuse(record: tailrace.Record) -> None:
        raise ValueError(record.event_id)

    number = EVENT["Records"][1]["dynamodb"]["SequenceNumber"]
    assert app(json.dumps(EVENT).encode(), None) == {"batchItemFailures": [{"itemIdentifier": number}]}


check_build()
check_reading()
check_failing()
with tempfile.TemporaryDirectory() as temporary:
    check_handling(temporary)
print("smoke: fine")
