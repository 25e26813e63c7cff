"""The servers that the sinks are tested on do what is expected of them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.servers.clients import Clients

slow = [pytest.mark.slow, pytest.mark.timeout(300)]
GUARD = (
    "if (ctx._source._seq != null && ctx._source._seq.compareTo(params.s) >= 0) { ctx.op = 'none' } "
    "else { ctx._source = params.d; ctx._source._seq = params.s }"
)


def _ask(method: str, url: str, body: bytes | None = None) -> tuple[int, Any]:
    kind = "application/x-ndjson" if url.endswith("_bulk") else "application/json"
    request = urllib.request.Request(url, body, {"Content-Type": kind}, method=method)  # noqa: S310 our own server
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def _bulk(url: str, *lines: dict[str, Any]) -> tuple[int, Any]:
    return _ask("POST", f"{url}/_bulk", b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def _statuses(answer: dict[str, Any]) -> list[int]:
    return [next(iter(item.values()))["status"] for item in answer["items"]]


def _index() -> str:
    return f"index-{uuid.uuid4()}"


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_moto_serves_each_service(moto: Clients) -> None:
    queue = moto.sqs().create_queue(QueueName="queue")["QueueUrl"]
    sent = moto.sqs().send_message_batch(QueueUrl=queue, Entries=[{"Id": "0", "MessageBody": "a"}])
    assert [each["Id"] for each in sent["Successful"]] == ["0"]
    topic = moto.sns().create_topic(Name="topic")["TopicArn"]
    entry: Any = {"Id": "0", "Message": "a"}
    published = moto.sns().publish_batch(TopicArn=topic, PublishBatchRequestEntries=[entry])
    assert [each["Id"] for each in published["Successful"]] == ["0"]
    event: Any = {"Source": "tailrace", "DetailType": "change", "Detail": "{}"}
    assert moto.events().put_events(Entries=[event])["FailedEntryCount"] == 0
    moto.kinesis().create_stream(StreamName="stream", ShardCount=1)
    put = moto.kinesis().put_records(StreamName="stream", Records=[{"Data": b"a", "PartitionKey": "a"}])
    assert put["FailedRecordCount"] == 0
    moto.s3().create_bucket(Bucket="bucket")
    target: Any = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": "arn:aws:s3:::bucket"}
    moto.firehose().create_delivery_stream(DeliveryStreamName="firehose", ExtendedS3DestinationConfiguration=target)
    answer = moto.firehose().put_record_batch(DeliveryStreamName="firehose", Records=[{"Data": b"a\n"}])
    assert answer["FailedPutCount"] == 0
    moto.cloudwatch().put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Records", "Value": 1}])


def test_moto_refuses_to_overwrite_an_object(moto: Clients) -> None:
    moto.s3().create_bucket(Bucket="bucket")
    moto.s3().put_object(Bucket="bucket", Key="a", Body=b"1", IfNoneMatch="*")
    with pytest.raises(ClientError) as error:
        moto.s3().put_object(Bucket="bucket", Key="a", Body=b"2", IfNoneMatch="*")
    assert _code(error) == "PreconditionFailed"


@pytest.mark.parametrize("after", ["test_moto_serves_each_service", "test_moto_refuses_to_overwrite_an_object"])
def test_moto_forgets_between_tests(moto: Clients, after: str) -> None:
    assert moto.s3().list_buckets()["Buckets"] == []
    assert "QueueUrls" not in moto.sqs().list_queues()


def _versions(url: str) -> None:
    index = _index()
    versioned = {"_index": index, "_id": "a", "version_type": "external_gte"}
    actions: list[dict[str, Any]] = [
        {"index": versioned | {"version": 5}},
        {"n": 1},
        {"index": versioned | {"version": 5}},
        {"n": 2},
        {"index": versioned | {"version": 4}},
        {"n": 3},
        {"delete": versioned | {"version": 5}},
        {"delete": {"_index": index, "_id": "missing"}},
    ]
    status, answer = _bulk(url, *actions)
    assert (status, answer["errors"], _statuses(answer)) == (200, True, [201, 200, 409, 200, 404])
    assert answer["items"][2]["index"]["error"]["type"] == "version_conflict_engine_exception"


def test_osmem_judges_versions(osmem: str) -> None:
    _versions(osmem)


def _refuses_a_document_alone(url: str) -> None:
    index = _index()
    assert _ask("PUT", f"{url}/{index}", b'{"mappings": {"properties": {"n": {"type": "long"}}}}')[0] == 200
    create = {"index": {"_index": index}}
    status, answer = _bulk(url, create, {"n": "not a number"}, create, {"n": 1})
    assert (status, _statuses(answer)) == (200, [400, 201])
    assert answer["items"][0]["index"]["error"]["type"] == "mapper_parsing_exception"


def test_osmem_refuses_a_document_alone(osmem: str) -> None:
    _refuses_a_document_alone(osmem)


class TestOpenSearch:
    pytestmark = slow

    def test_it_judges_versions(self, opensearch: str) -> None:
        _versions(opensearch)

    def test_it_refuses_a_document_alone(self, opensearch: str) -> None:
        _refuses_a_document_alone(opensearch)

    def test_it_runs_a_script_that_guards_the_order(self, opensearch: str) -> None:
        update = {"update": {"_index": _index(), "_id": "a"}}
        lines: list[dict[str, Any]] = []
        for sequence in ("002", "003", "003", "001"):
            script = {"source": GUARD, "params": {"s": sequence, "d": {"n": sequence}}}
            lines += [update, {"script": script, "scripted_upsert": True, "upsert": {}}]
        status, answer = _bulk(opensearch, *lines)
        results = [item["update"]["result"] for item in answer["items"]]
        assert (status, results) == (200, ["created", "updated", "noop", "noop"])

    def test_it_refuses_whole_calls(self, opensearch_refusing_calls: str) -> None:
        index = {"index": {"_index": _index()}}
        assert _bulk(opensearch_refusing_calls, index, {"text": "x" * 1000})[0] == 200
        status, answer = _bulk(opensearch_refusing_calls, index, {"text": "x" * 200_000})
        assert (status, answer["error"]["type"]) == (429, "rejected_execution_exception")

    def test_it_refuses_items(self, opensearch_refusing_items: str) -> None:
        name = _index()
        lines: list[dict[str, Any]] = [{"index": {"_index": name}}, {"n": 1}] * 500
        shards = b'{"settings": {"number_of_shards": 5, "number_of_replicas": 0}}'
        assert _ask("PUT", f"{opensearch_refusing_items}/{name}", shards)[0] == 200
        with ThreadPoolExecutor(12) as writers:
            answers = list(writers.map(lambda _: _bulk(opensearch_refusing_items, *lines), range(48)))
        assert {status for status, _ in answers} == {200}
        statuses = [status for _, answer in answers for status in _statuses(answer)]
        assert set(statuses) == {201, 429}
        _ask("POST", f"{opensearch_refusing_items}/{name}/_refresh")
        count = _ask("GET", f"{opensearch_refusing_items}/{name}/_count")[1]["count"]
        assert count == statuses.count(201)


class TestSeaweedfs:
    pytestmark = slow

    def test_one_of_many_writers_creates_an_object(self, seaweedfs: Clients) -> None:
        bucket = f"bucket-{uuid.uuid4()}"
        client = seaweedfs.s3()
        client.create_bucket(Bucket=bucket)

        def put(number: int) -> str:
            try:
                client.put_object(Bucket=bucket, Key="a", Body=str(number).encode(), IfNoneMatch="*")
            except ClientError as error:
                return error.response["Error"]["Code"]
            return "created"

        with ThreadPoolExecutor(16) as writers:
            outcomes = list(writers.map(put, range(32)))
        assert sorted(outcomes) == ["PreconditionFailed"] * 31 + ["created"]
        assert client.get_object(Bucket=bucket, Key="a")["Body"].read() == str(outcomes.index("created")).encode()

    def test_a_locked_object_stays(self, seaweedfs: Clients) -> None:
        bucket = f"bucket-{uuid.uuid4()}"
        client = seaweedfs.s3()
        client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
        until = datetime.now(timezone.utc) + timedelta(days=1)
        put = client.put_object(
            Bucket=bucket, Key="a", Body=b"1", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until
        )
        with pytest.raises(ClientError) as error:
            client.delete_object(Bucket=bucket, Key="a", VersionId=put["VersionId"])
        assert _code(error) == "AccessDenied"
        assert client.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
