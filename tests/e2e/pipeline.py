"""One handler with the three SQLite sinks of a table, and what they hold afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailrace import StreamHandler
from tailrace.sinks import SqliteAuditTrail, SqliteReplica, SqliteSearchIndex
from tests.e2e.exact import exact

EVERYTHING_DONE: dict[str, list[Any]] = {"batchItemFailures": []}


@dataclass(frozen=True)
class Pipeline:
    """The handler, its sinks, and the table they are fed from."""

    table: str
    app: StreamHandler
    audit_trail: SqliteAuditTrail
    replica: SqliteReplica
    search_index: SqliteSearchIndex

    def feed(self, event: Any) -> None:
        assert self.app(event) == EVERYTHING_DONE

    def items(self) -> list[Any]:
        return [exact(item) for item in self.replica.items(self.table)]

    def contents(self) -> list[Any]:
        """All that the sinks hold, to tell whether a replay changed anything."""
        return [list(self.audit_trail), self.items(), self.search_index.count(self.table)]


@contextmanager
def pipeline(folder: Path, table: str, *, text: str) -> Iterator[Pipeline]:
    """The sinks are files in the folder; the index reads the attribute named by `text`."""
    with (
        SqliteAuditTrail(folder / "audit.db", table=table) as audit_trail,
        SqliteReplica(folder / "replica.db", table=table) as replica,
        SqliteSearchIndex(folder / "search.db", attributes=(text,), table=table) as search_index,
    ):
        app = StreamHandler()
        for sink in (audit_trail, replica, search_index):
            app.sink(sink)
        yield Pipeline(table, app, audit_trail, replica, search_index)


def same_items(left: list[Any], right: list[Any]) -> bool:
    """Whether both hold the same items, in whatever order; items are dicts, which no set can hold."""
    rest = list(right)
    for item in left:
        if item not in rest:
            return False
        rest.remove(item)
    return not rest
