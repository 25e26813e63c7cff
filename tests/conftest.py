"""What every test shares: Hypothesis' settings, the two roads of input, the servers, and no skipping where required."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.e2e.servers.clients import Clients
    from tests.e2e.servers.dynamodb_local import DynamoDBLocal

# A loaded machine must not fail a law, and a commit must not fail by another commit's luck: CI repeats its examples.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

SERVERS_REQUIRED = os.environ.get("TAILRACE_REQUIRE_SERVERS") == "1"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(params=["bytes", "dict"])
def road(request: pytest.FixtureRequest) -> Callable[[Any], Any]:
    """Turns an event of dicts into the input of one road: bytes of JSON, or the dicts themselves."""
    if request.param == "bytes":
        return lambda event: json.dumps(event).encode()
    return lambda event: event


# The servers: one of each for the whole run, started by the first test that asks for it. What they stand on is imported
# by them only, so that a test of anything else need not have it. Where one is missing, its tests are skipped.


@pytest.fixture(scope="session")
def moto_server() -> Iterator[Clients]:
    """Clients of moto's server, which keeps what earlier tests have left: for laws, with names of their own."""
    from tests.e2e.servers import clients, moto_server

    with moto_server.running() as url:
        yield clients.Clients(url)


@pytest.fixture
def moto(moto_server: Clients) -> Clients:
    """Clients of moto's server, which has forgotten everything: SQS, SNS, EventBridge, Kinesis, Firehose, S3."""
    from tests.e2e.servers.moto_server import reset

    reset(moto_server.url)
    return moto_server


@pytest.fixture(scope="session")
def osmem() -> Iterator[str]:
    """The address of an OpenSearch in memory: quick, without scripts. A test takes an index of its own."""
    from tests.e2e.servers import osmem

    with osmem.running() as url:
        yield url


@pytest.fixture(scope="session")
def dynamodb_local(repository: Path) -> Iterator[DynamoDBLocal]:
    """DynamoDB Local, from the jars in TAILRACE_DYNAMODB_LOCAL or where the Makefile puts them."""
    from tests.e2e.servers import dynamodb_local

    with dynamodb_local.running(_jars(repository, "dynamodb-local")) as server:
        yield server


@pytest.fixture(scope="session")
def opensearch(repository: Path) -> Iterator[str]:
    """The address of a real OpenSearch, from the jars in TAILRACE_OPENSEARCH or where the Makefile puts them."""
    from tests.e2e.servers import opensearch

    with opensearch.running(_jars(repository, "opensearch")) as url:
        yield url


@pytest.fixture(scope="module")
def opensearch_refusing_calls(repository: Path) -> Iterator[str]:
    """A real OpenSearch that answers 429 to every bulk above 100 KB."""
    from tests.e2e.servers import opensearch

    with opensearch.running(_jars(repository, "opensearch"), opensearch.REFUSING_CALLS) as url:
        yield url


@pytest.fixture(scope="module")
def opensearch_refusing_items(repository: Path) -> Iterator[str]:
    """A real OpenSearch that answers 429 to some items of a bulk, where several write at once."""
    from tests.e2e.servers import opensearch

    with opensearch.running(_jars(repository, "opensearch"), opensearch.REFUSING_ITEMS) as url:
        yield url


@pytest.fixture(scope="session")
def seaweedfs() -> Iterator[Clients]:
    """Clients of an S3 server that has object lock."""
    from tests.e2e.servers import seaweedfs

    with seaweedfs.running() as clients:
        yield clients


def _jars(repository: Path, name: str) -> Path:
    """Where the jars of a server lie."""
    return Path(os.environ.get(f"TAILRACE_{name.replace('-', '_').upper()}") or repository / ".cache" / name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With TAILRACE_REQUIRE_SERVERS=1 a test skipped as "needs ..." has failed: `make ci` must not lack a server."""
    report = yield
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
    if SERVERS_REQUIRED and report.skipped and reason.startswith("Skipped: needs "):
        report.outcome = "failed"
        report.longrepr = f"{reason.removeprefix('Skipped: ')} (TAILRACE_REQUIRE_SERVERS=1 allows no skip)"
    return report
