"""event-ruler, AWS's own matcher in Java, as a rival: it stays warm in a process beside this one."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benches.measure import Timed
from benches.row import TIMES, Row
from tests.differential.ruler import process

__all__ = ["JARS", "row"]

JARS = Path(__file__).resolve().parents[1] / ".cache" / "event-ruler"
MEASURE_MS = 300
FEWEST_SAMPLES_COUNT = 3


def row(product: str, ours: Timed, pattern: dict[str, Any], texts: Sequence[bytes], goals: tuple[float, float]) -> Row:
    """A row of ours, which holds all of these records against the pattern, and event-ruler, in turn.

    Both are timed by the processor time of the one thread that does the work, event-ruler's inside its process and
    after it has run as long as the row is measured.
    """

    def measure(seconds: float) -> list[float]:
        events = [text.decode() for text in texts]
        with process.running(JARS) as ruler:
            if ours() != ruler.matches(json.dumps(pattern), events):
                raise AssertionError("event-ruler gives another answer")
            ask = _Question(ruler, json.dumps(pattern), events)
            ask.records_a_second(int(seconds * 1000))
            until = time.perf_counter() + seconds
            samples: list[float] = []
            while len(samples) < FEWEST_SAMPLES_COUNT or time.perf_counter() < until:
                samples.append(_records_a_second(ours, len(texts)) / ask.records_a_second(0))
            return samples

    return Row(product, f"{len(texts)} records", "event-ruler, warm, JSON text", TIMES, measure, *goals)


class _Question:
    def __init__(self, ruler: process.Ruler, pattern: str, events: list[str]) -> None:
        self._ruler, self._pattern, self._events = ruler, pattern, events

    def records_a_second(self, warm_ms: int) -> float:
        answer = self._ruler.measure(self._pattern, self._events, warm_ms=warm_ms, measure_ms=MEASURE_MS)
        return float(answer["event_count"] / answer["cpu_seconds"])


def _records_a_second(ours: Timed, record_count: int) -> float:
    ours()
    count, started = 0, time.process_time()
    while time.process_time() - started < MEASURE_MS / 1000:
        ours()
        count += 1
    return record_count * count / (time.process_time() - started)
