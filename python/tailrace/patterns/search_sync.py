"""Search sync: an OpenSearch index that follows a table.

Lambda's handler string is ``tailrace.patterns.search_sync.handler``. The environment says the
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

PATTERN = Pattern("search_sync", ("opensearch",))
make_handler = PATTERN.handler
make_sink = PATTERN.sink

if not TYPE_CHECKING:
    __getattr__ = PATTERN.attributes(__name__)
