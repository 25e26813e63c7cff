"""For the tests of whoever uses tailrace: records, events, and a mapping that delivers them as Lambda does.

``tailrace.testing.strategies`` has the Hypothesis strategies; only it needs the extra ``testing``.
"""

from __future__ import annotations

from tailrace.testing.accidents import FunctionKilled, FunctionThrottled
from tailrace.testing.clock import VirtualClock
from tailrace.testing.event_source_mapping import EventSourceMapping
from tailrace.testing.events import make_event
from tailrace.testing.ledger import Checkpoint, DeliveryReport, Invocation, StalledError, Step
from tailrace.testing.records import make_record
from tailrace.testing.shard import Shard

__all__ = [
    "Checkpoint",
    "DeliveryReport",
    "EventSourceMapping",
    "FunctionKilled",
    "FunctionThrottled",
    "Invocation",
    "Shard",
    "StalledError",
    "Step",
    "VirtualClock",
    "make_event",
    "make_record",
]
