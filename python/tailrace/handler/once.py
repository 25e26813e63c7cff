"""Records that were handled before: their routes are not run again."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping
from weakref import WeakKeyDictionary, ref

from tailrace.exceptions import Quarantine
from tailrace.handler.awaiting import finish
from tailrace.handler.cause import caused
from tailrace.idempotency.seen import LOOKUP_COUNT, record_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from tailrace._core import Record
    from tailrace.handler.invocation import Invocation
    from tailrace.idempotency.seen import Seen

    Run = Callable[[Record, int, Invocation], Exception | None]

__all__ = ["Idempotency", "Once"]


class Idempotency:
    """The store of a handler, for as long as the handler lives.

    Args:
        store: what was given as ``idempotency=``.
        handler: whose it is.

    Raises:
        TypeError: it is no such store.
        ValueError: it is that of another handler, which would take the records of this one as its own.
    """

    def __init__(self, store: Seen, handler: object) -> None:
        _check_store(store)
        _take(store, handler)
        self.store: Any = store
        self.claims = bool(getattr(store, "claims", False))

    def begin(self, invocation: Invocation) -> Once:
        """What is known of the records of one invocation."""
        return Once(self, invocation)


class Once:
    """Runs each record of one invocation unless it was handled before, and marks those that are.

    Attributes:
        deduplicated: positions of the records that were handled before.
    """

    __slots__ = ("_blocks", "_idempotency", "_invocation", "_lock", "_marked", "_wanted", "deduplicated")

    def __init__(self, idempotency: Idempotency, invocation: Invocation) -> None:
        self.deduplicated: set[int] = set()
        self._idempotency = idempotency
        self._invocation = invocation
        self._wanted = invocation.verdicts.wanted(invocation.routes)
        self._blocks: dict[int, Collection[str] | Exception] = {}
        self._marked: set[str] = set()
        self._lock = threading.Lock()

    def run(self, record: Record, position: int, run: Run) -> Exception | None:
        """Run a record, or not.

        Args:
            record: the record.
            position: where it is in the batch.
            run: runs its routes, as ``run_record`` does.

        Returns:
            None when it is done, otherwise the error with which it failed; that is logged.
        """
        key = self._key(record)
        if key is None:
            return run(record, position, self._invocation)
        try:
            if self._was_handled(key, position):
                self.deduplicated.add(position)
                return None
        except Exception as error:  # noqa: BLE001  whatever a store raises, nobody knows whether to run the record
            return self._unknown(record, position, error)
        failed = run(record, position, self._invocation)
        if failed is None and position not in self._invocation.progress.set_aside:
            return self._mark(record, position, key)
        self._release(record, key)
        return failed

    def _key(self, record: Record) -> str | None:
        """None for a record that cannot be told from others, or that no route wants: it needs no mark."""
        key = record_key(record)
        if key is None:
            return None
        try:
            return None if self._invocation.routes.get(record.event_name) == () else key
        except Exception:  # noqa: BLE001  it is broken, and fails where it is run
            return None

    def _was_handled(self, key: str, position: int) -> bool:
        if self._idempotency.claims:
            remaining_ms = self._invocation.clock.remaining_ms
            claim = self._idempotency.store.claim
            return not _claimed(finish(claim(key, remaining_ms=None if remaining_ms is None else remaining_ms())))
        return key in self._marked or key in self._looked_up(position)

    def _looked_up(self, position: int) -> Collection[str]:
        """The keys of the block that were seen before; a store is asked for as many at once as it takes."""
        wanted = self._wanted
        index = position if isinstance(wanted, range) else bisect_left(wanted, position)
        block = index // LOOKUP_COUNT
        with self._lock:
            found = self._blocks.get(block)
            if found is None:
                found = self._blocks[block] = self._look_up(block)
        if isinstance(found, Exception):
            raise found
        return found

    def _look_up(self, block: int) -> Collection[str] | Exception:
        positions = self._wanted[block * LOOKUP_COUNT : (block + 1) * LOOKUP_COUNT]
        keys = dict.fromkeys(key for record in self._invocation.batch.take(positions) if (key := self._key(record)))
        try:
            return _seen(finish(self._idempotency.store.seen(list(keys))))
        except Exception as error:  # noqa: BLE001  whatever a store raises, each record of the block fails with it
            return error

    def _unknown(self, record: Record, position: int, error: Exception) -> Exception | None:
        if isinstance(error, Quarantine):
            invocation = self._invocation
            failed = invocation.setting_aside.take(invocation.exact[position], error, None)
            if failed is None:
                invocation.progress.set_aside.add(position)
                return None
            error = failed
        else:
            error = caused("nobody knows whether the record was handled before, so it was not run", error)
        return self._failed(record, position, error)

    def _mark(self, record: Record, position: int, key: str) -> Exception | None:
        try:
            returned = self._idempotency.store.mark(key)
            if returned is not None:
                finish(returned)
        except Exception as error:  # noqa: BLE001  whatever a store raises, the record is not marked
            failed = caused("its routes have run and it could not be marked, so they may run again", error)
            return self._failed(record, position, failed)
        self._marked.add(key)
        return None

    def _failed(self, record: Record, position: int, error: Exception) -> Exception:
        self._invocation.failed.add(position)
        self._invocation.report.failed(record, error, None)
        return error

    def _release(self, record: Record, key: str) -> None:
        if not self._idempotency.claims:
            return
        try:
            finish(self._idempotency.store.release(key))
        except Exception as error:  # noqa: BLE001  the claim ends by itself, and the record has failed anyway
            self._invocation.report.unreleased(record, error)


def _claimed(answer: object) -> bool:
    """An answer that is neither yes nor no must not pass for "handled before": the record would be lost."""
    if isinstance(answer, bool):
        return answer
    raise TypeError(f"claim() of the store has to return True or False, not {type(answer).__name__}")


def _seen(answer: Any) -> Collection[str]:
    if isinstance(answer, (str, Mapping)):
        raise TypeError(f"seen() of the store has to return the keys that were marked, not a {type(answer).__name__}")
    return frozenset(answer)


# Which handler a store belongs to. Neither is kept alive by it.
_HANDLERS: WeakKeyDictionary[Any, ref[Any]] = WeakKeyDictionary()


def _check_store(store: object) -> None:
    needed = ["seen", "mark", *(("claim", "release") if getattr(store, "claims", False) else ())]
    for method in needed:
        if isinstance(store, type) or not callable(getattr(store, method, None)):
            raise TypeError(f"idempotency= needs a store with {'(), '.join(needed)}(), not {store!r}")


def _take(store: object, handler: object) -> None:
    try:
        owner = _HANDLERS.get(store)
        if owner is not None and owner() is not None:
            raise ValueError(
                f"{store!r} is the idempotency= of another handler, and one would take as seen what the other has"
                " handled: make a store with a name= of its own for each"
            )
        _HANDLERS[store] = ref(handler)
    except TypeError:  # a store of a user's own that cannot be referred to weakly, or has no hash
        return
