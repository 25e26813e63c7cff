"""Which records were handled before: stores for the ``idempotency=`` of a StreamHandler.

Each name is loaded when it is first used, so one store never costs the import of another.
"""

from __future__ import annotations

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

    def __getattr__(name: str) -> object:
        if name not in _LAZY:
            raise AttributeError(f"module 'tailrace.idempotency' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"tailrace.idempotency.{_LAZY[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(set(globals()) | set(__all__))
