"""``tailrace filter test``: which records match."""

from __future__ import annotations

from typing import Annotated

import typer

from tailrace import TailraceError
from tailrace.cli.console import input_errors, until_reader_leaves
from tailrace.cli.filter.judging import Tally, judged
from tailrace.cli.filter.pattern import (
    Dialect,
    DialectOption,
    MaxFilters,
    PatternArgument,
    RecordsArgument,
    read_criteria,
    refusals,
    refuse_sharing_stdin,
)
from tailrace.cli.heading import json_heading, readable_heading
from tailrace.cli.lines import json_line
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace import Record

__all__ = ["matching"]


def matching(
    pattern: PatternArgument,
    records: RecordsArgument,
    *,
    dialect: DialectOption = Dialect.LAMBDA,
    max_filters: MaxFilters = 5,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, for every record, with its verdict.")
    ] = False,
) -> None:
    """Print which records match.

    Args:
        pattern: as of ``read_criteria``.
        records: files of change records.
        dialect: the operators of the pattern.
        max_filters: how many filters there may be.
        as_json: a JSON line for every record instead of a line for each that matches.

    Raises:
        typer.Exit: code 1 when no record matches; 2 when a pattern is refused, a file or a record cannot be understood,
            or standard output cannot be written.
    """
    refuse_sharing_stdin(pattern, records)
    with input_errors(), refusals():
        criteria = read_criteria(pattern, dialect, max_filters)
        tally = Tally()
        with until_reader_leaves():
            for record, verdict in judged(records, criteria, tally):
                tally.add(verdict)
                if as_json:
                    print(_json_line(record, verdict))
                elif verdict is not False:
                    print(_line(record, verdict))
    tally.finish()


def _line(record: Record, verdict: bool | TailraceError) -> str:
    line = readable_heading(record).line()
    return line if isinstance(verdict, bool) else f"{line}  unreadable: {printable(str(verdict))}"


def _json_line(record: Record, verdict: bool | TailraceError) -> str:
    said = {"matches": verdict} if isinstance(verdict, bool) else {"matches": None, "error": str(verdict)}
    return json_line(json_heading(record) | said)
