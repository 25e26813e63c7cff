"""Routes that get many records at once: gathering them, and calling the function as often as it may be tried."""

from __future__ import annotations

from tailrace._core import FilterCriteria
from tailrace.exceptions import Quarantine
from tailrace.handler.awaiting import finish
from tailrace.handler.cause import caused
from tailrace.handler.route import name_of
from tailrace.handler.signature import takes_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tailrace._core import Record
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.model import TypedRecord
    from tailrace.handler.route import Selection

    # What the function gets of each record, by position.
    Gathered = dict[int, Record | TypedRecord[Any]]

__all__ = ["GatheringRoute", "fail_all", "fail_one", "gather"]


class GatheringRoute:
    """One function that gets records in one list, which they are, and the name it goes by.

    Args:
        function: takes what ``given`` names, and Lambda's context if it likes.
        event_names: of INSERT, MODIFY and REMOVE; none for every event, also of a name that nobody knows.
        selection: which records, and in which form.
        given: the names of what it is called with.

    Raises:
        TypeError: it cannot be called like that.
    """

    __slots__ = ("_events", "_function", "_with_context", "name", "selection", "takes_every_event")

    def __init__(
        self, function: Callable[..., object], event_names: tuple[str, ...], selection: Selection, *given: str
    ) -> None:
        if not callable(function):
            raise TypeError(f"a route needs a function that takes ({', '.join(given)}), not {type(function).__name__}")
        self._with_context = takes_context(function, *given)
        self._function = function
        self._events = FilterCriteria({"eventName": list(event_names)}) if event_names else None
        self.takes_every_event = not event_names
        self.selection = selection
        self.name = name_of(function)

    def form(self, position: int, invocation: Invocation) -> Record | TypedRecord[Any] | None:
        """What the function gets of a record; None when it is not one of its own. Raises where nobody knows."""
        admits = invocation.verdicts.admits
        if not admits(self._events, position) or not admits(self.selection.where, position):
            return None
        record = invocation.batch[position]
        return self.selection.form(record) if self.selection.selects(record) else None

    def call(self, make: Callable[[], tuple[object, ...]], first: Record | None, invocation: Invocation) -> object:
        """Call the function, and again while it raises and may be tried.

        Args:
            make: makes what it is called with, anew for each attempt.
            first: the first record that it gets, if it gets any.
            invocation: says how often, and gives the context.

        Returns:
            What it returned, awaited.

        Raises:
            Exception: what the last attempt raised.
        """
        extra = (invocation.context,) if self._with_context else ()
        attempt = 1
        while True:
            try:
                return finish(self._function(*make(), *extra))
            except Exception as error:
                retrying = invocation.retrying
                if retrying.exhausted(attempt, error, first) or not retrying.wait(attempt, invocation.clock):
                    raise
            attempt += 1


def gather(route: GatheringRoute, invocation: Invocation) -> Gathered:
    """What the function gets of the records before the first failure so far.

    A record of which a condition cannot be judged, or that is not what ``model=`` takes, fails by itself: it is set
    aside, or the end of the batch.
    """
    gathered: Gathered = {}
    for position in invocation.progress.positions():
        form = _form_of(position, route, invocation)
        if isinstance(form, Exception):
            if not fail_one(position, form, route, invocation):
                break
        elif form is not None:
            gathered[position] = form
    invocation.gathered.update(gathered)
    return gathered


def _form_of(
    position: int, route: GatheringRoute, invocation: Invocation
) -> Record | TypedRecord[Any] | Exception | None:
    try:
        return route.form(position, invocation)
    except Exception as error:  # noqa: BLE001  whatever it is, the record fails with it
        return error


def fail_one(position: int, error: Exception, route: GatheringRoute, invocation: Invocation) -> bool:
    """Set a record aside that failed, and tell that it is done; or make it the end of the batch."""
    failed = invocation.setting_aside.take(invocation.exact[position], error, route)
    if failed is None:
        invocation.progress.set_aside.add(position)
        return True
    invocation.failed.add(position)
    invocation.report.failed(invocation.batch[position], failed, route)
    invocation.progress.stop(position, failed)
    return False


def fail_all(gathered: Gathered, error: Exception, route: GatheringRoute, invocation: Invocation) -> None:
    """Take all records that a function got as not done: nobody knows which of them it has handled."""
    if isinstance(error, Quarantine):
        error = caused("Quarantine was raised for several records, and nobody knows for which", error)
    first = min(gathered)
    invocation.failed.add(first)
    invocation.report.failed(invocation.batch[first], error, route, count=len(gathered))
    invocation.progress.stop(first, error)
