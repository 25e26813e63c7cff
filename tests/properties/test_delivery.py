"""Laws of delivery: whatever fails and however often, no record is lost, order holds, the answer is in the contract.

A history of changes goes through a mapping into a handler and sinks. Handlers and sinks fail as drawn: for a while, or
for good; alone, or the whole write; by raising, or by a quarantine. The ledger of what each of them has done is then
held against what Lambda was told.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace import HandlerError, Quarantine, Record, StreamHandler
from tailrace.sinks.base import Deadline, SinkFailure
from tailrace.testing import EventSourceMapping, make_record

FOREVER = 1_000_000


@pytest.fixture(autouse=True, scope="module")
def _quiet_log() -> Any:
    """Thousands of drawn failures are logged; what the log says is tested elsewhere."""
    logger = logging.getLogger("tailrace")
    logger.disabled = True
    yield
    logger.disabled = False


@dataclass
class Plan:
    """What becomes of a record: how often its handler and each sink fail it, and whether it is set aside."""

    handler_failures: int = 0
    sink_failures: list[int] = field(default_factory=lambda: [0, 0])
    quarantined: bool = False


@st.composite
def plans(draw: st.DrawFn, *, forever: bool) -> Plan:
    failures = st.sampled_from([0, 0, 0, 0, 1, 2, *([FOREVER] if forever else [])])
    return Plan(draw(failures), [draw(failures), draw(failures)], draw(st.sampled_from([False] * 5 + [True])))


class Table:
    """A history: changes of a few items, each with a plan, and the ledgers of those who saw them."""

    def __init__(self, items: Sequence[int], plans: Sequence[Plan]) -> None:
        self.records = [
            make_record(new_image={"id": str(item), "change": position}, event_name="MODIFY")
            for position, item in enumerate(items)
        ]
        self.plans = {record.sequence_number: plan for record, plan in zip(self.records, plans, strict=True)}
        self.item = {record.sequence_number: item for record, item in zip(self.records, items, strict=True)}
        self.numbers = [record.sequence_number for record in self.records]
        self.handled: list[str | None] = []
        self.stored: list[list[str | None]] = [[], []]
        self.set_aside: list[str | None] = []

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        """The quarantine."""
        self.set_aside.append(record.sequence_number)

    def handle(self, record: Record) -> Any:
        plan = self.plans[record.sequence_number]
        if plan.handler_failures:
            plan.handler_failures -= 1
            raise RuntimeError("not yet")
        if plan.quarantined:
            raise Quarantine("not at all")
        self.handled.append(record.sequence_number)
        return self.nothing() if len(self.handled) % 2 else None

    async def nothing(self) -> None:
        await asyncio.sleep(0)

    def app(self, **options: Any) -> StreamHandler:
        app = StreamHandler(quarantine=self, **options)
        app.on()(self.handle)
        app.sink(Ledger(self, 0, whole=False))
        app.sink(Ledger(self, 1, whole=True))
        return app

    def first_times(self, numbers: Sequence[str | None]) -> list[str | None]:
        return list(dict.fromkeys(numbers))


class Ledger:
    """A sink: it stores up to the first record that it is to fail and names the rest, or raises and stores none."""

    def __init__(self, table: Table, index: int, *, whole: bool) -> None:
        self.table = table
        self.index = index
        self.whole = whole

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> list[SinkFailure]:
        failing = [position for position, record in enumerate(records) if self._fails(record)]
        end = failing[0] if failing else len(records)
        if failing and self.whole:
            raise OSError("not yet")
        self.table.stored[self.index] += [record.sequence_number for record in list(records)[:end]]
        return [SinkFailure(record, OSError("not yet")) for record in list(records)[end:]]

    def _fails(self, record: Record) -> bool:
        plan = self.table.plans[record.sequence_number]
        if not plan.sink_failures[self.index]:
            return False
        plan.sink_failures[self.index] -= 1
        return True

    def close(self) -> None:
        pass


@st.composite
def tables(draw: st.DrawFn, *, forever: bool) -> Table:
    items = draw(st.lists(st.integers(0, 3), min_size=1, max_size=12))
    return Table(items, draw(st.lists(plans(forever=forever), min_size=len(items), max_size=len(items))))


mappings = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 6),
        "bisect_batch_on_function_error": st.booleans(),
        "event_format": st.sampled_from(["dict", "bytes"]),
    }
)


@given(table=tables(forever=False), options=mappings)
def test_what_fails_for_a_while_is_done_in_the_end(table: Table, options: dict[str, Any]) -> None:
    report = EventSourceMapping(table.app(), **options).deliver(table.records)
    assert report.done == table.numbers
    for ledger in (table.handled, *table.stored):
        assert set(ledger) | set(table.set_aside) == set(table.numbers), "no record is lost"
        assert not set(ledger) & set(table.set_aside), "what is set aside goes nowhere else"


@given(table=tables(forever=True), options=mappings, retries=st.integers(0, 3))
def test_what_lambda_takes_for_done_is_done(table: Table, options: dict[str, Any], retries: int) -> None:
    mapping = EventSourceMapping(table.app(), maximum_retry_attempts=retries, **options)
    report = mapping.deliver(table.records)
    assert sorted([*report.done, *report.discarded]) == sorted(filter(None, table.numbers))
    for ledger in (table.handled, *table.stored):
        assert set(report.done) <= set(ledger) | set(table.set_aside)


@given(table=tables(forever=True), options=mappings, retries=st.integers(0, 3))
def test_everyone_sees_the_changes_in_the_order_of_the_stream(
    table: Table, options: dict[str, Any], retries: int
) -> None:
    """A redelivery repeats what was seen; it never brings an older change for the first time after a newer one."""
    EventSourceMapping(table.app(), maximum_retry_attempts=retries, **options).deliver(table.records)
    position = {number: index for index, number in enumerate(table.numbers)}
    for ledger in (table.handled, table.set_aside, *table.stored):
        order = [position[number] for number in table.first_times(ledger)]
        assert order == sorted(order)


@given(table=tables(forever=True), options=mappings, retries=st.integers(0, 2))
def test_a_sink_never_stores_what_its_handler_has_not_done(table: Table, options: dict[str, Any], retries: int) -> None:
    EventSourceMapping(table.app(), maximum_retry_attempts=retries, **options).deliver(table.records)
    assert set(table.stored[1]) <= set(table.stored[0]) <= set(table.handled)


@given(table=tables(forever=True), options=mappings, retries=st.integers(0, 2))
def test_with_report_raise_a_success_is_a_whole_success(table: Table, options: dict[str, Any], retries: int) -> None:
    """Where Lambda ignores the answer, all that it sees are exceptions."""
    options = {**options, "report_batch_item_failures": False, "maximum_retry_attempts": retries}
    report = EventSourceMapping(table.app(report="raise"), **options).deliver(table.records)
    for ledger in (table.handled, *table.stored):
        assert set(report.done) <= set(ledger) | set(table.set_aside)


@given(table=tables(forever=True), order=st.randoms(use_true_random=False))
def test_the_answer_is_the_lowest_number_of_all_that_is_not_done(table: Table, order: Any) -> None:
    """Also for a batch out of order, as a redelivery may be."""
    wires = [record.to_dict() for record in table.records]
    order.shuffle(wires)
    answer = table.app()(json.dumps({"Records": wires}).encode())
    assert list(answer) == ["batchItemFailures"]
    done = set(table.stored[0]) & set(table.stored[1]) & set(table.handled) | set(table.set_aside)
    reported = [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]
    shuffled = [wire["dynamodb"]["SequenceNumber"] for wire in wires]
    first = next((position for position, number in enumerate(shuffled) if number not in done), None)
    if first is None:
        assert not reported
    else:
        assert reported == [min(shuffled[first:], key=int)]


@given(table=tables(forever=True), missing=st.data())
@settings(max_examples=50)
def test_without_numbers_nothing_that_failed_looks_like_a_success(table: Table, missing: st.DataObject) -> None:
    wires = [record.to_dict() for record in table.records]
    app, failed = StreamHandler(), []

    @app.on()
    def handle(record: Record) -> None:
        position = record.new_image["change"]
        if table.plans[table.numbers[int(position)]].handler_failures:
            failed.append(int(position))
            raise RuntimeError("no")

    for wire in wires:
        if missing.draw(st.booleans()):
            del wire["dynamodb"]["SequenceNumber"]
    try:
        answer = app({"Records": wires})
    except HandlerError:
        assert failed
        assert any("SequenceNumber" not in wire["dynamodb"] for wire in wires[failed[0] :])
    else:
        left = [wire["dynamodb"]["SequenceNumber"] for wire in wires[failed[0] :]] if failed else []
        assert [each["itemIdentifier"] for each in answer["batchItemFailures"]] == left[:1]
