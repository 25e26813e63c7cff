"""The interpreter of filter patterns that one writes in Python: it looks up what the pattern names, nothing else."""

from __future__ import annotations

from typing import Any

__all__ = ["matches"]

Pattern = dict[str, Any]


def matches(pattern: Pattern, event: Any) -> bool:
    """Whether an event of dicts passes a pattern of Lambda's operators."""
    for name, below in pattern.items():
        value = event.get(name) if isinstance(event, dict) else None
        if isinstance(below, dict):
            if not matches(below, value):
                return False
        elif not any(_passes(condition, value) for condition in below):
            return False
    return True


def _passes(condition: Any, value: Any) -> bool:
    if isinstance(value, list):
        return any(_passes(condition, member) for member in value)
    if not isinstance(condition, dict):
        return bool(value == condition)
    ((operator, operand),) = condition.items()
    if operator == "exists":
        return (value is not None) is operand
    if operator == "anything-but":
        return value is not None and value not in (operand if isinstance(operand, list) else [operand])
    if not isinstance(value, str):
        return False
    return value.startswith(operand) if operator == "prefix" else value.endswith(operand)
