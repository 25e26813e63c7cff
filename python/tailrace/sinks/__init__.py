"""Where changes go: an audit trail, a replica, a search index, files, and the store of quarantined records.

Each name is loaded when it is first used, so one sink never costs the import of another.
"""

from __future__ import annotations

from tailrace.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.sinks.audit_trail import AuditEntry, SqliteAuditTrail
    from tailrace.sinks.base import Deadline, Sink, SinkFailure
    from tailrace.sinks.jsonl import JsonlSink
    from tailrace.sinks.memory import MemorySink
    from tailrace.sinks.quarantine import QuarantineEntry, SqliteQuarantine
    from tailrace.sinks.replica import SqliteReplica
    from tailrace.sinks.search_index import SearchHit, SqliteSearchIndex

__all__ = [
    "AuditEntry",
    "Deadline",
    "JsonlSink",
    "MemorySink",
    "QuarantineEntry",
    "SearchHit",
    "Sink",
    "SinkFailure",
    "SqliteAuditTrail",
    "SqliteQuarantine",
    "SqliteReplica",
    "SqliteSearchIndex",
]

_LAZY = {
    "AuditEntry": "audit_trail",
    "Deadline": "base",
    "JsonlSink": "jsonl",
    "MemorySink": "memory",
    "QuarantineEntry": "quarantine",
    "SearchHit": "search_index",
    "Sink": "base",
    "SinkFailure": "base",
    "SqliteAuditTrail": "audit_trail",
    "SqliteQuarantine": "quarantine",
    "SqliteReplica": "replica",
    "SqliteSearchIndex": "search_index",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _LAZY)
