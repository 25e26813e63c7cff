"""Two functions timed against each other, so that a slow moment of the machine weighs on both.

Each sample of ours stands between two samples of the rival and is compared with their mean; what is reported is the
median over all such pairs. The clock is the processor time of this process: unlike the wall clock it does not grow
while other processes have the core. Only where what is measured is how long one waits is it the wall clock. The time to
free an answer belongs to it.
"""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

__all__ = ["Pair", "pairs"]

# A sample shorter than this is made of several calls.
SAMPLE_S = 0.002
FEWEST_PAIRS_COUNT = 3
MOST_PAIRS_COUNT = 60

Timed = Callable[[], object]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Pair:
    """Seconds of one call, side by side."""

    ours_s: float
    theirs_s: float


def pairs(
    ours: Timed, theirs: Timed, *, seconds: float, collector: bool, clock: Clock = time.process_time
) -> list[Pair]:
    """Time both in turn for about this long.

    Args:
        ours: what is measured.
        theirs: what it is compared with.
        seconds: of wall time; at least three pairs are taken whatever it says.
        collector: whether Python's garbage collector is on.
        clock: tells the seconds.
    """
    with _collector(on=collector):
        our_calls, their_calls = _calls(ours, clock), _calls(theirs, clock)
        found: list[Pair] = []
        until = time.perf_counter() + seconds
        before = _sample(theirs, their_calls, clock)
        while _goes_on(len(found), until):
            mine = _sample(ours, our_calls, clock)
            after = _sample(theirs, their_calls, clock)
            found.append(Pair(mine, (before + after) / 2))
            before = after
        return found


def _goes_on(count: int, until: float) -> bool:
    return count < FEWEST_PAIRS_COUNT or (count < MOST_PAIRS_COUNT and time.perf_counter() < until)


def _calls(timed: Timed, clock: Clock) -> int:
    """How many calls make a sample; the first call is left out, for it fills caches."""
    timed()
    return max(1, math.ceil(SAMPLE_S / max(_sample(timed, 1, clock), 1e-9)))


def _sample(timed: Timed, calls: int, clock: Clock) -> float:
    if gc.isenabled():
        # What the other side left to the collector is not this side's to pay. The collection has emptied the
        # processor's caches, which would be a fifth of the time of a small item; an untimed call fills them again.
        gc.collect()
        timed()
    started = clock()
    for _ in range(calls):
        timed()
    return (clock() - started) / calls


@contextmanager
def _collector(*, on: bool) -> Iterator[None]:
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        yield
    finally:
        (gc.enable if was_on else gc.disable)()
