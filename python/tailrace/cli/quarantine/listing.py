"""``tailrace quarantine list``: a line for each record that was set aside."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

import typer

from tailrace.cli.console import until_reader_leaves
from tailrace.cli.lines import json_line
from tailrace.cli.quarantine.store import of_table, opened
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.sinks import QuarantineEntry

__all__ = ["list_entries"]


def list_entries(
    store: Annotated[str, typer.Argument(metavar="STORE", help="The SQLite file.")],
    *,
    table: Annotated[str | None, typer.Option(help="Only the records of this table.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Stop after so many records.")] = None,
    values: Annotated[bool, typer.Option("--values", help="Also what may hold values: key, reason and error.")] = False,
    as_json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print a line for each record, in the order in which they were first set aside.

    Args:
        store: the SQLite file.
        table: only of this table.
        limit: how many at most; all of them without one.
        values: also the key, the reason and the error's message, which may hold values of the item.
        as_json_lines: JSON lines.

    Raises:
        typer.Exit: code 2 when the store cannot be read, or standard output cannot be written.
    """
    with opened(store) as opened_store, until_reader_leaves():
        for entry in islice(of_table(opened_store, table), limit):
            said = _said(entry, values)
            print(json_line(said) if as_json_lines else "  ".join(_cell(value) for value in said.values()))


def _said(entry: QuarantineEntry, values: bool) -> dict[str, Any]:
    said = {
        "last_time": entry.last_time.isoformat(" ", "seconds").removesuffix("+00:00"),
        "attempt_count": entry.attempt_count,
        "table": entry.table,
        "event": entry.record.get("eventName"),
        "route": entry.route,
        "error_type": entry.error_type,
        "sequence_number": entry.sequence_number,
        "event_id": entry.event_id,
    }
    if not values:
        return said
    keys = entry.record.get("dynamodb", {}).get("Keys")
    return said | {"keys": keys, "reason": entry.reason, "message": entry.message}


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    return printable(" ".join(value.split())) if isinstance(value, str) else json_line(value)
