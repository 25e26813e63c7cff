"""Each invocation in numbers: what they count, and the lines that CloudWatch makes metrics of."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailrace import EventFormatError, HandlerError, Quarantine, Record, StreamHandler
from tailrace.idempotency import MemorySeen
from tailrace.metrics import CloudWatchMetrics, EmfMetrics, InvocationMetrics, RecordCounts
from tailrace.sinks import MemorySink, SinkFailure, SqliteQuarantine
from tailrace.testing import make_event, make_record
from tests.reference import emf

Road = Callable[[Any], Any]
FIRST_DIMENSIONS = {"Service": "orders"}
COUNTS = ("received", "processed", "failed", "returned", "skipped", "quarantined", "deduplicated")


class Kept(list[InvocationMetrics]):
    """Keeps what it is given."""

    def emit(self, invocation: InvocationMetrics) -> None:
        self.append(invocation)

    def total(self, count: str) -> int:
        return sum(getattr(counts, count) for counts in self[-1].records.values())

    def totals(self) -> dict[str, int]:
        """Those that are not 0."""
        return {count: total for count in COUNTS if (total := self.total(count))}


@pytest.fixture
def kept() -> Kept:
    return Kept()


def records(names: str) -> dict[str, Any]:
    """Records named by what happened to them: upper case INSERT, lower case MODIFY, a digit REMOVE."""
    made = []
    for name in names:
        if name.isdigit():
            made.append(make_record(old_image={"id": name}))
        elif name.isupper():
            made.append(make_record(new_image={"id": name}))
        else:
            made.append(make_record(old_image={"id": name, "v": 1}, new_image={"id": name, "v": 2}))
    return make_event(made)


def failing_at(names: str, error: Exception | None = None) -> Callable[[Record], None]:
    def route(record: Record) -> None:
        if record.keys["id"] in names:
            raise error or RuntimeError("no")

    return route


def test_what_is_done_is_processed_by_table_and_event(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.on()(failing_at(""))
    app(road(records("ABb1")))
    (invocation,) = kept
    assert invocation.records == {
        ("table", "INSERT"): RecordCounts(received=2, processed=2),
        ("table", "MODIFY"): RecordCounts(received=1, processed=1),
        ("table", "REMOVE"): RecordCounts(received=1, processed=1),
    }
    assert all(type(event) is str for _, event in invocation.records)
    assert invocation.batch_size == 4
    assert (invocation.first_undone, invocation.error, invocation.low_watermark_stall) == (None, None, 0)


def test_what_comes_again_is_returned_and_what_failed_itself_has_failed(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.on()(failing_at("C"))
    event = records("ABCDE")
    app(road(event))
    assert kept.totals() == {"received": 5, "processed": 2, "failed": 1, "returned": 3}
    assert kept[0].first_undone == event["Records"][2]["dynamodb"]["SequenceNumber"]


def test_what_had_no_time_is_returned_and_has_not_failed(kept: Kept) -> None:
    class Context:
        aws_request_id = "request-1"

        def __init__(self) -> None:
            self.left = iter([10_000, 10_000, 10_000, 0])

        def get_remaining_time_in_millis(self) -> int:
            return next(self.left, 0)

    app = StreamHandler(metrics=kept)
    app.on()(failing_at(""))
    app(records("ABCDE"), Context())
    assert kept.total("failed") == 0
    assert kept.total("returned") + kept.total("processed") == 5
    assert kept.total("returned") > 0
    assert kept[0].request_id == "request-1"


def test_what_nobody_wants_is_skipped(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.insert(failing_at(""))
    app.modify(failing_at(""), where={"dynamodb": {"Keys": {"id": {"S": ["b"]}}}})
    app(road(records("Aabc1")))
    assert kept.totals() == {"received": 5, "processed": 2, "skipped": 3}
    assert kept[0].records["table", "REMOVE"] == RecordCounts(received=1, skipped=1)
    assert kept[0].records["table", "MODIFY"] == RecordCounts(received=3, processed=1, skipped=2)


def test_what_a_sink_takes_is_not_skipped(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.insert(failing_at(""))
    app.sink(MemorySink(), where={"eventName": ["REMOVE"]})
    app(road(records("Aab1")))
    assert kept.totals() == {"received": 4, "processed": 2, "skipped": 2}
    app.sink(MemorySink())
    app(road(records("Aab1")))
    assert kept.totals() == {"received": 4, "processed": 4}


def test_what_is_set_aside_is_quarantined_and_not_processed(road: Road, kept: Kept, tmp_path: Path) -> None:
    app = StreamHandler(metrics=kept, quarantine=SqliteQuarantine(tmp_path / "aside.db"))
    app.on()(failing_at("B", Quarantine("no")))
    app(road(records("ABC")))
    assert kept.totals() == {"received": 3, "processed": 2, "quarantined": 1}


def test_what_was_handled_before_is_deduplicated(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept, idempotency=MemorySeen())
    app.on()(failing_at("C"))
    event = records("ABCD")
    app(road(event))
    app(road(event))
    assert kept.totals() == {"received": 4, "failed": 1, "returned": 2, "deduplicated": 2}


def test_a_sink_that_stores_nothing_returns_everything(road: Road, kept: Kept) -> None:
    class Full:
        def write(self, records: Any, *, deadline: Any) -> list[SinkFailure]:
            return [SinkFailure(record, OSError("full")) for record in records][1:]

        def close(self) -> None: ...

    app = StreamHandler(metrics=kept)
    app.sink(Full())
    app(road(records("ABC")))
    assert kept.totals() == {"received": 3, "processed": 1, "failed": 1, "returned": 2}


def test_an_event_nobody_knows_is_other(road: Road, kept: Kept) -> None:
    event = make_event([make_record(new_image={"id": "x"}, event_name="ARCHIVE")])
    app = StreamHandler(metrics=kept)
    app(road(event))
    assert kept[-1].records == {("table", "OTHER"): RecordCounts(received=1, failed=1, returned=1)}
    app.on()(failing_at(""))
    app(road(event))
    assert kept[-1].records == {("table", "OTHER"): RecordCounts(received=1, processed=1)}


def test_a_broken_record_is_counted_too(road: Road, kept: Kept) -> None:
    event = records("AB")
    event["Records"][1]["eventName"] = 5
    app = StreamHandler(metrics=kept)
    app.on()(failing_at(""))
    app(road(event))
    assert kept.totals() == {"received": 2, "processed": 1, "failed": 1, "returned": 1}


def test_in_threads_it_counts_the_same(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept, order="per_item", workers=4)
    app.on()(failing_at("C"))
    app(road(records("ABCDEFGHabc")))
    assert kept.totals() == {"received": 11, "processed": 2, "failed": 1, "returned": 9}


@pytest.mark.parametrize("report", ["raise", "partial"])
def test_an_invocation_that_raises_has_its_numbers_and_nothing_is_done(road: Road, kept: Kept, report: Any) -> None:
    """Lambda sends all of it again."""
    app = StreamHandler(metrics=kept, report=report)
    app.on()(failing_at("C"))
    event = records("ABCD")
    with pytest.raises(HandlerError):
        app(road(event if report == "raise" else event["Records"]))  # a list is what a pipe brings
    assert kept.totals() == {"received": 4, "failed": 1, "returned": 4}
    assert kept[0].error == "HandlerError"
    assert kept[0].first_undone == event["Records"][2]["dynamodb"]["SequenceNumber"]


def test_an_event_that_cannot_be_read_has_its_numbers(kept: Kept) -> None:
    with pytest.raises(EventFormatError):
        StreamHandler(metrics=kept)(b"{}")
    assert (kept[0].batch_size, kept[0].records, kept[0].error) == (0, {}, "EventFormatError")


@pytest.mark.parametrize("error", [SystemExit(), KeyboardInterrupt()])
def test_what_ends_the_process_is_told_as_well(kept: Kept, error: BaseException) -> None:
    app = StreamHandler(metrics=kept)

    @app.on()
    def end(record: Record) -> None:
        raise error

    with pytest.raises(type(error)):
        app(records("AB"))
    assert kept.totals() == {"received": 2, "returned": 2}
    assert kept[0].error == type(error).__name__


def test_a_number_that_is_stuck_counts_up_and_each_for_itself(kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.on()(failing_at("BY"))
    left, right = records("AB"), records("XY")
    for event in (left, right, left, right, left):
        app(event)
    assert [each.low_watermark_stall for each in kept] == [1, 1, 2, 2, 3]
    app(records("A"))
    assert kept[-1].low_watermark_stall == 0


def test_what_is_remembered_has_bounds(kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.on()(failing_at("B"))
    for _ in range(250):
        app(make_event([{"id": "B"}]))
    assert app._metering is not None
    assert len(app._metering._stalls) == 100
    for _ in range(5):
        app(make_event([{"id": "A"}] * 9_000))
    assert len(app._metering._event_ids) == 20_000


def test_what_was_given_before_is_redelivered(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.on()(failing_at(""))
    event, more = records("ABC"), records("DE")
    app(road(event))
    app(road({"Records": [*event["Records"][1:], *more["Records"]]}))
    app(road(more))
    assert [each.redelivered_count for each in kept] == [0, 2, 2]


def test_the_oldest_record_tells_the_age(road: Road, kept: Kept) -> None:
    event = records("AB")
    for record, seconds in zip(event["Records"], (90, 30), strict=True):
        record["dynamodb"]["ApproximateCreationDateTime"] = int(time.time()) - seconds
    app = StreamHandler(metrics=kept)
    app(road(event))
    age_ms = kept[-1].oldest_record_age_ms
    assert age_ms is not None
    assert 89_000 < age_ms < 100_000
    for record in event["Records"]:
        del record["dynamodb"]["ApproximateCreationDateTime"]
    app(road(event))
    assert kept[-1].oldest_record_age_ms is None
    event["Records"][0]["dynamodb"]["ApproximateCreationDateTime"] = int(time.time()) + 3600
    app(road(event))
    assert kept[-1].oldest_record_age_ms == 0, "a clock that is ahead makes no age below zero"


def kinesis(*changes: tuple[str, float]) -> dict[str, Any]:
    """Changes of tables through Kinesis: table and age in seconds."""
    made = []
    for number, (table, age) in enumerate(changes):
        payload = {
            "awsRegion": "us-east-1", "eventID": str(number), "eventName": "INSERT", "userIdentity": None,
            "recordFormat": "application/json", "tableName": table, "eventSource": "aws:dynamodb",
            "dynamodb": {
                "ApproximateCreationDateTime": int((time.time() - age) * 1000),
                "Keys": {"id": {"S": str(number)}}, "NewImage": {"id": {"S": str(number)}}, "SizeBytes": 3,
            },
        }  # fmt: skip
        data = base64.b64encode(json.dumps(payload).encode()).decode()
        made.append(
            {
                "eventSource": "aws:kinesis",
                "eventSourceARN": "arn:aws:kinesis:us-east-1:123456789012:stream/changes",
                "kinesis": {"data": data, "sequenceNumber": str(10**55 + number), "partitionKey": "p"},
            }
        )
    return {"Records": made}


def test_through_kinesis_each_table_has_its_counts(road: Road, kept: Kept) -> None:
    app = StreamHandler(metrics=kept)
    app.on()(failing_at(""))
    app(road(kinesis(("left", 5), ("right", 60), ("left", 1))))
    assert kept[0].records == {
        ("left", "INSERT"): RecordCounts(received=2, processed=2),
        ("right", "INSERT"): RecordCounts(received=1, processed=1),
    }
    age_ms = kept[0].oldest_record_age_ms
    assert age_ms is not None
    assert age_ms > 59_000, "there they come in any order"


def test_metrics_that_fail_fail_no_record_and_are_logged_once(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def emit(self, invocation: InvocationMetrics) -> None:
            raise OSError("no network")

    app = StreamHandler(metrics=Broken())
    app.on()(failing_at(""))
    assert app(road(records("AB"))) == app(road(records("CD"))) == {"batchItemFailures": []}
    assert caplog.text.count("metrics are lost") == 1


def test_metrics_may_be_async() -> None:
    class Async(Kept):
        async def emit(self, invocation: InvocationMetrics) -> None:  # type: ignore[override]
            self.append(invocation)

    kept = Async()
    StreamHandler(metrics=kept)(records("AB"))
    assert kept[0].batch_size == 2


@pytest.mark.parametrize("wrong", [object(), EmfMetrics, 5])
def test_what_takes_no_metrics_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="metrics= needs an object with emit"):
        StreamHandler(metrics=wrong)


def test_times_are_those_of_the_parts(kept: Kept) -> None:
    class Slow(MemorySink):
        def write(self, records: Any, *, deadline: Any) -> Any:
            time.sleep(0.03)
            return []

    app = StreamHandler(metrics=kept)
    app.on()(lambda record: time.sleep(0.02))
    app.sink(Slow())
    app(records("A"))
    assert kept[0].handler_ms >= 20
    assert kept[0].sink_ms >= 30
    assert kept[0].decode_ms > 0


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines that were written, each one that CloudWatch takes."""
    written = capsys.readouterr().out.splitlines()
    assert not [fault for line in written for fault in emf.faults(line)]
    return [json.loads(line) for line in written]


def test_a_line_has_every_metric(road: Road, capsys: pytest.CaptureFixture[str]) -> None:
    app = StreamHandler(metrics=EmfMetrics("Shop/Streams", dimensions=FIRST_DIMENSIONS))
    app.insert(failing_at("B"))
    event = records("AaBb")
    app(road(event))
    (line,) = lines(capsys)
    whole, of_records = line["_aws"]["CloudWatchMetrics"]
    assert (whole["Dimensions"], of_records["Dimensions"]) == ([["Service"]], [["Service", "TableName"]])
    assert {metric["Name"] for metric in whole["Metrics"]} == {
        "BatchSize", "OldestRecordAgeMs", "RedeliveredRecords", "LowWatermarkStall", "DecodeMs", "HandlerMs", "SinkMs",
    }  # fmt: skip
    counts = {metric["Name"]: line[metric["Name"]] for metric in of_records["Metrics"]}
    assert counts == {
        "RecordsReceived": 4, "RecordsProcessed": 1, "RecordsFailed": 1, "RecordsReturned": 2, "RecordsSkipped": 1,
        "RecordsQuarantined": 0, "RecordsDeduplicated": 0, "RecordsReceivedInsert": 2, "RecordsReceivedModify": 2,
        "RecordsProcessedInsert": 1, "RecordsFailedInsert": 1, "RecordsReturnedInsert": 1, "RecordsReturnedModify": 1,
        "RecordsSkippedModify": 1,
    }  # fmt: skip
    assert (line["Service"], line["TableName"]) == ("orders", "table")
    assert line["FirstUndone"] == event["Records"][2]["dynamodb"]["SequenceNumber"]


def test_a_line_never_has_a_key_or_value(capsys: pytest.CaptureFixture[str]) -> None:
    app = StreamHandler(metrics=EmfMetrics("Shop"))

    @app.on()
    def fail(record: Record) -> None:
        raise ValueError(f"secret {record.new_image}")

    app(make_event([{"id": "secret-key", "pin": "secret-value"}]))
    with pytest.raises(EventFormatError):
        app(b'{"secret": 1')
    written = capsys.readouterr().out
    assert "secret" not in written
    assert not [fault for line in written.splitlines() for fault in emf.faults(line)]
    assert len(written.splitlines()) == 2


def test_each_further_table_has_a_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    app = StreamHandler(metrics=EmfMetrics("Shop", dimensions=FIRST_DIMENSIONS))
    app(kinesis(("left", 5), ("right", 60), ("not a table ☃", 1), ("", 1)))
    first, second, third = lines(capsys)
    assert [line["TableName"] for line in (first, second, third)] == ["left", "right", "unknown"]
    assert "BatchSize" in first
    assert "BatchSize" not in second
    assert third["RecordsReceived"] == 2


def test_the_most_metrics_and_dimensions_are_within_the_limits(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    every = RecordCounts(*range(1, 8))
    events = ("INSERT", "MODIFY", "REMOVE", "OTHER")
    invocation = InvocationMetrics(
        records={("orders", event): every for event in events}, batch_size=1, oldest_record_age_ms=1.5,
        redelivered_count=1, low_watermark_stall=1, decode_ms=1, handler_ms=1, sink_ms=1, first_undone="1",
        error="E", request_id="r", time_ms=int(time.time() * 1000),
    )  # fmt: skip
    EmfMetrics("Shop", dimensions={f"D{number}": "x" for number in range(29)}).emit(invocation)
    (line,) = lines(capsys)
    assert sum(len(each["Metrics"]) for each in line["_aws"]["CloudWatchMetrics"]) == 7 + 7 * 5


def test_in_lambda_the_function_is_a_dimension(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "orders-stream")
    StreamHandler(metrics=EmfMetrics("Shop"))(records("A"))
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    StreamHandler(metrics=EmfMetrics("Shop"))(records("A"))
    named, bare = lines(capsys)
    assert named["FunctionName"] == "orders-stream"
    assert [each["Dimensions"] for each in bare["_aws"]["CloudWatchMetrics"]] == [[[]], [["TableName"]]]


@pytest.mark.parametrize("kind", [EmfMetrics, CloudWatchMetrics])
@pytest.mark.parametrize("namespace", ["", " ", "AWS/Lambda", "a" * 256, "a\nb", "Zoë", 5])
def test_a_namespace_that_cloudwatch_refuses_is_refused(kind: Any, namespace: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="namespace"):
        kind(namespace)


@pytest.mark.parametrize("kind", [EmfMetrics, CloudWatchMetrics])
@pytest.mark.parametrize(
    "dimensions",
    [
        {f"D{number}": "x" for number in range(30)}, {"": "x"}, {":a": "x"}, {"a": ""}, {"a": " "}, {"a": "x" * 1025},
        {"Zoë": "x"}, {"a": "☃"}, {"a": 5}, {5: "a"}, {"TableName": "x"}, {"BatchSize": "x"}, {"_aws": "x"},
        {"RecordsFailedInsert": "x"}, {"Error": "x"}, {"a" * 251: "x"},
    ],
)  # fmt: skip
def test_dimensions_that_cloudwatch_refuses_are_refused(kind: Any, dimensions: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="dimension"):
        kind("Shop", dimensions=dimensions)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda line: line["_aws"].pop("Timestamp"), "Timestamp"),
        (lambda line: line.pop("Service"), "Service"),
        (lambda line: line.pop("BatchSize"), "BatchSize"),
        (lambda line: line.update(BatchSize="1"), "BatchSize"),
        (lambda line: line["_aws"]["CloudWatchMetrics"][0].update(Dimensions=[]), "Dimensions"),
        (lambda line: line["_aws"]["CloudWatchMetrics"][0].pop("Namespace"), "Namespace"),
        (lambda line: line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0].update(Unit="ms"), "unit"),
        (lambda line: line["_aws"]["CloudWatchMetrics"][0]["Metrics"].extend([{"Name": "BatchSize"}] * 100), "100"),
        (lambda line: line.update(padding="x" * 300_000), "longer"),
    ],
)
def test_the_rules_themselves_find_what_is_wrong(
    capsys: pytest.CaptureFixture[str], change: Callable[[Any], Any], fault: str
) -> None:
    StreamHandler(metrics=EmfMetrics("Shop", dimensions=FIRST_DIMENSIONS))(records("A"))
    line = json.loads(capsys.readouterr().out)
    change(line)
    assert any(fault in found for found in emf.faults(json.dumps(line)))
