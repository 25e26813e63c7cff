"""What a record changed, as ``tailrace show`` tells it."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace import TailraceError
from tailrace.cli.heading import Heading, heading, json_heading, missing_images, readable_heading
from tailrace.diffs.text import path_text, printable, value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace import ImageDiff, Record

__all__ = ["ChangeText", "Row", "as_json", "as_row"]


@dataclass(frozen=True)
class ChangeText:
    """One change, before and after; None where there was no value."""

    path: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Row:
    """One record in words.

    Args:
        head: which record it is.
        changed: what changed, without the key attributes.
        remark: what else there is to say, such as why nothing can be said.
        broken: whether the record, or an image of it, cannot be read.
    """

    head: Heading
    changed: tuple[ChangeText, ...] = ()
    remark: str = ""
    broken: bool = False


def as_row(record: Record) -> Row:
    """A record as text; one that cannot be read says so."""
    try:
        head = heading(record)
        changed, remark = _changed(record)
    except TailraceError as error:
        return Row(readable_heading(record), remark=f"unreadable: {printable(str(error))}", broken=True)
    return Row(head, changed, remark)


def as_json(record: Record) -> dict[str, Any]:
    """A record as an object for ``json_line``: values are attribute values, so nothing is lost."""
    line = json_heading(record)
    try:
        change = record.to_dict()["dynamodb"]
        diff = _diff(record)
        keys = record.keys
    except TailraceError as error:
        return line | {"error": str(error)}
    images = {"old": change.get("OldImage") or {}, "new": change.get("NewImage") or {}}
    line["keys"] = change["Keys"]
    line["changed"] = None if diff is None else {name: _sides(images, name) for name in _names(diff, keys)}
    return line | ({"ttl": True} if record.is_ttl_delete else {})


def _names(diff: ImageDiff, keys: dict[str, Any]) -> list[Any]:
    """The attributes in which something changed, without the key, in the order of the diff."""
    return list(dict.fromkeys(change.path[0] for change in diff if change.path[0] not in keys))


def _sides(images: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    return {side: image[name] for side, image in images.items() if name in image}


def _changed(record: Record) -> tuple[tuple[ChangeText, ...], str]:
    diff = _diff(record)
    if diff is None:
        return (), missing_images(record)
    changed = tuple(
        ChangeText(
            path_text(change.path),
            None if change.kind == "added" else value_text(change.old),
            None if change.kind == "removed" else value_text(change.new),
        )
        for change in diff
        if change.path[0] not in record.keys
    )
    if record.is_ttl_delete:
        return changed, "expired (Time to Live)"
    if changed:
        return changed, ""
    return (), "no attributes but the key" if record.event_name in ("INSERT", "REMOVE") else "no attribute changed"


def _diff(record: Record) -> ImageDiff | None:
    """What changed. A diff reads nothing of what stayed, and a record that no handler could read is to be seen here."""
    str(record.event_id)
    record.attribute_values("old_image")
    record.attribute_values("new_image")
    return record.diff
