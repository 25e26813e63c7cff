"""Every example in a docstring runs and shows what it says, those of the extension's stub included."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from tests.house.sources import docstrings, module_name, python_files

Example = tuple[Path, str, str, int]
EXAMPLES: list[Example] = [
    (path, name, text, line)
    for path in python_files()
    for name, text, line in docstrings(path)
    if doctest.DocTestParser().get_examples(text)
]


def _doctest(example: Example) -> doctest.DocTest:
    path, name, text, line = example
    names = dict(vars(importlib.import_module(module_name(path))))
    return doctest.DocTestParser().get_doctest(text, names, name, str(path), line)


@pytest.mark.parametrize("example", EXAMPLES, ids=[name for _, name, _, _ in EXAMPLES])
def test_example(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    report: list[str] = []
    runner.run(_doctest(example), out=report.append)
    assert not runner.failures, "".join(report)
    assert runner.tries
