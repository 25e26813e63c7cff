"""The forms in which ``tailrace diff`` prints what changed: text, JSON and JSON Patch."""

from __future__ import annotations

import json
from typing import Literal, NamedTuple

from tailrace import TailraceError, UnmarshallError, diff_images, dumps
from tailrace.cli.heading import heading, json_heading, missing_images, readable_heading
from tailrace.cli.lines import json_line
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, Protocol

    from tailrace import ImageDiff, Record

    Path = tuple[str | int, ...]

    class Form(Protocol):
        """One of the forms."""

        def of_items(self, found: ImageDiff) -> Iterable[str]:
            """The lines of what changed between two items."""
            ...

        def of_record(self, record: Record, rules: Rules) -> tuple[list[str], bool]:
            """The lines of what a record changed, and whether it could be read."""
            ...


__all__ = ["AsJson", "AsPatch", "AsText", "Rules"]

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class Rules(NamedTuple):
    """How a diff is made, as of ``diff``."""

    lists: Literal["positional", "whole"] = "positional"
    only: tuple[Path, ...] = ()
    ignore: tuple[Path, ...] = ()
    mask: tuple[Path, ...] = ()

    @property
    def are_partial(self) -> bool:
        """Whether the diff may not tell all."""
        return bool(self.only or self.ignore or self.mask)

    @property
    def pass_some_by(self) -> bool:
        """Whether something is not even to be read."""
        return bool(self.only or self.ignore)

    @property
    def masked_somewhere(self) -> set[str]:
        """The attributes of which something is not to be shown."""
        return {str(path[0]) for path in self.mask}

    @property
    def masked_names(self) -> set[str]:
        """The attributes of which nothing is to be shown."""
        return {str(path[0]) for path in self.mask if len(path) == 1}

    def look_at_all_of(self, name: str) -> bool:
        """Whether an attribute is read whole, and nothing of it is hidden."""
        return (not self.only or (name,) in self.only) and all(name != path[0] for path in (*self.ignore, *self.mask))

    def options(self) -> dict[str, Any]:
        """The keyword arguments of ``diff``."""
        return self._asdict()

    def diff_of(self, record: Record) -> ImageDiff | None:
        """What a record changed; None where it does not carry the images of its change."""
        if self == Rules():
            return record.diff
        if not _has_images(record):
            return None
        if not self.pass_some_by:
            record.attribute_values("old_image")
            record.attribute_values("new_image")
        change = record.to_dict()["dynamodb"]
        old = None if record.event_name == "INSERT" else change["OldImage"]
        new = None if record.event_name == "REMOVE" else change["NewImage"]
        return diff_images(old, new, **self.options())

    def told(self, error: TailraceError) -> str:
        """What is said of a record that cannot be read: nothing of what is in a masked attribute."""
        masked = [at for at, step in enumerate(error.path[:3]) if step in self.masked_somewhere]
        if not masked:
            return str(error)
        return str(UnmarshallError("a masked value is broken", path=error.path[: masked[0] + 1]))


def _has_images(record: Record) -> bool:
    try:
        return record.diff is not None
    except UnmarshallError:  # it has them, and one is broken: perhaps where nobody is to look
        return True


class AsText:
    """A line a change, below a line for each record."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def of_items(self, found: ImageDiff) -> list[str]:
        """The lines of what changed between two items."""
        return found.render(self._color).split("\n") if found else []

    def of_record(self, record: Record, rules: Rules) -> tuple[list[str], bool]:
        """The lines of what a record changed, and whether it could be read."""
        try:
            head = heading(record, rules.masked_names).line()
            said, readable = self._said(record, rules), True
        except TailraceError as error:
            head = readable_heading(record, rules.masked_names).line()
            said, readable = [f"unreadable: {printable(rules.told(error))}"], False
        return [f"{_BOLD}{head}{_PLAIN}" if self._color else head, *(f"  {line}" for line in said)], readable

    def _said(self, record: Record, rules: Rules) -> list[str]:
        found = rules.diff_of(record)
        if found is None:
            return [missing_images(record)]
        changes = self.of_items(found) or ["no attribute changed"]
        return ["expired (Time to Live)", *changes] if record.is_ttl_delete else changes


class AsJson:
    """A JSON object a line, with values as attribute values."""

    def of_items(self, found: ImageDiff) -> list[str]:
        """The lines of what changed between two items."""
        return [json_line({"changes": _changes(found)})]

    def of_record(self, record: Record, rules: Rules) -> tuple[list[str], bool]:
        """The lines of what a record changed, and whether it could be read."""
        return _line(record, rules, "changes", _changes)


class AsPatch:
    """A JSON Patch a line; of a record, in an object that says which one it is."""

    def of_items(self, found: ImageDiff) -> list[str]:
        """The lines of what changed between two items."""
        return [json_line(found.to_json_patch())]

    def of_record(self, record: Record, rules: Rules) -> tuple[list[str], bool]:
        """The lines of what a record changed, and whether it could be read."""
        return _line(record, rules, "patch", lambda found: found.to_json_patch())


def _line(
    record: Record, rules: Rules, name: str, said: Callable[[ImageDiff], list[dict[str, Any]]]
) -> tuple[list[str], bool]:
    line = json_heading(record)
    try:
        found = rules.diff_of(record)
        line["keys"] = {key: _shown_key(key, value, rules) for key, value in record.keys.items()}
        line[name] = None if found is None else said(found)
    except TailraceError as error:
        return [json_line(json_heading(record) | {"error": rules.told(error)})], False
    return [json_line(line | ({"ttl": True} if record.is_ttl_delete else {}))], True


def _shown_key(name: str, value: object, rules: Rules) -> dict[str, Any]:
    return {"masked": True} if name in rules.masked_names else _attribute_value(value)


def _changes(found: ImageDiff) -> list[dict[str, Any]]:
    changes: list[dict[str, Any]] = found.to_dict()["changes"]
    return [
        {name: _attribute_value(value) if name in ("old", "new") else value for name, value in change.items()}
        for change in changes
    ]


def _attribute_value(value: object) -> dict[str, Any]:
    """With B as base64, as JSON has it."""
    ((_, written),) = json.loads(dumps({"": value})).items()
    found: dict[str, Any] = written
    return found
