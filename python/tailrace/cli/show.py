"""``tailrace show``: change records as a table, as lines or as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import chain, islice
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tailrace.cli.changes import ChangeText, Row, as_json, as_row
from tailrace.cli.console import Skipped, complain, input_errors, output_console, until_reader_leaves
from tailrace.cli.lines import json_line
from tailrace.cli.reading import Reader
from tailrace.cli.summary import plural
from tailrace.cli.values import ELLIPSIS, shorten, shorten_pair

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tailrace import Record

__all__ = ["show"]

ROWS_AT_A_TIME = 50
WIDE = 110
PIPE_VALUE_WIDTH = 60
EVENT_STYLES = {"INSERT": "green", "MODIFY": "yellow", "REMOVE": "red"}
MOST_CHANGES = 8
RECORDS_UNREADABLE = 1
MOST_ATTRIBUTES = 4


def show(
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Files of change records; - is standard input.")],
    limit: Annotated[int | None, typer.Option(min=0, help="Stop after so many records.")] = None,
    as_json_lines: Annotated[bool, typer.Option("--json", help="One JSON object a line, values complete.")] = False,
) -> None:
    """Print what each record changed.

    Args:
        files: paths of event files.
        limit: how many records at most; all of them without one.
        as_json_lines: JSON lines with attribute values instead of a table.

    Raises:
        typer.Exit: with code 1 when records were unreadable, 2 for a file that is no file of change records, or when
            standard output cannot be written.
    """
    unreadable: Counter[bool] = Counter()
    skipped = Skipped()
    with input_errors(), until_reader_leaves():
        records = islice(chain.from_iterable(piece.batch for piece in Reader(files, skipped=skipped)), limit)
        if as_json_lines:
            _print_json(records, unreadable)
        elif sys.stdout.isatty():
            _print_tables(output_console(), _rows(records, unreadable))
        else:
            for row in _rows(records, unreadable):
                print(_line(row))
    if unreadable[True]:
        complain(f"{plural(unreadable[True], 'record')} could not be read")
    skipped.end()
    if unreadable[True]:
        raise typer.Exit(RECORDS_UNREADABLE)


def _rows(records: Iterable[Record], unreadable: Counter[bool]) -> Iterator[Row]:
    for row in map(as_row, records):
        unreadable[row.broken] += 1
        yield row


def _print_json(records: Iterable[Record], unreadable: Counter[bool]) -> None:
    for line in map(as_json, records):
        unreadable["error" in line] += 1
        print(json_line(line))


def _line(row: Row) -> str:
    """A record on one line, for pipes."""
    changes = [_change_text(change, PIPE_VALUE_WIDTH) for change in row.changed]
    said = "; ".join([*changes, row.remark] if row.remark else changes)
    return f"{row.head.line()}  {said}".rstrip()


def _change_text(change: ChangeText, width: int) -> str:
    if change.old is None:
        return f"+{change.path} {shorten(change.new or '', width)}"
    if change.new is None:
        return f"-{change.path} {shorten(change.old, width)}"
    old, new = shorten_pair(change.old, change.new, width)
    return f"{change.path} {old} → {new}"


def _print_tables(console: Console, rows: Iterator[Row]) -> None:
    """A table in parts of equal columns, so that the first rows are there before the last record is read."""
    first = True
    while some := list(islice(rows, ROWS_AT_A_TIME)):
        layout = _Wide(console.width) if console.width >= WIDE else _Narrow(console.width)
        console.print(layout.table(some, header=first))
        first = False


class _Wide:
    """A column for everything."""

    widths: tuple[tuple[str, int], ...] = (("EVENT", 6), ("TIME (UTC)", 19), ("TABLE", 12), ("KEYS", 28))

    def __init__(self, width: int) -> None:
        self._changed_width = max(20, width - sum(2 + width for _, width in self.widths))

    def table(self, rows: Iterable[Row], *, header: bool) -> Table:
        table = Table(box=None, show_header=header, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for name, width in self.widths:
            table.add_column(name, width=width, overflow="fold")
        table.add_column("CHANGED", width=self._changed_width, no_wrap=True, overflow="ellipsis")
        for row in rows:
            table.add_row(*self._head(row), _changed_cell(row, self._changed_width))
        return table

    def _head(self, row: Row) -> tuple[Text, ...]:
        return (_event_cell(row), Text(row.head.time), Text(row.head.table), Text(" ".join(row.head.keys)))


class _Narrow(_Wide):
    """Date over time, table over keys: more lines, so that the changes keep their width."""

    widths = (("EVENT", 6), ("TIME (UTC)", 10), ("ITEM", 20))

    def _head(self, row: Row) -> tuple[Text, ...]:
        item = Text(row.head.table or "-", style="bold").append(
            "".join(f"\n{key}" for key in row.head.keys), style="not bold"
        )
        return (_event_cell(row), Text(row.head.time.replace(" ", "\n")), item)


def _event_cell(row: Row) -> Text:
    return Text(row.head.event, style=EVENT_STYLES.get(row.head.event, "magenta"))


def _changed_cell(row: Row, width: int) -> Text:
    most = MOST_CHANGES if row.head.event == "MODIFY" else MOST_ATTRIBUTES
    shown = row.changed if len(row.changed) <= most else row.changed[: most - 1]
    lines = [_change_cell(change, width) for change in shown]
    if len(shown) < len(row.changed):
        lines.append(Text(f"{ELLIPSIS} {len(row.changed) - len(shown)} more", style="dim"))
    if row.remark:
        lines.insert(0, Text(row.remark, style="bold red" if row.broken else "dim"))
    return Text("\n").join(lines)


def _change_cell(change: ChangeText, width: int) -> Text:
    """On one line if it fits, else the new value below the old one."""
    name = Text(change.path, style="cyan")
    room = max(8, width - len(change.path) - 1)
    if change.old is None or change.new is None:
        sign, value = ("+", change.new) if change.old is None else ("-", change.old)
        return Text(sign) + name + Text(f" {shorten(value or '', room - 1)}")
    if len(change.old) + len(change.new) + 3 <= room:
        return name + Text(f" {change.old} → {change.new}")
    old, new = shorten_pair(change.old, change.new, min(room, width - 4))
    return name + Text(f" {old}\n  → {new}")
