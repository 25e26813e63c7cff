"""``tailrace filter export``: filters as FilterCriteria for Lambda."""

from __future__ import annotations

import json

import typer

from tailrace import FilterPatternError
from tailrace.cli.console import complain, input_errors, until_reader_leaves
from tailrace.cli.filter.pattern import Dialect, DialectOption, MaxFilters, PatternArgument, read_criteria, refusals

__all__ = ["export"]

NOT_EXPRESSED = 1


def export(pattern: PatternArgument, *, dialect: DialectOption = Dialect.EXTENDED, max_filters: MaxFilters = 5) -> None:
    """Print filters as FilterCriteria for Lambda, in JSON.

    Args:
        pattern: as of ``read_criteria``.
        dialect: the operators of the pattern.
        max_filters: how many filters there may be, before and after.

    Raises:
        typer.Exit: code 1 when Lambda has no such filter; 2 when a pattern is refused, a file cannot be read, or
            standard output cannot be written.
    """
    with input_errors(), refusals():
        criteria = read_criteria(pattern, dialect, max_filters)
    try:
        exported = criteria.to_lambda()
    except FilterPatternError as error:
        complain(str(error))
        raise typer.Exit(NOT_EXPRESSED) from None
    with until_reader_leaves():
        print(json.dumps(exported, indent=2))
