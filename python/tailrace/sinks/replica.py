"""The current items of a table, kept in SQLite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tailrace._core import image_json, loads
from tailrace.sinks.sqlite import StateSink, item_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace._core import Record

__all__ = ["SqliteReplica"]


class SqliteReplica(StateSink):
    """A sink that holds each item as its newest change left it.

    An older change never overwrites a newer one, deletes included, so redeliveries and late records do
    no harm. An INSERT or MODIFY without NewImage is a failure of that record. A table's changes come
    from one place, its stream or a Kinesis stream, which the first ARN tells: numbers of two cannot be
    ordered, so a table of the same name in another Region or account needs a file of its own. A table that
    was deleted and made again (DynamoDB Local: started again) numbers its changes anew: begin a new file.

    Args:
        path: the SQLite file; its folder exists.
        table: the table's name for records whose ARN is unknown (GetRecords).

    Example:
        >>> from tailrace.sinks import Deadline, SqliteReplica
        >>> from tailrace.testing import make_record
        >>> record = make_record(new_image={"id": "a", "paid": True})
        >>> with SqliteReplica("replica.db") as replica:
        ...     replica.write([record], deadline=Deadline())
        ...     replica.get(record.table_name, {"id": "a"})
        []
        {'id': 'a', 'paid': True}
    """

    _sink = "replica"
    _schema = (
        (
            "CREATE TABLE replica ("
            " table_name TEXT NOT NULL, item_key BLOB NOT NULL, keys TEXT NOT NULL, guard TEXT NOT NULL, item TEXT,"
            " PRIMARY KEY (table_name, item_key))"
        ),
    )
    _state_table = "replica"
    _state_columns = ("item",)

    def get(self, table: str, keys: Mapping[str, object] | bytes) -> dict[str, Any] | None:
        """One item as it is now.

        Args:
            table: the table's name.
            keys: the item's primary key as Python values, such as ``{"id": "a"}``, or its ``item_key``.

        Returns:
            The item as Python values; None when there is none, or it was removed.

        Raises:
            MarshallError: ``keys`` holds a value that no key can have.
            SinkError: the file is not there or cannot be read.
        """
        place = (table, item_key(keys))
        rows = self._query("SELECT item FROM replica WHERE table_name = ? AND item_key = ? AND item IS NOT NULL", place)
        return loads(rows[0][0]) if rows else None

    def items(self, table: str) -> Iterator[dict[str, Any]]:
        """All items of a table as Python values, in no order that means anything.

        Args:
            table: the table's name.

        Returns:
            An iterator. It reads page by page, so a write in between is partly seen.

        Raises:
            SinkError: the file is not there or cannot be read.
        """
        rows = self._pages(
            "SELECT item, item_key FROM replica WHERE table_name = ? AND item_key > ? AND item IS NOT NULL"
            " ORDER BY item_key",
            (table,),
            (b"",),
        )
        return (loads(item) for item, _ in rows)

    def count(self, table: str | None = None) -> int:
        """How many items there are; removed ones do not count.

        Args:
            table: in this table only.

        Returns:
            The number of items.

        Raises:
            SinkError: the file is not there or cannot be read.
        """
        live = "SELECT count(*) FROM replica WHERE item IS NOT NULL AND (? IS NULL OR table_name = ?)"
        return self._count(live, table)

    def _state(self, record: Record) -> tuple[object, ...] | None:
        item = image_json(record, "new_image")
        return None if item is None else (item,)
