"""A proxy that stands between a client and its server and does what networks and services do to calls.

    with FaultProxy(moto.url) as proxy:
        proxy.add(ResetAfter(), when=operation("SendMessageBatch"), calls=first(2))
        sqs = Clients(proxy.url).sqs()

It speaks HTTP/1.1 with connections that are kept, each on a thread of its own, and opens a connection to the server for
each request: a server may close one that is idle at any moment.
"""

from __future__ import annotations

import http.client
import threading
from typing import final
from urllib.parse import urlsplit

from tests.faults.exchange import (
    HOP_BY_HOP,
    Answer,
    Backend,
    Done,
    Headers,
    Outcome,
    Request,
    Reset,
    header,
    without,
)
from tests.faults.faults import OneOf
from tests.faults.rules import Calls, Fault, Rule, When, always, any_request
from tests.faults.server import Server

SERVER_SECONDS = 60


@final
class FaultProxy:
    """Passes requests on to ``target``, but for those to which a rule has something done.

    The first rule that takes a request has its way; all of them count it. A mistake in a rule, or a server that can't
    be reached, is raised by close().
    """

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (str(address.hostname), address.port or 80)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._rules: list[Rule] = []
        self._log: list[Done] = []
        self._held: list[tuple[Request, int | None]] = []
        self._errors: list[Exception] = []
        self._number = 0
        self._server = Server(self._exchange, self._sleep)
        self._serving = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._serving.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FaultProxy:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._end()
        if kind is None:
            self._raise()

    def close(self) -> None:
        """End all connections; requests that are still held are never carried out."""
        self._end()
        self._raise()

    def add(self, fault: Fault, *, when: When = any_request, calls: Calls = always) -> Rule:
        """Do ``fault`` to those ``calls`` of the requests for which ``when`` is true."""
        rule = Rule(fault, when, calls)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget the rules, the log, the requests that are held, and how many there were."""
        with self._lock:
            self._rules, self._log, self._held, self._number = [], [], [], 0

    def release(self) -> list[Answer]:
        """Carry out all requests that are held, in their order; what the server answered."""
        with self._lock:
            held, self._held = self._held, []
        return [self._late(request) for request, _ in held]

    @property
    def log(self) -> list[Done]:
        """What was done, each request when it was done with; those that are slow come later, all of them by close()."""
        with self._lock:
            return list(self._log)

    def _end(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._serving.join()

    def _raise(self) -> None:
        for error in [*self._errors, *self._server.errors]:
            raise error

    def _exchange(self, method: str, path: str, headers: Headers, body: bytes) -> Outcome:
        with self._lock:
            self._number += 1
            request = Request(self._number, method, path, headers, body)
        try:
            return self._done(request)
        except Exception as error:  # noqa: BLE001 raised by close(); a client hears of it as of a lost connection
            with self._lock:
                self._errors.append(error)
            return Reset()

    def _done(self, request: Request) -> Outcome:
        carried_out: list[tuple[Request, Answer]] = []

        def carry_out(asked: Request) -> Answer:
            carried_out.append((asked, answer := self._carry_out(asked)))
            return answer

        fault = self._fault(request)
        outcome = fault(request, Backend(carry_out, self._sleep, self._hold)) if fault else carry_out(request)
        with self._lock:
            self._log.append(Done(request, repr(fault) if fault else "", tuple(carried_out), outcome))
        self._carry_out_due(request.number)
        return outcome

    def _fault(self, request: Request) -> Fault | None:
        with self._lock:
            taking = [rule for rule in self._rules if rule.takes(request)]
            if not taking:
                return None
            taking[0].done += 1
        fault = taking[0].fault
        return fault.chosen(request) if isinstance(fault, OneOf) else fault

    def _sleep(self, seconds: float) -> None:
        self._closing.wait(seconds)

    def _hold(self, request: Request, calls: int | None) -> None:
        with self._lock:
            self._held.append((request, None if calls is None else request.number + calls))

    def _carry_out_due(self, number: int) -> None:
        with self._lock:
            due = [request for request, at in self._held if at is not None and at <= number]
            self._held = [(request, at) for request, at in self._held if at is None or at > number]
        for request in due:
            self._late(request)

    def _late(self, request: Request) -> Answer:
        answer = self._carry_out(request)
        with self._lock:
            self._log.append(Done(request, "late", ((request, answer),), None))
        return answer

    def _carry_out(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection(*self._target, timeout=SERVER_SECONDS)
        try:
            connection.putrequest(request.method, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in without(request.headers, *HOP_BY_HOP, "content-length"):
                connection.putheader(name, value)
            if request.body or header(request.headers, "Content-Length"):
                connection.putheader("Content-Length", str(len(request.body)))
            connection.putheader("Connection", "close")
            connection.endheaders(request.body or None)
            with connection.getresponse() as answer:
                return _answer(answer, request.method)
        finally:
            connection.close()


def _answer(answer: http.client.HTTPResponse, method: str) -> Answer:
    headers = tuple(answer.getheaders())
    length = header(headers, "Content-Length") if method == "HEAD" else ""
    kept = without(headers, *HOP_BY_HOP, "content-length")
    return Answer(answer.status, answer.reason, kept, answer.read(), int(length) if length else None)
