"""The sinks, and one of a user's own."""

from collections.abc import Sequence

from typing_extensions import reveal_type

from tailrace import Record, StreamHandler
from tailrace.sinks import (
    AuditEntry,
    Deadline,
    JsonlSink,
    MemorySink,
    QuarantineEntry,
    SearchHit,
    Sink,
    SinkFailure,
    SqliteAuditTrail,
    SqliteQuarantine,
    SqliteReplica,
    SqliteSearchIndex,
)


class Own:
    def write(self, records: Sequence[Record], *, deadline: Deadline) -> list[SinkFailure]:
        reveal_type(deadline.remaining_ms())  # -> float
        reveal_type(deadline.passed())  # -> bool
        return [SinkFailure(record, ValueError("no"), retryable=False) for record in records]

    def close(self) -> None: ...


class NoClose:
    def write(self, records: Sequence[Record], *, deadline: Deadline) -> list[SinkFailure]:
        return []


every: list[Sink] = [
    Own(),
    JsonlSink("a"),
    MemorySink(),
    SqliteAuditTrail("a", table="orders", actor="by"),
    SqliteReplica("a"),
    SqliteSearchIndex("a", attributes=("title",)),
]
wrong: Sink = NoClose()  # error: assignment
reveal_type(MemorySink().records)  # -> list[Record]
reveal_type(SqliteAuditTrail("a").history("orders", {"id": 1}))  # -> list[AuditEntry]
reveal_type(SqliteReplica("a").get("orders", b"key"))  # -> dict[str, Any] | None
reveal_type(SqliteReplica("a").count())  # -> int
reveal_type(SqliteSearchIndex("a", attributes=["title"]).search("canal")[0].score)  # -> float
SqliteReplica()  # error: call-arg
StreamHandler(quarantine=SqliteQuarantine("a"))


def read(entry: AuditEntry, hit: SearchHit, kept: QuarantineEntry) -> None:
    reveal_type(entry.changed_attributes)  # -> list[str] | None
    reveal_type(entry.masked)  # -> dict[tuple[str | int, ...], bool | None]
    reveal_type(hit.keys)  # -> dict[str, Any]
    reveal_type(kept.route)  # -> str
