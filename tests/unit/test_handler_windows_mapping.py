"""``@app.window`` behind a mapping with a tumbling window: nothing is counted twice, and nothing left out."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Record, StreamHandler, TumblingWindow
from tailrace.sinks import MemorySink
from tailrace.sinks.base import SinkFailure
from tailrace.testing import EventSourceMapping, make_record

LENGTH_SECONDS = 60
START = 1_767_225_600  # 2026-01-01T00:00:00Z, and so the start of a window


def changes(at_seconds: list[int]) -> list[Record]:
    return [
        make_record(new_image={"id": str(at), "n": 1}, approximate_creation_time=START + seconds)
        for at, seconds in enumerate(sorted(at_seconds))
    ]


class Stumbling(MemorySink):
    """Fails some records, so often each."""

    def __init__(self, failures: dict[str, int]) -> None:
        super().__init__()
        self.left = dict(failures)

    def fails(self, record: Record) -> bool:
        name = record.keys["id"]
        self.left[name] = self.left.get(name, 0) - 1
        return self.left[name] >= 0

    def handle(self, record: Record) -> None:
        if self.fails(record):
            raise RuntimeError

    def write(self, records: Any, *, deadline: Any) -> list[SinkFailure]:
        return [SinkFailure(record, RuntimeError()) for record in records if self.fails(record)]


def run(records: list[Record], failures: dict[str, int], side: str, **settings: Any) -> dict[Any, Counter[str]]:
    """The ids that each window has counted, by its start."""
    app, counted = StreamHandler(), {}
    stumbling = Stumbling(failures)
    if side == "route":
        app.on(stumbling.handle)
    elif side == "batch":
        app.batch(lambda batch: stumbling.write(batch, deadline=None))
    elif side == "sink":
        app.sink(stumbling)

    @app.window
    def count(batch: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
        failed = stumbling.write(batch, deadline=None) if side == "window" else []
        if failed:
            raise RuntimeError
        for record in batch:
            state[record.keys["id"]] = state.get(record.keys["id"], 0) + 1
        if window.is_final_invoke_for_window:
            counted[window.start.timestamp()] = Counter({name: int(times) for name, times in state.items()})
        return state

    report = EventSourceMapping(app, tumbling_window_in_seconds=LENGTH_SECONDS, **settings).deliver(records)
    assert len(report.done) == len(records)
    return counted


def expected(records: list[Record]) -> dict[Any, Counter[str]]:
    windows: dict[Any, Counter[str]] = {}
    for record in records:
        created = record.approximate_creation_time
        assert created is not None
        start = created.timestamp() // LENGTH_SECONDS * LENGTH_SECONDS
        windows.setdefault(start, Counter())[record.keys["id"]] += 1
    return windows


@pytest.mark.parametrize("event_format", ["dict", "bytes"])
@pytest.mark.parametrize("side", ["route", "batch", "sink", "window", "none"])
@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_each_window_counts_its_records_once(event_format: Any, side: str, batch_size: int) -> None:
    records = changes([0, 1, 5, 30, 59, 60, 61, 100, 119, 500, 501])
    failures = {"0": 1, "4": 2, "5": 1, "8": 3}
    counted = run(records, failures, side, batch_size=batch_size, event_format=event_format)
    assert counted == expected(records)
    assert len(counted) == 3


@given(
    at_seconds=st.lists(st.integers(0, 300), min_size=1, max_size=12),
    failures=st.dictionaries(st.integers(0, 11).map(str), st.integers(1, 3), max_size=4),
    side=st.sampled_from(["route", "batch", "sink", "window"]),
    batch_size=st.integers(1, 6),
    event_format=st.sampled_from(["dict", "bytes"]),
    bisect=st.booleans(),
)
def test_it_counts_once_whatever_fails(
    at_seconds: list[int], failures: dict[str, int], side: str, batch_size: int, event_format: Any, *, bisect: bool
) -> None:
    records = changes(at_seconds)
    counted = run(
        records,
        failures,
        side,
        batch_size=batch_size,
        event_format=event_format,
        bisect_batch_on_function_error=bisect,
    )
    assert counted == expected(records)


def test_a_failure_at_the_end_is_repeated_until_it_succeeds() -> None:
    app, ends = StreamHandler(), []

    @app.window
    def count(batch: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
        if window.is_final_invoke_for_window:
            ends.append(state["n"])
            if len(ends) < 3:
                raise OSError
        return {"n": state.get("n", 0) + len(batch)}

    EventSourceMapping(app, tumbling_window_in_seconds=LENGTH_SECONDS).deliver(changes([0, 1, 2]))
    assert ends == [3, 3, 3]


def test_an_app_without_a_function_works_behind_such_a_mapping() -> None:
    app, seen = StreamHandler(), []
    app.on(lambda record: seen.append(record.keys["id"]))
    report = EventSourceMapping(app, tumbling_window_in_seconds=LENGTH_SECONDS).deliver(changes([0, 1, 100]))
    assert len(report.done) == 3
    assert seen == ["0", "1", "2"]
