"""The shards of a stream, delivered in the order of time."""

from __future__ import annotations

from tailrace.testing.lane import Course, Lane
from tailrace.testing.shard import Arrivals, Reading, shard_id_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from tailrace.testing.clock import VirtualClock
    from tailrace.testing.function import Function
    from tailrace.testing.ledger import DeliveryReport, Invocation
    from tailrace.testing.shard import Shard

__all__ = ["deliver"]


def deliver(
    shards: list[Shard],
    function: Function,
    report: DeliveryReport,
    *,
    arrival: Literal["backlog", "live"],
    on_failure: Callable[[dict[str, Any]], object] | None,
    duplicate: Callable[[Invocation], int] | None,
    max_invocations: int,
) -> None:
    """Deliver shards to the end.

    Args:
        shards: in any order.
        function: called with each batch.
        report: gets all that happens.
        arrival: as of EventSourceMapping, as is the rest.
        on_failure: gets each on-failure document.
        duplicate: says when a batch comes once more.
        max_invocations: invocations in a row that move nothing, before StalledError.

    Raises:
        StalledError: a lane does not move.
        ValueError: a record or a shard that cannot be.
    """
    names = _names(shards)
    readings = [
        Reading(name, shard.records, function.settings, report) for name, shard in zip(names, shards, strict=True)
    ]
    clock = function.clock
    arrivals = Arrivals(arrival, _start(readings, clock))
    course = Course(function, function.settings, clock, arrivals, report, on_failure, duplicate, max_invocations)
    parents = {name: shard.parent_shard_id for name, shard in zip(names, shards, strict=True)}
    _run(_lanes(course, readings, set(parents.values())), parents, clock)


def _names(shards: list[Shard]) -> list[str]:
    names = [shard.shard_id or shard_id_of(position) for position, shard in enumerate(shards)]
    if len(set(names)) < len(names):
        raise ValueError("two shards have the same shard_id")
    return names


def _start(readings: list[Reading], clock: VirtualClock) -> tuple[float, float]:
    """The time of the first record, where the clock has none yet."""
    times = [time for reading in readings if (time := reading.begins()) is not None]
    if times:
        clock.begin(min(times))
    return clock.now(), clock.elapsed()


def _lanes(course: Course, readings: list[Reading], parents: set[str | None]) -> dict[str, list[Lane]]:
    indexes = range(course.settings.parallelization_factor)
    return {
        reading.shard_id: [Lane(course, reading, index, has_children=reading.shard_id in parents) for index in indexes]
        for reading in readings
    }


def _run(lanes: dict[str, list[Lane]], parents: dict[str, str | None], clock: VirtualClock) -> None:
    """Let the lane go on that is first in time, until all are over; then the clock shows when the last one was."""
    started = clock.elapsed()
    waiting = dict(lanes)
    running: list[Lane] = []
    while waiting or running:
        for shard in [shard for shard in waiting if _may_start(lanes.get(parents[shard] or ""))]:
            begin = max((lane.time for lane in lanes.get(parents[shard] or "", ())), default=started)
            for lane in waiting.pop(shard):
                lane.time = begin
                running.append(lane)
        if not running:
            raise ValueError(f"these shards are parents of each other: {', '.join(waiting)}")
        lane = min(running, key=lambda each: each.time)
        lane.step()
        if lane.is_over:
            running.remove(lane)
    clock.move_to(max((lane.time for of_shard in lanes.values() for lane in of_shard), default=started))


def _may_start(parent: list[Lane] | None) -> bool:
    return parent is None or all(lane.is_over for lane in parent)
