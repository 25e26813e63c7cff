"""Which records were handled before: stores for the ``idempotency=`` of a StreamHandler.

Each name is loaded when it is first used, so one store never costs the import of another.
"""

from __future__ import annotations

from tailrace.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.idempotency.dynamodb import DynamoDBSeen
    from tailrace.idempotency.memory import MemorySeen
    from tailrace.idempotency.seen import ClaimingSeen, Seen
    from tailrace.idempotency.sqlite import SqliteSeen

__all__ = ["ClaimingSeen", "DynamoDBSeen", "MemorySeen", "Seen", "SqliteSeen"]

_LAZY = {
    "ClaimingSeen": "seen",
    "DynamoDBSeen": "dynamodb",
    "MemorySeen": "memory",
    "Seen": "seen",
    "SqliteSeen": "sqlite",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _LAZY)
