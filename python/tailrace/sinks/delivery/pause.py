"""How long to wait before an entry is sent again."""

from __future__ import annotations

import random

__all__ = ["pause_ms"]

_FIRST_MS = 50.0
_LONGEST_MS = 5_000.0


def pause_ms(attempt: int) -> float:
    """Full jitter: any time between nothing and a bound that doubles with each attempt, from 50 ms to 5 s.

    Args:
        attempt: how often the entry has been sent, 1 or more.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

    Example:
        >>> 0 <= pause_ms(1) <= 50
        True
    """
    bound = min(_LONGEST_MS, _FIRST_MS * 2.0 ** min(attempt - 1, 10))
    return random.uniform(0, bound)  # noqa: S311 - nobody guesses a pause
