"""Records appended to a file of JSON lines."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tailrace.exceptions import SinkError
from tailrace.sinks.base import SinkFailure, forget_after_fork, started

try:
    import fcntl
except ImportError:  # no POSIX: one process a file
    fcntl = None  # type: ignore[assignment]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from tailrace._core import Record
    from tailrace.sinks.base import Deadline

    Self = TypeVar("Self", bound="JsonlSink")

__all__ = ["JsonlSink"]

_BLOCK_BYTES = 65_536
_BUSY_MS = 10_000  # how long to wait for another writer of the file; less when the deadline is nearer
# json.dumps makes an encoder at each call.
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_FIRST_NAMES = ("eventID", "dynamodb")  # each line begins with one of them, so that a torn one is known as ours
_BEGINNINGS = tuple(f'{{"{name}":'.encode() for name in _FIRST_NAMES)


class JsonlSink:
    """A sink that appends each record to a file: one line of compact JSON in Lambda's wire shape.

    A write is on the disk when it returns, or it leaves nothing behind. A redelivered record is appended
    again: readers drop repeats by table and eventID. Several processes may append to one file.

    What is in the file stays. A last line that is a whole JSON object and has no newline is given one. One
    that a crash has torn is cut off: it begins as this sink begins a line, with eventID (``dynamodb`` for a
    record without one), or is all NULs. The write to a file that ends in anything else is refused.

    Args:
        path: the file; its folder exists.

    Example:
        >>> from pathlib import Path
        >>> from tailrace import Batch
        >>> from tailrace.sinks import Deadline, JsonlSink
        >>> from tailrace.testing import make_record
        >>> with JsonlSink("changes.jsonl") as sink:
        ...     sink.write([make_record(new_image={"id": "a"})], deadline=Deadline())
        []
        >>> lines = Path("changes.jsonl").read_text("utf-8").splitlines()
        >>> Batch.from_event(f"[{lines[0]}]")[0].new_image
        {'id': 'a'}
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path).absolute()
        self._file: int | None = None
        self._lock = threading.RLock()
        forget_after_fork(self)

    def __repr__(self) -> str:
        return f"JsonlSink({str(self._path)!r})"

    def __enter__(self: Self) -> Self:  # noqa: PYI019 - typing.Self came with 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Sequence[SinkFailure]:
        """Append the records, and see that they are on the disk.

        Args:
            records: in stream order.
            deadline: records not begun by then come back as retryable failures; the first is always begun.

        Returns:
            One SinkFailure for each record that is not stored; all others are.

        Raises:
            SinkError: the file cannot be written; nothing of the batch is in it.
        """
        failures: list[SinkFailure] = []
        lines = b"".join([_line(record, failures) for record in started(records, deadline, failures)])
        if lines:
            self._append(lines, deadline)
        return failures

    def close(self) -> None:
        """Close the file. The next write opens it again."""
        with self._lock:
            file, self._file = self._file, None
            if file is not None:
                os.close(file)

    def _append(self, lines: bytes, deadline: Deadline) -> None:
        with self._lock:
            try:
                file = self._open()
                with _alone(file, deadline):
                    start, newline = _end_of_lines(file, self._path)
                    _append_whole(file, newline + lines, start)
            except OSError as error:
                raise SinkError(f"{self._path}: {error}: nothing of the batch was stored") from error

    def _open(self) -> int:
        if self._file is not None and not _is_at(self._file, self._path):
            self.close()
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
            _sync_folder(self._path)
        return self._file

    def _forget(self) -> None:
        """In a forked child: the parent's lock on the file would be the child's too. Closing leaves it alone."""
        file, self._file = self._file, None
        self._lock = threading.RLock()
        if file is not None:
            os.close(file)


def _is_at(file: int, path: Path) -> bool:
    """Not when the file was moved away, as log rotation does."""
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _line(record: Record, failures: list[SinkFailure]) -> bytes:
    try:
        return _encode(_in_order(record.to_dict())).encode() + b"\n"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's failure and is named
        failures.append(SinkFailure(record, error, retryable=False))
        return b""


def _in_order(wire: dict[str, Any]) -> dict[str, Any]:
    first = next((name for name in _FIRST_NAMES if name in wire), None)
    return wire if first is None else {first: wire[first], **wire}


@contextmanager
def _alone(file: int, deadline: Deadline) -> Iterator[None]:
    """Other processes wait: a failed write is cut off at its beginning, which must cut nobody else's lines."""
    if fcntl is None:
        yield
        return
    give_up = time.monotonic() + min(deadline.remaining_ms(), _BUSY_MS) / 1000
    while not _locked(file):
        if time.monotonic() >= give_up:
            raise BlockingIOError("another process is writing to it")
        time.sleep(0.002)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_of_lines(file: int, path: Path) -> tuple[int, bytes]:
    """Where the last whole line ends, and the newline it lacks; what a crash left behind it is cut off."""
    size = os.lseek(file, 0, os.SEEK_END)
    end = _last_line_end(file, size)
    if end == size:
        return end, b""
    line = _read(file, end, size)
    if _is_object(line):
        return size, b"\n"
    if not _is_torn(line):
        raise SinkError(
            f"{path}: its last line has no newline, and is neither a JSON object nor the beginning of a line of this"
            " sink: choose another path, or end that line"
        )
    os.ftruncate(file, end)
    return end, b""


def _read(file: int, start: int, end: int) -> bytes:
    """One read of the system gives 2 GiB at most."""
    parts = []
    while start < end and (part := os.pread(file, end - start, start)):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _is_torn(line: bytes) -> bool:
    begins = any(line.startswith(beginning) or beginning.startswith(line) for beginning in _BEGINNINGS)
    # A file system may have kept the length of a write and not its bytes: they are NULs.
    return begins or not line.strip(b"\0")


def _last_line_end(file: int, size: int) -> int:
    if size and os.pread(file, 1, size - 1) == b"\n":
        return size
    end = size
    while end > 0:
        start = max(0, end - _BLOCK_BYTES)
        newline = os.pread(file, end - start, start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _append_whole(file: int, lines: bytes, start: int) -> None:
    try:
        rest = memoryview(lines)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(file, start)
        raise


def _sync_folder(path: Path) -> None:
    """A new file's name is on the disk only when its folder is."""
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
