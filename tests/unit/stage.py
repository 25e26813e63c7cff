"""A stage for handlers of order="per_item": their records end when the test says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tailrace import Record, StreamHandler
from tailrace.testing import make_event, make_record

DONE: dict[str, list[Any]] = {"batchItemFailures": []}
PATIENCE_S = 20.0


def event_of(items: str) -> dict[str, Any]:
    """One change for each letter, of the item that the letter names."""
    records = [make_record(new_image={"id": item, "at": at}, event_name="MODIFY") for at, item in enumerate(items)]
    return make_event(records)


def at(record: Record) -> int:
    return int(record.new_image["at"])


def ids(records: Any) -> str:
    return "".join(record.keys["id"] for record in records)


def named(records: Any, names: str) -> list[Any]:
    return [record for record in records if record.keys["id"] in names]


def reported(event: Any, position: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][position]["dynamodb"]["SequenceNumber"]}]}


class Stage:
    """A handler whose records end when the test says so."""

    def __init__(self, workers: int, **options: Any) -> None:
        self.app = StreamHandler(order="per_item", workers=workers, **options)
        self.app.on()(self.handle)
        self.started: list[int] = []
        self.ended: list[int] = []
        self.errors: dict[int, BaseException] = {}
        self.gates: dict[int, threading.Event] = {}
        self._changed = threading.Condition()

    def handle(self, record: Record) -> None:
        with self._changed:
            self.started.append(at(record))
            self._changed.notify_all()
        if not self.gates.setdefault(at(record), threading.Event()).wait(PATIENCE_S):
            raise TimeoutError
        if at(record) in self.errors:
            raise self.errors[at(record)]
        with self._changed:
            self.ended.append(at(record))
            self._changed.notify_all()

    def call(self, event: Any) -> Callable[[], Any]:
        """Call the handler in a thread; the answer is what this returns when called."""
        answers: list[Any] = []

        def run() -> None:
            try:
                answers.append(self.app(event))
            except BaseException as error:  # noqa: BLE001
                answers.append(error)

        thread = threading.Thread(target=run)
        thread.start()

        def result() -> Any:
            thread.join(PATIENCE_S)
            return answers[0]

        return result

    def end(self, *positions: int) -> None:
        for position in positions:
            self.gates.setdefault(position, threading.Event()).set()

    def until_started(self, *positions: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: sorted(self.started) == sorted(positions), PATIENCE_S), self.started

    def until_ended(self, *positions: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: set(positions) <= set(self.ended), PATIENCE_S), self.ended


def settle() -> None:
    """Time in which something that must not happen would happen."""
    time.sleep(0.03)
