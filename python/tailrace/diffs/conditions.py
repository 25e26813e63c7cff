"""The ConditionExpression of a guarded update: the item is still as the changes found it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tailrace.diffs.parts import Change, Path
    from tailrace.diffs.placeholders import Placeholders

__all__ = ["old_value_conditions"]


def old_value_conditions(
    changes: Sequence[Change], placeholders: Placeholders, *, key: str | None = None, insert: bool = False
) -> list[str]:
    """Write that everything that changed has its old value, and that what was added is not there.

    A list that grew or shrank has its old length. An item that was inserted is not there; any other is: a condition
    says so where the others would hold for an item that does not exist.

    Args:
        changes: what the update changes.
        placeholders: where names and values are put.
        key: an attribute of the primary key; None when none is known.
        insert: whether the item did not exist before.

    Returns:
        Conditions, all of which must hold. Each has one operator or function.

    Raises:
        MarshallError: an old value that DynamoDB cannot hold.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    """
    if insert and key is not None:
        return [f"attribute_not_exists({placeholders.path((key,))})"]
    olds = [change for change in changes if change.kind != "added"]
    conditions = [
        f"{placeholders.path(change.path)} = {placeholders.value(change.old, change.path)}" for change in olds
    ]
    absent, present = _borders(changes)
    conditions += [f"attribute_not_exists({placeholders.path(path)})" for path in absent]
    conditions += [f"attribute_exists({placeholders.path(path)})" for path in present]
    if key is not None and not olds and not present:
        conditions.append(f"attribute_exists({placeholders.path((key,))})")
    return conditions


def _borders(changes: Iterable[Change]) -> tuple[list[Path], list[Path]]:
    """What must be absent, and what present: names that were added, and the ends of lists that grew or shrank."""
    absent: list[Path] = []
    starts: dict[Path, int] = {}
    ends: dict[Path, int] = {}
    for change in changes:
        *parent, last = change.path
        if isinstance(last, int) and change.kind == "added":
            starts[tuple(parent)] = min(last, starts.get(tuple(parent), last))
        elif isinstance(last, int) and change.kind == "removed":
            ends[tuple(parent)] = max(last + 1, ends.get(tuple(parent), 0))
        elif change.kind == "added":
            absent.append(change.path)
    absent += [(*path, at) for path, at in (*starts.items(), *ends.items())]
    return absent, [(*path, at - 1) for path, at in starts.items() if at]
