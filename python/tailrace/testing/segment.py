"""Records that are delivered together: a batch of the shard, or what is left of one."""

from __future__ import annotations

from tailrace.testing.wire import by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from tailrace.testing.wire import ShardRecord

__all__ = ["Segment", "batches"]

_MAXIMUM_EVENT_BYTES = 6 * 1024 * 1024


class Segment:
    """Records that are delivered together, and how often they were.

    Args:
        records: at least one, in the order of the shard.
    """

    def __init__(self, records: list[ShardRecord]) -> None:
        self.records = records
        self.invoke_count = 0

    def sequence_numbers(self) -> tuple[str, ...]:
        """The numbers of the records, in order."""
        return tuple(record.sequence_number for record in self.records)

    def event_text(self) -> str:
        """The event that holds the records."""
        return '{"Records":[' + ",".join(record.text for record in self.records) + "]}"

    def outcome(self, reported: str | None, *, failed: bool) -> Literal["success", "partial", "failure"]:
        """Tell what an invocation came to that named this number, or failed as a whole."""
        if failed:
            return "failure"
        done, rest = self.split_at(reported)
        if not rest:
            return "success"
        return "partial" if done else "failure"

    def split_at(self, reported: str | None) -> tuple[list[ShardRecord], list[ShardRecord]]:
        """Part the records before the checkpoint from those that come again; None: all are done.

        By the value of the numbers, not by position: Lambda reads the shard again from there.
        """
        if reported is None:
            return self.records, []
        lowest = by_value(reported)
        done = [record for record in self.records if by_value(record.sequence_number) < lowest]
        return done, [record for record in self.records if by_value(record.sequence_number) >= lowest]

    def halves(self) -> list[Segment]:
        """Split it in two, to be delivered one after the other."""
        middle = len(self.records) // 2
        return [Segment(self.records[:middle]), Segment(self.records[middle:])]


def batches(records: Iterator[ShardRecord], batch_size: int) -> Iterator[list[ShardRecord]]:
    """Cut the shard into batches of so many records, and of no more bytes than an event may have."""
    batch: list[ShardRecord] = []
    size_bytes = 0
    for record in records:
        if len(batch) == batch_size or (batch and size_bytes + len(record.text) > _MAXIMUM_EVENT_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(record)
        size_bytes += len(record.text)
    if batch:
        yield batch
