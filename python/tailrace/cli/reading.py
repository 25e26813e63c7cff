"""Files of change records: JSON documents and JSON lines, gzip'd or not, with errors that say where."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tailrace import Batch, EventFormatError, TailraceError
from tailrace.cli.position import line_of, offset_of, path_of_fault, path_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedIOBase, BufferedReader
    from typing import IO, Any

    from tailrace import Record

__all__ = ["InputError", "Piece", "Reader"]

_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class InputError(Exception):
    """A file that cannot be read as change records.

    Args:
        file: its name as the user gave it.
        message: what is wrong.
        line: the line in it, from 1, where one is known.
        path: where in the JSON of that line or document.
    """

    def __init__(self, file: str, message: str, *, line: int | None = None, path: tuple[str | int, ...] = ()) -> None:
        where = [file]
        if line is not None:
            where.append(f"line {line}")
        if path:
            where.append(f"at {path_text(path)}")
        super().__init__(f"{', '.join(where)}: {message}")
        self.file, self.line, self.path = file, line, path


@dataclass(frozen=True)
class Piece:
    """One document or one line of a file.

    Args:
        file: the name of the file.
        line: where it starts, from 1.
        data: its JSON as an event.
        batch: its records.
    """

    file: str
    line: int
    data: bytes
    batch: Batch

    def wire_records(self) -> list[dict[str, Any]]:
        """The records as a Lambda event has them, in order.

        Returns:
            New dicts. Changes through Kinesis are as they were written, as their order and identity are in the
            Kinesis envelope.

        Raises:
            InputError: a record that is malformed beyond reading, or that has no SequenceNumber.
        """
        readable = [self._wire_record(index, record) for index, record in enumerate(self.batch)]
        return _kinesis_records(json.loads(self.data)) if self.batch.shape == "kinesis" else readable

    def _wire_record(self, index: int, record: Record) -> dict[str, Any]:
        try:
            wire = record.to_dict()
        except TailraceError as error:
            raise self._broken(index, str(error)) from error
        if record.sequence_number is None:
            raise self._broken(index, "it has no SequenceNumber, so nobody could say from where to go on")
        return wire

    def _broken(self, index: int, reason: str) -> InputError:
        text = self.data.decode(errors="replace")
        line = self.line + line_of(text, offset_of(text, ("Records", index))) - 1
        return InputError(self.file, f"record {index + 1}: {reason}", line=line)


class Reader:
    """Reads files of change records, one after the other, as an iterator of Pieces.

    Args:
        files: paths; ``-`` is standard input. Each holds one JSON document (a Lambda event, a GetRecords answer, a
            list from EventBridge Pipes, an on-failure object from S3) or JSON lines (such a document or one record
            a line), gzip'd or not. Lines are read as they are needed.
        event_source_arn: the stream's ARN for records that carry none.
    """

    def __init__(self, files: Iterable[str], event_source_arn: str | None = None) -> None:
        self._files = list(files)
        self._event_source_arn = event_source_arn
        self._read_bytes = 0
        self._current: IO[bytes] | None = None

    @property
    def size_bytes(self) -> int | None:
        """The size of all files together, packed as they are; None when one of them is no plain file."""
        paths = [Path(file) for file in self._files]
        return sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None

    @property
    def position_bytes(self) -> int:
        """How much of ``size_bytes`` is read."""
        current = self._current
        return self._read_bytes + (0 if current is None or not current.seekable() else current.tell())

    def __iter__(self) -> Iterator[Piece]:
        """Each document or line.

        Raises:
            InputError: a file that cannot be read, or that holds something else; one that is missing is found
                before any is read.
        """
        for file in self._files:
            if file != "-" and not Path(file).exists():
                raise InputError(file, "no such file")
        for file in self._files:
            name = "standard input" if file == "-" else file
            with _naming(name), open(sys.stdin.fileno() if file == "-" else file, "rb", closefd=file != "-") as raw:
                self._current = raw
                for line, data in _documents(_unzipped(raw)):
                    yield _piece(name, line, data, self._event_source_arn)
                self._read_bytes, self._current = self.position_bytes, None


@contextmanager
def _naming(name: str) -> Iterator[None]:
    """What cannot be read from a file becomes an InputError."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(name, f"broken gzip: {error}") from error
    except OSError as error:
        raise InputError(name, error.strerror or str(error)) from error


def _unzipped(raw: BufferedReader) -> BufferedIOBase:
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP_MAGIC else raw


def _documents(stream: BufferedIOBase) -> Iterator[tuple[int, bytes]]:
    """Each JSON text of a stream with the line it starts at: its lines, or all of it when a line is not enough."""
    lines = _lines(stream)
    number, first = next(lines, (1, b""))
    if _is_json(first):
        yield number, first
        yield from lines
        return
    rest = stream.read()
    if first.startswith(b"{") and _starts_with_json_line(rest):
        yield number, first  # JSON lines, and the first of them is broken
    elif first:
        yield number, first + rest


def _lines(stream: BufferedIOBase) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, numbered from 1."""
    for number, line in enumerate(stream, 1):
        text = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        if not text.isspace():
            yield number, text


def _starts_with_json_line(data: bytes) -> bool:
    line = data.lstrip().partition(b"\n")[0]
    return line.startswith((b"{", b"[")) and _is_json(line)


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except (ValueError, RecursionError):
        return False
    return True


def _piece(file: str, line: int, data: bytes, event_source_arn: str | None) -> Piece:
    wrapped = b'{"Records":[' + data + b"]}"
    try:
        return Piece(file, line, data, Batch.from_event(data, event_source_arn=event_source_arn))
    except EventFormatError as error:
        if not _is_one_record(data):
            raise _input_error(file, line, data, error) from error
    try:
        return Piece(file, line, wrapped, Batch.from_event(wrapped, event_source_arn=event_source_arn))
    except EventFormatError as error:
        raise InputError(file, error.message, line=line, path=error.path[2:]) from error


def _is_one_record(data: bytes) -> bool:
    """Whether it is a record on its own rather than an event: asked only of what is no event."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and ("dynamodb" in value or "kinesis" in value)


def _input_error(file: str, line: int, data: bytes, error: EventFormatError) -> InputError:
    """Python's word on broken JSON, as it knows the place; the reader's own on all else."""
    try:
        text = data.decode()
        json.loads(text)
    except UnicodeDecodeError as fault:
        return InputError(file, f"no UTF-8: {fault.reason}", line=line + data.count(b"\n", 0, fault.start))
    except json.JSONDecodeError as fault:
        message = f"broken JSON: {fault.msg} (column {fault.colno})"
        return InputError(file, message, line=line + fault.lineno - 1, path=path_of_fault(text))
    except RecursionError:
        return InputError(file, error.message, line=line, path=error.path)
    at = line + line_of(text, offset_of(text, error.path)) - 1
    return InputError(file, error.message, line=at, path=error.path)


def _kinesis_records(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of an event from Kinesis, or of an on-failure object that carries one."""
    payload = event.get("payload", event)
    event = json.loads(payload) if isinstance(payload, str) else payload
    return list(event["Records"])
