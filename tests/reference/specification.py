"""The tables of docs/filter-patterns.md whose rows have an answer."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[2] / "docs" / "filter-patterns.md"


class Row(NamedTuple):
    """What is asked of what by which rule, and the answer; with event-ruler's where that is another."""

    line: int
    rule: str
    dialect: str
    pattern: str
    event: str
    answer: str
    divergence: str
    ruler: str


def rows() -> list[Row]:
    """Every row with an answer, in order."""
    return [_row(number, cells) for number, cells in _cells() if "answer" in cells]


def divergences() -> list[str]:
    """What the page says that event-ruler does differently, in the words of its first column."""
    return [cells["divergence"] for _, cells in _cells() if "divergence" in cells and "answer" not in cells]


def _row(number: int, cells: dict[str, str]) -> Row:
    code = {name: cells[name].removeprefix("`").removesuffix("`") for name in ("pattern", "event")}
    dialect, divergence = cells.get("dialect", "lambda"), cells.get("divergence", "")
    return Row(
        number,
        cells["rule"],
        dialect,
        **code,
        answer=cells["answer"],
        divergence=divergence,
        ruler=cells.get("event-ruler", ""),
    )


def _cells() -> list[tuple[int, dict[str, str]]]:
    """The cells of each line of each table by the names of their columns, with the number of the line."""
    found, names = [], list[str]()
    for number, line in enumerate(PAGE.read_text("utf-8").splitlines(), 1):
        if not line.startswith("|"):
            names = []
        elif not names:
            names = _split(line)
        elif not line.startswith("|-"):
            found.append((number, dict(zip(names, _split(line), strict=True))))
    return found


def _split(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]
