"""CloudWatchMetrics against moto's server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tailrace import Record, StreamHandler
from tailrace.metrics import CloudWatchMetrics, InvocationMetrics, RecordCounts
from tailrace.testing import make_event
from tests.e2e.servers import moto_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
DONE: dict[str, list[Any]] = {"batchItemFailures": []}
EVENTS = ("INSERT", "MODIFY", "REMOVE", "OTHER")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with moto_server.running() as url:
        yield url


@pytest.fixture
def client(server: str) -> Any:
    moto_server.reset(server)
    return _client(server)


def _client(url: str) -> Any:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    return session.client("cloudwatch", endpoint_url=url, config=Config(proxies={}, retries={"total_max_attempts": 1}))


def _metrics(client: Any) -> dict[tuple[str, str], Any]:
    """By name and table."""
    pages = client.get_paginator("list_metrics").paginate(Namespace="Shop")
    found = {}
    for page in pages:
        for metric in page["Metrics"]:
            dimensions = {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            found[metric["MetricName"], dimensions.get("TableName", "")] = dimensions
    return found


def _sum(client: Any, name: str, **dimensions: str) -> float:
    answer = client.get_metric_statistics(
        Namespace="Shop",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=time.time() - 3600,
        EndTime=time.time() + 3600,
        Period=7200,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in answer["Datapoints"]))


def test_the_numbers_arrive(client: Any) -> None:
    app = StreamHandler(metrics=CloudWatchMetrics("Shop", dimensions={"Service": "orders"}, client=client))

    @app.insert
    def handle(record: Record) -> None:
        if record.keys["id"] == "c":
            raise RuntimeError("no")

    app(make_event([{"id": name} for name in "abcd"], table_name="orders"))
    assert _metrics(client)["BatchSize", ""] == {"Service": "orders"}
    assert _metrics(client)["RecordsFailedInsert", "orders"] == {"Service": "orders", "TableName": "orders"}
    whole = {name: _sum(client, name, Service="orders") for name in ("BatchSize", "LowWatermarkStall")}
    assert whole == {"BatchSize": 4, "LowWatermarkStall": 1}
    names = ("RecordsReceived", "RecordsProcessed", "RecordsFailed", "RecordsReturned", "RecordsQuarantined")
    counts = {name: _sum(client, name, Service="orders", TableName="orders") for name in names}
    assert counts == dict(zip(names, (4, 2, 1, 2, 0), strict=True))


def test_very_many_are_sent_in_requests_that_cloudwatch_takes(client: Any) -> None:
    sizes: list[int] = []
    counts: list[int] = []

    def measure(request: Any, **_: Any) -> None:
        sizes.append(len(request.body))

    def count(params: dict[str, Any], **_: Any) -> None:
        counts.append(len(params["MetricData"]))

    client.meta.events.register("before-send.cloudwatch.PutMetricData", measure)
    client.meta.events.register("provide-client-params.cloudwatch.PutMetricData", count)
    every = RecordCounts(*range(1, 8))
    dimensions = {f"Dimension{number:02d}": "x" * 900 for number in range(29)}
    for chosen in ({}, dimensions):
        metrics = CloudWatchMetrics("Shop", dimensions=chosen, client=client)
        metrics.emit(
            InvocationMetrics(
                records={(f"table-{number:03d}", event): every for number in range(40) for event in EVENTS},
                batch_size=1, oldest_record_age_ms=None, redelivered_count=0, low_watermark_stall=0, decode_ms=1,
                handler_ms=1, sink_ms=1, first_undone=None, error=None, request_id=None,
                time_ms=int(time.time() * 1000),
            )
        )  # fmt: skip
    assert sum(counts) == 2 * (40 * 35 + 6)
    assert max(counts) == 1000
    assert len(counts) > 4, "long dimensions make more requests"
    assert max(sizes) <= 1_000_000
    assert len(_metrics(client)) >= 40 * 35


def test_a_server_that_is_not_there_fails_no_record(caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler(metrics=CloudWatchMetrics("Shop", client=_client("http://127.0.0.1:9")))
    assert app(make_event([{"id": "a"}])) == DONE
    assert app(make_event([{"id": "b"}])) == DONE
    assert caplog.text.count("metrics are lost") == 1


def test_a_refusal_is_logged_and_fails_no_record(client: Any, caplog: pytest.LogCaptureFixture) -> None:
    metrics = CloudWatchMetrics("Shop", client=client)
    metrics._namespace = ""
    app = StreamHandler(metrics=metrics)
    assert app(make_event([{"id": "a"}])) == DONE
    assert "metrics are lost" in caplog.text


def test_a_client_that_is_made_here_gives_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    config = CloudWatchMetrics("Shop")._client.get().meta.config
    assert config.connect_timeout + config.read_timeout <= 1.5
    assert config.retries["total_max_attempts"] == 1
