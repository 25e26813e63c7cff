"""How records reach a service: what is sent together, in which order, how often, and what becomes of each.

A sink that stands on it says how one record is written (``_encode``), how one call is made (``_send``), and what the
service allows (``Limits``). Everything else is here, once for all of them.
"""

from __future__ import annotations

from tailrace.sinks.delivery.limits import Limits
from tailrace.sinks.delivery.sink import DeliverySink
from tailrace.sinks.delivery.unit import Encoded
from tailrace.sinks.delivery.verdict import DONE, STALE, Done, Poison, Retry, Unusable, Verdict

__all__ = [
    "DONE",
    "STALE",
    "DeliverySink",
    "Done",
    "Encoded",
    "Limits",
    "Poison",
    "Retry",
    "Unusable",
    "Verdict",
]
