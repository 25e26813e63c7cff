"""What ``lint`` says of the digits in a pattern, against the digits that DynamoDB writes."""

from __future__ import annotations

import uuid
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

import pytest

from tailrace import FilterCriteria
from tests.e2e.servers.dynamodb_local import DynamoDBLocal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SPELLINGS = [
    "5.0", "05", "1e3", "+5", "-0", "0", "0.0", ".5", "5.", "0.50", "1E+2", "1e20", "123e37", "1e-7", "1E+125",
    "1E-130", "9.99e125", "1.230e2", "-1.5", "0.12345678901234567890123456789012345678",
]  # fmt: skip


def spellings(seed: int, count: int) -> list[str]:
    rng = Random(seed)
    digits = [rng.randrange(10 ** rng.randrange(1, 35)) for _ in range(count)]
    return [
        f"{rng.choice(['', '-'])}{each}{rng.choice(['', '0', '.0', '00.10', 'E3', 'e-9', 'E-60'])}" for each in digits
    ]


def written(client: DynamoDBClient, numbers: list[str]) -> list[str]:
    """The numbers as a table gives them back; its stream has the same."""
    table = f"numbers-{uuid.uuid4().hex[:8]}"
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in numbers:
        client.put_item(TableName=table, Item={"id": {"S": number}, "n": {"N": number}})
    keys = [{"id": {"S": number}} for number in numbers]
    return [client.get_item(TableName=table, Key=key)["Item"]["n"]["N"] for key in keys]


def codes(text: str) -> list[str]:
    pattern = {"dynamodb": {"OldImage": {"n": {"N": [text]}}}}
    return [warning.code for warning in FilterCriteria(pattern).lint()]


def test_digits_that_dynamodb_writes_are_left_in_peace_and_all_others_told(dynamodb_local: DynamoDBLocal) -> None:
    numbers = SPELLINGS + spellings(1, 200)
    found = written(dynamodb_local.client(), numbers)
    for number, digits in zip(numbers, found, strict=True):
        assert Decimal(number) == Decimal(digits)
        assert codes(digits) == [], (number, digits)
        assert codes(number) == ([] if number == digits else ["never-matches"]), (number, digits)
    assert any(number == digits for number, digits in zip(numbers, found, strict=True))
