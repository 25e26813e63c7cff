"""What every test shares: Hypothesis' settings, the two roads of input, and no skipping where servers are required."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With TAILRACE_REQUIRE_SERVERS=1 a test skipped as "needs ..." has failed: `make ci` must not lack a server."""
    report = yield
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
    if SERVERS_REQUIRED and report.skipped and reason.startswith("Skipped: needs "):
        report.outcome = "failed"
        report.longrepr = f"{reason.removeprefix('Skipped: ')} (TAILRACE_REQUIRE_SERVERS=1 allows no skip)"
    return report
