"""StreamHandler: what it costs a record, and a whole Lambda function from the event to its handler."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from benches import corpus, rival
from benches.row import US, Row, Scale, compare
from tailrace import Batch, Record, StreamHandler

CORPUS = "a_flat"
OVERHEAD_US = (1.5, 0.6)
WAIT_S = 0.01
WAITING_RECORD_COUNT = 64
WORKERS = 8
PER_ITEM_TIMES = 6.0
Event = bytes | dict[str, Any]


def rows(scale: Scale) -> Iterator[Row]:
    yield _overhead(corpus.dumps(corpus.event(CORPUS, scale.record_count)), scale.record_count)
    waiting = corpus.dumps(corpus.event(CORPUS, min(scale.record_count, WAITING_RECORD_COUNT)))
    yield _per_item("threads", waiting, _wait, scale)
    yield _per_item("one event loop", waiting, _wait_later, scale)
    body = corpus.dumps(corpus.event(CORPUS, scale.full_batch_count[CORPUS]))
    yield _pipeline("bytes", body, lambda: json.loads(body)["Records"], "json.loads + boto3 + a loop")
    event = json.loads(body)
    yield _pipeline("dict", event, lambda: event["Records"], "boto3 + a loop")


def _overhead(body: bytes, record_count: int) -> Row:
    """Images untouched, so that nothing but the handler's own work is left."""
    must, stretch = OVERHEAD_US

    def through_handler() -> object:
        return app(body)

    def through_loop() -> None:
        for record in Batch.from_event(body):
            function(record)

    def function(record: object) -> None:
        pass

    app = StreamHandler()
    app.modify(function)
    return compare(
        "StreamHandler: overhead a record",
        CORPUS,
        "a loop over Batch",
        through_handler,
        through_loop,
        answers=(lambda: _seen_by_handler(body), lambda: _seen_by_loop(body)),
        unit=US,
        record_count=record_count,
        must=must,
        stretch=stretch,
    )


def _seen_by_handler(body: bytes) -> list[str | None]:
    seen: list[str | None] = []
    app = StreamHandler()
    app.modify(lambda record: seen.append(record.sequence_number))
    app(body)
    return seen


def _seen_by_loop(body: bytes) -> list[str | None]:
    return [record.sequence_number for record in Batch.from_event(body)]


def _per_item(means: str, body: bytes, wait: Callable[[], object], scale: Scale) -> Row:
    """Handlers that wait for something else, as most do: a call of an API of 10 ms."""
    lanes, sequence = (_Waiting(wait, **options) for options in ({"order": "per_item", "workers": WORKERS}, {}))
    return compare(
        f"StreamHandler: order='per_item', {WORKERS} workers, {means}, handlers of 10 ms",
        CORPUS,
        "order='sequential'",
        lambda: lanes.handle(body),
        lambda: sequence.handle(body),
        must=PER_ITEM_TIMES if scale.record_count >= WAITING_RECORD_COUNT else None,
        clock=time.perf_counter,
    )


class _Waiting:
    """A handler that waits, and the SequenceNumbers it has seen in one event, in the order of the batch."""

    def __init__(self, wait: Callable[[], object], **options: Any) -> None:
        self.app = StreamHandler(**options)
        self.app.modify(self._see)
        self._wait = wait
        self._seen: list[str] = []

    def handle(self, body: bytes) -> list[str]:
        self._seen.clear()
        self.app(body)
        return sorted(self._seen)

    def _see(self, record: Record) -> object:
        self._seen.append(record.sequence_number or "")
        return self._wait()


def _wait() -> None:
    time.sleep(WAIT_S)


async def _wait_later() -> None:
    await asyncio.sleep(WAIT_S)


def _pipeline(source: str, event: Event, records: Callable[[], list[dict[str, Any]]], against: str) -> Row:
    """Every record's images are read and compared by the handler."""
    return compare(
        f"whole function, full batch as {source}",
        CORPUS,
        against,
        lambda: _through_tailrace(event),
        lambda: _through_loop(records()),
    )


class Ledger:
    """The business of the example: what users lost whose account was suspended."""

    def __init__(self) -> None:
        self.lost: list[Decimal] = []

    def changed(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        if new["status"] == "SUSPENDED" != old["status"]:
            self.lost.append(old["balance"] - new["balance"])


def _through_tailrace(event: Event) -> list[Decimal]:
    ledger, app = Ledger(), StreamHandler()

    @app.modify
    def changed(record: Any) -> None:
        ledger.changed(record.old_image, record.new_image)

    app(event)
    return ledger.lost


def _through_loop(records: list[dict[str, Any]]) -> list[Decimal]:
    ledger = Ledger()
    for record in records:
        if record["eventName"] == "MODIFY":
            change = record["dynamodb"]
            ledger.changed(rival.unmarshalled(change["OldImage"]), rival.unmarshalled(change["NewImage"]))
    return ledger.lost
