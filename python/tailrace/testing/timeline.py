"""A delivery as lines for people."""

from __future__ import annotations

from itertools import groupby

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tailrace.testing.ledger import Step

__all__ = ["positions_text", "timeline_lines"]

_FEWEST_ALIKE = {"failure": 5, "throttle": 5, "success": 12, "filter": 12}  # of fewer each is told
_TOLD_FIRST = 2
_WORDS = {"filter": "filtered", "discard": "given up", "miss": "missed", "throttle": "throttled"}
_RED, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"
_COLOURS = {"failure": _YELLOW, "throttle": _YELLOW, "partial": _YELLOW, "discard": _RED, "miss": _RED, "filter": _DIM}


def timeline_lines(steps: Sequence[Step], positions: Mapping[str, int], *, color: bool = False) -> Iterator[str]:
    """A line for each step; of many alike in a row the first two, how many more, and the last.

    Args:
        steps: in order.
        positions: of the records in their shards, from 1.
        color: whether what is lost is red, and what failed yellow.
    """
    rows = list(_rows(steps, positions))
    widths = [max((len(cells[column]) for _, cells in rows if cells[0]), default=0) for column in range(4)]
    for kind, cells in rows:
        aligned = [cells[0].rjust(widths[0]), *(cells[n].ljust(widths[n]) for n in (1, 2, 3) if widths[n]), *cells[4:]]
        line = "  ".join(cell for cell in aligned if cell).rstrip()
        yield f"{_COLOURS[kind]}{line}{_PLAIN}" if color and kind in _COLOURS else line


def positions_text(positions: Sequence[int]) -> str:
    """Positions as ranges.

    Example:
        >>> positions_text([1, 2, 3, 5])
        '#1-#3, #5'
    """
    ranges: list[list[int]] = []
    for position in positions:
        if ranges and position == ranges[-1][1] + 1:
            ranges[-1][1] = position
        else:
            ranges.append([position, position])
    return ", ".join(f"#{first}" if first == last else f"#{first}-#{last}" for first, last in ranges)


def _rows(steps: Sequence[Step], positions: Mapping[str, int]) -> Iterator[tuple[str, tuple[str, ...]]]:
    shard_ids = list(dict.fromkeys(step.shard_id for step in steps))
    checkpoints: dict[str, str | None] = {}
    number = 0
    for _, alike in groupby(steps, key=_likeness):
        group = list(alike)
        skipped = range(_TOLD_FIRST, len(group) - 1) if len(group) >= _FEWEST_ALIKE.get(group[0].kind, 2) else range(0)
        for index, step in enumerate(group):
            number += step.invocation is not None
            moved = checkpoints.get(step.shard_id) != step.checkpoint
            checkpoints[step.shard_id] = step.checkpoint
            if index not in skipped:
                shard = f"shard {shard_ids.index(step.shard_id) + 1}" if len(shard_ids) > 1 else ""
                yield step.kind, (*_cells(step, positions, shard, number), _moved(step, positions) if moved else "")
            elif index == _TOLD_FIRST:
                yield step.kind, ("", "", f"... {len(skipped):,} more alike", "")


def _cells(step: Step, positions: Mapping[str, int], shard: str, number: int) -> tuple[str, ...]:
    return (
        f"{step.at:,.1f} s",
        shard,
        f"invocation {number:,}" if step.invocation else _WORDS[step.kind],
        positions_text([positions[each] for each in step.sequence_numbers]) or "no records",
        _outcome(step, positions),
        step.said,
    )


def _moved(step: Step, positions: Mapping[str, int]) -> str:
    return f"checkpoint #{positions[step.checkpoint]:,}" if step.checkpoint else ""


def _likeness(step: Step) -> tuple[object, ...]:
    """What steps have in common that need not all be told."""
    invocation = step.invocation
    if step.kind == "success" and invocation is not None and invocation.cause == "batch" and not step.said:
        return (step.kind, step.shard_id)
    if step.kind == "filter":
        return (step.kind, step.shard_id)
    if step.kind in ("failure", "throttle"):
        reason = invocation and (invocation.reason, invocation.reported)
        return (step.kind, step.shard_id, step.sequence_numbers, reason)
    return (id(step),)


def _outcome(step: Step, positions: Mapping[str, int]) -> str:
    invocation = step.invocation
    if invocation is None:
        return ""
    if invocation.reason is not None:
        return f"failure: {' '.join(invocation.reason.split())}"
    if invocation.reported is not None:
        return f"{invocation.outcome}: reported #{positions[invocation.reported]:,}"
    return "end of window: success" if invocation.cause == "window" else invocation.outcome
