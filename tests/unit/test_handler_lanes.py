"""order="per_item": which records run together, which wait, and what is reported."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import EventFormatError, HandlerError, Quarantine, Record, StreamHandler
from tailrace.testing import make_record
from tests.unit.stage import DONE, Stage, at, event_of, reported, settle

Road = Callable[[Any], Any]


# Which records run together


def test_changes_of_different_items_run_together_and_those_of_one_wait() -> None:
    stage = Stage(4)
    answer = stage.call(event_of("aabac"))
    stage.until_started(0, 2, 4)
    settle()
    assert sorted(stage.started) == [0, 2, 4]
    stage.end(0)
    stage.until_started(0, 1, 2, 4)
    stage.end(1, 2, 3, 4)
    assert answer() == DONE
    assert [each for each in stage.ended if each in (0, 1, 3)] == [0, 1, 3]


def test_no_more_run_than_there_are_workers_and_the_first_come_first() -> None:
    stage = Stage(2)
    answer = stage.call(event_of("abcd"))
    stage.until_started(0, 1)
    settle()
    assert len(stage.started) == 2
    stage.end(1)
    stage.until_started(0, 1, 2)
    stage.end(0, 2, 3)
    assert answer() == DONE


def test_one_worker_runs_them_in_order() -> None:
    seen: list[int] = []
    app = StreamHandler(order="per_item")
    app.on()(lambda record: seen.append(at(record)))
    assert app(event_of("abacbd")) == DONE
    assert seen == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("keys", [{"id": "a"}, {"id": "a", "sort": 1}], ids=["hash", "hash and range"])
def test_the_whole_key_makes_the_item(keys: dict[str, Any], road: Road) -> None:
    """Not its spelling: 1 and 1.0 are one sort key."""
    running, together = set(), []
    records = []
    for position in range(6):
        spelt = {**keys, "sort": ["1", "1.0", "10e-1"][position % 3]} if "sort" in keys else keys
        record = make_record(new_image={**keys, "at": position}, event_name="MODIFY").to_dict()
        if "sort" in spelt:
            record["dynamodb"]["Keys"] = {"id": {"S": "a"}, "sort": {"N": spelt["sort"]}}
        records.append(record)
    app = StreamHandler(order="per_item", workers=6)

    @app.on()
    def handle(record: Record) -> None:
        running.add(at(record))
        time.sleep(0.002)
        together.append(len(running))
        running.discard(at(record))

    assert app(road({"Records": records})) == DONE
    assert together == [1] * 6


# What a failure stops


def test_nothing_behind_a_failure_starts_and_what_runs_ends() -> None:
    stage = Stage(3)
    stage.errors[1] = RuntimeError("no")
    event = event_of("abcde")
    answer = stage.call(event)
    stage.until_started(0, 1, 2)
    stage.end(1)
    settle()
    assert sorted(stage.started) == [0, 1, 2]
    stage.end(0, 2)
    assert answer() == reported(event, 1)
    assert sorted(stage.started) == [0, 1, 2]
    assert sorted(stage.ended) == [0, 2]


def test_everything_before_a_failure_is_finished() -> None:
    """Record 3 fails while 1 and 2, later changes of the item of 0, have not started."""
    stage = Stage(2)
    stage.errors[3] = RuntimeError("no")
    event = event_of("aaabcd")
    answer = stage.call(event)
    stage.until_started(0, 3)
    stage.end(3)
    settle()
    stage.end(0, 1, 2)
    assert answer() == reported(event, 3)
    assert stage.ended == [0, 1, 2]


def test_a_failure_before_the_failure_is_the_one_that_counts() -> None:
    stage = Stage(2)
    stage.errors = {3: RuntimeError("late"), 1: ValueError("early")}
    event = event_of("aaabcd")
    answer = stage.call(event)
    stage.until_started(0, 3)
    stage.end(3)
    settle()
    stage.end(0, 1)
    assert answer() == reported(event, 1)
    assert 2 not in stage.started, "a later change of an item whose earlier one failed"


def test_a_later_failure_changes_nothing() -> None:
    stage = Stage(2)
    stage.errors = {0: RuntimeError("early"), 1: ValueError("late")}
    event = event_of("abc")
    answer = stage.call(event)
    stage.until_started(0, 1)
    stage.end(0)
    settle()
    stage.end(1)
    assert answer() == reported(event, 0)


def test_the_error_of_the_lowest_failure_is_the_one_that_is_raised() -> None:
    stage = Stage(2, report="raise")
    early = ValueError("early")
    stage.errors = {1: RuntimeError("late"), 0: early}
    answer = stage.call(event_of("ab"))
    stage.until_started(0, 1)
    stage.end(1)
    settle()
    stage.end(0)
    raised = answer()
    assert isinstance(raised, HandlerError)
    assert raised.__cause__ is early


def test_the_lowest_number_counts_in_a_batch_out_of_order(road: Road) -> None:
    event = event_of("abcd")
    for record, number in zip(event["Records"], ["5", "9", "10", "8"], strict=True):
        record["dynamodb"]["SequenceNumber"] = number
    app = StreamHandler(order="per_item", workers=2)

    @app.on()
    def handle(record: Record) -> None:
        if at(record) == 1:
            raise RuntimeError("no")

    assert app(road(event)) == {"batchItemFailures": [{"itemIdentifier": "8"}]}


def test_a_failure_without_a_number_fails_the_whole_batch(road: Road) -> None:
    event = event_of("ab")
    del event["Records"][1]["dynamodb"]["SequenceNumber"]
    app = StreamHandler(order="per_item", workers=2)

    @app.on()
    def handle(record: Record) -> None:
        if at(record) == 1:
            raise RuntimeError("no")

    with pytest.raises(HandlerError, match="no SequenceNumber"):
        app(road(event))


def test_sinks_get_what_is_before_the_end(road: Road) -> None:
    class Sink:
        written: list[int] = []  # noqa: RUF012

        def write(self, records: Any, *, deadline: Any) -> list[Any]:
            assert threading.current_thread() is threading.main_thread()
            self.written += [at(record) for record in records]
            return []

        def close(self) -> None:
            pass

    app = StreamHandler(order="per_item", workers=3)
    sink = app.sink(Sink())

    @app.on()
    def handle(record: Record) -> None:
        if at(record) == 4:
            raise RuntimeError("no")

    event = event_of("ababcab")
    assert app(road(event)) == reported(event, 4)
    assert sink.written == [0, 1, 2, 3]


# Records of all kinds


def test_a_record_set_aside_lets_the_next_change_of_its_item_go_on(road: Road) -> None:
    class Store:
        kept: list[int] = []  # noqa: RUF012

        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            self.kept.append(at(record))

    store, seen = Store(), []
    app = StreamHandler(order="per_item", workers=2, quarantine=store)

    @app.on()
    def handle(record: Record) -> None:
        if at(record) == 1:
            raise Quarantine("no")
        seen.append(at(record))

    assert app(road(event_of("aaa"))) == DONE
    assert (store.kept, seen) == ([1], [0, 2])


@pytest.mark.parametrize("keys", [None, {"id": {"S": 5}}, "nothing"], ids=["absent", "no value", "no map"])
def test_a_record_without_readable_keys_is_one_failure(keys: Any, road: Road, caplog: pytest.LogCaptureFixture) -> None:
    event = event_of("abc")
    if keys is None:
        del event["Records"][1]["dynamodb"]["Keys"]
    else:
        event["Records"][1]["dynamodb"]["Keys"] = keys
    app, seen = StreamHandler(order="per_item"), []
    app.on()(lambda record: seen.append(at(record)))
    assert app(road(event)) == reported(event, 1)
    assert seen == [0]
    assert "Keys" in caplog.text


def test_a_record_that_no_route_wants_needs_no_keys(road: Road) -> None:
    event = event_of("abc")
    del event["Records"][1]["dynamodb"]["Keys"]
    app = StreamHandler(order="per_item")
    app.insert(lambda record: 1 / 0)
    assert app(road(event)) == DONE


@pytest.mark.parametrize("name", ["ARCHIVE", 5, None], ids=str)
def test_an_event_that_nobody_knows_fails_as_in_the_sequential_order(name: Any, road: Road) -> None:
    event = event_of("abc")
    event["Records"][1]["eventName"] = name
    answers = []
    for options in ({}, {"order": "per_item", "workers": 3}):
        app = StreamHandler(**options)  # type: ignore[arg-type]
        app.modify(lambda record: None)
        answers.append(app(road(event)))
    assert answers == [reported(event, 1)] * 2


def test_an_event_that_nobody_knows_is_taken_by_a_route_of_every_event(road: Road) -> None:
    event = event_of("abc")
    event["Records"][1]["eventName"] = "ARCHIVE"
    app, seen = StreamHandler(order="per_item", workers=3), []
    app.on()(lambda record: seen.append(str(record.event_name)))
    assert app(road(event)) == DONE
    assert sorted(seen) == ["ARCHIVE", "MODIFY", "MODIFY"]


@pytest.mark.parametrize("event", [{"Records": []}, []], ids=["records", "pipe"])
def test_nothing_to_do_is_a_success(event: Any, road: Road) -> None:
    app = StreamHandler(order="per_item", workers=3)
    app.on()(lambda record: None)
    assert app(road(event)) == DONE


def test_no_event_is_no_success() -> None:
    with pytest.raises(EventFormatError):
        StreamHandler(order="per_item")({"hello": "world"})


def test_a_failure_of_a_pipe_raises(road: Road) -> None:
    app = StreamHandler(order="per_item", workers=2)
    app.on()(lambda record: 1 / 0)
    with pytest.raises(HandlerError, match="pipe"):
        app(road(event_of("ab")["Records"]))


def test_a_filter_decides_before_a_thread_does(road: Road) -> None:
    app, seen = StreamHandler(order="per_item", workers=3), []
    app.on(where={"dynamodb": {"Keys": {"id": {"S": ["b"]}}}})(lambda record: seen.append(at(record)))
    assert app(road(event_of("abcb"))) == DONE
    assert seen == [1, 3]


def test_every_route_of_a_record_runs_in_order_and_a_failure_ends_it(road: Road) -> None:
    app, seen = StreamHandler(order="per_item", workers=2), []
    app.on()(lambda record: seen.append("first"))
    app.on()(lambda record: 1 / 0)
    app.on()(lambda record: seen.append("third"))
    event = event_of("a")
    assert app(road(event)) == reported(event, 0)
    assert seen == ["first"]


# Threads


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_ends_the_process_comes_out_of_the_call(error: type[BaseException]) -> None:
    stage = Stage(2)
    stage.errors[0] = error("end")
    answer = stage.call(event_of("abc"))
    stage.until_started(0, 1)
    stage.end(0)
    settle()
    stage.end(1, 2)
    assert isinstance(answer(), error)
    assert sorted(stage.started) == [0, 1]


@pytest.mark.parametrize("error", [StopIteration, AssertionError, MemoryError, RecursionError, OSError])
def test_every_exception_of_a_handler_is_a_failure(error: Any) -> None:
    stage = Stage(2)
    stage.errors[0] = error("no")
    event = event_of("ab")
    stage.end(0, 1)
    assert stage.call(event)() == reported(event, 0)


def test_it_goes_on_after_an_interrupt() -> None:
    stage = Stage(2)
    stage.errors[0] = KeyboardInterrupt()
    stage.end(0, 1, 2)
    event = event_of("abc")
    assert isinstance(stage.call(event)(), KeyboardInterrupt)
    stage.errors.clear()
    assert stage.call(event)() == DONE


def test_the_context_of_the_caller_is_seen_and_each_record_has_its_own_copy() -> None:
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")
    app, seen = StreamHandler(order="per_item", workers=2), []

    @app.on()
    def handle(record: Record) -> None:
        seen.append(request.get())
        request.set(f"set by {at(record)}")

    request.set("r-1")
    app(event_of("aabb"))
    assert seen == ["r-1"] * 4
    assert request.get() == "r-1"


def test_no_thread_is_made_before_the_first_event_and_threads_are_kept() -> None:
    app, names = StreamHandler(order="per_item", workers=3), set()

    @app.on()
    def handle(record: Record) -> None:
        names.add(threading.current_thread())
        time.sleep(0.001)

    before = threading.active_count()
    assert app({"Records": []}) == DONE
    assert threading.active_count() == before
    for _ in range(20):
        app(event_of("abcdef"))
    assert len(names) <= 3
    assert threading.main_thread() not in names


def test_the_handler_may_call_itself() -> None:
    app, seen = StreamHandler(order="per_item", workers=2), []

    @app.on()
    def handle(record: Record) -> None:
        seen.append(at(record))
        if len(seen) <= 4:
            assert app({"Records": [record.to_dict()]}) == DONE

    assert app(event_of("abcd")) == DONE
    assert len(seen) == 8


def test_several_threads_may_call_it_at_once() -> None:
    app, seen = StreamHandler(order="per_item", workers=3), []

    @app.on()
    def handle(record: Record) -> None:
        time.sleep(0.001)
        seen.append(at(record))

    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(app(event_of("abcabc")))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [DONE] * 5
    assert len(seen) == 30


def test_where_no_more_threads_can_be_started_those_that_could_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    app, seen = StreamHandler(order="per_item", workers=8), []
    app.on()(lambda record: (time.sleep(0.005), seen.append(at(record)))[1])
    start, started = threading.Thread.start, []

    def limited(thread: threading.Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    assert app(event_of("abcdefgh")) == DONE
    assert sorted(seen) == [*range(8)]


def test_where_no_thread_can_be_started_the_invocation_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    app, seen = StreamHandler(order="per_item", workers=8), []
    app.on()(lambda record: seen.append(at(record)))
    monkeypatch.setattr(threading.Thread, "start", refused)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        app(event_of("ab"))
    monkeypatch.undo()
    assert app(event_of("ab")) == DONE
    assert sorted(seen) == [0, 1], "what could not be started is not started later, when it has come again"
