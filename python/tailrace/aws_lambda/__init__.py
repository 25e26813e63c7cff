"""Lambda's Python runtime: events as bytes, of which nothing becomes Python objects before somebody asks for it.

Example:
    >>> from tailrace.aws_lambda import disable_raw_events, enable_raw_events
    >>> lambda_runs_this = enable_raw_events()
    >>> disable_raw_events()
    True
"""

from tailrace.aws_lambda.enabling import disable_raw_events, enable_raw_events
from tailrace.aws_lambda.raw_event import RawEvent, RawRecords

__all__ = ["RawEvent", "RawRecords", "disable_raw_events", "enable_raw_events"]
