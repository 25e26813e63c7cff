"""A server as a process of the test run: its port, its start, the wait until it answers, its end."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import pytest

STOP_SECONDS = 10
# Halves the start of so short a life, or better: no optimising compiler, no threads for the garbage collector.
JVM_FLAGS = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now, all different."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def without_proxies() -> dict[str, str]:
    """This process's variables without its proxies: the servers are on this machine."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def status(url: str, *, seconds: float = 5) -> int | None:
    """The HTTP status of a GET, of an error too; None when nobody answers."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return None


@contextmanager
def running(
    command: Sequence[str], *, is_ready: Callable[[], bool], start_seconds: float = 30, kill: bool = False
) -> Iterator[None]:
    """Starts a server, waits until it is ready, and ends it afterwards; fails the test with its log when it is not.

    Args:
        command: the program and its arguments.
        is_ready: asked again and again until it says so.
        start_seconds: how long it may take to become ready.
        kill: do not wait until it has ended in good order; some take long, and nobody needs their data.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, env=without_proxies())
        try:
            if not _becomes_ready(process, is_ready, start_seconds):
                log.seek(0)
                pytest.fail(f"{command[0]} did not start in {start_seconds} s:\n{log.read()}")
            yield
        finally:
            _end(process, kill)


def _becomes_ready(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if is_ready():
            return True
        time.sleep(0.05)
    return False


def _end(process: subprocess.Popen[bytes], kill: bool) -> None:
    """A killed test run ends its servers too, where they end with their input."""
    assert process.stdin is not None
    process.stdin.close()
    if not kill:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    process.kill()
    process.wait()
