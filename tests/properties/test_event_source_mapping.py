"""Laws of the simulator: whatever the function does and the mapping is told, no record vanishes.

The function answers, raises, is killed, throttled or too slow as a random generator says; some items poison every
batch for good. What the report tells is then held against what the function got.
"""

from __future__ import annotations

import json
import logging
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace import Record, StreamHandler
from tailrace.testing import (
    DeliveryReport,
    EventSourceMapping,
    FunctionKilled,
    FunctionThrottled,
    Shard,
    VirtualClock,
    make_record,
)

DAY = 86_400
TIMEOUT_MS = 3000
LONGEST_STEP_SECONDS = 1000  # a batching window, a timeout and a wait, with room
FILTER = {"dynamodb": {"NewImage": {"wanted": {"BOOL": [True]}}}}


@pytest.fixture(autouse=True, scope="module")
def _quiet_log() -> Iterator[None]:
    logger = logging.getLogger("tailrace")
    logger.disabled = True
    yield
    logger.disabled = False


@dataclass(frozen=True)
class Change:
    """A change of an item: whether a filter wants it, and how long after the one before."""

    item: int
    wanted: bool
    seconds: int


class Stream:
    """Shards of changes, some of them children of others."""

    def __init__(self, shards: list[list[Change]], parents: list[int]) -> None:
        self.records: dict[str, Record] = {}
        self.change: dict[str, Change] = {}
        self.shard_of: dict[str, str] = {}
        self.shards = [self._shard(index, changes, parents[index]) for index, changes in enumerate(shards)]
        self.numbers = list(self.records)

    def _shard(self, index: int, changes: list[Change], parent: int) -> Shard:
        time, records = 1_767_225_600, []
        for change in changes:
            time += change.seconds
            record = make_record(
                new_image={"id": str(change.item), "wanted": change.wanted}, approximate_creation_time=time
            )
            records.append(record)
            self.records[str(record.sequence_number)] = record
            self.change[str(record.sequence_number)] = change
            self.shard_of[str(record.sequence_number)] = f"shard-{index}"
        return Shard(records, f"shard-{index}", f"shard-{parent}" if parent < index else None)

    def unwanted(self) -> set[str]:
        return {number for number, change in self.change.items() if not change.wanted}


changes = st.builds(Change, st.integers(0, 4), st.sampled_from([True, True, True, False]), st.integers(0, 90))


@st.composite
def streams(draw: st.DrawFn) -> Stream:
    shards = draw(st.lists(st.lists(changes, max_size=10), min_size=1, max_size=4))
    return Stream(shards, [draw(st.integers(0, 4)) for _ in shards])


@st.composite
def mappings(draw: st.DrawFn) -> dict[str, Any]:
    tumbling = draw(st.sampled_from([0, 0, 0, 60, 300]))
    return {
        "batch_size": draw(st.integers(1, 6)),
        "maximum_batching_window_in_seconds": draw(st.sampled_from([0, 0, 30, 300])),
        "maximum_retry_attempts": draw(st.sampled_from([-1, 0, 1, 3])),
        "maximum_record_age_in_seconds": draw(st.sampled_from([-1, -1, 60, 3600])),
        "bisect_batch_on_function_error": draw(st.booleans()),
        "parallelization_factor": 1 if tumbling else draw(st.integers(1, 4)),
        "filter_criteria": draw(st.sampled_from([None, FILTER])),
        "report_batch_item_failures": draw(st.sampled_from([True, True, False])),
        "tumbling_window_in_seconds": tumbling,
        "arrival": draw(st.sampled_from(["backlog", "live"])),
        "event_format": draw(st.sampled_from(["dict", "bytes"])),
        "destination": draw(st.sampled_from(["s3", "sqs"])),
    }


class Function:
    """Does anything that a function may do, and notes what it got."""

    def __init__(self, clock: VirtualClock, seed: int, poisoned: set[int], trouble: float) -> None:
        self.clock = clock
        self.chance = random.Random(seed)
        self.poisoned = poisoned
        self.trouble = trouble

    def __call__(self, event: Any, context: Any) -> Any:
        wires = records_of(event)
        self.clock.advance(self.chance.choice([0, 0, 0.5, 2]))
        if self.chance.random() < self.trouble:
            return self._act(self.chance.randrange(9), wires, event)
        poisoned = [wire for wire in wires if int(wire["dynamodb"]["Keys"]["id"]["S"]) in self.poisoned]
        if poisoned and self.chance.random() < 0.5:
            raise RuntimeError("poison")
        return self._answer([wire["dynamodb"]["SequenceNumber"] for wire in poisoned])

    def _act(self, action: int, wires: list[Any], event: Any) -> Any:
        if action == 0:
            raise RuntimeError("not now")
        if action == 1:
            raise FunctionKilled
        if action == 2:
            raise FunctionThrottled
        if action == 3:
            self.clock.sleep(TIMEOUT_MS)
        if action == 4:
            self.clock.advance(TIMEOUT_MS)
        if action == 5:
            return {}
        if action == 6:
            return self._answer([wires[0]["eventID"] if wires else ""])
        if action == 7:
            return self._answer([""])
        named = self.chance.sample(wires, self.chance.randint(0, len(wires)))
        return self._answer([wire["dynamodb"]["SequenceNumber"] for wire in named])

    def _answer(self, identifiers: list[str]) -> Any:
        return {"batchItemFailures": [{"itemIdentifier": each} for each in identifiers], "state": {"n": 1}}


def records_of(event: Any) -> list[Any]:
    return list((json.loads(event) if isinstance(event, bytes) else event)["Records"])


def delivered(stream: Stream, options: dict[str, Any], seed: int, poisoned: set[int], trouble: float) -> Any:
    clock, chance = VirtualClock(), random.Random(seed + 1)
    mapping = EventSourceMapping(
        Function(clock, seed, poisoned, trouble),
        clock=clock,
        timeout_ms=TIMEOUT_MS,
        duplicate=lambda invocation: chance.choice([0, 0, 0, 1, 2]),
        max_invocations=100_000,
        **options,
    )
    return mapping.deliver_shards(stream.shards), clock


seeds = st.integers(0, 10**6)
poisons = st.sets(st.integers(0, 4), max_size=2)
troubles = st.sampled_from([0.0, 0.1, 0.5])


@settings(max_examples=150, deadline=None)
@given(stream=streams(), options=mappings(), seed=seeds, poisoned=poisons, trouble=troubles)
def test_every_record_is_delivered_filtered_or_dropped_with_a_document(
    stream: Stream, options: dict[str, Any], seed: int, poisoned: set[int], trouble: float
) -> None:
    report, clock = delivered(stream, options, seed, poisoned, trouble)
    _each_is_settled_once(stream, options, report)
    _documents_tell_of_what_is_dropped(options, report)
    _items_are_in_order(stream, report)
    _checkpoints_only_go_on(stream, report)
    _nothing_that_is_done_comes_again(report)
    _tries_are_limited(options, report)
    _children_wait(stream, report)
    assert clock.elapsed() <= (len(stream.numbers) + 2) * 2 * (DAY + LONGEST_STEP_SECONDS)
    assert report.timeline().count("\n") <= len(report.steps)


def _each_is_settled_once(stream: Stream, options: dict[str, Any], report: DeliveryReport) -> None:
    assert sorted([*report.done, *report.discarded, *report.filtered]) == sorted(stream.numbers)
    assert not report.missed
    assert set(report.filtered) == (stream.unwanted() if options["filter_criteria"] else set())
    assert set(report.deliveries) >= set(report.done)
    assert report.record_count == len(stream.numbers)


def _documents_tell_of_what_is_dropped(options: dict[str, Any], report: DeliveryReport) -> None:
    told = []
    for document in report.on_failure_documents:
        info = document["DDBStreamBatchInfo"]
        told.append((info["startSequenceNumber"], info["endSequenceNumber"], info["batchSize"]))
        assert ("payload" in document) == (options["destination"] == "s3")
        assert ("responseContext" in document) == (document["requestContext"]["approximateInvokeCount"] > 0)
    steps = [step for step in report.steps if step.kind == "discard" and step.sequence_numbers]
    assert told == [(step.sequence_numbers[0], step.sequence_numbers[-1], len(step.sequence_numbers)) for step in steps]
    assert [number for step in steps for number in step.sequence_numbers] == report.discarded


def _items_are_in_order(stream: Stream, report: DeliveryReport) -> None:
    """Within a shard, first deliveries of one item are in the order of its changes."""
    first_times = defaultdict(list)
    for number in report.deliveries:
        first_times[stream.shard_of[number], stream.change[number].item].append(int(number))
    assert all(numbers == sorted(numbers) for numbers in first_times.values())


def _checkpoints_only_go_on(stream: Stream, report: DeliveryReport) -> None:
    moves = defaultdict(list)
    for checkpoint in report.checkpoints:
        moves[checkpoint.shard_id].append(report.positions[checkpoint.sequence_number])
    assert all(positions == sorted(set(positions)) for positions in moves.values())
    lengths = {shard.shard_id: len(list(shard.records)) for shard in stream.shards}
    assert {shard_id: positions[-1] for shard_id, positions in moves.items()} == {
        shard_id: length for shard_id, length in lengths.items() if length
    }


def _nothing_that_is_done_comes_again(report: DeliveryReport) -> None:
    settled: set[str] = set()
    for step in report.steps:
        if step.invocation is None:
            settled |= set(step.sequence_numbers) if step.kind == "discard" else set()
            continue
        if step.invocation.cause == "duplicate":
            assert set(step.sequence_numbers) <= settled
            continue
        assert not settled & set(step.sequence_numbers)
        if step.kind == "success":
            settled |= set(step.sequence_numbers)
        elif step.kind == "partial":
            reported = int(str(step.invocation.reported))
            settled |= {number for number in step.sequence_numbers if int(number) < reported}
    assert set(report.done) <= settled


def _tries_are_limited(options: dict[str, Any], report: DeliveryReport) -> None:
    retries = options["maximum_retry_attempts"]
    if retries >= 0:
        tries = [each.invoke_count for each in report.invocations if each.sequence_numbers]
        assert max(tries, default=0) <= retries + 1


def _children_wait(stream: Stream, report: DeliveryReport) -> None:
    times = defaultdict(list)
    for step in report.steps:
        times[step.shard_id].append(step.invocation.started_at if step.invocation else step.at)
    for shard in stream.shards:
        if shard.parent_shard_id in times and shard.shard_id in times:
            assert min(times[shard.shard_id]) >= max(times[shard.parent_shard_id])


@settings(max_examples=60, deadline=None)
@given(stream=streams(), options=mappings(), seed=seeds, poisoned=poisons, trouble=troubles)
def test_the_same_seed_is_the_same_delivery(
    stream: Stream, options: dict[str, Any], seed: int, poisoned: set[int], trouble: float
) -> None:
    first, _ = delivered(stream, options, seed, poisoned, trouble)
    again, _ = delivered(stream, options, seed, poisoned, trouble)
    assert first.steps == again.steps or [_bare(step) for step in first.steps] == [_bare(step) for step in again.steps]
    assert first.timeline() == again.timeline()


def _bare(step: Any) -> Any:
    return (step.at, step.shard_id, step.kind, step.sequence_numbers, step.said, step.checkpoint)


@settings(max_examples=25, deadline=None)
@given(stream=streams(), options=mappings(), seed=seeds, poisoned=poisons, trouble=troubles)
def test_a_stream_handler_loses_nothing(
    stream: Stream, options: dict[str, Any], seed: int, poisoned: set[int], trouble: float
) -> None:
    """What Lambda takes for done, a handler has done, in order; also where partial answers are not heard."""
    clock, chance = VirtualClock(), random.Random(seed)
    report_word: Any = "partial" if options["report_batch_item_failures"] else "raise"
    app = StreamHandler(report=report_word, deadline_margin_ms=500)
    handled: list[str] = []

    @app.on()
    def handle(record: Record) -> None:
        clock.sleep(chance.choice([0, 0, 0.5, 1]))
        if int(record.keys["id"]) in poisoned or chance.random() < trouble:
            raise RuntimeError("no")
        handled.append(str(record.sequence_number))

    options = {**options, "tumbling_window_in_seconds": 0}
    mapping = EventSourceMapping(app, clock=clock, timeout_ms=TIMEOUT_MS, max_invocations=100_000, **options)
    report = mapping.deliver_shards(stream.shards)
    assert sorted([*report.done, *report.discarded, *report.filtered]) == sorted(stream.numbers)
    assert set(report.done) <= set(handled)
    assert not report.unheard
    assert report.lost == report.discarded
    first_times = defaultdict(list)
    for number in dict.fromkeys(handled):
        first_times[stream.shard_of[number], stream.change[number].item].append(int(number))
    assert all(numbers == sorted(numbers) for numbers in first_times.values())
