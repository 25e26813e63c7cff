"""Handled records in a DynamoDB table."""

from __future__ import annotations

import os
from contextlib import suppress

from tailrace.client import LazyClient, made_client
from tailrace.exceptions import Quarantine, SinkError
from tailrace.idempotency.lookup import look_up
from tailrace.idempotency.row import IN_PROGRESS, OWN_ATTRIBUTES, Columns, State, now_ms
from tailrace.idempotency.seen import SHORTEST_TTL_MS, checked_name, checked_ttl, record_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal

    from tailrace._core import Record

__all__ = ["DynamoDBSeen"]

_LONGEST_INVOCATION_MS = 900_000.0
"""Lambda's longest timeout, for a claim of which nobody knows how long its invocation can take."""

_CLOCKS_DIFFER_MS = 1000.0
"""A claim is held for so much longer than its invocation can take: the machines' clocks are not quite the same."""


class DynamoDBSeen:
    """Remembers handled records in a DynamoDB table, for all environments of a function.

    The table has a partition key of type S and no sort key; Time to Live is turned on for ``ttl_attribute``. Records
    are found by eventID, with strongly consistent reads.

    ``mark="after"``: a record is marked once all its routes have succeeded. An environment that ends between the effect
    and the mark runs it again: an effect happens at least once, and is repeated only then. Two invocations that are
    given the same record at once both run it; that is logged.

    ``mark="before"``: a record is claimed before its routes are run, and marked afterwards, so that no two invocations
    run it at the same time: for the other one it is a failure, which comes again. A claim holds until the invocation
    must have ended. One that a crash left tells that an effect may have happened or not. ``after_crash="repeat"`` runs
    it again: at least once. ``after_crash="set_aside"`` quarantines it: an effect happens at most once, and whoever
    looks into the quarantine decides about those that nobody knows of; without a quarantine store such a record stops
    the stream.

    Nothing of both is ever skipped without having been handled.

    Args:
        table_name: the table.
        name: of the handler, without spaces; handlers that share the table must have different ones. None takes that
            of the Lambda function.
        client: a boto3 client of DynamoDB; None makes one at the first use, with short timeouts.
        ttl_ms: milliseconds that a mark is kept, 25 hours or more. A Kinesis stream may keep its records for longer
            than a table's stream: give more than its retention. A row that has expired counts as absent, whether
            DynamoDB has deleted it or not.
        mark: ``"after"`` or ``"before"`` the routes are run.
        after_crash: ``"repeat"`` or ``"set_aside"`` a record whose claim a crash has left; for ``mark="before"``.
        key_attribute: the name of the partition key.
        ttl_attribute: the name of the attribute for Time to Live, in seconds since 1970.

    Raises:
        ValueError: an option has a value that does not exist, no name, or a shorter time.
        TypeError: an argument is of the wrong type.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.idempotency import DynamoDBSeen
        >>> app = StreamHandler(idempotency=DynamoDBSeen("seen", name="welcome"))
        >>> app({"Records": []})
        {'batchItemFailures': []}
    """

    def __init__(
        self,
        table_name: str,
        *,
        name: str | None = None,
        client: Any = None,
        ttl_ms: float = SHORTEST_TTL_MS,
        mark: Literal["after", "before"] = "after",
        after_crash: Literal["repeat", "set_aside"] = "repeat",
        key_attribute: str = "id",
        ttl_attribute: str = "expiration",
    ) -> None:
        _check_table(table_name)
        _check_word("mark", mark, "after", "before")
        _check_word("after_crash", after_crash, "repeat", "set_aside")
        if after_crash == "set_aside" and mark == "after":
            raise ValueError(
                'after_crash="set_aside" needs mark="before": a mark after the effect leaves no trace of it'
            )
        _check_attributes(key_attribute, ttl_attribute)
        self._columns = Columns(table_name, checked_name(name), key_attribute, ttl_attribute, checked_ttl(ttl_ms))
        self._claims = mark == "before"
        self._repeats = after_crash == "repeat"
        self._client = LazyClient(client, _made_client)
        self._tokens: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"DynamoDBSeen({self._columns.table_name!r}, name={self._columns.name!r})"

    @property
    def claims(self) -> bool:
        """Whether records are claimed before their routes are run: ``mark="before"``."""
        return self._claims

    def seen(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that are marked: one call of BatchGetItem for each 100.

        Raises:
            SinkError: the table cannot be read.
        """
        return look_up(self._client.get(), self._columns, keys)

    def claim(self, key: str, *, remaining_ms: float | None) -> bool:
        """Claim a record: one call of PutItem.

        Args:
            key: of the record.
            remaining_ms: milliseconds that this invocation has left; None takes 15 minutes.

        Returns:
            True when it is claimed; False when it is marked.

        Raises:
            SinkError: another invocation is running it, or the table cannot be written.
            Quarantine: the claim of an invocation that has ended was found, and ``after_crash="set_aside"``.
        """
        token = _token()
        until_ms = now_ms() + (_LONGEST_INVOCATION_MS if remaining_ms is None else remaining_ms) + _CLOCKS_DIFFER_MS
        try:
            row = self._write("put_item", self._columns.claim(key, token, int(until_ms), self._repeats))
        except SinkError:
            # It may be there all the same, with the answer lost: it would hold up the record, which was not run.
            with suppress(SinkError):
                self._write("delete_item", self._columns.release(key, token))
            raise
        if row is None:
            self._tokens[key] = token
            return True
        if row.is_done:
            return False
        raise _of_another(row)

    def mark(self, key: str) -> None:
        """Mark a record: one call of PutItem, or UpdateItem for one that is claimed.

        Raises:
            SinkError: the table cannot be written, or the claim is not ours any more.
        """
        if self._claims:
            return self._mark_claimed(key)
        row = self._write("put_item", self._columns.done(key, _token()))
        if row is not None:
            _log_run_twice(key)
        return None

    def release(self, key: str) -> None:
        """Give a claim back: one call of DeleteItem.

        Raises:
            SinkError: the table cannot be written; the claim ends by itself.
        """
        token = self._tokens.pop(key, None)
        if token is not None:
            self._write("delete_item", self._columns.release(key, token))

    def forget(self, record: Record) -> None:
        """Remove what is kept of a record, so that it is run when it comes again, from a quarantine say.

        Args:
            record: the record.

        Raises:
            SinkError: the table cannot be written.
            ValueError: the record has no eventID.

        Example:
            >>> from tailrace.idempotency import DynamoDBSeen
            >>> from tailrace import Batch
            >>> change = {"Keys": {"id": {"S": "a"}}, "SequenceNumber": "100000000000000000001"}
            >>> nameless = {"eventName": "REMOVE", "eventSource": "aws:dynamodb", "dynamodb": change}
            >>> DynamoDBSeen("seen", name="welcome").forget(Batch.from_event([nameless])[0])
            Traceback (most recent call last):
            ValueError: a record without an eventID is never remembered
        """
        key = record_key(record)
        if key is None:
            raise ValueError("a record without an eventID is never remembered")
        self._write("delete_item", self._columns.removal(key))

    def _mark_claimed(self, key: str) -> None:
        token = self._tokens.pop(key, None)
        if token is None:
            raise SinkError(f"{self!r}: a record was marked that this process has not claimed")
        if self._write("update_item", self._columns.done_claimed(key, token)) is not None:
            raise SinkError(
                f"{self!r}: another invocation has taken the record over, since this one ran for longer than it said"
                " it could: the record may have been run twice"
            )

    def _write(self, operation: str, request: dict[str, Any]) -> State | None:
        """Write; the row that stands there when the condition does not hold, None when it is written."""
        try:
            getattr(self._client.get(), operation)(**request)
        except Exception as error:
            answer = getattr(error, "response", None) or {}
            if answer.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                return State.of(answer.get("Item") or {}, self._columns)
            raise SinkError(f"{self!r}: {operation} failed: {_reason(error)}") from error
        return None


def _made_client() -> Any:
    retries = {"mode": "standard", "total_max_attempts": 3}
    try:
        # boto3's own would wait for a minute, and an invocation that times out has lost all that it did.
        return made_client("dynamodb", connect_timeout=1, read_timeout=2, retries=retries)
    except ModuleNotFoundError as error:
        raise SinkError("DynamoDBSeen needs boto3: pip install boto3, or give it a client") from error


def _of_another(row: State) -> Exception:
    if row.status != IN_PROGRESS:
        return SinkError("the row of the record in the table of handled records is none of tailrace's")
    if row.in_progress_until_ms > now_ms():
        return SinkError("another invocation is running the record, or was when it ended: it is tried again later")
    return Quarantine(
        "an invocation that was running the record has ended without a word: whether its effect has happened must be"
        " looked up; then forget() the record and replay it, or resolve this entry"
    )


def _log_run_twice(key: str) -> None:
    import logging

    logging.getLogger("tailrace").warning("record run twice: two invocations were given it at once: %s", key)


def _token() -> str:
    return os.urandom(16).hex()


def _reason(error: Exception) -> str:
    code = (getattr(error, "response", None) or {}).get("Error", {}).get("Code")
    return str(code or type(error).__name__)


def _check_word(option: str, word: object, *allowed: str) -> None:
    if word not in allowed:
        raise ValueError(f"{option}={word!r} does not exist: use {' or '.join(map(repr, allowed))}")


def _check_table(table_name: object) -> None:
    if not isinstance(table_name, str):
        raise TypeError(f"the first argument is the name of a table, not {type(table_name).__name__}")
    if not table_name:
        raise ValueError("the first argument is the name of a table, and is empty")


def _check_attributes(*names: str) -> None:
    if len({*names, *OWN_ATTRIBUTES}) < len(names) + len(OWN_ATTRIBUTES):
        raise ValueError(f"key_attribute= and ttl_attribute= are two names, and none of {', '.join(OWN_ATTRIBUTES)}")
