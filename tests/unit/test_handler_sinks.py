"""Sinks: what each is given, and what its failures come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tailrace import Batch, Quarantine, Record, SinkError, StreamHandler
from tailrace.sinks.base import Deadline, SinkFailure
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
DONE: dict[str, list[Any]] = {"batchItemFailures": []}
EVENT = make_event([{"id": name} for name in "abcde"])


def reported(position: int, event: Any = EVENT) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][position]["dynamodb"]["SequenceNumber"]}]}


class Writing:
    """A sink that keeps what it is given and fails the items it is told to."""

    def __init__(self, *failing: str, error: Exception | None = None) -> None:
        self.failing = failing
        self.error = error
        self.writes: list[str] = []
        self.closed = False

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> list[SinkFailure]:
        self.writes.append("".join(record.keys["id"] for record in records))
        return [
            SinkFailure(record, self.error or OSError(record.keys["id"]))
            for record in records
            if record.keys["id"] in self.failing
        ]

    def close(self) -> None:
        self.closed = True


class Answering(Writing):
    """A sink that answers with whatever it is told to, or does what it is told to."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Any:
        super().write(records, deadline=deadline)
        return self.answer(records) if callable(self.answer) else self.answer


def app_of(*sinks: Any, failing: str = "", quarantined: str = "") -> StreamHandler:
    app = StreamHandler(quarantine=Store())

    @app.on()
    def handle(record: Record) -> None:
        if record.keys["id"] in quarantined:
            raise Quarantine("no")
        if record.keys["id"] in failing:
            raise RuntimeError("no")

    for sink in sinks:
        app.sink(sink)
    return app


class Store:
    """A quarantine that forgets."""

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        pass


def test_a_sink_gets_all_records_in_one_write(road: Road) -> None:
    sink = Writing()
    assert app_of(sink)(road(EVENT)) == DONE
    assert sink.writes == ["abcde"]


def test_a_sink_works_without_any_route(road: Road) -> None:
    app = StreamHandler()
    sink = app.sink(Writing())
    assert app(road(EVENT)) == DONE
    assert sink.writes == ["abcde"]


def test_a_sink_gets_the_records_before_the_first_failure(road: Road) -> None:
    sink = Writing()
    assert app_of(sink, failing="ce")(road(EVENT)) == reported(2)
    assert sink.writes == ["ab"]


def test_a_sink_is_not_called_with_nothing() -> None:
    sink = Writing()
    assert app_of(sink, failing="a")(EVENT) == reported(0)
    assert app_of(sink)({"Records": []}) == DONE
    assert not sink.writes


def test_handlers_run_before_sinks() -> None:
    order: list[str] = []
    app = StreamHandler()
    app.on()(lambda record: order.append(record.keys["id"]))
    app.sink(Answering(lambda records: order.append("write") or []))
    app(EVENT)
    assert order == [*"abcde", "write"]


def test_the_lowest_failure_of_a_sink_is_reported(road: Road) -> None:
    assert app_of(Writing("d", "b"))(road(EVENT)) == reported(1)


def test_the_lowest_failure_of_all_is_reported(road: Road) -> None:
    assert app_of(Writing("b"), failing="d")(road(EVENT)) == reported(1)
    assert app_of(Writing("d"), Writing("b"))(road(EVENT)) == reported(1)
    assert app_of(Writing("b"), Writing("d"))(road(EVENT)) == reported(1)


def test_a_later_sink_gets_only_what_is_before_the_failure() -> None:
    """What lies behind it comes again, to this sink too."""
    first, second, third = Writing("d"), Writing("b"), Writing()
    assert app_of(first, second, third)(EVENT) == reported(1)
    assert [first.writes, second.writes, third.writes] == [["abcde"], ["abc"], ["a"]]


def test_sinks_behind_a_failure_at_the_first_record_get_nothing() -> None:
    second = Writing()
    assert app_of(Writing("a"), second)(EVENT) == reported(0)
    assert not second.writes


def test_a_lower_number_behind_the_failure_is_reported(road: Road) -> None:
    """A redelivered batch may be out of order: what comes after the failure is not done either."""
    records = [
        make_record(new_image={"id": name}, sequence_number=number) for name, number in zip("abc", "382", strict=True)
    ]
    answer = app_of(Writing("b"))(road(make_event(records)))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}


def test_a_quarantined_record_goes_to_no_sink(road: Road) -> None:
    sink = Writing("d")
    assert app_of(sink, quarantined="ac")(road(EVENT)) == reported(3)
    assert sink.writes == ["bde"]


def test_when_all_records_are_quarantined_no_sink_is_called() -> None:
    sink = Writing()
    assert app_of(sink, quarantined="abcde")(EVENT) == DONE
    assert not sink.writes


def _everything_of(records: Sequence[Record]) -> list[SinkFailure]:
    raise OSError("no disk")


def _of_another_batch(records: Sequence[Record]) -> list[SinkFailure]:
    return [SinkFailure(make_record(new_image={"id": "c"}), OSError())]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        7,
        "",
        "stored",
        b"",
        {},
        {"failures": []},
        [OSError()],
        [None],
        _everything_of,
        _of_another_batch,
        lambda records: [SinkFailure(None, OSError())],  # type: ignore[arg-type]
        lambda records: [SinkFailure(records[3], OSError()), "x"],
        lambda records: (yield),
    ],
    ids=lambda answer: getattr(answer, "__name__", repr(answer)),
)
def test_an_answer_that_says_nothing_fails_the_whole_write(
    road: Road, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    second = Writing()
    assert app_of(Answering(answer), second)(road(EVENT)) == reported(0)
    assert not second.writes
    assert len(caplog.records) == 1
    assert "5 records not stored" in caplog.text


def test_the_whole_write_fails_from_its_own_first_record() -> None:
    assert app_of(Answering(None), quarantined="ab")(EVENT) == reported(2)


def test_a_record_of_before_a_failure_is_not_stored_by_a_sink_that_raises() -> None:
    assert app_of(Answering(_everything_of), failing="c")(EVENT) == reported(0)


@pytest.mark.parametrize("form", [list, tuple, iter], ids=["list", "tuple", "iterator"])
def test_failures_may_come_in_any_iterable(form: Any) -> None:
    def answer(records: Sequence[Record]) -> Any:
        return form([SinkFailure(records[2], OSError())])

    assert app_of(Answering(answer))(EVENT) == reported(2)
    assert app_of(Answering(lambda records: form([])))(EVENT) == DONE


def test_a_record_is_known_by_whichever_view_of_it_is_named() -> None:
    def answer(records: Sequence[Record]) -> list[SinkFailure]:
        assert records[3] is not list(records)[3]
        return [SinkFailure(list(records)[3], OSError())]

    assert app_of(Answering(answer))(EVENT) == reported(3)


def test_a_copy_of_a_record_is_none_that_was_given() -> None:
    def answer(records: Sequence[Record]) -> list[SinkFailure]:
        return [SinkFailure(Batch.from_event([records[3].to_dict()])[0], OSError())]

    assert app_of(Answering(answer))(EVENT) == reported(0)


def test_records_with_one_number_are_told_apart() -> None:
    twice = make_event([{"id": "a"}, {"id": "b"}])
    twice["Records"] = [twice["Records"][0], twice["Records"][1], twice["Records"][1]]
    answering, behind = Answering(lambda records: [SinkFailure(records[2], OSError())]), Writing()
    assert app_of(answering, behind)(twice) == reported(1, twice)
    assert behind.writes == ["ab"]


def test_records_through_kinesis_are_known_too(road: Road) -> None:
    event = make_event([{"id": name} for name in "abc"], shape="kinesis")
    number = event["Records"][1]["kinesis"]["sequenceNumber"]
    assert app_of(Writing("b"))(road(event)) == {"batchItemFailures": [{"itemIdentifier": number}]}


def test_each_sink_gets_views_of_its_own() -> None:
    seen: list[Any] = []

    def spoil(records: Sequence[Record]) -> list[SinkFailure]:
        for record in records:
            image = record.new_image
            assert image is not None
            seen.append(dict(image))
            image["id"] = "spoiled"
        return []

    app = StreamHandler()
    app.on()(lambda record: record.new_image.update(id="spoiled"))
    app.sink(Answering(spoil))
    app.sink(Answering(spoil))
    app(make_event([{"id": "a"}]))
    assert seen == [{"id": "a"}] * 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_passes_through(error: type[BaseException]) -> None:
    def end(records: Sequence[Record]) -> Any:
        raise error

    with pytest.raises(error):
        app_of(Answering(end))(EVENT)


def test_an_async_write_is_awaited() -> None:
    class Async(Writing):
        async def write(self, records: Sequence[Record], *, deadline: Deadline) -> Any:  # type: ignore[override]
            return super().write(records, deadline=deadline)

    sink = Async("c")
    assert app_of(sink)(EVENT) == reported(2)
    assert sink.writes == ["abcde"]


def test_a_sink_is_returned_and_not_closed() -> None:
    app, sink = StreamHandler(), Writing()
    assert app.sink(sink) is sink
    app(EVENT)
    assert not sink.closed


class OnlyWrites:
    def write(self, records: Any, *, deadline: Any) -> list[Any]:
        return []


class OnlyCloses:
    def close(self) -> None:
        pass


@pytest.mark.parametrize("given", [None, object(), OnlyWrites(), OnlyCloses(), Writing, print], ids=repr)
def test_what_is_no_sink_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match="a sink is an object with write"):
        StreamHandler().sink(given)


def test_failures_with_one_error_are_logged_once_together(caplog: pytest.LogCaptureFixture) -> None:
    app_of(Writing("b", "c", "d", error=OSError("outage")))(EVENT)
    assert len(caplog.records) == 1
    assert "3 records not stored" in caplog.text
    assert reported(1)["batchItemFailures"][0]["itemIdentifier"] in caplog.text


def test_failures_with_errors_of_their_own_are_logged_each(caplog: pytest.LogCaptureFixture) -> None:
    app_of(Writing("b", "d"))(EVENT)
    assert [entry.getMessage().partition(":")[0] for entry in caplog.records] == ["record not stored"] * 2
    assert [entry.__dict__["route"] for entry in caplog.records] == ["Writing"] * 2
    assert [entry.exc_info[1].args for entry in caplog.records if entry.exc_info and entry.exc_info[1]] == [
        ("b",),
        ("d",),
    ]


def test_the_error_of_a_sink_is_the_cause(road: Road) -> None:
    app = StreamHandler(report="raise")
    app.sink(Answering(None))
    with pytest.raises(Exception, match="not done") as caught:
        app(road(EVENT))
    assert isinstance(caught.value.__cause__, SinkError)
