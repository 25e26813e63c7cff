"""In which order records that were set aside are handled again: those of one item by their numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

from tailrace import Batch, TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tailrace.sinks import QuarantineEntry

    Item = tuple[str, bytes | str]

__all__ = ["Waiting", "planned"]


@dataclass
class Waiting:
    """A record in a store, and the routes that it was set aside for; what is large is left there.

    Attributes:
        item: the table and the item's key; where that cannot be read, the eventID.
    """

    table: str
    event_id: str
    item: Item
    sequence_number: str | None
    routes: list[str] = field(default_factory=list)


def planned(entries: Iterable[QuarantineEntry]) -> list[Waiting]:
    """Each record once: item by item as they were first stored, and the records of an item by their numbers.

    Args:
        entries: of a store, one for each route.
    """
    found: dict[tuple[str, str], Waiting] = {}
    for entry in entries:
        key = entry.table, entry.event_id
        if key not in found:
            found[key] = Waiting(*key, _item(entry), entry.sequence_number)
        found[key].routes.append(entry.route)
    items = {item: place for place, item in enumerate(dict.fromkeys(each.item for each in found.values()))}
    return sorted(found.values(), key=lambda each: (items[each.item], *_by_value(each.sequence_number)))


def _item(entry: QuarantineEntry) -> Item:
    try:
        return entry.table, Batch.from_event([entry.record])[0].item_key
    except TailraceError:
        return entry.table, entry.event_id


def _by_value(sequence_number: str | None) -> tuple[int, str]:
    digits = (sequence_number or "").lstrip("0")
    return len(digits), digits
