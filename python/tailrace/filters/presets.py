"""Ready-made filters: each is a FilterCriteria, for ``where=`` and for an event source mapping by ``to_lambda()``."""

from __future__ import annotations

import json
from decimal import Decimal

from tailrace._core import FilterCriteria, marshall

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Path = tuple[str, ...]

__all__ = [
    "attribute_changed",
    "became",
    "inserts",
    "modifies",
    "removes",
    "replicated_ttl_deletes",
    "ttl_deletes",
    "user_deletes",
]

_TAGS = frozenset({"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"})

# What DynamoDB says of a delete by Time to Live, in the Region where it ran.
_SERVICE = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_BY_TTL = {"eventName": ["REMOVE"], "userIdentity": {name: [value] for name, value in _SERVICE.items()}}

inserts = FilterCriteria({"eventName": ["INSERT"]})
"""New items.

Example:
    >>> from tailrace import StreamHandler, filters
    >>> from tailrace.sinks import MemorySink
    >>> new_items = StreamHandler().sink(MemorySink(), where=filters.inserts)
"""

modifies = FilterCriteria({"eventName": ["MODIFY"]})
"""Items that were written again.

Example:
    >>> from tailrace import filters
    >>> filters.modifies.to_lambda()
    {'Filters': [{'Pattern': '{"eventName":["MODIFY"]}'}]}
"""

removes = FilterCriteria({"eventName": ["REMOVE"]})
"""Deleted items, whoever deleted them.

Example:
    >>> from tailrace import Batch, filters
    >>> from tailrace.testing import make_event, make_record
    >>> batch = Batch.from_event(make_event([make_record(old_image={"id": "a"}), make_record(new_image={"id": "a"})]))
    >>> batch.matches(filters.removes)
    [True, False]
"""

ttl_deletes = FilterCriteria(_BY_TTL)
"""Items that Time to Live deleted, as of ``Record.is_ttl_delete``.

Only where Time to Live itself ran: a replica of a global table gets such deletes without a userIdentity. There, see
``replicated_ttl_deletes``.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html

Example:
    >>> from tailrace import StreamHandler, filters
    >>> from tailrace.testing import make_event, make_record
    >>> app = StreamHandler()
    >>> @app.remove(where=filters.ttl_deletes)
    ... def archive(record):
    ...     print("expired:", record.keys["id"])
    >>> service = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    >>> deletes = [make_record(old_image={"id": "a"}, user_identity=service), make_record(old_image={"id": "b"})]
    >>> done = app(make_event(deletes))
    expired: a
"""

user_deletes = FilterCriteria(
    [
        {"eventName": ["REMOVE"], "userIdentity": {name: [{"exists": False}, {"anything-but": [value]}]}}
        for name, value in _SERVICE.items()
    ]
)
"""Deleted items that ``ttl_deletes`` does not have; in a replica of a global table that is all of them.

Example:
    >>> from tailrace import filters
    >>> from tailrace.testing import make_record
    >>> filters.user_deletes.matches(make_record(old_image={"id": "b"}))
    True
"""


def replicated_ttl_deletes(attribute: str) -> FilterCriteria:
    """Items that Time to Live deleted, in a replica of a global table, too.

    There the record does not say who deleted the item: what has the attribute may have expired. A user's delete of such
    an item passes as well, in every Region, as no pattern can compare the attribute with the time; the handler can.

    Args:
        attribute: the one that Time to Live looks at, a number of seconds since 1970.

    Returns:
        The deletes that ``ttl_deletes`` has, and those that carry no userIdentity and had a number in the attribute.

    Raises:
        TypeError: it is no name.
        ValueError: an empty name, or one with a dot, which a pattern takes for names inside one another.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html

    Example:
        >>> from tailrace.filters import replicated_ttl_deletes
        >>> from tailrace.testing import make_record
        >>> record = make_record(old_image={"id": "a", "expires_at": 1700000000})
        >>> replicated_ttl_deletes("expires_at").matches(record)
        True
        >>> record.old_image["expires_at"] <= record.approximate_creation_time.timestamp()  # it had expired
        True
    """
    (name,) = _names((attribute,))
    unnamed = {
        "eventName": ["REMOVE"],
        "userIdentity": {"type": [{"exists": False}], "principalId": [{"exists": False}]},
        "dynamodb": {"OldImage": {name: {"N": [{"exists": True}]}}},
    }
    return FilterCriteria([_BY_TTL, unnamed])


def attribute_changed(path: str | Path) -> FilterCriteria:
    """Where the value at a path changed, appeared or went away, as of ``Record.changed``.

    A record that does not carry the images of its change is an error where it is asked, not a record that does not
    match. Lambda compares no images, so ``to_lambda()`` refuses it: see ``became``.

    Args:
        path: the name of a top-level attribute, or a tuple of names, outermost first.

    Returns:
        A filter of the dialect ``"extended"``.

    Raises:
        TypeError: it is no path; a position in a list is none that a filter knows.
        ValueError: an empty name or path, a name with a dot, or the name of a type inside a map: ask
            ``Record.changed`` for those.

    Example:
        >>> from tailrace.filters import attribute_changed
        >>> from tailrace.testing import make_record
        >>> record = make_record(old_image={"id": "a", "n": 1}, new_image={"id": "a", "n": 2})
        >>> attribute_changed("n").matches(record), attribute_changed("id").matches(record)
        (True, False)
    """
    return _compared(_names(path), None, [{"changed": True}])


def became(path: str | Path, value: str | int | Decimal | bool | bytes | None) -> FilterCriteria:
    """Where the value at a path is this one now, and was another before, or there was none.

    Args:
        path: as of ``attribute_changed``.
        value: text, a number, a boolean, bytes or None, which stands for NULL. Numbers are compared by value.

    Returns:
        A filter of the dialect ``"extended"``. Exported with ``to_lambda()`` it is the pattern that needs both images,
        NewImage the value and OldImage another; of a stream with NEW_IMAGE alone it then matches every later write,
        too, and a number is compared as text, as DynamoDB writes it. In tailrace, a record without its images is an
        error where it is asked, and numbers are compared by value.

    Raises:
        TypeError: no path, or a value of another type, such as a float, a list or a set.
        ValueError: as of ``attribute_changed``, or a value that DynamoDB cannot hold.

    Example:
        >>> from tailrace.filters import became
        >>> became("status", "PAID").to_lambda()["Filters"][0]["Pattern"]
        '{"dynamodb":{"OldImage":{"status":{"S":[{"exists":false},{"anything-but":["PAID"]}]}},"NewImage":{"status":{"S":["PAID"]}}}}'
    """
    names, tag, now = _names(path), *_literal(value)
    others = {"BOOL": [not value], "NULL": []}.get(tag, [{"anything-but": [now]}])
    # Text that looks like an IP address is compared as one, but for "exactly".
    is_now = {"exactly": now} if tag == "S" else now
    return _compared(names, tag, [{"changed": [other, is_now]} for other in ({"exists": False}, *others)])


def _compared(names: Path, tag: str | None, tests: list[Any]) -> FilterCriteria:
    pattern: Any = tests
    # With its types, a path is that of one attribute only, and Lambda's.
    steps = [step for name in names for step in ("M", name)][1:]
    for step in reversed(("dynamodb", "NewImage", *steps, *([tag] if tag else []))):
        pattern = {step: pattern}
    return FilterCriteria(_text(pattern), dialect="extended")


def _text(pattern: Any) -> str:
    """JSON with the digits of a Decimal as they are; json would make a float of it."""
    if isinstance(pattern, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_text(value)}" for name, value in pattern.items()) + "}"
    if isinstance(pattern, list):
        return "[" + ",".join(map(_text, pattern)) + "]"
    return str(pattern) if isinstance(pattern, Decimal) else json.dumps(pattern)


def _literal(value: Any) -> tuple[str, Any]:
    """The type of a value, and how a pattern writes it."""
    ((tag, written),) = marshall({"": value})[""].items()
    if tag == "B":
        from base64 import b64encode

        return tag, b64encode(written).decode()
    if tag == "N":
        return tag, Decimal(written)
    if tag in ("S", "BOOL"):
        return tag, written
    if tag == "NULL":
        return tag, None
    raise TypeError(f"became() takes text, a number, a boolean, bytes or None, not {type(value).__name__}")


def _names(path: Any) -> Path:
    names = (path,) if isinstance(path, str) else path
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"{path!r} is no path of a filter: it is a name, or a tuple of names")
    if not names or "" in names:
        raise ValueError(f"{path!r} is no path of a filter: an attribute has a name")
    for name in names:
        if "." in name or name.startswith("$"):
            raise ValueError(f"a pattern takes the name {name!r} for something else: ask record.changed in the handler")
    if _TAGS.intersection(names[1:]):
        raise ValueError(f"{path!r}: a pattern takes the name of a type for that: ask record.changed in the handler")
    return names
