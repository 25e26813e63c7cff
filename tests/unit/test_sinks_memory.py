"""MemorySink: the Records themselves, in order, from any thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tailrace import Batch
from tailrace.sinks import Deadline, MemorySink
from tailrace.testing import make_event, make_record


def test_it_keeps_the_records_in_order_and_repeats_them() -> None:
    sink, record = MemorySink(), make_record(new_image={"id": "a"})
    assert sink.write([record], deadline=Deadline()) == []
    assert sink.write([make_record(new_image={"id": "b"}), record], deadline=Deadline()) == []
    assert [kept.new_image for kept in sink.records] == [{"id": "a"}, {"id": "b"}, {"id": "a"}]
    assert sink.records[2] is record


def test_closing_keeps_the_records() -> None:
    sink = MemorySink()
    sink.write([make_record(new_image={"id": "a"})], deadline=Deadline())
    sink.close()
    assert len(sink.records) == 1


def test_what_the_deadline_leaves_over_is_a_retryable_failure() -> None:
    sink, batch = MemorySink(), [make_record(new_image={"id": name}) for name in "abc"]
    failures = sink.write(batch, deadline=Deadline(0))
    assert [failure.record for failure in failures] == batch[1:]
    assert all(failure.retryable for failure in failures)
    assert sink.records == batch[:1]


def test_any_thread_may_write() -> None:
    sink, batch = MemorySink(), Batch.from_event(make_event([{"id": str(number)} for number in range(100)]))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sink.write(batch, deadline=Deadline()), range(40)))  # type: ignore[arg-type]
    assert answers == [[]] * 40
    assert len(sink.records) == 4_000
