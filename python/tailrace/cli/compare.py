"""``tailrace diff``: what changed between two items, or in each record of a file."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from tailrace import UnmarshallError
from tailrace.cli.attribute_path import parse_path
from tailrace.cli.color import Color, wants_color
from tailrace.cli.console import Skipped, complain, input_errors, until_reader_leaves
from tailrace.cli.differences import AsJson, AsPatch, AsText, Rules
from tailrace.cli.items import ItemFile, changes_between
from tailrace.cli.reading import Reader
from tailrace.cli.summary import plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.cli.differences import Form

__all__ = ["Lists", "compare"]

DIFFERENT, TROUBLE = 1, 2


class Lists(str, Enum):
    """How lists are compared."""

    POSITIONAL, WHOLE = "positional", "whole"


def compare(
    old: Annotated[
        str,
        typer.Argument(metavar="OLD|EVENTS", help="An item; alone, a file of change records. - is standard input."),
    ],
    new: Annotated[str | None, typer.Argument(metavar="NEW", help="The item after.")] = None,
    *,
    plain: Annotated[
        bool, typer.Option("--plain", help="OLD and NEW hold plain JSON values, not attribute values.")
    ] = False,
    lists: Annotated[Lists, typer.Option(help="Compare lists by position, or as a whole.")] = Lists.POSITIONAL,
    only: Annotated[list[str] | None, typer.Option(metavar="PATH", help="Look at this path only; repeatable.")] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="PATH", help="Pass this path by; repeatable.")] = None,
    mask: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="Tell that it changed, show no value; repeatable.")
    ] = None,
    color: Annotated[Color, typer.Option(help="Colour the lines.")] = Color.AUTO,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, values as attribute values.")
    ] = False,
    as_patch: Annotated[bool, typer.Option("--json-patch", help="A JSON Patch (RFC 6902).")] = False,
) -> None:
    """Print what changed between two items, or in each record of a file.

    Args:
        old: a file that holds an item; a file of change records when ``new`` is None.
        new: a file that holds an item.
        plain: whether the items are plain JSON.
        lists: as of ``diff``.
        only: paths as ``parse_path`` reads them, and so ``ignore`` and ``mask``.
        ignore: paths.
        mask: paths.
        color: colours or not; ``auto`` is for a terminal without NO_COLOR.
        as_json: JSON lines instead of text.
        as_patch: JSON Patches instead of text.

    Raises:
        typer.Exit: code 1 when two items differ; 2 when a file, a record or an option cannot be understood, or standard
            output cannot be written.
    """
    rules = _rules(lists, only, ignore, mask)
    if problem := _misuse(old, new, plain=plain, as_json=as_json, as_patch=as_patch, rules=rules):
        complain(problem)
        raise typer.Exit(TROUBLE)
    form: Form = AsJson() if as_json else AsPatch() if as_patch else AsText(color=wants_color(color))
    with input_errors():
        if new is None:
            _print_records(old, rules, form)
        else:
            _print_items(old, new, plain, rules, form)


def _print_items(old: str, new: str, plain: bool, rules: Rules, form: Form) -> None:
    before, after = ItemFile(old, plain=plain), ItemFile(new, plain=plain)
    try:
        found = changes_between(before, after, rules)
        lines = list(form.of_items(found))
    except UnmarshallError as error:
        side, *path = error.path
        raise (before if side == "old_image" else after).error(error, tuple(path), rules.masked_somewhere) from error
    with until_reader_leaves():
        for line in lines:
            print(line)
    if found:
        raise typer.Exit(DIFFERENT)


def _print_records(file: str, rules: Rules, form: Form) -> None:
    unreadable_count, skipped = 0, Skipped()
    with until_reader_leaves():
        for piece in Reader([file], skipped=skipped):
            for record in piece.batch:
                lines, readable = form.of_record(record, rules)
                unreadable_count += not readable
                for line in lines:
                    print(line)
    if unreadable_count:
        complain(f"{plural(unreadable_count, 'record')} could not be read")
    skipped.end()
    if unreadable_count:
        raise typer.Exit(TROUBLE)


def _rules(lists: Lists, only: list[str] | None, ignore: list[str] | None, mask: list[str] | None) -> Rules:
    try:
        paths = ([parse_path(path) for path in paths or ()] for paths in (only, ignore, mask))
        return Rules(lists.value, *map(tuple, paths))
    except ValueError as error:
        complain(str(error))
        raise typer.Exit(TROUBLE) from None


def _misuse(old: str, new: str | None, *, plain: bool, as_json: bool, as_patch: bool, rules: Rules) -> str | None:
    """What is wrong with the options together."""
    if old == new == "-":
        return "standard input is one item only"
    if plain and new is None:
        return "--plain is for two items: records hold attribute values"
    if as_json and as_patch:
        return "--json and --json-patch are two forms: choose one"
    if as_patch and rules.are_partial:
        return "a JSON Patch leads to the whole new item: leave --only, --ignore and --mask away"
    return None
