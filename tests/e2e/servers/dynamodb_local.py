"""DynamoDB Local as a process of the test run, with clients for its tables and its streams."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

REGION = "us-east-1"
START_SECONDS = 30
STOP_SECONDS = 10
# Halves the start of so short a life: no optimising compiler, no threads for the garbage collector.
JVM_FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"]


@dataclass(frozen=True)
class DynamoDBLocal:
    """A running server: its address, and clients that talk to it."""

    url: str

    def client(self) -> DynamoDBClient:
        return self._session().client("dynamodb", endpoint_url=self.url, config=self._config())

    def streams(self) -> DynamoDBStreamsClient:
        return self._session().client("dynamodbstreams", endpoint_url=self.url, config=self._config())

    def _session(self) -> boto3.Session:
        return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)

    def _config(self) -> Config:
        return Config(account_id_endpoint_mode="disabled", proxies={}, retries={"total_max_attempts": 1})


@contextmanager
def running(jars: Path) -> Iterator[DynamoDBLocal]:
    """Starts the server on a free port, waits until it answers, and ends it afterwards.

    Skips the test when Java or the jars are missing.
    """
    java = shutil.which("java")
    if java is None:
        pytest.skip("needs java")
    if not (jars / "ready").exists():
        pytest.skip(f"needs DynamoDB Local in {jars}: run `make test-slow`")
    port = _free_port()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(_command(java, jars, port), stdout=log, stderr=log, env=_environment())
        try:
            server = DynamoDBLocal(f"http://127.0.0.1:{port}")
            if not _answers(process, server.url):
                log.seek(0)
                pytest.fail(f"DynamoDB Local did not start:\n{log.read()}")
            yield server
        finally:
            _end(process)


def _command(java: str, jars: Path, port: int) -> list[str]:
    main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"
    options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    return [java, *JVM_FLAGS, f"-Dsqlite4java.library.path={jars}", "-cp", f"{jars}/*", main, *options]


def _environment() -> dict[str, str]:
    """This process's variables without its proxies: the server is on this machine."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    """Whether the server answers in time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if _status(url) is not None:
            return True
        time.sleep(0.05)
    return False


def _status(url: str) -> int | None:
    """The HTTP status of GET /: a bad request to this server, and an answer. None when nobody listens."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
