"""Handled records in a SQLite file."""

from __future__ import annotations

import time

from tailrace.idempotency.seen import LOOKUP_COUNT, SHORTEST_TTL_MS, checked_name, checked_ttl
from tailrace.sinks.sqlite import SqliteFile

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

__all__ = ["SqliteSeen"]

_MARK = (
    "INSERT INTO seen (name, key, expires_ms) VALUES (?, ?, ?)"
    " ON CONFLICT (name, key) DO UPDATE SET expires_ms = excluded.expires_ms"
)
# A few at a time: each mark takes away more than it adds, and none has to wait for a long sweep.
_SWEEP = (
    "DELETE FROM seen WHERE (name, key) IN"
    " (SELECT name, key FROM seen WHERE expires_ms <= ? ORDER BY expires_ms LIMIT 10)"
)


class SqliteSeen(SqliteFile):
    """Remembers handled records in a SQLite file: for processes of one machine, and for tests.

    A record is marked after all its routes have succeeded, and the mark is on the disk before the next one is run. A
    process that is killed between the effect and the mark runs that record again, so an effect happens at least once.
    Two processes that are given the same record at once both run it.

    Args:
        path: the SQLite file; its folder exists. In Lambda, ``/tmp`` is gone with its environment.
        name: of the handler, without spaces; handlers that share the file must have different ones. None takes that
            of the Lambda function.
        ttl_ms: milliseconds that a mark is kept, 25 hours or more. A Kinesis stream may keep its records for longer
            than a table's stream: give more than its retention.

    Raises:
        ValueError: no name, a name with a space, or a shorter time.
        TypeError: an argument is of the wrong type.

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.idempotency import SqliteSeen
        >>> from tailrace.testing import make_event
        >>> event = make_event([{"id": "a"}])
        >>> for process in 1, 2:
        ...     with SqliteSeen("seen.db", name="welcome") as seen:
        ...         app = StreamHandler(idempotency=seen)
        ...         _ = app.insert(lambda record: print("welcome,", record.keys["id"]))
        ...         app(event)
        welcome, a
        {'batchItemFailures': []}
        {'batchItemFailures': []}
    """

    _sink = "seen"
    _schema = (
        (
            "CREATE TABLE seen (name TEXT NOT NULL, key TEXT NOT NULL, expires_ms INTEGER NOT NULL,"
            " PRIMARY KEY (name, key)) WITHOUT ROWID"
        ),
        "CREATE INDEX seen_expires ON seen (expires_ms)",
    )

    def __init__(
        self, path: str | os.PathLike[str], *, name: str | None = None, ttl_ms: float = SHORTEST_TTL_MS
    ) -> None:
        super().__init__(path)
        self._name = checked_name(name)
        self._ttl_ms = checked_ttl(ttl_ms)

    def seen(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys whose marks have not expired. As a write, it makes a file that is not there yet.

        Raises:
            SinkError: the file cannot be read.
        """
        found: set[str] = set()
        with self._transaction() as connection:
            for first in range(0, len(keys), LOOKUP_COUNT):
                some = keys[first : first + LOOKUP_COUNT]
                select = f"SELECT key FROM seen WHERE name = ? AND expires_ms > ? AND key IN ({_marks(some)})"  # noqa: S608  question marks only
                found.update(row[0] for row in connection.execute(select, (self._name, _now_ms(), *some)))
        return found

    def mark(self, key: str) -> None:
        """Remember a key; it is on the disk when this returns.

        Raises:
            SinkError: the file cannot be written.
        """
        now = _now_ms()
        with self._transaction() as connection:
            connection.execute(_MARK, (self._name, key, int(now + self._ttl_ms)))
            connection.execute(_SWEEP, (now,))


def _marks(keys: Sequence[str]) -> str:
    return ", ".join("?" * len(keys))


def _now_ms() -> int:
    return int(time.time() * 1000)
