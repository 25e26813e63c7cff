"""What became of an entry that was sent."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DONE", "STALE", "Done", "Poison", "Retry", "Unusable", "Verdict"]


class Done(NamedTuple):
    """The target holds the change, or (``stale``) a newer one of the same item."""

    stale: bool = False


class Retry(NamedTuple):
    """Not stored, or nobody knows: the same entry may well be taken a moment later.

    ``after_ms`` is the pause that the service asked for, None when it did not say.
    """

    error: Exception
    after_ms: float | None = None


class Poison(NamedTuple):
    """Refused for what the entry is: it will never be taken.

    Of a whole call with several entries it tells that one of them may be at fault: they are sent again in halves.
    """

    error: Exception


class Unusable(NamedTuple):
    """Refused for what the target or its settings are, such as a missing permission: no entry can be stored now."""

    error: Exception


DONE = Done()
STALE = Done(stale=True)
Verdict = Done | Retry | Poison | Unusable
