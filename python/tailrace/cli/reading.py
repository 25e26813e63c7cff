"""Files of change records: JSON documents and JSON lines, gzip'd or not, with errors that say where."""

from __future__ import annotations

import gzip
import json
import pathlib
import sys
import zlib
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from tailrace import Batch, EventFormatError, TailraceError
from tailrace.cli.position import line_of, offset_of, path_of_fault, path_text, spans_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from io import BufferedIOBase, BufferedReader
    from typing import IO, Any

    from tailrace import Record

    Path = tuple[str | int, ...]

__all__ = ["InputError", "Piece", "Reader", "holds_records", "input_error", "read_document"]

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

    def __init__(self, file: str, message: str, *, line: int | None = None, path: Path = ()) -> None:
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
        data: its JSON.
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
        return self._written_records() if self.batch.shape == "kinesis" else readable

    def _written_records(self) -> list[dict[str, Any]]:
        try:
            return _written_records(json.loads(self.data))
        except ValueError as error:  # the batch has read it: it is a number
            raise input_error(self.file, self.line, self.data, "an integer of too many digits", ()) from error

    def _wire_record(self, index: int, record: Record) -> dict[str, Any]:
        try:
            wire = record.to_dict()
            str(record.event_name)  # raises when there is none
        except TailraceError as error:
            raise self._broken(index, error.message, error.path) from error
        if record.sequence_number is None:
            raise self._broken(index, "no SequenceNumber, so nobody could say from where to go on")
        return wire

    def _broken(self, index: int, reason: str, path: Path = ()) -> InputError:
        return input_error(self.file, self.line, self.data, reason, (*_place_of_records(self.data, index), *path))


class Reader:
    """Reads files of change records, one after the other, as an iterator of Pieces.

    Args:
        files: paths; ``-`` is standard input. Each holds one JSON document (a Lambda event, a GetRecords answer, a
            list from EventBridge Pipes, an on-failure object from S3) or JSON lines (such a document or one record
            a line), gzip'd or not. Lines are read as they are needed.
        event_source_arn: the stream's ARN for records that carry none.
        skipped: called with the error of each line, record or file that cannot be read; reading goes on with the next.
            Without it the error is raised.
    """

    def __init__(
        self,
        files: Iterable[str],
        event_source_arn: str | None = None,
        *,
        skipped: Callable[[InputError], None] | None = None,
    ) -> None:
        self._skipped = skipped
        self._files = list(files)
        self._event_source_arn = event_source_arn
        self.empty: list[str] = []
        """What to call the files in which there was nothing, of those that were read."""
        self._read_bytes = 0
        self._current: IO[bytes] | None = None

    @property
    def size_bytes(self) -> int | None:
        """The size of all files together, packed as they are; None when one of them is no plain file."""
        paths = [pathlib.Path(file) for file in self._files]
        return sum(path.stat().st_size for path in paths) if all(path.is_file() for path in paths) else None

    @property
    def position_bytes(self) -> int:
        """How much of ``size_bytes`` is read."""
        current = self._current
        return self._read_bytes + (0 if current is None or not current.seekable() else current.tell())

    def __iter__(self) -> Generator[Piece, None, None]:
        """Each document or line.

        Raises:
            InputError: a file that cannot be read, or that holds something else; one that is missing is found
                before any is read, and raised in any case.
        """
        for file in self._files:
            _require(file)
        for file in self._files:
            yield from self._of_file(file)

    def _of_file(self, file: str) -> Iterator[Piece]:
        try:
            yield from self._pieces(file, _name(file))
        except InputError as error:
            self._skip(error)

    def _pieces(self, file: str, name: str) -> Iterator[Piece]:
        line = 0
        try:
            with _open(file) as raw:
                self._current = raw
                for line, data in _documents(_unzipped(raw)):
                    yield from self._readable(name, line, data)
                self._read_bytes, self._current = self.position_bytes, None
            if not line:
                self.empty.append(name)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputError(name, f"broken gzip: {error}", line=line + 1) from error
        except OSError as error:
            raise InputError(name, error.strerror or str(error)) from error

    def _readable(self, name: str, line: int, data: bytes) -> Iterator[Piece]:
        """One document; where it is refused and reading goes on, each of its records that can be read."""
        try:
            yield _piece(name, line, data, self._event_source_arn)
        except InputError as error:
            if self._skipped is None:
                raise
            for found in _records_of(name, line, data, self._event_source_arn) or [error]:
                if isinstance(found, Piece):
                    yield found
                else:
                    self._skip(found)

    def _skip(self, error: InputError) -> None:
        if self._skipped is None:
            raise error
        self._skipped(error)


def read_document(file: str) -> tuple[str, bytes]:
    """Read a whole file that holds one JSON document, gzip'd or not.

    Args:
        file: its path; ``-`` is standard input.

    Returns:
        What to call the file, and its text without a byte order mark.

    Raises:
        InputError: it cannot be read.
    """
    _require(file)
    try:
        with _open(file) as raw:
            return _name(file), _unzipped(raw).read().removeprefix(_BYTE_ORDER_MARK)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(_name(file), f"broken gzip: {error}") from error
    except OSError as error:
        raise InputError(_name(file), error.strerror or str(error)) from error


def holds_records(data: bytes) -> bool:
    """Whether a text is an event, or lines of them, with records in it."""
    try:
        return any(len(_piece("", line, text, None).batch) for line, text in islice(_documents(BytesIO(data)), 1))
    except InputError:
        return False


def _require(file: str) -> None:
    if file != "-" and not pathlib.Path(file).exists():
        raise InputError(file, "no such file")
    if file == "-" and not _is_open(sys.stdin):
        raise InputError(_name(file), "it is closed")


def _is_open(stream: object) -> bool:
    return stream is not None  # as Python leaves it for a descriptor that was closed at the start


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def _open(file: str) -> BufferedReader:
    return open(sys.stdin.fileno() if file == "-" else file, "rb", closefd=file != "-")


def _unzipped(raw: BufferedReader) -> BufferedIOBase:
    return gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP_MAGIC else raw


def _documents(stream: BufferedIOBase) -> Iterator[tuple[int, bytes]]:
    """Each JSON text of a stream with the line it starts at: its lines, or all of it when a line is not enough."""
    lines = _lines(stream)
    number, first = next(lines, (1, b""))
    if _is_json(first):
        yield number, first
        yield from ((number, line.rstrip()) for number, line in lines)
        return
    rest = stream.read()
    if _has_json_line(rest) and not _is_json(first + rest):
        yield number, first.rstrip()  # JSON lines, and the first of them is broken
        yield from ((later, line.rstrip()) for later, line in _lines(BytesIO(rest), number + 1))
    elif first:
        yield number, first + rest


def _lines(stream: BufferedIOBase, first: int = 1) -> Iterator[tuple[int, bytes]]:
    """The lines that hold something, numbered from ``first``."""
    for number, line in enumerate(stream, first):
        text = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        if not text.isspace():
            yield number, text


def _has_json_line(data: bytes) -> bool:
    """Whether a line is an object or a list: none of a document over many lines is, but for a broken one."""
    return any(line.startswith((b"{", b"[")) and _is_json(line) for line in data.splitlines())


def _is_json(data: bytes) -> bool:
    try:
        _json(data)
    except (ValueError, RecursionError):
        return False
    return True


def _json(text: str | bytes) -> Any:
    """JSON to look at, integers as text: Python makes none of more than 4,300 digits."""
    return json.loads(text, parse_int=str)


def _piece(file: str, line: int, data: bytes, event_source_arn: str | None) -> Piece:
    try:
        return Piece(file, line, data, Batch.from_event(data, event_source_arn=event_source_arn))
    except EventFormatError as error:
        if not _is_one_record(data):
            raise input_error(file, line, data, error.message, error.path) from error
    try:
        event = b'{"Records":[' + data + b"]}"
        return Piece(file, line, data, Batch.from_event(event, event_source_arn=event_source_arn))
    except EventFormatError as error:
        raise input_error(file, line, data, error.message, error.path[2:]) from error


def _records_of(file: str, line: int, data: bytes, event_source_arn: str | None) -> list[Piece | InputError]:
    """The records of a document that is refused for one of them, each alone; none where there is none to be read."""
    try:
        text, place = _text_of_records(data)
    except (ValueError, RecursionError):
        return []
    before, after = ("[", "]") if not place else ('{"Records":[', "]}")
    found: list[Piece | InputError] = []
    for index, (start, end) in enumerate(spans_in(text, place)):
        record = f"{before}{text[start:end]}{after}".encode()
        try:
            batch = Batch.from_event(record, event_source_arn=event_source_arn)
            found.append(Piece(file, line, record, batch))
        except EventFormatError as error:
            path = (*_place_of_records(data, index), *error.path[len(place[-1:]) + 1 :])
            found.append(input_error(file, line, data, error.message, path))
    return found if any(isinstance(each, Piece) for each in found) else []


def _text_of_records(data: bytes) -> tuple[str, Path]:
    """The JSON that holds the list of records, and the path of the list in it."""
    text = data.decode()
    document = _json(text)
    if isinstance(document, list):
        return text, ()
    payload = document.get("payload") if isinstance(document, dict) else None
    if isinstance(payload, str):
        payload.encode()  # half a character is refused
        return payload, ("Records",)
    return text, ("payload", "Records") if payload is not None else ("Records",)


def _is_one_record(data: bytes) -> bool:
    """Whether it is a record on its own rather than an event: asked only of what is no event."""
    try:
        value = _json(data)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and ("dynamodb" in value or "kinesis" in value)


def input_error(file: str, line: int, data: bytes, reason: str, path: Path) -> InputError:
    """The error of something in a document: Python's word on broken JSON, as it knows the place; ours on all else.

    Args:
        file: its name.
        line: where the document starts, from 1.
        data: the document.
        reason: what is wrong.
        path: where in its JSON.
    """
    try:
        text = data.decode()
        _json(text)
    except UnicodeDecodeError as fault:
        return InputError(file, f"no UTF-8: {fault.reason}", line=line + data.count(b"\n", 0, fault.start))
    except json.JSONDecodeError as fault:
        message = f"broken JSON: {fault.msg.removesuffix(' at')} (column {fault.colno})"
        return InputError(file, message, line=line + fault.lineno - 1, path=path_of_fault(text))
    except RecursionError:
        return InputError(file, reason, line=line, path=path)
    return InputError(file, reason, line=line + line_of(text, offset_of(text, path)) - 1, path=path)


def _place_of_records(data: bytes, index: int) -> Path:
    """The path of a record in a document, however it is wrapped."""
    try:
        document = _json(data)
    except (ValueError, RecursionError):
        return ()
    if isinstance(document, list):
        return (index,)
    if "payload" in document:
        return ("payload", "Records", index)
    return ("Records", index) if "Records" in document else ()


def _written_records(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of an event from Kinesis, of an on-failure object that carries one, or the one that it is."""
    payload = document.get("payload", document)
    event = json.loads(payload) if isinstance(payload, str) else payload
    return list(event["Records"]) if "Records" in event else [event]
