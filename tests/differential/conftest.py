"""One process of event-ruler for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.differential.ruler import process


@pytest.fixture(scope="session")
def ruler(repository: Path) -> Iterator[process.Ruler]:
    """event-ruler, from the jars in TAILRACE_EVENT_RULER or where the Makefile puts them."""
    jars = Path(os.environ.get("TAILRACE_EVENT_RULER") or repository / ".cache" / "event-ruler")
    try:
        with process.running(jars) as running:
            yield running
    except process.RulerMissing as missing:
        pytest.skip(str(missing))
