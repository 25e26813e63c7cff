"""osmem: an OpenSearch in memory that starts in no time, for all but scripts and refused load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest


@contextmanager
def running() -> Iterator[str]:
    """Starts the server on a free port and gives its address; skips the test where it is missing."""
    try:
        from osmem_server import OsmemError, OsmemServer, resolve_binary  # type: ignore[import-untyped]
    except ImportError:
        pytest.skip("needs osmem-server")
    try:
        resolve_binary()
    except OsmemError:
        pytest.skip("needs osmem-server with its binary: there is one for Linux on x86-64")
    with closing(OsmemServer.start(japanese=False)) as server:
        yield str(server.url)
    # Its pipe would be closed by the garbage collector, with a warning.
    if server.process.stdout is not None:
        server.process.stdout.close()
