"""The time an invocation has left, and the part of it that is kept in reserve."""

from __future__ import annotations

import math

from tailrace.sinks.base import Deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Lambda's remaining time with a margin kept for the answer.

    The context is asked each time: it is Lambda's own word on when the environment is stopped.

    Args:
        context: Lambda's context; one without ``get_remaining_time_in_millis`` (None too) sets no limit.
        margin_ms: milliseconds kept in reserve; at most half of what is left now, so that a short timeout
            still gets work done.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    __slots__ = ("margin_ms", "remaining_ms")

    def __init__(self, context: object, margin_ms: float) -> None:
        self.remaining_ms: Callable[[], float] | None = getattr(context, "get_remaining_time_in_millis", None)
        self.margin_ms = (
            margin_ms if self.remaining_ms is None else min(margin_ms, _milliseconds(self.remaining_ms()) / 2)
        )

    def left_ms(self) -> float:
        """Milliseconds until the margin begins, negative when it has; ``math.inf`` without a limit."""
        return math.inf if self.remaining_ms is None else self.remaining_ms() - self.margin_ms

    def deadline(self) -> Deadline:
        """The moment when the margin begins."""
        return Deadline(None if self.remaining_ms is None else self.remaining_ms() - self.margin_ms)


def _milliseconds(answer: object) -> float:
    if isinstance(answer, (int, float)) and not isinstance(answer, bool):
        return answer
    raise TypeError(
        f"the context's get_remaining_time_in_millis() answered {type(answer).__name__} and not a number of"
        " milliseconds: pass Lambda's context, or None for no deadline"
    )
