"""The answer to an event: what is done, what is reported, and what raises."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, HandlerError, Record, StreamHandler
from tailrace.testing import make_event, make_record

DONE: dict[str, list[Any]] = {"batchItemFailures": []}
Road = Callable[[Any], Any]


def reported(record: Record | str) -> dict[str, Any]:
    number = record if isinstance(record, str) else record.sequence_number
    return {"batchItemFailures": [{"itemIdentifier": number}]}


def failing_at(*ids: str, **options: Any) -> tuple[StreamHandler, list[str]]:
    """A handler that fails at these items, and the list of those it was called with."""
    app, seen = StreamHandler(**options), []

    @app.on()
    def handle(record: Record) -> None:
        seen.append(record.keys["id"])
        if record.keys["id"] in ids:
            raise RuntimeError("no")

    return app, seen


def records_of(*numbers: str | None) -> list[dict[str, Any]]:
    """Records in the wire shape with these sequence numbers, the key being the position."""
    wires = []
    for position, number in enumerate(numbers):
        wire = make_record(new_image={"id": str(position)}).to_dict()
        wire["dynamodb"]["SequenceNumber"] = number
        if number is None:
            del wire["dynamodb"]["SequenceNumber"]
        wires.append(wire)
    return wires


def test_all_done_is_exactly_an_empty_list(road: Road) -> None:
    app, seen = failing_at()
    assert app(road(make_event([{"id": "a"}, {"id": "b"}]))) == DONE
    assert seen == ["a", "b"]


def test_it_stops_at_the_first_failure_and_reports_it(road: Road) -> None:
    records = [make_record(new_image={"id": name}) for name in "abcd"]
    app, seen = failing_at("b", "d")
    assert app(road(make_event(records))) == reported(records[1])
    assert seen == ["a", "b"]


def test_the_first_record_failing_is_reported_like_any_other(road: Road) -> None:
    records = [make_record(new_image={"id": name}) for name in "ab"]
    app, _ = failing_at("a")
    assert app(road(make_event(records))) == reported(records[0])


@pytest.mark.parametrize(
    ("numbers", "failing", "lowest"),
    [
        pytest.param(["5", "9", "7", "8"], "2", "7", id="the failing one is the lowest"),
        pytest.param(["9", "8", "7"], "1", "7", id="one that never started is lower"),
        pytest.param(["5", "6", "7"], "0", "5", id="done ones do not count"),
        pytest.param(["9" * 21, "1" + "0" * 21], "0", "9" * 21, id="by value, not by text"),
        pytest.param(["1" + "0" * 39, "9" * 39], "0", "9" * 39, id="beyond 128 bits"),
        pytest.param(["000000000000000000010", "9"], "0", "9", id="zeros in front have no value"),
        pytest.param(["2" + "0" * 5000, "1" + "0" * 5000], "0", "1" + "0" * 5000, id="beyond Python's limit of int()"),
    ],
)
def test_the_lowest_number_of_all_that_is_not_done_is_reported(
    road: Road, numbers: list[str], failing: str, lowest: str
) -> None:
    app, _ = failing_at(failing)
    assert app(road({"Records": records_of(*numbers)})) == reported(lowest)


def test_the_identifier_is_the_text_of_the_wire() -> None:
    app, _ = failing_at("0")
    assert app({"Records": records_of("000000000000000000007")}) == reported("000000000000000000007")


def test_a_low_python_limit_of_digits_changes_nothing() -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        app, _ = failing_at("0")
        assert app({"Records": records_of("2" + "0" * 700, "1" + "0" * 700)}) == reported("1" + "0" * 700)
    finally:
        sys.set_int_max_str_digits(before)


@pytest.mark.parametrize("position", [0, 1], ids=["the failed one", "one that never started"])
def test_a_record_that_is_not_done_and_has_no_number_fails_the_whole_batch(road: Road, position: int) -> None:
    numbers: list[str | None] = ["1", "2", "3"]
    numbers[1 + position] = None
    app, _ = failing_at("1")
    with pytest.raises(HandlerError, match="no SequenceNumber") as caught:
        app(road({"Records": records_of(*numbers)}))
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_done_record_needs_no_number(road: Road) -> None:
    app, _ = failing_at("1")
    assert app(road({"Records": records_of(None, "2")})) == reported("2")


def test_report_raise_raises_for_any_failure(road: Road) -> None:
    app, _ = failing_at("b", report="raise")
    with pytest.raises(HandlerError, match="2 of 3 records are not done") as caught:
        app(road(make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}])))
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert caught.value.sequence_number is not None


def test_report_raise_answers_a_success_like_any_handler(road: Road) -> None:
    app, _ = failing_at(report="raise")
    assert app(road(make_event([{"id": "a"}]))) == DONE


def test_a_failure_in_a_pipe_raises(road: Road) -> None:
    app, _ = failing_at("b")
    with pytest.raises(HandlerError, match="pipe") as caught:
        app(road(make_event([{"id": "a"}, {"id": "b"}], shape="pipes")))
    assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.parametrize("shape", ["lambda", "kinesis", "pipes", "s3", "s3-text", "get-records"])
def test_every_shape_is_handled(road: Road, shape: Any) -> None:
    app, seen = failing_at()
    assert app(road(make_event([{"id": "a"}, {"id": "b"}], shape=shape))) == DONE
    assert seen == ["a", "b"]


def test_an_answer_of_boto3_is_handled() -> None:
    app, seen = failing_at()
    assert app(make_event([{"id": "a"}], shape="botocore")) == DONE
    assert seen == ["a"]


@pytest.mark.parametrize("shape", ["lambda", "s3", "s3-text", "get-records"])
def test_the_number_of_the_stream_is_reported(road: Road, shape: Any) -> None:
    records = [make_record(new_image={"id": name}) for name in "ab"]
    app, _ = failing_at("b")
    assert app(road(make_event(records, shape=shape))) == reported(records[1])


def test_through_kinesis_the_number_of_kinesis_is_reported(road: Road) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}], shape="kinesis")
    app, _ = failing_at("b")
    assert app(road(event)) == reported(event["Records"][1]["kinesis"]["sequenceNumber"])


@pytest.mark.parametrize(
    "form",
    [
        json.dumps,
        lambda event: bytearray(json.dumps(event).encode()),
        lambda event: memoryview(json.dumps(event).encode()),
        MappingProxyType,
    ],
    ids=["str", "bytearray", "memoryview", "Mapping"],
)
def test_every_form_of_an_event_is_handled(form: Callable[[Mapping[str, Any]], Any]) -> None:
    app, seen = failing_at()
    assert app(form(make_event([{"id": "a"}]))) == DONE
    assert seen == ["a"]


@pytest.mark.parametrize("event", [{"Records": []}, []], ids=["Records", "Pipes"])
def test_an_empty_batch_is_a_success(road: Road, event: Any) -> None:
    app, _ = failing_at(report="raise")
    assert app(road(event)) == DONE


@pytest.mark.parametrize(
    "event",
    [
        {"Records": [{"eventSource": "aws:s3", "s3": {"bucket": {"name": "b"}}}]},
        {},
        None,
        "",
        {"detail": {}},
        7,
    ],
    ids=["S3", "empty", "None", "no text", "EventBridge", "number"],
)
def test_what_is_no_stream_event_never_looks_like_a_success(road: Road, event: Any) -> None:
    app, seen = failing_at()
    with pytest.raises(EventFormatError):
        app(road(event))
    assert not seen


@pytest.mark.parametrize("event", [b"", b"{", b'{"Records": [', b'{"Records": []}}', b"\xff"])
def test_broken_json_never_looks_like_a_success(event: bytes) -> None:
    app, _ = failing_at()
    with pytest.raises(EventFormatError):
        app(event)


@pytest.mark.parametrize("name", [5, [], {}], ids=str)
@pytest.mark.parametrize("routed", [True, False], ids=["routed", "without a route"])
def test_a_malformed_record_fails_alone(road: Road, name: object, *, routed: bool) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}])
    event["Records"][1]["eventName"] = name
    app, seen = failing_at() if routed else (StreamHandler(), [])
    assert app(road(event)) == reported(event["Records"][1]["dynamodb"]["SequenceNumber"])
    assert seen == (["a"] if routed else [])


@pytest.mark.parametrize("data", ["no base64!", "bm8ganNvbg==", "e30=", None], ids=str)
def test_a_broken_payload_of_kinesis_fails_alone(road: Road, data: object, caplog: pytest.LogCaptureFixture) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}], shape="kinesis")
    event["Records"][1]["kinesis"]["data"] = data
    app, seen = failing_at()
    assert app(road(event)) == reported(event["Records"][1]["kinesis"]["sequenceNumber"])
    assert seen == ["a"]
    assert event["Records"][1]["kinesis"]["sequenceNumber"] in caplog.text


def test_a_malformed_record_without_a_number_fails_the_whole_batch(road: Road) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}])
    event["Records"][1]["eventName"] = 5
    event["Records"][1]["dynamodb"]["SequenceNumber"] = None
    app, _ = failing_at()
    with pytest.raises(HandlerError) as caught:
        app(road(event))
    assert isinstance(caught.value.__cause__, EventFormatError)


def test_an_id_that_cannot_be_read_does_not_hide_the_failure(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    event = make_event([{"id": "a"}])
    event["Records"][0]["eventID"] = 5
    app, _ = failing_at("a")
    assert app(road(event)) == reported(event["Records"][0]["dynamodb"]["SequenceNumber"])
    assert "RuntimeError" in caplog.text


def test_a_broken_image_fails_its_record_when_it_is_read(road: Road) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}])
    event["Records"][1]["dynamodb"]["NewImage"] = {"id": {"X": "b"}}
    app, read = StreamHandler(), []
    app.insert(lambda record: read.append(record.new_image))
    assert app(road(event)) == reported(event["Records"][1]["dynamodb"]["SequenceNumber"])
    assert read == [{"id": "a"}]


@pytest.mark.parametrize(
    "returned",
    [{"batchItemFailures": [{"itemIdentifier": "1"}]}, {"statusCode": 200}, [], False, "text", 0, object()],
    ids=repr,
)
def test_what_a_handler_returns_never_leaks(returned: object) -> None:
    app = StreamHandler()
    app.insert(lambda record: returned)
    assert app(make_event([{"id": "a"}])) == DONE


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_passes_through(error: type[BaseException]) -> None:
    app = StreamHandler()

    @app.insert
    def interrupted(record: Record) -> None:
        raise error

    with pytest.raises(error):
        app(make_event([{"id": "a"}]))


def test_answers_are_not_shared() -> None:
    app, _ = failing_at()
    first = app(make_event([{"id": "a"}]))
    first["batchItemFailures"].append({"itemIdentifier": "x"})
    assert app(make_event([{"id": "a"}])) == DONE


def test_a_batch_of_another_reading_is_not_needed_for_replay() -> None:
    """What `to_dict` gives is an event again: this is how a quarantined record is replayed."""
    record = Batch.from_event(make_event([{"id": "a"}]))[0]
    app, seen = failing_at()
    assert app({"Records": [record.to_dict()]}) == DONE
    assert seen == ["a"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"order": "random"}, "'sequential' or 'per_item'"),
        ({"workers": 2}, "order='per_item'"),
        ({"order": "per_item", "workers": 0}, "between 1 and 1,000"),
        ({"order": "per_item", "workers": 1001}, "between 1 and 1,000"),
        ({"attempts": 0}, "between 1 and 100"),
        ({"attempts": 101}, "between 1 and 100"),
        ({"backoff_ms": -1}, "from 0 up"),
        ({"numbers": "exact"}, "numbers is"),
        ({"binary": "base64"}, "binary is"),
        ({"sets": "frozenset"}, "sets is"),
        ({"on_error": "ignore"}, "'stop' or 'quarantine'"),
        ({"on_error": "quarantine"}, "needs a store"),
        ({"report": "none"}, "'partial' or 'raise'"),
        ({"report": None}, "'partial' or 'raise'"),
        ({"deadline_margin_ms": -1}, "from 0 up"),
        ({"deadline_margin_ms": float("nan")}, "from 0 up"),
        ({"deadline_margin_ms": float("inf")}, "from 0 up"),
    ],
    ids=str,
)
def test_a_value_that_does_not_exist_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        StreamHandler(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"deadline_margin_ms": "2000"},
        {"deadline_margin_ms": True},
        {"quarantine": object()},
        {"quarantine": "file.db"},
        {"workers": "1"},
        {"workers": True},
        {"workers": 1.0},
        {"attempts": None},
        {"attempts": 2.0},
        {"backoff_ms": "100"},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        StreamHandler(**options)
