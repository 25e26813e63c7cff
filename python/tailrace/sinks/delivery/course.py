"""One write from its first call to its last: calls, answers, pauses, and what is not stored at its end."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from heapq import heapify, heappop, heappush

from tailrace.exceptions import SinkError
from tailrace.sinks.base import SinkFailure
from tailrace.sinks.delivery.pause import pause_ms
from tailrace.sinks.delivery.verdict import Done, Poison, Retry, Unusable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace._core import Record
    from tailrace.sinks.base import Deadline
    from tailrace.sinks.delivery.limits import Limits
    from tailrace.sinks.delivery.unit import Encoded, Lane, Unit
    from tailrace.sinks.delivery.verdict import Verdict

    Send = Callable[[list[Any]], "Sequence[Verdict] | Verdict"]

__all__ = ["Course", "Rules"]


class Rules:
    """What a sink lays down for each of its writes.

    Args:
        encode: makes the entry of a record; raises what makes it poison.
        send: makes one call with these bodies; a verdict for each, or one for the whole call. What it raises is asked
            of ``classify``.
        classify: what an error of a call means.
        set_aside: stores a record that is poison; None where such a record is a failure.
        limits: of one call.
        workers: how many calls may be under way together.
        attempts: how often an entry is sent at most.
    """

    __slots__ = ("attempts", "classify", "encode", "limits", "send", "set_aside", "workers")

    def __init__(
        self,
        *,
        encode: Callable[[Record], Encoded],
        send: Send,
        classify: Callable[[Exception], Verdict],
        set_aside: Callable[[Record, Exception], None] | None,
        limits: Limits,
        workers: int,
        attempts: int,
    ) -> None:
        self.encode = encode
        self.send = send
        self.classify = classify
        self.set_aside = set_aside
        self.limits = limits
        self.workers = workers
        self.attempts = attempts


class Course:
    """One write.

    Only the first unit of a lane is ever under way, calls are packed in the order of the records, and a unit that
    failed for good takes those behind it along. The first call is always made, whatever the deadline; a call that has
    no answer when it passes is left alone, and its records count as not stored.

    Args:
        rules: of the sink.
        lanes: what is to be sent.
        deadline: when no call may be begun any more.
        failures: where to put the position and the failure of each record that is not stored.
    """

    def __init__(
        self, rules: Rules, lanes: list[Lane], deadline: Deadline, failures: list[tuple[int, SinkFailure]]
    ) -> None:
        self._rules = rules
        self._largest = rules.limits.largest_entry_bytes()
        self._deadline = deadline
        self._failures = failures
        self._ready = [(lane.head.position, lane) for lane in lanes]
        heapify(self._ready)
        self._resting: list[tuple[float, int, Lane]] = []  # until that moment of the monotonic clock
        self._under_way: dict[Future[Sequence[Verdict] | Verdict], list[Lane]] = {}
        self._has_begun = False
        self._waits_on = False  # for the first call, which was begun when the time was up already
        self._unusable: Exception | None = None
        self._threads: ThreadPoolExecutor | None = None

    def run(self) -> None:
        """Send until everything is stored or refused, or the time is up."""
        try:
            while self._goes_on():
                self._wake()
                self._begin_calls()
                self._await_answers()
        finally:
            if self._threads is not None:
                self._threads.shutdown(wait=False, cancel_futures=True)
        self._give_up()

    def _goes_on(self) -> bool:
        if self._deadline.passed() and self._has_begun and not (self._waits_on and self._under_way):
            return False
        return bool(self._under_way or (self._unusable is None and (self._ready or self._resting)))

    def _wake(self) -> None:
        now = time.monotonic()
        while self._resting and self._resting[0][0] <= now:
            self._make_ready(heappop(self._resting)[2])

    def _begin_calls(self) -> None:
        while self._ready and len(self._under_way) < self._rules.workers and self._unusable is None:
            if self._deadline.passed() and self._has_begun:
                return
            lanes, bodies = self._next_call()
            if not lanes:
                return
            if not self._has_begun:
                self._has_begun, self._waits_on = True, self._deadline.passed()
            if self._threads is None:
                self._threads = ThreadPoolExecutor(self._rules.workers, thread_name_prefix="tailrace-sink")
            context = contextvars.copy_context()  # of tracers
            self._under_way[self._threads.submit(context.run, self._rules.send, bodies)] = lanes

    def _next_call(self) -> tuple[list[Lane], list[Any]]:
        """As many ready units as one call takes, in the order of the records, and what is sent of them."""
        limits = self._rules.limits
        call_bytes, overhead = limits.call_bytes, limits.entry_overhead_bytes
        lanes: list[Lane] = []
        bodies: list[Any] = []
        size, largest, destination = float(limits.call_overhead_bytes), limits.entry_count, None
        while self._ready:
            unit = self._ready[0][1].head
            encoded = unit.encoded = unit.encoded or self._encoded(unit)
            if encoded is None:
                continue
            size += encoded.size_bytes + overhead
            largest = min(largest, unit.largest_call)
            if lanes and (len(lanes) >= largest or size > call_bytes or encoded.destination != destination):
                break
            destination = encoded.destination
            lanes.append(heappop(self._ready)[1])
            bodies.append(encoded.body)
        for lane in lanes:
            lane.head.encoded = None  # it lives as long as its call: a batch is never in memory whole
        return lanes, bodies

    def _encoded(self, unit: Unit) -> Encoded | None:
        """The entry of the first ready unit; None where there can be none, and it is dealt with."""
        try:
            encoded = self._rules.encode(unit.record)
            if encoded.size_bytes <= self._largest:
                return encoded
            error: Exception = SinkError(
                f"an entry of {encoded.size_bytes} bytes, and the target takes {self._largest:.0f}",
                sequence_number=unit.record.sequence_number,
            )
        except Exception as raised:  # noqa: BLE001 - whatever it is, it is this record's failure and is named
            error = raised
        self._poisoned(heappop(self._ready)[1], error)
        return None

    def _await_answers(self) -> None:
        left_ms = float("inf") if self._waits_on else self._deadline.remaining_ms()
        if self._resting and not self._ready:
            left_ms = min(left_ms, max(0.0, (self._resting[0][0] - time.monotonic()) * 1000))
        timeout = None if left_ms == float("inf") else left_ms / 1000
        if self._under_way:
            answered, _ = wait(self._under_way, timeout, FIRST_COMPLETED)
            for call in answered:
                self._answered(self._under_way.pop(call), call)
        elif timeout and self._resting and self._unusable is None:
            time.sleep(timeout)

    def _answered(self, lanes: list[Lane], call: Future[Sequence[Verdict] | Verdict]) -> None:
        verdicts = self._verdicts(lanes, call)
        pauses: dict[int, float] = {}  # one for the units of a call that have been sent as often: they stay together
        for lane, verdict in zip(lanes, verdicts, strict=True):
            unit = lane.head
            unit.attempts += 1
            if isinstance(verdict, Done):
                self._leave(lane)
            elif isinstance(verdict, Poison):
                self._poisoned(lane, verdict.error)
            elif isinstance(verdict, Unusable):
                self._unusable = self._unusable or verdict.error
                self._failed(lane, verdict.error, retryable=True)
            else:
                self._rest(lane, verdict, pauses)

    def _verdicts(self, lanes: list[Lane], call: Future[Sequence[Verdict] | Verdict]) -> Sequence[Verdict]:
        """One for each lane. A whole call that was refused for what is in it is sent again in halves."""
        try:
            answer = call.result()
        except Exception as error:  # noqa: BLE001 - every error of a call has its meaning
            answer = self._rules.classify(error)
        if isinstance(answer, (Done, Retry, Unusable)):
            return [answer] * len(lanes)
        if isinstance(answer, Poison):
            if len(lanes) == 1:
                return [answer]
            for lane in lanes:
                lane.head.largest_call = len(lanes) // 2
                lane.head.attempts -= 1
            return [Retry(answer.error, 0.0)] * len(lanes)
        if len(answer) == len(lanes):
            return answer
        short = SinkError(f"the target answered for {len(answer)} of {len(lanes)} entries: nothing counts as stored")
        return [Unusable(short)] * len(lanes)

    def _leave(self, lane: Lane) -> None:
        """The first unit is dealt with: the next one of the item may go."""
        if lane.advance():
            self._make_ready(lane)

    def _make_ready(self, lane: Lane) -> None:
        heappush(self._ready, (lane.head.position, lane))  # no two positions are equal: lanes are never compared

    def _rest(self, lane: Lane, verdict: Retry, pauses: dict[int, float]) -> None:
        unit = lane.head
        unit.error = verdict.error
        if unit.attempts >= self._rules.attempts:
            self._failed(lane, verdict.error, retryable=True)
            return
        if unit.attempts not in pauses:
            pauses[unit.attempts] = pause_ms(max(unit.attempts, 1))
        pause = verdict.after_ms if verdict.after_ms is not None else pauses[unit.attempts]
        heappush(self._resting, (time.monotonic() + pause / 1000, unit.position, lane))

    def _poisoned(self, lane: Lane, error: Exception) -> None:
        if self._rules.set_aside is None:
            self._failed(lane, error, retryable=False)
            return
        try:
            self._rules.set_aside(lane.head.record, error)
        except Exception as failure:  # noqa: BLE001 - what is stored nowhere is not done
            self._failed(lane, failure, retryable=True)
        else:
            self._leave(lane)

    def _failed(self, lane: Lane, error: Exception, *, retryable: bool) -> None:
        """The first unit is not stored, and so those behind it are not sent: they would overtake it."""
        for index, unit in enumerate(lane.units()):
            for position, record in unit.records:
                self._failures.append((position, SinkFailure(record, error, retryable or index > 0)))

    def _give_up(self) -> None:
        for lanes in self._under_way.values():
            no_answer = SinkError("no answer before the deadline of the write: it may have been stored, or may be yet")
            for lane in lanes:
                self._failed(lane, no_answer, retryable=True)
        late = SinkError("not sent: the deadline of the write had passed")
        for lane in (*(lane for _, lane in self._ready), *(lane for _, _, lane in self._resting)):
            self._failed(lane, self._unusable or lane.head.error or late, retryable=True)
