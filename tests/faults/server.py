"""The side of the proxy that clients see: HTTP/1.1, and what is wrong with an answer, to the byte."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.faults.exchange import Answer, Headers, Outcome, Trickled, Truncated

# Closing sends RST, and drops what has not been sent.
RESET = struct.pack("ii", 1, 0)


class Server(ThreadingHTTPServer):
    """Asks ``exchange`` about each request, with a thread for each connection; ``errors`` are those of our own."""

    # Closing waits for the threads: nothing of a test is carried out in the next one.
    daemon_threads = False
    request_queue_size = 128

    def __init__(self, exchange: Callable[[str, str, Headers, bytes], Outcome], sleep: Callable[[float], None]) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.exchange = exchange
        self.sleep = sleep
        self.errors: list[BaseException] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        # An orderly end before a reset would be what the client sees.
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, len(RESET)) == RESET:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def end_connections(self) -> None:
        """Wake the threads that wait for a next request."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is gone before its answer has waited for too long: that is what is tested, and no error."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.errors.append(error)


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    # The head of an answer and its body are two packets: the second must not wait for the first to be confirmed.
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        outcome = self.server.exchange(self.command, self.path, tuple(self.headers.items()), self._body())
        if isinstance(outcome, Answer):
            self._head(outcome)
            self.wfile.write(b"" if self.command == "HEAD" else outcome.body)
        elif isinstance(outcome, Truncated):
            self._head(outcome.answer)
            self.wfile.write(outcome.answer.body[: outcome.bytes])
            self.close_connection = True
        elif isinstance(outcome, Trickled):
            self._head(outcome.answer)
            for byte in outcome.answer.body:
                self.wfile.write(bytes([byte]))
                self.server.sleep(outcome.pause_seconds)
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.close_connection = True

    # The names are http.server's.
    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _serve  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self._read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self._line().partition(b";")[0], 16):
            chunks.append(self._read(size))
            self._line()
        while self._line() != b"\r\n":
            pass
        return b"".join(chunks)

    def _read(self, size: int) -> bytes:
        """Half a request is none: the client is gone."""
        read = self.rfile.read(size)
        if len(read) < size:
            raise ConnectionAbortedError
        return read

    def _line(self) -> bytes:
        line = self.rfile.readline()
        if not line.endswith(b"\n"):
            raise ConnectionAbortedError
        return line

    def _head(self, answer: Answer) -> None:
        self.send_response_only(answer.status, answer.reason or None)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(answer.body) if answer.length is None else answer.length))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        pass
