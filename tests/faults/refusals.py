"""Errors for a whole call in the words of each service: its status, its code, the shape of its body.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html and its like.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from xml.sax.saxutils import escape

from tests.faults.exchange import Answer, Headers, Request

REQUEST_ID = "00000000-0000-4000-8000-000000000000"
MESSAGE = "refused by a fault"
# What a service says of a status, where it is not what most say.
CODES = {
    "dynamodb": {400: "ProvisionedThroughputExceededException", 500: "InternalServerError"},
    "kinesis": {400: "ProvisionedThroughputExceededException"},
    "events": {500: "InternalException"},
    "firehose": {503: "ServiceUnavailableException"},
    "sqs": {400: "RequestThrottled", 403: "RequestThrottled"},
    "sns": {400: "Throttling", 429: "Throttling", 500: "InternalError"},
    "monitoring": {400: "Throttling", 500: "InternalServiceFault"},
    "s3": {409: "ConditionalRequestConflict", 500: "InternalError", 503: "SlowDown"},
    "opensearch": {
        400: "mapper_parsing_exception",
        403: "security_exception",
        404: "index_not_found_exception",
        429: "rejected_execution_exception",
        500: "illegal_state_exception",
        503: "cluster_block_exception",
    },
}
MOST_SAY = {
    400: "ThrottlingException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    429: "ThrottlingException",
    503: "ServiceUnavailable",
}
JSON_1_1 = {"events", "kinesis", "firehose"}
# They spoke XML before, and still tell in a header what their error was called there.
ONCE_QUERY = {"sqs", "monitoring"}
TYPES = {"dynamodb": "com.amazonaws.dynamodb.v20120810#", "sqs": "com.amazonaws.sqs#"}


def refusal(request: Request, status: int, code: str | None = None, *, message: str = MESSAGE) -> Answer:
    """The answer of the request's own service that refuses it."""
    service = "opensearch" if request.service in {"es", "aoss"} else request.service
    code = code or CODES.get(service, {}).get(status) or MOST_SAY.get(status, "InternalFailure")
    reason = HTTPStatus(status).phrase
    if service == "opensearch":
        return Answer(status, reason, _kind("application/json; charset=UTF-8"), _opensearch(status, code, message))
    if service == "http":
        return Answer(status, reason, _kind("text/plain"), message.encode())
    if service == "s3":
        return Answer(status, reason, _kind("application/xml"), _s3(code, message))
    if service == "sns":
        return Answer(status, reason, _kind("text/xml"), _query(status, code, message))
    return Answer(status, reason, _json_headers(service, status, code), _json(TYPES.get(service, "") + code, message))


def _kind(content_type: str) -> Headers:
    return (("Content-Type", content_type), ("x-amzn-RequestId", REQUEST_ID))


def _json_headers(service: str, status: int, code: str) -> Headers:
    headers = _kind(f"application/x-amz-json-1.{int(service in JSON_1_1)}")
    return headers + ((("x-amzn-query-error", f"{code};{_side(status)}"),) if service in ONCE_QUERY else ())


def _json(kind: str, message: str) -> bytes:
    return json.dumps({"__type": kind, "message": message}).encode()


def _side(status: int) -> str:
    return "Receiver" if status >= 500 else "Sender"


def _query(status: int, code: str, message: str) -> bytes:
    error = f"<Type>{_side(status)}</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    space = "http://sns.amazonaws.com/doc/2010-03-31/"
    return (
        f'<ErrorResponse xmlns="{space}"><Error>{error}</Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>'
    ).encode()


def _s3(code: str, message: str) -> bytes:
    error = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message><RequestId>{REQUEST_ID}</RequestId>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{error}<HostId>host</HostId></Error>'.encode()


def _opensearch(status: int, code: str, message: str) -> bytes:
    cause = {"type": code, "reason": message}
    return json.dumps({"error": {"root_cause": [cause], **cause}, "status": status}).encode()
