"""Standard output and standard error of the command line."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from io import TextIOWrapper

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

from tailrace.cli.reading import InputError
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Skipped",
    "complain",
    "error_console",
    "input_errors",
    "output_console",
    "progress_bar",
    "tolerate_any_text",
    "until_reader_leaves",
]

BROKEN_INPUT = BROKEN_OUTPUT = 2
MOST_COMPLAINTS = 20


def output_console() -> Console:
    """For results. Text that is printed is never read as markup, and never coloured by guess."""
    return Console(highlight=False, markup=False, emoji=False)


def error_console() -> Console:
    """For progress and complaints."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def complain(message: str) -> None:
    """One line on standard error, whatever a file's name or a record holds."""
    print(f"tailrace: {printable(' '.join(message.split()))}", file=sys.stderr)


class Skipped:
    """Tells what of the input is passed over, and ends the command with exit code 2 when all else is printed."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, error: InputError) -> None:
        """Tell it; of very many only the first."""
        self._count += 1
        if self._count <= MOST_COMPLAINTS:
            complain(str(error))

    def end(self) -> None:
        """End the command if something was passed over.

        Raises:
            typer.Exit: code 2.
        """
        if self._count > MOST_COMPLAINTS:
            complain(f"and {self._count - MOST_COMPLAINTS:,} more like these")
        if self._count:
            raise typer.Exit(BROKEN_INPUT)


@contextmanager
def input_errors() -> Iterator[None]:
    """Broken input ends the command with one line and exit code 2."""
    try:
        yield
    except InputError as error:
        complain(str(error))
        raise typer.Exit(BROKEN_INPUT) from None


@contextmanager
def until_reader_leaves(unsaid: str = "") -> Iterator[None]:
    """Print until the reader of a pipe has seen enough, as ``head`` does, without a word about it.

    Args:
        unsaid: what the complaint must tell when standard output takes nothing.

    Raises:
        typer.Exit: code 2 when standard output cannot be written, as on a full disk.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
    except OSError as error:
        _drop_output()
        complain(f"standard output: {error.strerror or error}{unsaid and '; '}{unsaid}")
        raise typer.Exit(BROKEN_OUTPUT) from None


def _drop_output() -> None:
    """Nobody wants what is still in the buffer, and the interpreter would complain about it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def progress_bar() -> Progress:
    """A progress bar on standard error; nothing at all where that is no terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}", style="dim"),
        TimeElapsedColumn(),
        console=error_console(),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        disable=not sys.stderr.isatty(),
    )


def tolerate_any_text() -> None:
    """Let every character through to a terminal or pipe that cannot show it, escaped, rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
