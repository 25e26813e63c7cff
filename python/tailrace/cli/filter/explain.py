"""``tailrace filter explain``: why each record matches, or why not."""

from __future__ import annotations

from typing import Annotated

import typer

from tailrace import TailraceError
from tailrace.cli.color import Color, wants_color
from tailrace.cli.console import input_errors, until_reader_leaves
from tailrace.cli.filter.judging import Tally
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
    from tailrace import Explanation, FilterCriteria, Record

__all__ = ["explain"]

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def explain(
    pattern: PatternArgument,
    records: RecordsArgument,
    *,
    dialect: DialectOption = Dialect.LAMBDA,
    max_filters: MaxFilters = 5,
    color: Annotated[Color, typer.Option(help="Colour the lines.")] = Color.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print why each record matches, or why not.

    Args:
        pattern: as of ``read_criteria``.
        records: files of change records.
        dialect: the operators of the pattern.
        max_filters: how many filters there may be.
        color: colours or not.
        as_json: JSON lines instead of text.

    Raises:
        typer.Exit: code 1 when no record matches; 2 when a pattern is refused, a file or a record cannot be understood,
            or standard output cannot be written.
    """
    refuse_sharing_stdin(pattern, records)
    colored, tally = wants_color(color), Tally()
    with input_errors(), refusals():
        criteria = read_criteria(pattern, dialect, max_filters)
        with until_reader_leaves():
            for piece in tally.pieces(records):
                for record in piece.batch:
                    explained = _explained(record, criteria)
                    tally.add(explained if isinstance(explained, TailraceError) else explained.matches)
                    print(_json_line(record, explained) if as_json else _text(record, explained, colored))
    tally.finish()


def _explained(record: Record, criteria: FilterCriteria) -> Explanation | TailraceError:
    try:
        return criteria.explain(record)
    except TailraceError as error:
        return error


def _text(record: Record, explained: Explanation | TailraceError, colored: bool) -> str:
    head = readable_heading(record).line()
    if isinstance(explained, TailraceError):
        said = f"unreadable: {printable(str(explained))}"
    else:
        said = explained.render(color=colored)
    lines = [f"{_BOLD}{head}{_PLAIN}" if colored else head, *(f"  {line}" for line in said.split("\n"))]
    return "\n".join(lines)


def _json_line(record: Record, explained: Explanation | TailraceError) -> str:
    said = {"matches": None, "error": str(explained)} if isinstance(explained, TailraceError) else explained.to_dict()
    return json_line(json_heading(record) | said)
