"""What goes to the log: each failure with its error and which record it was, and never a value of an item.

A record that keeps failing is delivered again and again: the same failure is logged at its 1st, 2nd, 4th, 8th ... time,
with the count.
"""

from __future__ import annotations

from tailrace.exceptions import EventFormatError
from tailrace.handler.repeats import Repeats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record
    from tailrace.handler.route import Named

__all__ = ["Report", "readable_event_id"]

_WARNING, _ERROR = 30, 40  # logging's numbers: logging itself is imported when there is something to say
_MOST_FAILURES = 1024


class Report:
    """What one handler has to say, and how often it has said it."""

    def __init__(self) -> None:
        self._repeats = Repeats(_MOST_FAILURES)

    def failed(self, record: Record, error: BaseException, route: Named | None, count: int = 1) -> None:
        """A record failed in a route, or before any (None); or ``count`` records together, of which it is the first."""
        what = "record failed" if count == 1 else f"{count} records failed together, the first of them"
        self._log(_ERROR, what, record, _name(route), error)

    def set_aside(self, record: Record, error: BaseException, route: Named | None) -> None:
        """A record went into quarantine."""
        self._log(_WARNING, "record set aside", record, _name(route), error)

    def unstored(self, record: Record, error: BaseException, sink: object, count: int) -> None:
        """A sink did not store ``count`` records for one and the same reason; ``record`` is the first of them."""
        what = "record not stored" if count == 1 else f"{count} records not stored, the first of them"
        self._log(_ERROR, what, record, type(sink).__name__, error)

    def not_started(self, record: Record, count: int) -> None:
        """The time ran out before ``count`` records; ``record`` is the first of them."""
        self._log(_WARNING, f"{count} records not started for want of time, the first of them", record, None, None)

    def not_finished(self, record: Record, count: int) -> None:
        """The time ran out and ``count`` records are not done, of which some ran; ``record`` is the first of them."""
        self._log(_WARNING, f"{count} records not finished for want of time, the first of them", record, None, None)

    def unreleased(self, record: Record, error: BaseException) -> None:
        """The claim of a record that has failed could not be given back."""
        self._log(_WARNING, "claim not released, it ends by itself", record, None, error)

    def _log(self, level: int, what: str, record: Record, route: str | None, error: BaseException | None) -> None:
        event_id, sequence_number = readable_event_id(record), record.sequence_number
        error_type = None if error is None else type(error).__name__
        count = self._repeats.count((level, event_id, sequence_number, route, error_type))
        if count & (count - 1):  # no power of two
            return
        import logging

        logging.getLogger("tailrace").log(
            level,
            "%s: eventID %s, SequenceNumber %s, route %s%s",
            what,
            event_id,
            sequence_number,
            route,
            "" if count == 1 else f" (time {count})",
            exc_info=error,
            extra={
                "event_id": event_id,
                "sequence_number": sequence_number,
                "route": route,
                "error_type": error_type,
                "occurrence_count": count,
            },
        )


def readable_event_id(record: Record) -> str | None:
    """The eventID, or None when it cannot be read: a malformed record must not get in the way of its own report."""
    try:
        return record.event_id
    except EventFormatError:
        return None


def _name(route: Named | None) -> str | None:
    return None if route is None else route.name
