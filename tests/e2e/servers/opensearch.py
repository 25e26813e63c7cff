"""OpenSearch itself, one node as a process of the test run: for scripts, and for load that it refuses."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.servers import process

START_SECONDS = 90
# A bulk of more bytes than this is refused as a whole: HTTP 429, rejected_execution_exception.
REFUSING_CALLS = {"indexing_pressure.memory.limit": "100kb"}
# Writers beyond the first wait, or find some of their items refused: HTTP 200 with items of status 429.
REFUSING_ITEMS = {"thread_pool.write.size": "1", "thread_pool.write.queue_size": "1"}


@contextmanager
def running(jars: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Starts a node on a free port and gives its address; its data goes with it.

    Skips the test when Java or the jars are missing.

    Args:
        jars: the folder of the jars and of our main class.
        settings: the node's own, such as REFUSING_CALLS.
    """
    java = shutil.which("java")
    if java is None:
        pytest.skip("needs java")
    if not (jars / "ready").exists():
        pytest.skip(f"needs OpenSearch in {jars}: run `make test-slow`")
    http, transport = process.free_ports(2)
    url = f"http://127.0.0.1:{http}"
    with tempfile.TemporaryDirectory(prefix="opensearch-", ignore_cleanup_errors=True) as data:
        command = _command(java, jars, [str(http), str(transport), data], settings or {})
        with process.running(command, is_ready=lambda: _is_ready(url), start_seconds=START_SECONDS):
            yield url


def _is_ready(url: str) -> bool:
    return process.status(f"{url}/_cluster/health?wait_for_status=yellow&timeout=5s", seconds=10) == 200


def _command(java: str, jars: Path, arguments: list[str], settings: Mapping[str, str]) -> list[str]:
    flags = [*process.JVM_FLAGS, "-Xms512m", "-Xmx512m"]
    chosen = [f"{name}={value}" for name, value in settings.items()]
    return [java, *flags, "-cp", f"{jars}/classes:{jars}/*", "OpenSearchNode", *arguments, *chosen]
