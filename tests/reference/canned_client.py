"""A real boto3 client that gets its answers from a list: everything runs but the network."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any
from zlib import crc32

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config


class Raw(io.BytesIO):
    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def answer(body: bytes | dict[str, Any], status: int = 200, **headers: str) -> AWSResponse:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = {"x-amzn-requestid": "r", "x-amz-crc32": str(crc32(raw)), **headers}
    return AWSResponse("http://127.0.0.1", status, sent, Raw(raw))


def session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")


def config(**options: Any) -> Config:
    return Config(**{"retries": {"total_max_attempts": 3}, **options})


def client(service: str = "dynamodb", **options: Any) -> Any:
    return session().client(service, config=config(**options))


class Answers:
    """Answers a client's requests in turn, and counts them; the last one goes on for ever."""

    def __init__(self, client: Any, *answers: AWSResponse | bytes | dict[str, Any]) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register(f"before-send.{service}", self._answer)

    def _answer(self, request: Any, **_: Any) -> AWSResponse:
        self.requests.append(request)
        given = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return given if isinstance(given, AWSResponse) else answer(given)
