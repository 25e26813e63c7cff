"""What tailrace is measured against: the same work with json, orjson and boto3, as one writes it with care."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

__all__ = ["both_images", "both_images_one_by_one", "unmarshalled"]

Image = dict[str, Any]
_deserialize: Callable[[Any], Any] = TypeDeserializer().deserialize


def unmarshalled(item: Image) -> Image:
    """An item as boto3 gives it."""
    return {name: _deserialize(value) for name, value in item.items()}


def both_images(body: bytes) -> list[tuple[Image, Image]]:
    """Old and new image of every record, all kept."""
    return list(_images(body))


def both_images_one_by_one(body: bytes) -> int:
    """Old and new image of every record, each pair dropped before the next; how many records there were."""
    return sum(1 for _ in _images(body))


def _images(body: bytes) -> Iterator[tuple[Image, Image]]:
    for record in json.loads(body)["Records"]:
        change = record["dynamodb"]
        yield unmarshalled(change["OldImage"]), unmarshalled(change["NewImage"])
