"""For the tests of whoever uses tailrace: records, events, and a mapping that delivers them as Lambda does.

``tailrace.testing.strategies`` has the Hypothesis strategies; only it needs the extra ``testing``.
"""

from __future__ import annotations

from tailrace.testing.event_source_mapping import EventSourceMapping
from tailrace.testing.events import make_event
from tailrace.testing.ledger import DeliveryReport, Invocation, StalledError
from tailrace.testing.records import make_record

__all__ = ["DeliveryReport", "EventSourceMapping", "Invocation", "StalledError", "make_event", "make_record"]
