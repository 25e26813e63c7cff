"""A connection that reads a SQLite file as it is: it makes no file, and asks for no right to write."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tailrace.exceptions import SinkError

__all__ = ["connect_to_read"]


def connect_to_read(path: Path, wait_seconds: float) -> tuple[sqlite3.Connection, bool]:
    """Open a file to read it.

    Args:
        path: the file.
        wait_seconds: how long a read waits for a writer.

    Returns:
        The connection, and whether it may be kept: one that takes the file as unchangeable may not.

    Raises:
        SinkError: there is no such file.
        sqlite3.Error: the file cannot be read, or is no database.
    """
    if not path.exists():
        raise SinkError(f"{path}: no such file: nothing was written there yet; is it the right path?")
    try:
        return _connect(path, "mode=rw", wait_seconds), True  # a file that is read-only is opened so all the same
    except sqlite3.OperationalError:
        # A read of the write-ahead log wants its two files, which a folder that is read-only cannot take. Without
        # a log nobody is writing, and the file is all there is.
        if _has_log(path):
            raise
        return _connect(path, "mode=ro&immutable=1", wait_seconds), False


def _connect(path: Path, mode: str, wait_seconds: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?{mode}", uri=True, timeout=wait_seconds, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_log(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()
