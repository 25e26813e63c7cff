"""``@app.batch``: functions of many records, what they get and what becomes of what they answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pydantic
import pytest

from tailrace import Batch, HandlerError, Record, StreamHandler, TypedRecord
from tailrace.idempotency import MemorySeen
from tailrace.sinks import MemorySink
from tailrace.sinks.base import SinkFailure
from tailrace.testing import EventSourceMapping, make_event, make_record
from tests.unit.stage import ids, named, reported

Road = Callable[[Any], Any]
DONE: dict[str, Any] = {"batchItemFailures": []}
SIX = [{"id": name} for name in "abcdef"]


def test_a_function_gets_all_of_its_records_in_one_list(road: Road) -> None:
    app, seen = StreamHandler(), []
    assert app.batch(seen.append) == seen.append
    app.batch("INSERT")(seen.append)
    app.batch("REMOVE")(seen.append)
    app.batch(where={"dynamodb": {"Keys": {"id": {"S": ["b", "d"]}}}})(seen.append)
    app.batch("INSERT", "REMOVE", changed="id", new="c")(seen.append)
    assert app(road(make_event(SIX))) == DONE
    assert [type(each) for each in seen] == [list] * 4
    assert list(map(ids, seen)) == ["abcdef", "abcdef", "bd", "c"]


def test_a_function_without_records_is_not_called(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.batch("MODIFY")(seen.append)
    app.batch(where={"eventID": ["nothing"]})(seen.append)
    assert app(road(make_event(SIX))) == DONE
    assert app(road({"Records": []})) == DONE
    assert not seen


@pytest.mark.parametrize("order", ["sequential", "per_item"])
def test_routes_come_first_then_batches_then_sinks(road: Road, order: Any) -> None:
    app, seen = StreamHandler(order=order), []

    class Sink(MemorySink):
        def write(self, records: Any, *, deadline: Any) -> Any:
            seen.append(f"sink {ids(records)}")
            return super().write(records, deadline=deadline)

    app.sink(Sink())
    app.batch(lambda records: seen.append(f"first {ids(records)}"))
    app.batch("INSERT")(lambda records: seen.append(f"second {ids(records)}"))
    app.insert(lambda record: seen.append(record.keys["id"]))
    assert app(road(make_event(SIX[:2]))) == DONE
    assert sorted(seen[:2]) == ["a", "b"]
    assert seen[2:] == ["first ab", "second ab", "sink ab"]


def test_a_function_gets_what_lies_before_the_first_failure(road: Road) -> None:
    app, seen, sink = StreamHandler(), [], MemorySink()

    @app.insert
    def handle(record: Record) -> None:
        if record.keys["id"] == "e":
            raise RuntimeError

    app.batch(seen.append)

    @app.batch
    def index(records: list[Record]) -> list[Record]:
        return named(records, "cd")

    app.batch(seen.append)
    app.sink(sink)
    event = make_event(SIX)
    assert app(road(event)) == reported(event, 2)
    assert list(map(ids, seen)) == ["abcd", "ab"]
    assert ids(sink.records) == "ab"


def answers() -> list[Any]:
    return [
        lambda records: named(records, "c"),
        lambda records: named(records, "ec"),
        lambda records: tuple(named(records, "cde")),
        lambda records: iter(named(records, "fc")),
        lambda records: {record for record in records if record.keys["id"] in "cf"},
        lambda records: [(record, OSError("no")) for record in named(records, "cd")],
        lambda records: [SinkFailure(record, OSError("no")) for record in named(records, "dc")],
        lambda records: [named(records, "e")[0], (named(records, "c")[0], OSError("no"))],
        lambda records: named(records, "c") * 2,
    ]


CURRENT = make_event(SIX)


@pytest.mark.parametrize("answer", answers())
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_the_lowest_failure_is_reported(answer: Any, kind: str) -> None:
    app = StreamHandler()
    if kind == "plain":
        app.batch(answer)
    else:

        @app.batch
        async def index(records: list[Record]) -> Any:
            return answer(records)

    assert app(CURRENT) == reported(CURRENT, 2)


@pytest.mark.parametrize("nothing", [None, [], (), iter([]), {"a": 1}.keys() - {"a"}])
def test_nothing_means_that_all_are_done(road: Road, nothing: Any) -> None:
    app = StreamHandler()
    app.batch(lambda records: nothing)
    assert app(road(make_event(SIX))) == DONE


RUBBISH: list[Any] = [
    lambda records: 6,
    lambda records: True,
    lambda records: False,
    lambda records: records[2],
    lambda records: "100000000000000000001",
    lambda records: b"",
    lambda records: {"batchItemFailures": []},
    lambda records: {},
    lambda records: [records[2].sequence_number],
    lambda records: [records[2].event_id],
    lambda records: [None],
    lambda records: [records[2], 1],
    lambda records: [(records[2], "no")],
    lambda records: [(records[2], OSError)],
    lambda records: [(records[2], None, None)],
    lambda records: [(records[2],)],
    lambda records: [(OSError(), records[2])],
    lambda records: [make_record(new_image={"id": "another"})],
    lambda records: list(Batch.from_event(make_event(SIX))),
    lambda records: (yield),
]


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_anything_else_fails_all_from_the_first(road: Road, rubbish: Any, caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler()
    app.batch(rubbish)
    event = make_event(SIX)
    assert app(road(event)) == reported(event, 0)
    (entry,) = caplog.records
    assert entry.getMessage().startswith("6 records failed together, the first of them: eventID")
    assert entry.exc_info is not None
    assert isinstance(entry.exc_info[1], HandlerError)


def test_an_error_names_its_first_record_and_what_is_right(road: Road) -> None:
    app = StreamHandler(report="raise")

    @app.batch
    def index(records: list[Record]) -> Any:
        return {"failed": 0}

    with pytest.raises(HandlerError) as caught:
        app(road(make_event(SIX)))
    assert "index returned dict" in str(caught.value.__cause__)
    assert "return None when all is" in str(caught.value.__cause__)


@pytest.mark.parametrize("kind", ["plain", "async"])
def test_a_raise_fails_from_the_first_record_of_its_own(
    road: Road, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    app, sink = StreamHandler(), MemorySink()
    where = {"dynamodb": {"Keys": {"id": {"S": ["c", "d"]}}}}
    if kind == "plain":

        @app.batch(where=where)
        def index(records: list[Record]) -> None:
            raise OSError("no")
    else:

        @app.batch(where=where)
        async def index_later(records: list[Record]) -> None:
            raise OSError("no")

    app.sink(sink)
    event = make_event(SIX)
    assert app(road(event)) == reported(event, 2)
    assert ids(sink.records) == "ab"
    (entry,) = caplog.records
    assert entry.getMessage().startswith("2 records failed together")
    assert entry.__dict__["error_type"] == "OSError"
    assert entry.__dict__["sequence_number"] == event["Records"][2]["dynamodb"]["SequenceNumber"]


def test_a_raise_is_tried_again_with_all_of_them(road: Road) -> None:
    app, seen = StreamHandler(attempts=3, backoff_ms=0), []

    @app.batch
    def index(records: list[Record]) -> None:
        seen.append(ids(records))
        records.clear()
        if len(seen) < 3:
            raise OSError

    assert app(road(make_event(SIX))) == DONE
    assert seen == ["abcdef"] * 3


def test_what_it_returns_is_not_tried_again(road: Road) -> None:
    app, seen = StreamHandler(attempts=3, backoff_ms=0), []

    @app.batch
    def index(records: list[Record]) -> list[Record]:
        seen.append(ids(records))
        return records[1:2]

    event = make_event(SIX)
    assert app(road(event)) == reported(event, 1)
    assert seen == ["abcdef"]


def test_no_other_attempt_is_made_for_which_the_time_does_not_last() -> None:
    class Context:
        def get_remaining_time_in_millis(self) -> float:
            return 10

    app, seen = StreamHandler(attempts=5, backoff_ms=1e9), []

    @app.batch
    def index(records: list[Record]) -> None:
        seen.append(ids(records))
        raise OSError

    event = make_event(SIX)
    assert app(event, Context()) == reported(event, 0)
    assert seen == ["abcdef"]


def test_it_is_called_however_little_time_is_left() -> None:
    """Or its records would never be done where the routes before it use up the time of every invocation."""

    class Context:
        left_ms = 1000.0

        def get_remaining_time_in_millis(self) -> float:
            self.left_ms -= 300
            return self.left_ms

    app, seen = StreamHandler(deadline_margin_ms=100), []
    app.insert(lambda record: None)
    app.batch(lambda records: seen.append(ids(records)))
    event = make_event(SIX)
    answer = app(event, Context())
    assert seen == ["ab"]
    assert answer == reported(event, 2)


class Item(pydantic.BaseModel):
    id: str
    n: int = 0


def test_a_model_gives_typed_records(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.batch("INSERT", model=Item)
    def index(records: list[TypedRecord[Item]]) -> Any:
        seen.extend(record.new_image for record in records)
        return [records[2], (records[3], OSError())]

    event = make_event(SIX)
    assert app(road(event)) == reported(event, 2)
    assert seen == [Item(id=name) for name in "abcdef"]


def test_a_record_of_which_a_condition_cannot_be_judged_fails_alone(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.batch("MODIFY", changed="n")(lambda records: seen.append(ids(records)))
    first = make_record(old_image={"id": "a"}, new_image={"id": "a", "n": 1})
    without_old = make_record(new_image={"id": "b", "n": 1}, event_name="MODIFY")
    event = make_event([first, without_old, make_record(old_image={"id": "c"}, new_image={"id": "c", "n": 1})])
    assert app(road(event)) == reported(event, 1)
    assert seen == ["a"]


def test_an_event_nobody_knows_is_taken_by_a_function_of_every_event(road: Road) -> None:
    event = make_event([make_record(new_image={"id": "a"}, event_name="ARCHIVE")])
    app, seen = StreamHandler(), []
    app.batch("INSERT", "MODIFY", "REMOVE")(lambda records: seen.append(ids(records)))
    app.batch(where={"eventID": ["nothing"]})(lambda records: seen.append(ids(records)))
    assert app(road(event)) == reported(event, 0)
    app.batch(lambda records: seen.append(ids(records)))
    assert app(road(event)) == DONE
    assert seen == ["a"]


def test_a_malformed_record_is_a_failure_with_batch_routes_alone(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.batch("INSERT")(lambda records: seen.append(ids(records)))
    event = make_event(SIX)
    event["Records"][3]["eventName"] = 5
    assert app(road(event)) == reported(event, 3)
    assert seen == ["abc"]


def test_a_record_that_was_handled_before_is_among_its_records_again(road: Road) -> None:
    """Its own effect may have failed the first time, and nobody has noted that."""
    app, routed, gathered = StreamHandler(idempotency=MemorySeen()), [], []
    app.insert(lambda record: routed.append(record.keys["id"]))

    @app.batch
    def index(records: list[Record]) -> Any:
        gathered.append(ids(records))
        return records[1:] if len(gathered) == 1 else None

    event = make_event(SIX[:3])
    assert app(road(event)) == reported(event, 1)
    assert app(road(event)) == DONE
    assert routed == ["a", "b", "c"]
    assert gathered == ["abc", "abc"]


def test_it_may_take_the_context() -> None:
    app, seen, context = StreamHandler(), [], object()
    app.batch(lambda records, context: seen.append(context))
    app.batch(lambda records, retries=3: seen.append(retries))
    app(make_event(SIX), context)
    assert seen == [context, 3]


def test_views_are_its_own(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.insert
    def spoil(record: Record) -> None:
        assert record.new_image is not None
        record.new_image["id"] = "spoilt"

    app.batch(lambda records: seen.extend(record.new_image["id"] for record in records))
    app(road(make_event(SIX)))
    assert seen == list("abcdef")


def test_metrics_count_its_records_as_handled(road: Road) -> None:
    class Metrics:
        def emit(self, invocation: Any) -> None:
            outcomes.append(invocation)

    outcomes: list[Any] = []
    app = StreamHandler(metrics=Metrics())
    app.batch(where={"dynamodb": {"Keys": {"id": {"S": ["b", "c", "e"]}}}})(lambda records: records[2:])
    event = make_event(SIX)
    assert app(road(event)) == reported(event, 4)
    (counts,) = outcomes[0].records.values()
    assert (counts.received, counts.processed, counts.skipped, counts.failed, counts.returned) == (6, 2, 2, 1, 2)


@pytest.mark.parametrize("given", [1, "handler", None])
def test_what_is_no_function_is_refused(given: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        StreamHandler().batch(given)
    with pytest.raises(TypeError, match=r"needs a function that takes \(records\)"):
        StreamHandler().batch()(given)


def test_options_are_those_of_on() -> None:
    app = StreamHandler()
    with pytest.raises(ValueError, match="no event is named"):
        app.batch("insert")
    with pytest.raises(ValueError, match="could never match"):
        app.batch("INSERT", changed="a", old=1)
    with pytest.raises(TypeError, match="give it too"):
        app.batch(old=1)


@pytest.mark.parametrize("poison", ["", "a", "c", "f", "bd", "abcdef"])
@pytest.mark.parametrize("batch_size", [1, 2, 6])
def test_nothing_is_lost_behind_a_mapping(poison: str, batch_size: int) -> None:
    """Each record is handled until it succeeds, in order, however often its neighbours fail."""
    app, done, tries = StreamHandler(), [], Counter[str]()

    @app.batch
    def index(records: list[Record]) -> Any:
        tries.update(ids(records))
        failed = [record for record in named(records, poison) if tries[record.keys["id"]] < 3]
        done.extend(ids(record for record in records if record not in failed))
        return failed

    report = EventSourceMapping(app, batch_size=batch_size).deliver(make_event(SIX))
    assert len(report.done) == 6
    assert not report.discarded
    assert set(done) == set("abcdef")
