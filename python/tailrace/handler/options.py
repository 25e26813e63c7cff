"""What the options of a StreamHandler may be."""

from __future__ import annotations

from tailrace._core import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "check_amount",
    "check_attempts",
    "check_modes",
    "check_quarantine",
    "check_sink",
    "check_word",
    "check_workers",
]

_MOST_WORKERS = 1000
_MOST_ATTEMPTS = 100


def check_word(option: str, word: object, *allowed: str) -> None:
    """Raises ValueError unless it is one of the words."""
    if word not in allowed:
        raise ValueError(f"{option}={word!r} does not exist: use {' or '.join(map(repr, allowed))}")


def check_workers(workers: object, order: str) -> None:
    """Raises unless it is a number of threads, and one where order is sequential."""
    _check_count("workers", workers, _MOST_WORKERS)
    if order == "sequential" and workers != 1:
        raise ValueError(f"workers={workers!r} needs order='per_item': order='sequential' runs one record at a time")


def check_attempts(attempts: object) -> None:
    """Raises unless it is a number of attempts."""
    _check_count("attempts", attempts, _MOST_ATTEMPTS)


def check_amount(option: str, amount_ms: object) -> None:
    """Raises unless it is a finite number of milliseconds from 0 up."""
    if isinstance(amount_ms, bool) or not isinstance(amount_ms, (int, float)):
        raise TypeError(f"{option} is a number of milliseconds, not {type(amount_ms).__name__}")
    if not 0 <= amount_ms < float("inf"):
        raise ValueError(f"{option}={amount_ms!r} is no number of milliseconds from 0 up")


def check_modes(modes: dict[str, Any]) -> None:
    """Raises what ``Batch.from_event`` raises for them, before there is an event."""
    Batch.from_event([], **modes)


def check_quarantine(store: object, on_error: str) -> None:
    """Raises unless it is a store, or None where none is needed."""
    if store is None and on_error == "quarantine":
        raise ValueError("on_error='quarantine' needs a store: quarantine=SqliteQuarantine(path), say")
    if store is not None and (isinstance(store, type) or not callable(getattr(store, "add", None))):
        raise TypeError(f"quarantine= needs a store with add(record, *, error, route), not {store!r}")


def check_sink(sink: object) -> None:
    """Raises TypeError unless it has the methods of a sink."""
    for method in ("write", "close"):
        if isinstance(sink, type) or not callable(getattr(sink, method, None)):
            raise TypeError(f"a sink is an object with write(records, *, deadline) and close(), not {sink!r}")


def _check_count(option: str, count: object, most: int) -> None:
    if isinstance(count, bool) or not isinstance(count, int):
        raise TypeError(f"{option} is a whole number, not {type(count).__name__}")
    if not 1 <= count <= most:
        raise ValueError(f"{option}={count!r} is not between 1 and {most:,}")
