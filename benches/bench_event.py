"""An event of 1,000 records with both images, from the bytes that Lambda delivers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from benches import corpus, rival
from benches.row import Row, Scale, compare
from tailrace import Batch

BOTO3 = "json.loads + boto3, both images kept"
# Corpus -> (must, stretch), times faster than the rival.
EAGER = {"a_flat": (5.5, 8.5), "b_nested": (7.0, 11.0)}
INDEX = {"a_flat": (60.0, 100.0), "b_nested": (200.0, 330.0)}
ONE_IMAGE = {"a_flat": (14.0, 20.0), "b_nested": (20.0, 29.0)}
INDEX_TO_ORJSON = {"a_flat": (18.0, 28.0), "b_nested": (45.0, 74.0)}


def rows(scale: Scale) -> Iterator[Row]:
    for name in EAGER:
        body = corpus.dumps(corpus.event(name, scale.record_count))
        yield _eager(name, body)
        yield _one_by_one(name, body)
        yield _one_image(name, body)
        yield _index(name, body)
        yield _index_to_orjson(name, body)


def _eager(name: str, body: bytes) -> Row:
    must, stretch = EAGER[name]
    return compare(
        "both images, all kept",
        name,
        BOTO3,
        lambda: _both_images(body),
        lambda: rival.both_images(body),
        must=must,
        stretch=stretch,
    )


def _one_by_one(name: str, body: bytes) -> Row:
    return compare(
        "both images, one by one",
        name,
        "json.loads + boto3, one by one",
        lambda: _both_images_one_by_one(body),
        lambda: rival.both_images_one_by_one(body),
        answers=_images_of(body),
    )


def _one_image(name: str, body: bytes) -> Row:
    must, stretch = ONE_IMAGE[name]
    return compare(
        "new image, one by one",
        name,
        BOTO3,
        lambda: _new_image_one_by_one(body),
        lambda: rival.both_images(body),
        answers=_images_of(body),
        must=must,
        stretch=stretch,
    )


def _index(name: str, body: bytes) -> Row:
    must, stretch = INDEX[name]
    return compare(
        "index only",
        name,
        BOTO3,
        lambda: Batch.from_event(body),
        lambda: rival.both_images(body),
        answers=_images_of(body),
        must=must,
        stretch=stretch,
    )


def _index_to_orjson(name: str, body: bytes) -> Row:
    must, stretch = INDEX_TO_ORJSON[name]
    return compare(
        "index only",
        name,
        "orjson.loads",
        lambda: Batch.from_event(body),
        lambda: orjson.loads(body),
        answers=(lambda: _records(body), lambda: orjson.loads(body)["Records"]),
        must=must,
        stretch=stretch,
        collector=False,
    )


def _images_of(body: bytes) -> Any:
    return lambda: _both_images(body), lambda: rival.both_images(body)


def _both_images(body: bytes) -> list[tuple[Any, Any]]:
    return [(record.old_image, record.new_image) for record in Batch.from_event(body)]


def _both_images_one_by_one(body: bytes) -> int:
    return sum(1 for record in Batch.from_event(body) if record.old_image and record.new_image)


def _new_image_one_by_one(body: bytes) -> int:
    return sum(1 for record in Batch.from_event(body) if record.new_image)


def _records(body: bytes) -> list[dict[str, Any]]:
    return [record.to_dict() for record in Batch.from_event(body)]
