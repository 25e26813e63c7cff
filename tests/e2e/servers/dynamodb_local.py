"""DynamoDB Local as a process of the test run, with clients for its tables and its streams."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.servers import process
from tests.e2e.servers.clients import REGION, Clients

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

__all__ = ["REGION", "DynamoDBLocal", "running"]


class DynamoDBLocal(Clients):
    """A running server: its address, and clients that talk to it."""

    def client(self) -> DynamoDBClient:
        return self.dynamodb()

    def streams(self) -> DynamoDBStreamsClient:
        return self.dynamodbstreams()


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
    (port,) = process.free_ports(1)
    url = f"http://127.0.0.1:{port}"
    # GET / is a bad request to this server, and an answer.
    with process.running(_command(java, jars, port), is_ready=lambda: process.status(url) is not None):
        yield DynamoDBLocal(url)


def _command(java: str, jars: Path, port: int) -> list[str]:
    main = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"
    options = ["-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)]
    flags = [*process.JVM_FLAGS, "-Xmx256m", f"-Dsqlite4java.library.path={jars}"]
    return [java, *flags, "-cp", f"{jars}/*", main, *options]
