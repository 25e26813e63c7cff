"""Lambda without Lambda: its Runtime API on a thread of the test run, and the real runtime in a process of its own.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:f"
LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "AWS_LAMBDA_LOG_GROUP_NAME": "g",
    "AWS_LAMBDA_LOG_STREAM_NAME": "s",
}


class FunctionEnded(Exception):
    """The process of the function is gone, as after a crash."""


@dataclass(frozen=True)
class Invocation:
    """What GET invocation/next answers."""

    body: bytes
    content_type: str
    timeout_seconds: float
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Answer:
    """What the runtime posts: ``kind`` is ``"response"``, ``"error"``, or ``"init"`` when the module cannot start."""

    kind: str
    body: bytes
    content_type: str
    request_id: str
    at: float


class _Api(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.waiting: queue.Queue[Invocation | None] = queue.Queue()
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.served_at = 0.0

    def handle_error(self, request: object, client_address: object) -> None:
        """A function that is killed resets its connections: that is a test, and no error of the server's."""


class _Request(BaseHTTPRequestHandler):
    server: _Api
    protocol_version = "HTTP/1.1"
    # The head of an answer and its body are two packets: the second must not wait for the first to be confirmed.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        invocation = self.server.waiting.get()
        if invocation is None:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Type", invocation.content_type)
        self.send_header("Content-Length", str(len(invocation.body)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", invocation.request_id)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + invocation.timeout_seconds) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", ARN)
        self.send_header("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1")
        self.end_headers()
        self.server.served_at = time.perf_counter()
        self.wfile.write(invocation.body)

    def do_POST(self) -> None:
        body = self._body()
        at = time.perf_counter()
        *_, request_id, kind = self.path.removeprefix(PREFIX).split("/")
        content_type = self.headers.get("Content-Type", "")
        is_init = self.path == f"{PREFIX}/init/error"
        self.server.answers.put(Answer("init" if is_init else kind, body, content_type, request_id, at))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        pass


class Function:
    """A running Lambda function."""

    def __init__(self, api: _Api, process: subprocess.Popen[bytes], log: IO[str]) -> None:
        self._api = api
        self._log = log
        self.process = process
        # From the event served to its answer posted, of the last invocation.
        self.seconds = 0.0

    def invoke(self, body: bytes, *, content_type: str = "application/json", timeout_seconds: float = 60) -> Answer:
        """Give the function an event, and wait for its answer.

        Raises:
            FunctionEnded: it ended without one.
            TimeoutError: it has not answered in time, and was killed, as Lambda does it.
        """
        invocation = Invocation(body, content_type, timeout_seconds)
        self._api.waiting.put(invocation)
        answer = self._answer(time.monotonic() + timeout_seconds)
        assert answer.request_id == invocation.request_id
        self.seconds = answer.at - self._api.served_at
        return answer

    def invoke_all(self, bodies: Sequence[bytes], *, timeout_seconds: float = 60) -> list[Answer]:
        """Give a function of several processes many events at once; the answers in the order of the events."""
        invocations = [Invocation(body, "application/json", timeout_seconds) for body in bodies]
        for invocation in invocations:
            self._api.waiting.put(invocation)
        until = time.monotonic() + timeout_seconds
        answers = {answer.request_id: answer for answer in (self._answer(until) for _ in invocations)}
        return [answers[invocation.request_id] for invocation in invocations]

    def init_error(self, timeout_seconds: float = 60) -> Answer:
        """Wait for the report of a module that cannot start."""
        return self._answer(time.monotonic() + timeout_seconds)

    def _answer(self, until: float) -> Answer:
        while time.monotonic() < until:
            # Asked before the answers are looked at: what it posts, it posts before it ends.
            ended = self.process.poll() is not None
            with suppress(queue.Empty):
                return self._api.answers.get(timeout=0.05)
            if ended:
                raise FunctionEnded(f"with {self.process.returncode}:\n{self.log()}")
        kill(self.process)
        raise TimeoutError(self.log())

    def log(self) -> str:
        """What it has written so far."""
        return os.pread(self._log.fileno(), 1 << 20, 0).decode()

    def processor_seconds(self) -> float:
        """The processor time of all its threads so far."""
        found = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        return sum(int(path.read_text("ascii").split()[0]) for path in found) / 1e9

    def resident_bytes(self) -> int:
        """Its memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
        return int(line.split()[1]) * 1024


@contextmanager
def running(handler: str, client: Path, **environment: str) -> Iterator[Function]:
    """Starts a function and ends it afterwards.

    Args:
        handler: ``module.function``, the module as seen from the root of the repository.
        client: the folder in which awslambdaric is installed.
        environment: variables of the function.
    """
    api = _Api()
    serving = threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    serving.start()
    with tempfile.TemporaryFile("w+") as log:
        paths = os.pathsep.join(map(str, [client, ROOT / "python", ROOT]))
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TAILRACE_"))}
        own = {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}", "PYTHONPATH": paths, **LAMBDA, **environment}
        command = [sys.executable, "-m", "awslambdaric", handler]
        process = subprocess.Popen(command, cwd=ROOT, env=clean | own, stdout=log, stderr=log, start_new_session=True)
        try:
            yield Function(api, process, log)
        finally:
            kill(process)
            api.waiting.put(None)
            api.shutdown()
            api.server_close()
            serving.join()


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a function as Lambda does, and all the processes that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
