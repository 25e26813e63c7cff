"""The pages keep their word: their Python runs, their links lead somewhere, their commands exist."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT, Block, anchors, blocks, links, pages

PAGES = pages()
WITH_PYTHON = [page for page in PAGES if any(block.language == "python" and block.run for block in blocks(page))]
COMMANDS = {"sh", "bash", "console", "shell"}
VERBS = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _run(page: Path, block: Block, names: dict[str, Any]) -> None:
    """Runs a block: as a session where it shows one, else as a program whose lines are the page's."""
    if ">>>" in block.text:
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        report: list[str] = []
        session = doctest.DocTestParser().get_doctest(block.text, names, _name(page), str(page), block.line - 1)
        runner.run(session, out=report.append, clear_globs=False)
        names.update(session.globs)
        assert not runner.failures, "".join(report)
    else:
        program = "\n" * (block.line - 1) + block.text
        exec(compile(program, str(page), "exec", dont_inherit=True), names)  # noqa: S102 - running it is the test


@pytest.mark.parametrize("page", WITH_PYTHON, ids=_name)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks(page):
        if block.language == "python" and block.run:
            _run(page, block, names)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page):
        target, _, fragment = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists() or (fragment and file.suffix == ".md" and fragment not in anchors(file)):
            broken.append(link)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_the_make_verbs_of_a_page_exist(page: Path) -> None:
    code = [block.text for block in blocks(page) if block.language in COMMANDS]
    code += re.findall(r"`(make [^`]+)`", page.read_text("utf-8"))
    named = {verb for text in code for verb in re.findall(r"^\W*make ([a-z][a-z-]*)", text, re.MULTILINE)}
    assert named <= set(VERBS)


def test_there_are_pages_and_the_readme_has_python_that_runs() -> None:
    assert ROOT / "README.md" in WITH_PYTHON


def test_the_readme_handler_is_found_by_its_name_in_a_fresh_python() -> None:
    """The first Python of the README is a file that Lambda could import."""
    first = next(block for block in blocks(ROOT / "README.md") if block.language == "python")
    check = "\nassert callable(lambda_handler)\n"
    subprocess.run([sys.executable, "-c", first.text + check], check=True)
