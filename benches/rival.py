"""What tailrace is measured against: the same work with json, orjson and boto3, as one writes it with care.

boto3's module of types is loaded once more under a name of its own, so that what ``dropin.install()`` does to boto3
never reaches the rival.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any

import boto3.dynamodb.types
import orjson

__all__ = [
    "Path",
    "both_images",
    "both_images_one_by_one",
    "changes",
    "marshalled",
    "parsed",
    "unmarshalled",
    "with_ints",
]

Image = dict[str, Any]
Path = tuple[str | int, ...]


def _untouched_types() -> ModuleType:
    spec = importlib.util.spec_from_file_location("untouched_boto3_types", boto3.dynamodb.types.__file__)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_types = _untouched_types()
_deserialize: Callable[[Any], Any] = _types.TypeDeserializer().deserialize
_serialize: Callable[[Any], Any] = _types.TypeSerializer().serialize


def unmarshalled(item: Image) -> Image:
    """An item as boto3 gives it."""
    return {name: _deserialize(value) for name, value in item.items()}


def marshalled(item: Image) -> Image:
    """The attribute values that boto3 makes of an item."""
    return {name: _serialize(value) for name, value in item.items()}


def parsed(text: bytes) -> Image:
    """An item from the bytes of DynamoDB JSON, by orjson and boto3."""
    return unmarshalled(orjson.loads(text))


def with_ints(value: Any, fraction: Callable[[Decimal], object]) -> Any:
    """boto3's answer with an int for each number without a fraction, and what ``fraction`` makes of each other one."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else fraction(value)
    if isinstance(value, dict):
        return {name: with_ints(member, fraction) for name, member in value.items()}
    if isinstance(value, list | set):
        return type(value)(with_ints(member, fraction) for member in value)
    return value


def both_images(body: bytes) -> list[tuple[Image, Image]]:
    """Old and new image of every record, all kept."""
    return list(_images(body))


def both_images_one_by_one(body: bytes) -> int:
    """Old and new image of every record, each pair dropped before the next; how many records there were."""
    return sum(1 for _ in _images(body))


def changes(old: Image, new: Image) -> dict[Path, tuple[Any, Any]]:
    """Path -> value before and after, None where there is none, of two items as boto3 gives them."""
    found: dict[Path, tuple[Any, Any]] = {}
    _members(old, new, (), found)
    return found


def _members(old: Image, new: Image, path: Path, found: dict[Path, tuple[Any, Any]]) -> None:
    for name, value in new.items():
        if name not in old:
            found.update({(*path, name): (None, value)})
        elif old[name] != value:
            _pair(old[name], value, (*path, name), found)
    found.update({(*path, name): (value, None) for name, value in old.items() if name not in new})


def _pair(old: Any, new: Any, path: Path, found: dict[Path, tuple[Any, Any]]) -> None:
    if isinstance(old, dict) and isinstance(new, dict):
        _members(old, new, path, found)
    elif isinstance(old, list) and isinstance(new, list):
        for at, (before, after) in enumerate(zip(old, new, strict=False)):
            if before != after:
                _pair(before, after, (*path, at), found)
        found.update({(*path, at): (None, new[at]) for at in range(len(old), len(new))})
        found.update({(*path, at): (old[at], None) for at in range(len(new), len(old))})
    else:
        found[path] = (old, new)


def _images(body: bytes) -> Iterator[tuple[Image, Image]]:
    for record in json.loads(body)["Records"]:
        change = record["dynamodb"]
        yield unmarshalled(change["OldImage"]), unmarshalled(change["NewImage"])
