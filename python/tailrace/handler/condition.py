"""The condition of a route: what must have changed, from what and to what."""

from __future__ import annotations

from tailrace._core import diff, marshall, unmarshall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tailrace._core import Record

    Path = tuple[str | int, ...]

__all__ = ["Condition"]


class Condition:
    """What must have changed in a record, judged by the record's own bytes: what a handler does to an image is nothing.

    Args:
        changed: the name of a top-level attribute, or a tuple of names and list positions.
        old: the value before; ``...`` is any, and none at all.
        new: the value after, likewise.

    Raises:
        TypeError: ``changed`` is no path, or ``old`` or ``new`` no value of an item, such as a float.
        ValueError: a path or value of the right type that is none, or an ``old`` that equals ``new``.

    Example:
        >>> from tailrace.testing import make_record
        >>> record = make_record(old_image={"id": "a", "status": "NEW"}, new_image={"id": "a", "status": "PAID"})
        >>> Condition("status", old=..., new="PAID").holds(record), Condition("id", old=..., new=...).holds(record)
        (True, False)
    """

    __slots__ = ("_path", "_values")

    def __init__(self, changed: str | Path, *, old: object, new: object) -> None:
        self._path = _checked_path(changed)
        given = {side: value for side, value in (("old", old), ("new", new)) if value is not ...}
        # A copy: the caller may go on to change a list or a map, and the route must not change with it.
        self._values: dict[str, Any] = unmarshall(marshall(given))
        if old is not ... and new is not ... and not diff({"": given["old"]}, {"": given["new"]}):
            raise ValueError("old= and new= are equal, so it could never match: nothing changed")

    def holds(self, record: Record) -> bool:
        """Whether it holds. Raises where the record does not carry the images of its change, or one is broken."""
        return record.changed(self._path, **self._values)

    def guarding(self, function: Callable[[Record], object]) -> Callable[[Record], object]:
        """The function, called with those records only for which the condition holds."""

        def guarded(record: Record) -> object:
            return function(record) if self.holds(record) else None

        return guarded


def _checked_path(path: str | Path) -> str | Path:
    try:
        diff({}, {}, only=(path,))  # knows what a path is
    except (TypeError, ValueError) as error:
        raise type(error)(f"changed={path!r}: {error}") from None
    return path
