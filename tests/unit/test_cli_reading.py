"""Files of change records: every form that is read, and every way in which one can be broken."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tailrace.cli.reading import InputError, Reader
from tailrace.testing import make_event

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
EVENT = make_event([{"id": "a", "raw": b"\x00"}, {"id": "b"}, {"id": "c"}], table_name="orders")
RECORDS: list[dict[str, Any]] = EVENT["Records"]


def _kinesis_record(number: int) -> dict[str, Any]:
    change = {
        "eventID": f"e{number}",
        "eventName": "INSERT",
        "tableName": "orders",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_767_600_000_000_000 + number,
            "Keys": {"id": {"S": str(number)}},
            "NewImage": {"id": {"S": str(number)}},
        },
    }
    data = base64.b64encode(json.dumps(change).encode()).decode()
    return {"eventSource": "aws:kinesis", "kinesis": {"sequenceNumber": f"{number:056d}", "data": data}}


KINESIS = {"Records": [_kinesis_record(number) for number in (1, 2, 3)]}


def _lines(documents: list[Any]) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


FORMS = {
    "event": json.dumps(EVENT),
    "event on many lines": json.dumps(EVENT, indent=2),
    "GetRecords answer": json.dumps({"NextShardIterator": "x", "Records": RECORDS}),
    "Pipes list": json.dumps(RECORDS),
    "Pipes list on many lines": json.dumps(RECORDS, indent=1),
    "on-failure object": json.dumps({"version": "1.0", "payload": EVENT}),
    "on-failure object with text": json.dumps({"version": "1.0", "payload": json.dumps(EVENT)}),
    "a record a line": _lines(RECORDS),
    "an event a line": _lines([{"Records": [record]} for record in RECORDS]),
    "a Pipes list a line": _lines([[record] for record in RECORDS]),
    "all kinds of lines": _lines([RECORDS[0], {"Records": [RECORDS[1]]}, [RECORDS[2]]]),
    "empty lines between": "\n\n" + _lines(RECORDS).replace("\n", "\n  \n"),
    "lines that end in CR LF": _lines(RECORDS).replace("\n", "\r\n"),
    "no end of line": _lines(RECORDS).rstrip("\n"),
    "byte order mark": "\ufeff" + _lines(RECORDS),
}
KINESIS_FORMS = {
    "event": json.dumps(KINESIS),
    "on-failure object": json.dumps({"payload": KINESIS}),
    "on-failure object with text": json.dumps({"payload": json.dumps(KINESIS)}),
    "a record a line": _lines(KINESIS["Records"]),
}


def _read(path: Path, **options: Any) -> list[dict[str, Any]]:
    return [record for piece in Reader([str(path)], **options) for record in piece.wire_records()]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_form_gives_the_same_records(tmp_path: Path, text: str, packed: bool) -> None:
    data = text.encode()
    path = tmp_path / "records"
    path.write_bytes(gzip.compress(data) if packed else data)
    assert _read(path) == RECORDS


@pytest.mark.parametrize("text", KINESIS_FORMS.values(), ids=KINESIS_FORMS)
def test_changes_through_kinesis_keep_their_envelope(tmp_path: Path, text: str) -> None:
    path = tmp_path / "records"
    path.write_text(text)
    assert _read(path) == KINESIS["Records"]


def test_files_follow_one_another(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("1", "2", "3")]
    for path, record in zip(paths, RECORDS, strict=True):
        path.write_text(json.dumps(record))
    pieces = list(Reader(map(str, paths)))
    assert [record for piece in pieces for record in piece.wire_records()] == RECORDS
    assert [piece.file for piece in pieces] == list(map(str, paths))


@pytest.mark.parametrize("data", [b"", b"\n \n", gzip.compress(b"")], ids=["nothing", "blank lines", "empty gzip"])
def test_an_empty_file_has_no_records(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "empty").write_bytes(data)
    assert _read(tmp_path / "empty") == []


def test_the_stream_is_told_for_records_that_do_not_name_it(tmp_path: Path) -> None:
    record = {name: value for name, value in RECORDS[0].items() if name != "eventSourceARN"}
    (tmp_path / "answer").write_text(json.dumps({"Records": [record]}))
    (read,) = _read(tmp_path / "answer", event_source_arn=ARN)
    assert read["eventSourceARN"] == ARN


def test_lines_are_read_as_they_are_needed(tmp_path: Path) -> None:
    (tmp_path / "records").write_text(_lines(RECORDS) + "{broken\n")
    pieces = iter(Reader([str(tmp_path / "records")]))
    assert [next(pieces).line for _ in RECORDS] == [1, 2, 3]
    with pytest.raises(InputError):
        next(pieces)


def test_the_position_in_the_files_reaches_their_size(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text(_lines(RECORDS))
    (tmp_path / "packed").write_bytes(gzip.compress(_lines(RECORDS).encode()))
    reader = Reader([str(tmp_path / "plain"), str(tmp_path / "packed")])
    assert reader.position_bytes == 0
    positions = [reader.position_bytes for _ in reader]
    assert positions == sorted(positions)
    assert reader.position_bytes == reader.size_bytes


def _without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    broken: dict[str, Any] = json.loads(json.dumps(record))
    part = broken
    for name in names[:-1]:
        part = part[name]
    del part[names[-1]]
    return broken


LINES = [json.dumps(record) for record in RECORDS]
PRETTY = json.dumps(EVENT, indent=1)
# name: text, line, path, part of the message
BROKEN: dict[str, tuple[bytes, int, tuple[str | int, ...], str]] = {
    "cut line": (f"{LINES[0]}\n{LINES[1][:-40]}\n{LINES[2]}".encode(), 2, (), "broken JSON"),
    "cut first line": (f"{LINES[0][:60]}\n{LINES[1]}\n".encode(), 1, (), "broken JSON"),
    "cut last line": (f"{LINES[0]}\n{LINES[1]}\n{LINES[2][:200]}".encode(), 3, (), "broken JSON"),
    "two records on a line": (f"{LINES[0]}\n{LINES[1]} {LINES[2]}\n".encode(), 2, (), "Extra data"),
    "no JSON at all": (b"eventID,eventName\n1,INSERT\n", 1, (), "Expecting value"),
    "cut document": (PRETTY[:-3].encode(), PRETTY[:-3].count("\n") + 1, (), "broken JSON"),
    "bad value in an image": (
        PRETTY.replace('"S": "b"', '"S": b', 1).encode(),
        PRETTY[: PRETTY.index('"S": "b"')].count("\n") + 1,
        ("Records", 1, "dynamodb", "Keys", "id", "S"),
        "Expecting value",
    ),
    "no UTF-8": (f"{LINES[0]}\n".encode() + b'{"eventID":"\xff"}\n', 2, (), "no UTF-8"),
    "another service": (b'{"Records": [\n{"eventSource": "aws:s3", "s3": {}}]}', 2, ("Records", 0), "no stream event"),
    "another object": (b'{"detail": {}}', 1, (), "no stream event"),
    "a number": (f"{LINES[0]}\n12\n".encode(), 2, (), "no stream event"),
    "a record without its change": (
        json.dumps({"Records": [RECORDS[0], _without(RECORDS[1], "dynamodb")]}, indent=1).encode(),
        json.dumps({"Records": [RECORDS[0]]}, indent=1).count("\n"),  # where its last bracket but one is
        ("Records", 1),
        "dynamodb",
    ),
    "a line without a number": (
        _lines([RECORDS[0], _without(RECORDS[1], "dynamodb", "SequenceNumber")]).encode(),
        2,
        (),
        "no SequenceNumber",
    ),
    "a record without a number": (
        json.dumps({"Records": [RECORDS[0], _without(RECORDS[1], "dynamodb", "SequenceNumber")]}).encode(),
        1,
        ("Records", 1),
        "no SequenceNumber",
    ),
    "a Pipes record without a number": (
        json.dumps([RECORDS[0], _without(RECORDS[1], "dynamodb", "SequenceNumber")]).encode(),
        1,
        (1,),
        "no SequenceNumber",
    ),
    "an on-failure record without a number": (
        json.dumps({"payload": {"Records": [_without(RECORDS[1], "dynamodb", "SequenceNumber")]}}).encode(),
        1,
        ("payload", "Records", 0),
        "no SequenceNumber",
    ),
    "an integer of too many digits": (
        f'{LINES[0]}\n{{"Records":[{"9" * 5000}]}}\n'.encode(),
        2,
        ("Records", 0),
        "a number",
    ),
    "a change through Kinesis with such an integer": (
        json.dumps(KINESIS).replace('"Records"', f'"x": {"9" * 5000}, "Records"').encode(),
        1,
        (),
        "too many digits",
    ),
    "nested beyond reading": (b"[" * 100_000, 1, (0,), ""),
    "cut gzip": (gzip.compress(_lines(RECORDS).encode())[:-9], 4, (), "broken gzip"),
    "garbled gzip": (b"\x1f\x8b" + b"garbage" * 9, 1, (), "broken gzip"),
}


@pytest.mark.parametrize(("data", "line", "path", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_input_is_named_by_file_line_and_path(
    tmp_path: Path, data: bytes, line: int, path: tuple[str | int, ...], message: str
) -> None:
    file = tmp_path / "broken"
    file.write_bytes(data)
    with pytest.raises(InputError) as caught:
        _read(file)
    error = caught.value
    assert (error.line, error.path[: len(path)]) == (line, path)
    assert str(error).startswith(f"{file}, line {line}")
    assert message in str(error)
    assert "\n" not in str(error)


def test_a_missing_file_is_found_before_any_is_read(tmp_path: Path) -> None:
    (tmp_path / "there").write_text(_lines(RECORDS))
    pieces = iter(Reader([str(tmp_path / "there"), str(tmp_path / "missing")]))
    with pytest.raises(InputError, match="missing: no such file"):
        next(pieces)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="directory"):
        _read(tmp_path)
