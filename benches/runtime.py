"""A function in Lambda's own runtime: from the event served to the answer posted. ``make bench-runtime``.

The runtime is the real awslambdaric, one process for each way to the event, all asked in turn with the same event, so
that a slow moment of the machine weighs on all. The wall's clock runs from the event sent to its answer posted, both by
a server that has it in memory; the processor's is that of the function's process alone.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benches import corpus, machine
from benches.lambda_function import EVENTS
from tests.e2e.servers import awslambdaric, runtime_api
from tests.e2e.servers.runtime_api import Function

__all__ = ["HANDLERS", "measured", "table"]

ROOT = Path(__file__).resolve().parents[1]
CORPUS = "a_flat"
RECORDS_COUNTS = (100, 4_700)
HANDLERS = {
    "passes_by": "has no route for any",
    "compares": "compares one attribute",
    "reads_images": "reads both images",
}
SECONDS_A_ROW = 15.0
FEWEST_TURNS_COUNT = 5
WARM_UP_COUNT = 3


class Turn(NamedTuple):
    """Seconds of one invocation."""

    wall_s: float
    processor_s: float


Turns = dict[str, list[Turn]]


def main() -> int:
    print("\n".join(machine.description()))
    print(f"awslambdaric {awslambdaric.NEWEST}", end="\n\n")
    print("\n".join(table()))
    return 0


def table() -> Iterator[str]:
    head = "| the handler | records | bytes | event by | wall ms | times json | processor ms | times json | MB |"
    yield head
    yield "|---" * (head.count("|") - 1) + "|"
    for handler, text in HANDLERS.items():
        for count in RECORDS_COUNTS:
            body = corpus.dumps(corpus.event(CORPUS, count))
            turns, megabytes = measured(handler, body, SECONDS_A_ROW)
            for way, own in turns.items():
                numbers = [cell for clock in (0, 1) for cell in _numbers(turns["json"], own, clock)]
                cells = (text, f"{count:,}", f"{len(body):,}", way, *numbers, megabytes[way])
                yield f"| {' | '.join(map(str, cells))} |"


def _numbers(rivals: list[Turn], ours: list[Turn], clock: int) -> tuple[str, str]:
    """The median, and the median of how many times it goes into the rival's turn beside it."""
    times = statistics.median(rival[clock] / our[clock] for rival, our in zip(rivals, ours, strict=True))
    return f"{statistics.median(turn[clock] for turn in ours) * 1000:.2f}", f"{times:.1f}"


def measured(handler: str, body: bytes, seconds: float) -> tuple[Turns, dict[str, int]]:
    """The turns by way to the event, and the memory of each process in MB."""
    with ExitStack() as stack:
        client = awslambdaric.installed(awslambdaric.NEWEST, ROOT / ".cache")
        functions = {
            way: stack.enter_context(
                runtime_api.running(f"benches/lambda_function.{handler}", client, FUNCTION_EVENTS=way)
            )
            for way in EVENTS
        }
        answers = {function.invoke(body).body for function in functions.values() for _ in range(WARM_UP_COUNT)}
        if len({answer.replace(b" ", b"") for answer in answers}) != 1:
            raise RuntimeError(f"different answers: {answers}")
        turns: Turns = {way: [] for way in functions}
        until = time.perf_counter() + seconds
        while len(turns["json"]) < FEWEST_TURNS_COUNT or time.perf_counter() < until:
            for way, function in functions.items():
                turns[way].append(_turn(function, body))
        return turns, {way: function.resident_bytes() // 1_000_000 for way, function in functions.items()}


def _turn(function: Function, body: bytes) -> Turn:
    before = function.processor_seconds()
    if function.invoke(body).kind != "response":
        raise RuntimeError(function.log())
    return Turn(function.seconds, function.processor_seconds() - before)


if __name__ == "__main__":
    sys.exit(main())
