"""Results as aligned lines: a label, and what there is to say."""

from __future__ import annotations

import sys

from rich.table import Table
from rich.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

__all__ = ["counts_text", "plural", "print_summary", "rate_text"]

LABEL_WIDTH = 14


def print_summary(console: Console, lines: Iterable[tuple[str, str]]) -> None:
    """Print labelled lines. In a pipe each stays on one line.

    Args:
        console: where to, when it is a terminal.
        lines: label and text; an empty label goes on with what is above it.
    """
    if not sys.stdout.isatty():
        for label, text in lines:
            print(f"{label:<{LABEL_WIDTH}}{text}")
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=LABEL_WIDTH - 2, style="dim")
    table.add_column(overflow="fold")
    for label, text in lines:
        table.add_row(Text(label), Text(text))
    console.print(table)


def counts_text(counts: Mapping[str, int]) -> str:
    """Counts by name: ``1,200 INSERT, 30 REMOVE``.

    Example:
        >>> counts_text({"INSERT": 1200, "MODIFY": 0, "REMOVE": 30})
        '1,200 INSERT, 30 REMOVE'
    """
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items()) if count)


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """A count with its noun.

    Example:
        >>> plural(1, "batch", "batches"), plural(2000, "record")
        ('1 batch', '2,000 records')
    """
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def rate_text(count: int, seconds: float) -> str:
    """How long it took, and how much that is a second.

    Example:
        >>> rate_text(3000, 2.0)
        '2.0 s, 1,500 records/s'
    """
    return f"{seconds:.1f} s, {count / seconds:,.0f} records/s" if seconds > 0 else "0.0 s"
