"""Placeholders for the names and values of expressions."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tailrace.diffs.parts import Path

__all__ = ["Placeholders"]


class Placeholders:
    """Hands out ``#a0`` for a name and ``:v0`` for a value, and remembers what each stands for.

    Every name gets one: then no reserved word, dot or space in it matters.

    Args:
        convert: makes of a value and its path what is given to boto3.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
    """

    def __init__(self, convert: Callable[[Any, Path], Any]) -> None:
        self.values: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        self._convert = convert

    @property
    def names(self) -> dict[str, str]:
        """The attribute name of each placeholder."""
        return {placeholder: name for name, placeholder in self._names.items()}

    def path(self, path: Path) -> str:
        """The document path in placeholders: ``#a0.#a1[2]``."""
        first, *rest = (f"[{step}]" if isinstance(step, int) else self._name(step) for step in path)
        return first + "".join(step if step.startswith("[") else f".{step}" for step in rest)

    def value(self, value: Any, path: Path) -> str:
        """A placeholder for a value that stands, or stood, at the path."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = self._convert(value, path)
        return placeholder

    def _name(self, name: str) -> str:
        return self._names.setdefault(name, f"#a{len(self._names)}")
