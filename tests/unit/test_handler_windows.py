"""``@app.window``: the state of tumbling windows, in every event and in every answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pydantic
import pytest

from tailrace import EventFormatError, HandlerError, Quarantine, Record, StreamHandler, TumblingWindow, TypedRecord
from tailrace.sinks import MemorySink
from tailrace.sinks.base import SinkFailure
from tailrace.testing import make_event, make_record
from tests.unit.stage import reported
from tests.unit.windows import (
    ARN,
    SIX,
    Road,
    counting,
    ids,
    in_window,
    keeping,
    last,
    state_in,
    through_json,
)


def test_a_state_goes_from_event_to_event_to_the_end_of_the_window(road: Road) -> None:
    app, final = counting()
    first = app(road(in_window(make_event(SIX[:2]))))
    second = app(road(in_window(make_event(SIX[2:]), through_json(first)["state"])))
    assert second["batchItemFailures"] == []
    assert app(road(last(through_json(second)["state"]))) == {"batchItemFailures": [], "state": {}}
    assert final == [{"seen": "abcdef", "sum": 21}]


def test_the_window_says_what_the_event_says(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.window
    def look(records: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
        seen.append(window)
        return state

    app(road(in_window(make_event(SIX))))
    app(road(in_window({"Records": []}, final=True, early=True)))
    one, two = seen
    assert one.start == datetime(2026, 1, 1, 10, tzinfo=timezone.utc)
    assert one.end - one.start == timedelta(minutes=15)
    assert (one.shard_id, one.event_source_arn) == ("shardId-00000001", ARN)
    assert (one.is_final_invoke_for_window, one.is_window_terminated_early) == (False, False)
    assert (two.is_final_invoke_for_window, two.is_window_terminated_early) == (True, True)
    assert "2026-01-01T10:00:00Z" in repr(one)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2020-07-30T17:00:00Z", datetime(2020, 7, 30, 17, tzinfo=timezone.utc)),
        ("2020-07-30T17:00:00.000Z", datetime(2020, 7, 30, 17, tzinfo=timezone.utc)),
        ("2020-07-30T19:00:00+02:00", datetime(2020, 7, 30, 17, tzinfo=timezone.utc)),
        ("2020-07-30T17:00:00", datetime(2020, 7, 30, 17, tzinfo=timezone.utc)),
    ],
)
def test_times_are_aware_and_utc(written: str, read: datetime) -> None:
    start = TumblingWindow({"window": {"start": written}}).start
    assert (start, start.tzinfo) == (read, timezone.utc)


@pytest.mark.parametrize("members", [{}, {"window": None}, {"window": {}}, {"window": {"start": 5}}])
def test_a_window_without_times_says_so_when_it_is_asked(members: Any) -> None:
    with pytest.raises(EventFormatError, match=r"does not say when its window is \(at window.start"):
        _ = TumblingWindow(members).start


class Failing(MemorySink):
    def __init__(self, name: str, *, raises: bool) -> None:
        super().__init__()
        self.name, self.raises = name, raises

    def write(self, records: Any, *, deadline: Any) -> Any:
        failed = [record for record in records if record.keys["id"] == self.name]
        if failed and self.raises:
            raise OSError
        return [SinkFailure(record, OSError()) for record in failed]


def failing_at(app: StreamHandler, name: str, side: str) -> None:
    """Make the app fail at one record, from one side."""

    def handle(record: Record) -> None:
        if record.keys["id"] == name:
            raise RuntimeError

    def index(records: list[Record]) -> Any:
        failed = [record for record in records if record.keys["id"] == name]
        if failed and side == "batch raises":
            raise RuntimeError
        return failed

    if side == "route":
        app.on(handle)
    elif side.startswith("batch"):
        app.batch(index)
    else:
        app.sink(Failing(name, raises=side == "sink raises"))


@pytest.mark.parametrize("side", ["route", "batch", "sink"])
@pytest.mark.parametrize("order", ["sequential", "per_item"])
@pytest.mark.parametrize("position", range(6))
def test_the_state_of_a_partial_answer_holds_exactly_what_is_done(
    road: Road, side: str, order: Any, position: int
) -> None:
    app, _ = counting(order=order)
    failing_at(app, "abcdef"[position], side)
    event = make_event(SIX)
    answer = app(road(in_window(event)))
    assert answer["batchItemFailures"] == reported(event, position)["batchItemFailures"]
    done = "abcdef"[:position]
    assert state_in(answer) == ({"seen": done, "sum": sum(range(1, position + 1))} if done else {})


def test_in_a_batch_out_of_order_the_state_holds_nothing_that_comes_again(road: Road) -> None:
    app, _ = counting()

    @app.insert
    def fail(record: Record) -> None:
        if record.keys["id"] == "b":
            raise RuntimeError

    event = make_event(SIX[:3])
    third, first, second = (event["Records"][at] for at in (2, 0, 1))
    answer = app(road(in_window({"Records": [third, first, second]})))
    assert answer["batchItemFailures"] == [{"itemIdentifier": second["dynamodb"]["SequenceNumber"]}]
    assert state_in(answer)["seen"] == "a"


@pytest.mark.parametrize("side", ["batch raises", "sink raises"])
def test_where_nothing_is_done_the_state_is_as_it_was(road: Road, side: str) -> None:
    app, _ = counting()
    before = app(in_window(make_event(SIX[:2])))["state"]
    failing_at(app, "d", side)
    event = make_event(SIX[2:])
    answer = app(road(in_window(event, before)))
    assert answer == {**reported(event, 0), "state": before}


@pytest.mark.parametrize("side", ["route", "batch", "sink"])
@pytest.mark.parametrize("size", [1, 2, 4, 6])
def test_no_record_is_counted_twice_or_left_out_however_lambda_repeats(road: Road, side: str, size: int) -> None:
    """Lambda as far as it matters here: on from the number that is named, with the state of the answer."""
    app, final = counting()
    tries: dict[str, int] = {}

    def stumble(record: Record) -> None:
        name = record.keys["id"]
        tries[name] = tries.get(name, 0) + 1
        if name in "bcf" and tries[name] < 3:
            raise RuntimeError

    class Stumbling(MemorySink):
        def write(self, records: Any, *, deadline: Any) -> Any:
            return [failure for record in records for failure in self.failure(record)]

        def failure(self, record: Record) -> list[SinkFailure]:
            try:
                stumble(record)
            except RuntimeError as error:
                return [SinkFailure(record, error)]
            return []

    if side == "route":
        app.on(stumble)
    elif side == "batch":
        app.batch(lambda records: Stumbling().write(records, deadline=None))
    else:
        app.sink(Stumbling())
    records, state = make_event(SIX)["Records"], {}
    while records:
        batch = records[:size]
        answer = through_json(app(road(in_window({"Records": batch}, state))))
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        failures = answer["batchItemFailures"]
        done = numbers.index(failures[0]["itemIdentifier"]) if failures else len(batch)
        records, state = records[done:], answer["state"]
    app(road(last(state)))
    assert final == [{"seen": "abcdef", "sum": 21}]


def test_a_function_that_raises_leaves_the_state_and_its_records(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler()

    @app.window(where={"dynamodb": {"Keys": {"id": {"S": ["c", "e"]}}}})
    def broken(records: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
        state["spoilt"] = True
        raise RuntimeError

    event = make_event(SIX)
    assert app(road(in_window(event, {"x": 1}))) == {**reported(event, 2), "state": {"x": 1}}
    assert caplog.records[0].getMessage().startswith("2 records failed together")


def test_another_attempt_begins_with_the_state_as_it_was(road: Road) -> None:
    app, tries = StreamHandler(attempts=3, backoff_ms=0), []

    @app.window
    def flaky(records: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
        tries.append(dict(state))
        state["n"] = state.get("n", 0) + len(records)
        records.clear()
        if len(tries) < 3:
            raise OSError
        return state

    assert state_in(app(road(in_window(make_event(SIX), {"n": 1})))) == {"n": 7}
    assert tries == [{"n": 1}] * 3


def test_it_is_not_called_for_nothing_but_the_end(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.window("REMOVE")
    def note(records: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
        seen.append((ids(records), state))
        return state

    kept = {"kept": [1, {"deep": "x"}]}
    assert app(road(in_window(make_event(SIX), kept))) == {"batchItemFailures": [], "state": kept}
    assert app(road(in_window({"Records": []}, kept))) == {"batchItemFailures": [], "state": kept}
    assert not seen
    app(road(last(kept)))
    assert seen == [("", kept)]


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("state", [{}, {"1": 282, "2": 715}, {"a": {"b": [1, None, True, "x", 1.5]}}, None])
def test_without_a_function_the_state_stays_what_it_is(road: Road, state: Any, *, final: bool) -> None:
    app = StreamHandler()

    @app.insert
    def handle(record: Record) -> None:
        if record.keys["id"] == "c":
            raise RuntimeError

    event = make_event(SIX[:2])
    assert app(road({**in_window(event, final=final), "state": state})) == {
        "batchItemFailures": [],
        "state": state or {},
    }
    if not final:
        event = make_event(SIX)
        assert app(road(in_window(event, state))) == {**reported(event, 2), "state": state or {}}


def test_an_event_without_a_window_is_answered_without_a_state(road: Road) -> None:
    app = StreamHandler()
    event = make_event([{"id": "a", "isFinalInvokeForWindow": True, "window": {"start": "x"}, "state": {}}])
    assert app(road(event)) == {"batchItemFailures": []}


@pytest.mark.parametrize("missing", ["isFinalInvokeForWindow", "window", "shardId", "state", "isWindowTerminatedEarly"])
def test_one_member_may_be_missing(road: Road, missing: str) -> None:
    app, _ = counting()
    event = in_window(make_event(SIX))
    del event[missing]
    assert state_in(app(road(event))) == {"seen": "abcdef", "sum": 21}


def escaping(key: str) -> dict[str, Any]:
    """A state in which the name of a window stands as well."""
    return {"sum": 100, key: {"window": "window", 'a "window': ["window"]}}


@pytest.mark.parametrize("state", [escaping("window"), escaping('"window"'), {"sum": 100, "text": ', "window": {}'}])
@pytest.mark.parametrize("moved", ["window", "state", "shardId", "eventSourceARN", "isFinalInvokeForWindow", None])
def test_members_are_found_wherever_they_stand(state: dict[str, Any], moved: str | None) -> None:
    app, _ = counting()
    event = in_window(make_event([*SIX, {"id": "g", "n": 1, "window": '"wind\u00f6w"', '", "window': "x"}]), state)
    if moved:
        event = {moved: event[moved], **event}
    for text in (json.dumps(event).encode(), json.dumps(dict(reversed(event.items())), ensure_ascii=False)):
        found = state_in(app(text))
        assert found.pop("seen") == "abcdefg"
        assert found == {**state, "sum": 122}


@pytest.mark.parametrize("form", ["str", "bytearray", "memoryview", "spaced", "reversed"])
def test_every_form_of_an_event_is_read(form: str) -> None:
    app, _ = counting()
    event = in_window(make_event(SIX), {"sum": 100})
    if form == "reversed":
        event = dict(reversed(event.items()))
    text = json.dumps(event, indent=2 if form == "spaced" else None)
    forms: dict[str, Callable[[str], Any]] = {
        "str": str,
        "bytearray": lambda each: bytearray(each.encode()),
        "memoryview": lambda each: memoryview(each.encode()),
    }
    answer = app(forms.get(form, str.encode)(text))
    assert state_in(answer) == {"seen": "abcdef", "sum": 121}


def test_changes_through_kinesis_have_windows_too(road: Road) -> None:
    app, _ = counting()
    answer = app(road(in_window(make_event(SIX, shape="kinesis"))))
    assert state_in(answer) == {"seen": "abcdef", "sum": 21}


@pytest.mark.parametrize("shape", ["lambda", "pipes", "s3", "s3-text"])
def test_a_function_of_windows_does_not_work_in_silence_without_them(road: Road, shape: Any) -> None:
    app, _ = counting()
    seen: list[Any] = []
    app.on(seen.append)
    with pytest.raises(HandlerError, match="the event has no window: set TumblingWindowInSeconds"):
        app(road(make_event(SIX, shape=shape)))
    assert not seen
    assert app(road({"Records": []})) == {"batchItemFailures": []}


# The end of a window


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_a_failure_at_the_end_raises_so_that_lambda_repeats_it(road: Road, kind: str) -> None:
    app = StreamHandler()
    if kind == "plain":

        @app.window
        def close(records: Any, state: Any, window: Any) -> Any:
            raise OSError("no")
    else:

        @app.window
        async def close_later(records: Any, state: Any, window: Any) -> Any:
            raise OSError("no")

    with pytest.raises(HandlerError, match=r"last invocation of a window failed \(OSError\)") as caught:
        app(road(last({"n": 1})))
    assert isinstance(caught.value.__cause__, OSError)


def test_the_end_is_tried_again_in_place(road: Road) -> None:
    app, tries = StreamHandler(attempts=2, backoff_ms=0), []

    @app.window
    def close(records: Any, state: Any, window: Any) -> Any:
        tries.append(state)
        if len(tries) == 1:
            raise OSError

    assert app(road(last({"n": 1}))) == {"batchItemFailures": [], "state": {}}
    assert tries == [{"n": 1}] * 2


@pytest.mark.parametrize("value", [None, {}, 5, {"n": 0.5}, {"text": "x" * 2_000_000}])
def test_what_is_returned_at_the_end_does_not_matter(road: Road, value: Any) -> None:
    app, _ = keeping(value)
    assert app(road(last({"n": 1}))) == {"batchItemFailures": [], "state": {}}


@pytest.mark.parametrize("side", ["route", "batch", "sink"])
def test_the_end_does_not_come_while_a_record_is_not_done(road: Road, side: str) -> None:
    app, final = counting()
    failing_at(app, "c", side)
    with pytest.raises(HandlerError, match="last invocation of a window failed"):
        app(road(in_window(make_event(SIX), final=True)))
    assert not final


def test_the_end_may_have_records(road: Road) -> None:
    app, final = counting()
    app(road(in_window(make_event(SIX), {"sum": 1}, final=True)))
    assert final == [{"seen": "abcdef", "sum": 22}]


# What the function gets


class Item(pydantic.BaseModel):
    id: str
    n: int


def test_the_options_of_on_choose_its_records(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.window("INSERT", "MODIFY", changed="n", table="table", model=Item)
    def note(records: list[TypedRecord[Item]], state: Any, window: Any, context: Any) -> Any:
        seen.append(([record.new_image for record in records], context))
        return state

    records = [
        make_record(new_image={"id": "a", "n": 1}),
        make_record(new_image={"id": "b", "n": 2}, table_name="other"),
        make_record(old_image={"id": "c", "n": 3}, new_image={"id": "c", "n": 3}),
        make_record(old_image={"id": "d", "n": 3}),
        make_record(old_image={"id": "e", "n": 3}, new_image={"id": "e", "n": 4}),
    ]
    context = object()
    app(road(in_window(make_event(records))), context)
    assert seen == [([Item(id="a", n=1), Item(id="e", n=4)], context)]


def test_an_image_that_is_not_taken_is_the_end_of_what_it_gets(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.window(model=Item)
    def note(records: list[TypedRecord[Item]], state: Any, window: Any) -> Any:
        seen.append(ids(records))
        return {"n": len(records)}

    event = make_event([{"id": "a", "n": 1}, {"id": "b", "n": "?"}, {"id": "c", "n": 1}])
    answer = app(road(in_window(event)))
    assert answer["batchItemFailures"] == reported(event, 1)["batchItemFailures"]
    assert state_in(answer) == {"n": 1}
    assert seen == ["a"]


def test_what_was_set_aside_is_not_in_the_state(road: Road) -> None:
    class Store:
        def add(self, record: Record, *, error: BaseException, route: str) -> None: ...

    app, _ = counting(quarantine=Store())

    @app.insert
    def handle(record: Record) -> None:
        if record.keys["id"] == "b":
            raise Quarantine("no")

    assert state_in(app(road(in_window(make_event(SIX))))) == {"seen": "acdef", "sum": 19}


def test_an_event_nobody_knows_is_taken(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.window
    def note(records: list[Record], state: Any, window: Any) -> Any:
        seen.append(ids(records))
        return state

    event = make_event([make_record(new_image={"id": "a"}, event_name="ARCHIVE")])
    assert app(road(in_window(event)))["batchItemFailures"] == []
    assert seen == ["a"]


def test_a_failure_raises_where_the_mapping_takes_no_partial_answers(road: Road) -> None:
    app, _ = counting(report="raise")
    failing_at(app, "c", "route")
    with pytest.raises(HandlerError, match="does not take partial answers"):
        app(road(in_window(make_event(SIX))))
    assert state_in(app(road(in_window(make_event(SIX[:2]))))) == {"seen": "ab", "sum": 3}


def test_there_is_one_function_for_one_state() -> None:
    app, _ = counting()
    with pytest.raises(ValueError, match="gather is the function of the windows, which have one state"):
        app.window(lambda records, state, window: state)


@pytest.mark.parametrize("given_function", [1, "handler"])
def test_what_is_no_function_is_refused(given_function: Any) -> None:
    with pytest.raises(TypeError, match=r"needs a function that takes \(records, state, window\)"):
        StreamHandler().window()(given_function)
