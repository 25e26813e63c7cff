"""One call of the handler: what all of its records are run with."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tailrace._core import Batch, FilterCriteria, Record
    from tailrace.handler.clock import Clock
    from tailrace.handler.once import Once
    from tailrace.handler.progress import Progress
    from tailrace.handler.quarantine import SettingAside
    from tailrace.handler.report import Report
    from tailrace.handler.retrying import Retrying
    from tailrace.handler.route import Route
    from tailrace.handler.verdicts import Verdicts

    Admits = Callable[[FilterCriteria | None], bool]

__all__ = ["Invocation"]


class Invocation:
    """What the records of one event are run with, in whatever order and thread.

    Args:
        batch: the records, in the modes that the handlers chose.
        exact: the same records with exact values, for sinks and the quarantine; where there are none, ``batch``.
        context: Lambda's context, as it was given.
        clock: the time left.
        verdicts: what the filters say of the records.
        progress: how far it came.
        routes: the routes of each known eventName.
        routes_of_unknown: the routes of a record whose eventName nobody knows, by their filters; raises when nobody
            takes it.
        report: what goes to the log.
        retrying: how often a route is tried.
        setting_aside: what becomes of a record that failed for good.

    Attributes:
        once: knows the records that were handled before; None without a store of them.
        failed: positions of the records that failed themselves, in a route or, the first of a write, in a sink.
        gathered: positions of the records that a function of many records was given.
        cut: the margin has begun and the answer is on its way: what still runs is reported, and starts nothing more.
        first: position of the record that is started first, as it has all the time that there is.
    """

    __slots__ = (
        "batch",
        "clock",
        "context",
        "cut",
        "exact",
        "failed",
        "first",
        "gathered",
        "once",
        "progress",
        "report",
        "retrying",
        "routes",
        "routes_of_unknown",
        "setting_aside",
        "verdicts",
    )

    def __init__(
        self,
        *,
        batch: Batch,
        exact: Batch,
        context: object,
        clock: Clock,
        verdicts: Verdicts,
        progress: Progress,
        routes: Mapping[str | None, tuple[Route, ...]],
        routes_of_unknown: Callable[[Record, Admits], tuple[Route, ...]],
        report: Report,
        retrying: Retrying,
        setting_aside: SettingAside,
    ) -> None:
        self.batch = batch
        self.exact = exact
        self.context = context
        self.clock = clock
        self.verdicts = verdicts
        self.progress = progress
        self.routes = routes
        self.routes_of_unknown = routes_of_unknown
        self.report = report
        self.retrying = retrying
        self.setting_aside = setting_aside
        self.once: Once | None = None
        self.failed: set[int] = set()
        self.gathered: set[int] = set()
        self.cut = False
        self.first = 0
