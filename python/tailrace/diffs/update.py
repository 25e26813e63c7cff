"""The kwargs of UpdateItem that make the new item of the old one."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace.diffs.actions import update_actions
from tailrace.diffs.attribute_value import attribute_value, plain_value
from tailrace.diffs.conditions import old_value_conditions
from tailrace.diffs.parts import unmasked
from tailrace.diffs.placeholders import Placeholders
from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, Literal

    from tailrace.diffs.parts import Change, Diff, Path

__all__ = ["update_expression"]

# Both count the expression as it is sent, placeholders and spaces included.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_LONGEST_EXPRESSION_BYTES = 4096
_MOST_OPERATORS = 300


@dataclass(frozen=True)
class _Whole:
    """A change of a top-level attribute that stands for all changes within it."""

    path: Path
    old: Any
    new: Any
    kind: Literal["changed"] = "changed"
    masked: bool = False


def update_expression(
    diff: Diff,
    *,
    keys: str | Iterable[str] = (),
    guard: bool = False,
    values: Literal["python", "attribute-values"] = "python",
) -> dict[str, Any]:
    """Write the changes as kwargs of ``update_item``, besides the table and the Key.

    Top-level sets change by ADD or DELETE of elements; where elements come and others go, by SET. Whatever lies deeper
    changes by SET and REMOVE of its own path, elements of lists by position. Where that makes an expression longer
    than DynamoDB takes, attributes that changed inside are SET as a whole.

    Args:
        diff: an ImageDiff made without ``ignore``, ``only`` and ``mask``.
        keys: the attributes of the primary key, which an update cannot change: nothing is done to them.
        guard: whether the update is to fail with ConditionalCheckFailedException unless all that changes has its old
            value, and what is added is not there. With ``keys`` it also fails when an item to insert exists, and when
            one to change does not. What did not change is not compared.
        values: ``"python"`` for a ``Table`` of boto3's resource, ``"attribute-values"`` for a client.

    Returns:
        UpdateExpression, ConditionExpression, ExpressionAttributeNames and ExpressionAttributeValues, as far as there
        is something to say. Where nothing but keys changed: ``{}``, and with ``guard`` and ``keys`` a
        ConditionExpression and its names.

    Raises:
        TailraceError: the item was removed; a masked value; an expression longer than 4,096 bytes, or a condition of
            more than 300 operators, even with whole attributes.
        MarshallError: a value that DynamoDB cannot hold, or that is not exact, such as a float.
        ValueError: a word for ``values`` that does not exist.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html

    Example:
        >>> from tailrace import diff
        >>> changes = diff({"id": "a", "at": {"city": "Bern"}}, {"id": "a", "at": {"city": "Basel"}})
        >>> request = update_expression(changes, keys="id", guard=True)
        >>> request["UpdateExpression"], request["ConditionExpression"]
        ('SET #a0.#a1 = :v0', '#a0.#a1 = :v1')
        >>> request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        ({'#a0': 'at', '#a1': 'city'}, {':v0': 'Basel', ':v1': 'Bern'})
    """
    key_names = [keys] if isinstance(keys, str) else list(keys)
    convert = _conversion(values)
    changes, insert = _updatable(diff, key_names)
    key = key_names[0] if key_names else None

    def request(of: Sequence[Change]) -> dict[str, Any] | None:
        placeholders = Placeholders(convert)
        update = update_actions(of, placeholders)
        conditions = old_value_conditions(of, placeholders, key=key, insert=insert) if guard else []
        return _kwargs(update, conditions, placeholders) if _fits(update, conditions) else None

    found = request(changes)
    if found is None:
        found = request(_wholes(changes, diff))
    if found is None:
        raise TailraceError("more changes than the expressions of one UpdateItem can hold: put the new item instead")
    return found


def _conversion(values: str) -> Callable[[Any, Path], Any]:
    if values == "python":
        return plain_value
    if values == "attribute-values":
        return attribute_value
    raise ValueError('values is "python" or "attribute-values"')


def _updatable(diff: Diff, keys: list[str]) -> tuple[list[Change], bool]:
    """The changes outside the key, and whether the item is new."""
    changes = unmasked(diff)
    key_kinds = {change.kind for change in changes if len(change.path) == 1 and change.path[0] in keys}
    if diff.new_item is None or "removed" in key_kinds:
        raise TailraceError("the item was removed, which is no update: delete it instead")
    return [change for change in changes if change.path[0] not in keys], diff.old_item is None or "added" in key_kinds


def _wholes(changes: Iterable[Change], diff: Diff) -> list[Change]:
    """The changes, those inside of an attribute as one change of it."""
    old, new = diff.old_item or {}, diff.new_item or {}
    found: dict[str | int, Change] = {}
    for change in changes:
        name = str(change.path[0])
        if len(change.path) == 1:
            found[name] = change
        elif name not in found:
            found[name] = _Whole((name,), old[name], new[name])
    return list(found.values())


def _fits(update: str, conditions: list[str]) -> bool:
    """Placeholders are ASCII, so characters are bytes. DynamoDB counts each condition and each AND."""
    longest = max(len(update), len(_all_of(conditions)))
    return longest <= _LONGEST_EXPRESSION_BYTES and 2 * len(conditions) - 1 <= _MOST_OPERATORS


def _kwargs(update: str, conditions: list[str], placeholders: Placeholders) -> dict[str, Any]:
    """Without what is empty, which DynamoDB refuses."""
    kwargs = {
        "UpdateExpression": update,
        "ConditionExpression": _all_of(conditions),
        "ExpressionAttributeNames": placeholders.names,
        "ExpressionAttributeValues": placeholders.values,
    }
    return {name: value for name, value in kwargs.items() if value}


def _all_of(conditions: list[str]) -> str:
    return " AND ".join(conditions)
