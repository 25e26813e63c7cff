"""Records that are delivered together: a batch of the shard, or what is left of one."""

from __future__ import annotations

import json

from tailrace.testing.wire import by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from tailrace.testing.ledger import Cause
    from tailrace.testing.window import Window
    from tailrace.testing.wire import ShardRecord

__all__ = ["MAXIMUM_EVENT_BYTES", "Segment"]

MAXIMUM_EVENT_BYTES = 6 * 1024 * 1024


class Segment:
    """Records that are delivered together, and how often they were.

    Args:
        records: in the order of the shard; none only at the end of a window.
        cause: why they are delivered.
        window: the tumbling window that they belong to.
        is_final: whether it is the end of that window.
    """

    def __init__(
        self,
        records: list[ShardRecord],
        cause: Cause = "batch",
        *,
        window: Window | None = None,
        is_final: bool = False,
    ) -> None:
        self.records = records
        self.cause: Cause = cause
        self.window = window
        self.is_final = is_final
        self.invoke_count = 0
        self.throttle_count = 0

    def sequence_numbers(self) -> tuple[str, ...]:
        """The numbers of the records, in order."""
        return tuple(record.sequence_number for record in self.records)

    def event_text(self) -> str:
        """The event that holds the records."""
        records = '{"Records":[' + ",".join(record.text for record in self.records) + "]"
        if self.window is None:
            return records + "}"
        return records + "," + json.dumps(self.window.members(is_final=self.is_final), separators=(",", ":"))[1:]

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

    def rest(self, records: list[ShardRecord]) -> Segment:
        """What comes again from the checkpoint on; its retries are counted anew."""
        return Segment(records, "rest", window=self.window)

    def halves(self) -> list[Segment]:
        """Split it in two, to be delivered one after the other."""
        middle = len(self.records) // 2
        parts = (self.records[:middle], self.records[middle:])
        return [Segment(part, "half", window=self.window) for part in parts]
