"""Routes and sinks with ``where=``: what they see, that the rest is done, and that no broken record is."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tailrace import (
    Batch,
    EventFormatError,
    FilterCriteria,
    FilterPatternError,
    HandlerError,
    Quarantine,
    Record,
    StreamHandler,
)
from tailrace.sinks import MemorySink
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
DONE: dict[str, Any] = {"batchItemFailures": []}
PAID = {"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}}}}
KNOWN_BY_ID = {"dynamodb": {"Keys": {"id": {"S": ["a", "c"]}}}}
CHANGED = FilterCriteria({"dynamodb": {"NewImage": {"status": [{"changed": True}]}}}, dialect="extended")


def handling(**options: Any) -> tuple[StreamHandler, list[Record]]:
    """An app, and a list for its routes to fill."""
    return StreamHandler(**options), []


def orders(*statuses: str) -> list[Record]:
    """One INSERT each, with the ids a, b, c, ..."""
    return [
        make_record(new_image={"id": name, "status": status})
        for name, status in zip("abcdefgh", statuses, strict=False)
    ]


def ids(seen: list[Record]) -> str:
    return "".join(record.keys["id"] for record in seen)


def reported(record: Record | dict[str, Any]) -> dict[str, Any]:
    number = record.sequence_number if isinstance(record, Record) else record["dynamodb"]["SequenceNumber"]
    return {"batchItemFailures": [{"itemIdentifier": number}]}


def breaking(event: dict[str, Any], position: int) -> dict[str, Any]:
    """The event with a record whose change cannot be read where a filter has to."""
    event["Records"][position]["dynamodb"]["NewImage"] = {"status": {"S": _deep()}}
    return event


def _deep() -> Any:
    nested: Any = "x"
    for _ in range(300):
        nested = [nested]
    return nested


FORMS: list[Any] = [
    FilterCriteria(PAID),
    FilterCriteria(PAID, dialect="eventbridge"),
    FilterCriteria({"dynamodb": {"NewImage": {"status": ["PAID"]}}}, dialect="extended"),
    PAID,
    json.dumps(PAID),
    [PAID, {"eventName": ["ARCHIVE"]}],
    {"Filters": [{"Pattern": json.dumps(PAID)}]},
]


@pytest.mark.parametrize("where", FORMS, ids=lambda where: type(where).__name__)
def test_a_route_sees_what_passes_its_filter(road: Road, where: Any) -> None:
    app, seen = handling()
    app.insert(where=where)(seen.append)
    app.on("INSERT", where=where)(seen.append)
    app.on(where=where)(seen.append)
    app.insert(seen.append, where=where)
    app.on(seen.append, where=where)
    app.modify(where=where)(seen.append)
    app.remove(where=where)(seen.append)
    assert app(road(make_event(orders("PAID", "NEW", "PAID")))) == DONE
    assert ids(seen) == "aaaaaccccc"


@pytest.mark.parametrize("name", ["insert", "modify", "remove"])
def test_each_decorator_takes_a_filter(road: Road, name: str) -> None:
    app, seen = handling()
    getattr(app, name)(where=KNOWN_BY_ID)(seen.append)
    images = {"insert": ("new_image",), "modify": ("old_image", "new_image"), "remove": ("old_image",)}[name]
    every: list[dict[str, Any]] = [{image: {"id": each} for image in images} for each in "abcd"]
    batch = [make_record(**each) for each in every]
    others = [make_record(new_image={"id": "a"}), make_record(old_image={"id": "a"})]
    others += [make_record(old_image={"id": "a"}, new_image={"id": "a"})]
    others = [record for record in others if record.event_name != batch[0].event_name]
    assert app(road(make_event([*batch, *others]))) == DONE
    assert ids(seen) == "ac"


def test_a_filter_is_that_of_its_own_route(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.insert(where=PAID)(lambda record: seen.append(("paid", record.keys["id"])))
    app.insert(lambda record: seen.append(("any", record.keys["id"])))
    app.on("INSERT", "REMOVE", where=KNOWN_BY_ID)(lambda record: seen.append(("known", record.keys["id"])))
    assert app(road(make_event(orders("NEW", "PAID", "PAID")))) == DONE
    assert seen == [
        ("any", "a"), ("known", "a"), ("paid", "b"), ("any", "b"), ("paid", "c"), ("any", "c"), ("known", "c"),
    ]  # fmt: skip


def test_one_function_may_have_many_filters(road: Road) -> None:
    app, seen = handling()

    @app.insert(where=PAID)
    @app.on("INSERT", where=KNOWN_BY_ID)
    def handle(record: Record) -> None:
        seen.append(record)

    assert app(road(make_event(orders("NEW", "PAID", "PAID", "NEW")))) == DONE
    assert ids(seen) == "abcc"


def changes() -> Iterator[Record]:
    for old, new in itertools.product(["NEW", "PAID", None], repeat=2):
        images = [{"id": "a", "status": status} if status else {"id": "a"} for status in (old, new)]
        yield make_record(old_image=images[0], new_image=images[1])


@pytest.mark.parametrize("options", [{}, {"old": "NEW"}, {"new": "PAID"}, {"old": "NEW", "new": "PAID"}])
@pytest.mark.parametrize("where", [PAID, {"dynamodb": {"OldImage": {"status": {"S": [{"exists": True}]}}}}])
def test_a_filter_and_a_change_must_both_hold(road: Road, options: Any, where: Any) -> None:
    batch = list(changes())
    app, seen = handling()
    app.modify(changed="status", where=where, **options)(seen.append)
    assert app(road(make_event(batch))) == DONE
    criteria = FilterCriteria(where)
    expected = [record for record in batch if criteria.matches(record) and record.changed("status", **options)]
    assert 0 < len(expected) < len(batch)
    assert [record.sequence_number for record in seen] == [record.sequence_number for record in expected]


def test_what_does_not_pass_is_not_asked_what_changed(road: Road) -> None:
    """A record without its images fails a route that asks what changed; here the filter has asked first."""
    app, seen = handling()
    app.modify(changed="status", where={"eventID": ["nothing"]})(seen.append)
    record = make_record(old_image={"id": "a"}, new_image={"id": "a"}, keys="id", stream_view_type="KEYS_ONLY")
    assert app(road(make_event([record]))) == DONE
    app.modify(changed="status", where={"eventName": ["MODIFY"]})(seen.append)
    assert app(road(make_event([record]))) == reported(record)


def test_a_filter_that_needs_images_fails_a_record_without_them(road: Road) -> None:
    app, seen = handling(report="raise")
    app.on(where=CHANGED)(seen.append)
    record = make_record(old_image={"id": "a"}, new_image={"id": "a"}, keys="id", stream_view_type="NEW_IMAGE")
    with pytest.raises(HandlerError) as caught:
        app(road(make_event([record])))
    assert isinstance(caught.value.__cause__, EventFormatError)
    assert caught.value.__cause__.sequence_number == record.sequence_number
    assert not seen


def test_no_record_is_made_that_no_route_wants(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taken of the batch is what is made: nothing else turns one into Records here."""
    from tailrace.handler import sequential

    taken: list[Any] = []
    records = sequential._records

    def taking(batch: Batch, positions: Any) -> Batch:
        taken.append(list(positions))
        return records(batch, positions)

    monkeypatch.setattr(sequential, "_records", taking)
    app, seen = handling()
    app.insert(where=PAID)(seen.append)
    app.modify(seen.append)
    app.on("REMOVE", where=KNOWN_BY_ID)(seen.append)
    batch = [*orders("NEW", "PAID", "NEW"), *changes(), make_record(old_image={"id": "a"})]
    batch += [make_record(old_image={"id": "b"}), make_record(old_image={"id": "a", "status": "PAID"})]
    assert app(road(make_event(batch))) == DONE
    assert taken == [[1, *range(3, 12), 12, 14]]
    assert [record.sequence_number for record in seen] == [batch[position].sequence_number for position in taken[0]]


def test_each_filter_is_asked_once_for_a_batch(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    from tailrace.handler import verdicts

    asked: list[FilterCriteria] = []
    matches = verdicts._matches

    def asking(batch: Batch, where: FilterCriteria) -> Any:
        asked.append(where)
        return matches(batch, where)

    monkeypatch.setattr(verdicts, "_matches", asking)
    app, sink = StreamHandler(), MemorySink()
    for where in (PAID, FilterCriteria(PAID), json.dumps(PAID, separators=(",", ":")), KNOWN_BY_ID):
        app.on(where=where)(lambda record: None)
    app.sink(sink, where=PAID)
    assert app(road(make_event(orders("NEW", "PAID", "NEW")))) == DONE
    of_the_user = [where for where in asked if "eventName" not in where.patterns[0]]
    assert sorted(of_the_user, key=hash) == sorted([FilterCriteria(PAID), FilterCriteria(KNOWN_BY_ID)], key=hash)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("where", [PAID, FilterCriteria(PAID)])
def test_a_record_that_a_filter_cannot_judge_fails_alone(
    road: Road, position: int, where: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app, seen = handling()
    app.insert(where=where)(seen.append)
    event = breaking(make_event(orders("PAID", "PAID", "PAID")), position)
    assert app(road(event)) == reported(event["Records"][position])
    assert ids(seen) == "abc"[:position]
    assert caplog.records[0].__dict__["sequence_number"] == event["Records"][position]["dynamodb"]["SequenceNumber"]


def test_a_broken_record_is_no_failure_of_a_route_of_another_event(road: Road) -> None:
    app, seen = handling()
    app.modify(where=PAID)(seen.append)
    app.remove(where=PAID)(seen.append)
    assert app(road(breaking(make_event(orders("PAID", "PAID")), 1))) == DONE


def test_a_broken_record_is_set_aside_where_every_error_is(road: Road) -> None:
    store = Store()
    app, seen = handling(on_error="quarantine", quarantine=store)
    app.insert(where=PAID)(seen.append)
    event = breaking(make_event(orders("PAID", "PAID", "PAID")), 1)
    assert app(road(event)) == DONE
    assert ids(seen) == "ac"
    assert [(number, error) for number, error, _ in store] == [
        (event["Records"][1]["dynamodb"]["SequenceNumber"], EventFormatError)
    ]


class Store(list[Any]):
    """A quarantine in memory."""

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        self.append((record.sequence_number, type(error), route))


def test_a_handler_may_set_aside_what_passed(road: Road) -> None:
    store, sink = Store(), MemorySink()
    app = StreamHandler(quarantine=store)
    app.sink(sink, where=PAID)

    @app.insert(where=KNOWN_BY_ID)
    def refuse(record: Record) -> None:
        raise Quarantine("no")

    assert app(road(make_event(orders("PAID", "PAID", "NEW", "PAID")))) == DONE
    assert [error for _, error, _ in store] == [Quarantine] * 2
    assert ids(list(sink.records)) == "bd"


@pytest.mark.parametrize("report", ["partial", "raise"])
def test_a_failing_handler_is_reported_among_what_is_passed_by(road: Road, report: Any) -> None:
    app = StreamHandler(report=report)

    @app.insert(where=PAID)
    def fail(record: Record) -> None:
        raise RuntimeError(record.keys["id"])

    batch = orders("NEW", "NEW", "PAID", "NEW", "PAID")
    if report == "raise":
        with pytest.raises(HandlerError) as caught:
            app(road(make_event(batch)))
        assert str(caught.value.__cause__) == "c"
    else:
        assert app(road(make_event(batch))) == reported(batch[2])


@pytest.mark.parametrize("shape", ["lambda", "kinesis", "pipes"])
@pytest.mark.parametrize("report", ["partial", "raise"])
def test_what_nobody_wants_is_done_in_every_shape(road: Road, shape: Any, report: Any) -> None:
    (app, seen), sink = handling(report=report), MemorySink()
    app.insert(where=PAID)(seen.append)
    app.sink(sink, where=PAID)
    assert app(road(make_event(orders("NEW", "NEW"), shape=shape))) == DONE
    assert app(road(make_event(orders("NEW", "PAID", "NEW"), shape=shape))) == DONE
    assert ids(seen) == ids(list(sink.records)) == "b"


def test_async_handlers_are_awaited_for_what_passes(road: Road) -> None:
    app, seen = handling()

    @app.insert(where=PAID)
    async def paid(record: Record) -> None:
        seen.append(record)

    @app.insert(where=KNOWN_BY_ID)
    async def known(record: Record) -> None:
        raise RuntimeError

    batch = orders("NEW", "PAID", "PAID")[1:]
    assert app(road(make_event(batch))) == reported(batch[1])
    assert ids(seen) == "bc"


def test_time_is_not_spent_on_what_nobody_wants(road: Road) -> None:
    """The first record that is wanted starts whatever the time, and the next is where to go on."""

    class OutOfTime:
        def get_remaining_time_in_millis(self) -> int:
            return 0

    app, seen = handling()
    app.insert(where=PAID)(seen.append)
    batch = orders("NEW", "NEW", "PAID", "NEW", "PAID", "NEW")
    assert app(road(make_event(batch)), OutOfTime()) == reported(batch[4])
    assert ids(seen) == "c"
    assert app(road(make_event(batch[:4])), OutOfTime()) == DONE


def unknown_event(status: str = "NEW") -> list[Record]:
    return [make_record(new_image={"id": "a", "status": status}, event_name="ARCHIVE")]


@pytest.mark.parametrize("name", ["insert", "modify", "remove"])
def test_an_event_that_nobody_knows_fails_whatever_the_filters_of_other_events(road: Road, name: str) -> None:
    app = StreamHandler()
    getattr(app, name)(where=PAID)(lambda record: None)
    batch = unknown_event()
    assert app(road(make_event(batch))) == reported(batch[0])


def test_an_event_that_nobody_knows_is_never_skipped(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    (app, seen), sink = handling(), MemorySink()
    app.on(where=PAID)(seen.append)
    batch = unknown_event()
    assert app(road(make_event(batch))) == reported(batch[0])
    assert "no filter of a route or sink lets it through" in caplog.text
    assert app(road(make_event(unknown_event("PAID")))) == DONE
    assert len(seen) == 1
    app.sink(sink, where=KNOWN_BY_ID)
    assert app(road(make_event(batch))) == DONE
    assert len(sink.records) == 1
    assert len(seen) == 1


def test_a_filter_of_a_sink_does_not_make_an_unknown_event_done(road: Road) -> None:
    app, sink = StreamHandler(), MemorySink()
    app.sink(sink, where=PAID)
    batch = unknown_event()
    assert app(road(make_event(batch))) == reported(batch[0])
    assert not sink.records
    assert app(road(make_event(unknown_event("PAID")))) == DONE


def test_a_sink_gets_what_passes_its_filter(road: Road) -> None:
    app, sinks = StreamHandler(), [MemorySink() for _ in range(4)]
    for sink, where in zip(sinks, [PAID, KNOWN_BY_ID, None, {"eventName": ["REMOVE"]}], strict=True):
        assert app.sink(sink, where=where) is sink
    assert app(road(make_event(orders("NEW", "PAID", "PAID", "NEW")))) == DONE
    assert [ids(list(sink.records)) for sink in sinks] == ["bc", "ac", "abcd", ""]


class Failing(MemorySink):
    """Stores nothing of what it is given."""

    def write(self, records: Any, *, deadline: Any) -> Any:
        super().write(records, deadline=deadline)
        raise OSError


def test_a_sink_that_fails_fails_the_first_record_of_its_own(road: Road) -> None:
    app, behind = StreamHandler(), MemorySink()
    app.sink(Failing(), where=PAID)
    app.sink(behind)
    batch = orders("NEW", "NEW", "PAID", "NEW", "PAID")
    assert app(road(make_event(batch))) == reported(batch[2])
    assert ids(list(behind.records)) == "ab"


def test_a_sink_that_wants_nothing_is_not_called(road: Road) -> None:
    app, behind = StreamHandler(), MemorySink()
    app.sink(Failing(), where=PAID)
    app.sink(behind)
    assert app(road(make_event(orders("NEW", "NEW")))) == DONE
    assert ids(list(behind.records)) == "ab"


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_record_that_the_filter_of_a_sink_cannot_judge_is_where_to_go_on(
    road: Road, position: int, caplog: pytest.LogCaptureFixture
) -> None:
    app, filtered, behind = StreamHandler(), MemorySink(), MemorySink()
    app.sink(filtered, where=PAID)
    app.sink(behind, where=KNOWN_BY_ID)
    event = breaking(make_event(orders("PAID", "PAID", "PAID")), position)
    assert app(road(event)) == reported(event["Records"][position])
    assert ids(list(filtered.records)) == "abc"[:position]
    assert ids(list(behind.records)) == "abc"[:position].replace("b", "")
    (entry,) = caplog.records
    assert entry.__dict__["sequence_number"] == event["Records"][position]["dynamodb"]["SequenceNumber"]
    assert entry.__dict__["route"] == "MemorySink"


def test_what_a_handler_does_to_an_image_decides_no_filter(road: Road) -> None:
    (app, seen), sink = handling(), MemorySink()

    @app.insert
    def spoil(record: Record) -> None:
        assert record.new_image is not None
        record.new_image["status"] = "PAID"

    app.insert(where=PAID)(seen.append)
    app.sink(sink, where=PAID)
    assert app(road(make_event(orders("NEW", "NEW")))) == DONE
    assert not seen
    assert not sink.records


def test_a_pattern_that_is_changed_later_does_not_change_the_route(road: Road) -> None:
    pattern: dict[str, Any] = {"eventName": ["INSERT"]}
    app, seen = handling()
    app.on(where=pattern)(seen.append)
    pattern["eventName"][0] = "REMOVE"
    assert app(road(make_event(orders("NEW")))) == DONE
    assert ids(seen) == "a"


def test_a_decorator_gives_the_function_back() -> None:
    app = StreamHandler()
    for decorator in (app.insert, app.modify, app.remove, app.on):
        assert decorator(where=PAID)(print) is print
        assert decorator(print, where=PAID) is print


def takes_where() -> Iterator[Callable[..., Any]]:
    app = StreamHandler()
    yield from (app.insert, app.modify, app.remove, app.on)
    yield lambda where: app.on("INSERT", where=where)
    yield lambda where: app.sink(MemorySink(), where)


@pytest.mark.parametrize("register", list(takes_where()), ids=["insert", "modify", "remove", "on", "on one", "sink"])
def test_a_filter_that_is_refused_is_so_at_once(register: Callable[..., Any]) -> None:
    with pytest.raises(FilterPatternError, match="did you mean"):
        register(where={"eventName": [{"perfix": "M"}]})
    with pytest.raises(FilterPatternError, match=r"wildcard.*eventbridge"):
        register(where={"eventName": [{"wildcard": "M*"}]})
    with pytest.raises(FilterPatternError):
        register(where=5)
    with pytest.raises(TypeError, match="not the function takes_where: call it"):
        register(where=takes_where)


def test_an_empty_event_is_a_success(road: Road) -> None:
    app = StreamHandler()
    app.insert(where=PAID)(print)
    app.sink(MemorySink(), where=PAID)
    assert app(road({"Records": []})) == DONE
