"""`unsafe` stays in the five files that may hold it, each use with its reason; the core builds without Python."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT, RUST, rust_files

MAY_HOLD_UNSAFE = {"core/json/simd.rs", "py/dict.rs", "py/dropin.rs", "py/make.rs", "py/py_node.rs"}
UNSAFE = re.compile(r"\bunsafe\s*(\{|fn\b|impl\b|trait\b|extern\b)")
SAFETY_WITHIN_LINES = 6


def _code(line: str) -> str:
    return line.partition("//")[0]


def _uses_of_unsafe() -> list[tuple[Path, int, list[str]]]:
    uses = []
    for path in rust_files():
        lines = path.read_text("utf-8").splitlines()
        uses += [(path, at, lines) for at, line in enumerate(lines) if UNSAFE.search(_code(line))]
    return uses


def test_unsafe_stands_only_where_it_may() -> None:
    files = {str(path.relative_to(RUST)) for path, _, _ in _uses_of_unsafe()}
    assert files <= MAY_HOLD_UNSAFE


def test_the_lint_against_unsafe_is_lifted_only_where_it_may() -> None:
    lifted = {
        str(path.relative_to(RUST))
        for path in rust_files()
        if re.search(r"(allow|expect|warn)\(.*\bunsafe_code\b", path.read_text("utf-8"))
    }
    assert lifted <= MAY_HOLD_UNSAFE


def test_every_use_of_unsafe_says_why_it_is_sound() -> None:
    silent = [
        f"{path.relative_to(RUST)}:{at + 1}"
        for path, at, lines in _uses_of_unsafe()
        if not any("SAFETY" in line or "# Safety" in line for line in lines[max(0, at - SAFETY_WITHIN_LINES) : at + 1])
    ]
    assert not silent


@pytest.mark.slow
def test_the_core_has_no_pyo3_in_its_tree() -> None:
    tree = ["cargo", "tree", "--no-default-features", "--edges", "normal", "--prefix", "none"]
    output = subprocess.run(tree, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert output.startswith("tailrace v")
    assert "pyo3" not in output
