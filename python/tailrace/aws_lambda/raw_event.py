"""An event that stays bytes: a dict like any other, but for its records, each decoded when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tailrace._core import Batch, record_ranges
from tailrace.exceptions import EventFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, overload

__all__ = ["RawEvent", "RawRecords", "ReadOnlyDict"]


class RawEvent(dict):  # type: ignore[type-arg]  # subscripting a base class is a call at import
    """An event of Lambda as it came from the runtime, whose records are still bytes.

    A dict: wrappers may index it, look into it and add to it. Only ``event["Records"]`` is no list, but ``RawRecords``,
    which ``Batch.from_event`` and ``StreamHandler`` read from the bytes. That holds for a shallow copy too, such as
    ``{**event}`` or ``dict(event)``. A deep copy is a plain dict of plain objects. ``json.dumps`` raises TypeError,
    because it knows no such sequence: give it ``event.to_dict()``.

    Args:
        body: the event as JSON.
        decode: makes Python objects of JSON: what the runtime would have used.

    Raises:
        EventFormatError: broken JSON, or no object with at least one change record in its ``Records``.

    Example:
        >>> import json
        >>> from tailrace import Batch
        >>> from tailrace.aws_lambda import RawEvent
        >>> from tailrace.testing import make_event
        >>> event = RawEvent(json.dumps(make_event([{"id": "a"}, {"id": "b"}])).encode())
        >>> event["Records"][1]["dynamodb"]["Keys"]
        {'id': {'S': 'b'}}
        >>> [record.keys for record in Batch.from_event(event)]
        [{'id': 'a'}, {'id': 'b'}]
        >>> event
        <RawEvent of 2 records>
    """

    __slots__ = ("_decode",)

    def __init__(self, body: bytes, decode: Callable[[bytes], Any] = json.loads) -> None:
        batch = Batch.from_event(body)
        ranges = record_ranges(batch)
        envelope = decode(body[: ranges[0][0]] + body[ranges[-1][1] :]) if ranges else None
        # A pipe's list, or an event inside another one, has no Records where a wrapper would look for them.
        if type(envelope) is not dict or envelope.get("Records") != []:
            raise EventFormatError("no event of a stream's event source mapping")
        envelope["Records"] = RawRecords(body, batch, ranges)
        super().__init__(envelope)
        self._decode = decode

    def to_dict(self) -> dict[str, Any]:
        """The event as the runtime would have given it, with what has been changed in it since.

        Returns:
            A new dict. The records are new too, and may be changed; what else the event holds is not copied.

        Example:
            >>> from tailrace.aws_lambda import RawEvent
            >>> event = RawEvent(b'{"Records": [{"eventID": "1", "dynamodb": {}}]}')
            >>> event.to_dict()
            {'Records': [{'eventID': '1', 'dynamodb': {}}]}
        """
        plain = dict(self)
        records = plain.get("Records")
        if isinstance(records, RawRecords):
            plain["Records"] = self._decode(records.body)["Records"]
        return plain

    def copy(self) -> dict[str, Any]:
        """A shallow copy: a dict with the same records."""
        return dict(self)

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        from copy import deepcopy

        return deepcopy(self.to_dict(), memo)

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (self.to_dict(),)

    def __repr__(self) -> str:
        records = self.get("Records")
        return f"<RawEvent of {len(records) if isinstance(records, Sequence) else 0} records>"


class RawRecords(Sequence):  # type: ignore[type-arg]  # as of RawEvent
    """The records of a RawEvent: a sequence that decodes a record each time it is asked for one.

    Equal to a list of the same records. What it gives cannot be changed: nobody would see the change, since handlers
    read the bytes. Change a copy, and put it into the event: ``event["Records"] = event.to_dict()["Records"]``.

    Example:
        >>> from tailrace.aws_lambda import RawEvent
        >>> records = RawEvent(b'{"Records": [{"eventID": "1", "dynamodb": {}}]}')["Records"]
        >>> len(records), records[0]["eventID"], records == [{"eventID": "1", "dynamodb": {}}]
        (1, '1', True)
        >>> records[0]["eventID"] = "2"
        Traceback (most recent call last):
        TypeError: the records of a raw event cannot be changed: change those of event.to_dict()
    """

    __slots__ = ("_last", "_ranges", "batch", "body")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, body: bytes, batch: Batch, ranges: list[tuple[int, int]]) -> None:
        self.body = body
        # By this name `Batch.from_event` finds what has been read already.
        self.batch = batch
        self._ranges = ranges
        self._last: tuple[int, ReadOnlyDict] | None = None

    def __len__(self) -> int:
        return len(self._ranges)

    if TYPE_CHECKING:

        @overload
        def __getitem__(self, index: int) -> ReadOnlyDict: ...
        @overload
        def __getitem__(self, index: slice) -> list[ReadOnlyDict]: ...

    def __getitem__(self, index: int | slice) -> ReadOnlyDict | list[ReadOnlyDict]:
        if isinstance(index, slice):
            return [self._record(position) for position in range(*index.indices(len(self)))]
        return self._record(range(len(self))[index])

    def _record(self, position: int) -> ReadOnlyDict:
        # Wrappers ask for the first record over and over.
        last = self._last
        if last is not None and last[0] == position:
            return last[1]
        start, end = self._ranges[position]
        record: ReadOnlyDict = json.loads(self.body[start:end], object_hook=ReadOnlyDict)
        self._last = (position, record)
        return record

    def __eq__(self, other: object) -> bool:
        if isinstance(other, RawRecords) and other.body == self.body:
            return True
        if not isinstance(other, (list, RawRecords)):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    def __reduce__(self) -> tuple[type, tuple[list[Any]]]:
        return list, (list(self),)

    def __repr__(self) -> str:
        return f"<RawRecords: {len(self)} records>"


class ReadOnlyDict(dict):  # type: ignore[type-arg]  # as of RawEvent
    """A dict that cannot be changed; a deep copy of it can."""

    __slots__ = ()

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("the records of a raw event cannot be changed: change those of event.to_dict()")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def copy(self) -> dict[str, Any]:
        """A shallow copy, which can be changed."""
        return dict(self)

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        return dict, (dict(self),)
