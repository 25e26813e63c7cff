"""Attribute values by what DynamoDB holds: numbers by value, sets without order, types apart."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from tests.reference import unmarshalling
from tests.reference.number import by_value as number_by_value


def attribute(wire: Mapping[str, Any]) -> Hashable:
    """Equal for two attribute values that DynamoDB holds alike."""
    ((tag, payload),) = wire.items()
    if tag == "N":
        return tag, number_by_value(payload)
    if tag == "NS":
        return tag, frozenset(number_by_value(member) for member in payload)
    if tag == "L":
        return tag, tuple(attribute(element) for element in payload)
    if tag == "M":
        return tag, frozenset((name, attribute(member)) for name, member in payload.items())
    value = unmarshalling.value(wire, 0)
    return tag, frozenset(value) if isinstance(value, set) else value


def item_key(keys: Mapping[str, Any]) -> Hashable:
    """The identity of an item: equal for keys that DynamoDB takes for the same item."""
    return frozenset((name, attribute(value)) for name, value in keys.items())


def changed_attributes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The sorted names of the top-level attributes that differ."""
    before = {name: attribute(value) for name, value in old.items()}
    after = {name: attribute(value) for name, value in new.items()}
    return sorted(name for name in {**before, **after} if before.get(name) != after.get(name))
