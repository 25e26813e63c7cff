"""Measuring the invocations of a handler, for what is given as ``metrics=``."""

from __future__ import annotations

import time

from tailrace.handler.awaiting import finish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace.handler.invocation import Invocation
    from tailrace.handler.writing import Outlet
    from tailrace.metrics.outcome import InvocationMetrics, Metrics

__all__ = ["Meter", "Metering", "NoMeter"]

_MOST_EVENT_IDS = 20_000
_MOST_STALLS = 100
_WARNING = 30


class NoMeter:
    """Measures nothing."""

    __slots__ = ()

    def decoded(self, invocation: Invocation, outlets: Sequence[Outlet]) -> None:
        """The event has been read."""

    def ran(self) -> None:
        """The routes have been run."""

    def wrote(self) -> None:
        """The sinks have been written to."""

    def end(self, error: BaseException | None) -> None:
        """The invocation is over, and this is what it raised."""


class Metering:
    """What is remembered from one invocation to the next, within bounds.

    Args:
        metrics: takes the numbers.

    Raises:
        TypeError: it has no ``emit``.
    """

    def __init__(self, metrics: Metrics) -> None:
        if isinstance(metrics, type) or not callable(getattr(metrics, "emit", None)):
            raise TypeError(f"metrics= needs an object with emit(invocation), not {metrics!r}")
        # Here, so that a cold start pays for it and not the first invocation; and only where there are metrics.
        from tailrace.handler.tally import InvocationMetrics, oldest_ms, tally

        self.tally, self.oldest_ms, self.outcome = tally, oldest_ms, InvocationMetrics
        self._metrics = metrics
        self._event_ids: dict[str, None] = {}
        self._stalls: dict[str, int] = {}
        self._logged: set[type] = set()

    def begin(self, context: object) -> Meter:
        """Measure an invocation from now on."""
        return Meter(self, getattr(context, "aws_request_id", None))

    def emit(self, outcome: InvocationMetrics) -> None:
        """Hand the numbers on."""
        finish(self._metrics.emit(outcome))

    def log(self, error: Exception) -> None:
        """Log what went wrong with metrics, of each kind once: it fails no record."""
        if type(error) not in self._logged:
            import logging

            self._logged.add(type(error))
            logging.getLogger("tailrace").log(_WARNING, "metrics are lost; said once of each error", exc_info=error)

    def redelivered(self, event_ids: Sequence[str | None]) -> int:
        """How many of these were given before; and remember them."""
        known = self._event_ids
        count = sum(map(known.__contains__, event_ids))
        known.update(dict.fromkeys(each for each in event_ids if each is not None))
        _trim(known, _MOST_EVENT_IDS)
        return count

    def stall(self, number: str | None) -> int:
        """How often an invocation ended at this number, with this time."""
        if number is None:
            return 0
        count = self._stalls.pop(number, 0) + 1
        self._stalls[number] = count
        _trim(self._stalls, _MOST_STALLS)
        return count


class Meter(NoMeter):
    """Measures one invocation."""

    __slots__ = (
        "_decoded",
        "_invocation",
        "_metering",
        "_outlets",
        "_ran",
        "_request_id",
        "_start",
        "_time_ms",
        "_wrote",
    )

    def __init__(self, metering: Metering, request_id: object) -> None:
        self._metering = metering
        self._request_id = request_id if isinstance(request_id, str) else None
        self._invocation: Invocation | None = None
        self._outlets: Sequence[Outlet] = ()
        self._time_ms = int(time.time() * 1000)
        self._start = time.perf_counter()
        self._decoded: float | None = None
        self._ran: float | None = None
        self._wrote: float | None = None

    def decoded(self, invocation: Invocation, outlets: Sequence[Outlet]) -> None:
        """The event has been read."""
        self._decoded = time.perf_counter()
        self._invocation = invocation
        self._outlets = outlets

    def ran(self) -> None:
        """The routes have been run."""
        self._ran = time.perf_counter()

    def wrote(self) -> None:
        """The sinks have been written to."""
        self._wrote = time.perf_counter()

    def end(self, error: BaseException | None) -> None:
        """Hand the numbers on; whatever goes wrong with them is logged."""
        try:
            self._metering.emit(self._outcome(error))
        except Exception as failed:  # noqa: BLE001  metrics never fail a record
            self._metering.log(failed)

    def _outcome(self, error: BaseException | None) -> InvocationMetrics:
        end = time.perf_counter()
        decoded = end if self._decoded is None else self._decoded
        ran = end if self._ran is None else self._ran
        wrote = end if self._wrote is None else self._wrote
        invocation = self._invocation
        counted = (
            None if invocation is None else self._metering.tally(invocation, self._outlets, raised=error is not None)
        )
        oldest = None if invocation is None else self._metering.oldest_ms(invocation.batch)
        undone = None if counted is None else counted.first_undone
        return self._metering.outcome(
            records={} if counted is None else counted.records,
            batch_size=0 if invocation is None else len(invocation.batch),
            oldest_record_age_ms=None if oldest is None else max(0.0, self._time_ms - oldest),
            redelivered_count=0 if counted is None else self._metering.redelivered(counted.event_ids),
            low_watermark_stall=self._metering.stall(undone),
            decode_ms=(decoded - self._start) * 1000,
            handler_ms=(ran - decoded) * 1000,
            sink_ms=(wrote - ran) * 1000,
            first_undone=undone,
            error=None if error is None else type(error).__name__,
            request_id=self._request_id,
            time_ms=self._time_ms,
        )


def _trim(known: dict[str, object] | dict[str, None] | dict[str, int], most: int) -> None:
    """Forget the oldest."""
    excess = len(known) - most
    if excess > 0:
        for key in list(known)[:excess]:
            known.pop(key, None)
