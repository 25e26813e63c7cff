"""The verbs say what is missing, and `make help` names them all."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.sources import ROOT

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def _run(command: list[str], path: Path) -> subprocess.CompletedProcess[str]:
    """Runs with a PATH of the basic tools and whatever `path` holds, so that cargo or java may be missing."""
    for tool in ("bash", "sed", "cut", "sort", "head", "env"):
        (path / tool).symlink_to(_which(tool))
    return subprocess.run(command, cwd=ROOT, env={"PATH": str(path)}, check=False, capture_output=True, text=True)


def _which(tool: str) -> str:
    return next(found for folder in os.defpath.split(":") if os.access(found := f"{folder}/{tool}", os.X_OK))


def _fake(path: Path, tool: str, says: str) -> None:
    (path / tool).write_text(f"#!/bin/sh\necho '{says}'\n")
    (path / tool).chmod(0o755)


@pytest.mark.parametrize(
    ("tool", "message"),
    [
        ("cargo", "no cargo found"), ("nightly", "no nightly Rust found"), ("cxx", "no c++ found"),
        ("java", "no java found"), ("javac", "no javac found"), ("mvn", "no mvn found"),
    ],
)  # fmt: skip
def test_a_missing_tool_is_named(tmp_path: Path, tool: str, message: str) -> None:
    run = _run(["tools/need", tool], tmp_path)
    assert run.returncode == 1
    assert message in run.stderr


@pytest.mark.parametrize(
    ("tool", "says", "fine"),
    [
        ("cargo", "cargo 1.9.0 (abc 2016-01-01)", False),
        ("cargo", "cargo 1.185.0 (abc 2031-01-01)", True),
        ("java", 'openjdk version "11.0.2" 2019-01-15', False),
        ("java", 'openjdk version "25" 2025-09-16', True),
    ],
)
def test_an_old_tool_is_refused_and_a_new_one_is_not(tmp_path: Path, tool: str, says: str, fine: bool) -> None:
    _fake(tmp_path, tool, says)
    run = _run(["tools/need", tool], tmp_path)
    assert (run.returncode == 0) == fine
    assert ("too old" in run.stderr) != fine


def test_stable_rust_alone_is_not_enough_for_fuzzing(tmp_path: Path) -> None:
    (tmp_path / "cargo").write_text('#!/bin/sh\n[ "$1" != +nightly ]\n')
    (tmp_path / "cargo").chmod(0o755)
    run = _run(["tools/need", "nightly"], tmp_path)
    assert run.returncode == 1
    assert "rustup toolchain install nightly" in run.stderr


def test_no_python_at_all_is_named(tmp_path: Path) -> None:
    run = _run(["tools/choose-python"], tmp_path)
    assert run.returncode == 1
    assert "no Python 3.10 or newer" in run.stderr


def test_every_verb_has_its_line_of_help() -> None:
    verbs = re.search(r"^\.PHONY: (help .+)$", MAKEFILE, re.MULTILINE)
    assert verbs
    assert set(verbs[1].split()) == set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))


def test_ci_calls_the_same_verbs() -> None:
    assert "\nmake ci\n" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
