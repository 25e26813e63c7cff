"""Files that hold one item: attribute values as the AWS CLI prints them, or plain JSON."""

from __future__ import annotations

import json
from decimal import Decimal

from tailrace import TailraceError, UnmarshallError, diff, diff_images, loads, marshall, unmarshall
from tailrace.cli.position import text_of
from tailrace.cli.reading import InputError, holds_records, input_error, read_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, NoReturn

    from tailrace import ImageDiff
    from tailrace.cli.differences import Rules

    Path = tuple[str | int, ...]

_TYPES = frozenset({"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"})

__all__ = ["ItemFile", "changes_between", "read_item"]


class ItemFile:
    """A file that holds one item.

    Args:
        file: its path; ``-`` is standard input.
        plain: whether its values are plain JSON. Otherwise they are attribute values: ``{"id": {"S": "a"}}``, or an
            answer of GetItem with such an item in its member Item.

    Raises:
        InputError: it cannot be read, or is no JSON object and not ``null``, which is no item.
    """

    def __init__(self, file: str, *, plain: bool = False) -> None:
        self.plain = plain
        self._name, self._data = read_document(file)
        if not self._data.strip():
            raise InputError(self._name, "it is empty: write null where there is no item")
        self._document = self._read_document()
        if not isinstance(self._document, (dict, type(None))):
            raise InputError(self._name, "an item is a JSON object, or null where there is none", line=1)
        self._place: Path = ("Item",) if not plain and self._document and _is_answer(self._document) else ()

    def item(self, masked: Collection[str] = ()) -> dict[str, Any] | None:
        """The item as Python values; None where there is none.

        Args:
            masked: attributes of which an error is to name nothing that is in them.

        Raises:
            InputError: it is no item.
        """
        if self._document is None:
            return None
        try:
            if self.plain:
                marshall(self._document)
                return dict(self._document)
            item: dict[str, Any] = loads(self._text())
        except TailraceError as error:
            raise self.error(error, error.path, masked) from error
        return item

    def unread(self, rules: Rules) -> Any:
        """The item for ``diff_images``, or, if it is plain, for ``diff``.

        Args:
            rules: what they pass by is not read here either.

        Raises:
            InputError: a plain value that no item holds, which ``diff`` would take.
        """
        if self._document is None or not self.plain:
            return None if self._document is None else self._text()
        try:
            marshall({name: value for name, value in self._document.items() if rules.look_at_all_of(name)})
        except TailraceError as error:
            raise self.error(error, error.path) from error
        return self._document

    def error(self, error: TailraceError, path: Path, masked: Collection[str] = ()) -> InputError:
        """What is wrong with the item, and where in the file.

        Args:
            error: what was raised.
            path: where in the item.
            masked: as of ``item``.
        """
        reason = error.message
        if path and path[0] in masked:
            reason, path = "a masked value is broken", path[:1]
        return input_error(self._name, 1, self._data, reason, (*self._place, *path))

    def _read_document(self) -> Any:
        try:
            document = _document(self._name, self._data)
        except InputError:
            self._refuse_records()  # lines are no document
            raise
        if not _may_be_item(document):
            self._refuse_records()
        return document

    def _refuse_records(self) -> None:
        if not self.plain and holds_records(self._data):
            raise InputError(
                self._name, "it holds change records, and two arguments are two items: give one file of records alone"
            )

    def _text(self) -> str:
        return text_of(self._data.decode(), self._place)


def read_item(file: str, *, plain: bool = False) -> dict[str, Any] | None:
    """Read an item.

    Args:
        file: as of ``ItemFile``.
        plain: as of ``ItemFile``.

    Returns:
        The item as Python values; None for ``null``, which is no item.

    Raises:
        InputError: it cannot be read, or is no item.
    """
    return ItemFile(file, plain=plain).item()


def changes_between(old: ItemFile, new: ItemFile, rules: Rules) -> ImageDiff:
    """What changed between two items. Both are read whole, but for what the rules pass by.

    Args:
        old: the item before.
        new: the item after, in the same form.
        rules: how they are compared.

    Raises:
        InputError: one is no item.
        UnmarshallError: likewise, where the rules pass some by; the first step of its path is the side.
    """
    if not rules.pass_some_by:
        return diff(old.item(rules.masked_somewhere), new.item(rules.masked_somewhere), **rules.options())
    if old.plain:
        return diff(old.unread(rules), new.unread(rules), **rules.options())
    return diff_images(old.unread(rules), new.unread(rules), **rules.options())


def _may_be_item(document: Any) -> bool:
    """Whether all that a JSON object has are attribute values by their looks: so an attribute may be called Records."""
    return isinstance(document, dict) and all(
        isinstance(value, dict) and value.keys() <= _TYPES for value in document.values()
    )


def _is_answer(document: dict[str, Any]) -> bool:
    """Whether this is an answer of GetItem, and not an item that has an attribute called Item.

    No document is both: what is inside would have to be an attribute value and an item of attribute values, so a map
    of one member that is again both, and so on without an end.
    """
    inner = document.get("Item")
    if not isinstance(inner, dict):
        return False
    try:
        unmarshall({"Item": inner}, strict=True)
    except UnmarshallError:
        return True
    return False


def _document(name: str, data: bytes) -> Any:
    """The JSON of a file, no number changed and no name passed by."""
    try:
        return json.loads(
            data.decode(), parse_float=Decimal, parse_int=Decimal, parse_constant=_refuse, object_pairs_hook=_unique
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise input_error(name, 1, data, _reason(error), ()) from error


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deep"
    return "a number that no item holds" if isinstance(error, ArithmeticError) else str(error)


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a name stands twice in one object")
    return found
