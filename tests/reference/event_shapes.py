"""One list of change records in every shape that carries it, built in the plainest way.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from botocore.model import StructureShape
from botocore.parsers import create_parser

Wire = dict[str, Any]
KINESIS_ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/changes"


def lambda_event(records: list[Wire]) -> Wire:
    return {"Records": records}


def pipes(records: list[Wire]) -> list[Wire]:
    return records


def get_records(records: list[Wire]) -> Wire:
    """A GetRecords answer: no ARN, and the principal in capitals."""
    return {"NextShardIterator": "arn|1|x", "Records": [_as_get_records(record) for record in records]}


def _as_get_records(record: Wire) -> Wire:
    answer = {name: value for name, value in record.items() if name != "eventSourceARN"}
    identity = answer.get("userIdentity")
    if identity:
        answer["userIdentity"] = {"Type": identity["type"], "PrincipalId": identity["principalId"]}
    return answer


def parsed_by_botocore(records: list[Wire]) -> Wire:
    """What ``client.get_records`` returns: datetimes, and bytes for binary."""
    body = json.dumps(get_records(records)).encode()
    answer = {"body": body, "headers": {}, "status_code": 200}
    parsed: Wire = create_parser("json").parse(answer, _output_shape())
    return parsed


@cache
def _output_shape() -> StructureShape:
    service = botocore.session.get_session().get_service_model("dynamodbstreams")
    shape = service.operation_model("GetRecords").output_shape
    assert shape
    return shape


def on_failure_object(records: list[Wire]) -> Wire:
    return {
        "requestContext": {"requestId": "1", "condition": "RetryAttemptsExhausted"},
        "DDBStreamBatchInfo": {"shardId": "shardId-1", "batchSize": len(records)},
        "version": "1.0",
        "payload": {"Records": records},
    }


def on_failure_text(records: list[Wire]) -> Wire:
    return {**on_failure_object(records), "payload": json.dumps({"Records": records})}


def kinesis(records: list[Wire]) -> Wire:
    return {"Records": [kinesis_record(record, _payload_text) for record in records]}


def kinesis_bytes(records: list[Wire]) -> Wire:
    """As a consumer hands it on that decodes the data itself."""
    return {"Records": [kinesis_record(record, _payload_bytes) for record in records]}


def kinesis_record(record: Wire, data: Callable[[Wire], Any]) -> Wire:
    number = kinesis_number(record["dynamodb"]["SequenceNumber"])
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": "p",
            "sequenceNumber": number,
            "data": data(record),
            "approximateArrivalTimestamp": 1.5,
        },
        "eventSource": "aws:kinesis",
        "eventID": f"shardId-000000000006:{number}",
        "eventName": "aws:kinesis:record",
        "awsRegion": "us-gov-west-1",
        "eventSourceARN": KINESIS_ARN,
    }


def kinesis_number(sequence_number: str) -> str:
    return sequence_number.zfill(56)


def kinesis_payload(record: Wire) -> Wire:
    """What DynamoDB puts into Kinesis: no number, no view, the table's name."""
    change = {name: value for name, value in record["dynamodb"].items() if name not in _NOT_IN_KINESIS}
    return {
        "awsRegion": record["awsRegion"],
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "userIdentity": record.get("userIdentity"),
        "recordFormat": "application/json",
        "tableName": record["eventSourceARN"].split("/")[1],
        "dynamodb": change,
        "eventSource": "aws:dynamodb",
    }


_NOT_IN_KINESIS = ("SequenceNumber", "StreamViewType")


def _payload_bytes(record: Wire) -> bytes:
    return json.dumps(kinesis_payload(record)).encode()


def _payload_text(record: Wire) -> str:
    return base64.b64encode(_payload_bytes(record)).decode()


# Those that go through json.dumps, and those that only live as Python objects.
JSON_SHAPES: dict[str, Callable[[list[Wire]], Any]] = {
    "lambda": lambda_event,
    "kinesis": kinesis,
    "pipes": pipes,
    "s3": on_failure_object,
    "s3-text": on_failure_text,
    "get-records": get_records,
}
PYTHON_SHAPES: dict[str, Callable[[list[Wire]], Any]] = {
    "botocore": parsed_by_botocore,
    "kinesis-bytes": kinesis_bytes,
}
