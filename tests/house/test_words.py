"""The house's words: what a name may be, and where Lambda's answer is spelled."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

from tests.house.sources import PACKAGE, ROOT, Documented, python_files

ANSWER = re.compile(r"batchItemFailures|itemIdentifier")
MAY_SPELL_THE_ANSWER = ("types.py", "handler/response.py", "testing/")
# A file named so has no job of its own, and collects those of others.
NO_NAME = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
LONGEST_FILE_LINES = 500
# The stub of one module can't be split: it grows with the public names, and holds nothing else.
MAY_BE_LONGER = {"python/tailrace/_core.pyi"}


def _tracked_files() -> list[Path]:
    output = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in output.split("\0") if name and (ROOT / name).exists()]


def _code(path: Path) -> str:
    """The file without its docstrings and comments: an example may show the answer, code may not spell it."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, Documented) and ast.get_docstring(node):
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def test_lambdas_answer_is_spelled_in_three_places_only() -> None:
    spelling = {str(path.relative_to(PACKAGE)) for path in python_files() if ANSWER.search(_code(path))}
    assert "handler/response.py" in spelling
    assert not {name for name in spelling if not name.startswith(MAY_SPELL_THE_ANSWER)}


def test_the_rust_core_does_not_know_lambdas_answer() -> None:
    assert not [path for path in (ROOT / "rust").rglob("*.rs") if ANSWER.search(path.read_text("utf-8"))]


def test_every_file_and_folder_is_named_after_its_job() -> None:
    words = {
        path: {word for part in path.parts for word in re.split(r"[^a-z]+", part.lower())} for path in _tracked_files()
    }
    assert not [str(path) for path, of_path in words.items() if of_path & NO_NAME]


def test_no_source_file_is_too_long_to_read() -> None:
    lengths = {
        str(path): len((ROOT / path).read_text("utf-8").splitlines())
        for path in _tracked_files()
        if path.suffix in {".py", ".pyi", ".rs"}
    }
    assert not {
        name: lines for name, lines in lengths.items() if lines > LONGEST_FILE_LINES and name not in MAY_BE_LONGER
    }
