"""What patterns may not mean as they were meant."""

from __future__ import annotations

from typing import NamedTuple

from tailrace._core import lint_filters
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from tailrace._core import FilterCriteria

    Severity = Literal["error", "advice"]

__all__ = ["LintWarning", "lint"]


class LintWarning(NamedTuple):
    """One thing that a pattern may not mean as it was meant; made by ``FilterCriteria.lint``.

    Args:
        code: which kind it is, such as ``"never-matches"``; for programs.
        message: what it is, and what to write instead; for people.
        path: where in the pattern, outermost first.
        line: the line of the pattern's text, from 1; None when it came as an object.
        column: the character of that line, from 1; None when it came as an object.
        filter_index: which of several filters, from 0.
        severity: ``"error"`` for what never or always matches, or loses records; ``"advice"`` for what may be meant so.

    Example:
        >>> from tailrace import FilterCriteria
        >>> for warning in FilterCriteria('{"userIdentity": {"type": ["Service"]}, "eventname": ["REMOVE"]}').lint():
        ...     print(warning)
        filter 0, eventname, line 1, column 41: error: a record has no eventname: did you mean eventName? [unknown-name]
    """

    code: str
    message: str
    path: tuple[str | int, ...]
    line: int | None
    column: int | None
    filter_index: int
    severity: Severity

    def to_dict(self) -> dict[str, Any]:
        """The same for ``json.dumps``.

        Example:
            >>> from tailrace import FilterCriteria
            >>> FilterCriteria({"eventName": ["modify"]}).lint()[0].to_dict()["path"]
            ['eventName', 0]
        """
        return {**self._asdict(), "path": list(self.path)}

    def __str__(self) -> str:
        where = [f"filter {self.filter_index}"]
        if self.path:
            where.append("".join(_step(step) for step in self.path).removeprefix("."))
        if self.line is not None:
            where.append(f"line {self.line}, column {self.column}")
        return printable(f"{', '.join(where)}: {self.severity}: {self.message} [{self.code}]")


def lint(criteria: FilterCriteria, source: Literal["dynamodb", "kinesis"] | None) -> list[LintWarning]:
    """What ``FilterCriteria.lint`` gives."""
    return [LintWarning(**told) for told in lint_filters(criteria, source)]


def _step(step: str | int) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}"
