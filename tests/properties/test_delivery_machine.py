"""A stream that lives: changes, failures, slow handlers and redeliveries in any order, in every mode of the handler.

Whatever is drawn: no record is lost, a change of an item never runs before an earlier one is done, two of one item
never run together, the answer names a record of the batch or nothing, and nothing is repeated more often than said.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tailrace import Quarantine, Record, StreamHandler
from tailrace.sinks.base import Deadline, SinkFailure
from tailrace.testing import EventSourceMapping, make_record


@pytest.fixture(autouse=True, scope="module")
def _quiet_log() -> Any:
    logger = logging.getLogger("tailrace")
    logger.disabled = True
    yield
    logger.disabled = False


@dataclass
class Change:
    """A change of an item, what becomes of it, and what has become of it."""

    record: Record
    item: int
    failures: int = 0
    sink_failures: int = 0
    quarantined: bool = False
    slow_ms: float = 0
    kind: str = "plain"
    starts: int = 0
    successes: int = 0
    stored: int = 0
    set_aside: int = 0

    def settled(self) -> bool:
        """Whether the next change of the item may start."""
        return self.successes > 0 or self.set_aside > 0


@dataclass
class Table:
    """All changes so far, what is running, and what went wrong: an assertion in a handler would be just a failure."""

    changes: list[Change] = field(default_factory=list)
    running: Counter[int] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, record: Record) -> Change:
        return self.changes[int(record.new_image["change"])]

    def start(self, record: Record) -> Change:
        change = self.of(record)
        with self.lock:
            change.starts += 1
            self.running[change.item] += 1
            if self.running[change.item] > 1:
                self.wrongs.append(f"two changes of item {change.item} run together")
            for earlier in self.changes[: self.changes.index(change)]:
                if earlier.item == change.item and not earlier.settled():
                    self.wrongs.append(f"a change of item {change.item} runs before an earlier one is done")
        return change

    def end(self, change: Change) -> None:
        with self.lock:
            self.running[change.item] -= 1
            if change.failures:
                change.failures -= 1
                raise RuntimeError("not yet")
            if change.quarantined:
                raise Quarantine("not at all")
            change.successes += 1


plans = st.fixed_dictionaries(
    {
        "item": st.sampled_from([0, 0, 1, 2, 3]),
        "failures": st.sampled_from([0, 0, 0, 0, 1, 2, 5]),
        "sink_failures": st.sampled_from([0, 0, 0, 0, 1]),
        "quarantined": st.sampled_from([False] * 5 + [True]),
        "slow_ms": st.sampled_from([0.0, 0.0, 0.5, 3.0, 12.0]),
        "kind": st.sampled_from(["plain", "async"]),
    }
)


class Stream(RuleBasedStateMachine):
    """A table, a handler in a drawn mode, and a mapping between them."""

    @initialize(
        workers=st.sampled_from([0, 1, 2, 4]),
        attempts=st.sampled_from([1, 1, 2, 3]),
        bisect=st.booleans(),
        event_format=st.sampled_from(["dict", "bytes"]),
        on_loop=st.booleans(),
    )
    def begin(self, workers: int, attempts: int, *, bisect: bool, event_format: Any, on_loop: bool) -> None:
        self.table, self.attempts, self.pending = Table(), attempts, 0
        self.deliveries: Counter[str] = Counter()
        order = {"order": "per_item", "workers": workers} if workers else {}
        self.app = StreamHandler(attempts=attempts, backoff_ms=0.1, quarantine=self, **order)  # type: ignore[arg-type]
        self.app.on()(self.handle_on_loop if on_loop else self.handle)
        self.app.sink(self)
        self.options: dict[str, Any] = {"bisect_batch_on_function_error": bisect, "event_format": event_format}

    def handle(self, record: Record) -> Any:
        change = self.table.start(record)
        if change.kind == "async":
            return self.later(change)
        time.sleep(change.slow_ms / 1000)
        return self.table.end(change)

    async def handle_on_loop(self, record: Record) -> None:
        await self.later(self.table.start(record))

    async def later(self, change: Change) -> None:
        try:
            await asyncio.sleep(change.slow_ms / 1000)
        except asyncio.CancelledError:
            with self.table.lock:
                self.table.running[change.item] -= 1
            raise
        self.table.end(change)

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        """The quarantine."""
        self.table.of(record).set_aside += 1

    def write(self, records: Any, *, deadline: Deadline) -> list[SinkFailure]:
        """The sink."""
        failures: list[SinkFailure] = []
        for record in records:
            change = self.table.of(record)
            if not change.successes:
                self.table.wrongs.append("a sink got what no handler has done")
            if failures or change.sink_failures:
                change.sink_failures = max(0, change.sink_failures - 1)
                failures.append(SinkFailure(record, OSError("not yet")))
            else:
                change.stored += 1
        return failures

    def close(self) -> None:
        pass

    @rule(plans=st.lists(plans, min_size=2, max_size=10))
    def change(self, plans: list[dict[str, Any]]) -> None:
        for plan in plans:
            image = {"id": str(plan["item"]), "change": len(self.table.changes)}
            self.table.changes.append(Change(make_record(new_image=image, event_name="MODIFY"), **plan))

    @precondition(lambda self: self.pending < len(self.table.changes))
    @rule(batch_size=st.integers(1, 8), timeout_ms=st.sampled_from([900_000, 900_000, 20, 40]))
    def deliver(self, batch_size: int, timeout_ms: float) -> None:
        """To the end: what fails for a while is done in the end, also where each invocation has little time."""
        self._deliver(self.table.changes[self.pending :], batch_size, timeout_ms)
        self.pending = len(self.table.changes)

    @precondition(lambda self: self.pending)
    @rule(back=st.integers(1, 6), batch_size=st.integers(1, 8))
    def deliver_again(self, back: int, batch_size: int) -> None:
        """At least once: Lambda may deliver what was done before."""
        start = max(0, self.pending - back)
        self._deliver(self.table.changes[start : self.pending], batch_size, 900_000)

    def _deliver(self, changes: list[Change], batch_size: int, timeout_ms: float) -> None:
        mapping = EventSourceMapping(self.invoked, batch_size=batch_size, timeout_ms=timeout_ms, **self.options)
        report = mapping.deliver([change.record for change in changes])
        self.deliveries.update(report.deliveries)
        assert report.done == [change.record.sequence_number for change in changes]

    def invoked(self, event: Any, context: Any) -> Any:
        answer: Any = self.app(event, context)
        assert list(answer) == ["batchItemFailures"]
        assert len(answer["batchItemFailures"]) <= 1
        return answer

    @invariant()
    def nothing_went_wrong(self) -> None:
        assert not self.table.wrongs

    @invariant()
    def what_was_delivered_is_done(self) -> None:
        for change in self.table.changes[: self.pending]:
            assert change.settled()
            assert change.stored or change.set_aside

    @invariant()
    def what_is_set_aside_goes_nowhere_else(self) -> None:
        assert not any(change.set_aside and change.stored for change in self.table.changes)

    @invariant()
    def nothing_is_repeated_more_often_than_said(self) -> None:
        for change in self.table.changes:
            assert change.starts <= self.deliveries[change.record.sequence_number or ""] * self.attempts

    @invariant()
    def nothing_runs_on(self) -> None:
        """Where no time was short; what was cut off ends by itself, and soon."""
        end = time.monotonic() + 5
        while any(self.table.running.values()) and time.monotonic() < end:
            time.sleep(0.001)
        assert not any(self.table.running.values())


Stream.TestCase.settings = settings(
    max_examples=12, stateful_step_count=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
TestStream = Stream.TestCase


@pytest.mark.slow
@pytest.mark.timeout(600)
class TestStreamForLonger(Stream.TestCase):  # type: ignore[misc]
    settings = settings(Stream.TestCase.settings, max_examples=60, stateful_step_count=30)
