"""What sinks of services share: the write of a batch, and the options that all of them take."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from tailrace.sinks.delivery.course import Course, Rules
from tailrace.sinks.delivery.plan import by_item, each_alone, newest_of_each_item
from tailrace.sinks.delivery.verdict import Unusable
from tailrace.sinks.feed import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal, TypeVar

    from tailrace._core import Record
    from tailrace.sinks.base import Deadline, QuarantineStore, SinkFailure
    from tailrace.sinks.delivery.limits import Limits
    from tailrace.sinks.delivery.unit import Encoded
    from tailrace.sinks.delivery.verdict import Verdict

    Self = TypeVar("Self", bound="DeliverySink")

__all__ = ["DeliverySink"]

_PLANS = {"newest": newest_of_each_item, "item": by_item, "none": each_alone}


class DeliverySink:
    """A sink that sends records to a service in calls of many entries.

    A subclass has ``_encode`` and ``_send``, and lays down ``_limits`` and ``_order``.

    Args:
        table: the table's name for records whose ARN is unknown (GetRecords).
        workers: how many calls may be under way together, 1 or more.
        attempts: how often an entry is sent at most, 1 or more, while the deadline of the write allows.
        quarantine: a store for records that the target refuses for what they are; one that is kept there counts as
            stored. None makes of each a failure, at which the stream stops.

    Raises:
        ValueError: ``workers`` or ``attempts`` is below 1.
    """

    _limits: Limits
    _order: Literal["newest", "item", "none"] = "item"
    """``"newest"``: the last change of each item stands for all before it. ``"item"``: changes of one item are sent one
    after the other. ``"none"``: in the order of the records, as many together as a call takes."""

    def __init__(
        self,
        *,
        table: str | None = None,
        workers: int = 4,
        attempts: int = 8,
        quarantine: QuarantineStore | None = None,
    ) -> None:
        for option, number in (("workers", workers), ("attempts", attempts)):
            if number < 1:
                raise ValueError(f"{option} is 1 or more, not {number}")
        self._table = table
        self._workers = workers
        self._attempts = attempts
        self._quarantine = quarantine

    def __enter__(self: Self) -> Self:  # noqa: PYI019 - typing.Self came with 3.11
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is held open between writes."""

    def write(self, records: Sequence[Record], *, deadline: Deadline) -> Sequence[SinkFailure]:
        """Send the records.

        Args:
            records: in stream order.
            deadline: no call is begun after it but the first; records that are not sent by then come back as
                retryable failures, and so do those of calls without an answer.

        Returns:
            One SinkFailure for each record that is not stored, in stream order; all others are.
        """
        failures: list[tuple[int, SinkFailure]] = []
        numbered = enumerate(records)  # read once: a Batch makes a new view at each access
        lanes = _PLANS[self._order](numbered, lambda position, failure: failures.append((position, failure)))
        if lanes:
            Course(self._rules(), lanes, deadline, failures).run()
        return [failure for _, failure in sorted(failures, key=_position)]

    def _encode(self, record: Record) -> Encoded:
        """The record as an entry of a call. Raises what makes it poison."""
        raise NotImplementedError

    def _send(self, bodies: list[Any]) -> Sequence[Verdict] | Verdict:
        """Make one call, in a thread of its own: a verdict for each body, or one for the whole call."""
        raise NotImplementedError

    def _classify(self, error: Exception) -> Verdict:
        """What an error of ``_send`` means. Nothing is known of one that nobody expected."""
        return Unusable(error)

    def _table_of(self, record: Record) -> str:
        table = record.table_name or self._table
        if not table:
            raise refused(record, f"no ARN tells its table: name it, {type(self).__name__}(..., table=...)")
        return table

    def _rules(self) -> Rules:
        return Rules(
            encode=self._encode,
            send=self._send,
            classify=self._classify,
            set_aside=None if self._quarantine is None else partial(_set_aside, self._quarantine, repr(self)),
            limits=self._limits,
            workers=self._workers,
            attempts=self._attempts,
        )


def _set_aside(store: QuarantineStore, route: str, record: Record, error: Exception) -> None:
    store.add(record, error=error, route=route)


def _position(numbered: tuple[int, SinkFailure]) -> int:
    return numbered[0]
