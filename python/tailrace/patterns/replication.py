"""Replication: a table in this or another Region or account that follows a table.

Lambda's handler string is ``tailrace.patterns.replication.handler``. The environment says the
rest, and is read when Lambda looks the handler up: a mistake ends the cold start, and every mistake is told. Importing
this module reads nothing. ``sink`` is the sink of that handler, for a backfill.
"""

from __future__ import annotations

from tailrace.patterns.pattern import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace import StreamHandler
    from tailrace.sinks import Sink

    handler: StreamHandler
    sink: Sink

__all__ = ["PATTERN", "make_handler", "make_sink"]

PATTERN = Pattern("replication", ("dynamodb-replica",))
make_handler = PATTERN.handler
make_sink = PATTERN.sink

if not TYPE_CHECKING:
    __getattr__ = PATTERN.attributes(__name__)
