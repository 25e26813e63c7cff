"""Full text search over the current items of a table, in SQLite's FTS5."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from tailrace._core import loads
from tailrace.exceptions import SinkError
from tailrace.sinks.sqlite import StateSink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace._core import Record

__all__ = ["SearchHit", "SqliteSearchIndex"]

_SEARCH = (
    "SELECT d.table_name, d.keys, snippet(search_text, 0, '[', ']', '…', 12), -rank, d.fields, d.text"
    " FROM search_text JOIN search_documents AS d ON d.id = search_text.rowid"
    " WHERE search_text MATCH ? AND (? IS NULL OR d.table_name = ?) ORDER BY rank, d.id LIMIT ?"
)


class SearchHit(NamedTuple):
    """One item that a search found.

    ``snippet`` is the part of the text that matched, the words in square brackets; ``score`` is higher
    the better it matches; ``document`` is what was indexed: a dict of attribute name to text, or the text.

    Example:
        >>> from tailrace.sinks import Deadline, SqliteSearchIndex
        >>> from tailrace.testing import make_record
        >>> record = make_record(new_image={"id": "a", "title": "A canal in spring"}, table_name="walks")
        >>> with SqliteSearchIndex("search.db", attributes=("title",)) as index:
        ...     index.write([record], deadline=Deadline())
        ...     [(hit.table, hit.keys, hit.document) for hit in index.search("spring")]
        []
        [('walks', {'id': 'a'}, {'title': 'A canal in spring'})]
    """

    table: str
    keys: dict[str, Any]
    snippet: str
    score: float
    document: str | dict[str, str]


class SqliteSearchIndex(StateSink):
    """A sink that makes each item, as its newest change left it, searchable by the words in it.

    An older change never overwrites a newer one, deletes included. An INSERT or MODIFY without NewImage,
    or one whose ``document`` function raises, is a failure of that record. A replay changes nothing: to
    index anew with other attributes, replay into a new file.

    The words of an item are indexed again only where its text is another than the one in the file. What a record
    changed by itself does not decide: it tells nothing of a change before it that never came here, and the text of
    the newest change must be found.

    A table's changes come
    from one place, its stream or a Kinesis stream, which the first ARN tells: numbers of two cannot be
    ordered, so a table of the same name in another Region or account needs a file of its own. A table that
    was deleted and made again (DynamoDB Local: started again) numbers its changes anew: begin a new file.

    Args:
        path: the SQLite file; its folder exists.
        attributes: names of top-level attributes whose text is indexed: strings, numbers and what is
            inside lists, maps and sets; binary, booleans and NULL have no text.
        document: instead of ``attributes``, a function of the record that returns the text, or a dict of
            name to value, or None to leave the item out of the index.
        table: the table's name for records whose ARN is unknown (GetRecords).

    Raises:
        TypeError: not exactly one of ``attributes`` and ``document`` is given.

    Source: https://www.sqlite.org/fts5.html

    Example:
        >>> from tailrace.sinks import Deadline, SqliteSearchIndex
        >>> from tailrace.testing import make_record
        >>> record = make_record(new_image={"id": "a", "title": "A canal in spring"})
        >>> with SqliteSearchIndex("search.db", attributes=("title",)) as index:
        ...     index.write([record], deadline=Deadline())
        ...     [hit.snippet for hit in index.search("canal")]
        []
        ['A [canal] in spring']
    """

    _sink = "search_index"
    _schema = (
        (
            "CREATE TABLE search_documents ("
            " id INTEGER PRIMARY KEY, table_name TEXT NOT NULL, item_key BLOB NOT NULL, keys TEXT NOT NULL,"
            " guard TEXT NOT NULL, fields TEXT, text TEXT, UNIQUE (table_name, item_key))"
        ),
        # FTS5 reads the texts where they are, and may see only those that it has indexed.
        "CREATE VIEW search_texts AS SELECT id, text FROM search_documents WHERE text IS NOT NULL",
        (
            "CREATE VIRTUAL TABLE search_text USING fts5 (text,"
            " content = 'search_texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2')"
        ),
        # The index follows its documents by triggers: one statement a record, whole or not at all.
        (
            "CREATE TRIGGER search_text_insert AFTER INSERT ON search_documents WHEN new.text IS NOT NULL BEGIN"
            " INSERT INTO search_text (rowid, text) VALUES (new.id, new.text); END"
        ),
        (
            "CREATE TRIGGER search_text_update AFTER UPDATE ON search_documents WHEN old.text IS NOT new.text BEGIN"
            " INSERT INTO search_text (search_text, rowid, text)"
            " SELECT 'delete', old.id, old.text WHERE old.text IS NOT NULL;"
            " INSERT INTO search_text (rowid, text) SELECT new.id, new.text WHERE new.text IS NOT NULL; END"
        ),
    )
    _state_table = "search_documents"
    _state_columns = ("fields", "text")

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        attributes: Sequence[str] | None = None,
        document: Callable[[Record], str | Mapping[str, object] | None] | None = None,
        table: str | None = None,
    ) -> None:
        super().__init__(path, table=table)
        if (attributes is None) == (document is None):
            raise TypeError("give either attributes=(names) or document=function")
        if isinstance(attributes, str):
            raise TypeError(f"attributes is a sequence of names: attributes=({attributes!r},)")
        self._attributes = tuple(attributes or ())
        self._document = document

    def search(self, query: str, *, table: str | None = None, limit: int = 20, raw: bool = False) -> list[SearchHit]:
        """The items that match, the best first.

        Args:
            query: words that must all occur. Nothing in it is syntax: quotes, hyphens and AND are text.
            table: in this table only.
            limit: at most so many hits, 1 or more.
            raw: take ``query`` as FTS5's query syntax instead: ``canal*``, ``"low water" OR tide``.

        Returns:
            The hits; an empty list when nothing matches or ``query`` holds no word.

        Raises:
            ValueError: ``limit`` is below 1.
            SinkError: the file is not there or cannot be read, or a raw query is no FTS5 query.

        Source: https://www.sqlite.org/fts5.html#full_text_query_syntax
        """
        if limit < 1:
            raise ValueError(f"limit is 1 or more, not {limit}")
        words = _encodable(query) if raw else _plain_words(query)
        if not words.strip():
            return []
        return [_hit(row) for row in self._matches(words, table, limit, raw)]

    def count(self, table: str | None = None) -> int:
        """How many items are indexed; removed ones, and those without text, do not count.

        Args:
            table: in this table only.

        Returns:
            The number of items.

        Raises:
            SinkError: the file is not there or cannot be read.
        """
        live = "SELECT count(*) FROM search_documents WHERE text IS NOT NULL AND (? IS NULL OR table_name = ?)"
        return self._count(live, table)

    def _matches(self, words: str, table: str | None, limit: int, raw: bool) -> list[tuple[Any, ...]]:
        try:
            return self._query(_SEARCH, (words, table, table, limit))
        except SinkError as error:
            # Before 3.11 Python does not tell SQLite's code; 1 is an error in what was asked.
            if (
                raw
                and isinstance(error.__cause__, sqlite3.Error)
                and getattr(error.__cause__, "sqlite_errorcode", 1) == 1
            ):
                raise SinkError(f"no FTS5 query: {words!r}: {error.__cause__}") from error
            raise

    def _state(self, record: Record) -> tuple[object, ...] | None:
        image = record.new_image
        if image is None:
            return None
        document = self._chosen(image) if self._document is None else self._document(record)
        if isinstance(document, Mapping):
            fields = {str(name): _text(value) for name, value in document.items()}
            return _indexed(json.dumps(fields, ensure_ascii=False), _joined(fields.values()))
        if document is None or isinstance(document, str):
            return _indexed(None, document or "")
        raise TypeError(f"document= returns str, a dict or None, not {type(document).__name__}")

    def _chosen(self, image: dict[str, Any]) -> dict[str, object]:
        return {name: image[name] for name in self._attributes if name in image}


def _indexed(fields: str | None, text: str) -> tuple[str | None, str | None]:
    """The state of an item in the index; without words it is as if removed."""
    return (fields, text) if text.strip() else (None, None)


def _plain_words(query: str) -> str:
    """Each word as an FTS5 string, which knows no syntax but the doubled quote. A NUL would end the query."""
    words = _encodable(query).replace("\0", " ").split()
    return " ".join('"' + word.replace('"', '""') + '"' for word in words)


def _encodable(query: str) -> str:
    return query.encode(errors="replace").decode()


def _hit(row: tuple[Any, ...]) -> SearchHit:
    table, keys, snippet, score, fields, text = row
    return SearchHit(table, loads(keys), snippet, score, text if fields is None else json.loads(fields))


def _text(value: object) -> str:
    """The words in a Python value; a number as plain digits, never with an exponent."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, (bool, bytes, bytearray)):
        return ""
    if isinstance(value, (Decimal, int, float)):
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return _joined(_parts(value))


def _parts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from map(_text, value.values())
    elif isinstance(value, (set, frozenset)):
        yield from sorted(map(_text, value))
    elif isinstance(value, (list, tuple)):
        yield from map(_text, value)
    else:
        raise TypeError(f"a document holds str, numbers, dicts, lists and sets, not {type(value).__name__}")


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(text for text in texts if text.strip())
