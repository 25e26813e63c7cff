"""Stores of handled records, and one of a user's own."""

from collections.abc import Sequence

from typing_extensions import reveal_type

from tailrace import Record, StreamHandler
from tailrace.idempotency import ClaimingSeen, DynamoDBSeen, MemorySeen, Seen, SqliteSeen


class Own:
    def seen(self, keys: Sequence[str]) -> list[str]:
        return list(keys)

    async def mark(self, key: str) -> None: ...


class NoMark:
    def seen(self, keys: Sequence[str]) -> list[str]:
        return []


every: list[Seen] = [
    Own(),
    MemorySeen(capacity=100),
    SqliteSeen("seen.db", name="app", ttl_ms=90_000_000),
    DynamoDBSeen("seen", name="app", mark="before", after_crash="set_aside", client=None),
]
claiming: ClaimingSeen = DynamoDBSeen("seen", mark="before")
wrong: Seen = NoMark()  # error: assignment
not_claiming: ClaimingSeen = MemorySeen()  # error: assignment
StreamHandler(idempotency=Own())
StreamHandler(idempotency=DynamoDBSeen("seen"))
StreamHandler(idempotency=NoMark())  # error: arg-type
DynamoDBSeen("seen", mark="never")  # error: arg-type
SqliteSeen()  # error: call-arg


def read(store: DynamoDBSeen, record: Record) -> None:
    reveal_type(store.claim("k", remaining_ms=None))  # -> bool
    reveal_type(store.claims)  # -> bool
    reveal_type(store.seen(["k"]))  # -> set[str]
    store.forget(record)
    store.forget("k")  # error: arg-type
