"""One record that was set aside, handed to a handler, and what became of it."""

from __future__ import annotations

import logging
from contextlib import contextmanager

from tailrace import HandlerError, StreamHandler
from tailrace.testing import EventSourceMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tailrace.cli.quarantine.plan import Waiting
    from tailrace.cli.quarantine.store import Store
    from tailrace.cli.target import Handler
    from tailrace.sinks import QuarantineEntry

__all__ = ["Redelivery"]

# How StreamHandler words it that a record went into quarantine.
_SET_ASIDE = "record set aside"


class Redelivery:
    """Hands records to a handler, one at a time, and takes those that are done out of the store.

    Args:
        handler: called with an event and a context.
        store: where the records are.
    """

    def __init__(self, handler: Handler, store: Store) -> None:
        # A StreamHandler reads bytes faster than the objects that any other function expects.
        self._app = handler if isinstance(handler, StreamHandler) else None
        self._mapping = EventSourceMapping(
            _answering(handler) if self._app is None else self._app,
            batch_size=1,
            maximum_retry_attempts=0,
            event_format="dict" if self._app is None else "bytes",
        )
        self._store = store

    def deliver(self, waiting: Waiting) -> BaseException | None:
        """Hand over one record.

        Returns:
            None when it is done, and out of the store; otherwise why not, which the store has noted.
        """
        entries = [entry for route in waiting.routes if (entry := self._get(waiting, route)) is not None]
        if not entries:
            return None  # somebody else has taken it out
        refusal = _refusal(entries[0]) or self._unwanted(entries[0])
        if refusal is not None:
            return refusal
        with _listening() as heard:
            report = self._mapping.deliver([entries[0].record])
        again = heard.set_aside or any(self._was_added_again(entry) for entry in entries)
        if not report.discarded and not again:
            for entry in entries:
                self._store.resolve(entry.table, entry.event_id, entry.route)
            return None
        last = report.invocations[-1]
        error: BaseException = heard.error or last.error or HandlerError(last.reason or "the handler reported it")
        for entry in entries:
            if not self._was_added_again(entry):  # else the handler itself has noted it
                self._store.failed_again(entry.table, entry.event_id, entry.route, error=error)
        return error

    def _unwanted(self, entry: QuarantineEntry) -> Exception | None:
        if self._app is not None and not self._app.takes(entry.record):
            return HandlerError("no route and no sink of this handler takes it: is it the right one?")
        return None

    def _get(self, waiting: Waiting, route: str) -> QuarantineEntry | None:
        return self._store.get(waiting.table, waiting.event_id, route)

    def _was_added_again(self, entry: QuarantineEntry) -> bool:
        now = self._store.get(entry.table, entry.event_id, entry.route)
        return now is not None and now.attempt_count != entry.attempt_count


def _refusal(entry: QuarantineEntry) -> Exception | None:
    if entry.unreadable:
        return HandlerError("it was malformed and is kept in part: the stream has the whole of it for 24 hours")
    if not entry.record.get("dynamodb", {}).get("SequenceNumber"):
        return HandlerError("it has no SequenceNumber, so a handler could not say that it failed")
    return None


def _answering(handler: Handler) -> Handler:
    """To Lambda no answer says that all is done; here it would throw the only copy of a record away."""

    def answered(event: Any, context: Any) -> Any:
        answer = handler(event, context)
        if answer is None:
            raise HandlerError("the function answered None: let it return what its handler answers")
        return answer

    return answered


class _Heard(logging.Handler):
    """What a StreamHandler says of the record it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.set_aside = False
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "tailrace":
            self.set_aside = self.set_aside or record.getMessage().startswith(_SET_ASIDE)
            self.error = record.exc_info[1] if record.exc_info else self.error


@contextmanager
def _listening() -> Iterator[_Heard]:
    heard = _Heard()
    logging.getLogger().addHandler(heard)
    try:
        yield heard
    finally:
        logging.getLogger().removeHandler(heard)
