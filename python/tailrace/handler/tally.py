"""Counting what became of the records of an invocation: in whole columns, as it must cost next to nothing a record."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tailrace._core import FilterCriteria
from tailrace.exceptions import TailraceError
from tailrace.metrics.outcome import InvocationMetrics, RecordCounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from tailrace._core import Batch, Record
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.writing import Outlet

    Label = tuple[str, str]

__all__ = ["InvocationMetrics", "Tally", "oldest_ms", "tally"]

_KNOWN = {"INSERT", "MODIFY", "REMOVE"}
_OTHER = "OTHER"


@dataclass(frozen=True)
class Tally:
    """The counts of an invocation by table and event, and what tells its records from others."""

    records: Mapping[Label, RecordCounts]
    event_ids: Sequence[str | None]
    first_undone: str | None


def tally(invocation: Invocation, outlets: Sequence[Outlet], *, raised: bool) -> Tally:
    """Count.

    Args:
        invocation: what was handled.
        outlets: the sinks, and what they take.
        raised: whether it raised, so that Lambda takes none of its records as done.
    """
    events, event_ids = _columns(invocation.batch)
    return Tally(_counts(invocation, outlets, events, raised), event_ids, _first_undone(invocation, raised))


def oldest_ms(batch: Batch) -> float | None:
    """When the oldest change was made, in milliseconds since 1970; None when no record says.

    A stream is in order, so it is the first one's. Through Kinesis they may come in any order.
    """
    times = (_time_ms(record) for record in batch)
    known = (time for time in times if time is not None)
    return min(known, default=None) if batch.shape == "kinesis" else next(known, None)


def _columns(batch: Batch) -> tuple[Sequence[str], Sequence[str | None]]:
    """What kind of event each record is, and its eventID."""
    try:
        # Two lists and no pairs: ten thousand tuples would wake the garbage collector.
        names = [record.event_name for record in batch]
        event_ids = [record.event_id for record in batch]
    except TailraceError:  # one of them is broken
        names = [_read(record, "event_name") for record in batch]
        event_ids = [_read(record, "event_id") for record in batch]
    known: Sequence[Any] = names if _KNOWN.issuperset(names) else [_kind(name) for name in names]
    return known, event_ids


def _kind(name: str | None) -> str:
    return name if name is not None and name in _KNOWN else _OTHER


def _read(record: Record, part: str) -> str | None:
    try:
        found: str | None = getattr(record, part)
    except TailraceError:
        return None
    return found


def _counts(
    invocation: Invocation, outlets: Sequence[Outlet], events: Sequence[str], raised: bool
) -> dict[Label, RecordCounts]:
    length = len(events)
    end = 0 if raised else min(invocation.progress.end, length)
    labels = _Labels(invocation.batch, events)
    # Threads that run on after the answer may still add to these.
    aside = tuple(invocation.progress.set_aside)
    once = invocation.once
    known = () if once is None else tuple(once.deduplicated)
    skipped = _skipped(invocation, outlets, events, end, {*aside, *known, *invocation.gathered})
    received = labels.between(0, length)
    columns = {
        "received": received,
        "returned": labels.between(end, length),
        "failed": labels.at(tuple(invocation.failed)),
        "skipped": labels.at(skipped),
        "quarantined": labels.at(aside),
        "deduplicated": labels.at(known),
    }
    done_otherwise = labels.at(each for each in (*skipped, *{*aside, *known}) if each < end)
    columns["processed"] = (received if end == length else labels.between(0, end)) - done_otherwise
    return {
        # An event's name may be a member of EventName, and is its text here.
        (table, str(event)): RecordCounts(**{name: counter[table, event] for name, counter in columns.items()})
        for table, event in received
    }


class _Labels:
    """Table and event of each record."""

    def __init__(self, batch: Batch, events: Sequence[str]) -> None:
        self._events = events
        self._table, self._tables = _tables(batch)

    def between(self, first: int, end: int) -> Counter[Label]:
        """How many there are of each kind in a part of the batch."""
        events = self._events[first:end]
        if self._tables is None:
            return Counter({(self._table, event): count for event, count in Counter(events).items()})
        return Counter(zip(self._tables[first:end], events, strict=True))

    def at(self, positions: Iterable[int]) -> Counter[Label]:
        """How many there are of each kind at some positions."""
        tables = self._tables
        return Counter((self._table if tables is None else tables[each], self._events[each]) for each in positions)


def _tables(batch: Batch) -> tuple[str, list[str] | None]:
    """The table of all records, or else that of each; a batch nearly always is of one."""
    if not batch:
        return "", None
    arn = batch[0].event_source_arn if batch.shape != "kinesis" else None
    try:
        if arn is not None and all(batch.matches(FilterCriteria({"eventSourceARN": [arn]}))):
            return batch[0].table_name or "", None
    except TailraceError:  # one of them is broken
        pass
    return "", [_table(record) for record in batch]


def _table(record: Record) -> str:
    try:
        return record.table_name or ""
    except TailraceError:
        return ""


def _skipped(
    invocation: Invocation, outlets: Sequence[Outlet], events: Sequence[str], end: int, others: set[int]
) -> Sequence[int]:
    """Positions before the end that no route and no sink takes."""
    if any(outlet.where is None for outlet in outlets):
        return ()
    filters = {event: [route.where for route in invocation.routes.get(event, ())] for event in _KNOWN}
    # An event that nobody knows is done only where somebody takes it.
    taken = {_OTHER, *(event for event, wheres in filters.items() if None in wheres)}
    if taken.issuperset(events):
        return ()
    of = invocation.verdicts.of
    verdicts = {
        event: [of(where) for where in (*filters[event], *(outlet.where for outlet in outlets)) if where is not None]
        for event in _KNOWN - taken
    }
    return [
        position
        for position, event in enumerate(events[:end])
        if event not in taken and position not in others and not any(each[position] for each in verdicts[event])
    ]


def _first_undone(invocation: Invocation, raised: bool) -> str | None:
    batch, end = invocation.batch, invocation.progress.end
    if end < len(batch):
        return batch[end].sequence_number
    return batch[0].sequence_number if raised and batch else None


def _time_ms(record: Record) -> float | None:
    try:
        time = record.approximate_creation_time
    except TailraceError:
        return None
    return None if time is None else time.timestamp() * 1000
