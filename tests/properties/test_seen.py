"""Whatever fails, no record is skipped, and an effect is repeated only where its mark could not be written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Record, StreamHandler
from tailrace.idempotency import MemorySeen
from tailrace.sinks import SinkFailure
from tailrace.testing import EventSourceMapping, make_event

MOST_FAILURES = 12
FAILURES = st.lists(st.sampled_from(["", "", "fail"]), max_size=MOST_FAILURES)


class Chance:
    """Says of each call whether it fails; when nothing is left, none does."""

    def __init__(self, outcomes: Sequence[str]) -> None:
        self.left = list(outcomes)
        self.failed_count = 0

    def __call__(self) -> None:
        if self.left and self.left.pop(0):
            self.failed_count += 1
            raise OSError("as it happens")


class Unreliable(MemorySeen):
    """A store that fails as chance has it, also after it has done its work."""

    def __init__(self, seen: Chance, mark: Chance, marked: Chance) -> None:
        super().__init__()
        self.chances = (seen, mark, marked)

    def seen(self, keys: Sequence[str]) -> set[str]:
        self.chances[0]()
        return super().seen(keys)

    def mark(self, key: str) -> None:
        self.chances[1]()
        super().mark(key)
        self.chances[2]()


class UnreliableSink:
    """Keeps what it gets, and names records as not stored as chance has it."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.stored: set[str] = set()

    def write(self, records: Sequence[Record], *, deadline: Any) -> list[SinkFailure]:
        errors = [(record, self._error()) for record in records]
        self.stored.update(str(record.event_id) for record, error in errors if error is None)
        return [SinkFailure(record, error) for record, error in errors if error is not None]

    def _error(self) -> OSError | None:
        try:
            self.chance()
        except OSError as error:
            return error
        return None

    def close(self) -> None: ...


@pytest.mark.parametrize("options", [{}, {"order": "per_item", "workers": 3}], ids=["sequential", "per_item"])
@given(
    items=st.lists(st.sampled_from("abc"), min_size=1, max_size=8),
    chances=st.fixed_dictionaries(dict.fromkeys(("route", "seen", "mark", "marked", "sink"), FAILURES.map(Chance))),
    batch_size=st.integers(1, 8),
)
def test_every_effect_happens_and_only_a_lost_mark_repeats_it(
    options: dict[str, Any], items: list[str], chances: dict[str, Chance], batch_size: int
) -> None:
    app = StreamHandler(idempotency=Unreliable(chances["seen"], chances["mark"], chances["marked"]), **options)
    effects: list[tuple[str, str]] = []
    target = app.sink(UnreliableSink(chances["sink"]))

    @app.on()
    def effect(record: Record) -> None:
        chances["route"]()
        effects.append((str(record.event_id), record.keys["id"]))

    event = make_event([{"id": item} for item in items])
    report = EventSourceMapping(app, batch_size=batch_size).deliver(event)
    assert len(report.done) == len(items)
    counts = Counter(event_id for event_id, _ in effects)
    assert set(counts) == target.stored == {record["eventID"] for record in event["Records"]}
    assert sum(counts.values()) == len(items) + chances["mark"].failed_count, (
        "each repeat is that of a mark that was lost"
    )
    for item in set(items):
        order = list(dict.fromkeys(event_id for event_id, of in effects if of == item))
        assert order == [record["eventID"] for record, of in zip(event["Records"], items, strict=True) if of == item]
