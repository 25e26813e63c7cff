"""event-ruler as a warm process beside the test run: patterns and events in, matches out."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

SOURCE = Path(__file__).with_name("Ruler.java")
STOP_SECONDS = 10
# The garbage collector needs no threads of its own beside a test run.
JVM_FLAGS = ["-XX:+UseSerialGC", "-Xmx512m", "-Dfile.encoding=UTF-8"]


class RulerMissing(Exception):
    """The JDK or the jars are not here."""


class PatternRefused(ValueError):
    """event-ruler takes no such pattern."""


class Ruler:
    """One process; a question is a line, its answer the next line."""

    def __init__(self, process: subprocess.Popen[bytes], log: IO[str]) -> None:
        self._process = process
        self._log = log

    def matches(self, pattern: str, events: Sequence[str]) -> list[bool | None]:
        """For each event whether it matches; None for what event-ruler can't read. Raises PatternRefused."""
        answer = self._ask({"pattern": pattern, "events": list(events)})
        return [match if isinstance(match, bool) else None for match in answer["matches"]]

    def measure(self, pattern: str, events: Sequence[str], *, warm_ms: int, measure_ms: int) -> dict[str, Any]:
        """How many events in how many seconds, of the clock and of the processor, over whole passes after a warm-up."""
        return self._ask({"pattern": pattern, "events": list(events), "warm_ms": warm_ms, "measure_ms": measure_ms})

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        requests, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        requests.write(json.dumps(question).encode() + b"\n")
        requests.flush()
        line = answers.readline()
        if not line:
            self._log.seek(0)
            raise RuntimeError(f"event-ruler's process ended:\n{self._log.read()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise PatternRefused(answer["error"])
        return answer


@contextmanager
def running(jars: Path) -> Iterator[Ruler]:
    """Starts the process and ends it afterwards. Raises RulerMissing without the JDK or the jars."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        raise RulerMissing("needs a JDK, 17 or newer: event-ruler is Java")
    if not (jars / "ready").exists():
        raise RulerMissing(f"needs event-ruler in {jars}: run `make test-slow`")
    command = [java, *JVM_FLAGS, "-cp", f"{jars}/*", str(SOURCE)]
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        try:
            yield Ruler(process, log)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The end of its input is what the process waits for."""
    cast("IO[bytes]", process.stdin).close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    cast("IO[bytes]", process.stdout).close()
