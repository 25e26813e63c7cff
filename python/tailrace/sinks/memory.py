"""Records kept in memory: for tests."""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.sinks.base import SinkFailure, started

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record
    from tailrace.sinks.base import Deadline

__all__ = ["MemorySink"]


class MemorySink:
    """A sink that keeps the Records in the order they came; a redelivered one is kept again.

    ``records`` is that list. Any thread may write.

    Example:
        >>> from tailrace.sinks import Deadline, MemorySink
        >>> from tailrace.testing import make_record
        >>> sink = MemorySink()
        >>> sink.write([make_record(new_image={"id": "a"})], deadline=Deadline())
        []
        >>> [record.new_image for record in sink.records]
        [{'id': 'a'}]
    """

    def __init__(self) -> None:
        self.records: list[Record] = []

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Sequence[SinkFailure]:
        """Keep the records.

        Args:
            records: in stream order.
            deadline: records not begun by then come back as retryable failures; the first is always begun.

        Returns:
            One SinkFailure for each record that is not kept.
        """
        failures: list[SinkFailure] = []
        self.records += list(started(records, deadline, failures))
        return failures

    def close(self) -> None:
        """Nothing to release; the records stay."""
