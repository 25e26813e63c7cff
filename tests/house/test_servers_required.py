"""`make ci` fails when a server test was skipped for want of its server; a developer without Java may skip it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import pytest

@pytest.fixture
def server():
    pytest.skip("needs java")

def test_server(server):
    pass

def test_platform():
    pytest.skip("only on Windows")
"""


def _run(folder: Path, conftest: Path, required: str) -> str:
    shutil.copy(conftest, folder / "conftest.py")
    (folder / "test_inner.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    environment = os.environ | {"TAILRACE_REQUIRE_SERVERS": required}
    return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True, text=True).stdout


@pytest.mark.parametrize(("required", "outcome"), [("1", "1 skipped, 1 error"), ("0", "2 skipped")])
def test_a_missing_server_fails_where_servers_are_required(
    tmp_path: Path, repository: Path, required: str, outcome: str
) -> None:
    assert outcome in _run(tmp_path, repository / "tests" / "conftest.py", required)
