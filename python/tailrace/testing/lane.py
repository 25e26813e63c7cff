"""One of the batches that Lambda runs at once for a shard: read, delivered, repeated, given up."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tailrace.testing.destination import on_failure_document, on_failure_key
from tailrace.testing.ledger import StalledError, Step
from tailrace.testing.reply import MAXIMUM_STATE_BYTES, state_size_bytes
from tailrace.testing.segment import MAXIMUM_EVENT_BYTES, Segment
from tailrace.testing.window import Window, window_start

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tailrace.testing.clock import VirtualClock
    from tailrace.testing.destination import Condition
    from tailrace.testing.function import Function
    from tailrace.testing.ledger import DeliveryReport, Invocation
    from tailrace.testing.settings import Settings
    from tailrace.testing.shard import Arrivals, Reading
    from tailrace.testing.wire import ShardRecord

__all__ = ["Course", "Lane"]

_LONGEST_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class Course:
    """What the lanes of a delivery share.

    Args:
        function: called with each batch.
        settings: of the mapping.
        clock: whose time it is.
        arrivals: when records come in.
        report: gets all that happens.
        on_failure: gets each on-failure document.
        duplicate: asked after each success in how many batches the same comes once more; 0 for never.
        max_invocations: invocations in a row that move nothing, before StalledError.
    """

    function: Function
    settings: Settings
    clock: VirtualClock
    arrivals: Arrivals
    report: DeliveryReport
    on_failure: Callable[[dict[str, Any]], object] | None
    duplicate: Callable[[Invocation], int] | None
    max_invocations: int


class Lane:
    """Delivers its part of a shard, a batch after the other.

    Args:
        course: what it shares with the others.
        shard: where it reads.
        index: which lane of the shard it is; the changes of an item are all in one.
        has_children: whether the shard ends for good when it is read.
    """

    def __init__(self, course: Course, shard: Reading, index: int, *, has_children: bool) -> None:
        self.time = 0.0
        self.is_over = False
        self._course = course
        self._shard = shard
        self._index = index
        self._has_children = has_children
        self._waiting: list[Segment] = []
        self._duplicates: list[tuple[int, Segment]] = []
        self._window: Window | None = None
        self._idle_count = 0

    def step(self) -> None:
        """Do what is next: read a batch, or deliver what waits."""
        if not self._waiting:
            self._read()
        elif segment := self._of_age(self._waiting.pop()):
            self._deliver(segment)

    # Reading

    def _read(self) -> None:
        record = self._shard.peek(self._index, self._course.arrivals, self.time)
        if self._takes_duplicate(at_end=record is None):
            return
        if self._window is not None and (record is None or self._window_of(record) > self._window.start):
            self._close_window(self._window)
        elif record is None:
            self.is_over, self.time = True, max(self.time, self._shard.arrived)
        else:
            if self._course.settings.tumbling_window_in_seconds and self._window is None:
                self._window = self._open_window(record)
            self._course.report.batch_count += 1
            self._waiting.append(Segment(self._batch(record), window=self._window))

    def _batch(self, record: ShardRecord | None) -> list[ShardRecord]:
        """Gather from the first record on, until the batch is full or the time to gather is over."""
        settings = self._course.settings
        records: list[ShardRecord] = []
        size_bytes = 16 if self._window is None else 16 + self._window.size_bytes()
        closes = max(self.time, record.arrived if record else 0.0) + settings.maximum_batching_window_in_seconds
        while record is not None and record.arrived <= closes:
            size_bytes += len(record.text) + 1
            if records and (size_bytes > MAXIMUM_EVENT_BYTES or not self._is_of_window(record)):
                closes = record.arrived  # there is no room for it
                break
            records.append(self._shard.take(self._index))
            if len(records) == settings.batch_size:
                closes = record.arrived
                break
            record = self._shard.peek(self._index, self._course.arrivals, self.time)
        self.time = max(self.time, closes)
        return records

    def _takes_duplicate(self, *, at_end: bool) -> bool:
        """Whether batches come now that were a success before."""
        left = [(after - 1, segment) for after, segment in self._duplicates]
        self._waiting = [segment for after, segment in left if after <= 0 or at_end]
        self._duplicates = [(after, segment) for after, segment in left if after > 0 and not at_end]
        return bool(self._waiting)

    # Windows

    def _window_of(self, record: ShardRecord) -> float:
        """When the window of a record starts; one without a time is of the window that is open."""
        if record.created is None:
            return self._course.arrivals.start[0] if self._window is None else self._window.start
        return window_start(record.created, self._course.settings.tumbling_window_in_seconds)

    def _is_of_window(self, record: ShardRecord) -> bool:
        return self._window is None or self._window_of(record) <= self._window.start

    def _open_window(self, record: ShardRecord) -> Window:
        length = self._course.settings.tumbling_window_in_seconds
        return Window(window_start(self._window_of(record), length), length, self._shard.shard_id, record)

    def _close_window(self, window: Window) -> None:
        ends = self._end_of(window)
        if self._has_children and self._is_read() and self.time < ends:
            window.ends_early = True
        else:
            self.time = max(self.time, ends)
        self._waiting.append(Segment([], "window", window=window, is_final=True))

    def _is_read(self) -> bool:
        return self._shard.peek(self._index, self._course.arrivals, self.time) is None

    def _after_window(self, segment: Segment) -> list[Segment]:
        """What follows a success within a window: its end, when that was it or when its state is too large."""
        window = segment.window
        if window is None:
            return []
        if segment.is_final:
            self._window = None
        elif state_size_bytes(window.state) > MAXIMUM_STATE_BYTES:
            window.ends_early = True
            return [Segment([], "window", window=window, is_final=True)]
        return []

    # Delivery

    def _deliver(self, segment: Segment) -> None:
        course = self._course
        course.clock.move_to(self.time)
        invocation = course.function.invoke(segment, self._shard.shard_id, course.report)
        self.time = course.clock.elapsed()
        if invocation is None:
            segment.throttle_count += 1
            wait = _wait_seconds(segment.throttle_count)
            self._note("throttle", segment.sequence_numbers(), f"again in {wait:g} s")
            self.time += wait
            following, moved = [segment], False
        else:
            following = self._following(segment, invocation)
            moved = not following or invocation.outcome != "failure"
        self._idle_count = 0 if moved else self._idle_count + 1
        self._waiting.extend(reversed(following))
        if self._idle_count >= course.max_invocations:
            raise _stalled(segment, invocation, course.report, self._idle_count)

    def _following(self, segment: Segment, invocation: Invocation) -> list[Segment]:
        """What of the segment is to be delivered next, now that it was delivered once more."""
        if segment.cause == "duplicate":
            self._note_invocation(invocation, "a duplicate")
            return []
        if invocation.outcome != "failure":
            return self._after_success(segment, invocation)
        if self._course.settings.bisect_batch_on_function_error and invocation.error and len(segment.records) > 1:
            self._course.report.bisect_count += 1
            self._note_invocation(invocation, "split in two")
            return segment.halves()
        if not segment.is_final and self._course.settings.retries_are_used_up(segment.invoke_count):
            self._note_invocation(invocation, "no retry is left")
            self._discard(segment.records, segment, "RetryAttemptsExhausted", invocation)
            return []
        wait = _wait_seconds(segment.invoke_count)
        self._note_invocation(invocation, f"again in {wait:g} s")
        self.time += wait
        return [segment]

    def _after_success(self, segment: Segment, invocation: Invocation) -> list[Segment]:
        done, rest = segment.split_at(invocation.reported)
        self._course.report.done.extend(record.sequence_number for record in done)
        self._shard.settle(done)
        self._note_invocation(invocation, "Lambda does not hear which failures it names" if invocation.unheard else "")
        if self._course.duplicate is not None and (after := int(self._course.duplicate(invocation))) > 0:
            self._duplicates.append((after, Segment(done, "duplicate")))
        return [*([segment.rest(rest)] if rest else []), *self._after_window(segment)]

    # Giving up

    def _of_age(self, segment: Segment) -> Segment | None:
        """What of a segment is young enough to be delivered; the rest is given up."""
        limit = self._course.settings.age_limit_seconds
        if segment.is_final and segment.window is not None:
            return segment if self.time - self._end_of(segment.window) <= limit else self._without_window(segment)
        old = [record for record in segment.records if self.time - record.arrived > limit]
        if not old or segment.cause == "duplicate":
            return segment
        self._discard(old, segment, "RecordAgeExceeded", None)
        segment.records = [record for record in segment.records if self.time - record.arrived <= limit]
        return segment if segment.records else None

    def _without_window(self, segment: Segment) -> Segment | None:
        """Go on behind a window whose end keeps failing: AWS names no limit but that of the stream."""
        self._note("discard", (), "the state of a window, RecordAgeExceeded")
        return next(iter(self._after_window(segment)), None)

    def _end_of(self, window: Window) -> float:
        """When a window ends, in seconds since the start of the clock."""
        since_1970, elapsed = self._course.arrivals.start
        return elapsed + window.end - since_1970

    def _discard(
        self, records: list[ShardRecord], segment: Segment, condition: Condition, last: Invocation | None
    ) -> None:
        report, now = self._course.report, self._course.clock
        now.move_to(self.time)
        event = json.loads(Segment(records, window=segment.window).event_text())
        document = on_failure_document(
            event["Records"],
            payload=event if self._course.settings.destination == "s3" else None,
            invoke_count=segment.invoke_count,
            function_error=None if last is None or last.error is None else "Unhandled",
            condition=condition,
            shard_id=self._shard.shard_id,
            now=now.now(),
        )
        numbers = tuple(record.sequence_number for record in records)
        report.discarded.extend(numbers)
        report.on_failure_documents.append(document)
        report.on_failure_keys.append(on_failure_key(self._shard.shard_id, now.now(), len(report.on_failure_documents)))
        self._shard.settle(records)
        self._note("discard", numbers, condition)
        if self._course.on_failure is not None:
            self._course.on_failure(document)

    def _note(self, kind: Any, numbers: tuple[str, ...], said: str, invocation: Invocation | None = None) -> None:
        step = Step(self.time, self._shard.shard_id, kind, numbers, said, invocation, self._shard.checkpoint)
        self._course.report.steps.append(step)

    def _note_invocation(self, invocation: Invocation, said: str) -> None:
        self._note(invocation.outcome, invocation.sequence_numbers, said, invocation)


def _wait_seconds(tries: int) -> float:
    """How long Lambda waits before it tries again: longer each time. AWS does not say how long."""
    return min(_LONGEST_WAIT_SECONDS, 2.0 ** min(tries - 1, 10))


def _stalled(segment: Segment, invocation: Invocation | None, report: DeliveryReport, idle_count: int) -> StalledError:
    reason = "it is throttled" if invocation is None else invocation.reason or "its first record is reported"
    first = next(iter(segment.sequence_numbers()), None)
    return StalledError(
        f"{idle_count} invocations in a row moved nothing ({reason}): set maximum_retry_attempts=, or make the handler"
        " get past this record",
        report=report,
        sequence_number=first,
    )
