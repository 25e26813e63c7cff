"""Patched clients on real servers: every answer, page and exception is the same object as without."""

from __future__ import annotations

import copy
import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from boto3.dynamodb.conditions import Key
from botocore.config import Config
from botocore.exceptions import ClientError

from tailrace.dropin.clients import patch_client, unpatch_client
from tests.e2e.exact import exact, native_item
from tests.e2e.random_items import RandomItems
from tests.e2e.servers import moto_server
from tests.e2e.servers.dynamodb_local import DynamoDBLocal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KEY_SCHEMA: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "n", "AttributeType": "N"},
    ],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}],
    "BillingMode": "PAY_PER_REQUEST",
}
COUNT = 120


class Server:
    """A running server, and clients that talk to it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")

    def options(self) -> dict[str, Any]:
        config = Config(account_id_endpoint_mode="disabled", proxies={}, retries={"total_max_attempts": 3})
        return {"endpoint_url": self.url, "config": config}

    def client(self, service: Any = "dynamodb") -> Any:
        return self.session.client(service, **self.options())

    def resource(self) -> Any:
        return self.session.resource("dynamodb", **self.options())


@pytest.fixture(scope="module")
def moto() -> Iterator[Server]:
    with moto_server.running() as url:
        yield Server(url)


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Server:
    running: Server | DynamoDBLocal = request.getfixturevalue(request.param)
    return running if isinstance(running, Server) else Server(running.url)


both_servers = pytest.mark.parametrize("server", ["dynamodb_local", "moto"], indirect=True)


@contextmanager
def new_table(server: Server) -> Iterator[str]:
    """A table with a stream and some items of every type."""
    client, name = server.client(), f"t-{uuid.uuid4().hex[:12]}"
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    client.create_table(TableName=name, StreamSpecification=stream, **KEY_SCHEMA)
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    for number, item in zip(range(COUNT), made_items(), strict=False):
        client.put_item(TableName=name, Item={**item, **key(number)})
    yield name
    client.delete_table(TableName=name)


@pytest.fixture(scope="module")
def tables(moto: Server, dynamodb_local: DynamoDBLocal) -> Iterator[Callable[[Server], str]]:
    """A table for each server, which the tests only read."""
    with ExitStack() as stack:
        made: dict[str, str] = {}

        def table_of(server: Server) -> str:
            if server.url not in made:
                made[server.url] = stack.enter_context(new_table(server))
            return made[server.url]

        yield table_of


@pytest.fixture
def table(server: Server, tables: Callable[[Server], str]) -> str:
    return tables(server)


@pytest.fixture
def own_table(server: Server) -> Iterator[str]:
    with new_table(server) as name:
        yield name


def made_items(seed: int = 7) -> Iterator[dict[str, Any]]:
    items = RandomItems(seed)
    return (items.item() for _ in itertools.count())


def key(number: int) -> dict[str, Any]:
    return {"id": {"S": f"p{number % 3}"}, "n": {"N": str(number)}}


def bare(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what differs from one request to the next."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def natively(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with its items as Python values."""
    answer = copy.deepcopy(answer)
    for name in ("Item", "Attributes"):
        if name in answer:
            answer[name] = native_item(answer[name])
    if "Items" in answer:
        answer["Items"] = [native_item(item) for item in answer["Items"]]
    responses = answer.get("Responses", [])
    if isinstance(responses, dict):
        answer["Responses"] = {name: [native_item(item) for item in found] for name, found in responses.items()}
    else:
        for each in responses:
            each.update({"Item": native_item(each["Item"])} if "Item" in each else {})
    return answer


Ask = Callable[[Any, str], dict[str, Any]]
READS: dict[str, Ask] = {
    "get": lambda client, table: client.get_item(TableName=table, Key=key(1), ReturnConsumedCapacity="TOTAL"),
    "get nothing": lambda client, table: client.get_item(TableName=table, Key=key(999)),
    "get some": lambda client, table: client.get_item(
        TableName=table, Key=key(1), ProjectionExpression="#a, n", ExpressionAttributeNames={"#a": "id"}
    ),
    "query": lambda client, table: client.query(
        TableName=table, KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "p1"}}, Limit=7,
        ReturnConsumedCapacity="INDEXES",
    ),
    "query a count": lambda client, table: client.query(
        TableName=table, KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "p1"}},
        Select="COUNT",
    ),
    "query nothing": lambda client, table: client.query(
        TableName=table, KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": {"S": "no"}}
    ),
    "scan": lambda client, table: client.scan(TableName=table),
    "scan a page": lambda client, table: client.scan(TableName=table, Limit=5),
    "batch get": lambda client, table: client.batch_get_item(
        RequestItems={table: {"Keys": [key(number) for number in (1, 2, 999)]}}, ReturnConsumedCapacity="TOTAL"
    ),
    "transact get": lambda client, table: client.transact_get_items(
        TransactItems=[{"Get": {"TableName": table, "Key": key(number)}} for number in (1, 999, 2)]
    ),
    "statement": lambda client, table: client.execute_statement(
        Statement=f'SELECT * FROM "{table}" WHERE id = ?', Parameters=[{"S": "p1"}]
    ),
}  # fmt: skip
reads = pytest.mark.parametrize("ask", READS.values(), ids=list(READS))


@both_servers
@reads
def test_an_answer_is_the_same_object(server: Server, table: str, ask: Ask) -> None:
    client = server.client()
    theirs = ask(client, table)
    ours = ask(patch_client(client), table)
    assert repr(bare(ours)) == repr(bare(theirs))
    assert ours["ResponseMetadata"]["HTTPHeaders"].keys() == theirs["ResponseMetadata"]["HTTPHeaders"].keys()
    assert ask(unpatch_client(client), table).keys() == ours.keys()


@both_servers
@reads
def test_native_items_are_the_values_of_the_wire(server: Server, table: str, ask: Ask) -> None:
    client = server.client()
    theirs = bare(ask(client, table))
    ours = bare(ask(patch_client(client, items="native"), table))
    assert exact(ours) == exact(natively(theirs))


@both_servers
@pytest.mark.parametrize("native", [False, True])
def test_pages_are_the_same(server: Server, table: str, native: bool) -> None:
    plain, patched = server.client(), server.client()
    patch_client(patched, items="native" if native else "attribute-values")
    for operation, arguments in (
        ("scan", {}),
        ("query", {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": {"S": "p2"}}}),
    ):
        pages = [
            [bare(page) for page in client.get_paginator(operation).paginate(
                TableName=table, PaginationConfig={"PageSize": 9}, **arguments)]
            for client in (plain, patched)
        ]  # fmt: skip
        assert len(pages[0]) > 3
        assert exact(pages[1]) == exact([natively(page) for page in pages[0]] if native else pages[0])


def writes(client: DynamoDBClient, table: str) -> Iterator[Callable[[], Any]]:
    """Writes of every kind that answer with items, in this order."""
    item: Any = {**key(1), "s": {"SS": ["x", "y"]}, "b": {"B": b"\0hi"}, "l": {"L": [{"NULL": True}]}}
    yield lambda: client.put_item(TableName=table, Item=item, ReturnValues="ALL_OLD")
    yield lambda: client.put_item(TableName=table, Item=item, ReturnValues="ALL_OLD", ReturnConsumedCapacity="TOTAL")
    for returned in ("ALL_NEW", "ALL_OLD", "UPDATED_NEW", "UPDATED_OLD", "NONE"):
        yield lambda returned=returned: client.update_item(  # type: ignore[misc]
            TableName=table, Key=key(1), UpdateExpression="SET c = :c ADD s :s", ReturnValues=returned,
            ExpressionAttributeValues={":c": {"M": {"a": {"N": "1.5"}}}, ":s": {"SS": [returned]}},
        )  # fmt: skip
    yield lambda: client.put_item(
        TableName=table, Item=item, ConditionExpression="attribute_not_exists(id)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )  # fmt: skip
    yield lambda: client.transact_write_items(TransactItems=[
        {"Put": {"TableName": table, "Item": {**key(2), "x": {"S": "new"}}}},
        {"ConditionCheck": {"TableName": table, "Key": key(1), "ConditionExpression": "attribute_not_exists(id)",
                            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
    ])  # fmt: skip
    yield lambda: client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": {**key(3), "x": {"S": "y"}}}}]})
    yield lambda: client.delete_item(TableName=table, Key=key(1), ReturnValues="ALL_OLD")
    yield lambda: client.delete_item(TableName=table, Key=key(1), ReturnValues="ALL_OLD")
    yield lambda: client.put_item(TableName="no-such-table", Item=item)
    yield lambda: client.put_item(TableName=table, Item={"id": {"N": "1"}})


def outcomes(client: DynamoDBClient, table: str) -> list[Any]:
    """What each write answered or raised; of an exception its class and all it carries."""
    client.create_table(TableName=table, **KEY_SCHEMA)
    found: list[Any] = []
    for write in writes(client, table):
        try:
            found.append(bare(write()))
        except ClientError as error:  # noqa: PERF203 - each write is tried
            found.append((type(error).__name__, str(error), bare(error.response)))  # type: ignore[arg-type]
    client.delete_table(TableName=table)
    client.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return found


@both_servers
def test_writes_answer_and_fail_alike(server: Server) -> None:
    name = f"w-{uuid.uuid4().hex[:12]}"
    theirs = outcomes(server.client(), name)
    ours = outcomes(patch_client(server.client()), name)
    native = outcomes(patch_client(server.client(), items="native"), name)
    assert _sorted_sets(ours) == _sorted_sets(theirs)
    wanted = [natively(each) if isinstance(each, dict) else each for each in theirs]
    assert exact(_sorted_sets(native)) == exact(_sorted_sets(wanted))
    failed = [each[0] for each in theirs if isinstance(each, tuple)]
    assert failed[:2] == ["ConditionalCheckFailedException", "TransactionCanceledException"]
    assert theirs[7][2]["Item"]["b"] == {"B": b"\0hi"}


def _sorted_sets(value: Any) -> Any:
    """A server may write the members of a set in any order."""
    if isinstance(value, dict):
        return {
            name: sorted(each) if name in ("SS", "NS", "BS") and isinstance(each, list) else _sorted_sets(each)
            for name, each in value.items()
        }
    return type(value)(map(_sorted_sets, value)) if isinstance(value, list | tuple) else value


@both_servers
def test_stream_records_are_the_same_objects(server: Server, own_table: str) -> None:
    arn = server.client().describe_table(TableName=own_table)["Table"]["LatestStreamArn"]
    plain, patched, native = (server.client("dynamodbstreams") for _ in range(3))
    patch_client(patched)
    patch_client(native, items="native")
    (shard, *_) = plain.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    found = []
    for client in (plain, patched, native):
        iterator = client.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]  # fmt: skip
        found.append(client.get_records(ShardIterator=iterator)["Records"])
    theirs, ours, values = found
    assert len(theirs) == COUNT
    assert repr(ours) == repr(theirs)
    for record in theirs:
        for image in ("Keys", "NewImage", "OldImage"):
            if image in record["dynamodb"]:
                record["dynamodb"][image] = native_item(record["dynamodb"][image])
    assert exact(values) == exact(theirs)


@both_servers
def test_a_table_of_a_resource_reads_the_same(server: Server, own_table: str) -> None:
    plain, patched = server.resource(), server.resource()
    patch_client(patched.meta.client)
    # Items of its own: boto3 cannot read back every number that the others hold.
    with patched.Table(own_table).batch_writer() as writer:
        for number in range(20):
            writer.put_item(Item={"id": "own", "n": Decimal(number), "s": {"x"}, "b": b"x", "m": {"l": [None, True]}})
    found = []
    for resource in (plain, patched):
        rows = resource.Table(own_table)
        rows.put_item(Item={"id": "new", "n": Decimal(1), "s": {"x"}, "b": b"x"})
        found.append([
            rows.get_item(Key={"id": "new", "n": 1})["Item"],
            rows.query(KeyConditionExpression=Key("id").eq("own"), Limit=7),
            rows.scan(FilterExpression=Key("id").eq("own"))["Items"],
            rows.scan(Limit=11, ProjectionExpression="id")["LastEvaluatedKey"],
            resource.batch_get_item(RequestItems={own_table: {"Keys": [{"id": "own", "n": 1}]}})["Responses"],
            rows.delete_item(Key={"id": "new", "n": 1}, ReturnValues="ALL_OLD")["Attributes"],
        ])  # fmt: skip
        del found[-1][1]["ResponseMetadata"]
    assert exact(found[1]) == exact(found[0])
    assert len(found[0][2]) == 20
    with pytest.raises(TypeError, match="resource"):
        patch_client(patched.meta.client, items="native")


@both_servers
@pytest.mark.parametrize("items", ["attribute-values", "native"])
def test_a_faulty_answer_is_asked_for_again(server: Server, table: str, items: Any) -> None:
    """Between server and client the body loses its second half, once; DynamoDB's checksum tells."""
    client = patch_client(server.client(), items=items)
    wanted = client.scan(TableName=table)
    if "x-amz-crc32" not in wanted["ResponseMetadata"]["HTTPHeaders"]:
        pytest.xfail("this server sends no checksum")
    session, sent = client._endpoint.http_session, []
    send = session.send

    def faulty(request: Any) -> Any:
        answer: Any = send(request)
        sent.append(answer)
        if len(sent) == 1:
            # Not inside a character, of which botocore would make another error.
            answer._content = answer.content[: answer.content.index(b",", len(answer.content) // 2)]
        return answer

    session.send = faulty
    again = client.scan(TableName=table)
    assert exact(bare(again)) == exact(bare(wanted))
    assert again["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(sent) == 2


@both_servers
def test_events_are_seen(server: Server, table: str) -> None:
    client = patch_client(server.client())
    seen: list[str] = []
    names = ("provide-client-params", "before-parameter-build", "before-call", "request-created", "before-sign",
             "before-send", "before-parse", "response-received", "needs-retry", "after-call")  # fmt: skip
    for name in names:
        client.meta.events.register(
            f"{name}.dynamodb.Scan", lambda event_name, **_: seen.append(event_name.split(".")[0])
        )
    client.scan(TableName=table)
    assert seen == list(names)
