"""boto3's classes made fast: ours by another import, and boto3's own under install()."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from boto3.dynamodb import types as boto3_types

from benches import corpus, rival
from benches.machine import build
from benches.row import Row, Scale, compare_each
from tailrace import TypeDeserializer, TypeSerializer, dropin

# Corpora a, b, c, d; times faster than boto3, by build where it tells.
ITEM_MUST = {"3.11": (7.0, 7.0, 10.0, 3.5), "3.13": (6.5, 6.0, 10.5, 3.1), "abi3": (6.0, 5.8, 8.2, 3.0)}
ITEM_STRETCH = (8.7, 8.2, 12.3, 4.1)
VALUE_MUST = (3.5, 5.0, 5.0, 2.7)
VALUE_STRETCH = (4.5, 7.0, 6.0, 3.2)
INT_FLOAT_MUST = {"3.11": (11.0, 11.0, 10.5, 7.5), "3.13": (11.0, 11.0, 10.5, 7.5), "abi3": (9.5, 10.0, 9.0, 6.0)}
INT_FLOAT_STRETCH = (14.0, 14.0, 13.0, 9.0)
INT_DECIMAL_MUST = (8.5, 8.0, 11.0, 4.7)
INT_DECIMAL_STRETCH = (10.0, 9.2, 13.4, 5.5)
SERIALIZE_MUST = (5.0, 7.0, 8.0, 3.3)
SERIALIZE_STRETCH = (6.5, 9.0, 10.0, 4.5)

Item = dict[str, Any]


def rows(scale: Scale) -> Iterator[Row]:
    for at, name in enumerate(corpus.COUNTS):
        items = corpus.fresh(corpus.items(name, scale.item_count))
        yield _item(at, name, items)
        yield _int_float(at, name, items)
        yield _int_decimal(at, name, items)
        yield _by_value(at, name, items)
        yield _installed(at, name, items)
        yield _serialize_item(at, name, [rival.unmarshalled(item) for item in items])


def _item(at: int, name: str, items: list[Item]) -> Row:
    must, stretch = ITEM_MUST[build()][at], ITEM_STRETCH[at]
    read = TypeDeserializer().deserialize_item
    return compare_each(
        "deserialize_item", name, "boto3", read, rival.unmarshalled, inputs=items, must=must, stretch=stretch
    )


def _int_float(at: int, name: str, items: list[Item]) -> Row:
    return compare_each(
        'deserialize_item, numbers="int-float"',
        name,
        "boto3",
        TypeDeserializer(numbers="int-float").deserialize_item,
        rival.unmarshalled,
        inputs=items,
        answer=lambda item: rival.with_ints(rival.unmarshalled(item), float),
        must=INT_FLOAT_MUST[build()][at],
        stretch=INT_FLOAT_STRETCH[at],
    )


def _int_decimal(at: int, name: str, items: list[Item]) -> Row:
    return compare_each(
        'deserialize_item, numbers="int-decimal"',
        name,
        "boto3",
        TypeDeserializer(numbers="int-decimal").deserialize_item,
        rival.unmarshalled,
        inputs=items,
        answer=lambda item: rival.with_ints(rival.unmarshalled(item), Decimal),
        must=INT_DECIMAL_MUST[at],
        stretch=INT_DECIMAL_STRETCH[at],
    )


def _by_value(at: int, name: str, items: list[Item]) -> Row:
    read = _each_value(TypeDeserializer().deserialize)
    return compare_each(
        "deserialize, value by value",
        name,
        "boto3",
        read,
        rival.unmarshalled,
        inputs=items,
        must=VALUE_MUST[at],
        stretch=VALUE_STRETCH[at],
    )


def _installed(at: int, name: str, items: list[Item]) -> Row:
    """boto3's own class, by an object that was made before."""
    made = boto3_types.TypeDeserializer()

    def read(item: Item) -> Item:
        deserialize = made.deserialize
        return {name: deserialize(value) for name, value in item.items()}

    row = compare_each(
        "the same of boto3 under install()",
        name,
        "boto3",
        read,
        rival.unmarshalled,
        inputs=items,
        must=VALUE_MUST[at],
        stretch=VALUE_STRETCH[at],
    )
    return dataclasses.replace(row, measure=_while_installed(row.measure))


def _serialize_item(at: int, name: str, items: list[Item]) -> Row:
    must, stretch = SERIALIZE_MUST[at], SERIALIZE_STRETCH[at]
    write = TypeSerializer().serialize_item
    return compare_each(
        "serialize_item", name, "boto3", write, rival.marshalled, inputs=items, must=must, stretch=stretch
    )


def _each_value(read: Callable[[Any], Any]) -> Callable[[Item], Item]:
    """What most programs call: the loop that boto3 leaves to its users."""
    return lambda item: {name: read(value) for name, value in item.items()}


def _while_installed(measure: Callable[[float], Sequence[float]]) -> Callable[[float], Sequence[float]]:
    def measured(seconds: float) -> Sequence[float]:
        if not dropin.install():
            raise RuntimeError("a method of boto3 was left alone: there is nothing to measure")
        try:
            return measure(seconds)
        finally:
            dropin.uninstall()

    return measured
