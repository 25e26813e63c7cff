"""The conditions of a route that are asked of each record: what changed, of which table it is, who removed it."""

from __future__ import annotations

from tailrace._core import diff, marshall, unmarshall
from tailrace.exceptions import EventFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from tailrace._core import Record

    Path = tuple[str | int, ...]

__all__ = ["ByTimeToLive", "Condition", "OfTable"]

_IN_TABLE_NAMES = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
_LONGEST_TABLE_NAME = 255


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


class OfTable:
    """Of which table a record must be, for a handler behind the streams of several.

    Args:
        table: its name, or several.

    Raises:
        TypeError: no name, nor a collection of names.
        ValueError: none at all, or what cannot be the name of a table, such as an ARN.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Example:
        >>> from tailrace.testing import make_record
        >>> record = make_record(new_image={"id": "a"}, table_name="orders")
        >>> OfTable("orders").holds(record), OfTable(["carts", "users"]).holds(record)
        (True, False)
    """

    __slots__ = ("_names",)

    def __init__(self, table: str | Collection[str]) -> None:
        self._names = frozenset([table] if isinstance(table, str) else _checked_names(table))
        if not self._names or not all(map(_is_table_name, self._names)):
            raise ValueError(f"table={table!r} could never match: it takes the name of a table, or several")

    def holds(self, record: Record) -> bool:
        """Whether it is of one of them. Raises where nobody knows: it is not skipped."""
        if record.table_name is None:
            raise EventFormatError(
                "the record does not say of which table it is, and a route asks for table=",
                path=("eventSourceARN",),
                sequence_number=record.sequence_number,
            )
        return record.table_name in self._names


class ByTimeToLive:
    """Whether Time to Live must have removed the item.

    Args:
        ttl: whether it must, or must not.

    Raises:
        TypeError: it is no bool.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html

    Example:
        >>> from tailrace.testing import make_record
        >>> ByTimeToLive(True).holds(make_record(old_image={"id": "a"}))
        False
    """

    __slots__ = ("_ttl",)

    def __init__(self, ttl: bool) -> None:
        if not isinstance(ttl, bool):
            raise TypeError(f"ttl= is True, False, or None for both, not {ttl!r}")
        self._ttl = ttl

    def holds(self, record: Record) -> bool:
        """Whether it holds."""
        return record.is_ttl_delete is self._ttl


def _checked_path(path: str | Path) -> str | Path:
    try:
        diff({}, {}, only=(path,))  # knows what a path is
    except (TypeError, ValueError) as error:
        raise type(error)(f"changed={path!r}: {error}") from None
    return path


def _checked_names(table: object) -> Collection[str]:
    if isinstance(table, (tuple, list, set, frozenset)) and all(isinstance(name, str) for name in table):
        return table
    raise TypeError(f"table= takes the name of a table, or a list, tuple or set of names, not {table!r}")


def _is_table_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_TABLE_NAME and _IN_TABLE_NAMES.issuperset(name)
