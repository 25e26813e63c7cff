"""Where changes go: an audit trail, a replica, a search index, files, and the store of quarantined records.

Each name is loaded when it is first used, so one sink never costs the import of another.
"""

from __future__ import annotations

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

    def __getattr__(name: str) -> object:
        if name not in _LAZY:
            raise AttributeError(f"module 'tailrace.sinks' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"tailrace.sinks.{_LAZY[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(set(globals()) | set(__all__))
