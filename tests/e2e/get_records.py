"""GetRecords answers in the three forms they reach a program in."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.session
from botocore.model import StructureShape
from botocore.parsers import create_parser


@cache
def _output_shape() -> StructureShape:
    service = botocore.session.get_session().get_service_model("dynamodbstreams")
    shape = service.operation_model("GetRecords").output_shape
    assert shape
    return shape


def parsed_by_botocore(body: bytes) -> dict[str, Any]:
    """What ``client.get_records`` returns for this body: datetimes, and bytes for binary."""
    answer = {"body": body, "headers": {}, "status_code": 200}
    parsed: dict[str, Any] = create_parser("json").parse(answer, _output_shape())
    return parsed


FORMS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "dict": json.loads,
    "botocore": parsed_by_botocore,
}
