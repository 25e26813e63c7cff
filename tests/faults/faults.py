"""What can befall a call between a client and its service."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.faults.exchange import Answer, Backend, Headers, Outcome, Request, Reset, Trickled, Truncated
from tests.faults.refusals import MESSAGE, refusal
from tests.faults.rules import Fault


@dataclass(frozen=True)
class ForAll:
    """A fault that can be done to every request."""

    def fits(self, request: Request) -> bool:
        return True


@dataclass(frozen=True)
class Refused(ForAll):
    """The service refuses the call, in its own words, and carries nothing out.

    Attributes:
        status: the HTTP status.
        code: the error's code; None for what this service says of the status.
        message: the text beside it.
        body: another body than the service's, such as the page of a load balancer.
        headers: more headers, such as Retry-After.
    """

    status: int
    code: str | None = None
    message: str = MESSAGE
    body: bytes | None = None
    headers: Headers = ()

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        answer = refusal(request, self.status, self.code, message=self.message)
        if self.body is not None:
            return Answer(answer.status, answer.reason, (("Content-Type", "text/html"), *self.headers), self.body)
        return Answer(answer.status, answer.reason, answer.headers + self.headers, answer.body)


@dataclass(frozen=True)
class ResetBefore(ForAll):
    """The connection is reset, and nothing was carried out."""

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        return Reset()


@dataclass(frozen=True)
class ResetAfter(ForAll):
    """The call is carried out, and its answer lost: the connection is reset."""

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        backend.carry_out(request)
        return Reset()


@dataclass(frozen=True)
class Silent(ForAll):
    """No answer in ``seconds``, longer than the client waits; the call may have been carried out all the same."""

    seconds: float
    carried_out: bool = False

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        if self.carried_out:
            backend.carry_out(request)
        backend.sleep(self.seconds)
        return Reset()


@dataclass(frozen=True)
class Slow(ForAll):
    """The call is carried out at once, and answered after ``seconds``."""

    seconds: float

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        answer = backend.carry_out(request)
        backend.sleep(self.seconds)
        return answer


@dataclass(frozen=True)
class Trickle(ForAll):
    """The call is carried out, and its answer comes byte by byte: no wait for one of them reaches a read time-out."""

    pause_seconds: float

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        return Trickled(backend.carry_out(request), self.pause_seconds)


@dataclass(frozen=True)
class Truncate(ForAll):
    """The call is carried out, and half of the answer's body lost; or all of it but the first ``bytes``.

    botocore does not compare what came with Content-Length, and takes JSON that it can't parse for an answer with
    nothing in it: who looks only for failures in such an answer finds none.
    """

    bytes: int | None = None

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        answer = backend.carry_out(request)
        half = len(answer.body) // 2
        return Truncated(answer, half if self.bytes is None else min(self.bytes, len(answer.body)))


@dataclass(frozen=True)
class Duplicated(ForAll):
    """The call is carried out ``times``, as after a retry that nobody sees; answered is what the last one got."""

    times: int = 2

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        return [backend.carry_out(request) for _ in range(self.times)][-1]


@dataclass(frozen=True)
class Zombie(ForAll):
    """The client loses its connection, and the call is carried out later, as one of an invocation that was given up.

    Attributes:
        calls: after how many further requests it is carried out, before the last of them is answered; None for not
            before ``FaultProxy.release()``.
    """

    calls: int | None = None

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        backend.hold(request, self.calls)
        return Reset()


class OneOf:
    """One of several faults by chance, the same at every run; of those that can be done to the request."""

    def __init__(self, seed: object, *faults: Fault) -> None:
        self.seed = seed
        self.faults = faults

    def __repr__(self) -> str:
        return f"OneOf({self.seed!r}, {', '.join(map(repr, self.faults))})"

    def fits(self, request: Request) -> bool:
        return any(fault.fits(request) for fault in self.faults)

    def chosen(self, request: Request) -> Fault:
        fitting = [fault for fault in self.faults if fault.fits(request)]
        return random.Random(f"{self.seed}:{request.number}").choice(fitting)

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        return self.chosen(request)(request, backend)
