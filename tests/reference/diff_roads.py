"""The ways in which two items reach a diff: as Python values, as attribute values, inside a record."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from tailrace import ImageDiff, diff, diff_images, marshall
from tests.reference.one_record import wire
from tests.reference.roads import only_record

Item = dict[str, Any]
Road = Callable[..., ImageDiff]


def in_json(image: Any) -> Any:
    """B is base64 text in JSON."""
    if isinstance(image, bytes):
        return b64encode(image).decode("ascii")
    if isinstance(image, dict):
        return {name: in_json(member) for name, member in image.items()}
    return [in_json(element) for element in image] if isinstance(image, list) else image


def image(item: Item | None) -> Any:
    return None if item is None else marshall(item)


def text(image: Any) -> Any:
    """JSON of an image; what is text already stays so."""
    return image if image is None or isinstance(image, str) else json.dumps(in_json(image))


def event(old_image: Any, new_image: Any) -> list[Any]:
    """Of an event without an image the record has none."""
    name = "INSERT" if old_image is None else "REMOVE" if new_image is None else "MODIFY"
    images = {"OldImage": old_image, "NewImage": new_image}
    return [wire({part: ... if each is None else each for part, each in images.items()}, eventName=name)]


def event_text(old_image: Any, new_image: Any) -> str:
    """The same with the texts of the images as they are."""
    marks = [each if each is None else f"?{at}" for at, each in enumerate((old_image, new_image))]
    written = json.dumps(event(*marks))
    for mark, each in zip(marks, (old_image, new_image), strict=True):
        written = written.replace(f'"{mark}"', text(each) or "")
    return written


def of_record(event: Any) -> ImageDiff:
    found = only_record(event).diff
    assert found is not None
    return found


# Of two images, as dicts.
OBJECT_ROADS: dict[str, Road] = {
    "images of dicts": diff_images,
    "record of dicts": lambda old, new: of_record(event(old, new)),
}
# Of two images, as dicts or as their texts.
TEXT_ROADS: dict[str, Road] = {
    "images of text": lambda old, new, **options: diff_images(text(old), text(new), **options),
    "record of text": lambda old, new: of_record(event_text(old, new)),
}
# Of two images, as dicts: those of which one is text are mixed.
IMAGE_ROADS: dict[str, Road] = {
    **OBJECT_ROADS,
    **TEXT_ROADS,
    "bytes and a dict": lambda old, new, **options: diff_images(old and text(old).encode(), new, **options),
    "a dict and text": lambda old, new, **options: diff_images(old, text(new), **options),
}


def _of_items(road: Road) -> Road:
    return lambda old, new, **options: road(image(old), image(new), **options)


# Of two items of Python values.
ROADS: dict[str, Road] = {"items": diff, **{name: _of_items(road) for name, road in IMAGE_ROADS.items()}}
# Those that take options: a record has none.
OPTION_ROADS = {name: road for name, road in ROADS.items() if not name.startswith("record")}


def by_hand(road: str, old: Item | None, new: Item | None, by: random.Random, write: Callable[..., str]) -> ImageDiff:
    """The diff on this road, texts in the handwriting of a stranger."""
    images = image(old), image(new)
    if road == "record of text":
        return of_record(write(in_json(event(*images)), by).encode())
    texts = [None if each is None else write(in_json(each), by) for each in images]
    made: dict[str, Callable[[], ImageDiff]] = {
        "images of text": lambda: diff_images(*texts),
        "bytes and a dict": lambda: diff_images(texts[0] and texts[0].encode(), images[1]),
        "a dict and text": lambda: diff_images(images[0], texts[1]),
    }
    return made[road]() if road in made else ROADS[road](old, new)
