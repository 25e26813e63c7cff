"""What the databases hold, compared by content: a file's bytes say nothing."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from tailrace.cli.demo.corpus import Corpus

__all__ = ["DATABASES", "content", "differences_from_corpus"]

DATABASES = ("audit.db", "replica.db", "search.db", "quarantine.db")
AUDIT_TRAIL = (
    "SELECT table_name, event_id, event_name, sequence_number, keys, before, after, changed_attributes,"
    " approximate_creation_time, user_identity, actor, is_ttl_delete FROM audit_trail ORDER BY event_id"
)
FOUND = (
    "SELECT keys FROM search_documents WHERE id IN (SELECT rowid FROM search_text WHERE search_text MATCH 'new')"
    " ORDER BY keys"
)
# What any pipeline over the table must store, whatever else it keeps for itself.
CONTENT = {
    "audit trail": ("audit.db", AUDIT_TRAIL),
    "replica": ("replica.db", "SELECT table_name, keys, item FROM replica ORDER BY keys"),
    "search documents": ("search.db", "SELECT table_name, keys, text FROM search_documents ORDER BY keys"),
    "search index": ("search.db", FOUND),
    "quarantine": ("quarantine.db", "SELECT event_id FROM quarantine ORDER BY event_id"),
}


def content(directory: Path) -> dict[str, str]:
    """A fingerprint of the rows of each part.

    Args:
        directory: where the databases of a pipeline are.

    Returns:
        Part to SHA-256 of its rows.
    """
    return {part: _fingerprint(directory / name, query) for part, (name, query) in CONTENT.items()}


def _fingerprint(path: Path, query: str) -> str:
    digest = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        for row in connection.execute(query):
            digest.update(repr(row).encode())
    return digest.hexdigest()


def differences_from_corpus(directory: Path, corpus: Corpus) -> list[str]:
    """Where the databases differ from what the records must lead to.

    Args:
        directory: where they are.
        corpus: what was written.

    Returns:
        One sentence for each difference.
    """
    expected = {
        "the items of the replica": set(corpus.table.items()),
        "the orders in the search index": set(corpus.table),
        "the changes in the audit trail": corpus.record_count - len(corpus.poison),
        "the records in quarantine": set(corpus.poison),
    }
    found = {
        "the items of the replica": set(
            _rows(directory, "replica.db", "SELECT keys, item FROM replica WHERE item > ''")
        ),
        "the orders in the search index": {
            keys for (keys,) in _rows(directory, "search.db", "SELECT keys FROM search_documents WHERE text > ''")
        },
        "the changes in the audit trail": _rows(directory, "audit.db", "SELECT count(*) FROM audit_trail")[0][0],
        "the records in quarantine": {
            event_id for (event_id,) in _rows(directory, "quarantine.db", "SELECT event_id FROM quarantine")
        },
    }
    return [f"{what} are not those of the generator" for what in expected if expected[what] != found[what]]


def _rows(directory: Path, name: str, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(directory / name)) as connection:
        return connection.execute(query).fetchall()
