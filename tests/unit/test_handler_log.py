"""The log: each failure once, with what is needed to find the record, and no values."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tailrace import Record, StreamHandler
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
