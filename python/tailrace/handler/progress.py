"""How far a batch has come."""

from __future__ import annotations

__all__ = ["Progress"]


class Progress:
    """The records of one batch that are done: all before ``end``.

    ``end`` only ever falls. Nothing from ``end`` on counts as done, even where a handler or an earlier sink has
    seen it: Lambda sends all of it again.

    Args:
        end: position of the first record that is not done; the length of the batch when all are.
    """

    __slots__ = ("end", "error", "set_aside")

    def __init__(self, end: int) -> None:
        self.end = end
        self.error: BaseException | None = None
        self.set_aside: set[int] = set()

    def stop(self, end: int, error: BaseException | None) -> None:
        """Take everything from ``end`` on as not done, because of ``error`` (None: there was no time)."""
        self.end = end
        self.error = error

    def positions(self) -> list[int] | range:
        """Where the records are that were handled and not set aside."""
        if not self.set_aside:
            return range(self.end)
        return [position for position in range(self.end) if position not in self.set_aside]
