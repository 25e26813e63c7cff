"""The pattern that a command is given: text, or a file that holds it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from enum import Enum
from typing import Annotated

import typer

from tailrace import FilterCriteria, FilterPatternError
from tailrace.cli.console import complain
from tailrace.cli.reading import InputError, read_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "TROUBLE",
    "Dialect",
    "DialectOption",
    "MaxFilters",
    "PatternArgument",
    "RecordsArgument",
    "as_given",
    "is_text",
    "read_criteria",
    "read_text",
    "refusals",
    "refuse_sharing_stdin",
]

TROUBLE = 2


class Dialect(str, Enum):
    """Which operators there are."""

    LAMBDA, EVENTBRIDGE, EXTENDED = "lambda", "eventbridge", "extended"


PatternArgument = Annotated[
    str,
    typer.Argument(
        metavar="PATTERN", help="A pattern or FilterCriteria as JSON, or a file of it; - is standard input."
    ),
]
RecordsArgument = Annotated[
    list[str], typer.Argument(metavar="RECORDS", help="Files of change records; - is standard input.")
]
DialectOption = Annotated[Dialect, typer.Option(help="The operators that there are.")]
MaxFilters = Annotated[int, typer.Option(min=1, max=10, help="How many filters a mapping may have.")]


def is_text(argument: str) -> bool:
    """Whether it is a pattern itself, and no file: no file that anybody has begins so."""
    return argument.lstrip()[:1] in ("{", "[")


def refuse_sharing_stdin(pattern: str, records: list[str]) -> None:
    """Standard input cannot be both the pattern and the records.

    Raises:
        typer.Exit: it is given as both.
    """
    if pattern == "-" and "-" in records:
        complain("standard input is the pattern or the records, not both")
        raise typer.Exit(TROUBLE)


def read_criteria(argument: str, dialect: Dialect, max_filters: int) -> FilterCriteria:
    """The filters of an argument.

    Args:
        argument: a pattern, a list of patterns or FilterCriteria as JSON, or the name of a file that holds one.
        dialect: the operators.
        max_filters: as of ``FilterCriteria``.

    Raises:
        InputError: the file cannot be read.
        FilterPatternError: a pattern is refused.
    """
    text = argument if is_text(argument) else read_text(argument)[1]
    return FilterCriteria(as_given(text), dialect=dialect.value, max_filters=max_filters)


def read_text(file: str) -> tuple[str, str]:
    """What to call a file, and its text.

    Raises:
        InputError: it cannot be read, is no UTF-8, or there is nothing in it.
    """
    if not file.strip():
        raise InputError("PATTERN", "it is empty")
    name, data = read_document(file)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(name, f"no UTF-8: {error.reason}", line=line) from error
    if not text.strip():
        raise InputError(name, "it is empty")
    return name, text


def as_given(text: str) -> object:
    """What FilterCriteria takes: text is one pattern or FilterCriteria to it, and a list of patterns is a list."""
    if not text.lstrip().startswith("["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


@contextmanager
def refusals() -> Iterator[None]:
    """A refused pattern ends the command with one line and exit code 2."""
    try:
        yield
    except FilterPatternError as error:
        complain(str(error))
        raise typer.Exit(TROUBLE) from None
