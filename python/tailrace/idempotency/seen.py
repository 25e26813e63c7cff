"""What every store of handled records is: the protocol, the key of a record, and the name of a handler."""

from __future__ import annotations

import os

from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Protocol

    from tailrace._core import Record
else:
    Protocol = object

__all__ = ["LOOKUP_COUNT", "SHORTEST_TTL_MS", "ClaimingSeen", "Seen", "checked_name", "checked_ttl", "record_key"]

LOOKUP_COUNT = 100
"""Keys that a store is asked for at a time at most: what one BatchGetItem of DynamoDB takes."""

SHORTEST_TTL_MS = 25 * 3_600_000.0
"""A stream keeps a record for 24 hours, and so long it can come again."""


class Seen(Protocol):
    """What a store of your own implements to be the ``idempotency=`` of a StreamHandler.

    The routes of a record that was seen are not run. It is asked before they are run, and told when all of them have
    succeeded. Whatever it raises is a failure of the record, which comes again. It is called by several threads at a
    time where the handler has several workers. Its methods may be ``async def``.

    Example:
        >>> class InAList:
        ...     def __init__(self):
        ...         self.keys = []
        ...     def seen(self, keys):
        ...         return [key for key in keys if key in self.keys]
        ...     def mark(self, key):
        ...         self.keys.append(key)
        >>> from tailrace import StreamHandler
        >>> from tailrace.testing import make_event
        >>> app = StreamHandler(idempotency=InAList())
        >>> @app.insert
        ... def welcome(record):
        ...     print("welcome,", record.keys["id"])
        >>> event = make_event([{"id": "a"}])
        >>> app(event), app(event)
        welcome, a
        ({'batchItemFailures': []}, {'batchItemFailures': []})
    """

    def seen(self, keys: Sequence[str]) -> Collection[str]:
        """Those of the keys that were marked; at most 100 are asked for at a time, each once."""
        ...

    def mark(self, key: str) -> object:
        """Remember for good that the record of this key was handled; raise when that fails."""
        ...


class ClaimingSeen(Seen, Protocol):
    """A store that marks a record before its routes are run as well, so that no two invocations run them at once.

    ``seen`` is not asked then. A store of your own that does not claim needs none of this.

    Example:
        >>> class Claims:
        ...     claims = True
        ...     def __init__(self):
        ...         self.state = {}
        ...     def seen(self, keys):
        ...         return [key for key in keys if self.state.get(key) == "done"]
        ...     def claim(self, key, *, remaining_ms):
        ...         return self.state.setdefault(key, "claimed") == "claimed"
        ...     def mark(self, key):
        ...         self.state[key] = "done"
        ...     def release(self, key):
        ...         del self.state[key]
        >>> from tailrace import StreamHandler
        >>> app = StreamHandler(idempotency=Claims())
    """

    @property
    def claims(self) -> bool:
        """Whether records are claimed."""
        ...

    def claim(self, key: str, *, remaining_ms: float | None) -> bool:
        """Claim a record for as long as this invocation can take.

        Args:
            key: of the record.
            remaining_ms: milliseconds that the invocation has left; None when nobody knows.

        Returns:
            True when it is claimed; False when it was handled before.

        Raises:
            Exception: it is claimed by another, or nobody knows: the record is a failure.
            Quarantine: the record is to be set aside.
        """
        ...

    def release(self, key: str) -> object:
        """Give the claim back, as the record was not handled."""
        ...


def record_key(record: Record) -> str | None:
    """What a record is remembered by: the ARN of where it came from, or its table, and its eventID.

    Args:
        record: the record.

    Returns:
        The key; None for a record without an eventID, or whose parts cannot be read, which is never taken as seen.

    Example:
        >>> from tailrace.testing import make_record
        >>> key = record_key(make_record(new_image={"id": "a"}, event_id="e-1", table_name="orders"))
        >>> key.split("/")[0].rpartition(":")[2], key.split()[-1]
        ('table', 'e-1')
    """
    try:
        event_id = record.event_id
        # Neither an ARN nor a table's name has a space in it, so the key can be read in one way only.
        return f"{record.event_source_arn or record.table_name or '-'} {event_id}" if event_id else None
    except TailraceError:
        return None


def checked_name(name: str | None) -> str:
    """The name of a handler among those that share a store.

    Args:
        name: as it was given; None for the name of the Lambda function.

    Raises:
        ValueError: there is none, or it has a space in it.
        TypeError: it is no text.
    """
    found = os.environ.get("AWS_LAMBDA_FUNCTION_NAME") if name is None else name
    if not isinstance(found, str) and found is not None:
        raise TypeError(f"name= is text, not {type(found).__name__}")
    if not found:
        raise ValueError(
            "name= tells the handlers that share a store apart, or one would take as seen what another has handled:"
            " give each its own (in Lambda, the function's name is taken)"
        )
    if any(map(str.isspace, found)):
        raise ValueError(f"name={found!r} has a space in it: use letters, digits and dashes")
    return found


def checked_ttl(ttl_ms: float) -> float:
    """How long marks are kept, in milliseconds.

    Raises:
        ValueError: under 25 hours.
        TypeError: it is no number.
    """
    if isinstance(ttl_ms, bool) or not isinstance(ttl_ms, (int, float)):
        raise TypeError(f"ttl_ms is a number of milliseconds, not {type(ttl_ms).__name__}")
    if not SHORTEST_TTL_MS <= ttl_ms < float("inf"):
        raise ValueError(
            f"ttl_ms={ttl_ms!r} is less than 25 hours (90_000_000): a stream keeps its records for 24 hours, and one"
            " that comes again after its mark is gone is run again"
        )
    return ttl_ms
