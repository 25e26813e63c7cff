"""``tailrace filter lint``: what patterns, or those in templates, may not mean as they were meant."""

from __future__ import annotations

import json
from enum import Enum
from itertools import chain
from typing import Annotated, Literal, NamedTuple

import typer

from tailrace import FilterCriteria, FilterPatternError
from tailrace.cli.color import Color, wants_color
from tailrace.cli.console import complain, input_errors, until_reader_leaves
from tailrace.cli.filter.deployment import FilledIn
from tailrace.cli.filter.finding import Finding
from tailrace.cli.filter.pattern import Dialect, DialectOption, MaxFilters, as_given, is_text, read_text
from tailrace.cli.templates import template_errors
from tailrace.doctor import criteria_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tailrace.doctor import FoundCriteria, FoundPattern

__all__ = ["lint"]

FOUND = 1
_OURS = ("dynamodb", "kinesis")


class _Source(str, Enum):
    """Where records come from."""

    DYNAMODB, KINESIS = "dynamodb", "kinesis"


class _Judging(NamedTuple):
    """How patterns are judged.

    Args:
        dialect: their operators.
        max_filters: how many one FilterCriteria may have.
        source: where the records of patterns come from that stand in no template.
    """

    dialect: Literal["lambda", "eventbridge", "extended"]
    max_filters: int
    source: Literal["dynamodb", "kinesis"] | None

    def criteria(self, given: object) -> FilterCriteria:
        """The filters that were given."""
        return FilterCriteria(given, dialect=self.dialect, max_filters=self.max_filters)


def lint(
    sources: Annotated[
        list[str],
        typer.Argument(metavar="PATTERN|FILE", help="Patterns, or files of them or templates; - is standard input."),
    ],
    *,
    dialect: DialectOption = Dialect.LAMBDA,
    max_filters: MaxFilters = 5,
    source: Annotated[
        _Source | None,
        typer.Option(help="Where the records come from; a template tells, and else either is meant."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Code 1 for advice, too.")] = False,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="CODE", help="Say nothing of this kind; can be repeated.")
    ] = None,
    color: Annotated[Color, typer.Option(help="Colour the lines.")] = Color.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Print what patterns, or those in templates, may not mean as they were meant.

    Args:
        sources: patterns as of ``read_criteria``, or templates of CloudFormation and SAM.
        dialect: the operators of the patterns.
        max_filters: how many filters one FilterCriteria may have.
        source: as of ``FilterCriteria.lint``.
        strict: whether advice counts as errors do.
        ignore: codes of which nothing is said.
        color: colours or not.
        as_json: JSON lines instead of text.

    Raises:
        typer.Exit: code 1 when there is an error to tell, or advice with ``strict``; 2 when a file cannot be
            understood, or standard output cannot be written.
    """
    colored, counts = wants_color(color), False
    how = _Judging(dialect.value, max_filters, None if source is None else source.value)
    with input_errors(), until_reader_leaves():
        for given in sources:
            for finding in _findings(given, how):
                if finding.code not in (ignore or ()):
                    counts = counts or strict or finding.severity == "error"
                    print(finding.json_line() if as_json else finding.text_line(color=colored))
    if counts:
        raise typer.Exit(FOUND)


def _findings(given: str, how: _Judging) -> Iterator[Finding]:
    if is_text(given):
        return _of_patterns(Finding("", ""), given, how)
    name, text = read_text(given)
    with template_errors(name):
        found = [] if _is_broken_json(text) else criteria_in(text)
    if not found and is_text(text):
        return _of_patterns(Finding("", "", file=name), text, how)
    if not found:
        complain(f"{name}: no FilterCriteria in it")
    return chain.from_iterable(_of_criteria(name, criteria, how) for criteria in found)


def _is_broken_json(text: str) -> bool:
    """Whether it begins like JSON and is none: what is wrong with it is best said by the reader of patterns."""
    if not is_text(text):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def _of_patterns(place: Finding, text: str, how: _Judging) -> Iterator[Finding]:
    try:
        yield from (place.warning(each) for each in how.criteria(as_given(text)).lint(source=how.source))
    except FilterPatternError as error:
        yield place.refusal(error)


def _of_criteria(name: str, criteria: FoundCriteria, how: _Judging) -> Iterator[Finding]:
    service = criteria.source
    place = Finding("", "", file=name, line=criteria.line, at=criteria.path)
    is_ours = service != "kinesis" or any(each.asks_for_changes for each in criteria.patterns)
    if service not in ("", *_OURS) or not is_ours:
        what = "Kinesis that ask for no changes of a table" if service == "kinesis" else service
        yield place._replace(code="other-source", message=f"filters of {what} are not checked")
        yield from (place._replace(line=each.line).problem(each) for each in criteria.patterns if each.is_wrong)
        return
    filters = [pattern for pattern in criteria.patterns if pattern.code != "malformed-criteria"]
    if criteria.is_whole and len(filters) > how.max_filters:
        message = f"{len(filters)} filters, and at most {how.max_filters} are allowed"
        yield place._replace(code="too-many-filters", message=message, severity="error")
    how = how if service == "" else how._replace(source="kinesis" if service == "kinesis" else "dynamodb")
    index = 0
    for pattern in criteria.patterns:
        if pattern.code == "malformed-criteria":
            yield place._replace(line=pattern.line).problem(pattern)
            continue
        yield from _of_found(place._replace(line=pattern.line, filter_index=index), pattern, how)
        index += 1


def _of_found(place: Finding, pattern: FoundPattern, how: _Judging) -> Iterator[Finding]:
    if pattern.problem is not None:
        yield place.problem(pattern)._replace(at=place.at)
        return
    filled_in, index = FilledIn(pattern.text, pattern.filled_in), place.filter_index or 0
    if filled_in:
        yield place._replace(code="not-read", message=filled_in.message)
    if filled_in.is_all:
        return
    try:
        warnings = how.criteria(pattern.text).lint(source=how.source)
    except FilterPatternError as error:
        if not filled_in.decides_refusal(error):
            yield place.refusal(error).in_template(pattern, index)
        return
    for warning in warnings:
        if not filled_in.decides(warning):
            yield place.warning(warning).in_template(pattern, index)
