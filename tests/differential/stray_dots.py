"""Events whose images hold, under a name with dots, what no attribute value is: DynamoDB never sends them.

There FilterCriteria does not look for `b` inside `a` under the name `a.b`: docs/filter-patterns.md, "names with dots".
"""

from __future__ import annotations

from typing import Any

from tests.reference.filter_json import Members

IMAGES = ("Keys", "NewImage", "OldImage")
TAGS = {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}


def has_stray_dots(event: Members) -> bool:
    """Whether any image of the event is like that, or stands under a name with dots itself."""
    if any(name.startswith(("dynamodb.", "userIdentity.")) for name, _ in event):
        return True
    changes = [change for name, change in event if name == "dynamodb" and isinstance(change, Members)]
    return any(_is_stray_change(change) for change in changes)


def _is_stray_change(change: Members) -> bool:
    return any(
        name.startswith(tuple(f"{image}." for image in IMAGES)) or (name in IMAGES and _is_stray_map(value))
        for name, value in change
    )


def _is_stray_map(image: Any) -> bool:
    return isinstance(image, Members) and any(_is_stray_value(value, dotted="." in name) for name, value in image)


def _is_stray_value(value: Any, *, dotted: bool) -> bool:
    if not isinstance(value, Members):
        return dotted or (isinstance(value, list) and any(_is_stray_value(each, dotted=False) for each in value))
    names = {name for name, _ in value}
    if (dotted and not names & TAGS) or any("." in name for name in names):
        return True
    return any(_is_stray_map(inner) or _is_stray_value(inner, dotted=False) for _, inner in value)
