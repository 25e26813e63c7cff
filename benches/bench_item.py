"""Single items by tailrace's own functions: from attribute values, and from the bytes of DynamoDB JSON."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from benches import corpus, rival
from benches.machine import build
from benches.row import SHARE, Row, Scale, compare, compare_each
from tailrace import loads, unmarshall

# Corpora a, b, c, d; times faster than boto3, by build.
UNMARSHALL_MUST = {"3.11": (7.0, 7.0, 10.0, 3.5), "3.13": (6.5, 6.0, 10.5, 3.1), "abi3": (6.0, 5.8, 8.2, 3.0)}
UNMARSHALL_STRETCH = (8.7, 8.2, 12.3, 4.1)
# Share of the time of orjson.loads, which leaves the attribute values as they are.
LOADS_MUST = (1.0, 1.1, 0.8, 2.0)
LOADS_STRETCH = (0.87, 0.94, 0.66, 1.76)
INT_FLOAT_MUST = {"3.11": (0.75, 0.72, 0.8, 0.9), "3.13": (0.75, 0.72, 0.8, 0.9), "abi3": (0.85, 0.82, 0.92, 0.97)}
INT_FLOAT_STRETCH = (0.62, 0.58, 0.66, 0.75)
# Times faster than orjson.loads and boto3 on what it gives.
LOADS_BOTO3_MUST = (5.9, 5.4, 2.1, 2.8)
LOADS_BOTO3_STRETCH = (6.9, 6.4, 2.6, 3.2)


def rows(scale: Scale) -> Iterator[Row]:
    for at, name in enumerate(corpus.COUNTS):
        items = corpus.fresh(corpus.items(name, scale.item_count))
        texts = [corpus.dumps(item) for item in items]
        yield _unmarshall(at, name, items)
        yield _loads(at, name, texts)
        yield _loads_int_float(at, name, texts)
        yield _loads_boto3(at, name, texts)


def _unmarshall(at: int, name: str, items: list[corpus.Item]) -> Row:
    must, stretch = UNMARSHALL_MUST[build()][at], UNMARSHALL_STRETCH[at]
    return compare_each(
        "unmarshall(item)", name, "boto3", unmarshall, rival.unmarshalled, inputs=items, must=must, stretch=stretch
    )


def _loads(at: int, name: str, texts: list[bytes]) -> Row:
    return compare_each(
        "loads(bytes)",
        name,
        "orjson.loads",
        loads,
        orjson.loads,
        inputs=texts,
        answer=rival.parsed,
        unit=SHARE,
        must=LOADS_MUST[at],
        stretch=LOADS_STRETCH[at],
    )


def _loads_int_float(at: int, name: str, texts: list[bytes]) -> Row:
    """Both are called as one writes it: a function around ours would be a tenth of a small item."""

    def ours() -> None:
        for text in texts:
            loads(text, numbers="int-float")

    def theirs() -> None:
        for text in texts:
            orjson.loads(text)

    return compare(
        'loads(bytes, numbers="int-float")',
        name,
        "orjson.loads",
        ours,
        theirs,
        answers=(
            lambda: [loads(text, numbers="int-float") for text in texts],
            lambda: [rival.with_ints(rival.parsed(text), float) for text in texts],
        ),
        unit=SHARE,
        must=INT_FLOAT_MUST[build()][at],
        stretch=INT_FLOAT_STRETCH[at],
        collector=False,
    )


def _loads_boto3(at: int, name: str, texts: list[bytes]) -> Row:
    must, stretch = LOADS_BOTO3_MUST[at], LOADS_BOTO3_STRETCH[at]
    return compare_each(
        "loads(bytes)", name, "orjson.loads + boto3", loads, rival.parsed, inputs=texts, must=must, stretch=stretch
    )
