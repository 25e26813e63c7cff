"""``tailrace filter lint``: what patterns, or those in templates, may not mean as they were meant."""

from __future__ import annotations

import json
from functools import partial
from itertools import chain
from typing import Annotated

import typer

from tailrace import FilterCriteria, FilterPatternError
from tailrace.cli.color import Color, wants_color
from tailrace.cli.console import complain, input_errors, until_reader_leaves
from tailrace.cli.filter.finding import Finding
from tailrace.cli.filter.pattern import Dialect, DialectOption, MaxFilters, as_given, is_text, read_text
from tailrace.cli.templates import template_errors
from tailrace.doctor import criteria_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tailrace.doctor import FoundCriteria

__all__ = ["lint"]

FOUND = 1


def lint(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="PATTERN|FILE", help="Patterns, or files of them or templates; - is standard input."),
    ],
    *,
    dialect: DialectOption = Dialect.LAMBDA,
    max_filters: MaxFilters = 5,
    color: Annotated[Color, typer.Option(help="Colour the lines.")] = Color.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print what patterns, or those in templates, may not mean as they were meant.

    Args:
        sources: patterns as of ``read_criteria``, or templates of CloudFormation and SAM.
        dialect: the operators of the patterns.
        max_filters: how many filters one FilterCriteria may have.
        color: colours or not.
        as_json: JSON lines instead of text.

    Raises:
        typer.Exit: code 1 when there is something to say; 2 when a file cannot be understood, or standard output cannot
            be written.
    """
    colored, found = wants_color(color), False
    make = partial(FilterCriteria, dialect=dialect.value, max_filters=max_filters)
    with input_errors(), until_reader_leaves():
        for source in sources:
            for finding in _findings(source, make, max_filters):
                found = True
                print(finding.json_line() if as_json else finding.text_line(color=colored))
    if found:
        raise typer.Exit(FOUND)


def _findings(source: str, make: Callable[[object], FilterCriteria], max_filters: int) -> Iterator[Finding]:
    if is_text(source):
        return _of_patterns(Finding("", ""), source, make)
    name, text = read_text(source)
    with template_errors(name):
        found = [] if _is_broken_json(text) else criteria_in(text)
    if not found and is_text(text):
        return _of_patterns(Finding("", "", file=name), text, make)
    if not found:
        complain(f"{name}: no FilterCriteria in it")
    return chain.from_iterable(_of_criteria(name, criteria, make, max_filters) for criteria in found)


def _is_broken_json(text: str) -> bool:
    """Whether it begins like JSON and is none: what is wrong with it is best said by the reader of patterns."""
    if not is_text(text):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _of_patterns(place: Finding, text: str, make: Callable[[object], FilterCriteria]) -> Iterator[Finding]:
    try:
        yield from (place.warning(each) for each in make(as_given(text)).lint())
    except FilterPatternError as error:
        yield place.refusal(error)


def _of_criteria(
    name: str, criteria: FoundCriteria, make: Callable[[object], FilterCriteria], max_filters: int
) -> Iterator[Finding]:
    if criteria.is_whole and len(criteria.patterns) > max_filters:
        message = f"{len(criteria.patterns)} filters, and at most {max_filters} are allowed"
        yield Finding("too-many-filters", message, "error", name, criteria.line, at=criteria.path)
    for index, pattern in enumerate(criteria.patterns):
        place = Finding("", "", file=name, line=pattern.line, at=criteria.path, filter_index=index)
        if pattern.problem is not None:
            yield place.problem(pattern)
            continue
        for finding in _of_patterns(place, pattern.text, make):
            yield finding.in_template(pattern, index)
