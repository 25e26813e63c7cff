"""The changes of a table come from one place: its stream or a Kinesis stream, told by the first ARN."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, Record
from tailrace.sinks import Deadline, SqliteAuditTrail, SqliteReplica, SqliteSearchIndex
from tailrace.testing import make_event, make_record

NO_LIMIT = Deadline(None)
Sink = Any
MAKERS: dict[str, Callable[..., Sink]] = {
    "audit_trail": SqliteAuditTrail,
    "replica": SqliteReplica,
    "search_index": lambda path, **kwargs: SqliteSearchIndex(path, attributes=("text",), **kwargs),
}
TABLES = {"audit_trail": "audit_trail", "replica": "replica", "search_index": "search_documents"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sink.db"


@pytest.fixture(params=list(MAKERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sink(kind: str, path: Path) -> Iterator[Sink]:
    with MAKERS[kind](path) as sink:
        yield sink


def stored(path: Path, kind: str) -> list[str]:
    """The ids that another connection sees."""
    connection = sqlite3.connect(path)
    rows = connection.execute(f"SELECT keys FROM {TABLES[kind]} ORDER BY rowid").fetchall()
    connection.close()
    return [row[0].split('"')[5] for row in rows]


HOME = "arn:aws:dynamodb:eu-west-1:111111111111:table/table"
ABROAD = "arn:aws:dynamodb:us-east-1:111111111111:table/table"


def of(arn: str, key: str) -> Record:
    return make_record(new_image={"id": key, "text": "text"}, event_source_arn=arn)


def of_no_arn(key: str) -> Record:
    wire = make_record(new_image={"id": key, "text": "text"}).to_dict()
    del wire["eventSourceARN"]
    return Batch.from_event({"Records": [wire]})[0]


def of_kinesis(stream: str, key: str) -> Record:
    event = make_event([{"id": key, "text": "text"}], shape="kinesis")
    event["Records"][0]["eventSourceARN"] = f"arn:aws:kinesis:eu-west-1:111111111111:stream/{stream}"
    return Batch.from_event(event)[0]


def test_a_table_of_the_same_name_elsewhere_is_refused(sink: Sink, path: Path, kind: str) -> None:
    batch = [of(f"{HOME}/stream/1", "a"), of(f"{ABROAD}/stream/1", "b"), of(f"{HOME}/stream/1", "c")]
    (failure,) = sink.write(batch, deadline=NO_LIMIT)
    assert failure.record is batch[1]
    assert not failure.retryable
    assert ABROAD in str(failure.error)
    assert HOME in str(failure.error)
    sink.close()
    assert len(sink.write(batch, deadline=NO_LIMIT)) == 1
    assert stored(path, kind) == ["a", "c"]


def test_a_stream_that_was_enabled_again_goes_on(sink: Sink, path: Path, kind: str) -> None:
    for label, key in (("2026-01-01T00:00:00.000", "a"), ("2026-02-01T00:00:00.000", "b")):
        assert sink.write([of(f"{HOME}/stream/{label}", key)], deadline=NO_LIMIT) == []
    assert stored(path, kind) == ["a", "b"]


@pytest.mark.parametrize("size", [1, 4])
def test_the_first_arn_that_is_known_is_remembered(kind: str, path: Path, size: int) -> None:
    batch = [of_no_arn("a"), of(f"{HOME}/stream/1", "b"), of_no_arn("c"), of(f"{ABROAD}/stream/1", "d")]
    with MAKERS[kind](path, table="table") as sink:
        failures = [
            failure for at in range(0, 4, size) for failure in sink.write(batch[at : at + size], deadline=NO_LIMIT)
        ]
    assert [failure.record for failure in failures] == batch[3:]
    assert stored(path, kind) == ["a", "b", "c"]


def test_a_second_kinesis_stream_is_refused(sink: Sink, path: Path, kind: str) -> None:
    batch = [of_kinesis("one", "a"), of_kinesis("two", "b"), of_kinesis("one", "c")]
    (failure,) = sink.write(batch, deadline=NO_LIMIT)
    assert failure.record is batch[1]
    assert "stream/one" in str(failure.error)
    assert stored(path, kind) == ["a", "c"]
