"""Ready-made filters, and what is told of filters: ``from tailrace import filters``."""

from __future__ import annotations

from tailrace.filters.presets import (
    attribute_changed,
    became,
    inserts,
    modifies,
    removes,
    replicated_ttl_deletes,
    ttl_deletes,
    user_deletes,
)

__all__ = [
    "attribute_changed",
    "became",
    "inserts",
    "modifies",
    "removes",
    "replicated_ttl_deletes",
    "ttl_deletes",
    "user_deletes",
]
