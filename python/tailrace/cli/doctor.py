"""``tailrace doctor``: what is wrong with event source mappings, or costs records on a bad day."""

from __future__ import annotations

from typing import Annotated

import typer

from tailrace import StreamHandler
from tailrace.cli.color import Color, wants_color
from tailrace.cli.console import complain, input_errors, until_reader_leaves
from tailrace.cli.lines import json_line
from tailrace.cli.mapping import read_mappings
from tailrace.cli.target import HandlerNameError, load_handler
from tailrace.diffs.text import printable
from tailrace.doctor import check_mapping, mappings_of_function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from tailrace.doctor import Finding, FoundMapping

    Sources = Iterator[tuple[str, FoundMapping]]

__all__ = ["doctor"]

ERRORS_FOUND = 1
TROUBLE = 2
_COLOURS = {"error": "\x1b[31m", "warning": "\x1b[33m"}
_PLAIN = "\x1b[0m"


def doctor(
    *,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="JSON of the AWS CLI, or a template of CloudFormation or SAM; can be repeated."
        ),
    ] = None,
    function: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A function whose mappings AWS is asked for; needs boto3; can be repeated."),
    ] = None,
    handler: Annotated[
        str | None,
        typer.Option(metavar="MODULE:NAME", help="The handler behind them; the current folder is importable."),
    ] = None,
    color: Annotated[Color, typer.Option(help="Colour the lines.")] = Color.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False,
) -> None:
    """Say what is wrong with event source mappings of streams.

    Args:
        mapping: files with mappings.
        function: names of functions in the account.
        handler: ``module:name`` of the function behind the mappings.
        color: colours or not.
        as_json: JSON lines instead of text.

    Raises:
        typer.Exit: code 1 when there is an error among the findings; 2 when a file, the handler's name or the account
            cannot be read.
    """
    if not mapping and not function:
        complain("give --mapping FILE or --function NAME")
        raise typer.Exit(TROUBLE)
    report, colored, wrong = _report(handler), wants_color(color), False
    with input_errors(), until_reader_leaves():
        for place, found in _sources(mapping or [], function or []):
            findings = check_mapping(found.settings, report=report)
            wrong = wrong or any(finding.severity == "error" for finding in findings)
            for line in _json(place, found, findings) if as_json else _text(place, found, findings, colored=colored):
                print(line)
    if wrong:
        raise typer.Exit(ERRORS_FOUND)


def _report(name: str | None) -> Literal["partial", "raise"] | None:
    """How the handler tells of failures; nobody knows it of a plain function."""
    if name is None:
        return None
    try:
        handler = load_handler(name)
    except HandlerNameError as error:
        complain(str(error))
        raise typer.Exit(TROUBLE) from None
    return handler.report if isinstance(handler, StreamHandler) else None


def _sources(files: list[str], functions: list[str]) -> Sources:
    for file in files:
        name, found = read_mappings(file)
        for each in found:
            yield name if each.line is None else f"{name}, line {each.line}", each
    for function in functions:
        for each in _of_account(function):
            yield f"function {function}", each


def _of_account(function: str) -> list[FoundMapping]:
    try:
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        complain("--function needs boto3: pip install boto3")
        raise typer.Exit(TROUBLE) from None
    try:
        found = mappings_of_function(function)
    except (BotoCoreError, ClientError, ValueError) as error:  # a ValueError for an endpoint that cannot be
        complain(f"function {function}: {error}")
        raise typer.Exit(TROUBLE) from None
    if not found:
        complain(f"function {function}: no event source mapping of a stream")
    return found


def _text(place: str, mapping: FoundMapping, findings: list[Finding], *, colored: bool) -> Iterator[str]:
    verdict = "nothing to say" if not findings else ", ".join(_counted(findings))
    yield printable(f"{mapping.name} ({place}): {verdict}")
    for finding in findings:
        head = printable(f"{finding.severity}: {finding.what} [{finding.code}]")
        yield f"  {_COLOURS[finding.severity]}{head}{_PLAIN}" if colored else f"  {head}"
        yield printable(f"    why: {finding.why}")
        yield printable(f"    fix: {finding.fix}")


def _counted(findings: list[Finding]) -> Iterator[str]:
    for severity in ("error", "warning"):
        count = sum(finding.severity == severity for finding in findings)
        if count:
            yield f"{count} {severity}{'' if count == 1 else 's'}"


def _json(place: str, mapping: FoundMapping, findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        yield json_line({"mapping": mapping.name, "place": place, "line": mapping.line} | finding.to_dict())
