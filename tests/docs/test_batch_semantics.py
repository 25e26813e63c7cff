"""docs/batch-semantics.md: the test that it names for each row is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "batch-semantics.md"
NAMED = re.compile(r"`(test_\w+\.py)::(\w+)`")
# Rows of what others do, which is no behaviour of ours to be tested.
WITHOUT = 1


def _tests() -> set[tuple[str, str]]:
    return {
        (path.name, node.name)
        for path in Path(ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    } | {("test_delivery_machine.py", "TestStream")}


def test_every_test_that_the_page_names_exists() -> None:
    named = set(NAMED.findall(PAGE.read_text("utf-8")))
    assert len(named) > 30
    assert not named - _tests()


def test_every_row_names_a_test() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    tables = [line for line in lines if line.startswith("|") and not set(line) <= set("|-")]
    rows = [line for line in tables if not line.rstrip(" |").endswith("test")]
    mode_table = [row for row in rows if row.startswith(("| `order`", '| `"'))]
    assert len([row for row in rows if not NAMED.search(row)]) == WITHOUT + len(mode_table)
