"""JsonlSink: whole lines or none, whatever happens in the middle of a write."""

from __future__ import annotations

import fcntl
import json
import multiprocessing
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, Record, SinkError
from tailrace.sinks import Deadline, JsonlSink
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
NO_LIMIT = Deadline(None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "changes.jsonl"


@pytest.fixture
def sink(path: Path) -> Iterator[JsonlSink]:
    with JsonlSink(path) as sink:
        yield sink


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_bytes()
    assert text == b"" or text.endswith(b"\n")
    return [json.loads(line) for line in text.splitlines()]


def records(count: int, text: str = "") -> list[Record]:
    return [make_record(new_image={"id": str(number), "text": text}) for number in range(count)]


@contextmanager
def full_disk(limit_bytes: int) -> Iterator[None]:
    """No file may grow beyond the limit: a write goes as far as it can, and then fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_line_is_the_record_in_lambdas_shape(sink: JsonlSink, path: Path, road: Road) -> None:
    batch = Batch.from_event(road(make_event([{"id": "é\u2028\n", "b": b"\xff"}])))
    assert sink.write(batch, deadline=NO_LIMIT) == []  # type: ignore[arg-type]
    assert lines(path) == [batch[0].to_dict()]
    assert "é" in path.read_text("utf-8")
    assert b": " not in path.read_bytes()
    assert Batch.from_event([lines(path)[0]])[0].new_image == {"id": "é\u2028\n", "b": b"\xff"}


def test_writes_append_and_a_redelivery_is_appended_again(sink: JsonlSink, path: Path) -> None:
    both = records(2)
    for batch in (both, both[1:]):
        assert sink.write(batch, deadline=NO_LIMIT) == []
    assert [line["eventID"] for line in lines(path)] == [each.event_id for each in (*both, both[1])]


def test_the_file_is_made_at_the_first_write(sink: JsonlSink, path: Path) -> None:
    assert not path.exists()
    sink.write(records(1), deadline=NO_LIMIT)
    assert len(lines(path)) == 1


@pytest.mark.parametrize("torn", [b'{"eventID":"1","ev', b"{", b"\0" * 70_000, b'{"eventID":"' + b"x" * 200_000])
@pytest.mark.parametrize("whole", [b"", b'{"eventID":"0"}\n'])
def test_a_torn_last_line_is_cut_off(sink: JsonlSink, path: Path, whole: bytes, torn: bytes) -> None:
    path.write_bytes(whole + torn)
    (record,) = records(1)
    sink.write([record], deadline=NO_LIMIT)
    assert [line["eventID"] for line in lines(path)] == ["0"] * bool(whole) + [record.event_id]


def test_a_line_torn_by_another_process_is_cut_off_too(sink: JsonlSink, path: Path) -> None:
    sink.write(records(1), deadline=NO_LIMIT)
    with path.open("ab") as other:
        other.write(b'{"eventID":')
    sink.write(records(1), deadline=NO_LIMIT)
    assert len(lines(path)) == 2


@pytest.mark.parametrize("text", [b"dear diary", b"a\nb", b'{\n  "db": "prod"\n}', b'{"db":"pr', b"\0\1", b"42"])
def test_a_file_that_is_not_ours_is_not_cut(sink: JsonlSink, path: Path, text: bytes) -> None:
    path.write_bytes(text)
    with pytest.raises(SinkError, match="choose another path") as caught:
        sink.write(records(1), deadline=NO_LIMIT)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == text


@pytest.mark.parametrize("whole", [b"", b'{"eventID":"0"}\n'])
@pytest.mark.parametrize("last", [b'{"eventID":"1"}', b'{"db": "prod"}'])
def test_a_whole_last_line_without_a_newline_is_kept(sink: JsonlSink, path: Path, whole: bytes, last: bytes) -> None:
    path.write_bytes(whole + last)
    (record,) = records(1)
    assert sink.write([record], deadline=NO_LIMIT) == []
    assert path.read_bytes().startswith(whole + last + b"\n")
    assert lines(path)[-2:] == [json.loads(last), record.to_dict()]


def test_a_failed_write_takes_its_newline_back(sink: JsonlSink, path: Path) -> None:
    path.write_bytes(b'{"db": "prod"}')
    with full_disk(1_000), pytest.raises(SinkError, match="nothing of the batch"):
        sink.write(records(10, "x" * 300), deadline=NO_LIMIT)
    assert path.read_bytes() == b'{"db": "prod"}'


@pytest.mark.parametrize("event_id", [{"eventID": "1"}, {}])
def test_whatever_the_order_of_a_record_its_torn_line_is_known(
    sink: JsonlSink, path: Path, road: Road, event_id: dict[str, str]
) -> None:
    change = {"SequenceNumber": "1", "Keys": {"id": {"S": "a"}}}
    event = {"Records": [{"eventName": "REMOVE", "eventSource": "aws:dynamodb", "dynamodb": change, **event_id}]}
    batch = list(Batch.from_event(road(event)))
    sink.write(batch, deadline=NO_LIMIT)
    line = path.read_bytes()
    for length in range(1, len(line) - 1):
        path.write_bytes(line[:length])
        sink.write(batch, deadline=NO_LIMIT)
        assert path.read_bytes() == line


def test_a_failed_write_leaves_nothing_behind(sink: JsonlSink, path: Path) -> None:
    sink.write(records(1), deadline=NO_LIMIT)
    before = path.read_bytes()
    with full_disk(len(before) + 1_000), pytest.raises(SinkError, match="nothing of the batch"):
        sink.write(records(10, "x" * 300), deadline=NO_LIMIT)
    assert path.read_bytes() == before
    assert sink.write(records(10, "x" * 300), deadline=NO_LIMIT) == []
    assert len(lines(path)) == 11


def test_a_folder_that_is_missing_fails_the_write(tmp_path: Path) -> None:
    with JsonlSink(tmp_path / "missing" / "x.jsonl") as sink, pytest.raises(SinkError, match="No such file"):
        sink.write(records(1), deadline=NO_LIMIT)


def test_a_record_without_a_wire_form_fails_alone(sink: JsonlSink, path: Path, road: Road) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}])
    event["Records"][1]["userIdentity"] = "me"
    batch = list(Batch.from_event(road(event)))
    (failure,) = sink.write(batch, deadline=NO_LIMIT)
    assert failure.record is batch[1]
    assert not failure.retryable
    assert [line["dynamodb"]["NewImage"]["id"]["S"] for line in lines(path)] == ["a", "c"]


def test_an_image_that_cannot_be_read_is_kept_as_it_came(sink: JsonlSink, path: Path, road: Road) -> None:
    event = make_event([{"id": "a"}])
    event["Records"][0]["dynamodb"]["NewImage"]["n"] = {"N": "twelve"}
    assert sink.write(list(Batch.from_event(road(event))), deadline=NO_LIMIT) == []
    assert lines(path) == event["Records"]


def test_what_the_deadline_leaves_over_is_a_retryable_failure(sink: JsonlSink, path: Path) -> None:
    batch = records(3)
    failures = sink.write(batch, deadline=Deadline(0))
    assert [failure.record for failure in failures] == batch[1:]
    assert all(failure.retryable for failure in failures)
    assert len(lines(path)) == 1


def test_a_file_that_was_moved_away_is_begun_anew(sink: JsonlSink, path: Path) -> None:
    sink.write(records(1), deadline=NO_LIMIT)
    path.rename(path.with_suffix(".1"))
    sink.write(records(2), deadline=NO_LIMIT)
    assert (len(lines(path.with_suffix(".1"))), len(lines(path))) == (1, 2)


def test_a_closed_sink_opens_again(sink: JsonlSink, path: Path) -> None:
    sink.write(records(1), deadline=NO_LIMIT)
    sink.close()
    sink.close()
    sink.write(records(1), deadline=NO_LIMIT)
    assert len(lines(path)) == 2


def _append(sink: JsonlSink, times: int) -> None:
    for _ in range(times):
        assert sink.write(records(20, "x" * 500), deadline=NO_LIMIT) == []


def test_forked_processes_append_whole_lines_side_by_side(sink: JsonlSink, path: Path) -> None:
    sink.write(records(1), deadline=NO_LIMIT)
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_append, args=(sink, 10)) for _ in range(3)]
    for child in children:
        child.start()
    _append(sink, 10)
    for child in children:
        child.join(30)
    assert [child.exitcode for child in children] == [0, 0, 0]
    assert len(lines(path)) == 1 + 4 * 10 * 20


def test_a_file_that_another_process_writes_fails_the_batch_before_the_deadline(sink: JsonlSink, path: Path) -> None:
    sink.write(records(1), deadline=NO_LIMIT)
    deadline, much_later = Deadline(100), Deadline(5_000)
    with path.open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(SinkError, match="another process is writing"):
            sink.write(records(1), deadline=deadline)
    assert deadline.passed()
    assert not much_later.passed()
    sink.write(records(1), deadline=NO_LIMIT)
    assert len(lines(path)) == 2


def test_a_path_may_be_text(tmp_path: Path) -> None:
    with JsonlSink(os.fspath(tmp_path / "x.jsonl")) as sink:
        sink.write(records(1), deadline=NO_LIMIT)
        assert repr(sink) == f"JsonlSink({os.fspath(tmp_path / 'x.jsonl')!r})"
