"""Entries of a batch that fail alone: what the client is told, and what the server has really done."""

from __future__ import annotations

import gzip
import json
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.servers.clients import Clients
from tests.faults.exchange import Answer
from tests.faults.faults import OneOf
from tests.faults.partial import Partial, positions, share
from tests.faults.proxy import FaultProxy
from tests.faults.rules import first, operation

# Which entries of three are refused, and whether that is a lie.
CHOICES = pytest.mark.parametrize(
    ("refused", "carried_out"),
    [((), False), ((1,), False), ((0, 2), False), ((0, 1, 2), False), ((1,), True), ((0, 1, 2), True)],
)
TEXTS = ["a", "b ü&=", "c"]


def _stored(refused: tuple[int, ...], carried_out: bool) -> list[str]:
    return [text for position, text in enumerate(TEXTS) if carried_out or position not in refused]


@pytest.fixture
def proxy(moto: Clients) -> Iterator[FaultProxy]:
    with FaultProxy(moto.url) as proxy:
        yield proxy


@CHOICES
def test_sqs(moto: Clients, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool) -> None:
    url = moto.sqs().create_queue(QueueName="queue")["QueueUrl"]
    proxy.add(Partial(positions(*refused), carried_out=carried_out))
    entries: Any = [{"Id": f"id{number}", "MessageBody": text} for number, text in enumerate(TEXTS)]
    answer = Clients(proxy.url).sqs().send_message_batch(QueueUrl=url, Entries=entries)
    failed = [(each["Id"], each["Code"], each["SenderFault"]) for each in answer.get("Failed", [])]
    assert failed == [(f"id{number}", "InternalError", False) for number in refused]
    done = [each["Id"] for each in answer.get("Successful", [])]
    assert done == [f"id{number}" for number in range(3) if number not in refused]
    messages = moto.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    assert sorted(each["Body"] for each in messages) == _stored(refused, carried_out)


@CHOICES
def test_sns(moto: Clients, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool) -> None:
    topic = moto.sns().create_topic(Name="topic")["TopicArn"]
    url = moto.sqs().create_queue(QueueName="queue")["QueueUrl"]
    queue = "arn:aws:sqs:us-east-1:123456789012:queue"
    moto.sns().subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RawMessageDelivery": "true"})
    proxy.add(Partial(positions(*refused), code="KMSThrottlingException", sender_fault=True, carried_out=carried_out))
    attributes: Any = {"kind": {"DataType": "String", "StringValue": "ä b"}}
    entries: Any = [
        {"Id": f"id{number}", "Message": text, "MessageAttributes": attributes} for number, text in enumerate(TEXTS)
    ]
    answer = Clients(proxy.url).sns().publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
    failed = [(each["Id"], each["Code"], each["SenderFault"]) for each in answer.get("Failed", [])]
    assert failed == [(f"id{number}", "KMSThrottlingException", True) for number in refused]
    done = [each["Id"] for each in answer.get("Successful", [])]
    assert done == [f"id{number}" for number in range(3) if number not in refused]
    received = moto.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"])
    messages = received.get("Messages", [])
    assert sorted(each["Body"] for each in messages) == _stored(refused, carried_out)
    assert {each["MessageAttributes"]["kind"]["StringValue"] for each in messages} <= {"ä b"}


@CHOICES
def test_eventbridge(moto: Clients, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool) -> None:
    url = moto.sqs().create_queue(QueueName="queue")["QueueUrl"]
    moto.events().put_rule(Name="rule", EventPattern='{"source": ["tailrace"]}')
    moto.events().put_targets(Rule="rule", Targets=[{"Id": "a", "Arn": "arn:aws:sqs:us-east-1:123456789012:queue"}])
    proxy.add(Partial(positions(*refused), carried_out=carried_out))
    entries: Any = [{"Source": "tailrace", "DetailType": text, "Detail": "{}"} for text in TEXTS]
    answer = Clients(proxy.url).events().put_events(Entries=entries)
    assert answer["FailedEntryCount"] == len(refused)
    codes = [each.get("ErrorCode") for each in answer["Entries"]]
    assert codes == ["ThrottlingException" if number in refused else None for number in range(3)]
    assert all(("EventId" in each) != ("ErrorCode" in each) for each in answer["Entries"])
    messages = moto.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    assert sorted(json.loads(each["Body"])["detail-type"] for each in messages) == _stored(refused, carried_out)


@CHOICES
def test_kinesis(moto: Clients, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool) -> None:
    moto.kinesis().create_stream(StreamName="stream", ShardCount=1)
    proxy.add(Partial(positions(*refused), carried_out=carried_out))
    records: Any = [{"Data": text.encode(), "PartitionKey": "a"} for text in TEXTS]
    answer = Clients(proxy.url).kinesis().put_records(StreamName="stream", Records=records)
    assert answer["FailedRecordCount"] == len(refused)
    code = "ProvisionedThroughputExceededException"
    assert [each.get("ErrorCode") for each in answer["Records"]] == [
        code if number in refused else None for number in range(3)
    ]
    assert all(("SequenceNumber" in each) != ("ErrorCode" in each) for each in answer["Records"])
    shard = moto.kinesis().list_shards(StreamName="stream")["Shards"][0]["ShardId"]
    iterator = moto.kinesis().get_shard_iterator(StreamName="stream", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    stored = moto.kinesis().get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert [each["Data"].decode() for each in stored] == _stored(refused, carried_out)


@CHOICES
def test_firehose(moto: Clients, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool) -> None:
    moto.s3().create_bucket(Bucket="bucket")
    target: Any = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": "arn:aws:s3:::bucket"}
    moto.firehose().create_delivery_stream(DeliveryStreamName="firehose", ExtendedS3DestinationConfiguration=target)
    proxy.add(Partial(positions(*refused), carried_out=carried_out))
    records: Any = [{"Data": f"{text}\n".encode()} for text in TEXTS]
    answer = Clients(proxy.url).firehose().put_record_batch(DeliveryStreamName="firehose", Records=records)
    assert answer["FailedPutCount"] == len(refused)
    assert [each.get("ErrorCode") for each in answer["RequestResponses"]] == [
        "ServiceUnavailableException" if number in refused else None for number in range(3)
    ]
    assert all(("RecordId" in each) != ("ErrorCode" in each) for each in answer["RequestResponses"])
    objects = moto.s3().list_objects_v2(Bucket="bucket").get("Contents", [])
    text = b"".join(moto.s3().get_object(Bucket="bucket", Key=each["Key"])["Body"].read() for each in objects)
    assert text.decode().split("\n")[:-1] == _stored(refused, carried_out)


def _tables(client: Any, *names: str) -> None:
    for name in names:
        client.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        )


def _keys(client: Any, table: str) -> list[str]:
    return sorted(item["pk"]["S"] for item in client.scan(TableName=table, ConsistentRead=True)["Items"])


def _leaves_unprocessed(
    server: Clients, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool, names: Callable[[str], str]
) -> None:
    proxy.add(Partial(positions(*refused), carried_out=carried_out), when=operation("BatchWriteItem"), calls=first(1))
    behind, near = server.dynamodb(), Clients(proxy.url).dynamodb()
    one, other = names("one"), names("other")
    _tables(behind, one, other)
    behind.put_item(TableName=other, Item={"pk": {"S": "c"}})
    put: Any = [{"PutRequest": {"Item": {"pk": {"S": text}, "n": {"N": "1.50"}}}} for text in ("a", "b")]
    delete: Any = {"DeleteRequest": {"Key": {"pk": {"S": "c"}}}}
    asked: Any = {one: put, other: [delete]}
    left = near.batch_write_item(RequestItems=asked)["UnprocessedItems"]
    all_three = [(one, put[0]), (one, put[1]), (other, delete)]
    assert [(table, entry) for table, entries in left.items() for entry in entries] == [
        all_three[position] for position in refused
    ]
    missing = set() if carried_out else set(refused)
    assert _keys(behind, one) == [text for position, text in enumerate(("a", "b")) if position not in missing]
    assert _keys(behind, other) == (["c"] if 2 in missing else [])
    if left:
        assert near.batch_write_item(RequestItems=left)["UnprocessedItems"] == {}
    assert (_keys(behind, one), _keys(behind, other)) == (["a", "b"], [])


@CHOICES
def test_dynamodb(moto: Clients, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool) -> None:
    _leaves_unprocessed(moto, proxy, refused, carried_out, str)


@pytest.mark.slow
@CHOICES
def test_dynamodb_local(dynamodb_local: Clients, refused: tuple[int, ...], carried_out: bool) -> None:
    with FaultProxy(dynamodb_local.url) as proxy:
        run = uuid.uuid4()
        _leaves_unprocessed(dynamodb_local, proxy, refused, carried_out, lambda name: f"{name}-{run}")


def _ask(method: str, url: str, body: bytes | None = None, **headers: str) -> Any:
    kind = {"Content-Type": "application/x-ndjson" if "_bulk" in url else "application/json"}
    request = urllib.request.Request(url, body, kind | headers, method=method)  # noqa: S310 our own server
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        packed = answer.headers.get("Content-Encoding") == "gzip"
        text = answer.read()
        return json.loads(gzip.decompress(text) if packed else text)


def _documents(url: str, index: str) -> dict[str, Any]:
    _ask("POST", f"{url}/{index}/_refresh")
    hits = _ask("GET", f"{url}/{index}/_search?size=100")["hits"]["hits"]
    return {hit["_id"]: hit["_source"] for hit in hits}


def _refuses_bulk_items(url: str, proxy: FaultProxy, refused: tuple[int, ...], carried_out: bool, packed: bool) -> None:
    index = f"index-{uuid.uuid4()}"
    _ask("PUT", f"{url}/{index}/_doc/c?refresh=true", b"{}")
    lines = [{"index": {"_id": "a"}}, {"n": 1}, {"update": {"_id": "b"}}, {"doc": {"n": 2}, "doc_as_upsert": True}]
    lines += [{"delete": {"_id": "c"}}]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    rule = proxy.add(Partial(positions(*refused), carried_out=carried_out), when=operation("_bulk"))
    headers = {"Content-Encoding": "gzip", "Accept-Encoding": "gzip"} if packed else {}
    answer = _ask("POST", f"{proxy.url}/{index}/_bulk", gzip.compress(body) if packed else body, **headers)
    assert rule.done == 1
    assert answer["errors"] == bool(refused)
    items = [(action, each["_index"], each["_id"]) for item in answer["items"] for action, each in item.items()]
    assert items == [("index", index, "a"), ("update", index, "b"), ("delete", index, "c")]
    statuses = [next(iter(item.values()))["status"] for item in answer["items"]]
    assert statuses == [429 if number in refused else (201, 201, 200)[number] for number in range(3)]
    for number in refused:
        (item,) = answer["items"][number].values()
        assert item["error"]["type"] == "rejected_execution_exception"
    missing = set() if carried_out else set(refused)
    expected = {"a": {"n": 1}, "b": {"n": 2}, "c": {}}
    gone = {name for number, name in enumerate("ab") if number in missing} | ({"c"} - set("c" if 2 in missing else ""))
    assert _documents(url, index) == {name: expected[name] for name in expected if name not in gone}


@pytest.mark.parametrize("packed", [False, True])
@CHOICES
def test_osmem(osmem: str, refused: tuple[int, ...], carried_out: bool, packed: bool) -> None:
    with FaultProxy(osmem) as proxy:
        _refuses_bulk_items(osmem, proxy, refused, carried_out, packed)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("packed", [False, True])
@CHOICES
def test_opensearch(opensearch: str, refused: tuple[int, ...], carried_out: bool, packed: bool) -> None:
    with FaultProxy(opensearch) as proxy:
        _refuses_bulk_items(opensearch, proxy, refused, carried_out, packed)


def test_an_entry_is_chosen_by_what_it_is(moto: Clients, proxy: FaultProxy) -> None:
    url = moto.sqs().create_queue(QueueName="queue")["QueueUrl"]
    proxy.add(Partial(lambda position, entry: entry["MessageBody"] == "b", code="Poison", sender_fault=True))
    entries: Any = [{"Id": text, "MessageBody": text} for text in "abc"]
    answer = Clients(proxy.url).sqs().send_message_batch(QueueUrl=url, Entries=entries)
    assert [(each["Id"], each["Code"], each["SenderFault"]) for each in answer["Failed"]] == [("b", "Poison", True)]


def test_a_share_of_the_entries_is_the_same_at_every_run() -> None:
    taken = [position for position in range(1000) if share(0.3, seed=1)(position, None)]
    assert len(taken) in {0, 1000}  # each asked a chance of its own: the same first answer
    one, other = share(0.3, seed=1), share(0.3, seed=1)
    chosen = [one(position, None) for position in range(1000)]
    assert chosen == [other(position, None) for position in range(1000)]
    assert 200 < sum(chosen) < 400


def test_a_call_without_entries_is_not_its_business(moto: Clients, proxy: FaultProxy) -> None:
    rule = proxy.add(OneOf(1, Partial(positions(0))))
    Clients(proxy.url).sqs().create_queue(QueueName="queue")
    assert (rule.matched, rule.done) == (0, 0)


def test_an_error_of_the_whole_call_is_passed_on(moto: Clients, proxy: FaultProxy) -> None:
    proxy.add(Partial(positions(1)))
    client = Clients(proxy.url).sqs()
    entries: Any = [{"Id": text, "MessageBody": text} for text in "abc"]
    with pytest.raises(client.exceptions.QueueDoesNotExist):
        client.send_message_batch(QueueUrl=f"{proxy.url}/123456789012/none", Entries=entries)
    ((sent, answer),) = proxy.log[0].carried_out
    assert [each["Id"] for each in sent.json()["Entries"]] == ["a", "c"]
    assert isinstance(answer, Answer)
    assert answer.status == 400
