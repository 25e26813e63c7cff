"""Functions for Lambda that are ready as they are: name one as the handler, and say the rest in the environment.

``tailrace.patterns.audit_trail.handler``, ``tailrace.patterns.search_sync.handler``,
``tailrace.patterns.replication.handler`` and ``tailrace.patterns.notify.handler``. Each module has ``make_handler`` to
add functions of your own, and ``sink`` for a backfill.
"""

from __future__ import annotations

__all__: list[str] = []
