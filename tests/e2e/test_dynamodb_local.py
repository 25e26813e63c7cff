"""From a table through its stream into the SQLite sinks: the replica is the table, and no change is missing."""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tailrace import Batch
from tests.e2e.exact import exact, native_item
from tests.e2e.get_records import parsed_by_botocore
from tests.e2e.pipeline import pipeline, same_items
from tests.e2e.random_items import RandomItems
from tests.e2e.servers.dynamodb_local import DynamoDBLocal

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

KEYS_COUNT = 25
WRITES_COUNT = 600
SEEDS = [1, 2]


class Writer:
    """Writes to a table in every way there is, and counts the changes each item must show in the stream."""

    def __init__(self, client: DynamoDBClient, table: str, seed: int) -> None:
        self.client = client
        self.table = table
        self.items = RandomItems(seed)
        self.changes: Counter[str] = Counter()
        self.versions = itertools.count(1)
        self.present: set[str] = set()

    def write(self, writes_count: int) -> None:
        ways = [self.put, self.put, self.update, self.update, self.delete, self.batch, self.transaction]
        for _ in range(writes_count):
            self.items.random.choice(ways)()

    def put(self) -> None:
        key = self._any_key()
        self.client.put_item(TableName=self.table, Item=self._item(key))
        self._changed(key)

    def update(self) -> None:
        key = self._any_key()
        self.client.update_item(
            TableName=self.table,
            Key=self._key(key),
            UpdateExpression="SET #new = :new, title = :title, version = :v ADD visits :one, tags :tags REMOVE #old",
            ExpressionAttributeNames={"#new": self.items.random.choice(["x", "y"]), "#old": "a0"},
            ExpressionAttributeValues={
                ":new": self.items.value(),
                ":title": self._title(),
                ":v": self._version(),
                ":one": {"N": "1"},
                ":tags": {"SS": [self.items.random.choice(["red", "green", "blue"])]},
            },
        )
        self._changed(key)

    def delete(self) -> None:
        key = self._any_key()
        self.client.delete_item(TableName=self.table, Key=self._key(key))
        if key in self.present:  # a delete of nothing is no change
            self._changed(key, present=False)

    def batch(self) -> None:
        added, removed = self._keys_of_two()
        requests = [{"PutRequest": {"Item": self._item(added)}}, {"DeleteRequest": {"Key": self._key(removed)}}]
        answer = self.client.batch_write_item(RequestItems={self.table: requests})  # type: ignore[dict-item]
        assert not answer["UnprocessedItems"]
        self._changed(added)
        if removed in self.present:
            self._changed(removed, present=False)

    def transaction(self) -> None:
        put, updated = self._keys_of_two()
        change = {
            "TableName": self.table,
            "Key": self._key(updated),
            "UpdateExpression": "SET version = :version",
            "ExpressionAttributeValues": {":version": self._version()},
        }
        self.client.transact_write_items(
            TransactItems=[{"Put": {"TableName": self.table, "Item": self._item(put)}}, {"Update": change}]  # type: ignore[typeddict-item]
        )
        self._changed(put)
        self._changed(updated)

    def _changed(self, key: str, *, present: bool = True) -> None:
        self.changes[key] += 1
        (self.present.add if present else self.present.discard)(key)

    def _any_key(self) -> str:
        return f"ключ {self.items.random.randrange(KEYS_COUNT)}"

    def _keys_of_two(self) -> list[str]:
        return [f"ключ {at}" for at in self.items.random.sample(range(KEYS_COUNT), 2)]

    def _key(self, key: str) -> dict[str, Any]:
        return {"pk": {"S": key}, "sk": {"N": "1"}}

    def _item(self, key: str) -> dict[str, Any]:
        """The version makes each put a change: DynamoDB records none for an item put as it was."""
        return {**self.items.item(), **self._key(key), "version": self._version(), "title": self._title()}

    def _version(self) -> dict[str, Any]:
        return {"N": str(next(self.versions))}

    def _title(self) -> dict[str, Any]:
        return {"S": " ".join(self.items.random.sample(["canal", "weir", "sluice", "lock"], 2))}


class Stream:
    """Reads a table's stream from its beginning: each answer as the bytes on the wire and as botocore parsed it."""

    def __init__(self, client: DynamoDBStreamsClient, arn: str) -> None:
        self.client = client
        self.arn = arn
        self.bodies: list[bytes] = []
        client.meta.events.register("before-parse.dynamodb-streams.GetRecords", self._keep_body)

    def answers(self, limit: int) -> Iterator[tuple[bytes, Any]]:
        shards = self.client.describe_stream(StreamArn=self.arn)["StreamDescription"]["Shards"]
        for shard in shards:
            yield from self._of_shard(shard["ShardId"], limit)

    def _of_shard(self, shard_id: str, limit: int) -> Iterator[tuple[bytes, Any]]:
        start = self.client.get_shard_iterator(StreamArn=self.arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
        iterator: str | None = start["ShardIterator"]
        while iterator:
            answer = self.client.get_records(ShardIterator=iterator, Limit=limit)
            if not answer["Records"]:
                return
            yield self.bodies[-1], answer
            iterator = answer.get("NextShardIterator")

    def _keep_body(self, response_dict: dict[str, Any], **_: Any) -> None:
        self.bodies.append(response_dict["body"])


@pytest.fixture
def table(dynamodb_local: DynamoDBLocal) -> Iterator[str]:
    client = dynamodb_local.client()
    name = f"table-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    yield name
    client.delete_table(TableName=name)


def _stream(server: DynamoDBLocal, table: str) -> Stream:
    return Stream(server.streams(), server.client().describe_table(TableName=table)["Table"]["LatestStreamArn"])


def _scan(server: DynamoDBLocal, table: str) -> list[Any]:
    pages = server.client().get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return [exact(native_item(item)) for page in pages for item in page["Items"]]


@pytest.mark.parametrize("form", ["bytes", "botocore"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_replica_is_the_table_and_the_audit_trail_is_whole(
    dynamodb_local: DynamoDBLocal, table: str, tmp_path: Path, form: str, seed: int
) -> None:
    writer = Writer(dynamodb_local.client(), table, seed)
    writer.write(WRITES_COUNT)
    scan = _scan(dynamodb_local, table)
    with pipeline(tmp_path, table, text="title") as pipe:
        for body, answer in _stream(dynamodb_local, table).answers(limit=100):
            pipe.feed(body if form == "bytes" else answer)
        assert same_items(pipe.items(), scan)
        assert pipe.audit_trail.count(table) == writer.changes.total()
        for key, count in writer.changes.items():
            _check_history(pipe.audit_trail.history(table, {"pk": key, "sk": 1}), count, scan)
        canals = [item for item in scan if "canal" in item.get("title", ("str", ""))[1]]
        assert len(pipe.search_index.search("canal", table=table, limit=1000)) == len(canals) > 0


def _check_history(history: list[Any], changes_count: int, scan: list[Any]) -> None:
    """Every change is there, each begins where the one before ended, and the last ends as the item is."""
    assert len(history) == changes_count
    assert history[0].before is None
    for earlier, later in itertools.pairwise(history):
        assert exact(earlier.after) == exact(later.before)
    last = history[-1]
    assert (exact(last.after) in scan) == (last.after is not None) == (last.event_name != "REMOVE")


def test_a_record_says_the_same_as_bytes_and_as_botocore_parsed_it(dynamodb_local: DynamoDBLocal, table: str) -> None:
    Writer(dynamodb_local.client(), table, seed=3).write(60)
    for body, answer in _stream(dynamodb_local, table).answers(limit=25):
        assert parsed_by_botocore(body)["Records"] == answer["Records"]
        for left, right in zip(Batch.from_event(body), Batch.from_event(answer), strict=True):
            assert left.to_dict() == right.to_dict()
            assert left.item_key == right.item_key


@pytest.mark.parametrize("form", ["bytes", "botocore"])
def test_the_diffs_lead_through_every_state_of_every_item(dynamodb_local: DynamoDBLocal, table: str, form: str) -> None:
    Writer(dynamodb_local.client(), table, seed=5).write(200)
    states: dict[bytes, Any] = {}
    for body, answer in _stream(dynamodb_local, table).answers(limit=100):
        batch = Batch.from_event(body if form == "bytes" else answer)
        for record, found in zip(batch, batch.diffs(), strict=True):
            assert found
            before = states.get(record.item_key)
            after = found.apply(before)
            assert exact(found.revert(after)) == exact(before)
            states[record.item_key] = after
    left = [exact(item) for item in states.values() if item is not None]
    scan = _scan(dynamodb_local, table)
    assert len(left) == len(scan)
    assert all(item in scan for item in left)


def test_a_second_reading_of_the_stream_changes_nothing(
    dynamodb_local: DynamoDBLocal, table: str, tmp_path: Path
) -> None:
    Writer(dynamodb_local.client(), table, seed=4).write(60)
    stream = _stream(dynamodb_local, table)
    with pipeline(tmp_path, table, text="title") as pipe:
        for body, _ in stream.answers(limit=1000):
            pipe.feed(body)
        before = pipe.contents()
        for body, _ in stream.answers(limit=7):
            pipe.feed(body)
        assert pipe.contents() == before
        assert same_items(pipe.items(), _scan(dynamodb_local, table))


def test_keys_only_streams_feed_the_audit_trail_and_are_refused_by_the_replica(
    dynamodb_local: DynamoDBLocal, tmp_path: Path
) -> None:
    """A state sink never takes a missing image for a delete."""
    client = dynamodb_local.client()
    name = f"keys-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "B"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    client.put_item(TableName=name, Item={"pk": {"B": b"\x00\xff"}, "n": {"N": "1"}})
    with pipeline(tmp_path, name, text="title") as pipe:
        ((body, answer),) = _stream(dynamodb_local, name).answers(limit=10)
        number = answer["Records"][0]["dynamodb"]["SequenceNumber"]
        assert pipe.app(body)["batchItemFailures"] == [{"itemIdentifier": number}]
        assert [entry.keys for entry in pipe.audit_trail] == [{"pk": b"\x00\xff"}]
        assert pipe.items() == []
    client.delete_table(TableName=name)
