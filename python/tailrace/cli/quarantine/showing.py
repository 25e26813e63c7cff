"""``tailrace quarantine show``: all that is kept of a record."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Annotated

import typer

from tailrace.cli.console import complain, until_reader_leaves
from tailrace.cli.lines import json_line, json_text
from tailrace.cli.quarantine.store import of_table, opened
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.sinks import QuarantineEntry

__all__ = ["show_entries"]

NOT_THERE = 1
LABEL_WIDTH = 17


def show_entries(
    store: Annotated[str, typer.Argument(metavar="STORE", help="The SQLite file.")],
    event_ids: Annotated[list[str] | None, typer.Argument(metavar="[EVENT_ID]...", help="Only these records.")] = None,
    *,
    table: Annotated[str | None, typer.Option(help="Only the records of this table.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Stop after so many.")] = None,
    as_json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print all that is kept of records: values, error, traceback.

    Args:
        store: the SQLite file.
        event_ids: only these; all of them without.
        table: only of this table.
        limit: how many at most; all of them without one.
        as_json_lines: JSON lines.

    Raises:
        typer.Exit: code 1 when one that was named is not there, 2 when the store cannot be read, or standard output
            cannot be written.
    """
    wanted = set(event_ids or ())
    missing = set(wanted)
    with opened(store) as opened_store, until_reader_leaves():
        entries = (entry for entry in of_table(opened_store, table) if not wanted or entry.event_id in wanted)
        for index, entry in enumerate(islice(entries, limit)):
            missing.discard(entry.event_id)
            if as_json_lines:
                print(json_line(_object(entry)))
            else:
                print("\n" * (index > 0) + _text(entry))
    if missing and limit is None:
        complain(f"not there: {', '.join(sorted(missing))}")
        raise typer.Exit(NOT_THERE)


def _object(entry: QuarantineEntry) -> dict[str, Any]:
    times = {"first_time": entry.first_time.isoformat(), "last_time": entry.last_time.isoformat()}
    return asdict(entry) | times


def _text(entry: QuarantineEntry) -> str:
    lines = [
        ("table", entry.table),
        ("event_id", entry.event_id),
        ("sequence_number", entry.sequence_number),
        ("route", entry.route),
        ("reason", entry.reason),
        ("error", f"{entry.error_type}: {entry.message}"),
        ("first_time", entry.first_time.isoformat()),
        ("last_time", entry.last_time.isoformat()),
        ("attempt_count", str(entry.attempt_count)),
        *(("unreadable", f"{part}: {why}") for part, why in entry.unreadable.items()),
    ]
    said = [f"{label:<{LABEL_WIDTH}}{_printable(text)}" for label, text in lines if text]
    return "\n".join([*said, "", json_text(entry.record), "", _printable(entry.traceback.rstrip())])


def _printable(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))
