"""The actions of an UpdateExpression: what each change asks of DynamoDB."""

from __future__ import annotations

from tailrace.diffs.attribute_value import attribute_value, plain_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tailrace.diffs.parts import Change
    from tailrace.diffs.placeholders import Placeholders

__all__ = ["update_actions"]

_SETS = ("SS", "NS", "BS")


def update_actions(changes: Iterable[Change], placeholders: Placeholders) -> str:
    """Write the changes as an UpdateExpression.

    Positions in lists refer to the item before the update, in every clause. A SET past the end of a list appends, and
    several of them append in the order of their positions.

    Args:
        changes: none of them lies within another.
        placeholders: where names and values are put.

    Returns:
        Clauses in the order SET, REMOVE, ADD, DELETE; empty where nothing changed.

    Raises:
        MarshallError: a value that DynamoDB cannot hold.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
    """
    clauses: dict[str, list[str]] = {"SET": [], "REMOVE": [], "ADD": [], "DELETE": []}
    for change in changes:
        verb, action = _action(change, placeholders)
        clauses[verb].append(action)
    return " ".join(f"{verb} {', '.join(actions)}" for verb, actions in clauses.items() if actions)


def _action(change: Change, placeholders: Placeholders) -> tuple[str, str]:
    path = placeholders.path(change.path)
    if change.kind == "removed":
        return "REMOVE", path
    verb, value = _elements(change) or ("SET", change.new)
    placeholder = placeholders.value(value, change.path)
    return verb, f"{path} = {placeholder}" if verb == "SET" else f"{path} {placeholder}"


def _elements(change: Change) -> tuple[str, set[Any]] | None:
    """The elements of a top-level set to ADD or to DELETE.

    None where it must be SET: no set before and after, sets of two types, or elements that come and others that go,
    since an expression may name an attribute once.
    """
    if change.kind != "changed" or len(change.path) > 1 or not _are_sets_of_one_type(change):
        return None
    old, new = plain_value(change.old, change.path), plain_value(change.new, change.path)
    added, gone = new - old, old - new
    if bool(added) == bool(gone):
        return None
    return ("ADD", added) if added else ("DELETE", gone)


def _are_sets_of_one_type(change: Change) -> bool:
    (old,), (new,) = attribute_value(change.old, change.path), attribute_value(change.new, change.path)
    return old == new and new in _SETS
