"""What the SQLite sinks share: the file, the write of a batch, the state of an item. No sink of its own."""

from __future__ import annotations

from tailrace.sinks.sqlite.batch import SqliteSink
from tailrace.sinks.sqlite.file import SqliteFile
from tailrace.sinks.sqlite.keys import item_key
from tailrace.sinks.sqlite.state import StateSink

__all__ = ["SqliteFile", "SqliteSink", "StateSink", "item_key"]
