"""Records set aside with their error, kept in SQLite until someone resolves them."""

from __future__ import annotations

import json
import os
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone

from tailrace._core import image_json
from tailrace.exceptions import Quarantine, SinkError
from tailrace.sinks.sqlite import SqliteFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from tailrace._core import Record

__all__ = ["QuarantineEntry", "SqliteQuarantine"]

_SELECT_ALL = (
    "SELECT table_name, event_id, route, sequence_number, record, unreadable, error_type, message, traceback, reason,"
    " first_time, last_time, attempt_count, id FROM quarantine WHERE id > ? ORDER BY id"
)
_SELECT_ONE = (
    "SELECT table_name, event_id, route, sequence_number, record, unreadable, error_type, message, traceback, reason,"
    " first_time, last_time, attempt_count, id FROM quarantine WHERE table_name = ? AND event_id = ? AND route = ?"
)
_ADD = (
    "INSERT INTO quarantine (table_name, event_id, route, sequence_number, record, unreadable, error_type, message,"
    " traceback, reason, first_time, last_time, attempt_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)"
    " ON CONFLICT (table_name, event_id, route) DO UPDATE SET sequence_number = excluded.sequence_number,"
    " record = excluded.record, unreadable = excluded.unreadable, error_type = excluded.error_type,"
    " message = excluded.message, traceback = excluded.traceback, reason = excluded.reason,"
    " last_time = excluded.last_time, attempt_count = attempt_count + 1"
)
_FAILED_AGAIN = (
    "UPDATE quarantine SET error_type = ?, message = ?, traceback = ?, reason = ?, last_time = ?,"
    " attempt_count = attempt_count + 1 WHERE table_name = ? AND event_id = ? AND route = ?"
)
_RESOLVE = "DELETE FROM quarantine WHERE table_name = ? AND event_id = ? AND route = ?"


@dataclass(frozen=True)
class QuarantineEntry:
    """One record set aside, for one route.

    ``record`` is in Lambda's wire shape: ``Batch.from_event([entry.record])`` reads it and a handler takes
    ``{"Records": [entry.record]}``. When the record was malformed it holds what could be read, and
    ``unreadable`` says of each other part why it could not; the sequence number finds the original in
    the stream, which keeps it for 24 hours. ``reason`` is that of ``raise Quarantine(reason)``.
    ``attempt_count`` is how often the record was set aside; error and ``last_time`` are of the last time.

    Example:
        >>> from tailrace import Quarantine
        >>> from tailrace.sinks import SqliteQuarantine
        >>> from tailrace.testing import make_record
        >>> record = make_record(new_image={"id": "a"}, table_name="orders")
        >>> with SqliteQuarantine("quarantine.db") as store:
        ...     store.add(record, error=Quarantine("no such customer"), route="bill")
        ...     [(entry.table, entry.record["eventName"], entry.reason) for entry in store]
        [('orders', 'INSERT', 'no such customer')]
    """

    table: str
    event_id: str
    route: str
    sequence_number: str | None
    record: dict[str, Any]
    unreadable: dict[str, str]
    error_type: str
    message: str
    traceback: str
    reason: str | None
    first_time: datetime
    last_time: datetime
    attempt_count: int


class SqliteQuarantine(SqliteFile):
    """A store for records that a handler sets aside: the full record, the error, and the route it failed on.

    A row's key is table, eventID and route, so a record that comes again is counted, not doubled. The
    table is ``""`` when nobody knows it; a record without an eventID is kept as
    ``sequence-number:<its SequenceNumber>``, and one with neither cannot be stored.

    Args:
        path: the SQLite file; its folder exists.
        table: the table's name for records whose ARN is unknown (GetRecords).

    Example:
        >>> from tailrace.sinks import SqliteQuarantine
        >>> from tailrace.testing import make_record
        >>> with SqliteQuarantine("quarantine.db") as store:
        ...     store.add(make_record(new_image={"id": "a"}), error=KeyError("price"), route="bill")
        ...     [(entry.route, entry.error_type, entry.message) for entry in store]
        [('bill', 'KeyError', "'price'")]
    """

    _sink = "quarantine"
    _schema = (
        (
            "CREATE TABLE quarantine (id INTEGER PRIMARY KEY,"
            " table_name TEXT NOT NULL, event_id TEXT NOT NULL, route TEXT NOT NULL, sequence_number TEXT,"
            " record TEXT NOT NULL, unreadable TEXT NOT NULL, error_type TEXT NOT NULL, message TEXT NOT NULL,"
            " traceback TEXT NOT NULL, reason TEXT, first_time TEXT NOT NULL, last_time TEXT NOT NULL,"
            " attempt_count INTEGER NOT NULL, UNIQUE (table_name, event_id, route))"
        ),
    )

    def __init__(self, path: str | os.PathLike[str], *, table: str | None = None) -> None:
        super().__init__(path)
        self._table = table

    def add(self, record: Record, *, error: BaseException, route: str | None) -> None:
        """Store one record; it is on the disk when this returns.

        Args:
            record: the record, which may be malformed.
            error: why it is set aside.
            route: the name of the route that failed on it; None, kept as ``""``, when it came to none.

        Raises:
            SinkError: it is not stored: the file cannot be written, or the record has neither eventID nor
                SequenceNumber.
        """
        row = self._row(record, error, route)
        try:
            with self._transaction() as connection:
                connection.execute(_ADD, row)
        except (ValueError, OverflowError) as refused:
            raise SinkError(
                f"{self._path}: the record cannot be stored: {refused}", sequence_number=record.sequence_number
            ) from refused

    def get(self, table: str, event_id: str, route: str) -> QuarantineEntry | None:
        """One entry.

        Args:
            table: the table's name; ``""`` when it was not known.
            event_id: the record's eventID, or ``sequence-number:<number>`` where it has none.
            route: the name of the route, or ``""``.

        Returns:
            The entry, or None.

        Raises:
            SinkError: the file is not there or cannot be read.
        """
        rows = self._query(_SELECT_ONE, (table, event_id, route))
        return _entry(rows[0]) if rows else None

    def __iter__(self) -> Iterator[QuarantineEntry]:
        """All entries, in the order in which they were first stored."""
        rows = self._pages(_SELECT_ALL, (), (0,))
        return (_entry(row) for row in rows)

    def count(self, table: str | None = None) -> int:
        """How many entries there are.

        Args:
            table: of this table only.

        Returns:
            The number of entries.

        Raises:
            SinkError: the file is not there or cannot be read.
        """
        return self._count("SELECT count(*) FROM quarantine WHERE (? IS NULL OR table_name = ?)", table)

    def failed_again(self, table: str, event_id: str, route: str, *, error: BaseException) -> bool:
        """Note that a record has failed once more, as in a replay: the new error, and one more in the count.

        Args:
            table: the table's name; ``""`` when it was not known.
            event_id: the record's eventID, or ``sequence-number:<number>`` where it has none.
            route: the name of the route, or ``""``.
            error: why.

        Returns:
            Whether there is such an entry.

        Raises:
            SinkError: the file cannot be written.
        """
        with self._transaction() as connection:
            values = (*_error_columns(error), _now(), table, event_id, route)
            return connection.execute(_FAILED_AGAIN, values).rowcount > 0

    def resolve(self, table: str, event_id: str, route: str) -> bool:
        """Remove an entry that has been dealt with. As a write, it makes a file that is not there yet.

        Args:
            table: the table's name; ``""`` when it was not known.
            event_id: the record's eventID, or ``sequence-number:<number>`` where it has none.
            route: the name of the route, or ``""``.

        Returns:
            Whether there was one.

        Raises:
            SinkError: the file cannot be written.
        """
        with self._transaction() as connection:
            return connection.execute(_RESOLVE, (table, event_id, route)).rowcount > 0

    def _row(self, record: Record, error: BaseException, route: str | None) -> tuple[object, ...]:
        wire, unreadable = _wire(record)
        now = _now()
        return (
            _read(lambda record: record.table_name, record)[0] or self._table or "",
            _event_id(record),
            route or "",
            record.sequence_number,
            json.dumps(wire, separators=(",", ":")),
            json.dumps(unreadable),
            *_error_columns(error),
            now,
            now,
        )


def _error_columns(error: BaseException) -> tuple[str | None, ...]:
    """Type, message, traceback and reason."""
    return (
        _type_name(error),
        _message(error),
        _encodable("".join(traceback.format_exception(type(error), error, error.__traceback__))),
        _encodable(str(error.reason)) if isinstance(error, Quarantine) else None,
    )


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def _event_id(record: Record) -> str:
    event_id, _ = _read(lambda record: record.event_id, record)
    if event_id:
        return str(event_id)
    if record.sequence_number is None:
        raise SinkError("the record has neither eventID nor SequenceNumber to keep it by")
    return f"sequence-number:{record.sequence_number}"


def _read(part: Callable[[Record], object], record: Record) -> tuple[object, str]:
    """The part, or why it cannot be read."""
    try:
        return part(record), ""
    except Exception as error:  # noqa: BLE001 - a malformed record is stored all the same
        return None, _message(error)


def _wire(record: Record) -> tuple[dict[str, Any], dict[str, str]]:
    """The record in wire shape, and why each part that is missing from it cannot be read."""
    whole, reason = _read(lambda record: record.to_dict(), record)
    if isinstance(whole, dict):
        return whole, {}
    change: dict[str, Any] = {}
    wire: dict[str, Any] = {"dynamodb": change}
    unreadable = {"record": reason}
    for name, part in _PARTS.items():
        value, reason = _read(part, record)
        if reason:
            unreadable[name] = reason
        elif value is not None:
            (change if name[0].isupper() else wire)[name] = value
    return wire, unreadable


# The members of the change itself begin with a capital, as on the wire.
_PARTS: dict[str, Callable[[Record], object]] = {
    "eventID": lambda record: record.event_id,
    "eventName": lambda record: record.event_name,
    "eventSourceARN": lambda record: record.event_source_arn,
    "awsRegion": lambda record: record.aws_region,
    "userIdentity": lambda record: record.user_identity,
    "SequenceNumber": lambda record: record.sequence_number,
    "ApproximateCreationDateTime": lambda record: _seconds(record.approximate_creation_time),
    "StreamViewType": lambda record: record.stream_view_type,
    "SizeBytes": lambda record: record.size_bytes,
    "Keys": lambda record: _image(record, "keys"),
    "NewImage": lambda record: _image(record, "new_image"),
    "OldImage": lambda record: _image(record, "old_image"),
}


def _image(record: Record, image: Literal["keys", "new_image", "old_image"]) -> object:
    text = image_json(record, image)
    return None if text is None else json.loads(text)


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()


def _type_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _message(error: BaseException) -> str:
    try:
        return _encodable(str(error))
    except Exception:  # noqa: BLE001 - an error whose own __str__ fails must not keep the record from being stored
        return "(the error cannot be shown)"


def _encodable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def _entry(row: tuple[Any, ...]) -> QuarantineEntry:
    *texts, first_time, last_time, attempt_count, _ = row
    table, event_id, route, number, record, unreadable, error_type, message, trace, reason = texts
    return QuarantineEntry(
        table=table,
        event_id=event_id,
        route=route,
        sequence_number=number,
        record=json.loads(record),
        unreadable=json.loads(unreadable),
        error_type=error_type,
        message=message,
        traceback=trace,
        reason=reason,
        first_time=datetime.fromisoformat(first_time),
        last_time=datetime.fromisoformat(last_time),
        attempt_count=attempt_count,
    )
