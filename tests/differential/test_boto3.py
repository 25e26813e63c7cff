"""Against boto3 where boto3 is right: what both read is the same, and what it refuses or spoils is known."""

from __future__ import annotations

import base64
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given, settings

from tailrace import UnmarshallError, loads, unmarshall
from tests.properties.strategies import items, numbers
from tests.reference.exact import exact
from tests.reference.one_record import wire
from tests.reference.roads import only_record

deserializer, serializer = TypeDeserializer(), TypeSerializer()


def as_bytes(value: Any) -> Any:
    """Attribute values as a boto3 client has them: B as bytes."""
    ((tag, payload),) = value.items()
    if tag in ("B", "BS"):
        decode: Callable[[str], bytes] = base64.b64decode
        return {tag: [decode(each) for each in payload] if tag == "BS" else decode(payload)}
    if tag == "L":
        return {tag: [as_bytes(element) for element in payload]}
    if tag == "M":
        return {tag: {name: as_bytes(member) for name, member in payload.items()}}
    return {tag: payload}


def without_binary(value: Any) -> Any:
    """boto3's values with bytes for its class Binary."""
    if isinstance(value, Binary):
        return bytes(value.value)
    if isinstance(value, dict):
        return {name: without_binary(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_binary(element) for element in value]
    return {without_binary(member) for member in value} if isinstance(value, set) else value


@settings(max_examples=60)
@given(items())
def test_what_boto3_reads_we_read_alike(item: dict[str, Any]) -> None:
    image = {name: as_bytes(value) for name, value in item.items()}
    try:
        theirs = {name: without_binary(deserializer.deserialize(value)) for name, value in image.items()}
    except DecimalException:
        return  # a number of DynamoDB's that its context cannot hold
    assert exact(unmarshall(image)) == exact(theirs)
    assert exact(unmarshall(item)) == exact(theirs)


@given(numbers())
def test_every_number_that_boto3_reads_we_read_alike(text: str) -> None:
    try:
        theirs = deserializer.deserialize({"N": text})
    except DecimalException:
        assert not _is_plain(text)
        return
    if theirs.is_nan():
        return  # spelled in a way that boto3 does not know
    assert exact(unmarshall({"n": {"N": text}})) == exact({"n": theirs})


def _is_plain(text: str) -> bool:
    """Far from the limits of boto3's shared context, which refuses numbers that DynamoDB holds."""
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    return len(value.as_tuple().digits) <= 38 and isinstance(exponent, int) and -100 < exponent < 80


@pytest.mark.parametrize(
    "text", ["1" + "0" * 100, "0." + "0" * 100 + "1" * 38 + "0", "1.5" + "0" * 37, "1." + "5" * 37 + "E-130"]
)
def test_numbers_that_boto3_cannot_read_back(text: str) -> None:
    with pytest.raises(DecimalException):
        deserializer.deserialize({"N": text})
    assert exact(unmarshall({"n": {"N": text}})) == exact({"n": Decimal(text)})


@pytest.mark.parametrize("text", ["abc", "", " 1", "1_000"])
def test_text_that_boto3_makes_nan_of(text: str) -> None:
    assert deserializer.deserialize({"N": text}).is_nan()
    with pytest.raises(UnmarshallError):
        unmarshall({"n": {"N": text}})


def test_binary_that_boto3_cannot_read_from_lambda() -> None:
    with pytest.raises(TypeError):
        deserializer.deserialize({"B": "aGk="})
    assert unmarshall({"b": {"B": "aGk="}}) == {"b": b"hi"}


@pytest.mark.parametrize("wrong", [{}, {"X": 1}, {"S1": ""}, [], "x", None], ids=str)
def test_a_shape_that_boto3_refuses_is_a_type_error(wrong: Any) -> None:
    with pytest.raises((TypeError, AttributeError)):
        deserializer.deserialize(wrong)
    with pytest.raises(TypeError):
        unmarshall({"a": wrong})


@settings(max_examples=60)
@given(items())
def test_boto3_writes_what_we_read_as_it_was(item: dict[str, Any]) -> None:
    record = only_record([wire({"NewImage": {"id": {"S": "a"}, **item}})])
    try:
        written = {name: serializer.serialize(value) for name, value in (record.new_image or {}).items()}
    except DecimalException:
        return
    assert exact(unmarshall(written)) == exact(record.new_image)


def test_loads_reads_what_the_http_api_sends() -> None:
    body = b'{"id":{"S":"a"},"n":{"N":"1.50"},"b":{"B":"aGk="},"s":{"BS":["aGk="]}}'
    assert exact(loads(body)) == exact({"id": "a", "n": Decimal("1.50"), "b": b"hi", "s": {b"hi"}})
