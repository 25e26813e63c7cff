"""A shard, and how it is read: in order, filtered, from the checkpoint on."""

from __future__ import annotations

import math
import zlib
from collections import deque
from dataclasses import dataclass

from tailrace.testing.filtering import is_wanted
from tailrace.testing.ledger import Step
from tailrace.testing.wire import shard_records

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Literal

    from tailrace import Record
    from tailrace.testing.ledger import DeliveryReport
    from tailrace.testing.settings import Settings
    from tailrace.testing.wire import ShardRecord

    Records = Mapping[str, Any] | bytes | str | Iterable[Record | Mapping[str, Any]]

__all__ = ["Arrivals", "Reading", "Shard", "shard_id_of"]


@dataclass(frozen=True)
class Shard:
    """A shard of a stream, for ``EventSourceMapping.deliver_shards``.

    Args:
        records: its records in order, in any form that ``deliver`` takes.
        shard_id: its name; by default made of its position.
        parent_shard_id: the shard that it goes on from: it waits until all of that is settled. A parent that is not
            delivered has been trimmed from the stream.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html

    Example:
        >>> from tailrace.testing import EventSourceMapping, Shard, make_event
        >>> parent = Shard(make_event([{"id": "a"}]), "shard-1")
        >>> child = Shard(make_event([{"id": "b"}]), "shard-2", parent_shard_id="shard-1")
        >>> report = EventSourceMapping(lambda event, context: None).deliver_shards([child, parent])
        >>> [invocation.shard_id for invocation in report.invocations]
        ['shard-1', 'shard-2']
    """

    records: Records
    shard_id: str = ""
    parent_shard_id: str | None = None


def shard_id_of(position: int) -> str:
    """What a shard is called that has no name."""
    return f"shardId-00000001767225600000-{position:08d}"


@dataclass(frozen=True)
class Arrivals:
    """When records come into the stream.

    Args:
        mode: ``"backlog"``: all are there at the start; ``"live"``: when they were made.
        start: the start of the delivery, in seconds since 1970 and since the start of the clock.
    """

    mode: Literal["backlog", "live"]
    start: tuple[float, float]

    def of(self, record: ShardRecord, last: float) -> float:
        """When a record can be read, in seconds since the start of the clock; never before the one ahead of it."""
        since_1970, elapsed = self.start
        if self.mode == "backlog" or record.created is None:
            return max(last, elapsed)
        return max(last, elapsed + record.created - since_1970)  # before the start, if it was made before


class Reading:
    """One shard that is read for its lanes, and its checkpoint.

    Args:
        shard_id: its name.
        records: what is in it; read as it is needed.
        settings: of the mapping.
        report: gets what is passed over.

    Attributes:
        checkpoint: the SequenceNumber up to which all is settled; None before the first.
        arrived: when the last record that was read came in, in seconds since the start of the clock.
    """

    def __init__(self, shard_id: str, records: Records, settings: Settings, report: DeliveryReport) -> None:
        self.shard_id = shard_id
        self.checkpoint: str | None = None
        self._records: Iterator[ShardRecord] = shard_records(records)
        self._settings = settings
        self._report = report
        self._ahead: deque[ShardRecord] = deque()
        self._queues: list[deque[ShardRecord]] = [deque() for _ in range(settings.parallelization_factor)]
        self._open: deque[ShardRecord] = deque()
        self._read_count = 0
        self.arrived = -math.inf

    def begins(self) -> float | None:
        """The first time that a record tells, in seconds since 1970, before any is read."""
        for record in self._records:
            self._ahead.append(record)
            if record.created is not None:
                return record.created
        return None

    def peek(self, lane: int, arrivals: Arrivals, now: float) -> ShardRecord | None:
        """The next record of a lane; None at the end of the shard. Who is neither filtered nor missed gets a queue."""
        queue = self._queues[lane]
        filtered: list[ShardRecord] = []
        missed: list[ShardRecord] = []
        while not queue:
            record = self._ahead.popleft() if self._ahead else next(self._records, None)
            if record is None:
                break
            self._admit(record, arrivals)
            if self._is_missed(record, arrivals):
                missed.append(record)
            elif not is_wanted(record, self._settings.filter_criteria):
                filtered.append(record)
            else:
                self._queues[self._lane_of(record)].append(record)
        self._pass_over("miss", self._report.missed, missed, now)
        self._pass_over("filter", self._report.filtered, filtered, now)
        return queue[0] if queue else None

    def take(self, lane: int) -> ShardRecord:
        """Take what ``peek`` showed."""
        return self._queues[lane].popleft()

    def settle(self, records: Iterable[ShardRecord]) -> None:
        """Nothing more is to be done with these: the checkpoint moves up to the first of which that is not true."""
        for record in records:
            record.settled = True
        while self._open and self._open[0].settled:
            self.checkpoint = self._open.popleft().sequence_number

    def _admit(self, record: ShardRecord, arrivals: Arrivals) -> None:
        self._read_count += 1
        self.arrived = record.arrived = arrivals.of(record, self.arrived)
        self._report.record_count += 1
        self._report.positions.setdefault(record.sequence_number, self._read_count)
        self._open.append(record)

    def _is_missed(self, record: ShardRecord, arrivals: Arrivals) -> bool:
        if self._settings.starting_position != "LATEST" or record.created is None:
            return False
        return record.created < arrivals.start[0]

    def _pass_over(
        self, kind: Literal["miss", "filter"], told: list[str], records: list[ShardRecord], now: float
    ) -> None:
        if not records:
            return
        numbers = tuple(record.sequence_number for record in records)
        told.extend(numbers)
        self.settle(records)
        at = max(now, records[-1].arrived)
        self._report.steps.append(Step(at, self.shard_id, kind, numbers, checkpoint=self.checkpoint))

    def _lane_of(self, record: ShardRecord) -> int:
        return zlib.crc32(record.item()) % len(self._queues) if len(self._queues) > 1 else 0
