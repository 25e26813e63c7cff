"""An event of four records, a route that fails where it is told to, and a handler with a store of handled records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tailrace import Record, StreamHandler
from tailrace.testing import make_event

DONE: dict[str, list[Any]] = {"batchItemFailures": []}
EVENT = make_event([{"id": name} for name in "abcd"])


def reported(position: int, event: Any = EVENT) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][position]["dynamodb"]["SequenceNumber"]}]}


class Flaky:
    """A route that keeps what it was called with, and fails at the records it is told to."""

    def __init__(self, fails: str = "") -> None:
        self.fails = set(fails)
        self.got: list[str] = []

    def __call__(self, record: Record) -> None:
        self.got.append(record.keys["id"])
        if record.keys["id"] in self.fails:
            raise RuntimeError("no")


def handler(route: Callable[[Record], object], store: Any, **options: Any) -> StreamHandler:
    app = StreamHandler(idempotency=store, **options)
    app.on()(route)
    return app
