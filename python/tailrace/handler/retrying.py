"""Trying a route again, in place: how often, and after which pause."""

from __future__ import annotations

import time

from tailrace.exceptions import EventFormatError, ModelError, Quarantine, UnmarshallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace._core import Record
    from tailrace.handler.clock import Clock

__all__ = ["Retrying"]

# As in the AWS SDKs: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_LONGEST_PAUSE_MS = 20_000.0


class Retrying:
    """How often a route is tried before its record has failed, and the pauses in between.

    The pauses grow exponentially and are drawn from nothing up to their full length ("full jitter"), so that many
    environments that failed together do not come back together.

    Args:
        attempts: how often at most, the first time included.
        backoff_ms: the longest pause before the second attempt, in milliseconds; it doubles each time, up to 20 s.

    Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """

    __slots__ = ("_attempts", "_backoff_ms")

    def __init__(self, attempts: int, backoff_ms: float) -> None:
        self._attempts = attempts
        self._backoff_ms = backoff_ms

    @property
    def retries(self) -> bool:
        """Whether anything is tried more than once."""
        return self._attempts > 1

    def exhausted(self, attempt: int, error: Exception, record: Record | None) -> bool:
        """Whether an error is final: the attempts are used up, or another would come to the same."""
        return attempt >= self._attempts or isinstance(error, Quarantine) or _is_broken(record, error)

    def pause_ms(self, attempt: int) -> float:
        """Milliseconds to wait after so many attempts."""
        # The system's source of chance, as no seed is shared by environments that were restored from one snapshot.
        from random import SystemRandom

        longest_ms = min(self._backoff_ms * 2.0 ** (attempt - 1), _LONGEST_PAUSE_MS)
        return SystemRandom().uniform(0, longest_ms)

    def wait(self, attempt: int, clock: Clock) -> bool:
        """Pause after so many attempts; not at all, and False, where the time does not last for it."""
        pause_ms = self.pause_ms(attempt)
        if clock.left_ms() <= pause_ms:
            return False
        time.sleep(pause_ms / 1000)
        return True


def _is_broken(record: Record | None, error: Exception) -> bool:
    """Whether the error tells of the record itself, which is the same at every attempt."""
    if not isinstance(error, (EventFormatError, ModelError, UnmarshallError)) or error.sequence_number is None:
        return False
    return record is not None and error.sequence_number == record.sequence_number
