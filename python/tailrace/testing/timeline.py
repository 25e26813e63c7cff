"""A delivery as lines for people."""

from __future__ import annotations

from itertools import groupby

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tailrace.testing.ledger import Step

__all__ = ["positions_text", "timeline_lines"]

_TOLD_OF_ALIKE = 2
_WORDS = {"filter": "filtered", "discard": "given up", "miss": "missed", "throttle": "throttled"}


def timeline_lines(steps: Sequence[Step], positions: Mapping[str, int]) -> Iterator[str]:
    """A line for each step; of many tries that fail alike the first, the last, and how many more.

    Args:
        steps: in order.
        positions: of the records in their shards, from 1.
    """
    rows = list(_rows(steps, positions))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(4)]
    for row in rows:
        cells = [row[0].rjust(widths[0]), *(row[n].ljust(widths[n]) for n in (1, 2, 3) if widths[n]), *row[4:]]
        yield "  ".join(cell for cell in cells if cell).rstrip()


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


def _rows(steps: Sequence[Step], positions: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    shard_ids = list(dict.fromkeys(step.shard_id for step in steps))
    number = 0
    checkpoints: dict[str, str | None] = {}
    for _, alike in groupby(steps, key=_likeness):
        group = list(alike)
        for index, step in enumerate(group):
            number += step.invocation is not None
            moved = checkpoints.get(step.shard_id) != step.checkpoint
            checkpoints[step.shard_id] = step.checkpoint
            if _TOLD_OF_ALIKE <= index < len(group) - 1:
                if index == _TOLD_OF_ALIKE:
                    yield ("", "", f"... {len(group) - _TOLD_OF_ALIKE - 1:,} more like these", "")
                continue
            shard = shard_ids.index(step.shard_id) + 1 if len(shard_ids) > 1 else 0
            yield (
                f"{step.at:,.1f} s",
                f"shard {shard}" if shard else "",
                f"invocation {number}" if step.invocation else _WORDS[step.kind],
                positions_text([positions[each] for each in step.sequence_numbers]) or "no records",
                _outcome(step, positions),
                step.said,
                f"checkpoint #{positions[step.checkpoint]}" if moved and step.checkpoint else "",
            )


def _likeness(step: Step) -> tuple[object, ...]:
    """What tries have in common that need not all be told."""
    invocation = step.invocation
    if step.kind not in ("failure", "throttle"):
        return (id(step),)
    return (step.kind, step.shard_id, step.sequence_numbers, invocation and (invocation.reason, invocation.reported))


def _outcome(step: Step, positions: Mapping[str, int]) -> str:
    invocation = step.invocation
    if invocation is None:
        return ""
    if invocation.reason is not None:
        return f"failure: {' '.join(invocation.reason.split())}"
    if invocation.reported is not None:
        return f"{invocation.outcome}: reported #{positions[invocation.reported]}"
    return "end of window: success" if invocation.cause == "window" else invocation.outcome
