"""The records of files, held against filters."""

from __future__ import annotations

from collections import Counter

import typer

from tailrace import TailraceError
from tailrace.cli.console import Skipped, complain
from tailrace.cli.filter.pattern import TROUBLE
from tailrace.cli.reading import InputError, Reader
from tailrace.cli.summary import plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tailrace import Batch, FilterCriteria, Record
    from tailrace.cli.reading import Piece

    Verdict = bool | TailraceError

__all__ = ["Tally", "judged"]

NONE_MATCHES = 1


def judged(files: Iterable[str], criteria: FilterCriteria, tally: Tally) -> Iterator[tuple[Record, Verdict]]:
    """Each record, and whether it matches; an error where that cannot be said, as the record is broken."""
    for piece in tally.pieces(files):
        yield from zip(piece.batch, _verdicts(piece.batch, criteria), strict=True)


def _verdicts(batch: Batch, criteria: FilterCriteria) -> list[Verdict]:
    try:
        return list(batch.matches(criteria))
    except TailraceError:  # one record is broken: the others are not
        return [_verdict(record, criteria) for record in batch]


def _verdict(record: Record, criteria: FilterCriteria) -> Verdict:
    try:
        return criteria.matches(record)
    except TailraceError as error:
        return error


class Tally:
    """How many records matched, did not, or could not be judged, and what of the files was passed over."""

    def __init__(self) -> None:
        self._counts: Counter[bool | None] = Counter()
        self.skipped = Skipped()

    def pieces(self, files: Iterable[str]) -> Iterator[Piece]:
        """What is in the files. One with nothing in it is passed over like a broken one: no records were judged."""
        reader = Reader(files, skipped=self.skipped)
        yield from reader
        for name in reader.empty:
            self.skipped(InputError(name, "it is empty"))

    def add(self, verdict: Verdict) -> None:
        """Count one."""
        self._counts[verdict if isinstance(verdict, bool) else None] += 1

    def finish(self) -> None:
        """End the command: code 2 when something could not be read, else 1 when none matched.

        Raises:
            typer.Exit: with another code than 0.
        """
        if unreadable := self._counts[None]:
            complain(f"{plural(unreadable, 'record')} could not be read")
        self.skipped.end()
        if unreadable:
            raise typer.Exit(TROUBLE)
        if not self._counts[True]:
            raise typer.Exit(NONE_MATCHES)
