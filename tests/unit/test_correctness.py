"""What widely copied samples get wrong: what comes of the mistake, and what tailrace does; see docs/correctness.md."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, FilterCriteria, Record, StreamHandler, TypeDeserializer, filters
from tailrace.idempotency import SqliteSeen
from tailrace.metrics import EmfMetrics
from tailrace.sinks import SqliteAuditTrail, SqliteReplica
from tailrace.testing import EventSourceMapping, StalledError, make_event, make_record

FOUR = make_event([{"id": name} for name in "abcd"])
NUMBERS = [record["dynamodb"]["SequenceNumber"] for record in FOUR["Records"]]


def ids(event: Any) -> str:
    return "".join(record.keys["id"] for record in Batch.from_event(event))


def naming(identifier: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier}]}


def failing_once(name: str) -> tuple[StreamHandler, list[str]]:
    """An app whose handler fails at this item the first time, and what it was called with."""
    app, seen = StreamHandler(), []

    @app.on
    def handle(record: Record) -> None:
        seen.append(record.keys["id"])
        if record.keys["id"] == name and seen.count(name) == 1:
            raise RuntimeError

    return app, seen


def test_an_event_id_repeats_the_batch_for_ever_and_a_sequence_number_does_not() -> None:
    got: list[str] = []

    def sample(event: Any, context: Any) -> Any:
        got.append(ids(event))
        return naming(event["Records"][2]["eventID"])

    with pytest.raises(StalledError):
        EventSourceMapping(sample, max_invocations=5).deliver(FOUR)
    assert got == ["abcd"] * 5

    app, seen = failing_once("c")
    assert app(FOUR) == naming(NUMBERS[2])
    seen.clear()
    report = EventSourceMapping(app).deliver(FOUR)
    assert report.done == NUMBERS


def test_what_succeeded_behind_a_failure_comes_again_and_so_nothing_behind_it_is_started() -> None:
    effects: Counter[str] = Counter()
    got: list[str] = []

    def sample(event: Any, context: Any) -> Any:
        """Runs all, and reports the one that failed."""
        got.append(ids(event))
        effects.update(got[-1])
        return naming(NUMBERS[1]) if len(got) == 1 else {"batchItemFailures": []}

    EventSourceMapping(sample).deliver(FOUR)
    assert got == ["abcd", "bcd"]
    assert effects == {"a": 1, "b": 2, "c": 2, "d": 2}

    app, seen = failing_once("b")
    EventSourceMapping(app).deliver(FOUR)
    assert seen == list("abbcd")


def test_errors_of_a_bulk_index_are_lost_in_a_log_and_reported_by_a_batch_route() -> None:
    index: set[str] = set()
    refusals = iter(["c", "", "", "", ""])

    def bulk(names: str) -> list[str]:
        """Answers with the ids that it refused, as the bulk API of a search engine does."""
        refused = next(refusals)
        index.update(name for name in names if name not in refused)
        return [name for name in names if name in refused]

    def sample(event: Any, context: Any) -> None:
        for name in bulk(ids(event)):
            print("could not be indexed:", name)

    assert EventSourceMapping(sample).deliver(FOUR).done == NUMBERS
    assert index == set("abd"), "c is lost, and Lambda has been told that all is well"

    index.clear()
    refusals = iter(["c", ""])
    app = StreamHandler()

    @app.batch
    def write(records: list[Record]) -> list[Record]:
        refused = bulk("".join(record.keys["id"] for record in records))
        return [record for record in records if record.keys["id"] in refused]

    assert EventSourceMapping(app).deliver(FOUR).done == NUMBERS
    assert index == set("abcd")


def test_an_old_redelivery_overwrites_a_newer_state_unless_the_write_is_guarded(tmp_path: Path) -> None:
    old = make_record(new_image={"id": "a", "status": "NEW"})
    new = make_record(old_image={"id": "a", "status": "NEW"}, new_image={"id": "a", "status": "PAID"})
    deliveries = [[old], [new], [old]]

    copy: dict[str, Any] = {}
    for records in deliveries:
        copy.update({record.keys["id"]: record.new_image for record in records})
    assert copy["a"]["status"] == "NEW", "an unconditional put"

    app = StreamHandler()
    replica = app.sink(SqliteReplica(tmp_path / "replica.db"))
    for records in deliveries:
        assert app(make_event(records)) == {"batchItemFailures": []}
    assert replica.get("table", {"id": "a"}) == {"id": "a", "status": "PAID"}
    replica.close()


def test_an_audit_entry_named_by_the_clock_is_doubled_by_a_retry_and_one_by_its_change_is_not(tmp_path: Path) -> None:
    named_by_the_clock: dict[str, str] = {}
    for _ in range(2):
        named_by_the_clock[datetime.now(timezone.utc).isoformat()] = ids(FOUR)
    assert len(named_by_the_clock) == 2

    app = StreamHandler()
    trail = app.sink(SqliteAuditTrail(tmp_path / "audit.db"))
    for _ in range(2):
        app(FOUR)
    assert [entry.sequence_number for entry in trail] == NUMBERS
    trail.close()


def test_a_status_in_the_new_image_is_not_a_status_that_became_it() -> None:
    status = {"id": "a", "status": "active", "visits": 1}
    became = make_record(old_image={**status, "status": "invited"}, new_image=status)
    later = make_record(old_image=status, new_image={**status, "visits": 2})
    sample = FilterCriteria({"dynamodb": {"NewImage": {"status": {"S": ["active"]}}}})
    assert [sample.matches(record) for record in (became, later)] == [True, True]
    assert "every-later-write" in {warning.code for warning in sample.lint()}

    preset = filters.became("status", "active")
    assert [preset.matches(record) for record in (became, later)] == [True, False]
    seen: list[Record] = []
    app = StreamHandler()
    app.modify(changed="status", new="active")(seen.append)
    app(make_event([became, later]))
    assert [record.sequence_number for record in seen] == [became.sequence_number]


def test_a_partial_failure_is_no_error_of_the_invocation_and_metrics_of_ours_tell(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = StreamHandler(metrics=EmfMetrics("Test"))

    @app.on
    def handle(record: Record) -> None:
        if record.keys["id"] == "c":
            raise RuntimeError

    report = EventSourceMapping(app, maximum_retry_attempts=0).deliver(FOUR)
    assert [invocation.error for invocation in report.invocations] == [None] * len(report.invocations)
    assert report.discarded == NUMBERS[2:], "lost, and the metric Errors has stayed at 0"
    failed = [
        document["RecordsFailed"]
        for line in capsys.readouterr().out.splitlines()
        if "RecordsFailed" in (document := json.loads(line))
    ]
    assert sum(failed) == len(report.invocations)


@pytest.mark.parametrize("shape", ["lambda", "kinesis", "get-records", "botocore"])
def test_binary_is_bytes_and_numbers_are_one_type_whichever_way_a_record_comes(shape: Any) -> None:
    item = {"id": "a", "blob": b"\x00\xff", "n": Decimal("1.50"), "set": {Decimal("1.50")}, "blobs": {b"\x01"}}
    record = Batch.from_event(make_event([item], shape=shape))[0]
    assert record.new_image == item
    assert {type(record.new_image["n"]), *map(type, record.new_image["set"])} == {Decimal}


def test_boto3_crashes_on_the_binary_of_a_lambda_event() -> None:
    boto3_types = pytest.importorskip("boto3.dynamodb.types")
    wire = make_event([{"id": "a", "blob": b"\x00\xff"}])["Records"][0]["dynamodb"]["NewImage"]["blob"]
    with pytest.raises(TypeError):
        boto3_types.TypeDeserializer().deserialize(wire)
    with pytest.raises(TypeError):
        TypeDeserializer().deserialize(wire)  # stands in for boto3's, so it refuses it too


@pytest.mark.parametrize("separator", ["#", "|", "/", ":"])
def test_a_joined_key_is_that_of_two_items_and_an_item_key_is_not(separator: str) -> None:
    keys = [{"pk": f"a{separator}b", "sk": "c"}, {"pk": "a", "sk": f"b{separator}c"}]
    assert separator.join(keys[0].values()) == separator.join(keys[1].values())
    first, second = (make_record(new_image=key, keys=["pk", "sk"]) for key in keys)
    assert first.item_key != second.item_key


class KilledError(BaseException):
    """Stands for whatever ends an environment without a word."""


def test_a_mark_before_the_effect_may_lose_it_and_one_behind_it_may_repeat_it(tmp_path: Path) -> None:
    marks: set[str] = set()
    sent: list[str] = []

    def sample(name: str, *, crashes: bool) -> None:
        """Marks, and then sends."""
        if name not in marks:
            marks.add(name)
            if crashes:
                return
            sent.append(name)

    sample("a", crashes=True)
    sample("a", crashes=False)
    assert not sent, "it was never sent, and the mark says that it was"

    store = SqliteSeen(tmp_path / "seen.db", name="mail")
    app = StreamHandler(idempotency=store)

    @app.on
    def send(record: Record) -> None:
        sent.append(record.keys["id"])
        if sent == ["a"]:
            raise KilledError  # after the effect, and before the mark

    event = make_event([{"id": "a"}])
    with pytest.raises(KilledError):
        app(event)
    for _ in range(2):
        assert app(event) == {"batchItemFailures": []}
    assert sent == ["a", "a"], "repeated by the crash, by nothing else, and not lost"
    store.close()


def test_metrics_are_one_line_an_invocation_and_no_call(capsys: pytest.CaptureFixture[str]) -> None:
    app = StreamHandler(metrics=EmfMetrics("Test"))
    app.on(lambda record: None)
    app(make_event([{"id": str(n)} for n in range(500)]))
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["RecordsProcessed"] == 500
