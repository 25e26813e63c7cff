"""Setting one record aside, so that the records behind it go on."""

from __future__ import annotations

from tailrace.exceptions import Quarantine
from tailrace.handler.awaiting import finish
from tailrace.handler.cause import caused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record
    from tailrace.handler.report import Report
    from tailrace.handler.route import Named
    from tailrace.sinks.base import QuarantineStore

__all__ = ["SettingAside"]


class SettingAside:
    """Decides what becomes of a record whose handler raised.

    Args:
        store: keeps the records, or None.
        report: told of each record that is set aside.
        every_error: whether every error sets its record aside, or only ``Quarantine``.
    """

    __slots__ = ("_every_error", "_report", "_store")

    def __init__(self, store: QuarantineStore | None, report: Report, *, every_error: bool) -> None:
        self._store = store
        self._report = report
        self._every_error = every_error

    @property
    def stores(self) -> bool:
        """Whether there is a store."""
        return self._store is not None

    def take(self, record: Record, error: Exception, route: Named | None) -> Exception | None:
        """Set the record aside if it is to be.

        Returns:
            None when it is in the store and counts as done, otherwise the error with which it fails.
        """
        asked = isinstance(error, Quarantine)
        if self._store is None:
            return caused("Quarantine was raised and there is no quarantine= store", error) if asked else error
        if not asked and not self._every_error:
            return error
        try:
            finish(self._store.add(record, error=error, route="" if route is None else route.name))
        except Exception as failed:  # noqa: BLE001  whatever a store raises, the record is not stored
            return caused("the record could not be put in quarantine", failed)
        self._report.set_aside(record, error, route)
        return None
