"""One line of the report: what is compared with what, on which data, and what it should reach."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from benches.answer import must_be_same
from benches.measure import Clock, Pair, Timed, pairs

__all__ = [
    "MB",
    "MS",
    "OF_THE_BYTES",
    "SHARE",
    "TIMES",
    "US",
    "Result",
    "Row",
    "Scale",
    "Unit",
    "Verdict",
    "compare",
    "compare_each",
]

Verdict = Literal["stretch", "must", "NO", "-"]


@dataclass(frozen=True)
class Scale:
    """How much data the benchmarks read."""

    item_count: int
    record_count: int
    # Records that fill the 6 MB that Lambda delivers at most.
    full_batch_count: dict[str, int]


@dataclass(frozen=True)
class Unit:
    """How a value is written, and which way is better."""

    name: str
    digits: int = 2
    more_is_better: bool = False

    def number(self, value: float) -> str:
        return f"{value:.{self.digits}f}"

    def goal(self, value: float | None) -> str:
        return "-" if value is None else f"{'>=' if self.more_is_better else '<='} {value:g}"

    def reaches(self, value: float, goal: float) -> bool:
        return value >= goal if self.more_is_better else value <= goal


TIMES = Unit("x faster", digits=1, more_is_better=True)
SHARE = Unit(" of its time")
US = Unit(" us")
MS = Unit(" ms")
MB = Unit(" MB")
OF_THE_BYTES = Unit(" of the bytes")


@dataclass(frozen=True)
class Row:
    """A benchmark that has not run yet.

    ``measure`` checks the answers, then takes samples for the seconds it is given. ``must`` is what a release may not
    miss, ``stretch`` what it is hoped to reach; None where there is no target.
    """

    product: str
    corpus: str
    rival: str
    unit: Unit
    measure: Callable[[float], Sequence[float]]
    must: float | None = None
    stretch: float | None = None
    collector: Literal["on", "off", "-"] = "-"

    @property
    def title(self) -> str:
        return f"{self.product} {self.corpus} {self.rival}"


@dataclass(frozen=True)
class Result:
    """A row that has run."""

    row: Row
    samples: Sequence[float]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def middle_half(self) -> tuple[float, float]:
        """Between these lies the middle half of the samples."""
        if len(self.samples) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.samples, n=4, method="inclusive")
        return low, high

    @property
    def verdict(self) -> Verdict:
        row = self.row
        if row.must is None:
            return "-"
        if row.stretch is not None and row.unit.reaches(self.median, row.stretch):
            return "stretch"
        return "must" if row.unit.reaches(self.median, row.must) else "NO"


def compare(
    product: str,
    corpus: str,
    rival: str,
    ours: Timed,
    theirs: Timed,
    *,
    answers: tuple[Timed, Timed] | None = None,
    unit: Unit = TIMES,
    record_count: int = 1,
    must: float | None = None,
    stretch: float | None = None,
    collector: bool = True,
    clock: Clock = time.process_time,
) -> Row:
    """A row of two functions timed in turn.

    Args:
        product: what is measured.
        corpus: on which data.
        rival: against what.
        ours: one call of it.
        theirs: one call of the rival.
        answers: two functions whose answers must be the same, where ``ours`` and ``theirs`` answer in other forms.
        unit: ``TIMES`` or ``SHARE`` of the rival's time, or ``US`` a record more than the rival's.
        record_count: records that one call reads; for ``US``.
        must: what a release may not miss.
        stretch: what it is hoped to reach.
        collector: whether the garbage collector is on.
        clock: tells the seconds: the processor's, or the wall's where the row is about waiting.
    """

    def measure(seconds: float) -> list[float]:
        our_answer, their_answer = answers or (ours, theirs)
        must_be_same(our_answer(), their_answer())
        found = pairs(ours, theirs, seconds=seconds, collector=collector, clock=clock)
        return [_value(pair, unit, record_count) for pair in found]

    return Row(product, corpus, rival, unit, measure, must, stretch, "on" if collector else "off")


def compare_each(
    product: str,
    corpus: str,
    rival: str,
    ours: Callable[[Any], object],
    theirs: Callable[[Any], object],
    *,
    inputs: Sequence[Any],
    answer: Callable[[Any], object] | None = None,
    unit: Unit = TIMES,
    must: float | None = None,
    stretch: float | None = None,
) -> Row:
    """A row of two functions that are called for each input, and whose answer is dropped before the next call.

    The garbage collector is off: an item that is dropped at once leaves it nothing.

    Args:
        product: as of ``compare``.
        corpus: as of ``compare``.
        rival: as of ``compare``.
        ours: what is measured.
        theirs: the rival.
        inputs: what both are called with, one after the other.
        answer: gives what ``ours`` must answer, where the rival answers in another form.
        unit: as of ``compare``.
        must: as of ``compare``.
        stretch: as of ``compare``.
    """
    answers = (lambda: list(map(ours, inputs)), lambda: list(map(answer or theirs, inputs)))
    return compare(
        product,
        corpus,
        rival,
        lambda: deque(map(ours, inputs), maxlen=0),
        lambda: deque(map(theirs, inputs), maxlen=0),
        answers=answers,
        unit=unit,
        must=must,
        stretch=stretch,
        collector=False,
    )


def _value(pair: Pair, unit: Unit, record_count: int) -> float:
    if unit is US:
        return (pair.ours_s - pair.theirs_s) * 1e6 / record_count
    return pair.theirs_s / pair.ours_s if unit is TIMES else pair.ours_s / pair.theirs_s
