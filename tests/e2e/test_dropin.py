"""Tables of real servers through boto3's resource: the same objects, errors and pages with install() as without."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from boto3.dynamodb import types
from boto3.dynamodb.conditions import Attr, Key
from botocore.config import Config
from botocore.exceptions import ClientError

from tailrace import dropin
from tests.e2e.random_items import RandomItems
from tests.e2e.servers import moto_server
from tests.e2e.servers.dynamodb_local import REGION, DynamoDBLocal
from tests.reference.outcome import Outcome, assert_same, outcome
from tests.reference.untouched_boto3 import untouched_types

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ITEMS_COUNT = 60
MAXIMUM_DIGITS = 38
UNLIKE = {"ResponseMetadata", "ConsumedCapacity"}


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    with moto_server.running() as url:
        yield url


@pytest.fixture(params=["DynamoDB Local", "moto"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "moto":
        found: str = request.getfixturevalue("moto_url")
        return found
    server: DynamoDBLocal = request.getfixturevalue("dynamodb_local")
    return server.url


def _resource(url: str) -> Any:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)
    config = Config(account_id_endpoint_mode="disabled", proxies={}, retries={"total_max_attempts": 1})
    return session.resource("dynamodb", endpoint_url=url, config=config)


def _table(resource: Any, name: str) -> Any:
    return resource.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _items() -> list[dict[str, Any]]:
    """Python values of every type, under keys in order."""
    made, read = RandomItems(7), untouched_types().TypeDeserializer()
    return [
        {
            **{name: _of_boto3(read.deserialize(value)) for name, value in made.item().items()},
            "pk": f"k{at % 4}",
            "sk": at,
        }
        for at in range(ITEMS_COUNT)
    ]


def _of_boto3(value: Any) -> Any:
    """With the serializer's Binary, and without numbers that boto3 refuses when they are written in full."""
    if isinstance(value, Decimal):
        return value if len(f"{value:f}".strip("-").replace(".", "")) <= MAXIMUM_DIGITS else Decimal("1.50")
    if isinstance(value, dict):
        return {name: _of_boto3(member) for name, member in value.items()}
    if isinstance(value, list | set):
        return type(value)(_of_boto3(member) for member in value)
    return types.Binary(value.value) if type(value).__name__ == "Binary" else value


def _conversation(resource: Any, name: str) -> list[Outcome]:
    """Everything a table may be asked, each answer without what is new in each."""
    table, answers = resource.Table(name), []

    def ask(work: Callable[..., Any], **arguments: Any) -> Any:
        answers.append(outcome(lambda: _alike(work, arguments)))
        return answers[-1]

    items = _items()
    ask(table.put_item, Item=items[0], ReturnValues="ALL_OLD")
    ask(table.put_item, Item={**items[0], "new": [1, {"a": {Decimal("1.50")}}]}, ReturnValues="ALL_OLD")
    ask(table.put_item, Item={"pk": "k", "sk": 0.5})
    ask(table.put_item, Item={"pk": "k", "sk": Decimal("NaN")})
    ask(table.put_item, Item={"pk": "k", "sk": 10**38})
    ask(table.put_item, Item=items[0], ConditionExpression=Attr("pk").not_exists())
    ask(
        table.put_item,
        Item=items[0],
        ConditionExpression="attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    with table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
        for item in [*items, *items[:5]]:
            batch.put_item(Item=item)
        batch.delete_item(Key={"pk": "k1", "sk": 1})
    for item in items:
        ask(table.get_item, Key={"pk": item["pk"], "sk": item["sk"]}, ConsistentRead=True)
    ask(table.get_item, Key={"pk": "nobody", "sk": 1})
    ask(table.get_item, Key={"pk": "k0", "sk": 0}, ProjectionExpression="sk, missing")
    update = {"UpdateExpression": "SET a = :a, s = :s ADD visits :n", "ReturnValues": "ALL_NEW"}
    values = {":a": [None, True, b"x", {"m": Decimal("1E+2")}], ":s": {"a", "b"}, ":n": 3}
    ask(table.update_item, Key={"pk": "k0", "sk": 0}, ExpressionAttributeValues=values, **update)
    ask(table.update_item, Key={"pk": "k0", "sk": 0}, ExpressionAttributeValues=values,
        ConditionExpression=Attr("visits").gt(2) & Attr("s").contains("a"), **update)  # fmt: skip
    ask(table.update_item, Key={"pk": "k0", "sk": 0}, ExpressionAttributeValues=values,
        ConditionExpression=Attr("visits").eq(Decimal("999.5")) | Attr("a").size().gt(99), **update)  # fmt: skip
    _pages(ask, table.query, KeyConditionExpression=Key("pk").eq("k2") & Key("sk").between(2, 50), Limit=4)
    _pages(ask, table.query, KeyConditionExpression=Key("pk").eq("k2"), ScanIndexForward=False, Limit=9)
    _pages(ask, table.scan, FilterExpression=Attr("sk").gte(Decimal(10)) & Attr("pk").is_in(["k0", "k3"]), Limit=13)
    keys = [{"pk": item["pk"], "sk": item["sk"]} for item in items[:30]]
    ask(lambda **request: _sorted(resource.batch_get_item(**request), name), RequestItems={name: {"Keys": keys}})
    ask(table.delete_item, Key={"pk": "k0", "sk": 0}, ReturnValues="ALL_OLD")
    ask(table.delete_item, Key={"pk": "k3", "sk": 3}, ConditionExpression=Attr("nothing").exists())
    return answers


def _alike(work: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        answer = work(**arguments)
    except ClientError as error:
        answer = {**error.response, "raised": str(error)}
    return {name: value for name, value in (answer or {}).items() if name not in UNLIKE}


def _sorted(answer: dict[str, Any], name: str) -> dict[str, Any]:
    """A batch has no order."""
    answer["Responses"][name].sort(key=lambda item: (item["pk"], item["sk"]))
    return answer


def _pages(ask: Callable[..., Outcome], work: Callable[..., Any], **arguments: Any) -> None:
    """Page by page, each begun with the key that the page before gave."""
    start: dict[str, Any] = {}
    while True:
        ask(work, **arguments, **start)
        last = work(**arguments, **start).get("LastEvaluatedKey")
        if not last:
            return
        start = {"ExclusiveStartKey": last}


def _talk(resource: Any, name: str) -> list[Outcome]:
    table = _table(resource, name)
    try:
        return _conversation(resource, name)
    finally:
        table.delete()


@pytest.fixture
def install() -> Iterator[Callable[[], None]]:
    def run() -> None:
        assert dropin.install()
        assert type(vars(types.TypeDeserializer)["deserialize"]).__name__ == "method_descriptor"

    yield run
    assert dropin.uninstall()


@pytest.mark.parametrize("made", ["before", "after"])
def test_a_table_answers_the_same(url: str, install: Callable[[], None], made: str) -> None:
    name = f"table-{uuid.uuid4().hex}"
    before = _resource(url)
    theirs = _talk(before, name)
    install()
    ours = _talk(before if made == "before" else _resource(url), name)
    assert len(ours) == len(theirs) > ITEMS_COUNT
    for found, expected in zip(ours, theirs, strict=True):
        assert_same(found, expected)
    # Both saw values, failed conditions and boto3's own refusals.
    assert sum(answer.error is not None for answer in theirs) == 3
    assert any("ConditionalCheckFailedException" in repr(answer.value) for answer in theirs)


class Plain(types.TypeDeserializer):
    """A hook as users have it: numbers for JSON."""

    def _deserialize_n(self, value: str) -> Any:
        number = super()._deserialize_n(value)  # type: ignore[misc]  # the stubs hide what users override
        return int(number) if number == number.to_integral_value() else float(number)


def _read(plain: Plain, item: dict[str, Any]) -> dict[str, Any]:
    return {name: plain.deserialize(value) for name, value in item.items()}


def test_a_clients_items_through_hooks(url: str, install: Callable[[], None]) -> None:
    resource, name = _resource(url), f"table-{uuid.uuid4().hex}"
    table, client = _table(resource, name), resource.meta.client
    try:
        with table.batch_writer() as batch:
            for item in _items()[:10]:
                batch.put_item(Item=item)
        wire = boto3.client("dynamodb", endpoint_url=url, region_name=REGION, aws_access_key_id="test",
                            aws_secret_access_key="test").scan(TableName=name)["Items"]  # fmt: skip
        theirs = [outcome(functools.partial(_read, Plain(), item)) for item in wire]
        install()
        ours = [outcome(functools.partial(_read, Plain(), item)) for item in wire]
        assert ours == theirs
        assert wire
    finally:
        client.delete_table(TableName=name)


def test_a_number_that_boto3_cannot_read_back(dynamodb_local: DynamoDBLocal, install: Callable[[], None]) -> None:
    """The server writes it out in full, and boto3's context refuses so many digits."""
    resource, name = _resource(dynamodb_local.url), f"table-{uuid.uuid4().hex}"
    table = _table(resource, name)
    try:
        number = Decimal("9" * 38 + "E+80")
        table.put_item(Item={"pk": "a", "sk": 1, "n": number})
        with pytest.raises(ArithmeticError):
            table.get_item(Key={"pk": "a", "sk": 1})
        install()
        assert table.get_item(Key={"pk": "a", "sk": 1})["Item"]["n"] == number
    finally:
        table.delete()
