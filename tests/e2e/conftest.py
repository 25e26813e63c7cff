"""Servers for the end-to-end tests: one of each for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.servers import dynamodb_local as server


@pytest.fixture(scope="session")
def dynamodb_local(repository: Path) -> Iterator[server.DynamoDBLocal]:
    """DynamoDB Local, from the jars in TAILRACE_DYNAMODB_LOCAL or where the Makefile puts them."""
    jars = Path(os.environ.get("TAILRACE_DYNAMODB_LOCAL") or repository / ".cache" / "dynamodb-local")
    with server.running(jars) as running:
        yield running
