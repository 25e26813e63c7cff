"""TypeDeserializer, ours and boto3's under install(), against boto3's untouched one: for any input."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb import types as boto3_types
from hypothesis import example, given, settings

from tailrace import TypeDeserializer, UnmarshallError, dropin
from tests.reference.number import is_number
from tests.reference.odd_attribute_values import (
    NUMBERS_AT_THE_LIMITS,
    Maker,
    attribute_values,
    deep_values,
    mappings,
    names,
    number_payloads,
    plain,
)
from tests.reference.outcome import Outcome, assert_same, outcome
from tests.reference.untouched_boto3 import untouched_types

untouched = untouched_types()
Read = Callable[[Any], Any]


class Reading(untouched.TypeDeserializer):  # type: ignore[name-defined,misc]
    """boto3's, but what DynamoDB holds it can read: the one intended difference."""

    def _deserialize_n(self, value: Any) -> Any:
        try:
            return super()._deserialize_n(value)
        except ArithmeticError:
            if isinstance(value, str) and is_number(value):
                return Decimal(value)
            raise


@pytest.fixture(scope="module", params=["ours", "installed"])
def read(request: pytest.FixtureRequest) -> Iterator[Read]:
    if request.param == "ours":
        yield TypeDeserializer().deserialize
        return
    assert dropin.install()
    yield boto3_types.TypeDeserializer().deserialize
    assert dropin.uninstall()


def _check(ours: Read, theirs: Read, make: Maker) -> None:
    found = outcome(lambda: ours(make()))
    expected = outcome(lambda: theirs(make()))
    if isinstance(found.error, ArithmeticError) and _is_boto3s(ours):
        # Where install() leads through boto3's own method (a tag in lower case, a Mapping) that one refuses as ever.
        assert isinstance(outcome(lambda: untouched.TypeDeserializer().deserialize(make())).error, ArithmeticError)
        return
    assert_same(found, expected)
    assert found.error is None or isinstance(found.error, UnmarshallError)


def _is_boto3s(read: Read) -> bool:
    return isinstance(getattr(read, "__self__", None), boto3_types.TypeDeserializer)


@settings(max_examples=200)
@given(attribute_values())
def test_any_value(read: Read, make: Maker) -> None:
    _check(read, Reading().deserialize, make)


@settings(max_examples=60)
@given(deep_values())
def test_deep_values(read: Read, make: Maker) -> None:
    _check(read, Reading().deserialize, make)


@settings(max_examples=100)
@given(number_payloads())
def test_any_number_alone_and_in_a_set(read: Read, make: Maker) -> None:
    _check(read, Reading().deserialize, lambda: {"N": make()})
    _check(read, Reading().deserialize, lambda: {"NS": [make()]})
    _check(read, Reading().deserialize, lambda: {"NS": (each for each in ["1", make()])})


@pytest.mark.parametrize("text", NUMBERS_AT_THE_LIMITS)
def test_numbers_at_the_limits(read: Read, text: str) -> None:
    _check(read, Reading().deserialize, plain({"N": text}))
    _check(TypeDeserializer(numbers="decimal-strict").deserialize, untouched.TypeDeserializer().deserialize,
           plain({"N": text}))  # fmt: skip


@settings(max_examples=100)
@given(attribute_values())
def test_any_value_with_boto3s_refusals_of_numbers(make: Maker) -> None:
    ours = TypeDeserializer(numbers="decimal-strict")
    _check(ours.deserialize, untouched.TypeDeserializer().deserialize, make)


@settings(max_examples=100)
@given(mappings(names(), attribute_values()))
@example(dict)
def test_an_item_is_its_attributes_read_one_by_one(make: Maker) -> None:
    reader = Reading()
    _check(
        TypeDeserializer().deserialize_item,
        lambda item: {name: reader.deserialize(value) for name, value in item.items()},
        make,
    )


@settings(max_examples=40)
@given(attribute_values())
def test_nobodys_input_is_changed(read: Read, make: Maker) -> None:
    value, same = make(), make()
    outcome(lambda: read(value))
    outcome(lambda: Reading().deserialize(same))
    # A generator that was read is empty in both.
    assert outcome(lambda: value) == outcome(lambda: same)


def test_binary_is_boto3s_own_class() -> None:
    assert type(TypeDeserializer().deserialize({"B": b"a"})) is boto3_types.Binary
    (member,) = TypeDeserializer().deserialize({"BS": [b"a"]})
    assert type(member) is boto3_types.Binary


def test_an_outcome_tells_values_apart_that_are_equal() -> None:
    """The judge of these tests."""
    for one, other in [(1, True), (Decimal("1.0"), Decimal(1)), ({1}, frozenset({1})), (b"a", bytearray(b"a")),
                       ({"a": 1, "b": 2}, {"b": 2, "a": 1}), ({True}, {1}), ([1], (1,)), (0.0, -0.0)]:  # fmt: skip
        assert outcome(lambda one=one: one) != outcome(lambda other=other: other)
    with pytest.raises(AssertionError):
        assert_same(Outcome(error=TypeError("a")), Outcome(error=TypeError("b")))
    with pytest.raises(AssertionError):
        assert_same(Outcome(error=Exception("a")), Outcome(error=TypeError("a")))
