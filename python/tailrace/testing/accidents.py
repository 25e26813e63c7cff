"""What may happen to a function other than that it raises: it is killed, or never invoked."""

from __future__ import annotations

__all__ = ["FunctionKilled", "FunctionThrottled"]


class FunctionKilled(BaseException):
    """Raise it in a function as if Lambda ended the process there: out of memory, crashed, timed out.

    The batch has failed. No ``except Exception`` of the function gets in the way.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

    Example:
        >>> from tailrace.testing import EventSourceMapping, FunctionKilled, make_event
        >>> def out_of_memory(event, context):
        ...     raise FunctionKilled("signal: killed")
        >>> mapping = EventSourceMapping(out_of_memory, maximum_retry_attempts=0)
        >>> mapping.deliver(make_event([{"id": "a"}])).invocations[0].reason
        'FunctionKilled: signal: killed'
    """


class FunctionThrottled(BaseException):
    """Raise it in place of a function as if Lambda could not invoke it: throttled, or an error of the service.

    Nothing was invoked, and no retry is used up: only their age ends this for the records.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

    Example:
        >>> from tailrace.testing import EventSourceMapping, FunctionThrottled, make_event
        >>> answers = [FunctionThrottled(), FunctionThrottled(), None]
        >>> def busy(event, context):
        ...     answer = answers.pop(0)
        ...     if answer:
        ...         raise answer
        >>> report = EventSourceMapping(busy, maximum_retry_attempts=0).deliver(make_event([{"id": "a"}]))
        >>> report.invocation_count, len(report.done)
        (1, 1)
    """
