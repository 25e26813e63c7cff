"""Raw events of Lambda's runtime."""

from typing_extensions import reveal_type

from tailrace import Batch
from tailrace.aws_lambda import RawEvent, disable_raw_events, enable_raw_events

reveal_type(enable_raw_events())  # -> bool
reveal_type(disable_raw_events())  # -> bool
event = RawEvent(b"{}")
reveal_type(event.to_dict())  # -> dict[str, Any]
reveal_type(Batch.from_event(event))  # -> Batch
RawEvent({})  # error: arg-type
enable_raw_events(True)  # error: call-arg
