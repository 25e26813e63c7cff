"""The built extension: small, stripped, and frank about being a debug build."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tailrace
from tailrace import _core

# A sixth of it is the printer of backtraces that Rust's standard library links into everything.
LARGEST_BYTES = 2_000_000
IMPORT = [sys.executable, "-W", "error", "-c", "import tailrace"]


def test_the_extension_is_small() -> None:
    size_bytes = Path(_core.__file__ or "").stat().st_size
    assert tailrace.build_info()["profile"] == "debug" or size_bytes <= LARGEST_BYTES


def test_only_a_debug_build_warns_at_import() -> None:
    """Here for the build at hand; the wheel tests make a debug build and see it warn."""
    run = subprocess.run(IMPORT, check=False, capture_output=True, text=True)
    assert ("debug" in run.stderr) == (run.returncode != 0) == (tailrace.build_info()["profile"] == "debug")


def test_build_info_tells_this_python_and_this_build() -> None:
    info = tailrace.build_info()
    assert info["wheel"] in {"version-specific", "abi3"}
    assert info["profile"] in {"release", "debug"}
    this_python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert info["python"] == ("3.10+" if info["wheel"] == "abi3" else this_python)
