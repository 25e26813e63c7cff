"""Answers of the API as botocore's own parser reads them, and as tailrace does in its place."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import botocore.session
from boto3.dynamodb.types import TypeDeserializer
from botocore.model import ServiceModel, StructureShape
from botocore.parsers import JSONParser

from tailrace._core import Options
from tailrace.dropin.answers import OPERATIONS, AnswerParser, Readers

Answer = dict[str, Any]


@cache
def model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def model_of(operation: str) -> ServiceModel:
    return model("dynamodbstreams" if operation == "GetRecords" else "dynamodb")


def output(operation: str) -> StructureShape:
    shape = model_of(operation).operation_model(operation).output_shape
    assert shape
    return shape


@cache
def _readers(operation: str, native: bool) -> Readers:
    return Readers(model_of(operation), Options(binary="bytes") if native else None)


def by_botocore(operation: str, body: bytes, **defaults: Any) -> Answer:
    return _parsed(JSONParser(**defaults), operation, body)


def by_tailrace(operation: str, body: bytes, *, leave_odd: bool = False, **defaults: Any) -> Answer:
    """Attribute values; what is odd is an error here, unless it is left to botocore."""
    return _parsed(AnswerParser(_readers(operation, False), leave_odd=leave_odd, **defaults), operation, body)


def native_by_tailrace(operation: str, body: bytes) -> Answer:
    return _parsed(AnswerParser(_readers(operation, True)), operation, body)


def native_by_boto3(operation: str, body: bytes) -> Answer:
    """What botocore answers, with each item through boto3's TypeDeserializer, and its Binary as bytes."""
    answer = copy.deepcopy(by_botocore(operation, body))
    for path in OPERATIONS[operation]:
        _replace(answer, path.replace("[]", ".[]").replace("{}", ".{}").split("."))
    return answer


def _parsed(parser: JSONParser, operation: str, body: bytes) -> Answer:
    parsed: Answer = parser.parse({"body": body, "headers": {}, "status_code": 200}, output(operation))
    return parsed


def _replace(container: Any, path: list[str]) -> None:
    step, *rest = path
    if step == "[]":
        places: list[Any] = list(range(len(container)))
    elif step == "{}":
        places = list(container)
    else:
        places = [step] if step in (container or ()) else []
    for place in places:
        if rest:
            _replace(container[place], rest)
        else:
            container[place] = native_item(container[place])


def native_item(item: Answer) -> Answer:
    return {name: _bytes(TypeDeserializer().deserialize(value)) for name, value in item.items()}


def _bytes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _bytes(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_bytes(element) for element in value]
    if isinstance(value, set):
        return {_bytes(member) for member in value}
    return bytes(value) if type(value).__name__ == "Binary" else value
