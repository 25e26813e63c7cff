"""Answers of the API with 1,000 records or items: a patched client's parser against botocore's and boto3."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ServiceModel
from botocore.parsers import JSONParser

from benches import corpus, rival
from benches.row import Row, Scale, compare
from tailrace._core import Options
from tailrace.dropin.answers import AnswerParser, Readers

# Times faster, with the garbage collector off; with it on the rows have no target.
NATIVE_MUST, NATIVE_STRETCH = 12.0, 25.0
ATTRIBUTE_VALUES_MUST, ATTRIBUTE_VALUES_STRETCH = 4.0, 8.0
SERVICES = {"GetRecords": "dynamodbstreams", "Scan": "dynamodb"}

Answer = dict[str, Any]


def rows(scale: Scale) -> Iterator[Row]:
    for name in ("a_flat", "b_nested"):
        for operation, body in _bodies(name, scale.record_count).items():
            for collector in (False, True):
                yield _native(name, operation, body, collector=collector)
                yield _attribute_values(name, operation, body, collector=collector)


def _native(name: str, operation: str, body: bytes, *, collector: bool) -> Row:
    options = Options(binary="bytes")
    return compare(
        f"{operation}, native items{_said(collector)}",
        name,
        "botocore + boto3",
        lambda: _by_tailrace(operation, body, options),
        lambda: _with_values(_by_botocore(operation, body)),
        must=None if collector else NATIVE_MUST,
        stretch=None if collector else NATIVE_STRETCH,
        collector=collector,
    )


def _attribute_values(name: str, operation: str, body: bytes, *, collector: bool) -> Row:
    return compare(
        f"{operation}, attribute values{_said(collector)}",
        name,
        "botocore",
        lambda: _by_tailrace(operation, body, None),
        lambda: _by_botocore(operation, body),
        must=None if collector else ATTRIBUTE_VALUES_MUST,
        stretch=None if collector else ATTRIBUTE_VALUES_STRETCH,
        collector=collector,
    )


def _said(collector: bool) -> str:
    """Each row has a title of its own."""
    return ", collected" if collector else ""


def _bodies(name: str, count: int) -> dict[str, bytes]:
    records = corpus.event(name, count)["Records"]
    for record in records:
        # Lambda adds it; the API has none.
        del record["eventSourceARN"]
    items = corpus.items(name, count)
    return {
        "GetRecords": corpus.dumps({"Records": records, "NextShardIterator": "x" * 300}),
        "Scan": corpus.dumps({"Items": items, "Count": count, "ScannedCount": count}),
    }


@cache
def _model(operation: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(SERVICES[operation])


@cache
def _readers(operation: str, options: Options | None) -> Readers:
    return Readers(_model(operation), options)


def _by_tailrace(operation: str, body: bytes, options: Options | None) -> Answer:
    return _parsed(AnswerParser(_readers(operation, options), leave_odd=False), operation, body)


def _by_botocore(operation: str, body: bytes) -> Answer:
    return _parsed(JSONParser(), operation, body)


def _parsed(parser: Any, operation: str, body: bytes) -> Answer:
    shape = _model(operation).operation_model(operation).output_shape
    answer: Answer = parser.parse({"body": body, "headers": {}, "status_code": 200}, shape)
    return answer


def _with_values(answer: Answer) -> Answer:
    """boto3's values in the place of the items, as a program would put them there."""
    for record in answer.get("Records", ()):
        change = record["dynamodb"]
        for image in ("Keys", "NewImage", "OldImage"):
            change[image] = rival.unmarshalled(change[image])
    if "Items" in answer:
        answer["Items"] = [rival.unmarshalled(item) for item in answer["Items"]]
    return answer
