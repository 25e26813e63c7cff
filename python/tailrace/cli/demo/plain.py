"""The same pipeline as a careful developer writes it with json, boto3 and sqlite3: what tailrace is measured against.

It keeps all rules that tailrace keeps: exact numbers, bytes from base64, a replay changes nothing, an older change
never overwrites a newer one, a refused record is set aside. One transaction a batch and file, and the same settings.
"""

from __future__ import annotations

import base64
import json
import sqlite3
from datetime import datetime, timezone

from boto3.dynamodb.types import Binary, TypeDeserializer

from tailrace.cli.demo.rules import ACTOR, search_text, wrong_total

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Any

    Wire = dict[str, Any]

__all__ = ["PlainPipeline", "read_both_images"]

AUDIT = """
CREATE TABLE audit_trail (table_name TEXT NOT NULL, event_id TEXT NOT NULL, event_name TEXT,
    sequence_number TEXT NOT NULL, keys TEXT NOT NULL, before TEXT, after TEXT, changed_attributes TEXT,
    approximate_creation_time TEXT, user_identity TEXT, actor TEXT, is_ttl_delete INTEGER NOT NULL,
    guard TEXT NOT NULL, PRIMARY KEY (table_name, event_id));
CREATE INDEX audit_trail_of_item ON audit_trail (table_name, keys, guard, event_id);
CREATE INDEX audit_trail_in_order ON audit_trail (table_name, guard, event_id);
"""
REPLICA = """
CREATE TABLE replica (table_name TEXT NOT NULL, keys TEXT NOT NULL, guard TEXT NOT NULL, item TEXT,
    PRIMARY KEY (table_name, keys));
"""
SEARCH = """
CREATE TABLE search_documents (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, keys TEXT NOT NULL,
    guard TEXT NOT NULL, text TEXT, UNIQUE (table_name, keys));
CREATE VIRTUAL TABLE search_text USING fts5 (text, content = 'search_documents', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2');
CREATE TRIGGER added AFTER INSERT ON search_documents WHEN new.text IS NOT NULL BEGIN
    INSERT INTO search_text (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER changed AFTER UPDATE ON search_documents WHEN old.text IS NOT new.text BEGIN
    INSERT INTO search_text (search_text, rowid, text)
        SELECT 'delete', old.id, old.text WHERE old.text IS NOT NULL;
    INSERT INTO search_text (rowid, text) SELECT new.id, new.text WHERE new.text IS NOT NULL;
END;
"""
QUARANTINE = "CREATE TABLE quarantine (event_id TEXT PRIMARY KEY, record TEXT, reason TEXT);"

ADD_AUDIT = "INSERT OR IGNORE INTO audit_trail VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_QUARANTINE = "INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?)"
PUT_ITEM = """
INSERT INTO replica (table_name, keys, guard, item) VALUES (?, ?, ?, ?) ON CONFLICT (table_name, keys)
    DO UPDATE SET guard = excluded.guard, item = excluded.item WHERE excluded.guard > replica.guard
"""
PUT_DOCUMENT = """
INSERT INTO search_documents (table_name, keys, guard, text) VALUES (?, ?, ?, ?) ON CONFLICT (table_name, keys)
    DO UPDATE SET guard = excluded.guard, text = excluded.text WHERE excluded.guard > search_documents.guard
"""


class _EventDeserializer(TypeDeserializer):
    """boto3's, for Lambda events, where B is base64 text."""

    def _deserialize_b(self, value: str) -> Binary:
        return Binary(base64.b64decode(value))


class PlainPipeline:
    """The order table's audit trail, replica and search index, with json and boto3.

    Args:
        directory: where their files are; it exists, without them.
    """

    def __init__(self, directory: Path) -> None:
        self._deserialize = _EventDeserializer().deserialize
        self._audit = _connect(directory / "audit.db", AUDIT)
        self._replica = _connect(directory / "replica.db", REPLICA)
        self._search = _connect(directory / "search.db", SEARCH)
        self._quarantine = _connect(directory / "quarantine.db", QUARANTINE)

    def close(self) -> None:
        """Close all files."""
        for connection in (self._audit, self._replica, self._search, self._quarantine):
            connection.close()

    def handler(self, event: bytes, context: object) -> None:
        """What Lambda would call; it answers nothing, which means that all is done."""
        audit, replica, search, refused = [], [], [], []
        for record in json.loads(event)["Records"]:
            change = record["dynamodb"]
            old, new = self._item(change.get("OldImage")), self._item(change.get("NewImage"))
            reason = None if new is None else wrong_total(new)
            if reason is not None:
                refused.append((record["eventID"], _json(record), reason))
                continue
            row = _audit_row(record, old, new)
            table, keys, after, guard = row[0], row[4], row[6], row[-1]
            audit.append(row)
            replica.append((table, keys, guard, after))
            search.append((table, keys, guard, None if new is None else search_text(new)))
        if refused:
            _write(self._quarantine, ADD_QUARANTINE, refused)
        _write(self._audit, ADD_AUDIT, audit)
        _write(self._replica, PUT_ITEM, replica)
        _write(self._search, PUT_DOCUMENT, search)

    def _item(self, image: Wire | None) -> Wire | None:
        return None if image is None else {name: self._deserialize(value) for name, value in image.items()}


def read_both_images(event: bytes) -> int:
    """Read an event and turn every image into Python values: json and boto3 alone.

    Args:
        event: a Lambda event.

    Returns:
        How many images there were.
    """
    deserialize = _EventDeserializer().deserialize
    count = 0
    for record in json.loads(event)["Records"]:
        for name in ("OldImage", "NewImage"):
            image = record["dynamodb"].get(name)
            if image is not None:
                _ = {name: deserialize(value) for name, value in image.items()}
                count += 1
    return count


def _audit_row(record: Wire, old: Wire | None, new: Wire | None) -> tuple[Any, ...]:
    change, identity = record["dynamodb"], record.get("userIdentity")
    expired = identity is not None and identity["principalId"] == "dynamodb.amazonaws.com"
    time = datetime.fromtimestamp(change["ApproximateCreationDateTime"], tz=timezone.utc)
    return (
        record["eventSourceARN"].split("/")[1],
        record["eventID"],
        record["eventName"],
        change["SequenceNumber"],
        _json(change["Keys"]),
        _json(change.get("OldImage")),
        _json(change.get("NewImage")),
        _json(_changed(old or {}, new or {})),
        time.isoformat(timespec="microseconds"),
        _json(identity),
        None if expired else (new or old or {}).get(ACTOR),
        expired,
        change["SequenceNumber"].zfill(40),
    )


def _changed(old: Wire, new: Wire) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name, ...) != new.get(name, ...))


def _connect(path: Path, schema: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(schema)
    return connection


def _write(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(statement, rows)
    connection.execute("COMMIT")


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
