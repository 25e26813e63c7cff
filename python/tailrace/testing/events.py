"""Events of change records, in every shape that reaches a handler."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timezone

from tailrace import Batch, Record
from tailrace.testing.destination import on_failure_document
from tailrace.testing.records import make_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Literal

    Wire = dict[str, Any]
    Shape = Literal["lambda", "kinesis", "pipes", "s3", "s3-text", "get-records", "botocore"]

__all__ = ["event_of_shape", "make_event"]


def make_event(
    items: Iterable[Record | Mapping[str, Any]],
    *,
    shape: Shape = "lambda",
    keys: Iterable[str] | str | None = None,
    table_name: str = "table",
) -> Any:
    """Make an event of records and of items that were inserted.

    Args:
        items: Records (of ``make_record``, say) as they are, and Python items, each of which becomes an INSERT.
        shape: ``"lambda"``: of an event source mapping; ``"kinesis"``: the same changes through Kinesis Data
            Streams; ``"pipes"``: a list, of EventBridge Pipes; ``"s3"`` and ``"s3-text"``: an on-failure object with
            its payload as an object or as text; ``"get-records"``: the body of a GetRecords answer;
            ``"botocore"``: the same as boto3 gives it.
        keys: the names of the key attributes of the items; the first attribute of each by default.
        table_name: the table of the items.

    Returns:
        A new list for ``"pipes"``, else a new dict. All but ``"botocore"`` goes through ``json.dumps``.

    Raises:
        MarshallError: an item with a value that DynamoDB cannot hold, such as a float.
        ValueError: the shape does not exist; an item without a key.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

    Example:
        >>> from tailrace import Batch
        >>> from tailrace.testing import make_event
        >>> [record.new_image for record in Batch.from_event(make_event([{"id": "a"}, {"id": "b"}], shape="kinesis"))]
        [{'id': 'a'}, {'id': 'b'}]
    """
    records = (
        item if isinstance(item, Record) else make_record(new_image=item, keys=keys, table_name=table_name)
        for item in items
    )
    return event_of_shape([record.to_dict() for record in records], shape)


def event_of_shape(records: list[Wire], shape: Shape) -> Any:
    """Put records in Lambda's wire shape into an event of another shape."""
    if shape not in _SHAPES:
        raise ValueError(f"shape={shape!r} does not exist: use {', '.join(_SHAPES)}")
    return _SHAPES[shape](records)


def _lambda(records: list[Wire]) -> Wire:
    return {"Records": records}


def _kinesis(records: list[Wire]) -> Wire:
    return {"Records": [_through_kinesis(record) for record in records]}


def _through_kinesis(record: Wire) -> Wire:
    stream_record = record["dynamodb"]
    # Kinesis' own numbers have 56 digits; these keep the order of the changes.
    sequence_number = "49" + stream_record["SequenceNumber"].zfill(54)
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["eventID"].upper(),
            "sequenceNumber": sequence_number,
            "data": b64encode(json.dumps(_kinesis_payload(record)).encode()).decode("ascii"),
            "approximateArrivalTimestamp": stream_record.get("ApproximateCreationDateTime", 0.0),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"shardId-000000000000:{sequence_number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
        "awsRegion": record["awsRegion"],
        "eventSourceARN": f"arn:aws:kinesis:{record['awsRegion']}:123456789012:stream/changes",
    }


def _kinesis_payload(record: Wire) -> Wire:
    stream_record = {**record["dynamodb"]}
    del stream_record["SequenceNumber"], stream_record["StreamViewType"]
    if "ApproximateCreationDateTime" in stream_record:  # in microseconds there
        stream_record["ApproximateCreationDateTime"] = round(stream_record["ApproximateCreationDateTime"] * 1_000_000)
    return {
        "awsRegion": record["awsRegion"],
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "userIdentity": record.get("userIdentity"),
        "recordFormat": "application/json",
        "tableName": record["eventSourceARN"].split(":table/")[1].split("/")[0],
        "dynamodb": stream_record,
        "eventSource": "aws:dynamodb",
    }


def _on_failure_object(records: list[Wire]) -> Wire:
    if not records:
        raise ValueError("an on-failure object holds at least one record")
    return on_failure_document(records, payload=_lambda(records), invoke_count=1, function_error="Unhandled")


def _on_failure_text(records: list[Wire]) -> Wire:
    return {**_on_failure_object(records), "payload": json.dumps(_lambda(records))}


def _get_records(records: list[Wire]) -> Wire:
    return {"NextShardIterator": "arn:aws:dynamodb:shard-iterator", "Records": [_streams_api(one) for one in records]}


def _streams_api(record: Wire) -> Wire:
    record = {name: value for name, value in record.items() if name != "eventSourceARN"}
    if "userIdentity" in record:  # with capitals, as in the model of the API
        identity = record["userIdentity"]
        record["userIdentity"] = {"PrincipalId": identity["principalId"], "Type": identity["type"]}
    return record


def _botocore(records: list[Wire]) -> Wire:
    answer = _get_records(records)
    answer["Records"] = [_parsed(record) for record in answer["Records"]]
    return {**answer, "ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}


def _parsed(record: Wire) -> Wire:
    view = Batch.from_event({"Records": [record]})[0]
    images = {
        "Keys": view.attribute_values("keys"),
        "NewImage": view.attribute_values("new_image"),
        "OldImage": view.attribute_values("old_image"),
    }
    stream_record: Wire = {name: images.get(name, value) for name, value in record["dynamodb"].items()}
    if "ApproximateCreationDateTime" in stream_record:
        seconds = record["dynamodb"]["ApproximateCreationDateTime"]
        stream_record["ApproximateCreationDateTime"] = datetime.fromtimestamp(seconds, tz=timezone.utc)
    return {**record, "dynamodb": stream_record}


_SHAPES: dict[str, Callable[[list[Wire]], Any]] = {
    "lambda": _lambda,
    "kinesis": _kinesis,
    "pipes": list,
    "s3": _on_failure_object,
    "s3-text": _on_failure_text,
    "get-records": _get_records,
    "botocore": _botocore,
}
