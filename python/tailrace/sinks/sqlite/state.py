"""The state of each item, and the guard that keeps an older change from overwriting a newer one."""

from __future__ import annotations

import os

from tailrace._core import image_json
from tailrace.sinks.feed import refused
from tailrace.sinks.sqlite.batch import SqliteSink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record

__all__ = ["StateSink"]


class StateSink(SqliteSink):
    """A sink that holds the current state of each item: an older change never overwrites a newer one.

    A removed item leaves its row with its guard and no state, so that no late change revives it.
    """

    _state_table = ""
    _state_columns: tuple[str, ...] = ()

    def __init__(self, path: str | os.PathLike[str], *, table: str | None = None) -> None:
        super().__init__(path, table=table)
        self._statement = _guarded_upsert(self._state_table, ("keys", "guard", *self._state_columns))

    def _row(self, record: Record, table: str, guard: str) -> tuple[object, ...]:
        state = self._state(record) if _leaves_item(record) else (None,) * len(self._state_columns)
        if state is None:
            raise refused(
                record,
                f"{record.event_name} without NewImage: the stream's view type must be NEW_IMAGE or NEW_AND_OLD_IMAGES",
            )
        return (table, record.item_key, image_json(record, "keys"), guard, *state)

    def _state(self, record: Record) -> tuple[object, ...] | None:
        """The values of the state columns after an INSERT or MODIFY; None when the record has no NewImage."""
        raise NotImplementedError


def _leaves_item(record: Record) -> bool:
    name = record.event_name
    if name == "REMOVE":
        return False
    if name in ("INSERT", "MODIFY"):
        return True
    raise refused(record, f"eventName {name!r} is none of INSERT, MODIFY and REMOVE: it tells no state")


def _guarded_upsert(table: str, columns: tuple[str, ...]) -> str:
    """One item's row, written only when the change is newer; an equal guard is a replay and changes nothing."""
    names = ("table_name", "item_key", *columns)
    into = f"{table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    new_values = ", ".join(f"{name} = excluded.{name}" for name in columns)
    newer = f"excluded.guard > {table}.guard"
    return f"INSERT INTO {into} ON CONFLICT (table_name, item_key) DO UPDATE SET {new_values} WHERE {newer}"
