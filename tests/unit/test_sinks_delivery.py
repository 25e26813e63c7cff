"""The delivery core, on a target that answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tailrace import Batch, Quarantine
from tailrace.sinks import Deadline, SinkFailure, SqliteQuarantine
from tailrace.sinks.delivery import DONE, STALE, DeliverySink, Encoded, Limits, Poison, Retry, Unusable
from tailrace.testing import make_event

UNLIMITED = Limits()
BUSY = OSError("busy")
REFUSED = ValueError("refused")


class Target(DeliverySink):
    """Keeps each call, and answers with what ``answer`` makes of it."""

    def __init__(
        self,
        *,
        order: str = "item",
        limits: Limits = UNLIMITED,
        answer: Callable[[list[str]], Any] | None = None,
        size: Callable[[str], int] = len,
        **options: Any,
    ) -> None:
        super().__init__(**{"workers": 1, **options})
        self._order = order
        self._limits = limits
        self._answer = answer or (lambda bodies: [DONE] * len(bodies))
        self._size = size
        self.calls: list[list[str]] = []
        self._calls_lock = threading.Lock()

    def _encode(self, record: Any) -> Encoded:
        if record.new_image.get("broken"):
            raise REFUSED
        body = f"{record.keys['id']}{record.new_image['n']}"
        return Encoded(body, self._size(body), record.new_image.get("to"))

    def _send(self, bodies: list[str]) -> Any:
        with self._calls_lock:
            self.calls.append(bodies)
        return self._answer(bodies)


def changes(*bodies: str, road: str = "bytes", **more: Any) -> Batch:
    """A record for each of ``a1``: the item, and what it is now."""
    event = make_event([{"id": body[0], "n": body[1:], **more} for body in bodies])
    return Batch.from_event(json.dumps(event).encode() if road == "bytes" else event)


def bodies_of(failures: Sequence[SinkFailure]) -> list[str]:
    return [f"{failure.record.keys['id']}{failure.record.new_image['n']}" for failure in failures]


def in_turn(*answers: Any) -> Callable[[list[str]], Any]:
    """An answer for each call; the last one from then on."""
    left = list(answers)
    return lambda bodies: left.pop(0) if len(left) > 1 else left[0]


def sent(target: Target) -> list[str]:
    return [body for call in target.calls for body in call]


def by_body(answers: dict[str, list[Any]]) -> Callable[[list[str]], list[Any]]:
    """The next of the answers for each body, DONE where there is none left."""
    left = {body: list(verdicts) for body, verdicts in answers.items()}
    return lambda bodies: [left[body].pop(0) if left.get(body) else DONE for body in bodies]


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tailrace.sinks.delivery.course.pause_ms", lambda attempt: 0.0)


@pytest.fixture(params=["bytes", "dict"])
def road(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class TestWhatIsSentTogether:
    def test_changes_of_one_item_are_never_in_one_call(self, road: str) -> None:
        target = Target()
        assert not target.write(changes("a1", "b1", "a2", "c1", "a3", "b2", road=road), deadline=Deadline())
        assert target.calls == [["a1", "b1", "c1"], ["a2", "b2"], ["a3"]]

    def test_the_newest_change_stands_for_those_before_it(self, road: str) -> None:
        target = Target(order="newest")
        assert not target.write(changes("a1", "b1", "a2", "c1", "a3", "b2", road=road), deadline=Deadline())
        assert target.calls == [["a3", "b2", "c1"]]

    def test_the_newest_is_told_by_its_number_and_not_by_its_place(self) -> None:
        target = Target(order="newest")
        in_order = changes("a1", "b1", "a2", "a3")
        assert not target.write(in_order.take([3, 1, 0, 2]), deadline=Deadline())
        assert target.calls == [["a3", "b1"]]

    def test_without_order_a_call_takes_all(self) -> None:
        target = Target(order="none")
        assert not target.write(changes("a1", "a2", "b1", "a3"), deadline=Deadline())
        assert target.calls == [["a1", "a2", "b1", "a3"]]

    def test_nothing_makes_no_call(self) -> None:
        target = Target()
        assert target.write(Batch.from_event({"Records": []}), deadline=Deadline()) == []
        assert target.calls == []

    def test_items_of_two_tables_are_two_items(self) -> None:
        records = [*changes("a1"), *Batch.from_event(make_event([{"id": "a", "n": "2"}], table_name="other"))]
        target = Target(order="newest")
        assert not target.write(records, deadline=Deadline())
        assert target.calls == [["a1", "a2"]]

    def test_entries_of_two_destinations_are_in_two_calls(self) -> None:
        records = [*changes("a1", "b1", to="x"), *changes("c1", to="y"), *changes("d1", to="x")]
        target = Target(order="none")
        assert not target.write(records, deadline=Deadline())
        assert target.calls == [["a1", "b1"], ["c1"], ["d1"]]


class TestPacking:
    def test_by_count(self) -> None:
        target = Target(limits=Limits(entry_count=2))
        assert not target.write(changes("a1", "b1", "c1", "d1", "e1"), deadline=Deadline())
        assert target.calls == [["a1", "b1"], ["c1", "d1"], ["e1"]]

    @pytest.mark.parametrize(("call_bytes", "expected"), [(6, 3), (5, 2), (7, 3), (2, 1)])
    def test_by_exact_bytes(self, call_bytes: int, expected: int) -> None:
        target = Target(limits=Limits(call_bytes=call_bytes))
        assert not target.write(changes("a1", "b1", "c1", "d1", "e1", "f1"), deadline=Deadline())
        assert max(map(len, target.calls)) == expected

    def test_what_a_call_and_an_entry_cost_besides_counts(self) -> None:
        target = Target(limits=Limits(call_bytes=10 + 2 * 5, call_overhead_bytes=10, entry_overhead_bytes=3))
        assert not target.write(changes("a1", "b1", "c1"), deadline=Deadline())
        assert target.calls == [["a1", "b1"], ["c1"]]

    @pytest.mark.parametrize("limits", [Limits(entry_bytes=2), Limits(call_bytes=5, entry_overhead_bytes=3)])
    def test_an_entry_at_the_limit_is_sent_and_one_beyond_it_is_not(self, limits: Limits) -> None:
        target = Target(limits=limits)
        failures = target.write(changes("a1", "b22", "c1"), deadline=Deadline())
        assert bodies_of(failures) == ["b22"]
        assert not failures[0].retryable
        assert "3 bytes" in str(failures[0].error)
        assert failures[0].record.sequence_number in str(failures[0].error)
        assert sorted(sent(target)) == ["a1", "c1"]

    def test_a_batch_is_never_encoded_whole(self) -> None:
        made: list[str] = []
        target = Target(limits=Limits(entry_count=1), size=lambda body: made.append(body) or 1)
        ahead: list[int] = []
        target._answer = lambda bodies: ahead.append(len(made)) or [DONE]
        assert not target.write(changes("a1", "b1", "c1", "d1", "e1"), deadline=Deadline())
        assert all(made_so_far <= call + 1 for call, made_so_far in enumerate(ahead, 1))


class TestVerdicts:
    def test_stale_counts_as_stored(self) -> None:
        assert not Target(answer=lambda bodies: [STALE]).write(changes("a1"), deadline=Deadline())

    def test_what_fails_in_passing_is_sent_again_before_the_next_change_of_its_item(self) -> None:
        target = Target(answer=by_body({"a1": [Retry(BUSY), Retry(BUSY)]}))
        assert not target.write(changes("a1", "b1", "a2"), deadline=Deadline())
        assert [body for call in target.calls for body in call if body[0] == "a"] == ["a1", "a1", "a1", "a2"]

    def test_attempts_come_to_an_end(self) -> None:
        target = Target(answer=by_body({"a1": [Retry(BUSY)] * 9}), attempts=3)
        failures = target.write(changes("a1", "b1", "a2"), deadline=Deadline())
        assert bodies_of(failures) == ["a1", "a2"]
        assert all(failure.error is BUSY and failure.retryable for failure in failures)
        assert sent(target).count("a1") == 3

    def test_a_refused_record_takes_along_what_is_behind_it(self) -> None:
        target = Target(answer=by_body({"a2": [Poison(REFUSED)]}))
        failures = target.write(changes("a1", "a2", "b1", "a3", "b2"), deadline=Deadline())
        assert bodies_of(failures) == ["a2", "a3"]
        assert [failure.retryable for failure in failures] == [False, True]
        assert "a3" not in sent(target)

    def test_all_that_a_refused_record_stands_for_is_not_stored(self) -> None:
        target = Target(order="newest", answer=by_body({"a3": [Poison(REFUSED)]}))
        failures = target.write(changes("b1", "a1", "a2", "b2", "a3"), deadline=Deadline())
        assert bodies_of(failures) == ["a1", "a2", "a3"]

    def test_a_record_that_cannot_be_encoded_is_refused(self) -> None:
        records = [*changes("a1", "b1"), *changes("a2", broken=True), *changes("a3")]
        target = Target()
        failures = target.write(records, deadline=Deadline())
        assert bodies_of(failures) == ["a2", "a3"]
        assert failures[0].error is REFUSED
        assert sent(target) == ["a1", "b1"]

    def test_a_target_that_cannot_be_used_ends_the_write(self) -> None:
        target = Target(limits=Limits(entry_count=1), answer=in_turn([DONE], [Unusable(REFUSED)]))
        failures = target.write(changes("a1", "b1", "c1", "a2"), deadline=Deadline())
        assert bodies_of(failures) == ["b1", "c1", "a2"]
        assert all(failure.error is REFUSED and failure.retryable for failure in failures)
        assert target.calls == [["a1"], ["b1"]]

    def test_an_error_nobody_expected_ends_the_write(self) -> None:
        def broken(_: list[str]) -> Any:
            raise RuntimeError("a bug")

        target = Target(limits=Limits(entry_count=1), answer=broken)
        failures = target.write(changes("a1", "b1"), deadline=Deadline())
        assert bodies_of(failures) == ["a1", "b1"]
        assert target.calls == [["a1"]]
        assert isinstance(failures[0].error, RuntimeError)

    @pytest.mark.parametrize("answers", [[], [DONE], [DONE] * 3])
    def test_an_answer_that_does_not_fit_the_call_stores_nothing(self, answers: list[Any]) -> None:
        failures = Target(answer=lambda bodies: answers).write(changes("a1", "b1"), deadline=Deadline())
        assert bodies_of(failures) == ["a1", "b1"]
        assert "of 2 entries" in str(failures[0].error)

    def test_one_verdict_speaks_for_the_whole_call(self) -> None:
        target = Target(answer=in_turn(Retry(BUSY), DONE))
        assert not target.write(changes("a1", "b1"), deadline=Deadline())
        assert target.calls == [["a1", "b1"]] * 2

    def test_a_whole_call_that_is_refused_is_sent_in_halves_until_the_one_at_fault_is_found(self) -> None:
        target = Target(answer=lambda bodies: Poison(REFUSED) if "e1" in bodies else DONE, attempts=2)
        failures = target.write(changes("a1", "b1", "c1", "d1", "e1", "f1", "g1", "e2"), deadline=Deadline())
        assert bodies_of(failures) == ["e1", "e2"]
        assert target.calls[0] == ["a1", "b1", "c1", "d1", "e1", "f1", "g1"]
        assert len(target.calls) <= 8

    def test_a_record_without_an_item_fails_alone(self, road: str) -> None:
        event = make_event([{"id": "a", "n": "1"}, {"id": "b", "n": "1"}])
        del event["Records"][0]["dynamodb"]["Keys"]
        batch = Batch.from_event(json.dumps(event).encode() if road == "bytes" else event)
        for order in ("item", "newest"):
            target = Target(order=order)
            failures = target.write(batch, deadline=Deadline())
            assert [failure.record for failure in failures] == [batch[0]]
            assert target.calls == [["b1"]]

    def test_failures_are_the_records_that_were_given(self) -> None:
        records = list(changes("a1", "b1", "a2"))
        failures = Target(answer=lambda bodies: Unusable(REFUSED)).write(records, deadline=Deadline())
        assert all(failure.record is record for failure, record in zip(failures, records, strict=True))


class TestTheDeadline:
    def test_the_first_call_is_made_and_awaited_whatever_the_deadline(self) -> None:
        def slow(bodies: list[str]) -> Any:
            time.sleep(0.05)
            return [DONE] * len(bodies)

        target = Target(limits=Limits(entry_count=1), answer=slow)
        failures = target.write(changes("a1", "b1", "c1"), deadline=Deadline(0))
        assert bodies_of(failures) == ["b1", "c1"]
        assert all(failure.retryable and "deadline" in str(failure.error) for failure in failures)
        assert target.calls == [["a1"]]

    def test_no_call_is_begun_after_it(self) -> None:
        def slow(bodies: list[str]) -> Any:
            time.sleep(0.06)
            return [DONE] * len(bodies)

        target = Target(limits=Limits(entry_count=1), answer=slow)
        failures = target.write(changes("a1", "b1", "c1", "d1", "e1", "f1"), deadline=Deadline(100))
        assert 1 <= len(target.calls) <= 3
        stored = len(target.calls)
        assert set(bodies_of(failures)) >= {"a1", "b1", "c1", "d1", "e1", "f1"} - set(sent(target))
        assert len(failures) in (6 - stored, 6 - stored + 1)

    def test_a_call_without_an_answer_is_left_alone(self) -> None:
        answer = threading.Event()
        target = Target(answer=lambda bodies: answer.wait(20) and [DONE] * len(bodies))
        began = time.monotonic()
        failures = target.write(changes("a1", "b1", "a2"), deadline=Deadline(50))
        assert time.monotonic() - began < 5
        answer.set()
        assert bodies_of(failures) == ["a1", "b1", "a2"]
        assert "no answer" in str(failures[0].error)

    def test_pauses_end_with_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tailrace.sinks.delivery.course.pause_ms", lambda attempt: 60_000.0)
        target = Target(answer=lambda bodies: Retry(BUSY))
        began = time.monotonic()
        failures = target.write(changes("a1", "b1"), deadline=Deadline(50))
        assert time.monotonic() - began < 5
        assert [failure.error for failure in failures] == [BUSY, BUSY]

    def test_the_pause_that_the_service_asks_for_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tailrace.sinks.delivery.course.pause_ms", lambda attempt: 60_000.0)
        target = Target(answer=in_turn(Retry(BUSY, after_ms=30), DONE))
        began = time.monotonic()
        assert not target.write(changes("a1"), deadline=Deadline())
        assert 0.03 <= time.monotonic() - began < 5


class TestWorkers:
    def test_calls_of_different_items_are_under_way_together(self) -> None:
        together = threading.Barrier(3, timeout=20)

        def meet(bodies: list[str]) -> Any:
            together.wait()
            return DONE

        target = Target(limits=Limits(entry_count=1), answer=meet, workers=3)
        assert not target.write(changes("a1", "b1", "c1"), deadline=Deadline())

    def test_changes_of_one_item_are_not(self) -> None:
        under_way: set[str] = set()
        overlaps: list[str] = []

        def watch(bodies: list[str]) -> Any:
            items = {body[0] for body in bodies}
            overlaps.extend(under_way & items)
            under_way.update(items)
            time.sleep(0.001)
            under_way.difference_update(items)
            return DONE

        target = Target(limits=Limits(entry_count=2), answer=watch, workers=8)
        batch = changes(*(f"{item}{number}" for number in range(10) for item in "abcde"))
        assert not target.write(batch, deadline=Deadline())
        assert not overlaps
        for item in "abcde":
            assert [body for body in sent(target) if body[0] == item] == [f"{item}{number}" for number in range(10)]

    @pytest.mark.parametrize(("option", "number"), [("workers", 0), ("attempts", 0), ("workers", -1)])
    def test_numbers_that_move_nothing_are_refused(self, option: str, number: int) -> None:
        with pytest.raises(ValueError, match=option):
            Target(**{option: number})

    def test_context_variables_are_seen_in_calls(self) -> None:
        import contextvars

        trace = contextvars.ContextVar("trace", default="none")
        trace.set("mine")
        seen: list[str] = []
        assert not Target(answer=lambda bodies: seen.append(trace.get()) or DONE).write(
            changes("a1"), deadline=Deadline()
        )
        assert seen == ["mine"]


class TestSettingAside:
    def test_a_refused_record_that_is_kept_counts_as_stored(self, tmp_path: Any) -> None:
        with SqliteQuarantine(tmp_path / "quarantine.db") as store:
            target = Target(answer=by_body({"a2": [Poison(REFUSED)]}), quarantine=store)
            assert not target.write(changes("a1", "a2", "a3"), deadline=Deadline())
            assert sent(target) == ["a1", "a2", "a3"]
            (entry,) = store
        assert entry.record["dynamodb"]["NewImage"]["n"] == {"S": "2"}
        assert entry.message == "refused"
        assert "Target" in entry.route

    def test_one_that_is_kept_nowhere_is_a_failure(self) -> None:
        class Full:
            def add(self, record: Any, *, error: BaseException, route: str) -> None:
                raise OSError("disk full")

        target = Target(answer=by_body({"a1": [Poison(REFUSED)]}), quarantine=Full())
        failures = target.write(changes("a1", "a2", "b1"), deadline=Deadline())
        assert bodies_of(failures) == ["a1", "a2"]
        assert all(failure.retryable for failure in failures)
        assert str(failures[0].error) == "disk full"

    def test_a_target_that_cannot_be_used_sets_nothing_aside(self) -> None:
        class Never:
            def add(self, record: Any, *, error: BaseException, route: str) -> None:
                raise AssertionError

        target = Target(answer=lambda bodies: Unusable(REFUSED), quarantine=Never())
        assert [failure.error for failure in target.write(changes("a1"), deadline=Deadline())] == [REFUSED]


def test_an_interrupt_goes_through() -> None:
    def interrupt(_: list[str]) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Target(answer=interrupt).write(changes("a1"), deadline=Deadline())


def test_no_thread_outlives_a_write() -> None:
    before = threading.active_count()
    for _ in range(20):
        Target(workers=4, limits=Limits(entry_count=1)).write(changes("a1", "b1", "c1"), deadline=Deadline())
    ends = time.monotonic() + 5
    while threading.active_count() > before and time.monotonic() < ends:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_quarantine_error_is_no_special_word_here() -> None:
    """What a sink's own function raises is the record's failure, whatever it is called."""
    target = Target()
    target._encode = lambda record: (_ for _ in ()).throw(Quarantine("no"))
    (failure,) = target.write(changes("a1"), deadline=Deadline())
    assert isinstance(failure.error, Quarantine)
