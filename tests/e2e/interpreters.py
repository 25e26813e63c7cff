"""The CPythons of this machine that tailrace supports, one of each minor version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SUPPORTED = ["3.10", "3.11", "3.12", "3.13", "3.14"]
TELL = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2], sys.executable)"


@cache
def interpreters() -> dict[str, str]:
    """Minor version to the path of its Python: the running one, those on PATH, those of pyenv."""
    found: dict[str, str] = {}
    for candidate in _candidates():
        implementation, _, rest = _tell(candidate).partition(" ")
        version, _, path = rest.partition(" ")
        if implementation == "cpython" and version in SUPPORTED:
            found.setdefault(version, path)
    return found


def _candidates() -> Iterator[str]:
    # The virtualenv's Python would put the virtualenv's packages before those of a new one.
    yield getattr(sys, "_base_executable", sys.executable)
    yield from filter(None, (shutil.which(f"python{version}") for version in SUPPORTED))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted((pyenv / "versions").glob("*/bin/python"), reverse=True))


def _tell(python: str) -> str:
    """What it says of itself; "" for one that does not run, such as a shim without a version behind it."""
    run = subprocess.run([python, "-c", TELL], check=False, capture_output=True, text=True)
    return run.stdout.strip() if run.returncode == 0 else ""
