"""The report: every row measured, as a Markdown table. ``python -m benches.report --help`` tells the options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from benches import (
    bench_answer,
    bench_diff,
    bench_dropin,
    bench_event,
    bench_filter,
    bench_footprint,
    bench_function,
    bench_handler,
    bench_item,
    machine,
)
from benches.row import Result, Row, Scale
from tailrace import build_info

__all__ = ["FULL", "all_rows", "main", "table"]

FULL = Scale(item_count=20, record_count=1000, full_batch_count={"a_flat": 4800, "b_nested": 1650})
SECONDS_A_ROW = 4.0

HEAD = ("product", "data", "against", "GC", "median", "middle half", "must", "stretch", "met")
EXPLANATION = """\
Each number is the median over pairs of samples taken in turn, and beside it where the middle half of them lies;
processor time, one thread (of handlers that wait, wall time). A row runs only if both sides gave the same answer, types
and digits included.
Met: which target the median reaches; NO if it misses the must; - if the row has none."""


def main(arguments: Sequence[str] | None = None, scale: Scale = FULL) -> int:
    options = _parser().parse_args(arguments)
    if build_info()["profile"] != "release":
        print("this is a debug build of tailrace: its numbers mean nothing; run `make build`", file=sys.stderr)
        return 2
    print("\n".join(machine.description()), end="\n\n")
    results = [_run(row, options.seconds) for row in all_rows(scale) if _is_wanted(row, options.words)]
    print(table(results))
    print(f"\n{EXPLANATION}\n{summary(results)}")
    return 0


def all_rows(scale: Scale) -> Iterator[Row]:
    for bench in (
        bench_event,
        bench_item,
        bench_diff,
        bench_filter,
        bench_answer,
        bench_dropin,
        bench_handler,
        bench_function,
        bench_footprint,
    ):
        yield from bench.rows(scale)


def table(results: Sequence[Result]) -> str:
    lines = [HEAD, *map(_cells, results)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    head, *body = (_line(cells, widths) for cells in lines)
    rule = "|".join("-" * (width + 2) for width in widths)
    return "\n".join([head, f"|{rule}|", *body])


def summary(results: Sequence[Result]) -> str:
    verdicts = [result.verdict for result in results if result.verdict != "-"]
    missed = verdicts.count("NO")
    return f"{len(verdicts) - missed} of {len(verdicts)} musts met, {verdicts.count('stretch')} with their stretch."


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benches.report", description="Measure tailrace against its rivals."
    )
    parser.add_argument("words", nargs="*", help="only rows that have all these words: orjson a_flat")
    parser.add_argument(
        "--seconds", type=float, default=SECONDS_A_ROW, help="of measuring a row (default: %(default)s)"
    )
    return parser


def _is_wanted(row: Row, words: Sequence[str]) -> bool:
    return all(word.lower() in row.title.lower() for word in words)


def _run(row: Row, seconds: float) -> Result:
    if sys.stderr.isatty():
        print(f"\r\033[K{row.title}", end="\r", file=sys.stderr, flush=True)
    return Result(row, row.measure(seconds))


def _cells(result: Result) -> tuple[str, ...]:
    row, unit = result.row, result.row.unit
    low, high = map(unit.number, result.middle_half)
    return (
        row.product,
        row.corpus,
        row.rival,
        row.collector,
        f"{unit.number(result.median)}{unit.name}",
        f"{low} to {high}" if len(result.samples) > 1 else "-",
        unit.goal(row.must),
        unit.goal(row.stretch),
        result.verdict,
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"


if __name__ == "__main__":
    sys.exit(main())
