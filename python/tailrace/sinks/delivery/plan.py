"""Which records are sent as one entry, and which wait for each other."""

from __future__ import annotations

from tailrace.sinks.base import SinkFailure
from tailrace.sinks.delivery.unit import Lane, Unit
from tailrace.sinks.feed import arn_of_feed, guard_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tailrace._core import Record

    Identity = tuple[str | None, str | None, bytes]
    Numbered = tuple[int, Record]
    Refuse = Callable[[int, SinkFailure], None]

__all__ = ["by_item", "each_alone", "newest_of_each_item"]


def newest_of_each_item(records: Iterable[Numbered], refuse: Refuse) -> list[Lane]:
    """One unit an item: its newest change, which stands for the older ones.

    Args:
        records: with their positions.
        refuse: is told of each record that has no item, or no number that orders it.
    """
    newest: dict[Identity, tuple[tuple[str, str], Record, list[Numbered]]] = {}
    for position, record in records:
        try:
            identity, guard = _identity(record), guard_of(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's failure and is named
            refuse(position, SinkFailure(record, error, retryable=False))
            continue
        known = newest.get(identity)
        if known is None:
            newest[identity] = (guard, record, [(position, record)])
        else:
            known[2].append((position, record))
            if guard >= known[0]:  # of two with one number the later view is as good
                newest[identity] = (guard, record, known[2])
    return [Lane(Unit(record, same[0][0], same)) for _, record, same in newest.values()]


def by_item(records: Iterable[Numbered], refuse: Refuse) -> list[Lane]:
    """A unit for each record; those of one item wait for each other.

    Args:
        records: with their positions.
        refuse: is told of each record that has no item.
    """
    lanes: dict[Identity, Lane] = {}
    for position, record in records:
        try:
            identity = _identity(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this record's failure and is named
            refuse(position, SinkFailure(record, error, retryable=False))
            continue
        lane = lanes.get(identity)
        if lane is None:
            lanes[identity] = Lane(Unit(record, position))
        else:
            lane.append(Unit(record, position))
    return list(lanes.values())


def each_alone(records: Iterable[Numbered], _refuse: Refuse) -> list[Lane]:
    """A unit for each record, and none waits for another."""
    return [Lane(Unit(record, position)) for position, record in records]


def _identity(record: Record) -> Identity:
    """Of the item: through one Kinesis stream come changes of many tables."""
    return arn_of_feed(record), record.table_name, record.item_key
