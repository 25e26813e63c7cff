"""JSON Patch of a diff, and the JSON form of the values in it."""

from __future__ import annotations

from base64 import b64encode
from decimal import Decimal

from tailrace.diffs.attribute_value import attribute_value, canonical_text
from tailrace.diffs.parts import unmasked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tailrace.diffs.parts import Change, Path

__all__ = ["json_form", "json_patch"]


def json_patch(diff: Iterable[Change], *, test: bool = False) -> list[dict[str, Any]]:
    """Write the changes as a JSON Patch: applied to the JSON form of the old item it gives that of the new.

    An item that is absent is ``{}``. Values are in their JSON form, see ``json_form``. Elements are removed from the
    end of a list and added at its end one after the other, so every position is right when its operation runs.

    Args:
        diff: an ImageDiff made without ``ignore``, ``only`` and ``mask``.
        test: whether a ``test`` of the old value stands before each ``replace`` and ``remove``. JSON Patch has no test
            that something is absent: before an ``add`` stands none.

    Returns:
        Operations that ``json.dumps`` takes.

    Raises:
        TailraceError: a masked value.
        MarshallError: a value that is not exact, such as a float.

    Source: RFC 6902; RFC 6901

    Example:
        >>> from tailrace import diff
        >>> json_patch(diff({"lines": [{"a/b": {1}}]}, {"lines": [{"a/b": {2, 1}}]}))
        [{'op': 'replace', 'path': '/lines/0/a~1b', 'value': [1, 2]}]
    """
    changes = unmasked(diff)
    removed = sorted((change for change in changes if change.kind == "removed"), key=_position, reverse=True)
    added = sorted((change for change in changes if change.kind == "added"), key=_position)
    changed = [change for change in changes if change.kind == "changed"]
    return [operation for change in (*changed, *removed, *added) for operation in _operations(change, test)]


def json_form(value: Any, path: Path = ()) -> Any:
    """The value as JSON, by its type.

    S, BOOL, NULL, L, M: as they are. N: a JSON number where a reader that makes a 64-bit float of it has the same
    number back in its shortest text, an integer if there is no fraction; any other number is its attribute value,
    the object ``{"N": text}`` without zeros at its end. B: base64 text. SS, NS, BS: an array, text by code point,
    numbers by value, bytes by byte.

    Args:
        value: a Python value that ``marshall`` takes.
        path: where it stands in the item, for the error.

    Returns:
        Of dict, list, str, int, float, bool and None.

    Raises:
        MarshallError: DynamoDB has no such value, or it is not exact, such as a float.

    Source: RFC 8259, section 6; RFC 4648, section 4

    Example:
        >>> json_form([Decimal("2.0"), Decimal("19.99"), Decimal("0.1000000000000000000001"), b"a", {"y", "x"}])
        [2, 19.99, {'N': '0.1000000000000000000001'}, 'YQ==', ['x', 'y']]
    """
    return _json_form(attribute_value(value, path))


def _position(change: Change) -> int:
    """The place in a list; a name of a map has none, and its turn does not matter."""
    last = change.path[-1]
    return last if isinstance(last, int) else -1


def _operations(change: Change, test: bool) -> Iterator[dict[str, Any]]:
    pointer = "".join(f"/{_escaped(step)}" for step in change.path)
    if test and change.kind != "added":
        yield {"op": "test", "path": pointer, "value": json_form(change.old, change.path)}
    if change.kind == "removed":
        yield {"op": "remove", "path": pointer}
    else:
        verb = "add" if change.kind == "added" else "replace"
        yield {"op": verb, "path": pointer, "value": json_form(change.new, change.path)}


def _escaped(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def _json_form(wire: dict[str, Any]) -> Any:
    ((tag, payload),) = wire.items()
    if tag == "M":
        return {name: _json_form(member) for name, member in payload.items()}
    if tag == "L":
        return [_json_form(element) for element in payload]
    if tag in ("NS", "BS"):
        return [_scalar(tag[0], member) for member in payload]
    return _scalar(tag, payload)


def _scalar(tag: str, payload: Any) -> Any:
    if tag == "N":
        return _number(payload)
    if tag == "B":
        return b64encode(payload).decode("ascii")
    return None if tag == "NULL" else payload


def _number(text: str) -> int | float | dict[str, str]:
    number = Decimal(text)
    nearest = float(number)
    if Decimal(repr(nearest)) != number:
        return {"N": canonical_text(number)}  # equal numbers have one form, however they were written
    return int(number) if int(number) == number else nearest
