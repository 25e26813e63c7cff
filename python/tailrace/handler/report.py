"""What goes to the log: each failure once, with its error and which record it was, and never a value of an item."""

from __future__ import annotations

from tailrace.exceptions import EventFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record
    from tailrace.handler.routing import Route

__all__ = ["log_failure", "log_out_of_time", "log_set_aside", "log_unstored", "readable_event_id"]

_WARNING, _ERROR = 30, 40  # logging's numbers: logging itself is imported when there is something to say


def log_failure(record: Record, error: BaseException, route: Route | None) -> None:
    """A record failed in a route, or before any (None)."""
    _log(_ERROR, "record failed", record, _name(route), error)


def log_set_aside(record: Record, error: BaseException, route: Route | None) -> None:
    """A record went into quarantine."""
    _log(_WARNING, "record set aside", record, _name(route), error)


def log_unstored(record: Record, error: BaseException, sink: object, count: int) -> None:
    """A sink did not store ``count`` records for one and the same reason; ``record`` is the first of them."""
    what = "record not stored" if count == 1 else f"{count} records not stored, the first of them"
    _log(_ERROR, what, record, type(sink).__name__, error)


def log_out_of_time(record: Record, count: int) -> None:
    """The time ran out before ``count`` records; ``record`` is the first of them."""
    what = f"{count} records not started for want of time, the first of them"
    _log(_WARNING, what, record, None, None)


def readable_event_id(record: Record) -> str | None:
    """The eventID, or None when it cannot be read: a malformed record must not get in the way of its own report."""
    try:
        return record.event_id
    except EventFormatError:
        return None


def _log(level: int, what: str, record: Record, route: str | None, error: BaseException | None) -> None:
    import logging

    event_id, sequence_number = readable_event_id(record), record.sequence_number
    logging.getLogger("tailrace").log(
        level,
        "%s: eventID %s, SequenceNumber %s, route %s",
        what,
        event_id,
        sequence_number,
        route,
        exc_info=error,
        extra={"event_id": event_id, "sequence_number": sequence_number, "route": route},
    )


def _name(route: Route | None) -> str | None:
    return None if route is None else route.name
