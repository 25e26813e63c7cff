"""The ways in which an item reaches Python: as Python objects and as JSON text, alone and inside a record."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tailrace import Batch, Record, loads, unmarshall

Item = dict[str, Any]


def with_image(image: Any) -> dict[str, Any]:
    """An event whose only record carries this new image."""
    change = {"Keys": {"id": {"S": "a"}}, "NewImage": image, "SequenceNumber": "42"}
    return {"Records": [{"eventID": "1", "eventName": "INSERT", "dynamodb": change}]}


def only_record(event: Any) -> Record:
    (record,) = Batch.from_event(event)
    return record


OBJECT_ROADS: dict[str, Callable[[Any], Any]] = {
    "unmarshall": unmarshall,
    "record of dicts": lambda image: only_record(with_image(image)).new_image,
}
TEXT_ROADS: dict[str, Callable[[str], Any]] = {
    "loads": loads,
    "record of bytes": lambda text: (
        only_record(json.dumps(with_image("?")).replace('"?"', text).encode("utf-8", "surrogatepass")).new_image
    ),
}


def _through_text(road: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda image: road(json.dumps(image))


ROADS: dict[str, Callable[[Any], Any]] = {
    **OBJECT_ROADS,
    **{name: _through_text(road) for name, road in TEXT_ROADS.items()},
}
