"""The delivery core against a service that refuses, throttles, loses answers and crashes at random."""

from __future__ import annotations

import random
import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tailrace import Batch
from tailrace.sinks import Deadline
from tailrace.sinks.delivery import DONE, STALE, DeliverySink, Encoded, Limits, Poison, Retry, Unusable
from tailrace.testing import make_event

ERROR = OSError("at random")


class Service(DeliverySink):
    """Stores bodies one after the other, in the order in which its calls are carried out."""

    def __init__(self, order: str, limits: Limits, workers: int, seed: int, faults: list[str]) -> None:
        super().__init__(workers=workers, attempts=4)
        self._order = order
        self._limits = limits
        self._random = random.Random(seed)
        self._faults = faults
        self._turn = threading.Lock()
        self.stored: list[str] = []

    def _encode(self, record: Any) -> Encoded:
        body = f"{record.keys['id']}-{record.new_image['n']}"
        return Encoded(body, len(body))

    def _send(self, bodies: list[str]) -> Any:
        with self._turn:
            assert len(bodies) <= self._limits.entry_count
            assert sum(map(len, bodies)) <= self._limits.call_bytes
            fault = self._random.choice(self._faults)
            if fault == "call refused":
                return Poison(ERROR)
            if fault == "call lost":
                self.stored += bodies
                raise ConnectionResetError
            if fault == "call throttled":
                return Retry(ERROR)
            return [self._verdict(body) for body in bodies]

    def _classify(self, error: Exception) -> Any:
        return Retry(error) if isinstance(error, ConnectionResetError) else Unusable(error)

    def _verdict(self, body: str) -> Any:
        fault = self._random.choice(self._faults)
        if fault == "entry refused":
            return Poison(ERROR)
        if fault == "entry throttled":
            return Retry(ERROR)
        if fault == "unusable":
            return Unusable(ERROR)
        self.stored.append(body)
        return self._random.choice([DONE, STALE])


FAULTS = ["call refused", "call lost", "call throttled", "entry refused", "entry throttled", "unusable"]


@given(
    items=st.lists(st.sampled_from("abcd"), min_size=1, max_size=25),
    order=st.sampled_from(["item", "newest", "none"]),
    entry_count=st.integers(1, 5),
    call_bytes=st.integers(6, 25),
    workers=st.integers(1, 3),
    seed=st.integers(0, 2**32),
    faults=st.lists(st.sampled_from(FAULTS), max_size=4),
)
def test_every_record_is_stored_or_named_and_no_item_goes_backwards(
    *, items: list[str], order: str, entry_count: int, call_bytes: int, workers: int, seed: int, faults: list[str]
) -> None:
    service = Service(
        order, Limits(entry_count, call_bytes=call_bytes), workers, seed, [*faults, "none", "none", "none"]
    )
    batch = Batch.from_event(make_event([{"id": item, "n": str(place)} for place, item in enumerate(items)]))
    bodies = [f"{item}-{place}" for place, item in enumerate(items)]

    failures = service.write(batch, deadline=Deadline())

    places = {record: place for place, record in enumerate(batch)}
    failed = [places[failure.record] for failure in failures]
    assert failed == sorted(set(failed))
    done = [body for place, body in enumerate(bodies) if place not in failed]
    if order == "newest":
        done = [body for body in done if body == max((b for b in bodies if b[0] == body[0]), key=bodies.index)]
    assert set(done) <= set(service.stored)
    if order == "none":
        return
    for item in set(items):
        seen = [bodies.index(body) for body in service.stored if body[0] == item]
        assert seen == sorted(seen), "an item went backwards, or a change overtook one before it"
        named = [place for place in failed if items[place] == item]
        behind = [place for place in range(len(items)) if items[place] == item and named and place >= named[0]]
        assert named == behind, "what lies behind a failure of its item is not done"
        if order == "newest" and named:
            assert len(named) == items.count(item)
