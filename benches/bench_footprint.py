"""What tailrace weighs: time to import it, size of the extension, memory for a full batch."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benches import corpus, peak_memory
from benches.row import MB, MS, OF_THE_BYTES, Row, Scale
from tailrace import _core

ROOT = Path(__file__).resolve().parents[1]
IMPORT_MS = (15.0, 8.0)
BARE_IMPORT_MS = (2.0, 0.6)
EXTENSION_MB = (1.0, 0.6)
PEAK_OF_THE_BYTES = (2.0, 1.3)

FEWEST_RUNS_COUNT = 3
MOST_RUNS_COUNT = 40

# decimal is of the standard library, and there already in whatever reads numbers.
BARE_IMPORT = """
import decimal, sys, time
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
started = time.process_time()
loader = ExtensionFileLoader("tailrace._core", sys.argv[1])
loader.exec_module(module_from_spec(spec_from_loader(loader.name, loader)))
print((time.process_time() - started) * 1000)
"""


def rows(scale: Scale) -> Iterator[Row]:
    yield Row("import tailrace", "-", "python -c pass", MS, _import_ms, *IMPORT_MS)
    yield Row("import of the bare extension", "-", "-", MS, _bare_import_ms, *BARE_IMPORT_MS)
    yield Row("size of the extension", "-", "-", MB, lambda _: [_extension().stat().st_size / 1e6], *EXTENSION_MB)
    for name, count in scale.full_batch_count.items():
        yield _peak(name, count)


def _peak(name: str, count: int) -> Row:
    return Row(
        "peak memory, full batch, one by one",
        name,
        "the bytes, themselves included",
        OF_THE_BYTES,
        lambda seconds: _peak_of_the_bytes(name, count, seconds),
        *PEAK_OF_THE_BYTES,
    )


def _extension() -> Path:
    return Path(_core.__file__)


def _repeated(measure: Callable[[], float], seconds: float) -> list[float]:
    measured: list[float] = []
    until = time.perf_counter() + seconds
    while len(measured) < FEWEST_RUNS_COUNT or (len(measured) < MOST_RUNS_COUNT and time.perf_counter() < until):
        measured.append(measure())
    return measured


def _import_ms(seconds: float) -> list[float]:
    """Processor time of a fresh Python that imports tailrace, less that of one that does nothing beside it."""
    _cpu_ms("import tailrace")  # writes the compiled files

    def more() -> float:
        before, with_it, after = _cpu_ms("pass"), _cpu_ms("import tailrace"), _cpu_ms("pass")
        return with_it - statistics.mean((before, after))

    return _repeated(more, seconds)


def _cpu_ms(code: str) -> float:
    process = subprocess.Popen([sys.executable, "-c", code])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"python -c {code!r} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


def _bare_import_ms(seconds: float) -> list[float]:
    return _repeated(lambda: float(_python("-c", BARE_IMPORT, str(_extension()))), seconds)


def _peak_of_the_bytes(name: str, count: int, seconds: float) -> list[float]:
    """In a process of its own, which has never held anything else."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "event.json")
        file.write_bytes(corpus.dumps(corpus.event(name, count)))
        return _repeated(lambda: float(_python("-m", peak_memory.__name__, str(file))), seconds)


def _python(*arguments: str) -> str:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
