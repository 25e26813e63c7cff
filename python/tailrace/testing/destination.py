"""What Lambda sends to an on-failure destination."""

from __future__ import annotations

from datetime import datetime, timezone

from tailrace.testing.wire import creation_time_of, sequence_number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    Wire = dict[str, Any]
    Condition = Literal["RetryAttemptsExhausted", "RecordAgeExceeded"]

__all__ = ["on_failure_document", "on_failure_key"]

_FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:handler"
_MAPPING_UUID = "11111111-2222-3333-4444-555555555555"
_SHARD_ID = "shardId-00000001767225600000-00000000"


def on_failure_document(
    records: list[Wire],
    *,
    payload: Any = None,
    invoke_count: int,
    function_error: str | None,
    condition: Condition = "RetryAttemptsExhausted",
    shard_id: str = _SHARD_ID,
    now: float | None = None,
) -> dict[str, Any]:
    """Describe a batch that Lambda gives up, as the destination gets it.

    Args:
        records: the records of the batch, in the wire shape; not empty.
        payload: the event that held them; an S3 destination gets it, SQS, SNS and Kafka do not (None).
        invoke_count: how often Lambda tried; with 0 there is no answer to tell of.
        function_error: ``"Unhandled"`` when the function raised; None when it named a failure.
        condition: why they are given up.
        shard_id: the shard.
        now: when that is, in seconds since 1970; by default the time of the last record.

    Returns:
        A new dict.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    document = {
        "requestContext": {
            "requestId": "00000000-0000-0000-0000-000000000000",
            "functionArn": _FUNCTION_ARN,
            "condition": condition,
            "approximateInvokeCount": invoke_count,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": function_error},
        "version": "1.0",
        "timestamp": _iso_time(_arrival(records[-1]) if now is None else now),
        **_batch_info(records, shard_id),
    }
    if not invoke_count:
        del document["responseContext"]
    return document if payload is None else document | {"payload": payload}


def on_failure_key(shard_id: str, now: float, serial: int) -> str:
    """Name the object that an S3 destination stores.

    Args:
        shard_id: the shard.
        now: when, in seconds since 1970.
        serial: which document it is; AWS has random characters there.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """
    time = datetime.fromtimestamp(now, tz=timezone.utc)
    name = f"{time:%Y-%m-%dT%H.%M.%S}-00000000-0000-0000-0000-{serial:012d}"
    return f"aws/lambda/{_MAPPING_UUID}/{shard_id}/{time:%Y/%m/%d}/{name}"


def _batch_info(records: list[Wire], shard_id: str) -> dict[str, Any]:
    first, last = records[0], records[-1]
    name = "KinesisBatchInfo" if "kinesis" in first else "DDBStreamBatchInfo"
    return {
        name: {
            "shardId": shard_id,
            "startSequenceNumber": sequence_number_of(first),
            "endSequenceNumber": sequence_number_of(last),
            "approximateArrivalOfFirstRecord": _iso_time(_arrival(first)),
            "approximateArrivalOfLastRecord": _iso_time(_arrival(last)),
            "batchSize": len(records),
            "streamArn": first.get("eventSourceARN"),
        }
    }


def _arrival(record: Wire) -> float:
    return creation_time_of(record) or 0.0


def _iso_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
