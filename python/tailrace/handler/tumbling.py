"""Tumbling windows: what an event says of its own."""

from __future__ import annotations

from collections.abc import Mapping

from tailrace._core import record_ranges
from tailrace.exceptions import EventFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from tailrace._core import Batch

__all__ = ["TumblingWindow", "members_of_window"]

_TEXT = (str, bytes, bytearray, memoryview)


class TumblingWindow:
    """The tumbling window that an event belongs to, by the names of AWS.

    Args:
        members: the event's members besides its records.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html

    Example:
        >>> window = TumblingWindow({"window": {"start": "2026-01-01T10:00:00Z", "end": "2026-01-01T10:15:00Z"}})
        >>> window.start.isoformat(), window.is_final_invoke_for_window
        ('2026-01-01T10:00:00+00:00', False)
    """

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, Any]) -> None:
        self._members = members

    @property
    def start(self) -> datetime:
        """When the window began: aware, UTC. Raises EventFormatError when the event does not say."""
        return self._time("start")

    @property
    def end(self) -> datetime:
        """When it ends: it is the start of the next."""
        return self._time("end")

    @property
    def shard_id(self) -> str | None:
        """The shard: each has windows and a state of its own."""
        return self._text("shardId")

    @property
    def event_source_arn(self) -> str | None:
        """The ARN of the stream."""
        return self._text("eventSourceARN")

    @property
    def is_final_invoke_for_window(self) -> bool:
        """Whether the window is over: the state is complete, this is the time to use it, and Lambda then drops it."""
        return self._members.get("isFinalInvokeForWindow") is True

    @property
    def is_window_terminated_early(self) -> bool:
        """Whether it ends before its time: the state grew over 1 MB, or the shard was split."""
        return self._members.get("isWindowTerminatedEarly") is True

    def __repr__(self) -> str:
        window = self._members.get("window")
        return f"TumblingWindow({window!r}, is_final_invoke_for_window={self.is_final_invoke_for_window})"

    def _time(self, name: str) -> datetime:
        from datetime import datetime, timezone

        window = self._members.get("window")
        text = window.get(name) if isinstance(window, Mapping) else None
        try:
            time = datetime.fromisoformat(str(text).replace("Z", "+00:00"))  # Python 3.10 knows no Z
        except ValueError:
            raise EventFormatError("the event does not say when its window is", path=("window", name)) from None
        return time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time.astimezone(timezone.utc)

    def _text(self, name: str) -> str | None:
        text = self._members.get(name)
        return text if isinstance(text, str) else None


def members_of_window(event: Any, batch: Batch) -> Mapping[str, Any] | None:
    """The members of an event that belongs to a window, or None when it does not.

    Args:
        event: what ``Batch.from_event`` has made the batch of.
        batch: the batch.
    """
    members = _parsed(_without_records(event, batch)) if isinstance(event, _TEXT) else event
    if isinstance(members, Mapping) and ("isFinalInvokeForWindow" in members or "window" in members):
        return members
    return None


def _parsed(text: bytes) -> Any:
    import json  # which brings more than the handler needs for events that come as dicts

    return json.loads(text)


def _without_records(text: str | bytes | bytearray | memoryview, batch: Batch) -> bytes:
    """The event as JSON, but for its records: megabytes of them need not be read for what is beside them."""
    body = text.encode() if isinstance(text, str) else text
    first, last = record_ranges(batch[:1]), record_ranges(batch[-1:])
    if not first or not last:
        return bytes(body)
    return bytes(body[: first[0][0]]) + bytes(body[last[0][1] :])
