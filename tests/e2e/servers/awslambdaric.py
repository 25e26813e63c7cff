"""The runtime interface client of Lambda's Python runtimes: each version in a folder of its own, beside no other."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

THIS_PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
# The first and the last of each major version, and the Pythons for which there is such a wheel: built from source it
# takes cmake and libcurl.
VERSIONS = {
    "2.0.4": ("3.10", "3.11"),
    "2.0.6": ("3.12",),
    "2.2.1": ("3.10", "3.11", "3.12"),
    "3.0.0": ("3.10", "3.11", "3.12", "3.13"),
    "3.1.0": ("3.14",),
    "3.1.1": ("3.10", "3.11", "3.12", "3.13", "3.14"),
    "4.0.0": ("3.10", "3.11", "3.12", "3.13", "3.14"),
    "4.2.2": ("3.10", "3.11", "3.12", "3.13", "3.14"),
}
NEWEST = "4.2.2"


def for_this_python() -> list[str]:
    return [version for version, pythons in VERSIONS.items() if THIS_PYTHON in pythons]


def installed(version: str, cache: Path) -> Path:
    """The folder with this version in it, for PYTHONPATH. It is installed once, into the cache.

    Skips the test where it cannot be had.
    """
    folder = cache / f"awslambdaric-{version}-python-{THIS_PYTHON}"
    if not folder.exists():
        unfinished = folder.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        _install(f"awslambdaric=={version}", unfinished)
        unfinished.rename(folder)
    return folder


def _install(what: str, folder: Path) -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        "awslambdaric",
    ]
    run = subprocess.run([*pip, "--target", str(folder), what], check=False, capture_output=True, text=True)
    if run.returncode:
        pytest.skip(f"needs {what}, and pip says: {run.stderr.strip()}")
