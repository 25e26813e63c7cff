"""The Rust extension: change records read from bytes or Python objects."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal, TypeAlias, final, overload

from tailrace.filters.explanation import Explanation
from tailrace.filters.warning import LintWarning
from tailrace.types import EventName, StreamViewType, UserIdentity

__version__: str

def build_info() -> dict[str, str | bool]:
    """How this extension was built.

    Returns:
        ``wheel``: ``"version-specific"`` or ``"abi3"``; ``profile``: ``"release"`` or ``"debug"``;
        ``simd``: the instruction set in use on this machine (``"avx2"``, ``"sse2"`` or
        ``"portable"``); ``python``: the Python it was built for, such as ``"3.13"`` (``"3.10+"``
        for abi3); ``dicts``: ``"in place"``, or ``"PyDict_Next"`` where this Python's dicts are not as tailrace
        knows them or the wheel is abi3, which is slower; ``version``: the version of tailrace.

    Example:
        >>> import tailrace
        >>> sorted(tailrace.build_info())
        ['dicts', 'profile', 'python', 'simd', 'version', 'wheel']
    """

_Numbers: TypeAlias = (
    Literal["decimal", "decimal-strict", "int-decimal", "int-float", "float", "str"] | Callable[[str], object]
)
_Binary: TypeAlias = Literal["bytes", "boto3", "raw"]
_Sets: TypeAlias = Literal["set", "list"]

def unmarshall(
    item: Mapping[str, Any],
    *,
    numbers: _Numbers = "decimal",
    binary: _Binary = "bytes",
    sets: _Sets = "set",
    strict: bool = False,
) -> dict[str, Any]:
    """Turn an item of attribute values into Python values.

    Args:
        item: a mapping of attribute name to ``{"S": ...}``, at most 128 levels deep. B is taken as
            bytes or as base64 text. Python's strings are passed on unread, so half of a surrogate
            pair, which no JSON bytes may hold, stays what it is.
        numbers: what an N of at most 38 significant digits becomes. ``"decimal"``: an exact Decimal with its
            written zeros. ``"decimal-strict"``: the same through boto3's context, which raises on some spellings of
            over 38 digits. ``"int-decimal"``: an int where there is no fraction (``"1.0"`` and ``"1E+2"`` too), else a
            Decimal. ``"int-float"``: an int, else the nearest float. ``"float"``: always the nearest float.
            ``"str"``: the text as written. A function gets the text, and what it returns is the value.
        binary: what a B becomes. ``"bytes"``; ``"boto3"``: boto3's Binary; ``"raw"``: bytes or base64 text as they
            are on the wire.
        sets: ``"set"``, or ``"list"`` in the order of the wire.
        strict: refuse what boto3 passes by: a second type tag, a NULL that is not true, a member that stands twice
            in a set.

    Returns:
        A new dict: S str, N a number, B bytes, BOOL bool, NULL None, L list, M dict, SS/NS/BS sets.

    Raises:
        UnmarshallError: the item is no mapping of attribute values; it says where.
        ValueError: a mode that does not exist.
        ImportError: ``binary="boto3"`` without boto3.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html

    Example:
        >>> from tailrace import unmarshall
        >>> unmarshall({"id": {"S": "a"}, "price": {"N": "1.50"}})
        {'id': 'a', 'price': Decimal('1.50')}
        >>> unmarshall({"count": {"N": "2"}, "price": {"N": "1.50"}}, numbers="int-float")
        {'count': 2, 'price': 1.5}
    """

@overload
def loads(
    data: bytes | bytearray | memoryview | str,
    *,
    shape: Literal["item", "answer"] = "item",
    numbers: _Numbers = "decimal",
    binary: _Binary = "bytes",
    sets: _Sets = "set",
    strict: bool = False,
) -> dict[str, Any]:
    """Turn DynamoDB JSON into Python values in one pass, without dicts in between.

    What the text holds is said by ``shape`` and never guessed from the look: an attribute may be called Item or S too.

    Args:
        data: UTF-8 JSON text.
        shape: ``"item"``: an object of attribute name to ``{"S": ...}``. ``"items"``: an array of them. ``"answer"``:
            an answer of the API, of which Item, Attributes, Items, Responses, and Keys, NewImage and OldImage of
            Records[].dynamodb are items; all else, LastEvaluatedKey and UnprocessedKeys too, is plain JSON.
            ``"export"``: the lines of an export to S3, each an object with an item in every member
            (``{"Item": ...}``, or Metadata, Keys, NewImage and OldImage of an incremental one).
        numbers: as of ``unmarshall``.
        binary: as of ``unmarshall``.
        sets: as of ``unmarshall``.
        strict: as of ``unmarshall``.

    Returns:
        New objects: a dict with the values that ``unmarshall`` gives; a list of such dicts; the answer as a dict, null
        as None; a list of dicts, one for each line that is not empty.

    Raises:
        UnmarshallError: broken JSON, a duplicate name, or no attribute values; it says where. For an export it names
            the line, counted from 1.
        ValueError: a shape or mode that does not exist.

    Source: RFC 8259; https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html;
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html

    Example:
        >>> from tailrace import loads
        >>> loads(b'{"id":{"S":"a"},"tags":{"SS":["x"]}}')
        {'id': 'a', 'tags': {'x'}}
        >>> loads(b'{"Items":[{"id":{"S":"a"}}],"Count":1,"LastEvaluatedKey":{"id":{"S":"a"}}}', shape="answer")
        {'Items': [{'id': 'a'}], 'Count': 1, 'LastEvaluatedKey': {'id': {'S': 'a'}}}
        >>> loads(b'{"Item":{"id":{"S":"a"}}}', shape="export")
        [{'Item': {'id': 'a'}}]
    """

@overload
def loads(
    data: bytes | bytearray | memoryview | str,
    *,
    shape: Literal["items", "export"],
    numbers: _Numbers = "decimal",
    binary: _Binary = "bytes",
    sets: _Sets = "set",
    strict: bool = False,
) -> list[dict[str, Any]]: ...
def marshall(item: Mapping[str, Any], *, floats: Literal["error", "repr"] = "error") -> dict[str, dict[str, Any]]:
    """Turn Python values into attribute values for a boto3 client: exact, or refused.

    Args:
        item: a mapping of attribute name to value, at most 128 levels deep: None, bool, int, Decimal, str, bytes,
            bytearray, memoryview or boto3's Binary, sets of one kind, and mappings, lists and tuples of these. A
            number has at most 38 significant digits and lies between 1E-130 and 9.99...E+125.
        floats: ``"error"`` refuses a float, which is no exact number; ``"repr"`` writes its shortest exact text.

    Returns:
        A new dict of attribute name to ``{"S": ...}``: B is bytes, the members of sets are sorted.

    Raises:
        MarshallError: a value that DynamoDB cannot hold, or that would change on the way: a float, NaN, too many
            digits, an empty or a mixed set, a datetime, UUID, Enum or dataclass, a name that is no str, half of a
            surrogate pair. It says where, and what to write instead.
        ValueError: a word for ``floats`` that does not exist.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Example:
        >>> from decimal import Decimal
        >>> from tailrace import marshall
        >>> marshall({"id": "a", "price": Decimal("1.50"), "tags": {"x"}})
        {'id': {'S': 'a'}, 'price': {'N': '1.50'}, 'tags': {'SS': ['x']}}
        >>> marshall({"ratio": 0.1}, floats="repr")
        {'ratio': {'N': '0.1'}}
    """

def dumps(
    data: Mapping[str, Any] | Iterable[Mapping[str, Any]],
    *,
    shape: Literal["item", "items", "answer", "export"] = "item",
    floats: Literal["error", "repr"] = "error",
) -> bytes:
    """Write Python values as DynamoDB JSON in one pass, without dicts in between. ``loads`` reads it back.

    Args:
        data: what ``shape`` says, of the values that ``marshall`` takes.
        shape: ``"item"``: one item. ``"items"``: an iterable of items, written as an array. ``"answer"``: what an
            operation of the API answers; in ``Item``, ``Attributes``, ``Items``, ``Responses`` and the images of
            ``Records`` stand items, all else is written as it is, with bytes as base64 and datetimes as seconds.
            ``"export"``: an iterable of dicts of items, such as ``{"Item": item}``, each written as a line.
        floats: what becomes of a float in an item, as of ``marshall``.

    Returns:
        Compact UTF-8 JSON, written in one way only: names in the order of the dict, members of sets sorted, numbers
        with the digits they have, B as padded base64, non-ASCII text unescaped.

    Raises:
        MarshallError: as of ``marshall``; or ``data`` is not of this shape.
        ValueError: a word for ``shape`` or ``floats`` that does not exist.

    Source: RFC 8259; RFC 4648;
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html

    Example:
        >>> from tailrace import dumps
        >>> dumps({"id": "a", "sizes": {10, 9}})
        b'{"id":{"S":"a"},"sizes":{"NS":["9","10"]}}'
        >>> dumps([{"Item": {"id": "a"}}], shape="export").splitlines()
        [b'{"Item":{"id":{"S":"a"}}}']
    """

_Path: TypeAlias = str | tuple[str | int, ...]

def diff(
    old: Mapping[str, Any] | None,
    new: Mapping[str, Any] | None,
    *,
    lists: Literal["positional", "whole"] = "positional",
    ignore: str | Iterable[_Path] = (),
    only: str | Iterable[_Path] = (),
    mask: str | Iterable[_Path] = (),
) -> ImageDiff:
    """Tell what changed between two items of Python values, by what DynamoDB holds.

    Numbers are equal by value, whatever their class and spelling, but a bool is no number; sets in any order, lists by
    position, maps by name. Values of two types differ, and None (NULL) is not absence. A float counts with its exact
    value, which is rarely that of the Decimal of its text.

    Paths in ``ignore``, ``only`` and ``mask`` are each a name of a top-level attribute, or a tuple of names and list
    positions, at most 129; one name may stand alone. A tuple of names alone is refused, as it may mean one path or
    several. An empty list is no path at all: with ``only=[]`` everything is looked at.

    Args:
        old: the item before, of the values that ``marshall`` takes, and floats; None for one that is not there. It is
            not copied and must not change while the diff is in use.
        new: the item after, likewise.
        lists: ``"positional"`` compares lists by position: what follows an element that was put in front has changed.
            ``"whole"`` makes of a list in which anything changed one change.
        ignore: paths at and within which nothing is looked at. A change of something around them is told, with all of
            its value.
        only: paths at and within which alone is looked at. Of what is around them nothing is told: where a map came
            that holds such a path, it is the path that was added.
        mask: paths of which is told that they changed, and neither how nor to what. A change of something around them
            hides its values too.

    Returns:
        The changes, whose values are the objects of the two items.

    Raises:
        MarshallError: a value that DynamoDB cannot hold, where it has to be compared. The first step of its path is
            ``"old"`` or ``"new"``.
        TypeError: an option that is no path.
        ValueError: a word for ``lists`` that does not exist, a path that is empty or too long, a negative position.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html

    Example:
        >>> from tailrace import diff
        >>> changes = diff({"id": "a", "at": {"city": "Bern"}}, {"id": "a", "at": {"city": "Basel"}, "n": 1})
        >>> changes.changed, changes.added
        ({('at', 'city'): ('Bern', 'Basel')}, {('n',): 1})
        >>> bool(diff({"n": 1.0, "tags": {"a", "b"}}, {"tags": {"b", "a"}, "n": 1}))
        False
    """

def diff_images(
    old_image: Mapping[str, Any] | bytes | bytearray | memoryview | str | None,
    new_image: Mapping[str, Any] | bytes | bytearray | memoryview | str | None,
    *,
    lists: Literal["positional", "whole"] = "positional",
    ignore: str | Iterable[_Path] = (),
    only: str | Iterable[_Path] = (),
    mask: str | Iterable[_Path] = (),
) -> ImageDiff:
    """Tell what changed between two items of attribute values, as ``diff`` does.

    Attribute values that are the same on both sides, byte for byte or as objects, are not read.

    Args:
        old_image: the item before: a mapping of attribute name to ``{"S": ...}``, or JSON text of one; None for one
            that is not there. A mapping is not copied and must not change while the diff is in use.
        new_image: the item after, likewise.
        lists: as of ``diff``.
        ignore: as of ``diff``.
        only: as of ``diff``.
        mask: as of ``diff``.

    Returns:
        The changes, whose values are those that ``unmarshall`` gives; each is read when it is asked for.

    Raises:
        UnmarshallError: an image is broken where it has to be read. The first step of its path is ``"old_image"`` or
            ``"new_image"``.
        TypeError: an image that is neither, an option that is no path.
        ValueError: as of ``diff``.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html

    Example:
        >>> from tailrace import diff_images
        >>> changes = diff_images(b'{"id":{"S":"a"},"n":{"N":"1.0"}}', {"n": {"N": "1"}, "id": {"S": "b"}})
        >>> changes.changed
        {('id',): ('a', 'b')}
    """

@final
class Change:
    """One change of an ImageDiff. Two are equal that say the same of the same path, by what DynamoDB holds.

    Example:
        >>> from tailrace import diff
        >>> [(change.path, change.kind, change.old, change.new) for change in diff({"n": 1}, {"n": 2, "x": None})]
        [(('n',), 'changed', 1, 2), (('x',), 'added', None, None)]
    """

    __match_args__ = ("path", "kind", "old", "new")
    @property
    def path(self) -> tuple[str | int, ...]:
        """Names and list positions, outermost first."""
    @property
    def kind(self) -> Literal["added", "removed", "changed"]:
        """What happened there."""
    @property
    def old(self) -> Any:
        """The value before; None where there was none, or it is hidden. One of the wire is made anew each time."""
    @property
    def new(self) -> Any:
        """The value after, likewise."""
    @property
    def masked(self) -> bool:
        """Whether the values are hidden."""
    def __hash__(self) -> int: ...

@final
class ImageDiff:
    """What changed between two items; made by ``diff``, ``diff_images``, ``Record.diff`` and ``Batch.diffs``.

    It iterates over its changes, in the order of the new item; what was removed from a map or list follows what else
    changed in it. No path lies within another. Two diffs are equal that have equal changes, in any order. Values are
    made when they are asked for: ``attributes``, ``bool()`` and ``len()`` make none.

    Example:
        >>> from tailrace import diff
        >>> changes = diff({"id": "a", "status": "NEW"}, {"id": "a", "status": "PAID"})
        >>> changes
        <ImageDiff 0 added, 0 removed, 1 changed>
        >>> changes.changed[("status",)]
        ('NEW', 'PAID')
        >>> bool(diff({"id": "a"}, {"id": "a"}))
        False
    """

    @property
    def added(self) -> dict[tuple[str | int, ...], Any]:
        """A new dict of path to value, of what was not there before. A hidden value is None."""
    @property
    def removed(self) -> dict[tuple[str | int, ...], Any]:
        """A new dict of path to value, of what is not there any more. A hidden value is None."""
    @property
    def changed(self) -> dict[tuple[str | int, ...], tuple[Any, Any]]:
        """A new dict of path to value before and value after. Hidden values are None."""
    @property
    def attributes(self) -> frozenset[str]:
        """The names of the top-level attributes in which something changed."""
    @property
    def old_item(self) -> dict[str, Any] | None:
        """The whole item before: of ``diff`` the one that was given, else a new dict. None when there was none.

        Raises TailraceError for a diff made with ``mask=``.
        """
    @property
    def new_item(self) -> dict[str, Any] | None:
        """The whole item after, likewise. None when there is none."""
    def apply(self, old: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Make the new item of the old one.

        Args:
            old: the item before; None where there was none. It is not changed, and the new one shares with it what
                did not change.

        Returns:
            A new dict; None where the item was removed.

        Raises:
            TailraceError: the item is not as the diff found it, at the path that the error names; or the diff was made
                with ``ignore=``, ``only=`` or ``mask=``, or its values are not exact, as with ``numbers="float"``.
            MarshallError: no mapping, or a value there that DynamoDB cannot hold.

        Example:
            >>> from tailrace import diff
            >>> diff({"n": 1}, {"n": 2}).apply({"n": 1, "x": "kept"})
            {'n': 2, 'x': 'kept'}
        """
    def revert(self, new: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Make the old item of the new one.

        Args:
            new: the item after; None where it was removed.

        Returns:
            A new dict; None where the item was inserted.

        Raises:
            TailraceError: as of ``apply``.
            MarshallError: as of ``apply``.

        Example:
            >>> from tailrace import diff
            >>> diff({"n": 1}, {"n": 2}).revert({"n": 2})
            {'n': 1}
        """
    def to_dict(self) -> dict[str, Any]:
        """The changes as plain containers, which ``marshall`` and ``dumps`` take where they take the values.

        Returns:
            ``{"changes": [...]}`` in the order of iteration. Each has ``path`` (a list), ``kind``, and ``old`` and
            ``new`` where there is such a value; one that is hidden has ``"masked": True`` instead of them.

        Raises:
            UnmarshallError: a value is broken.

        Example:
            >>> from tailrace import diff
            >>> diff({"n": 1}, {"n": 2}).to_dict()
            {'changes': [{'path': ['n'], 'kind': 'changed', 'old': 1, 'new': 2}]}
        """
    def to_json_patch(self, test: bool = False) -> list[dict[str, Any]]:
        """Write the changes as a JSON Patch: applied to the JSON form of the old item it gives that of the new.

        Args:
            test: whether a ``test`` of the old value stands before each ``replace`` and ``remove``.

        Returns:
            Operations that ``json.dumps`` takes. A number is a JSON number where a 64-bit float holds it, else the
            object ``{"N": text}``; B is base64 text, a set a sorted array.

        Raises:
            TailraceError: as of ``apply``, but for the item.
            MarshallError: a value that is not exact, such as a float.

        Source: RFC 6902

        Example:
            >>> from tailrace import diff
            >>> diff({"lines": [1, 2]}, {"lines": [3]}).to_json_patch()
            [{'op': 'replace', 'path': '/lines/0', 'value': 3}, {'op': 'remove', 'path': '/lines/1'}]
        """
    def to_update_expression(
        self,
        *,
        keys: str | Iterable[str] = (),
        guard: bool = False,
        values: Literal["python", "attribute-values"] = "python",
    ) -> dict[str, Any]:
        """Write the changes as kwargs of ``update_item``, besides the table and the Key.

        Args:
            keys: the attributes of the primary key: nothing is done to them.
            guard: whether the update is to fail unless all that changes is as the diff found it.
            values: ``"python"`` for a ``Table`` of boto3's resource, ``"attribute-values"`` for a client.

        Returns:
            UpdateExpression, ConditionExpression, ExpressionAttributeNames and ExpressionAttributeValues, as far as
            there is something to say.

        Raises:
            TailraceError: as of ``apply``, but for the item; the item was removed; more changes than the 4,096 bytes
                of an expression can hold.
            MarshallError: a value that is not exact, such as a float.
            ValueError: a word for ``values`` that does not exist.

        Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html

        Example:
            >>> from tailrace import diff
            >>> request = diff({"id": "a", "n": 1}, {"id": "a", "n": 2}).to_update_expression(keys=("id",))
            >>> request["UpdateExpression"], request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
            ('SET #a0 = :v0', {'#a0': 'n'}, {':v0': Decimal('2')})
        """
    def render(self, color: bool = False) -> str:
        """Write each change on a line of its own, values complete, safe on a terminal.

        Args:
            color: whether lines are green, red and yellow by ANSI escape sequences.

        Returns:
            Lines of ``+ path: value``, ``- path: value`` and ``~ path: old -> new``.

        Raises:
            UnmarshallError: a value is broken.
            MarshallError: a value deeper than 128 levels, a set with members of several types, an integer with more
                digits than Python writes.

        Example:
            >>> from tailrace import diff
            >>> print(diff({"n": 1, "x": "gone"}, {"n": 2}).render())
            ~ n: 1 -> 2
            - x: "gone"
        """
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __iter__(self) -> Iterator[Change]: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Record:
    """One change of one item. Made by ``Batch``; what it reads it keeps.

    Example:
        >>> from tailrace import Batch
        >>> record = Batch.from_event({"Records": [{
        ...     "eventID": "1", "eventName": "INSERT",
        ...     "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/2026",
        ...     "dynamodb": {"Keys": {"id": {"S": "a"}}, "NewImage": {"id": {"S": "a"}},
        ...                  "SequenceNumber": "100000000000000000001"}}]})[0]
        >>> record.event_name == "INSERT", record.table_name, record.new_image
        (True, 'orders', {'id': 'a'})
        >>> record.old_image is None
        True
    """

    @property
    def event_id(self) -> str | None:
        """The eventID: unique for each change; of the payload when the change came through Kinesis."""
    @property
    def event_name(self) -> EventName | str | None:
        """INSERT, MODIFY or REMOVE; a word nobody knows is kept as text.

        Raises EventFormatError when the record is malformed.
        """
    @property
    def event_source_arn(self) -> str | None:
        """The ARN of the stream (of the Kinesis stream where the change came through one)."""
    @property
    def table_name(self) -> str | None:
        """The table, from the stream's ARN or the Kinesis payload; None when neither is known."""
    @property
    def aws_region(self) -> str | None:
        """The awsRegion of the record."""
    @property
    def sequence_number(self) -> str | None:
        """The SequenceNumber as on the wire: digits, of any length. None when the record has none that can be read."""
    @property
    def stream_view_type(self) -> StreamViewType | str | None:
        """Which images the stream carries; None when the record does not say (Kinesis)."""
    @property
    def size_bytes(self) -> int | None:
        """SizeBytes: the size of the change in bytes as DynamoDB counts it."""
    @property
    def approximate_creation_time(self) -> datetime | None:
        """When the change was made: aware, UTC, to the microsecond where the wire has it. None when absent."""
    @property
    def user_identity(self) -> UserIdentity | None:
        """Who made the change, ``{"type": ..., "principalId": ...}``; only Time to Live sets it."""
    @property
    def is_ttl_delete(self) -> bool:
        """Whether Time to Live removed the item: REMOVE by the service dynamodb.amazonaws.com."""
    @property
    def keys(self) -> dict[str, Any]:
        """The primary key as Python values. Raises EventFormatError when the record has none."""
    @property
    def new_image(self) -> dict[str, Any] | None:
        """The item after the change; None when the record does not carry it."""
    @property
    def old_image(self) -> dict[str, Any] | None:
        """The item before the change; None when the record does not carry it."""
    @property
    def diff(self) -> ImageDiff | None:
        """What the change changed; an INSERT is compared with nothing, and so is a REMOVE.

        None when the record does not carry the images of its change: the new one of an INSERT, the old one of a
        REMOVE, both of a MODIFY; and when its event is another one or unknown. Values are in the modes of the Batch.
        Raises UnmarshallError when an image is broken where it has to be read.
        """
    def changed(self, path: str | tuple[str | int, ...], *, old: Any = ..., new: Any = ...) -> bool:
        """Whether the value at a path changed, appeared or went away.

        Args:
            path: the name of a top-level attribute; or a tuple of names and list positions, outermost first.
            old: the value that it had, compared as ``diff`` compares; None is NULL. ``...`` is any, and none at all.
            new: the value that it has now.

        Returns:
            Whether it did, from and to the values that are given.

        Raises:
            EventFormatError: the record has no ``diff``, so nobody knows.
            UnmarshallError: an image is broken where it has to be read.
            MarshallError: ``old`` or ``new`` is no value that DynamoDB holds. A float is refused, since hardly any is
                equal to a number that was stored.

        Example:
            >>> from tailrace.testing import make_record
            >>> record = make_record(old_image={"id": "a", "status": "NEW"}, new_image={"id": "a", "status": "PAID"})
            >>> record.changed("status"), record.changed("status", new="PAID"), record.changed("id")
            (True, True, False)
        """
    @property
    def item_key(self) -> bytes:
        """The canonical identity of the item: equal for equal keys, however they are written."""
    def attribute_values(self, image: Literal["keys", "new_image", "old_image"]) -> dict[str, dict[str, Any]] | None:
        """The keys or an image in wire form, as a boto3 client takes it: B is bytes.

        Args:
            image: which one.

        Returns:
            A new dict, or None when the record does not carry it.

        Raises:
            UnmarshallError: the image is broken.
            ValueError: ``image`` is another word.

        Example:
            >>> from tailrace.testing import make_record
            >>> make_record(new_image={"id": "a"}).attribute_values("new_image")
            {'id': {'S': 'a'}}
        """
    def to_dict(self) -> dict[str, Any]:
        """The record in Lambda's wire shape: B is base64 text, times are numbers, it goes through ``json.dumps``.

        Returns:
            A new dict that ``Batch.from_event([...])`` reads as the same record. A change that came through
            Kinesis has ``dynamodb.SequenceNumber`` = the Kinesis sequence number; one whose payload
            cannot be read is the Kinesis record as it came.

        Raises:
            EventFormatError: the record is malformed beyond reading.

        Example:
            >>> from tailrace.testing import make_record
            >>> make_record(new_image={"id": "a"}).to_dict()["dynamodb"]["NewImage"]
            {'id': {'S': 'a'}}
        """

@final
class Batch(Sequence[Record]):
    """A sequence of Records over one event. It keeps no Records: each access makes a new view.

    Example:
        >>> from tailrace import Batch
        >>> len(Batch.from_event(b'{"Records": []}'))
        0
    """

    @staticmethod
    def from_event(
        event: bytes | bytearray | memoryview | str | Mapping[str, Any] | Sequence[Any],
        *,
        numbers: _Numbers = "decimal",
        binary: _Binary = "bytes",
        sets: _Sets = "set",
        event_source_arn: str | None = None,
    ) -> Batch:
        """Read an event in any of the five shapes.

        Args:
            event: a Lambda event of an event source mapping (DynamoDB Streams, or Kinesis carrying
                DynamoDB changes), a list from EventBridge Pipes, an on-failure object from S3, or a
                GetRecords answer; as bytes or str of JSON (up to 4 GiB), or as Python objects. Python
                objects are not copied and must not change while the Batch lives. A ``RawEvent`` is read
                from its bytes.
            numbers: what an N of keys and images becomes, as of ``unmarshall``.
            binary: what a B becomes, as of ``unmarshall``.
            sets: what SS, NS and BS become, as of ``unmarshall``.
            event_source_arn: the stream's ARN for records that carry none (GetRecords).

        Returns:
            The records, indexed. Images are checked when they are read.

        Raises:
            EventFormatError: broken JSON, or no batch of change records.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

        Example:
            >>> from tailrace import Batch
            >>> Batch.from_event({})
            Traceback (most recent call last):
            tailrace.exceptions.EventFormatError: no stream event: ...
        """
    @property
    def shape(self) -> Literal["stream", "kinesis", "pipes"]:
        """How the records came: a DynamoDB stream's Records, changes through Kinesis, or a Pipes list."""
    def diffs(self) -> list[ImageDiff | None]:
        """The diff of each record, in batch order; None as of ``Record.diff``.

        Returns:
            A new list, as long as the Batch.

        Raises:
            UnmarshallError: an image is broken where it has to be read; it names the record. To go on with the others,
                read ``record.diff`` one by one.

        Example:
            >>> from tailrace import Batch
            >>> from tailrace.testing import make_event
            >>> [len(diff) for diff in Batch.from_event(make_event([{"id": "a"}, {"id": "b", "n": 1}])).diffs()]
            [1, 2]
        """
    def matches(self, criteria: FilterCriteria) -> list[bool]:
        """Whether each record matches, without a Record made of any. 64 KiB of bytes or more are read without the GIL.

        Args:
            criteria: the filters, any of which may match.

        Returns:
            A new list, as long as the Batch.

        Raises:
            EventFormatError: a record is broken where it has to be read; it names the record. To go on with the others,
                ask ``criteria.matches(record)`` one by one.

        Example:
            >>> from tailrace import Batch, FilterCriteria
            >>> from tailrace.testing import make_event
            >>> batch = Batch.from_event(make_event([{"id": "a"}, {"id": "b"}]))
            >>> batch.matches(FilterCriteria({"dynamodb": {"Keys": {"id": {"S": ["b"]}}}}))
            [False, True]
        """
    def select(self, criteria: FilterCriteria) -> Batch:
        """The records that match, as a Batch of new views.

        Args:
            criteria: the filters, any of which may match.

        Returns:
            A new Batch over the same event, in batch order. What is not in it is a success: it needs no handling.

        Raises:
            EventFormatError: as of ``matches``.

        Example:
            >>> from tailrace import Batch, FilterCriteria
            >>> from tailrace.testing import make_event
            >>> batch = Batch.from_event(make_event([{"id": "a"}, {"id": "b"}]))
            >>> [record.keys for record in batch.select(FilterCriteria({"dynamodb": {"Keys": {"id": {"S": ["b"]}}}}))]
            [{'id': 'b'}]
        """
    def by_item(self) -> dict[bytes, Batch]:
        """The records grouped by ``item_key``, in order of first appearance, each group in batch order.

        Returns:
            A new dict; its Batches are views of this one.

        Raises:
            TailraceError: a record whose keys cannot be read.

        Example:
            >>> from tailrace.testing import make_event
            >>> batch = Batch.from_event(make_event([{"id": "a"}, {"id": "b"}]))
            >>> [len(group) for group in batch.by_item().values()]
            [1, 1]
        """
    def take(self, indexes: Sequence[int]) -> Batch:
        """The records at these positions as a Batch of new views.

        Args:
            indexes: positions in this Batch, from 0.

        Returns:
            A new Batch over the same event, in the order given.

        Raises:
            IndexError: a position outside the Batch.

        Example:
            >>> from tailrace import Batch
            >>> len(Batch.from_event([]).take([]))
            0
        """
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Record]: ...
    @overload
    def __getitem__(self, index: int, /) -> Record: ...
    @overload
    def __getitem__(self, index: slice, /) -> Batch: ...

_Dialect: TypeAlias = Literal["lambda", "eventbridge", "extended"]

@final
class FilterCriteria:
    """Filter patterns, any of which may match: the language of Lambda's event source mappings and of EventBridge.

    Compiled once; it can be shared by threads, hashed and pickled. Two are equal that have equal texts and dialects.

    The two dialects of AWS mean what its own program makes of them, surprises and all: a number never matches an N
    (which is text on the wire), ``exists`` tests the ends of paths only, ``$or`` overrides what its branches name
    again. Numbers are compared exactly, letter case by Unicode's simple folding.

    The extended dialect adds, at paths inside ``dynamodb.NewImage``, ``OldImage`` and ``Keys``: type tags may be left
    out (``{"NewImage": {"qty": [{"numeric": [">", 10]}]}}``), values then have their types (N all of its 38 digits,
    NULL is null), lists are looked into, and ``exists`` tells whether the attribute is there, whatever its type.
    ``{"changed": true}``, ``{"changed": [from, to]}``, ``{"added": true}`` and ``{"removed": true}`` compare the
    images. Anywhere it adds ``{"regex": text}`` (the whole value, in linear time),
    ``{"wildcard": {"equals-ignore-case": text}}``, ``{"contains-all": [...]}`` for sets and lists, several operators in
    one object (all must hold), ``{"$and": [...]}`` and ``{"$not": ...}`` in lists and around patterns. ``$or``
    overrides nothing there.

    Args:
        filters: ``{"Filters": [{"Pattern": ...}]}``, a list of patterns, or one pattern; each a dict or JSON text. None
            at all (``[]``) match every record, as on AWS.
        dialect: ``"lambda"``: the operators that Lambda documents for an event source mapping. ``"eventbridge"``: all
            operators of EventBridge. ``"extended"``: those and tailrace's own.
        max_filters: how many filters there may be, 1 to 10. Lambda allows 5, and 10 once the quota is raised.

    Raises:
        FilterPatternError: a pattern is refused; it says what, where and what would be right.
        ValueError: a dialect that does not exist, or a number out of range.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html;
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html

    Example:
        >>> from tailrace import FilterCriteria
        >>> criteria = FilterCriteria('{"eventName": [{"prefix": "MOD"}]}')
        >>> criteria.matches({"eventName": "MODIFY"})
        True
    """

    def __new__(cls, filters: Any, *, dialect: _Dialect = "lambda", max_filters: int = 5) -> FilterCriteria: ...
    def matches(self, event: Record | Mapping[str, Any] | bytes | bytearray | memoryview | str) -> bool:
        """Whether any of the filters matches.

        Only what a pattern names is read. Names that GetRecords spells in its own way (PrincipalId, a datetime, bytes)
        are read as Lambda spells them.

        Args:
            event: a Record; a change record, or any other JSON object, as Python objects or as JSON text.

        Returns:
            True if one matches, or if there are none.

        Raises:
            EventFormatError: no JSON object, or broken where it has to be read.

        Example:
            >>> from tailrace import FilterCriteria
            >>> FilterCriteria({"a": [{"anything-but": [1]}]}).matches(b'{"a": 1.0}')
            False
        """
    def explain(self, event: Record | Mapping[str, Any] | bytes | bytearray | memoryview | str) -> Explanation:
        """Why the filters match, or why not: what each path asks for, what stands there, and hints at known traps.

        Slower than ``matches``, and of the same answer.

        Args:
            event: as of ``matches``.

        Returns:
            True as a condition if one matches; as text it is for people, and ``to_dict()`` is for programs. It quotes
            values of the event.

        Raises:
            EventFormatError: as of ``matches``, and wherever the event is broken, as all of it is read.

        Example:
            >>> from tailrace import FilterCriteria
            >>> record = {"dynamodb": {"NewImage": {"qty": {"N": "15"}}}}
            >>> print(FilterCriteria({"dynamodb": {"NewImage": {"qty": {"N": [15]}}}}).explain(record))
            filter 0: no match
              - dynamodb.NewImage.qty.N: asks [15], found "15"
                ! N is text on the wire: a number or numeric never matches; the extended dialect compares it as a number
        """
    def lint(self, *, source: Literal["dynamodb", "kinesis"] | None = None) -> list[LintWarning]:
        """What the patterns may not mean as they were meant: what never or always matches, and more.

        Args:
            source: where the records come from. ``"dynamodb"``: a stream of DynamoDB. ``"kinesis"``: a stream of
                Kinesis that carries the changes of a table; a mapping has the record in ``data`` there, and its
                patterns begin so: ``{"data": {"dynamodb": ...}}``. None: either, the record itself being asked, as
                by ``matches``.

        Returns:
            A new list; empty where there is nothing to say.

        Raises:
            ValueError: a source that does not exist.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html

        Example:
            >>> from tailrace import FilterCriteria
            >>> (warning,) = FilterCriteria({"eventName": ["modify"]}).lint()
            >>> warning.code, warning.path
            ('never-matches', ('eventName', 0))
        """
    def to_lambda(self) -> dict[str, list[dict[str, str]]]:
        """The filters as an event source mapping takes them.

        Patterns of the ``lambda`` dialect come out as they are. Of the others, what Lambda has other words for is
        rewritten: a change between two values becomes a condition on each image, a wildcard a prefix or suffix, and
        what ``$or`` cannot hold together several filters. The same records match, or it is refused: so is a path that
        leaves types out, as it looks into lists and sets, and Lambda does not.

        Returns:
            FilterCriteria for a boto3 client or a template: ``{"Filters": [{"Pattern": text}]}``. A number of N is
            compared as text there, as DynamoDB gives it back: ``9.50`` as ``9.5``.

        Raises:
            FilterPatternError: Lambda has no such filter, or would need more than ``max_filters``; it says what of it.

        Source: https://docs.aws.amazon.com/lambda/latest/api/API_FilterCriteria.html

        Example:
            >>> from tailrace import FilterCriteria
            >>> pattern = {"dynamodb": {"NewImage": {"status": {"S": [{"changed": ["OPEN", "PAID"]}]}}}}
            >>> FilterCriteria(pattern, dialect="extended").to_lambda()["Filters"][0]["Pattern"]
            '{"dynamodb":{"OldImage":{"status":{"S":["OPEN"]}},"NewImage":{"status":{"S":["PAID"]}}}}'
        """
    @property
    def dialect(self) -> _Dialect:
        """The language of the patterns."""
    @property
    def patterns(self) -> tuple[str, ...]:
        """The texts of the patterns; compact JSON of those that came as objects."""
    def __len__(self) -> int: ...
    def __hash__(self) -> int: ...
    def __getnewargs_ex__(self) -> tuple[tuple[list[str]], dict[str, str | int]]: ...

# For tailrace's own sinks, command line and `tailrace.filters`; no part of the public API.

def explain_filters(
    criteria: FilterCriteria, event: Record | Mapping[str, Any] | bytes | bytearray | memoryview | str, /
) -> dict[str, Any]:
    """Why filters match an event, or why not.

    ``{"matches", "filters": [{"matches", "alternative_count", "alternatives": [{"matches", "hint", "paths": [{"path",
    "expected", "found": [{"type", "text", "image"}], "found_count", "matches", "hint"}]}]}]}``: at most 32 alternatives
    of a filter (what ``$or`` unfolds to) and 8 values of a path; ``expected`` is JSON; ``image`` is None but where the
    images are compared.
    """

def lint_filters(
    criteria: FilterCriteria, source: Literal["dynamodb", "kinesis"] | None = None, /
) -> list[dict[str, Any]]:
    """What patterns may not mean as they were meant, as dicts with the fields of a ``LintWarning``."""

def order_guard(record: Record) -> tuple[Literal["stream", "kinesis"], str] | None:
    """What orders the changes of one item.

    ``("stream", 40-character padded sequence number)`` or
    ``("kinesis", 20-digit creation time in microseconds + "-" + 56-digit padded Kinesis number)``; texts of one kind
    compare in order of the changes. None when the record carries no number (or, for Kinesis, no time).
    """

def image_json(record: Record, image: Literal["keys", "new_image", "old_image"]) -> str | None:
    """The keys or an image as compact DynamoDB JSON text (B as base64), or None when absent."""

def record_ranges(batch: Batch) -> list[tuple[int, int]]:
    """Where each record is in the bytes that a Batch was read from; empty where they are not all there."""

@final
class Options:
    """The modes of a TypeDeserializer, read once. For tailrace's own classes."""

    def __new__(
        cls, *, numbers: _Numbers = "decimal", binary: _Binary = "boto3", sets: _Sets = "set", strict: bool = False
    ) -> Options: ...
    @property
    def words(self) -> dict[str, Any]:
        """The words it was made of."""

@final
class AnswerReader:
    """Reads the bodies of one operation's answers. For patched clients.

    ``shape`` is the form of the answer after botocore's model: ``("structure", [(name on the wire, name, shape)])``,
    ``("list", shape)``, ``("map", shape)``, ``("native", None)`` and ``("attribute-values", None)`` for items,
    ``("timestamp", None)``, ``("plain", None)`` for what JSON says, and ``("foreign", botocore's shape)``.
    """

    def __new__(cls, shape: tuple[str, Any], options: Options | None = None) -> AnswerReader: ...
    def read(
        self,
        body: bytes,
        parse_timestamp: Callable[[Any], Any],
        parse_shape: Callable[[Any, Any], Any],
        counts_seconds: bool = False,
    ) -> Any:
        """What botocore's parser makes of a body, with items in the form that the shape asks for.

        ``parse_timestamp`` and ``parse_shape`` are the parser's own functions. ``counts_seconds`` says that the first
        gives for numbers the time so many seconds after 1970: then it is asked for few of the numbers. Raises
        UnmarshallError for a body that is odd in any way, also where botocore's parser would pass it by.
        """

def bind_deserializer(class_: type, known: Mapping[str, object], /) -> dict[str, Any]:
    """The methods of a TypeDeserializer as descriptors for this class.

    ``known`` has the plain functions of the class by name, ``deserialize`` and ``_deserialize_<type>``; what an
    object's class or the object itself has in the place of one is a hook, and is called.
    """

def bind_serializer(class_: type, known: Mapping[str, object], /) -> dict[str, Any]:
    """The methods of a TypeSerializer as descriptors for this class.

    ``known`` has the plain functions of the class by name: ``serialize``, ``_serialize_<type>``,
    ``_get_dynamodb_type`` and ``_is_<kind>``. With a hook among the last two, ``known["serialize"]`` does the work.
    """
