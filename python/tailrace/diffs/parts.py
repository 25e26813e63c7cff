"""A change as the exports read it: one of an ImageDiff, or one that stands for several."""

from __future__ import annotations

from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Literal, Protocol

    Path = tuple[str | int, ...]
else:
    Protocol = object

__all__ = ["Change", "unmasked"]


class Change(Protocol):
    """One change: where, which of the three kinds, and the values; None for a value there is none of."""

    @property
    def path(self) -> Path:
        """Attribute names and list positions, outermost first."""

    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """What happened there."""

    @property
    def old(self) -> Any:
        """The value before."""

    @property
    def new(self) -> Any:
        """The value after."""

    @property
    def masked(self) -> bool:
        """Whether the values are hidden."""


def unmasked(changes: Iterable[Change]) -> list[Change]:
    """The changes, where none of them hides its values.

    Args:
        changes: those of a diff.

    Returns:
        A list of them.

    Raises:
        TailraceError: some values are hidden, so what is made of the rest would not lead to the new item.
    """
    found = list(changes)
    for change in found:
        if change.masked:
            raise TailraceError("this value is masked: make the diff without mask= to export it", path=change.path)
    return found
