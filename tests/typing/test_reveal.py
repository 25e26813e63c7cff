"""What type checkers see of the public names: the files in cases/ go through mypy, line by line.

A line ending in ``# -> text`` holds a ``reveal_type`` that must show that text; one ending in
``# error: code`` must be refused with that code. mypy may say nothing else.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import tailrace
import tailrace.doctor
import tailrace.idempotency
import tailrace.metrics
import tailrace.sinks
import tailrace.testing

CASES = sorted((Path(__file__).parent / "cases").glob("*.py"))
REVEALED = re.compile(r'^(.+?):(\d+): note: Revealed type is "(.*)"$')
REFUSED = re.compile(r"^(.+?):(\d+): error: .*\[([\w-]+)\]$")
SHORT = re.compile(r"\b(?:builtins|typing|collections\.abc|datetime|tailrace(?:\.[a-z_]+)*)\.(?=\w)")

Said = dict[tuple[str, int], str]


def _expected(case: Path) -> Said:
    said = {}
    for line, text in enumerate(case.read_text("utf-8").splitlines(), 1):
        _, arrow, shown = text.rpartition("  # -> ")
        _, error, code = text.rpartition("  # error: ")
        if arrow or error:
            said[case.name, line] = shown if arrow else f"error: {code}"
    return said


@cache
def _said() -> Said:
    """What mypy says of all the cases, in one run: starting it is what takes the time."""
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--hide-error-context", *map(str, CASES)]
    output = subprocess.run(command, cwd=Path(__file__).parents[2], check=False, capture_output=True, text=True)
    assert not output.stderr
    said: Said = {}
    for text in output.stdout.splitlines():
        if found := REVEALED.match(text):
            said[Path(found[1]).name, int(found[2])] = SHORT.sub("", found[3])
        elif found := REFUSED.match(text):
            said[Path(found[1]).name, int(found[2])] = f"error: {found[3]}"
    return said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_mypy_says_what_the_case_expects(case: Path) -> None:
    said = {where: text for where, text in _said().items() if where[0] == case.name}
    assert said == _expected(case)


def test_every_public_name_has_a_case() -> None:
    text = "\n".join(case.read_text("utf-8") for case in CASES)
    modules = (
        tailrace, tailrace.doctor, tailrace.idempotency, tailrace.metrics, tailrace.sinks, tailrace.testing,
    )  # fmt: skip
    offered = [name for module in modules for name in module.__all__]
    assert not [name for name in offered if not re.search(rf"\b{name}\b", text)]
