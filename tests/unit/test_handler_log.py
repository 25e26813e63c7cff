"""The log: each failure once, with what is needed to find the record, and no values."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tailrace import Quarantine, Record, StreamHandler
from tailrace.handler.repeats import Repeats
from tailrace.testing import make_event

SECRET = "no-one-may-read-this"
EVENT = make_event([{"id": "a", "card": SECRET}, {"id": "b", "card": SECRET}])


def fail(record: Record) -> None:
    raise RuntimeError("no")


def test_a_failure_is_logged_once_with_its_error_and_its_record(caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler()
    app.insert(fail)
    app(EVENT)
    (entry,) = caplog.records
    wire = EVENT["Records"][0]
    assert (entry.name, entry.levelno) == ("tailrace", logging.ERROR)
    assert entry.exc_info is not None
    assert repr(entry.exc_info[1]) == "RuntimeError('no')"
    assert entry.exc_info[2] is not None
    expected = {
        "event_id": wire["eventID"],
        "sequence_number": wire["dynamodb"]["SequenceNumber"],
        "route": f"{__name__}.fail",
    }
    assert {name: entry.__dict__[name] for name in expected} == expected
    assert all(value in entry.getMessage() for value in expected.values())


@pytest.mark.parametrize("report", ["partial", "raise"])
def test_a_failure_that_raises_is_logged_once_too(report: Any, caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler(report=report)
    app.insert(fail)
    if report == "raise":
        with pytest.raises(Exception, match="not done"):
            app(EVENT)
    else:
        app(EVENT)
    assert len(caplog.records) == 1


def test_no_value_of_an_item_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler()
    app.insert(lambda record: record.new_image["card"])
    app.insert(fail)
    assert app(EVENT)["batchItemFailures"]
    assert caplog.records
    assert SECRET not in caplog.text
    assert not any(SECRET in str(value) for entry in caplog.records for value in entry.__dict__.values())


def test_a_success_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    app = StreamHandler()
    app.insert(lambda record: None)
    app(EVENT)
    assert not caplog.records


def test_a_malformed_record_has_no_route(caplog: pytest.LogCaptureFixture) -> None:
    event = make_event([{"id": "a"}])
    event["Records"][0]["eventName"] = 5
    StreamHandler()(event)
    (entry,) = caplog.records
    assert entry.__dict__["route"] is None
    assert entry.__dict__["sequence_number"] == event["Records"][0]["dynamodb"]["SequenceNumber"]


def test_it_is_seen_without_any_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    """Python's last resort prints warnings and errors; Lambda's runtime has a handler of its own."""
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        app = StreamHandler()
        app.insert(fail)
        app(EVENT)
    finally:
        root.handlers = handlers
    assert "record failed: eventID" in capsys.readouterr().err


# Repetition


def counts(caplog: pytest.LogCaptureFixture) -> list[int]:
    return [entry.__dict__["occurrence_count"] for entry in caplog.records]


def test_the_same_failure_is_logged_at_doubling_counts(caplog: pytest.LogCaptureFixture) -> None:
    """A poison record comes again for up to a day, every second or so."""
    app = StreamHandler()
    app.insert(fail)
    for _ in range(20):
        app(EVENT)
    assert counts(caplog) == [1, 2, 4, 8, 16]
    assert "(time 16)" in caplog.records[-1].getMessage()
    assert "(time" not in caplog.records[0].getMessage()
    assert all(entry.exc_info for entry in caplog.records)


def test_another_error_route_record_or_handler_is_another_failure(caplog: pytest.LogCaptureFixture) -> None:
    errors: list[type[Exception]] = [RuntimeError, ValueError, RuntimeError]
    app = StreamHandler()

    @app.insert
    def handle(record: Record) -> None:
        raise errors.pop()

    app(EVENT)
    app(EVENT)
    app({"Records": EVENT["Records"][1:]})
    other = StreamHandler()
    other.insert(fail)
    other(EVENT)
    assert counts(caplog) == [1, 1, 1, 1]
    assert [entry.__dict__["error_type"] for entry in caplog.records] == [
        "RuntimeError", "ValueError", "RuntimeError", "RuntimeError",
    ]  # fmt: skip


def test_what_is_set_aside_again_and_what_a_sink_refuses_again_is_counted_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Refusing:
        def write(self, records: Any, *, deadline: Any) -> list[Any]:
            raise OSError("no")

        def close(self) -> None:
            pass

        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            pass

    app = StreamHandler(quarantine=Refusing())

    @app.insert
    def handle(record: Record) -> None:
        if record.keys["id"] == "a":
            raise Quarantine("no")

    app.sink(Refusing())
    for _ in range(5):
        app(EVENT)
    assert counts(caplog) == [1, 1, 2, 2, 4, 4]


def test_what_is_remembered_of_failures_is_bounded() -> None:
    repeats = Repeats(most_keys=3)
    assert [repeats.count(key) for key in "abcabc"] == [1, 1, 1, 2, 2, 2]
    assert [repeats.count(key) for key in "dab"] == [1, 1, 1], "the one not seen for longest went, one after the other"
    assert repeats.count("b") == 2


def test_no_value_is_logged_by_threads_either(caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler(order="per_item", workers=2, attempts=2, backoff_ms=0)
    app.insert(fail)
    app(EVENT)
    assert caplog.records
    assert not any(SECRET in str(value) for entry in caplog.records for value in entry.__dict__.values())
