"""`import tailrace` is cheap: cold starts pay for it on every new execution environment."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

LATER = {"asyncio", "concurrent.futures", "logging", "sqlite3"}
CEILING_MS = 15.0
PAIRS_COUNT = 15
TRIES_COUNT = 4


def _python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def _modules(statement: str) -> set[str]:
    return set(json.loads(_python(f"{statement}\nimport json, sys; print(json.dumps(sorted(sys.modules)))")))


def test_import_loads_nothing_from_outside_and_nothing_heavy() -> None:
    loaded = _modules("import tailrace") - _modules("pass")
    outside = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"tailrace"}
    assert not outside
    assert not loaded & LATER


def test_import_of_every_public_name_loads_nothing_from_outside() -> None:
    """Names resolved later may load more of the standard library, and still no client library."""
    loaded = _modules("from tailrace import *") - _modules("pass")
    assert not {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names) - {"tailrace"}


def _cpu_ms(code: str) -> float:
    """Processor time of a fresh Python: unlike the clock's it does not grow with what else the machine does."""
    process = subprocess.Popen([sys.executable, "-c", code])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return (usage.ru_utime + usage.ru_stime) * 1000


def _import_ms() -> float:
    """The median over pairs run one after the other, so that a slow moment weighs on both."""
    pairs = [(_cpu_ms("import tailrace"), _cpu_ms("pass")) for _ in range(PAIRS_COUNT)]
    return statistics.median(with_it - without for with_it, without in pairs)


def test_import_costs_at_most_15_ms_over_bare_python() -> None:
    _python("import tailrace")  # writes the .pyc files
    measured: list[float] = []
    while len(measured) < TRIES_COUNT and min(measured, default=CEILING_MS + 1) > CEILING_MS:
        measured.append(_import_ms())
    assert min(measured) <= CEILING_MS, f"ms over bare Python: {measured}"
