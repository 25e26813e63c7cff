"""A SQLite file: opened at first use, durable, one transaction at a time, its errors named."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tailrace.exceptions import SinkError
from tailrace.sinks.base import forget_after_fork
from tailrace.sinks.sqlite.reading import connect_to_read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Self = TypeVar("Self", bound="SqliteFile")

__all__ = ["SqliteFile"]

_PAGE_COUNT = 100
"""Rows read at a time when iterating: at 400 KB an item, some 40 MB."""

_BUSY_MS = 10_000
"""How long to wait for another writer of the file; less when the deadline is nearer."""

_OLDEST_SQLITE = (3, 27)
"""Upserts came with 3.24, FTS5's ``remove_diacritics 2`` with 3.27."""

_HINTS = {
    "database is locked": "another process is writing to it; wait, or give each writer a file of its own",
    "unable to open database file": "does its folder exist, and may this process write there?",
    "attempt to write a readonly database": "may this process write to the file and its folder?",
    "file is not a database": "it was not written by a tailrace sink; choose another path",
    "database or disk is full": "make room on the disk; nothing of the batch was stored",
    "no such module: fts5": "this Python's SQLite was built without FTS5",
}

_OWN_TABLES = (
    "CREATE TABLE IF NOT EXISTS tailrace_schema (sink TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS tailrace_feeds (sink TEXT NOT NULL, table_name TEXT NOT NULL,"
        " kind TEXT NOT NULL, arn TEXT, PRIMARY KEY (sink, table_name))"
    ),
)


class SqliteFile:
    """A SQLite file that one kind of sink reads and writes: opened at first use, durable, one writer at a time.

    A write makes the file; reading does not: where nothing was ever written, it is an error. A file that this
    process may not write can be read. Sinks of different kinds may share a file. A forked child opens it anew.
    Any thread may use it.

    Args:
        path: the file; ``":memory:"`` is refused, as nothing in it would outlive the process.

    Raises:
        ValueError: the path names no file.
    """

    _sink = ""
    _version = 1
    _schema: tuple[str, ...] = ()

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = _file_path(path)
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._can_write = False
        self._identity: tuple[int, int] | None = None
        forget_after_fork(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._path)!r})"

    def __enter__(self: Self) -> Self:  # noqa: PYI019 - typing.Self came with 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        # A handler keeps its sinks for as long as it lives itself; nobody closes them, and Python would complain.
        if getattr(self, "_connection", None) is not None:
            self._discard()

    def close(self) -> None:
        """Close the file. The next use opens it again."""
        with self._lock:
            self._discard()

    def _make_file(self, wait_ms: float) -> None:
        with self._lock, self._naming_errors():
            self._open(wait_ms)

    @contextmanager
    def _transaction(self, wait_ms: float = _BUSY_MS) -> Iterator[sqlite3.Connection]:
        with self._lock, self._naming_errors():
            connection = self._open(wait_ms)
            connection.execute(f"PRAGMA busy_timeout = {int(min(wait_ms, _BUSY_MS))}")
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                self._roll_back(connection)
                raise

    def _query(self, statement: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock, self._naming_errors():
            connection, lasting = self._open_to_read()
            try:
                return connection.execute(statement, parameters).fetchall()
            finally:
                if not lasting:
                    self._discard()

    def _count(self, statement: str, table: str | None) -> int:
        return int(self._query(statement, (table, table))[0][0])

    def _pages(self, statement: str, scope: Sequence[object], first: tuple[object, ...]) -> Iterator[tuple[Any, ...]]:
        """The rows behind ``first``, a page at a time: no read stays open while the caller works or writes.

        The last columns of a row are its place in the order, in the shape of ``first``.
        """
        place = first
        while rows := self._query(f"{statement} LIMIT {_PAGE_COUNT}", (*scope, *place)):
            yield from rows
            place = rows[-1][-len(first) :]

    def _open(self, wait_ms: float = _BUSY_MS) -> sqlite3.Connection:
        self._check_identity()
        if self._connection is None or not self._can_write:
            self._discard()
            self._connection = self._connect(min(wait_ms, _BUSY_MS) / 1000)
            self._can_write = True
            self._identity = _identity(self._path)
        return self._connection

    def _open_to_read(self) -> tuple[sqlite3.Connection, bool]:
        """The connection, and whether it may be kept. It neither makes the file nor writes to it."""
        self._check_identity()
        if self._connection is not None:
            return self._connection, True
        self._connection, lasting = connect_to_read(self._path, _BUSY_MS / 1000)
        self._can_write = False
        self._identity = _identity(self._path)
        try:
            self._check_version(self._connection)
        except BaseException:
            self._discard()
            raise
        return self._connection, lasting

    def _check_identity(self) -> None:
        if self._connection is not None and _identity(self._path) != self._identity:
            # What is written to a removed file is gone: say so once, then begin with the file that is there.
            self._discard()
            raise SinkError(f"{self._path}: the file was removed or replaced while it was open; do it again")

    def _connect(self, wait_seconds: float) -> sqlite3.Connection:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise SinkError(f"SQLite 3.27 or later is needed; this Python has {sqlite3.sqlite_version}")
        connection = sqlite3.connect(self._path, timeout=wait_seconds, isolation_level=None, check_same_thread=False)
        try:
            _set_wal(connection, wait_seconds)
            connection.execute("PRAGMA synchronous = FULL")
            self._check_schema(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_schema(self, connection: sqlite3.Connection) -> None:
        if not _tables_exist(connection) or self._stored_version(connection) is None:
            self._create_schema(connection)
        self._check_version(connection)

    def _check_version(self, connection: sqlite3.Connection) -> None:
        version = self._stored_version(connection) if _tables_exist(connection) else None
        if version is None:
            raise SinkError(f"{self._path}: no {type(self).__name__} has written to it yet; is it the right path?")
        if version != self._version:
            raise SinkError(
                f"{self._path}: its {self._sink} tables have version {version}, this tailrace reads version"
                f" {self._version}; use the tailrace that wrote it, or replay into a new file"
            )

    def _stored_version(self, connection: sqlite3.Connection) -> int | None:
        row = connection.execute("SELECT version FROM tailrace_schema WHERE sink = ?", (self._sink,)).fetchone()
        return None if row is None else int(row[0])

    def _create_schema(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for statement in _OWN_TABLES:
            connection.execute(statement)
        # Another process may have been quicker.
        if self._stored_version(connection) is None:
            for statement in self._schema:
                connection.execute(statement)
            connection.execute("INSERT INTO tailrace_schema VALUES (?, ?)", (self._sink, self._version))
        connection.execute("COMMIT")

    def _roll_back(self, connection: sqlite3.Connection) -> None:
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._discard()

    def _discard(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _forget(self) -> None:
        """In a forked child: the connection and the lock are the parent's."""
        if self._connection is not None:
            _OF_THE_PARENT.append(self._connection)
        self._connection = None
        self._lock = threading.RLock()

    @contextmanager
    def _naming_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            hint = next((hint for text, hint in _HINTS.items() if text in str(error)), "nothing of this was stored")
            raise SinkError(f"{self._path}: {error}: {hint}") from error


def _set_wal(connection: sqlite3.Connection, wait_seconds: float) -> None:
    """Where processes begin a file together, one turns WAL on; SQLite does not make the others wait for it."""
    give_up = time.monotonic() + wait_seconds
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() >= give_up:
                raise
        time.sleep(0.01)


def _tables_exist(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tailrace_schema'")
    return found.fetchone() is not None


def _file_path(path: str | os.PathLike[str]) -> Path:
    if os.fspath(path) in ("", ":memory:"):
        raise ValueError(f"the first argument is the path of a file, not {path!r}")
    return Path(path).absolute()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return (status.st_dev, status.st_ino)


# SQLite forbids a child to use or close its parent's connection: it is kept here, untouched.
_OF_THE_PARENT: list[sqlite3.Connection] = []
