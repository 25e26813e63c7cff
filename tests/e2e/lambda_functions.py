"""Lambda functions for the tests of the runtime: each is the handler of a process."""

from __future__ import annotations

import copy
import json
import os
import time
from decimal import Decimal
from typing import Any

from tailrace import Record, StreamHandler
from tailrace.aws_lambda import RawEvent, enable_raw_events

ENABLED = os.environ.get("FUNCTION_EVENTS", "raw") == "raw" and enable_raw_events()

app = StreamHandler()


@app.on("INSERT", "MODIFY", "REMOVE")
def handle(record: Record) -> None:
    """Does what the record says; INSERTs of the tests say it."""
    image = record.new_image or {}
    match image.get("do"):
        case "fail":
            raise RuntimeError("as told")
        case "crash":
            os._exit(23)
        case "sleep":
            time.sleep(600)


def told(event: Any, context: Any) -> dict[str, Any]:
    """What the event is."""
    return {"enabled": ENABLED, "type": type(event).__name__, "event": event, "exact": type(event) is dict}


def echo(event: Any, context: Any) -> Any:
    return event


def as_bytes(event: Any, context: Any) -> bytes:
    """Answers what the event asks for in the first record, as bytes."""
    app(event, context)
    return os.environ.get("FUNCTION_ANSWER", json.dumps(app(event, context))).encode()


def numbers(event: Any, context: Any) -> dict[str, Any]:
    return {"decimal": Decimal("12345678901234567890.50"), "text": "ä€😀", "nested": [event["Records"][0]["eventID"]]}


def unserialisable(event: Any, context: Any) -> object:
    return {"answer": object()}


def wrapped(event: Any, context: Any) -> Any:
    """Looks at the event as the wrappers of Datadog, OpenTelemetry, X-Ray and Powertools do, then handles it."""
    _datadog(event)
    _opentelemetry(event)
    _powertools(event)
    return app({**event, "_context": {"trace": os.environ["_X_AMZN_TRACE_ID"]}}, context)


def _datadog(event: Any) -> None:
    assert event.get("requestContext") is None
    assert "headers" not in event
    assert isinstance(event, dict)
    records = event.get("Records")
    assert records
    assert len(records) > 0
    first = records[0]
    assert first.get("eventSource", first.get("EventSource")) == "aws:dynamodb"
    assert first["eventSourceARN"].startswith("arn:aws:dynamodb:")
    event["_datadog"] = {"trace-id": "1"}


def _opentelemetry(event: Any) -> None:
    try:
        found = event["Records"][0]["eventSource"] in {"aws:sqs", "aws:s3", "aws:sns", "aws:dynamodb"}
    except (IndexError, KeyError):
        found = False
    assert found


def _powertools(event: Any) -> None:
    json.dumps(event, default=str)  # Logger.inject_lambda_context(log_event=True)
    for record in event["Records"]:
        assert record["dynamodb"]["SequenceNumber"]
        assert isinstance(record["dynamodb"]["Keys"], dict)
    copied = copy.deepcopy(event)
    copied["Records"][0]["dynamodb"]["Keys"].clear()
    assert event["Records"][0]["dynamodb"]["Keys"]


def changing(event: Any, context: Any) -> Any:
    """A wrapper that takes records out: what it leaves is what is handled."""
    event["Records"] = [record for record in event["Records"] if "do" not in record["dynamodb"].get("NewImage", {})]
    return app(event, context)


def spoiling(event: Any, context: Any) -> Any:
    """A wrapper that changes a record where nobody would see it."""
    event["Records"][0]["dynamodb"]["NewImage"]["do"] = {"S": "nothing"}
    return app(event, context)


def is_raw(event: Any, context: Any) -> bool:
    return isinstance(event, RawEvent)
