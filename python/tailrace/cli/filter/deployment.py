"""Findings about what is filled in when a template is deployed: nobody knows whether those are true."""

from __future__ import annotations

import json
import re

from tailrace import FilterPatternError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tailrace import LintWarning

    Path = tuple[str | int, ...]

__all__ = ["FilledIn"]

_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)', re.DOTALL)
_MOST_NAMED = 3
# They speak of names, whatever the values are.
_OF_NAMES = frozenset(
    (
        "any-member", "dotted-name", "ends-early", "every-later-write", "missing-type-tag", "name-twice",
        "operator-as-name", "or-override", "outside-dynamodb", "unknown-name",
    )
)  # fmt: skip


class FilledIn:
    """What of a pattern is filled in later.

    Args:
        text: the pattern as it stands in the template.
        parts: the parts of it that are something else once it is deployed.
    """

    def __init__(self, text: str, parts: Iterable[str]) -> None:
        self._text, self._parts = text, tuple(parts)
        try:
            self._tree: object = json.loads(text)
        except (ValueError, RecursionError):
            self._tree = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._parts)

    @property
    def is_all(self) -> bool:
        """Whether nothing of the pattern can be checked: more than the text of strings is filled in."""
        return self._is_in(_STRING.sub("", self._text))

    @property
    def message(self) -> str:
        """What to say of it."""
        more = ", ..." if len(self._parts) > _MOST_NAMED else ""
        named = ", ".join(self._parts[:_MOST_NAMED])
        rest = "" if self.is_all else ", but the rest"
        return f"what stands for {named}{more} is known when the template is deployed: not checked{rest}"

    def decides(self, warning: LintWarning) -> bool:
        """Whether a warning depends on it."""
        if self._is_in(warning.path):
            return True
        if warning.code in _OF_NAMES:
            return False
        return self._is_in(self._at(warning.path) if warning.path else _event_names(self._tree))

    def decides_refusal(self, error: FilterPatternError) -> bool:
        """Whether a refusal depends on it: one of a broken text or of a name does not."""
        if self._tree is None or (error.path and error.found == error.path[-1]):
            return False
        return self._is_in(error.path) or self._is_in(self._at(error.path))

    def _is_in(self, value: object) -> bool:
        if isinstance(value, str):
            return any(part in value for part in self._parts)
        if isinstance(value, dict):
            return any(map(self._is_in, (*value, *value.values())))
        return isinstance(value, (list, tuple)) and any(map(self._is_in, value))

    def _at(self, path: Path) -> object:
        value = self._tree
        try:
            for step in path:
                value = value[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            pass  # a name that stands twice: the place before it is as good
        return value


def _event_names(tree: object) -> list[object]:
    """What is asked of eventName, wherever it stands."""
    if isinstance(tree, dict):
        found = [value for name, value in tree.items() if name == "eventName"]
        return [*found, *(each for value in tree.values() for each in _event_names(value))]
    return [each for value in tree for each in _event_names(value)] if isinstance(tree, list) else []
