"""The mapping that ``--mapping FILE`` names."""

from __future__ import annotations

from tailrace.cli.console import complain
from tailrace.cli.filter.pattern import read_text
from tailrace.cli.reading import InputError
from tailrace.cli.templates import template_errors
from tailrace.doctor import mappings_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.doctor import FoundMapping

__all__ = ["read_mapping", "read_mappings"]


def read_mappings(file: str) -> tuple[str, list[FoundMapping]]:
    """What to call a file, and the mappings of streams in it.

    Args:
        file: the JSON of the AWS CLI, or a template of CloudFormation or SAM; ``-`` is standard input.

    Raises:
        InputError: it cannot be read, or there is none in it.
    """
    name, text = read_text(file)
    with template_errors(name):
        found = mappings_in(text)
    if not found:
        raise InputError(name, "no event source mapping of a stream in it")
    return name, found


def read_mapping(file: str, wanted: str | None) -> dict[str, Any]:
    """The settings of one mapping, by AWS's names. Those that nobody knows yet are told, and left out.

    Args:
        file: as of ``read_mappings``.
        wanted: its name; None for the only one.

    Raises:
        InputError: the file cannot be read, or there is no such mapping, or more than one.
    """
    name, found = read_mappings(file)
    chosen = [each for each in found if wanted is None or each.name == wanted]
    if len(chosen) != 1:
        names = ", ".join(each.name for each in found)
        problem = "more than one mapping" if chosen else f"no mapping {wanted}"
        raise InputError(name, f"{problem} in it: give --mapping-name, one of {names}")
    for setting in chosen[0].unresolved:
        if setting not in ("EventSourceArn", "FunctionName"):
            complain(f"{name}: {setting} is known when the template is deployed: left out")
    return dict(chosen[0].resolved)
