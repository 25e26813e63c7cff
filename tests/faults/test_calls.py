"""What the proxy does to whole calls, seen from both sides."""

from __future__ import annotations

import http.client
import socket
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from tests.e2e.servers.clients import Clients
from tests.faults.exchange import Answer, Reset, Truncated, header
from tests.faults.faults import (
    Duplicated,
    OneOf,
    Refused,
    ResetAfter,
    ResetBefore,
    Silent,
    Slow,
    Trickle,
    Truncate,
    Zombie,
)
from tests.faults.proxy import FaultProxy
from tests.faults.rules import Rule, after, first, nth, operation, sometimes


@pytest.fixture
def proxy(moto: Clients) -> Iterator[FaultProxy]:
    with FaultProxy(moto.url) as proxy:
        yield proxy


class Queue:
    """A queue of moto's, written to through the proxy and read beside it."""

    def __init__(self, moto: Clients, proxy: FaultProxy) -> None:
        self.proxy = proxy
        self.near = Clients(proxy.url).sqs(read_timeout=1)
        self.behind = moto.sqs()
        self.url = self.behind.create_queue(QueueName="queue")["QueueUrl"]

    def send(self, text: str = "a") -> None:
        self.near.send_message(QueueUrl=self.url, MessageBody=text)

    def texts(self) -> list[str]:
        """What has come, which is taken away."""
        answer = self.behind.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, VisibilityTimeout=60)
        return [message["Body"] for message in answer.get("Messages", [])]

    def carried_out(self) -> list[int]:
        """How often the server saw each request, by the log."""
        return [len(done.carried_out) for done in self.proxy.log]


@pytest.fixture
def queue(moto: Clients, proxy: FaultProxy) -> Queue:
    return Queue(moto, proxy)


def test_without_rules_everything_passes(queue: Queue) -> None:
    queue.send("ä" * 100_000)
    assert queue.texts() == ["ä" * 100_000]
    (done,) = queue.proxy.log
    assert (done.fault, done.request.service, done.request.operation) == ("", "sqs", "SendMessage")
    assert isinstance(done.outcome, Answer)
    assert done.outcome.status == 200
    assert queue.carried_out() == [1]


def test_addresses_that_the_server_makes_lead_through_the_proxy(proxy: FaultProxy) -> None:
    assert Clients(proxy.url).sqs().create_queue(QueueName="queue")["QueueUrl"].startswith(proxy.url)


@pytest.mark.parametrize("status", [500, 503])
def test_a_refused_call_is_not_carried_out(queue: Queue, status: int) -> None:
    rule = queue.proxy.add(Refused(status), calls=first(1))
    with pytest.raises(ClientError) as error:
        queue.send()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert queue.texts() == []
    assert (rule.matched, rule.done, queue.carried_out()) == (1, 1, [0])
    queue.send()
    assert queue.texts() == ["a"]


def test_a_refusal_may_be_a_page_with_headers(queue: Queue) -> None:
    queue.proxy.add(Refused(503, body=b"<html>busy</html>", headers=(("Retry-After", "7"),)))
    with pytest.raises(ClientError) as error:
        queue.send()
    assert error.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "7"


def test_a_reset_before_the_call_leaves_nothing_done(queue: Queue) -> None:
    queue.proxy.add(ResetBefore())
    with pytest.raises(ConnectionClosedError) as error:
        queue.send()
    assert isinstance(_cause(error.value), ConnectionResetError)
    assert queue.texts() == []
    assert (queue.carried_out(), queue.proxy.log[0].outcome) == ([0], Reset())


def test_a_reset_after_the_call_leaves_it_done(queue: Queue) -> None:
    queue.proxy.add(ResetAfter())
    with pytest.raises(ConnectionClosedError) as error:
        queue.send()
    assert isinstance(_cause(error.value), ConnectionResetError)
    assert queue.texts() == ["a"]
    assert queue.carried_out() == [1]


def _cause(error: BaseException) -> BaseException | None:
    """The innermost error, as the system tells it: urllib3's holds it as its last argument."""
    found: Any = error.kwargs["error"] if isinstance(error, HTTPClientError) else error
    while getattr(found, "args", None) and isinstance(found.args[-1], BaseException):
        found = found.args[-1]
    return found if isinstance(found, BaseException) else None


@pytest.mark.parametrize(("carried_out", "texts"), [(True, ["a"]), (False, [])])
def test_silence_outlasts_the_client(queue: Queue, carried_out: bool, texts: list[str]) -> None:
    queue.proxy.add(Silent(30, carried_out=carried_out))
    with pytest.raises(ReadTimeoutError):
        queue.send()
    assert queue.texts() == texts
    started = time.monotonic()
    queue.proxy.close()
    assert time.monotonic() - started < 5
    assert queue.carried_out() == [len(texts)]


def test_a_slow_answer_comes(queue: Queue) -> None:
    queue.proxy.add(Slow(0.3))
    started = time.monotonic()
    queue.send()
    assert time.monotonic() - started >= 0.3
    assert queue.texts() == ["a"]


def test_an_answer_too_slow_is_lost_and_the_call_done(queue: Queue) -> None:
    queue.proxy.add(Slow(30))
    with pytest.raises(ReadTimeoutError):
        queue.send()
    assert queue.texts() == ["a"]


def test_an_answer_that_trickles_outlasts_the_read_time_out(queue: Queue) -> None:
    queue.proxy.add(Trickle(0.02))
    started = time.monotonic()
    queue.send()
    assert time.monotonic() - started > 1.5  # the client waits for 1 s
    assert queue.texts() == ["a"]


@pytest.mark.parametrize("fault", [Truncate(), Truncate(0), Truncate(5)])
def test_botocore_takes_a_truncated_answer_in_json_for_an_empty_one(queue: Queue, fault: Truncate) -> None:
    queue.proxy.add(fault)
    assert set(queue.near.send_message(QueueUrl=queue.url, MessageBody="a")) == {"ResponseMetadata"}
    assert queue.texts() == ["a"]
    outcome = queue.proxy.log[0].outcome
    assert isinstance(outcome, Truncated)
    assert outcome.bytes < len(outcome.answer.body)


def test_botocore_takes_a_truncated_answer_of_dynamodb_for_an_empty_one_when_it_may_not_retry(
    proxy: FaultProxy,
) -> None:
    """Its checksum is there, and is looked at by retries only."""
    rule = proxy.add(Truncate(0), calls=first(2))
    assert set(Clients(proxy.url).dynamodb().list_tables()) == {"ResponseMetadata"}
    retrying = Clients(proxy.url).dynamodb(retries={"total_max_attempts": 2, "mode": "standard"})
    assert retrying.list_tables()["TableNames"] == []
    assert (rule.matched, rule.done) == (3, 2)


def test_a_truncated_answer_in_xml_is_an_error(proxy: FaultProxy) -> None:
    proxy.add(Truncate())
    with pytest.raises(ResponseParserError):
        Clients(proxy.url).sns().list_topics()


def test_who_reads_content_length_sees_that_an_answer_is_truncated(proxy: FaultProxy) -> None:
    proxy.add(Truncate(5))
    with pytest.raises(IncompleteRead) as error:
        _open(proxy.url + "/moto-api/data.json").read()
    assert len(error.value.partial) == 5


def test_a_body_in_chunks_comes_whole(moto: Clients, proxy: FaultProxy) -> None:
    """An iterable is sent so."""
    moto.s3().create_bucket(Bucket="bucket")
    chunks = [b"a" * 100, b"b", b"c" * 100_000]
    kind = {"Content-Type": "application/octet-stream"}
    _open(urllib.request.Request(f"{proxy.url}/bucket/key", iter(chunks), kind, method="PUT")).close()  # noqa: S310
    assert header(proxy.log[0].request.headers, "Transfer-Encoding") == "chunked"
    assert moto.s3().get_object(Bucket="bucket", Key="key")["Body"].read() == b"".join(chunks)


def test_a_connection_is_kept(proxy: FaultProxy) -> None:
    connection = http.client.HTTPConnection(proxy.url.removeprefix("http://"), timeout=10)
    connection.request("GET", "/moto-api/data.json")
    connection.getresponse().read()
    first_socket = connection.sock
    connection.request("GET", "/moto-api/data.json")
    assert connection.getresponse().status == 200
    assert connection.sock is first_socket
    connection.close()


def test_half_a_request_is_none(proxy: FaultProxy) -> None:
    address = proxy.url.removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345")
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    assert proxy.log == []


def _open(request: str | urllib.request.Request) -> Any:
    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10)


def test_a_duplicated_call_is_done_twice(queue: Queue) -> None:
    queue.proxy.add(Duplicated())
    queue.send()
    assert queue.texts() == ["a", "a"]
    assert queue.carried_out() == [2]


def test_a_zombie_comes_when_it_is_released(queue: Queue) -> None:
    queue.proxy.add(Zombie(), calls=first(1))
    with pytest.raises(ConnectionClosedError):
        queue.send("old")
    queue.send("new")
    assert queue.texts() == ["new"]
    assert [answer.status for answer in queue.proxy.release()] == [200]
    assert queue.texts() == ["old"]
    assert [done.fault for done in queue.proxy.log] == ["Zombie(calls=None)", "", "late"]
    assert queue.carried_out() == [0, 1, 1]


def test_a_zombie_comes_after_so_many_calls(queue: Queue) -> None:
    queue.proxy.add(Zombie(calls=2), calls=first(1))
    with pytest.raises(ConnectionClosedError):
        queue.send("old")
    queue.send("new")
    assert queue.texts() == ["new"]
    queue.send("newest")
    assert sorted(queue.texts()) == ["newest", "old"]
    assert queue.proxy.release() == []


def test_a_zombie_dies_with_the_proxy(queue: Queue) -> None:
    queue.proxy.add(Zombie())
    with pytest.raises(ConnectionClosedError):
        queue.send("old")
    queue.proxy.close()
    assert queue.texts() == []


def test_an_old_put_of_a_zombie_overwrites_a_newer_one(moto: Clients, proxy: FaultProxy) -> None:
    moto.s3().create_bucket(Bucket="bucket")
    client = Clients(proxy.url).s3()
    proxy.add(Zombie(calls=1), when=operation("PUT"), calls=first(1))
    with pytest.raises(ConnectionClosedError):
        client.put_object(Bucket="bucket", Key="a", Body=b"old")
    client.put_object(Bucket="bucket", Key="a", Body=b"new")
    assert moto.s3().get_object(Bucket="bucket", Key="a")["Body"].read() == b"old"


def test_objects_pass_whole_with_what_is_asked_about_them(moto: Clients, proxy: FaultProxy) -> None:
    client = Clients(proxy.url).s3()
    client.create_bucket(Bucket="bucket")
    body = bytes(range(256)) * 1000
    client.put_object(Bucket="bucket", Key="a b/ä", Body=body, ChecksumAlgorithm="SHA256")
    assert client.head_object(Bucket="bucket", Key="a b/ä")["ContentLength"] == len(body)
    assert client.get_object(Bucket="bucket", Key="a b/ä")["Body"].read() == body
    client.delete_object(Bucket="bucket", Key="a b/ä")
    with pytest.raises(ClientError) as error:
        client.head_object(Bucket="bucket", Key="a b/ä")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_refused_head_has_no_body(proxy: FaultProxy) -> None:
    proxy.add(Refused(503), when=operation("HEAD"))
    client = Clients(proxy.url).s3()
    with pytest.raises(ClientError):
        client.head_object(Bucket="bucket", Key="a")
    # The connection is kept: what is left of an answer would be read as the next.
    client.create_bucket(Bucket="bucket")


def _code(call: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"], error.value.response["Error"]["Code"]


@pytest.mark.parametrize(
    ("service", "call", "status", "code"),
    [
        ("dynamodb", "list_tables", 400, "ProvisionedThroughputExceededException"),
        ("dynamodb", "list_tables", 500, "InternalServerError"),
        ("dynamodb", "list_tables", 503, "ServiceUnavailable"),
        ("dynamodbstreams", "list_streams", 500, "InternalServerError"),
        ("sqs", "list_queues", 429, "ThrottlingException"),
        ("sqs", "list_queues", 503, "ServiceUnavailable"),
        ("sns", "list_topics", 429, "Throttling"),
        ("sns", "list_topics", 500, "InternalError"),
        ("events", "list_rules", 400, "ThrottlingException"),
        ("events", "list_rules", 500, "InternalException"),
        ("kinesis", "list_streams", 400, "ProvisionedThroughputExceededException"),
        ("kinesis", "list_streams", 500, "InternalFailure"),
        ("firehose", "list_delivery_streams", 503, "ServiceUnavailableException"),
        ("cloudwatch", "list_metrics", 500, "InternalServiceFault"),
        ("s3", "list_buckets", 503, "SlowDown"),
        ("s3", "list_buckets", 409, "ConditionalRequestConflict"),
    ],
)
def test_a_refusal_speaks_as_its_service(proxy: FaultProxy, service: str, call: str, status: int, code: str) -> None:
    proxy.add(Refused(status))
    client = getattr(Clients(proxy.url), service)()
    assert _code(getattr(client, call)) == (status, code)


def test_modelled_errors_are_raised_as_such(proxy: FaultProxy) -> None:
    proxy.add(Refused(400, code="ConditionalCheckFailedException"))
    client = Clients(proxy.url).dynamodb()
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.delete_item(TableName="table", Key={"pk": {"S": "a"}})


def test_the_first_rule_that_takes_a_call_has_its_way_and_all_count_it(queue: Queue) -> None:
    refused = queue.proxy.add(Refused(503), calls=nth(2))
    slow = queue.proxy.add(Slow(0), calls=after(1))
    other = queue.proxy.add(ResetBefore(), when=operation("SendMessageBatch"))
    queue.send()
    with pytest.raises(ClientError):
        queue.send()
    queue.send()
    assert [(rule.matched, rule.done) for rule in (refused, slow, other)] == [(3, 1), (3, 1), (0, 0)]
    assert [done.fault.partition("(")[0] for done in queue.proxy.log] == ["", "Refused", "Slow"]


def test_a_rule_may_look_into_the_call(queue: Queue) -> None:
    queue.proxy.add(Refused(503), when=lambda request: request.json()["MessageBody"] == "b")
    queue.send("a")
    with pytest.raises(ClientError):
        queue.send("b")


def test_chance_is_the_same_at_every_run_and_comes_to_an_end() -> None:
    calls = sometimes(0.5, seed=1, until=100)
    taken = [count for count in range(1, 200) if calls(count)]
    assert taken == [count for count in range(1, 200) if sometimes(0.5, seed=1, until=100)(count)]
    assert 30 < len(taken) < 70
    assert max(taken) <= 100
    assert taken != [count for count in range(1, 101) if sometimes(0.5, seed=2)(count)]


def test_one_of_several_faults_is_logged_by_its_own_name(queue: Queue) -> None:
    queue.proxy.add(OneOf(3, Duplicated(), Slow(0)))
    for _ in range(8):
        queue.send()
    faults = [done.fault for done in queue.proxy.log]
    assert set(faults) == {"Duplicated(times=2)", "Slow(seconds=0)"}
    assert sum(queue.carried_out()) == 8 + faults.count("Duplicated(times=2)")


def test_cleared_it_begins_anew(queue: Queue) -> None:
    queue.proxy.add(Zombie())
    with pytest.raises(ConnectionClosedError):
        queue.send()
    queue.proxy.clear()
    assert queue.proxy.release() == []
    queue.send("b")
    assert [done.request.number for done in queue.proxy.log] == [1]
    assert queue.texts() == ["b"]


class Broken(ResetBefore):
    def __call__(self, request: Any, backend: Any) -> Any:
        raise ZeroDivisionError


def test_a_mistake_in_a_fault_is_no_fault(moto: Clients) -> None:
    proxy = FaultProxy(moto.url)
    proxy.add(Broken())
    with pytest.raises(ConnectionClosedError):
        Clients(proxy.url).sqs().list_queues()
    with pytest.raises(ZeroDivisionError):
        proxy.close()


def test_a_server_that_is_gone_is_no_fault() -> None:
    proxy = FaultProxy("http://127.0.0.1:9")
    with pytest.raises(ConnectionClosedError):
        Clients(proxy.url).sqs().list_queues()
    with pytest.raises(ConnectionRefusedError):
        proxy.close()


@pytest.mark.slow
def test_dynamodb_local_behind_it(dynamodb_local: Clients) -> None:
    table = f"table-{uuid.uuid4()}"
    with FaultProxy(dynamodb_local.url) as proxy:
        client = Clients(proxy.url).dynamodb()
        keys: Any = {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}
        kinds: Any = {"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}
        client.create_table(TableName=table, BillingMode="PAY_PER_REQUEST", **keys, **kinds)
        proxy.add(ResetAfter(), when=operation("PutItem"), calls=first(1))
        item: Any = {"pk": {"S": "a"}}
        put: Any = {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}
        with pytest.raises(ConnectionClosedError):
            client.put_item(**put)
        assert _code(lambda: client.put_item(**put)) == (400, "ConditionalCheckFailedException")
        assert client.get_item(TableName=table, Key=item, ConsistentRead=True)["Item"] == item
        client.delete_table(TableName=table)


def test_rules_are_counted_without_loss_by_many_clients(moto: Clients, proxy: FaultProxy) -> None:
    rule: Rule = proxy.add(Slow(0), calls=nth(*range(1, 101, 2)))
    client = Clients(proxy.url).sqs()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: client.list_queues(), range(40)))
    assert (rule.matched, rule.done) == (40, 20)
    assert sorted(done.request.number for done in proxy.log) == list(range(1, 41))
