"""What is said of a record before its changes: the event, when, and which item."""

from __future__ import annotations

from typing import NamedTuple

from tailrace import TailraceError
from tailrace.cli.values import key_texts
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from typing import Any

    from tailrace import Record

__all__ = ["Heading", "heading", "json_heading", "missing_images", "readable_heading"]


class Heading(NamedTuple):
    """Which record it is, in words.

    Args:
        event: INSERT, MODIFY, REMOVE or what the record says.
        time: when, in UTC; empty when the record does not say.
        table: the table; empty when nobody knows it.
        keys: the primary key, ``name=value`` each.
    """

    event: str
    time: str
    table: str
    keys: tuple[str, ...]

    def line(self) -> str:
        """All of it on one line.

        Example:
            >>> Heading("INSERT", "", "orders", ("id=a",)).line()
            'INSERT  -  orders  id=a'
        """
        return f"{self.event:<6}  {self.time or '-'}  {self.table or '-'}  {' '.join(self.keys) or '-'}"


def heading(record: Record, masked: Collection[str] = ()) -> Heading:
    """The heading of a record.

    Args:
        record: whose.
        masked: key attributes whose values are not to be shown.

    Raises:
        TailraceError: a part of it cannot be read.
    """
    time = record.approximate_creation_time
    return Heading(
        printable(str(record.event_name or "?")),
        "" if time is None else _time_text(time),
        printable(record.table_name or ""),
        key_texts(record.keys, masked),
    )


def readable_heading(record: Record, masked: Collection[str] = ()) -> Heading:
    """As much of the heading as can be read."""
    try:
        return heading(record, masked)
    except TailraceError:
        return Heading("?", "", "", (f"eventID={printable(str(_read(record, 'event_id')))}",))


def json_heading(record: Record) -> dict[str, Any]:
    """The same for ``json_line``, as the record has it, with what identifies the record and without its keys.

    Args:
        record: whose.

    Returns:
        None for what the record does not say, and for what cannot be read.
    """
    event, time = _read(record, "event_name"), _read(record, "approximate_creation_time")
    return {
        "event": None if event is None else str(event),
        "time": None if time is None else _time_text(time),
        "table": _read(record, "table_name"),
        "event_id": _read(record, "event_id"),
        "sequence_number": record.sequence_number,
    }


def _time_text(time: datetime) -> str:
    return time.isoformat(" ").removesuffix("+00:00")


def missing_images(record: Record) -> str:
    """Why nobody knows what a record changed."""
    return f"no images to compare ({printable(str(record.stream_view_type or 'view type unknown'))})"


def _read(record: Record, name: str) -> Any:
    try:
        return getattr(record, name)
    except TailraceError:
        return None
