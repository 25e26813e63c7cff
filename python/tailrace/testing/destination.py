"""What Lambda sends to an on-failure destination."""

from __future__ import annotations

from datetime import datetime, timezone

from tailrace.testing.wire import sequence_number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Wire = dict[str, Any]

__all__ = ["on_failure_document"]

_FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:handler"

_MOST_SECONDS = 100_000_000_000  # the year 5138; what is more are milliseconds


def on_failure_document(
    records: list[Wire], *, payload: Any, invoke_count: int, function_error: str | None
) -> dict[str, Any]:
    """Describe a batch that Lambda gives up, as the S3 destination stores it.

    Args:
        records: the records of the batch, in the wire shape; not empty.
        payload: the event that held them.
        invoke_count: how often Lambda tried.
        function_error: ``"Unhandled"`` when the function raised; None when it named a failure.

    Returns:
        A new dict. SQS and SNS get the same without ``payload``.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    return {
        "requestContext": {
            "requestId": "00000000-0000-0000-0000-000000000000",
            "functionArn": _FUNCTION_ARN,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": invoke_count,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": function_error},
        "version": "1.0",
        "timestamp": _iso_time(_arrival(records[-1])),
        **_batch_info(records),
        "payload": payload,
    }


def _batch_info(records: list[Wire]) -> dict[str, Any]:
    first, last = records[0], records[-1]
    name = "KinesisBatchInfo" if "kinesis" in first else "DDBStreamBatchInfo"
    return {
        name: {
            "shardId": "shardId-00000001767225600000-00000000",
            "startSequenceNumber": sequence_number_of(first),
            "endSequenceNumber": sequence_number_of(last),
            "approximateArrivalOfFirstRecord": _iso_time(_arrival(first)),
            "approximateArrivalOfLastRecord": _iso_time(_arrival(last)),
            "batchSize": len(records),
            "streamArn": first.get("eventSourceARN"),
        }
    }


def _arrival(record: Wire) -> float:
    if "kinesis" in record:
        return float(record["kinesis"].get("approximateArrivalTimestamp", 0))
    time = float(record["dynamodb"].get("ApproximateCreationDateTime", 0))
    return time / 1000 if time > _MOST_SECONDS else time


def _iso_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
