"""The function behind a mapping: called with an event and a context, and what Lambda makes of that."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tailrace.testing.accidents import FunctionKilled, FunctionThrottled
from tailrace.testing.context import LambdaContext
from tailrace.testing.ledger import Invocation
from tailrace.testing.reply import BadAnswerError, overheard, reported, state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    from tailrace.testing.clock import VirtualClock
    from tailrace.testing.ledger import DeliveryReport
    from tailrace.testing.segment import Segment
    from tailrace.testing.settings import Settings

__all__ = ["Function"]


@dataclass(frozen=True)
class Function:
    """Calls the function.

    Args:
        handler: the function.
        settings: of the mapping.
        event_format: in which form it gets the event.
        timeout_ms: how long it may take.
        clock: whose time passes.
    """

    handler: Callable[[Any, Any], object]
    settings: Settings
    event_format: Literal["dict", "bytes"]
    timeout_ms: float
    clock: VirtualClock

    def invoke(self, segment: Segment, shard_id: str, report: DeliveryReport) -> Invocation | None:
        """Invoke it with a segment and put that into the report; None when Lambda could not invoke it."""
        numbers, started = segment.sequence_numbers(), self.clock.elapsed()
        number = answer = reason = None
        unheard: tuple[str, ...] = ()
        error: BaseException | None = None
        try:
            answer = self._answer(segment, LambdaContext(self.clock, self.timeout_ms, report.invocation_count + 1))
            number = self._read(answer, segment, numbers)
            if number is None and segment.cause != "duplicate":
                unheard = overheard(answer, numbers)
        except FunctionThrottled:
            return None
        except BadAnswerError as bad:
            reason = str(bad)
        except (Exception, FunctionKilled) as raised:  # noqa: BLE001  Lambda calls all of it a function error
            reason, error = f"{type(raised).__name__}: {raised}", raised
        report.retry_count += segment.invoke_count > 0
        segment.invoke_count += 1
        invocation = Invocation(
            sequence_numbers=numbers,
            outcome=segment.outcome(number, failed=reason is not None),
            reported=number,
            reason=reason,
            error=error,
            invoke_count=segment.invoke_count,
            cause="retry" if segment.invoke_count > 1 else segment.cause,
            shard_id=shard_id,
            started_at=started,
            duration_ms=(self.clock.elapsed() - started) * 1000,
            answer=answer,
            unheard=unheard,
        )
        report.invocations.append(invocation)
        report.unheard.extend(unheard)
        return invocation

    def _answer(self, segment: Segment, context: LambdaContext) -> Any:
        text = segment.event_text()
        event = text.encode() if self.event_format == "bytes" else json.loads(text)
        raised: BaseException | None = None
        answer: object = None
        with self.clock.running(context.deadline):
            try:
                answer = self.handler(event, context)
            except (Exception, FunctionKilled) as error:  # noqa: BLE001  judged below: it may have come too late
                raised = error
        if context.timed_out():
            self.clock.move_to(context.deadline)  # Lambda has ended it there
            raise TimeoutError(f"Task timed out after {self.timeout_ms / 1000:.2f} seconds") from raised
        if raised is not None:
            raise raised
        return json.loads(json.dumps(answer))  # an answer that is no JSON is an error too

    def _read(self, answer: object, segment: Segment, numbers: tuple[str, ...]) -> str | None:
        """The number that Lambda goes back to; an answer without a state fails before its state is kept."""
        number = reported(answer, numbers) if self.settings.report_batch_item_failures else None
        if segment.window is not None:
            segment.window.state = state_of(answer)
        return number
