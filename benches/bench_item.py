"""Single items: from attribute values, and from the bytes of DynamoDB JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from benches import corpus, rival
from benches.machine import build
from benches.row import SHARE, Row, Scale, compare
from tailrace import loads, unmarshall

# Corpora a, b, c, d; times faster than boto3, by build.
UNMARSHALL_MUST = {"3.11": (7.0, 7.0, 10.0, 3.5), "3.13": (6.5, 6.0, 10.5, 3.1), "abi3": (6.0, 5.8, 8.2, 3.0)}
UNMARSHALL_STRETCH = (8.7, 8.2, 12.3, 4.1)
# Share of the time of orjson.loads, which leaves the attribute values as they are.
LOADS_MUST = (1.0, 1.1, 0.8, 2.0)
LOADS_STRETCH = (0.87, 0.94, 0.66, 1.76)
# Times faster than orjson.loads and boto3 on what it gives.
LOADS_BOTO3_MUST = (5.9, 5.4, 2.1, 2.8)
LOADS_BOTO3_STRETCH = (6.9, 6.4, 2.6, 3.2)


def rows(scale: Scale) -> Iterator[Row]:
    for at, name in enumerate(corpus.COUNTS):
        items = corpus.fresh(corpus.items(name, scale.item_count))
        texts = [corpus.dumps(item) for item in items]
        yield _unmarshall(at, name, items)
        yield _loads(at, name, texts)
        yield _loads_boto3(at, name, texts)


def _unmarshall(at: int, name: str, items: list[corpus.Item]) -> Row:
    return compare(
        "unmarshall(item)",
        name,
        "boto3",
        _each(unmarshall, items),
        _each(rival.unmarshalled, items),
        answers=(_answers(unmarshall, items), _answers(rival.unmarshalled, items)),
        must=UNMARSHALL_MUST[build()][at],
        stretch=UNMARSHALL_STRETCH[at],
        collector=False,
    )


def _loads(at: int, name: str, texts: list[bytes]) -> Row:
    return compare(
        "loads(bytes)",
        name,
        "orjson.loads",
        _each(loads, texts),
        _each(orjson.loads, texts),
        answers=(_answers(loads, texts), _answers(_orjson_and_boto3, texts)),
        unit=SHARE,
        must=LOADS_MUST[at],
        stretch=LOADS_STRETCH[at],
        collector=False,
    )


def _loads_boto3(at: int, name: str, texts: list[bytes]) -> Row:
    return compare(
        "loads(bytes)",
        name,
        "orjson.loads + boto3",
        _each(loads, texts),
        _each(_orjson_and_boto3, texts),
        answers=(_answers(loads, texts), _answers(_orjson_and_boto3, texts)),
        must=LOADS_BOTO3_MUST[at],
        stretch=LOADS_BOTO3_STRETCH[at],
        collector=False,
    )


def _orjson_and_boto3(text: bytes) -> dict[str, Any]:
    return rival.unmarshalled(orjson.loads(text))


def _each(function: Callable[[Any], object], inputs: list[Any]) -> Callable[[], None]:
    """Each answer is dropped before the next."""

    def timed() -> None:
        for each in inputs:
            function(each)

    return timed


def _answers(function: Callable[[Any], object], inputs: list[Any]) -> Callable[[], list[object]]:
    return lambda: [function(each) for each in inputs]
