"""The context object that Lambda gives to a function."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.testing.clock import VirtualClock

__all__ = ["LambdaContext"]


class LambdaContext:
    """What a function may ask about its invocation.

    Args:
        clock: whose time it is.
        timeout_ms: milliseconds until Lambda would end the invocation, from now.
        invocation: which invocation this is, from 1.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    function_name = "handler"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:handler"
    memory_limit_in_mb = "128"
    log_group_name = "/aws/lambda/handler"
    log_stream_name = "2026/01/01/[$LATEST]00000000000000000000000000000000"
    identity = None
    client_context = None

    def __init__(self, clock: VirtualClock, timeout_ms: float, invocation: int = 1) -> None:
        self.aws_request_id = f"00000000-0000-0000-0000-{invocation:012d}"
        self.deadline = clock.elapsed() + timeout_ms / 1000
        self._clock = clock

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds left, never negative."""
        # A millisecond must not get lost to the rounding of a sum of seconds.
        return max(0, int((self.deadline - self._clock.elapsed()) * 1000 + 1e-6))

    def timed_out(self) -> bool:
        """Whether Lambda would have ended the invocation by now."""
        return self._clock.elapsed() > self.deadline
