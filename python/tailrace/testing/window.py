"""A tumbling window, and the state that a function hands on within it."""

from __future__ import annotations

import json
from datetime import datetime, timezone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace.testing.wire import ShardRecord

__all__ = ["Window", "window_start"]


class Window:
    """One window of one shard.

    Args:
        start: in seconds since 1970.
        length_seconds: how long it is.
        shard_id: the shard.
        record: any record of the shard, which names the stream.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
    """

    def __init__(self, start: float, length_seconds: float, shard_id: str, record: ShardRecord) -> None:
        self.start = start
        self.end = start + length_seconds
        self.state: dict[str, Any] = {}
        self.ends_early = False
        self._shard_id = shard_id
        self._stream_arn = json.loads(record.text).get("eventSourceARN")

    def members(self, *, is_final: bool) -> dict[str, Any]:
        """What an event holds besides its records."""
        return {
            "window": {"start": _text(self.start), "end": _text(self.end)},
            "state": self.state,
            "shardId": self._shard_id,
            "eventSourceARN": self._stream_arn,
            "isFinalInvokeForWindow": is_final,
            "isWindowTerminatedEarly": is_final and self.ends_early,
        }

    def size_bytes(self) -> int:
        """How much of an event the window takes."""
        return len(json.dumps(self.members(is_final=False)))


def window_start(time: float, length_seconds: float) -> float:
    """When the window began that a time lies in: windows stand side by side from 1970 on."""
    return time // length_seconds * length_seconds


def _text(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z")
