"""Where the numbers come from: machine, Python, build and versions of the rivals."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from tailrace import build_info

__all__ = ["build", "description"]

RIVALS = ("boto3", "orjson")


def description() -> list[str]:
    """Lines to stand above a table of numbers."""
    info = build_info()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return [
        f"tailrace {info['version']}, {info['wheel']} {info['profile']} build, {info['simd']}",
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}",
        f"{_processor()}, {os.cpu_count()} cores, load {load}",
        f"rivals: json of this Python, {', '.join(f'{name} {version(name)}' for name in RIVALS)}",
    ]


def build() -> str:
    """Which targets hold here: a newer Python has other costs, and the wheel for every Python is slower."""
    if build_info()["wheel"] == "abi3":
        return "abi3"
    return "3.13" if sys.version_info >= (3, 13) else "3.11"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or "unknown processor")
