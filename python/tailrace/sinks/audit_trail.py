"""Every change of every item, kept for good in SQLite."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tailrace._core import image_json, loads
from tailrace.exceptions import SinkError, TailraceError
from tailrace.sinks.feed import refused
from tailrace.sinks.masking import Mask
from tailrace.sinks.sqlite import SqliteSink, item_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace._core import Record
    from tailrace.types import UserIdentity

    Path = tuple[str | int, ...]

__all__ = ["AuditEntry", "SqliteAuditTrail"]

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode  # json.dumps makes one at each call

_SELECT_HISTORY = (
    "SELECT table_name, event_id, event_name, sequence_number, item_key, keys, before, after, changed_attributes,"
    " masked, approximate_creation_time, user_identity, actor, is_ttl_delete, guard, event_id FROM audit_trail"
    " WHERE table_name = ? AND item_key = ? AND (guard, event_id) > (?, ?) ORDER BY guard, event_id"
)
_SELECT_ALL = (
    "SELECT table_name, event_id, event_name, sequence_number, item_key, keys, before, after, changed_attributes,"
    " masked, approximate_creation_time, user_identity, actor, is_ttl_delete, table_name, guard, event_id"
    " FROM audit_trail WHERE (table_name, guard, event_id) > (?, ?, ?) ORDER BY table_name, guard, event_id"
)


@dataclass(frozen=True)
class AuditEntry:
    """One change, as the trail keeps it.

    ``before`` and ``after`` are the images as Python values, None where the record carried none.
    ``changed_attributes`` are the names of the top-level attributes whose value changed, sorted; None
    when the record did not carry the images that tell it. ``actor`` is the text of the attribute that
    ``actor=`` names (JSON for a map or list). ``masked`` has the path of each value that ``mask=`` kept out,
    None in its place in ``before`` and ``after``, and whether it changed; None where that is unknown.

    Example:
        >>> from tailrace.sinks import Deadline, SqliteAuditTrail
        >>> from tailrace.testing import make_record
        >>> with SqliteAuditTrail("audit.db", actor="by") as trail:
        ...     trail.write([make_record(new_image={"id": "a", "by": "ann"})], deadline=Deadline())
        ...     [(entry.event_name, entry.before, entry.after, entry.actor) for entry in trail]
        []
        [('INSERT', None, {'id': 'a', 'by': 'ann'}, 'ann')]
    """

    table: str
    event_id: str
    event_name: str | None
    sequence_number: str
    item_key: bytes
    keys: dict[str, Any]
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    changed_attributes: list[str] | None
    approximate_creation_time: datetime | None
    user_identity: UserIdentity | None
    actor: str | None
    is_ttl_delete: bool
    masked: dict[Path, bool | None] = field(default_factory=dict)


class SqliteAuditTrail(SqliteSink):
    """A sink with a row for each change: what the item was before and after, what changed, when, and by whom.

    The row's key is the table and the eventID, so a redelivery rewrites nothing. A change without an
    eventID is a failure of that record. A table's changes come
    from one place, its stream or a Kinesis stream, which the first ARN tells: numbers of two cannot be
    ordered, so a table of the same name in another Region or account needs a file of its own. A table that
    was deleted and made again (DynamoDB Local: started again) numbers its changes anew: begin a new file.

    Args:
        path: the SQLite file; its folder exists.
        table: the table's name for records whose ARN is unknown (GetRecords).
        actor: the attribute that says who made a change. It is read from the new image, else from the
            old one, which for a REMOVE is whoever wrote the item last; a Time to Live delete has no actor.
        mask: paths, as of ``diff``, whose values are not copied into the trail: each the name of a top-level attribute,
            or a tuple of names and list positions. The row says that there is a value and whether it changed. A value
            around that is no map or list, where a path leads into one, is left out whole. A change of an item that has
            the first name of a path in its key is a failure of that record. Rows that were written before stay as they
            are.

    Raises:
        TypeError: ``mask`` holds what is no path.
        ValueError: ``mask`` holds an empty path or a negative position, or hides something of the ``actor``.

    Example:
        >>> from tailrace.sinks import Deadline, SqliteAuditTrail
        >>> from tailrace.testing import make_record
        >>> record = make_record(old_image={"id": "a", "paid": False}, new_image={"id": "a", "paid": True})
        >>> with SqliteAuditTrail("audit.db") as trail:
        ...     trail.write([record, record], deadline=Deadline())
        ...     [entry.changed_attributes for entry in trail.history(record.table_name, {"id": "a"})]
        []
        [['paid']]
        >>> card = make_record(new_image={"id": "b", "card": {"kind": "debit", "number": "4111"}})
        >>> with SqliteAuditTrail("masked.db", mask=[("card", "number")]) as trail:
        ...     trail.write([card], deadline=Deadline())
        ...     [(entry.after, entry.masked) for entry in trail]
        []
        [({'id': 'b', 'card': {'kind': 'debit', 'number': None}}, {('card', 'number'): True})]
    """

    _sink = "audit_trail"
    _version = 2
    _schema = (
        (
            "CREATE TABLE audit_trail ("
            " table_name TEXT NOT NULL, event_id TEXT NOT NULL, event_name TEXT, sequence_number TEXT NOT NULL,"
            " item_key BLOB NOT NULL, keys TEXT NOT NULL, before TEXT, after TEXT, changed_attributes TEXT,"
            " masked TEXT, approximate_creation_time TEXT, user_identity TEXT, actor TEXT,"
            " is_ttl_delete INTEGER NOT NULL, guard TEXT NOT NULL, PRIMARY KEY (table_name, event_id))"
        ),
        "CREATE INDEX audit_trail_of_item ON audit_trail (table_name, item_key, guard, event_id)",
        "CREATE INDEX audit_trail_in_order ON audit_trail (table_name, guard, event_id)",
    )
    _statement = (
        "INSERT INTO audit_trail (table_name, event_id, event_name, sequence_number, item_key, keys, before, after,"
        " changed_attributes, masked, approximate_creation_time, user_identity, actor, is_ttl_delete, guard)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (table_name, event_id) DO NOTHING"
    )

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        table: str | None = None,
        actor: str | None = None,
        mask: str | Iterable[str | Path] = (),
    ) -> None:
        super().__init__(path, table=table)
        self._actor = actor
        self._mask = Mask(mask)
        if actor is not None and self._mask.reaches(actor):
            raise ValueError(f"actor={actor!r} would copy what mask= keeps out: take another attribute")

    def history(self, table: str, keys: Mapping[str, object] | bytes) -> list[AuditEntry]:
        """All changes of one item, oldest first, in the order of their sequence numbers.

        Args:
            table: the table's name.
            keys: the item's primary key as Python values, such as ``{"id": "a"}``, or its ``item_key``.

        Returns:
            The entries; an empty list for an item nobody changed.

        Raises:
            MarshallError: ``keys`` holds a value that no key can have.
            SinkError: the file is not there or cannot be read.
        """
        return [_entry(row) for row in self._pages(_SELECT_HISTORY, (table, item_key(keys)), ("", ""))]

    def __iter__(self) -> Iterator[AuditEntry]:
        """All changes: table by table, each in the order of the sequence numbers."""
        return (_entry(row) for row in self._pages(_SELECT_ALL, (), ("", "", "")))

    def count(self, table: str | None = None) -> int:
        """How many changes are kept.

        Args:
            table: of this table only.

        Returns:
            The number of changes.

        Raises:
            SinkError: the file is not there or cannot be read.
        """
        return self._count("SELECT count(*) FROM audit_trail WHERE (? IS NULL OR table_name = ?)", table)

    def _row(self, record: Record, table: str, guard: str) -> tuple[object, ...]:
        try:
            return self._values(record, table, guard)
        except TailraceError as error:
            shown = self._mask.hide_error(error)
        raise shown  # out here: raised above, it would carry the first as its __context__ into every log

    def _values(self, record: Record, table: str, guard: str) -> tuple[object, ...]:
        if not record.event_id:
            raise SinkError("the record has no eventID to keep it by", sequence_number=record.sequence_number)
        return (
            table,
            record.event_id,
            None if record.event_name is None else str(record.event_name),
            record.sequence_number,
            record.item_key,
            image_json(record, "keys"),
            *self._images(record),
            _time_text(record.approximate_creation_time),
            _json(record.user_identity),
            self._actor_of(record),
            record.is_ttl_delete,
            guard,
        )

    def _images(self, record: Record) -> tuple[str | None, ...]:
        """The item before and after, the names of what changed, and what of it is masked."""
        before, after = image_json(record, "old_image"), image_json(record, "new_image")
        diff = record.diff
        changed = None if diff is None else _encode(sorted(diff.attributes))
        if not self._mask:
            return before, after, changed, None
        if hidden := next(filter(self._mask.reaches, record.keys), None):
            raise refused(record, f"mask= hides {hidden!r}, which is in its key")
        before, hidden_before = self._mask.hide(before)
        after, hidden_after = self._mask.hide(after)
        masked = {path: None if diff is None else record.changed(path) for path in (*hidden_before, *hidden_after)}
        return before, after, changed, _encode(list(masked.items())) if masked else None

    def _actor_of(self, record: Record) -> str | None:
        if self._actor is None or record.is_ttl_delete:
            return None
        image = record.new_image or record.old_image or {}
        return _actor_text(image.get(self._actor))


def _actor_text(actor: object) -> str | None:
    if isinstance(actor, (dict, list)):
        return json.dumps(actor, ensure_ascii=False, default=str)
    return None if actor is None else str(actor)


def _json(value: object) -> str | None:
    return None if value is None else _encode(value)


def _time_text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="microseconds")


def _entry(row: tuple[Any, ...]) -> AuditEntry:
    table, event_id, name, number, key, keys, before, after, changed, masked, time, identity, actor, ttl = row[:14]
    return AuditEntry(
        table=table,
        event_id=event_id,
        event_name=name,
        sequence_number=number,
        item_key=key,
        keys=loads(keys),
        before=None if before is None else loads(before),
        after=None if after is None else loads(after),
        changed_attributes=None if changed is None else json.loads(changed),
        approximate_creation_time=None if time is None else datetime.fromisoformat(time),
        user_identity=None if identity is None else json.loads(identity),
        actor=actor,
        is_ttl_delete=bool(ttl),
        masked={} if masked is None else {tuple(path): changed for path, changed in json.loads(masked)},
    )
