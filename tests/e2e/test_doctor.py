"""The doctor asks an account: moto's server answers for AWS.

moto gives back each setting as it was made and leaves out those that were not given, where AWS answers its defaults;
the doctor reads both alike.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from tailrace.doctor import check_mapping, mappings_of_function
from tests.e2e.servers import moto_server
from tests.unit.cli_commands import tailrace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

SAFE: dict[str, Any] = {
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "BisectBatchOnFunctionError": True,
    "MaximumRetryAttempts": 8,
    "MaximumRecordAgeInSeconds": 43_200,
    "StartingPosition": "TRIM_HORIZON",
    "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}},
    "FilterCriteria": {"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]},
}
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto_server.running() as running:
        yield running


@pytest.fixture(scope="module")
def client(url: str) -> Any:
    """Two functions: one behind a safe mapping and a queue, one behind a mapping with AWS's defaults."""
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    options: Any = {"endpoint_url": url, "config": Config(proxies={}, retries={"total_max_attempts": 1})}
    queue = session.client("sqs", **options).create_queue(QueueName="queue")["QueueUrl"].rpartition("/")[2]
    role = session.client("iam", **options).create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    table = session.client("dynamodb", **options).create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    stream = table["TableDescription"]["LatestStreamArn"]
    client = session.client("lambda", **options)
    for name in ("safe", "default"):
        client.create_function(
            FunctionName=name, Runtime="python3.12", Role=role, Handler="app.app", Code={"ZipFile": _code()}
        )
    client.create_event_source_mapping(FunctionName="safe", EventSourceArn=stream, **SAFE)
    client.create_event_source_mapping(
        FunctionName="safe", EventSourceArn=f"arn:aws:sqs:us-east-1:123456789012:{queue}", BatchSize=10
    )
    client.create_event_source_mapping(FunctionName="default", EventSourceArn=stream, StartingPosition="LATEST")
    return client


def _code() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "def app(event, context): pass")
    return packed.getvalue()


def test_settings_come_as_they_were_made(client: Any) -> None:
    (mapping,) = mappings_of_function("safe", client)
    assert {name: mapping.settings.get(name) for name in SAFE} == SAFE
    assert check_mapping(mapping.settings) == []


def test_defaults_are_judged_as_defaults(client: Any) -> None:
    (mapping,) = mappings_of_function("default", client)
    assert [finding.code for finding in check_mapping(mapping.settings, report="partial")] == [
        "answer-ignored", "retries-unbounded", "no-destination", "age-unbounded", "no-bisect", "starts-at-latest",
    ]  # fmt: skip


def test_the_command_asks_the_account(client: Any, url: str, tmp_path: Path) -> None:
    environment: Any = {**CREDENTIALS, "AWS_ENDPOINT_URL": url, "NO_PROXY": "127.0.0.1", "AWS_MAX_ATTEMPTS": "1"}
    done = tailrace("doctor", "--function", "safe", cwd=tmp_path, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("(function safe): nothing to say\n")
    done = tailrace("doctor", "--function", "default", "--json", cwd=tmp_path, **environment)
    assert done.returncode == 1
    assert {json.loads(line)["place"] for line in done.stdout.splitlines()} == {"function default"}
    done = tailrace("doctor", "--function", "missing", cwd=tmp_path, **environment)
    assert "missing" in done.stderr
    assert done.returncode in (0, 2), "AWS answers an error; moto an empty list"


def test_without_a_region_it_says_so(tmp_path: Path) -> None:
    nothing: Any = dict.fromkeys(("AWS_DEFAULT_REGION", "AWS_REGION"), "")
    files: Any = {"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"}
    done = tailrace("doctor", "--function", "orders", cwd=tmp_path, **nothing, **files)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tailrace: function orders: ")
    assert len(done.stderr.splitlines()) == 1
