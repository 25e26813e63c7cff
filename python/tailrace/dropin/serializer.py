"""TypeSerializer: boto3's class by name, text and hooks, with the work done in Rust."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from decimal import Decimal

from tailrace import _core
from tailrace.dropin.context import dynamodb_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

__all__ = ["TypeSerializer"]


class TypeSerializer:
    """Turns Python values into attribute values, as boto3's class of this name does, many times faster.

    Values, exceptions and their texts are boto3's; exceptions are of ``MarshallError`` besides. A subclass may override
    ``serialize``, every ``_serialize_<type>``, ``_get_dynamodb_type`` and every ``_is_<kind>``: they are called
    wherever boto3 calls them. One difference: values may be nested at most 128 levels deep.

    Example:
        >>> from tailrace import TypeSerializer
        >>> TypeSerializer().serialize([1, "a"])
        {'L': [{'N': '1'}, {'S': 'a'}]}
        >>> TypeSerializer().serialize_item({"id": "a", "total": 3})
        {'id': {'S': 'a'}, 'total': {'N': '3'}}
    """

    def serialize(self, value: Any) -> dict[str, Any]:
        """Turn one Python value into an attribute value.

        Args:
            value: None, bool, int, Decimal, str, bytes, bytearray, boto3's Binary, a set of one of these kinds, or a
                list, tuple or mapping of such values, at most 128 levels deep.

        Returns:
            ``{tag: payload}`` for a boto3 client. Numbers go through boto3's DYNAMODB_CONTEXT.

        Raises:
            MarshallError: as the class that boto3 raises, with boto3's text; TypeError for a float.

        Source: https://boto3.amazonaws.com/v1/documentation/api/latest/_modules/boto3/dynamodb/types.html

        Example:
            >>> from tailrace import TypeSerializer
            >>> TypeSerializer().serialize({"paid": True})
            {'M': {'paid': {'BOOL': True}}}
        """
        tag = self._get_dynamodb_type(value)
        write = getattr(self, f"_serialize_{tag}".lower())
        return {tag: write(value)}

    def serialize_item(self, item: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """Turn an item into attribute values: faster than ``serialize`` attribute by attribute.

        Args:
            item: attribute name to Python value.

        Returns:
            A new dict of attribute name to what ``serialize`` gives.

        Raises:
            MarshallError: as of ``serialize``.

        Example:
            >>> from tailrace import TypeSerializer
            >>> TypeSerializer().serialize_item({"id": "a"})
            {'id': {'S': 'a'}}
        """
        return {name: self.serialize(value) for name, value in item.items()}

    def serialize_items(self, items: Iterable[Mapping[str, Any]]) -> list[dict[str, dict[str, Any]]]:
        """Turn many items into attribute values, such as those of a batch write.

        Args:
            items: what ``serialize_item`` takes, any number of them.

        Returns:
            A new list of new dicts.

        Raises:
            MarshallError: as of ``serialize``.

        Example:
            >>> from tailrace import TypeSerializer
            >>> TypeSerializer().serialize_items([{"id": "a"}, {"id": "b"}])
            [{'id': {'S': 'a'}}, {'id': {'S': 'b'}}]
        """
        return [self.serialize_item(item) for item in items]

    # What Rust does by itself, in boto3's plain way: for a subclass to override and to call through super(), and for
    # values of other classes than Python's own. Errors are boto3's own here; Rust makes them ours where it called.

    def _get_dynamodb_type(self, value: Any) -> str:
        for tag, is_it in self.__kinds():
            if is_it(value):
                return tag
        raise TypeError(f'Unsupported type "{type(value)}" for value "{value}"')

    def __kinds(self) -> Iterable[tuple[str, Callable[[Any], bool]]]:
        """The order counts: a bool is an int too, and an empty set is of every kind."""
        yield "NULL", self._is_null
        yield "BOOL", self._is_boolean
        yield "N", self._is_number
        yield "S", self._is_string
        yield "B", self._is_binary
        yield "NS", lambda value: self._is_type_set(value, self._is_number)
        yield "SS", lambda value: self._is_type_set(value, self._is_string)
        yield "BS", lambda value: self._is_type_set(value, self._is_binary)
        yield "M", self._is_map
        yield "L", self._is_listlike

    def _is_null(self, value: Any) -> bool:
        return value is None

    def _is_boolean(self, value: Any) -> bool:
        return isinstance(value, bool)

    def _is_number(self, value: Any) -> bool:
        if isinstance(value, int | Decimal):
            return True
        if isinstance(value, float):
            raise TypeError("Float types are not supported. Use Decimal types instead.")
        return False

    def _is_string(self, value: Any) -> bool:
        return isinstance(value, str)

    def _is_binary(self, value: Any) -> bool:
        return isinstance(value, bytes | bytearray) or _is_boto3_binary(value)

    def _is_set(self, value: Any) -> bool:
        return isinstance(value, AbstractSet)

    def _is_type_set(self, value: Any, type_validator: Callable[[Any], bool]) -> bool:
        return bool(self._is_set(value)) and False not in map(type_validator, value)

    def _is_map(self, value: Any) -> bool:
        return isinstance(value, Mapping)

    def _is_listlike(self, value: Any) -> bool:
        return isinstance(value, list | tuple)

    def _serialize_null(self, value: Any) -> bool:
        return True

    def _serialize_bool(self, value: Any) -> Any:
        return value

    def _serialize_n(self, value: Any) -> str:
        number = str(dynamodb_context().create_decimal(value))
        if number in ("Infinity", "NaN"):
            raise TypeError("Infinity and NaN not supported")
        return number

    def _serialize_s(self, value: Any) -> Any:
        return value

    def _serialize_b(self, value: Any) -> Any:
        return value.value if _is_boto3_binary(value) else value

    def _serialize_ss(self, value: Any) -> list[Any]:
        return [self._serialize_s(member) for member in value]

    def _serialize_ns(self, value: Any) -> list[Any]:
        return [self._serialize_n(member) for member in value]

    def _serialize_bs(self, value: Any) -> list[Any]:
        return [self._serialize_b(member) for member in value]

    def _serialize_l(self, value: Any) -> list[Any]:
        return [self.serialize(element) for element in value]

    def _serialize_m(self, value: Any) -> dict[Any, Any]:
        return {name: self.serialize(member) for name, member in value.items()}

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def _is_boto3_binary(value: Any) -> bool:
    """Nobody has one before boto3 is imported."""
    types = sys.modules.get("boto3.dynamodb.types")
    return types is not None and isinstance(value, types.Binary)


def _bind() -> None:
    """Put Rust's methods in the place of the three public ones, and tell it which of the others it stands for."""
    known = {name: method for name, method in vars(TypeSerializer).items() if name.startswith(("serialize", "_"))}
    for name, method in _core.bind_serializer(TypeSerializer, known).items():
        setattr(TypeSerializer, name, method)


_bind()
