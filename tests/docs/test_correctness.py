"""docs/correctness.md: the test that it names for each mistake is there, and each of those tests is named."""

from __future__ import annotations

import ast
import re

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "correctness.md"
TESTS = ROOT / "tests" / "unit" / "test_correctness.py"
NAMED = re.compile(r"`test_correctness\.py::(\w+)`")
MISTAKES = 11


def test_every_test_is_named_and_every_name_is_a_test() -> None:
    nodes = ast.parse(TESTS.read_text("utf-8")).body
    tests = {node.name for node in nodes if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}
    assert set(NAMED.findall(PAGE.read_text("utf-8"))) == tests


def test_every_mistake_has_a_test() -> None:
    _, *sections = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert [section.split(".")[0] for section in sections] == [str(number) for number in range(1, MISTAKES + 1)]
    assert all(NAMED.search(section) for section in sections)
