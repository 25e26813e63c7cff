"""The write of a batch: rows first, then one transaction, and each record that is not stored is named."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from operator import length_hint
from typing import NamedTuple

from tailrace.exceptions import SinkError
from tailrace.sinks.base import SinkFailure, started
from tailrace.sinks.feed import arn_of_feed, guard_of, refused
from tailrace.sinks.sqlite.file import SqliteFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record
    from tailrace.sinks.base import Deadline

__all__ = ["SqliteSink"]

_KEEP_FEED = (
    "INSERT INTO tailrace_feeds (sink, table_name, kind, arn) VALUES (?, ?, ?, ?) ON CONFLICT (sink, table_name)"
    " DO UPDATE SET arn = excluded.arn WHERE kind = excluded.kind AND arn IS NULL"
)
_SELECT_FEED = "SELECT kind, arn FROM tailrace_feeds WHERE sink = ? AND table_name = ?"
# What SQLite refuses about one row: its statement is undone, the transaction stands.
_ROW_ERRORS = (sqlite3.IntegrityError, sqlite3.DataError, UnicodeEncodeError, OverflowError)


class _Feed(NamedTuple):
    """Where the changes of a table come from. The numbers of two feeds have no common order."""

    kind: str  # "stream" or "kinesis"
    arn: str | None  # of the table, or of the Kinesis stream; None while no record has told it


class _Row(NamedTuple):
    record: Record
    table: str
    feed: _Feed
    values: tuple[object, ...]


class SqliteSink(SqliteFile):
    """A sink with one statement for each record, and one transaction for each write.

    Args:
        path: the SQLite file; its folder exists.
        table: the table's name for records whose ARN is unknown.
    """

    _statement = ""

    def __init__(self, path: str | os.PathLike[str], *, table: str | None = None) -> None:
        super().__init__(path)
        self._table = table

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Sequence[SinkFailure]:
        """Store the records in one transaction, durable when this returns.

        Args:
            records: in stream order.
            deadline: records not begun by then come back as retryable failures; the first is always begun.

        Returns:
            One SinkFailure for each record that is not stored; all others are.

        Raises:
            SinkError: the file cannot be written; nothing of the batch is stored.
        """
        failures: list[SinkFailure] = []
        self._make_file(deadline.remaining_ms())  # for no rows too: from the first write on, it can be read
        # All rows are made before the transaction begins, so that other writers wait for SQLite only.
        rows = self._rows(records, deadline, failures)
        if rows:
            with self._transaction(deadline.remaining_ms()) as connection:
                rows = list(self._of_one_feed(connection, rows, failures))
                _execute_each(connection, self._statement, rows, failures)
        return failures

    def _row(self, record: Record, table: str, guard: str) -> tuple[object, ...]:
        """The values of the statement for one record. Raises what makes it a failure of that record."""
        raise NotImplementedError

    def _rows(self, records: Sequence[Record], deadline: Deadline, failures: list[SinkFailure]) -> list[_Row]:
        rows = (self._row_or_failure(record, failures) for record in started(records, deadline, failures))
        return [row for row in rows if row is not None]

    def _row_or_failure(self, record: Record, failures: list[SinkFailure]) -> _Row | None:
        try:
            table = self._table_of(record)
            kind, guard = guard_of(record)
            return _Row(record, table, _Feed(kind, arn_of_feed(record)), self._row(record, table, guard))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's failure and is named
            failures.append(SinkFailure(record, error, retryable=False))
            return None

    def _table_of(self, record: Record) -> str:
        table = record.table_name or self._table
        if not table:
            raise refused(record, f"no ARN tells its table: name it, {type(self).__name__}(path, table=...)")
        table.encode()  # a lone surrogate must fail here, where it fails this record only
        return table

    def _of_one_feed(
        self, connection: sqlite3.Connection, rows: list[_Row], failures: list[SinkFailure]
    ) -> Iterator[_Row]:
        """The rows that came from where their table's changes have always come."""
        feeds: dict[str, _Feed] = {}
        for row in rows:
            feed = feeds.get(row.table)
            if feed is None or (feed.arn is None and row.feed.arn is not None):
                feed = feeds[row.table] = self._feed(connection, row)
            if row.feed.kind == feed.kind and row.feed.arn in (None, feed.arn):
                yield row
            else:
                failures.append(SinkFailure(row.record, _two_feeds(row, feed), retryable=False))

    def _feed(self, connection: sqlite3.Connection, row: _Row) -> _Feed:
        """The feed of the row's table: its first record tells the kind, and the first that has one the ARN."""
        connection.execute(_KEEP_FEED, (self._sink, row.table, *row.feed))
        found = connection.execute(_SELECT_FEED, (self._sink, row.table))
        return _Feed(*found.fetchone())


def _two_feeds(row: _Row, before: _Feed) -> SinkError:
    return refused(
        row.record,
        f"it came {_way(row.feed)}, and the changes of table {row.table!r} came {_way(before)} before: the two"
        " cannot be ordered; give each a file of its own",
    )


def _way(feed: _Feed) -> str:
    through = "through Kinesis" if feed.kind == "kinesis" else "through the table's stream"
    return f"{through} ({feed.arn})" if feed.arn else through


def _execute_each(
    connection: sqlite3.Connection, statement: str, rows: list[_Row], failures: list[SinkFailure]
) -> None:
    """Run the statement for each row. ``executemany`` takes an iterator: behind a refused row it goes on."""
    waiting = iter([row.values for row in rows])
    while length_hint(waiting):
        try:
            connection.executemany(statement, waiting)
        except _ROW_ERRORS as error:  # noqa: PERF203 - a round for each refused row, not for each row
            if not connection.in_transaction:  # SQLite has undone the whole batch
                raise
            record = rows[-1 - length_hint(waiting)].record
            failures.append(SinkFailure(record, _row_error(record, error), retryable=False))


def _row_error(record: Record, error: Exception) -> SinkError:
    named = refused(record, str(error))
    named.__cause__ = error
    return named
