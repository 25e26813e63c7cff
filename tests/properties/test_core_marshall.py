"""Laws of marshalling: what is written reads back exactly, alike on both roads, by us and by others."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tailrace import MarshallError, dumps, loads, marshall, unmarshall
from tailrace.testing import strategies as kit
from tests.properties.strategies import items, numbers
from tests.reference import number, unmarshalling
from tests.reference.exact import exact

# Drawing whole items takes long.
fewer = settings(max_examples=60)
ints = st.integers() | st.integers(-(10**39), 10**39) | st.integers(-(10**127), 10**127)
decimals = st.decimals() | numbers().map(Decimal)


@fewer
@given(kit.items())
def test_what_is_written_reads_back_exactly(item: dict[str, Any]) -> None:
    wanted = exact(item)
    assert exact(unmarshall(marshall(item))) == wanted
    assert exact(loads(dumps(item))) == wanted
    assert exact(unmarshalling.item(json.loads(dumps(item)))) == wanted


@fewer
@given(items())
def test_what_was_read_is_written_as_dynamodb_holds_it(wire: dict[str, Any]) -> None:
    item = unmarshall(wire)
    try:
        again = marshall(item)
    except MarshallError:
        # The wire may carry empty sets, which have no type here.
        assert '{"SS": []}' in (text := json.dumps(wire)) or '{"NS": []}' in text or '{"BS": []}' in text
        return
    assert exact(unmarshall(again)) == exact(item)


@fewer
@given(kit.items())
def test_both_ways_of_writing_say_the_same(item: dict[str, Any]) -> None:
    assert exact(unmarshall(json.loads(dumps(item)))) == exact(unmarshall(marshall(item)))
    assert dumps(unmarshall(marshall(item))) == dumps(item)
    assert list(marshall(item)) == list(item)


@fewer
@given(kit.items())
def test_boto3_writes_and_reads_the_same(item: dict[str, Any]) -> None:
    read, write = TypeDeserializer().deserialize, TypeSerializer().serialize
    made = marshall(item)
    assert unmarshall({name: write(value) for name, value in item.items()}) == unmarshall(made)
    assert {name: read(value) for name, value in made.items()} == item


@fewer
@given(st.lists(kit.items(), max_size=3))
def test_every_shape_holds_the_same_items(several: list[dict[str, Any]]) -> None:
    wanted = [exact(item) for item in several]
    alone = [json.loads(dumps(item)) for item in several]
    assert [exact(item) for item in loads(dumps(several, shape="items"), shape="items")] == wanted
    answer = loads(dumps({"Items": several, "Count": 1}, shape="answer"), shape="answer")
    assert exact(answer) == exact({"Items": several, "Count": 1})
    export = [{"Item": item} for item in several]
    assert exact(loads(dumps(export, shape="export"), shape="export")) == exact(export)
    assert json.loads(dumps(several, shape="items")) == alone
    assert json.loads(dumps({"Items": several}, shape="answer")) == {"Items": alone}
    lines = dumps(({"Item": item} for item in several), shape="export").splitlines()
    assert [json.loads(line) for line in lines] == [{"Item": item} for item in alone]


@fewer
@given(kit.items(), st.randoms(use_true_random=False))
def test_the_order_in_a_set_means_nothing(item: dict[str, Any], chance: random.Random) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: shuffled(member) for name, member in value.items()}
        if isinstance(value, list):
            return [shuffled(member) for member in value]
        if isinstance(value, set):
            return set(chance.sample(sorted(value), len(value)))
        return value

    assert dumps(shuffled(item)) == dumps(item)


@given(ints | decimals)
@example(10**38)
@example(Decimal("1E+126"))
@example(Decimal("-0E-400"))
def test_a_number_is_kept_to_the_last_digit_or_refused(value: int | Decimal) -> None:
    text = str(value)
    try:
        made = marshall({"n": value})["n"]["N"]
    except MarshallError:
        assert not number.is_number(text) or len(text.partition("E")[2].lstrip("+-")) > 6
        return
    assert made == text
    assert number.is_number(text)
    assert json.loads(dumps({"n": value})) == {"n": {"N": text}}


@given(st.floats())
def test_a_float_is_its_shortest_text_or_refused(value: float) -> None:
    try:
        made = marshall({"n": value}, floats="repr")["n"]["N"]
    except MarshallError:
        assert not number.is_number(repr(value))
        return
    assert made == repr(value)
    assert float(made) == value


@given(st.text(st.characters()) | st.text(st.characters(max_codepoint=255)))
def test_text_is_kept_or_refused_for_half_a_pair(text: str) -> None:
    whole = not any("\ud800" <= character <= "\udfff" for character in text)
    assert _written(lambda: marshall({"a": text})) == ({"a": {"S": text}} if whole else None)
    assert _written(lambda: json.loads(dumps({"a": text}))) == ({"a": {"S": text}} if whole else None)


def _written(write: Callable[[], Any]) -> Any:
    try:
        return write()
    except MarshallError:
        return None
