"""What a record changed, as ``tailrace show`` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tailrace import TailraceError
from tailrace.cli.values import key_texts, printable, value_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace import Record

    Image = dict[str, dict[str, Any]]

__all__ = ["ChangedAttribute", "Row", "as_json", "as_row"]


@dataclass(frozen=True)
class ChangedAttribute:
    """One top-level attribute, before and after; None where the item did not have it."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Row:
    """One record in words.

    Args:
        event: INSERT, MODIFY, REMOVE or what the record says.
        time: when, in UTC; empty when the record does not say.
        table: the table; empty when nobody knows it.
        keys: the primary key, ``name=value`` each.
        changed: what changed, without the key attributes.
        remark: what else there is to say, such as why nothing can be said.
        broken: whether the record, or an image of it, cannot be read.
    """

    event: str
    time: str
    table: str
    keys: tuple[str, ...]
    changed: tuple[ChangedAttribute, ...] = ()
    remark: str = ""
    broken: bool = False


def as_row(record: Record) -> Row:
    """A record as text; one that cannot be read says so."""
    try:
        head = _head(record)
        changed, remark = _changed(record)
    except TailraceError as error:
        return Row(*_readable_head(record), remark=f"unreadable: {printable(str(error))}", broken=True)
    return Row(*head, changed, remark)


def as_json(record: Record) -> dict[str, Any]:
    """A record as an object for ``json.dumps``: values are attribute values, so nothing is lost."""
    event, time, table, _ = _readable_head(record)
    line: dict[str, Any] = {"event": event or None, "time": time or None, "table": table or None}
    line |= {"event_id": record.event_id, "sequence_number": record.sequence_number}
    try:
        change = record.to_dict()["dynamodb"]
        names = _changed_names(record)
    except TailraceError as error:
        return line | {"error": str(error)}
    images = {"old": change.get("OldImage") or {}, "new": change.get("NewImage") or {}}
    line["keys"] = change["Keys"]
    line["changed"] = None if names is None else {name: _sides(images, name) for name in names}
    return line | ({"ttl": True} if record.is_ttl_delete else {})


def _sides(images: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    return {side: image[name] for side, image in images.items() if name in image}


def _head(record: Record) -> tuple[str, str, str, tuple[str, ...]]:
    time = record.approximate_creation_time
    return (
        printable(str(record.event_name or "?")),
        "" if time is None else time.isoformat(" ").removesuffix("+00:00"),
        printable(record.table_name or ""),
        key_texts(record.keys),
    )


def _readable_head(record: Record) -> tuple[str, str, str, tuple[str, ...]]:
    """As much of the head as can be read."""
    try:
        return _head(record)
    except TailraceError:
        return "?", "", "", (f"eventID={printable(str(record.event_id))}",)


def _changed(record: Record) -> tuple[tuple[ChangedAttribute, ...], str]:
    names = _changed_names(record)
    if names is None:
        return (), f"no images to compare ({record.stream_view_type or 'view type unknown'})"
    old, new = record.old_image or {}, record.new_image or {}
    changed = tuple(ChangedAttribute(printable(name), _text(old, name), _text(new, name)) for name in names)
    if record.is_ttl_delete:
        return changed, "expired (Time to Live)"
    if changed:
        return changed, ""
    return (), "no attributes but the key" if record.event_name in ("INSERT", "REMOVE") else "no attribute changed"


def _text(item: dict[str, Any], name: str) -> str | None:
    return value_text(item[name]) if name in item else None


def _changed_names(record: Record) -> list[str] | None:
    """The attributes that differ, without the key, in the order of the items; None when an image is missing."""
    nothing: Image = {}
    old = nothing if record.event_name == "INSERT" else record.attribute_values("old_image")
    new = nothing if record.event_name == "REMOVE" else record.attribute_values("new_image")
    if old is None or new is None:
        return None
    return [name for name in {**old, **new} if name not in record.keys and _differs(old, new, name)]


def _differs(old: Image, new: Image, name: str) -> bool:
    return name not in old or name not in new or _value(old[name]) != _value(new[name])


def _value(attribute: dict[str, Any]) -> tuple[str, object]:
    """An attribute value that is equal to another when DynamoDB says so: by type, numbers by value, sets unordered."""
    ((tag, content),) = attribute.items()
    if tag == "N":
        return tag, Decimal(content)
    if tag in ("SS", "NS", "BS"):
        return tag, frozenset(map(Decimal, content) if tag == "NS" else content)
    if tag == "L":
        return tag, list(map(_value, content))
    if tag == "M":
        return tag, {name: _value(member) for name, member in content.items()}
    return tag, content
