"""TypeSerializer, ours and boto3's under install(), against boto3's untouched one: for any value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import ModuleType
from typing import Any

import pytest
from boto3.dynamodb import types as boto3_types
from hypothesis import given, settings

from tailrace import MarshallError, TypeDeserializer, TypeSerializer
from tests.reference.bases import KINDS, base_of
from tests.reference.odd_python_values import (
    FLOATS,
    NUMBERS,
    UNSUPPORTED,
    Maker,
    deep_values,
    maps,
    number_makers,
    plain,
    python_values,
    sets,
)
from tests.reference.outcome import assert_same, outcome
from tests.reference.untouched_boto3 import untouched_types

untouched = untouched_types()
Write = Callable[[Any], Any]


@pytest.fixture(scope="module", params=KINDS)
def write(request: pytest.FixtureRequest) -> Iterator[Write]:
    with base_of(request.param, "TypeSerializer") as cls:
        yield cls().serialize


def _check(ours: Write, theirs: Write, make: Maker) -> None:
    found = outcome(lambda: ours(make(boto3_types)))
    expected = outcome(lambda: theirs(make(untouched)))
    if expected.error is not None:
        assert isinstance(found.error, type(expected.error)), found
        assert _text(found.error) == _text(expected.error)
        assert isinstance(found.error, MarshallError)
        return
    assert_same(found, expected)


def _text(error: BaseException | None) -> str:
    """Without what two equal values do not share: the module of a Binary, and where in memory they are."""
    return re.sub("0x[0-9a-f]+", "0x", str(error).replace(untouched.__name__, boto3_types.__name__))


@settings(max_examples=200)
@given(python_values())
def test_any_value(write: Write, make: Maker) -> None:
    _check(write, untouched.TypeSerializer().serialize, make)


@settings(max_examples=60)
@given(deep_values())
def test_deep_values(write: Write, make: Maker) -> None:
    _check(write, untouched.TypeSerializer().serialize, make)


@settings(max_examples=100)
@given(sets())
def test_any_set(write: Write, make: Maker) -> None:
    _check(write, untouched.TypeSerializer().serialize, make)


@settings(max_examples=60)
@given(number_makers())
def test_any_number_alone_and_in_containers(write: Write, make: Maker) -> None:
    theirs = untouched.TypeSerializer().serialize
    for wrap in (lambda each: each, lambda each: [each], lambda each: {each}, lambda each: {"a": each}):
        _check(write, theirs, lambda types, wrap=wrap: wrap(make(types)))


WRAPS: list[Callable[[Any], Any]] = [
    lambda each: each, lambda each: [each], lambda each: {"a": each}, lambda each: {each}, lambda each: {each, "a"},
    lambda each: frozenset([1, each]), lambda each: {each: each},
]  # fmt: skip


@pytest.mark.parametrize("value", [*NUMBERS, *FLOATS, *UNSUPPORTED], ids=lambda value: str(value)[:40])
def test_values_at_the_limits(write: Write, value: Any) -> None:
    for wrap in WRAPS:
        if outcome(lambda wrap=wrap: wrap(value)).error is None:
            _check(write, untouched.TypeSerializer().serialize, lambda _, wrap=wrap: wrap(value))


@settings(max_examples=60)
@given(maps(python_values()))
def test_an_item_is_its_attributes_written_one_by_one(make: Maker) -> None:
    writer = untouched.TypeSerializer()
    _check(
        TypeSerializer().serialize_item,
        lambda item: {name: writer.serialize(value) for name, value in item.items()},
        make,
    )


@settings(max_examples=40)
@given(python_values())
def test_nobodys_value_is_changed(write: Write, make: Maker) -> None:
    value, same = make(boto3_types), make(boto3_types)
    outcome(lambda: write(value))
    assert outcome(lambda: value) == outcome(lambda: same)


@settings(max_examples=60)
@given(python_values())
def test_what_is_written_is_read_as_boto3_reads_it(make: Maker) -> None:
    written = outcome(lambda: TypeSerializer().serialize(make(boto3_types)))
    if written.error is None:
        value = TypeSerializer().serialize(make(boto3_types))
        theirs = outcome(lambda: untouched.TypeDeserializer().deserialize(value))
        assert_same(outcome(lambda: TypeDeserializer().deserialize(value)), theirs)


class _Loud:
    def __str__(self) -> str:
        raise LookupError("no text")


@pytest.mark.parametrize("kind", [list, tuple, lambda each: {"a": each[0]}])
def test_an_unsupported_value_whose_text_fails(write: Write, kind: Callable[[Any], Any]) -> None:
    """boto3 shows the value in its text, and fails where showing it fails."""
    with pytest.raises(LookupError, match="no text"):
        write(kind([_Loud()]))


def test_a_value_inside_itself(write: Write) -> None:
    loop: list[Any] = []
    loop.append(loop)
    for writer in (write, untouched.TypeSerializer().serialize):
        with pytest.raises(RecursionError):
            writer({"a": loop})
    assert write([Decimal(1)]) == {"L": [{"N": "1"}]}


def _of_module(_: ModuleType) -> Any:
    return [boto3_types.Binary(b"a")]


def test_plain_gives_one_value_to_both() -> None:
    """The tool of these tests."""
    assert plain(5)(untouched) == 5
    assert _of_module(untouched) == [b"a"]
