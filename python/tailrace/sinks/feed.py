"""Where the changes of a table come from, what orders them, and the error of one that cannot be stored."""

from __future__ import annotations

from tailrace._core import order_guard
from tailrace.exceptions import SinkError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record

__all__ = ["arn_of_feed", "guard_of", "refused"]


def arn_of_feed(record: Record) -> str | None:
    """The ARN of the table, or of the Kinesis stream.

    Without the label of a DynamoDB stream: one that was disabled and enabled again goes on with its numbers.
    """
    arn = record.event_source_arn
    return arn.rsplit("/stream/", 1)[0] if arn else None


def guard_of(record: Record) -> tuple[str, str]:
    """The kind of the feed, and the text that orders the changes that come through it.

    Raises:
        SinkError: the record has no number, or no time.
    """
    guard = order_guard(record)
    if guard is None:
        raise refused(record, "no SequenceNumber (through Kinesis: or no ApproximateCreationDateTime) orders it")
    return guard


def refused(record: Record, reason: str) -> SinkError:
    """The error of a record that cannot be stored."""
    return SinkError(f"change {record.event_id} cannot be stored: {reason}", sequence_number=record.sequence_number)
