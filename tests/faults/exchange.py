"""A request and what is answered to it, as they pass through the proxy."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

# Those of one connection (RFC 9110, 7.6.1): the other side has a connection of its own.
HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "expect"}
# DynamoDB's, over its own answer.
CHECKSUM = "x-amz-crc32"
SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")

Headers = tuple[tuple[str, str], ...]


def header(headers: Headers, name: str) -> str:
    """The last value of a header; "" when there is none."""
    return next((value for each, value in reversed(headers) if each.lower() == name.lower()), "")


def without(headers: Headers, *names: str) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in names)


@dataclass(frozen=True)
class Request:
    """What a client asks. ``number`` counts all requests of the proxy, from 1."""

    number: int
    method: str
    path: str
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def content(self) -> bytes:
        """The body, unpacked where it is sent in gzip."""
        return gzip.decompress(self.body) if header(self.headers, "Content-Encoding") == "gzip" else self.body

    @property
    def service(self) -> str:
        """The AWS service that the request is signed for (``sqs``, ``es``), ``opensearch`` unsigned, or ``http``."""
        if scope := SCOPE.search(header(self.headers, "Authorization")):
            return scope[1]
        return "opensearch" if re.search("/_[a-z]", self.path) else "http"

    @property
    def operation(self) -> str:
        """``SendMessageBatch``, ``PublishBatch``, ``_bulk``; the method where the request has no other name."""
        if target := header(self.headers, "X-Amz-Target"):
            return target.rpartition(".")[2]
        if header(self.headers, "Content-Type").startswith("application/x-www-form-urlencoded"):
            return parse_qs(self.content.decode()).get("Action", [self.method])[0]
        last = urlsplit(self.path).path.rpartition("/")[2]
        return last if last.startswith("_") else self.method

    def json(self) -> Any:
        return json.loads(self.content)

    def with_content(self, content: bytes) -> Request:
        """The same request about something else, whose answer is not packed."""
        return replace(self, headers=without(self.headers, "content-encoding", "accept-encoding"), body=content)


@dataclass(frozen=True)
class Answer:
    """What a server, or a fault in its place, answers. ``length`` is what a HEAD tells of a body that it leaves out."""

    status: int
    reason: str = ""
    headers: Headers = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    length: int | None = None

    def json(self) -> Any:
        return json.loads(self.body)

    def with_body(self, body: bytes) -> Answer:
        return replace(self, headers=without(self.headers, CHECKSUM), body=body)


@dataclass(frozen=True)
class Reset:
    """The connection is reset where an answer is waited for."""


@dataclass(frozen=True)
class Truncated:
    """An answer of which ``bytes`` of the body come, and then the end of the connection."""

    answer: Answer
    bytes: int


@dataclass(frozen=True)
class Trickled:
    """An answer that comes byte by byte, ``pause_seconds`` apart."""

    answer: Answer
    pause_seconds: float


# What the client sees.
Outcome = Answer | Reset | Truncated | Trickled


@dataclass(frozen=True)
class Backend:
    """What a fault may do with the server behind the proxy.

    Attributes:
        carry_out: sends a request to the server and gives its answer.
        sleep: waits, but not beyond the life of the proxy.
        hold: keeps a request, and carries it out after that many further requests, or when it is released (None).
    """

    carry_out: Callable[[Request], Answer]
    sleep: Callable[[float], None]
    hold: Callable[[Request, int | None], None]


@dataclass(frozen=True)
class Done:
    """A line of the proxy's log: one request, or a held one that was carried out late.

    Attributes:
        request: as the client sent it.
        fault: what was done to it; "" when it was passed on.
        carried_out: each time that the server carried something out: the request as it came there, and its answer.
        outcome: what the client saw; None for a request carried out late, whose client is gone.
    """

    request: Request
    fault: str
    carried_out: tuple[tuple[Request, Answer], ...]
    outcome: Outcome | None
