"""One thing that is said of a pattern."""

from __future__ import annotations

from typing import NamedTuple

from tailrace.cli.lines import json_line
from tailrace.cli.position import path_text
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace import FilterPatternError, LintWarning
    from tailrace.doctor import FoundPattern

    Path = tuple[str | int, ...]

__all__ = ["Finding"]

_COLOURS = {"error": "\x1b[31m", "advice": "\x1b[33m"}
_PLAIN = "\x1b[0m"


class Finding(NamedTuple):
    """One thing that is said of a pattern, and where it is.

    Args:
        code: which kind.
        message: what it is.
        severity: ``"error"`` for what AWS refuses, and what never or always matches or loses records; ``"advice"`` for
            what may be meant so.
        file: the file; None for a pattern that was given as text.
        line: the line there, from 1.
        column: the character of it, from 1, where it is known.
        at: the path of the FilterCriteria in a template.
        filter_index: which of its filters, from 0.
        path: where in the pattern.
    """

    code: str
    message: str
    severity: str = "advice"
    file: str | None = None
    line: int | None = None
    column: int | None = None
    at: Path = ()
    filter_index: int | None = None
    path: Path = ()

    def warning(self, found: LintWarning) -> Finding:
        """A warning at this place."""
        told = {name: value for name, value in found._asdict().items() if value is not None or name != "line"}
        return self._replace(**told)

    def refusal(self, error: FilterPatternError) -> Finding:
        """A pattern at this place that is refused."""
        line, index = error.line or self.line, self.filter_index if error.filter_index is None else error.filter_index
        found = self._replace(line=line, column=error.column, filter_index=index, path=error.path)
        return found._replace(code="refused", message=error.reason, severity="error")

    def problem(self, pattern: FoundPattern) -> Finding:
        """A Pattern at this place that is none, or that nobody can read."""
        found = self._replace(code=pattern.code, message=pattern.problem or "", at=pattern.path or self.at)
        return found._replace(severity="error" if pattern.is_wrong else "advice")

    def in_template(self, pattern: FoundPattern, index: int) -> Finding:
        """The same in the file that the pattern stands in, with its line there."""
        line = pattern.line if pattern.text_line is None else pattern.text_line + (self.line or 1) - 1
        return self._replace(line=line, column=None, filter_index=index)

    def text_line(self, *, color: bool) -> str:
        """For people."""
        where = [] if self.file is None else [self.file]
        if self.line is not None:
            where.append(f"line {self.line}" if self.column is None else f"line {self.line}, column {self.column}")
        if self.at:
            where.append(path_text(self.at))
        if self.filter_index is not None:
            where.append(f"filter {self.filter_index}")
        if self.path:
            where.append(path_text(self.path))
        text = printable(f"{', '.join(where) or 'pattern'}: {self.severity}: {self.message} [{self.code}]")
        return f"{_COLOURS[self.severity]}{text}{_PLAIN}" if color else text

    def json_line(self) -> str:
        """For programs."""
        return json_line({**self._asdict(), "at": list(self.at), "path": list(self.path)})
