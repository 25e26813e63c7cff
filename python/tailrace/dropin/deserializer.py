"""TypeDeserializer: boto3's class by name, text and hooks, with the work done in Rust."""

from __future__ import annotations

from tailrace import _core
from tailrace.dropin.context import dynamodb_context
from tailrace.dropin.refusals import refusal
from tailrace.exceptions import UnmarshallError, UnmarshallTypeError, UnmarshallValueError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from decimal import Decimal
    from typing import Any, Literal, SupportsIndex

    Numbers = Literal["decimal", "decimal-strict", "int-decimal", "int-float", "float", "str"] | Callable[[str], object]

__all__ = ["TypeDeserializer"]

_NO_DESCRIPTOR = "Value must be a nonempty dictionary whose key is a valid dynamodb type."
_TAGS = {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}
_DEFAULTS = ("decimal", "boto3", "set", False)


class TypeDeserializer:
    """Turns attribute values into Python values, as boto3's class of this name does, many times faster.

    Values, exceptions and their texts are boto3's; exceptions are of ``UnmarshallError`` besides. A subclass may
    override ``deserialize`` and every ``_deserialize_<type>``, or add one: they are called wherever boto3 calls them.
    Two differences: a number that DynamoDB holds and boto3 refuses to read (over 38 written digits) is read exactly
    unless ``numbers="decimal-strict"``, and values may be nested at most 128 levels deep.

    Args:
        numbers: what N becomes. ``"decimal"``: a Decimal with its written zeros; ``"decimal-strict"``: the same, and
            what boto3 refuses is refused; ``"int-decimal"``: an int of any length, else a Decimal; ``"int-float"``: an
            int, else the nearest float; ``"float"``; ``"str"``: the text as written; or a callable that takes the text.
        binary: what B becomes. ``"boto3"``: boto3's Binary, of bytes only; ``"bytes"``: bytes, of bytes or of base64
            text; ``"raw"``: what is on the wire.
        sets: ``"set"``, or ``"list"`` in the order of the wire.
        strict: refuse what DynamoDB never sends: two type tags in one value, a NULL that is not true, a member that
            stands twice in a set.

    Raises:
        ValueError: an option is none of these words.

    Example:
        >>> from tailrace import TypeDeserializer
        >>> TypeDeserializer().deserialize({"L": [{"N": "1.50"}, {"S": "a"}]})
        [Decimal('1.50'), 'a']
        >>> TypeDeserializer(numbers="int-float").deserialize_item({"n": {"N": "1.0"}, "f": {"N": "0.1"}})
        {'n': 1, 'f': 0.1}
    """

    def __init__(
        self,
        *,
        numbers: Numbers = "decimal",
        binary: Literal["boto3", "bytes", "raw"] = "boto3",
        sets: Literal["set", "list"] = "set",
        strict: bool = False,
    ) -> None:
        if (numbers, binary, sets, strict) != _DEFAULTS:
            words: dict[str, Any] = {"numbers": numbers, "binary": binary, "sets": sets, "strict": strict}
            # Rust looks for them here: without them, as where a subclass never came by, the defaults hold.
            self.__dict__["_options"] = _core.Options(**words)

    def deserialize(self, value: Mapping[str, Any]) -> Any:
        """Turn one attribute value into a Python value.

        Args:
            value: such as ``{"S": "text"}``; the tag in any case, its first key if there are more.

        Returns:
            The Python value: S str, N a Decimal, B boto3's Binary, BOOL bool, NULL None, L list, M dict, SS/NS/BS sets,
            or what the options say.

        Raises:
            UnmarshallError: as the class that boto3 raises, with boto3's text.

        Source: https://boto3.amazonaws.com/v1/documentation/api/latest/_modules/boto3/dynamodb/types.html

        Example:
            >>> from tailrace import TypeDeserializer
            >>> TypeDeserializer().deserialize({"SS": ["a"]})
            {'a'}
        """
        if not value:
            raise TypeError(_NO_DESCRIPTOR)
        tag = list(value.keys())[0]  # noqa: RUF015 - of a mapping that lies about its keys boto3 raises this IndexError
        try:
            read = getattr(self, f"_deserialize_{tag}".lower())
        except AttributeError:
            raise TypeError(f"Dynamodb type {tag} is not supported") from None
        if _is_strict(self):
            _check_tags(value, tag)
        return read(value[tag])

    def deserialize_item(self, item: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Turn an item into a dict: faster than ``deserialize`` attribute by attribute.

        Args:
            item: attribute name to attribute value, as a client gives it.

        Returns:
            A new dict of attribute name to what ``deserialize`` gives.

        Raises:
            UnmarshallError: as of ``deserialize``.

        Example:
            >>> from tailrace import TypeDeserializer
            >>> TypeDeserializer().deserialize_item({"id": {"S": "a"}})
            {'id': 'a'}
        """
        return {name: self.deserialize(value) for name, value in item.items()}

    def deserialize_items(self, items: Iterable[Mapping[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        """Turn many items into dicts, such as a page of a Scan.

        Args:
            items: what ``deserialize_item`` takes, any number of them.

        Returns:
            A new list of new dicts.

        Raises:
            UnmarshallError: as of ``deserialize``.

        Example:
            >>> from tailrace import TypeDeserializer
            >>> TypeDeserializer().deserialize_items([{"id": {"S": "a"}}, {"id": {"S": "b"}}])
            [{'id': 'a'}, {'id': 'b'}]
        """
        return [self.deserialize_item(item) for item in items]

    # What Rust does by itself, in boto3's plain way: for a subclass to override and to call through super(), and for
    # values that are no plain dicts and lists. Errors are boto3's own here; Rust makes them ours where it called.

    def _deserialize_null(self, value: Any) -> None:
        if _is_strict(self) and value is not True:
            raise UnmarshallTypeError("NULL holds true")

    def _deserialize_bool(self, value: Any) -> Any:
        return value

    def _deserialize_n(self, value: Any) -> Any:
        return _alone(self).deserialize({"N": value}) if _has_options(self) else _number(value)

    def _deserialize_s(self, value: Any) -> Any:
        return value

    def _deserialize_b(self, value: Any) -> Any:
        return _alone(self).deserialize({"B": value}) if _has_options(self) else _binary(value)

    def _deserialize_ns(self, value: Any) -> Any:
        return _gathered(self, map(self._deserialize_n, value))

    def _deserialize_ss(self, value: Any) -> Any:
        return _gathered(self, map(self._deserialize_s, value))

    def _deserialize_bs(self, value: Any) -> Any:
        return _gathered(self, map(self._deserialize_b, value))

    def _deserialize_l(self, value: Any) -> list[Any]:
        return [self.deserialize(element) for element in value]

    def _deserialize_m(self, value: Any) -> dict[Any, Any]:
        return {name: self.deserialize(member) for name, member in value.items()}

    def __repr__(self) -> str:
        words = ", ".join(f"{name}={word!r}" for name, word in _words(self).items())
        return f"{type(self).__name__}({words})"

    def __reduce_ex__(self, protocol: SupportsIndex) -> Any:
        """As of any object; the parsed options are left out and made again from their words."""
        reduced = super().__reduce_ex__(protocol)
        if not _has_options(self) or isinstance(reduced, str):
            return reduced
        make, arguments, state, *rest = reduced
        return (_with_options, (make, arguments, _words(self)), _without_options(state), *rest)


class _Alone:
    """Reads by its options alone, whatever methods somebody gives the class above."""

    def __init__(self, options: _core.Options) -> None:
        self._options = options

    if TYPE_CHECKING:

        def deserialize(self, value: Mapping[str, Any]) -> Any: ...


def _alone(deserializer: TypeDeserializer) -> _Alone:
    return _Alone(deserializer.__dict__["_options"])


def _has_options(deserializer: TypeDeserializer) -> bool:
    return "_options" in deserializer.__dict__


def _words(deserializer: TypeDeserializer) -> dict[str, Any]:
    return deserializer.__dict__["_options"].words if _has_options(deserializer) else {}


def _is_strict(deserializer: TypeDeserializer) -> bool:
    return bool(_words(deserializer).get("strict"))


def _check_tags(value: Mapping[str, Any], tag: object) -> None:
    """One tag, as DynamoDB writes it. One that only a subclass knows is the subclass's business."""
    if len(value) > 1:
        raise UnmarshallTypeError("an attribute value has two type tags")
    if tag not in _TAGS and str(tag).upper() in _TAGS:
        raise UnmarshallTypeError(f"Dynamodb type {tag} is not supported")


def _gathered(deserializer: TypeDeserializer, members: Iterable[Any]) -> Any:
    """The members of a set as the options want them."""
    kind = list if _words(deserializer).get("sets") == "list" else set
    if not _is_strict(deserializer):
        return kind(members)
    listed = list(members)
    if len(set(listed)) < len(listed):
        raise UnmarshallValueError("a set has a member twice")
    return kind(listed)


def _number(value: Any) -> Decimal:
    try:
        return dynamodb_context().create_decimal(value)
    except ArithmeticError:
        exact = _exact(value)
        if exact is None:
            raise
        return exact


def _exact(value: Any) -> Decimal | None:
    """The number, if it is one that DynamoDB holds: boto3 refuses some for the way they are written."""
    try:
        number: Decimal = _core.unmarshall({"N": {"N": value}})["N"]
    except UnmarshallError:
        return None
    return number


def _binary(value: Any) -> Any:
    from boto3.dynamodb.types import Binary

    try:
        return Binary(value)
    except TypeError as error:
        # Raised in boto3's file, where Rust does not look for errors about the data.
        raise refusal("unmarshall", error, ()) from None


def _with_options(
    make: Callable[..., TypeDeserializer], arguments: tuple[Any, ...], words: dict[str, Any]
) -> TypeDeserializer:
    deserializer = make(*arguments)
    deserializer.__dict__["_options"] = _core.Options(**words)
    return deserializer


def _without_options(state: Any) -> Any:
    """What object's own ``__reduce_ex__`` gives: the __dict__, or with it the slots of a subclass."""
    if isinstance(state, tuple):
        return (_without_options(state[0]), *state[1:])
    return {name: value for name, value in state.items() if name != "_options"} if isinstance(state, dict) else state


def _bind() -> None:
    """Put Rust's methods in the place of the three public ones, and tell it which of the others it stands for."""
    known = {name: method for name, method in vars(TypeDeserializer).items() if name.lstrip("_").startswith("deserial")}
    for cls in (TypeDeserializer, _Alone):
        for name, method in known.items():
            setattr(cls, name, method)
        for name, method in _core.bind_deserializer(cls, known).items():
            setattr(cls, name, method)


_bind()
