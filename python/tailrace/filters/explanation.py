"""Why filters match an event, or why not."""

from __future__ import annotations

from tailrace._core import explain_filters
from tailrace.diffs.text import printable, value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tailrace._core import FilterCriteria, Record

__all__ = ["Explanation", "explain"]

_GREEN, _RED, _YELLOW, _BOLD, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[0m"
_STYLES = {"+": _GREEN, "-": _RED, "!": _YELLOW, "f": _BOLD}


def explain(
    criteria: FilterCriteria, event: Record | Mapping[str, Any] | bytes | bytearray | memoryview | str
) -> Explanation:
    """What ``FilterCriteria.explain`` gives."""
    return Explanation(criteria.patterns, explain_filters(criteria, event))


class Explanation:
    """Why filters match an event, or why not; made by ``FilterCriteria.explain``. True where one of them matches.

    It quotes values of the event: text that is for people is escaped, so that it is safe on a terminal.

    Args:
        patterns: the texts of the filters.
        told: what is told of each.

    Example:
        >>> from tailrace import FilterCriteria
        >>> from tailrace.testing import make_record
        >>> record = make_record(new_image={"id": "a", "status": "PAID"})
        >>> explanation = FilterCriteria({"dynamodb": {"NewImage": {"status": ["PAID"]}}}).explain(record)
        >>> explanation.matches, explanation.hints
        (False, ('the path ends at an attribute: its value is at dynamodb.NewImage.status.S',))
        >>> print(explanation)
        filter 0: no match
          - dynamodb.NewImage.status: asks ["PAID"], found nothing
            ! the path ends at an attribute: its value is at dynamodb.NewImage.status.S
    """

    __slots__ = ("_patterns", "_told")

    def __init__(self, patterns: tuple[str, ...], told: dict[str, Any]) -> None:
        self._patterns = patterns
        self._told = told

    @property
    def matches(self) -> bool:
        """Whether one of the filters matches, or there are none."""
        return bool(self._told["matches"])

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints, each once, in order. They quote names, and no value of the event."""
        hints = [each["hint"] for each in self._parts()]
        return tuple(dict.fromkeys(hint for hint in hints if hint is not None))

    def to_dict(self) -> dict[str, Any]:
        """All of it, for ``json.dumps``.

        Returns:
            ``matches``, and ``filters``: of each ``pattern``, ``matches`` and ``alternatives``, what ``$or`` unfolds to
            (32 of them at most, of ``alternative_count``). Of each of these ``matches``, ``hint`` and ``paths``, and
            of each path ``path``, ``expected`` (JSON), ``matches``, ``hint`` and what was ``found`` there, as ``type``
            and ``text`` of at most 8 values, of ``found_count``; ``image`` says in which one, where both are compared.

        Example:
            >>> from tailrace import FilterCriteria
            >>> told = FilterCriteria({"a": [1]}).explain({"a": 2}).to_dict()
            >>> told["filters"][0]["alternatives"][0]["paths"][0]["found"]
            [{'type': 'a number', 'text': '2', 'image': None}]
        """
        filters = zip(self._patterns, self._told["filters"], strict=True)
        return {"matches": self.matches, "filters": [{"pattern": pattern, **told} for pattern, told in filters]}

    def render(self, *, color: bool = False) -> str:
        """Lines for people.

        Args:
            color: whether lines are green, red and yellow by ANSI escape sequences.

        Returns:
            A line for each filter, below it one for each path, ``+`` where it matches and ``-`` where not, and hints
            behind ``!``; without a newline at the end.

        Source: ECMA-48, section 8.3.117 (the colours)

        Example:
            >>> from tailrace import FilterCriteria
            >>> criteria = FilterCriteria([{"a": [1]}, {"$or": [{"a": [2]}, {"b": [{"exists": True}]}]}])
            >>> print(criteria.explain({"a": 2}).render())
            filter 0: no match
              - a: asks [1], found 2
            filter 1: match
              one of 2: match
              + a: asks [2], found 2
              one of 2: no match
              - b: asks [{"exists":true}], found nothing
                ! there is no b in the record
        """
        lines = [line for index, told in enumerate(self._told["filters"]) for line in _of_filter(index, told)]
        if not lines:
            lines = ["no filters: everything matches"]
        return "\n".join(map(_coloured, lines) if color else lines)

    def __bool__(self) -> bool:
        return self.matches

    def __str__(self) -> str:
        return self.render()

    def __repr__(self) -> str:
        return f"<Explanation: {_verdict(self.matches)}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Explanation) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it holds dicts

    def _parts(self) -> Iterator[dict[str, Any]]:
        for told in self._told["filters"]:
            for alternative in told["alternatives"]:
                yield from alternative["paths"]
                yield alternative


def _verdict(matches: bool) -> str:
    return "match" if matches else "no match"


def _of_filter(index: int, told: dict[str, Any]) -> Iterator[str]:
    yield f"filter {index}: {_verdict(told['matches'])}"
    count = told["alternative_count"]
    for alternative in told["alternatives"]:
        if count > 1:
            yield f"  one of {count}: {_verdict(alternative['matches'])}"
        for path in alternative["paths"]:
            yield from _of_path(path)
        yield from _of_hint(alternative["hint"])
    if count > len(told["alternatives"]):
        yield f"  and {count - len(told['alternatives'])} more"


def _of_path(path: dict[str, Any]) -> Iterator[str]:
    mark = "+" if path["matches"] else "-"
    yield f"  {mark} {printable(path['path'])}: asks {printable(path['expected'])}, found {_found(path)}"
    yield from _of_hint(path["hint"])


def _of_hint(hint: str | None) -> Iterator[str]:
    if hint is not None:
        yield f"    ! {printable(hint)}"


def _found(path: dict[str, Any]) -> str:
    shown = [_value(found) for found in path["found"]]
    if path["found_count"] > len(shown):
        shown.append(f"and {path['found_count'] - len(shown)} more")
    return ", ".join(shown) or "nothing"


def _value(found: dict[str, Any]) -> str:
    text = value_text(found["text"]) if found["type"] == "a string" else printable(found["text"])
    return text if found["image"] is None else f"{text} in {found['image']}"


def _coloured(line: str) -> str:
    style = _STYLES.get(line.lstrip()[0], "")
    return f"{style}{line}{_PLAIN}" if style else line
