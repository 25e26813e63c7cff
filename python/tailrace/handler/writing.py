"""Handing the records to the sinks, once the handlers are through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tailrace.exceptions import SinkError
from tailrace.handler.awaiting import finish
from tailrace.sinks.base import SinkFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace._core import Batch, FilterCriteria
    from tailrace.handler.invocation import Invocation
    from tailrace.handler.report import Report
    from tailrace.sinks.base import Deadline, Sink

__all__ = ["Outlet", "write_to_sinks"]


class Outlet:
    """A sink, and the filter of the records that it gets."""

    __slots__ = ("sink", "where")

    def __init__(self, sink: Sink, where: FilterCriteria | None) -> None:
        self.sink = sink
        self.where = where


def write_to_sinks(invocation: Invocation, outlets: Sequence[Outlet]) -> None:
    """Give each sink, in order of registration and in one write, the records before the first failure so far.

    A record is done when every sink has stored it, so a failure in one sink moves the end of the batch for the
    sinks behind it: what lies after it comes again anyway.

    Args:
        invocation: what was handled; each sink gets exact views of its own, and a failure moves its progress back.
        outlets: where to write, and what.
    """
    batch, progress, deadline = invocation.exact, invocation.progress, invocation.clock.deadline()
    for outlet in outlets:
        positions = _matching(invocation, outlet)
        if not positions:
            continue
        records = batch[: progress.end] if isinstance(positions, range) else batch.take(positions)
        failed = _write(outlet.sink, records, invocation.report, deadline)
        if failed is not None:
            index, error = failed
            progress.stop(positions[index], error)
            invocation.failed.add(positions[index])


def _matching(invocation: Invocation, outlet: Outlet) -> Sequence[int]:
    """Where the records are that the sink gets; one that its filter cannot judge is the end of the batch."""
    progress = invocation.progress
    if outlet.where is None:
        return progress.positions()
    matching = []
    for position in progress.positions():
        verdict = invocation.verdicts.of(outlet.where)[position]
        if isinstance(verdict, Exception):
            invocation.report.unstored(invocation.exact[position], verdict, outlet.sink, 1)
            progress.stop(position, verdict)
            invocation.failed.add(position)
            break
        if verdict:
            matching.append(position)
    return matching


def _write(sink: Sink, records: Batch, report: Report, deadline: Deadline) -> tuple[int, BaseException] | None:
    """The first record that is not stored, as its index in the write, and why."""
    try:
        answer = sink.write(records, deadline=deadline)
        failures = _failures(sink, finish(answer))
        indexes = _indexes(sink, records, failures) if failures else []
    except Exception as error:  # noqa: BLE001  whatever a sink raises, nothing counts as stored
        report.unstored(records[0], error, sink, len(records))
        return 0, error
    _log_each_reason(sink, failures, report)
    return min(zip(indexes, (failure.error for failure in failures), strict=True), key=_index, default=None)


def _index(failed: tuple[int, BaseException]) -> int:
    return failed[0]


def _failures(sink: Sink, answer: object) -> list[SinkFailure]:
    found = type(answer).__name__
    if isinstance(answer, Iterable) and not isinstance(answer, (str, bytes, Mapping)):
        failures = list(answer)
        foreign = [type(failure).__name__ for failure in failures if not isinstance(failure, SinkFailure)]
        if not foreign:
            return failures
        found = f"{found} with {foreign[0]}"
    raise SinkError(
        f"{type(sink).__name__}.write answered {found} and not a sequence of SinkFailure,"
        " so nothing of this write counts as stored: return [] when all is stored"
    )


def _indexes(sink: Sink, records: Batch, failures: list[SinkFailure]) -> list[int]:
    # A Batch makes new views each time it is read; views of the same record are equal.
    indexes = {record: index for index, record in enumerate(records)}
    try:
        return [indexes[failure.record] for failure in failures]
    except (KeyError, TypeError) as error:
        raise SinkError(
            f"{type(sink).__name__}.write named a record that it was not given, so nothing of this write counts as"
            " stored: answer with the records of the write"
        ) from error


def _log_each_reason(sink: Sink, failures: list[SinkFailure], report: Report) -> None:
    # One outage may fail thousands of records with one error: that is one reason, and one entry.
    reasons: dict[int, list[SinkFailure]] = {}
    for failure in failures:
        reasons.setdefault(id(failure.error), []).append(failure)
    for same in reasons.values():
        report.unstored(same[0].record, same[0].error, sink, len(same))
