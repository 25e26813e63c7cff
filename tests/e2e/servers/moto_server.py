"""moto's server on a thread of the test run: SQS, SNS, EventBridge, Kinesis, Firehose, CloudWatch, S3 and others."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def running() -> Iterator[str]:
    """Starts the server on a free port and gives its address; skips the test where moto is missing."""
    try:
        from moto.server import ThreadedMotoServer
    except ImportError:
        pytest.skip("needs moto[server]")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def reset(url: str) -> None:
    """Forget everything: tables, queues, topics, buckets, streams."""
    request = urllib.request.Request(f"{url}/moto-api/reset", method="POST")  # noqa: S310 our own server
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10):
        pass
