"""Laws of unmarshalling: every road gives what the plain oracle gives, whatever the handwriting."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tailrace import Batch, UnmarshallError, loads, unmarshall
from tailrace._core import image_json
from tests.properties.strategies import base64_texts, items, json_texts, no_numbers, numbers, texts
from tests.reference import number, unmarshalling
from tests.reference.exact import exact
from tests.reference.one_record import wire
from tests.reference.roads import OBJECT_ROADS, ROADS, TEXT_ROADS
from tests.reference.unmarshalling import Refused

# Drawing whole items takes long.
fewer = settings(max_examples=60)


@fewer
@given(items())
def test_objects_are_read_as_the_oracle_reads_them(item: dict[str, Any]) -> None:
    wanted, before = exact(unmarshalling.item(item)), copy.deepcopy(item)
    for road in OBJECT_ROADS.values():
        # An image without attributes is no image.
        assert exact(road(item)) == wanted or (not item and road(item) is None)
    assert item == before


@fewer
@given(json_texts(items()))
def test_text_in_any_handwriting_is_read_as_the_oracle_reads_it(written: tuple[dict[str, Any], str]) -> None:
    item, text = written
    wanted = exact(unmarshalling.item(item))
    assert wanted == exact(unmarshalling.item_from_json(text))
    for road in TEXT_ROADS.values():
        assert exact(road(text)) == wanted or (not item and road(text) is None)
    assert exact(loads(text.encode())) == wanted


@fewer
@given(items())
def test_every_form_of_an_image_unmarshalls_to_the_same(item: dict[str, Any]) -> None:
    item["id"] = {"S": "a"}
    wanted = exact(unmarshalling.item(item))
    for event in ([wire({"NewImage": item})], json.dumps([wire({"NewImage": item})])):
        record = Batch.from_event(event)[0]
        assert exact(record.new_image) == wanted
        assert exact(unmarshall(record.attribute_values("new_image") or {})) == wanted
        assert exact(unmarshall(record.to_dict()["dynamodb"]["NewImage"])) == wanted
        assert exact(loads(image_json(record, "new_image") or "")) == wanted


@given(numbers())
def test_a_number_keeps_every_digit_zero_and_exponent(text: str) -> None:
    assert number.is_number(text)
    wanted = exact({"n": number.decimal_of(text), "s": {number.decimal_of(text)}})
    for road in ROADS.values():
        assert exact(road({"n": {"N": text}, "s": {"NS": [text]}})) == wanted


@given(no_numbers())
@example("1" * 38 + "0" * 88)
@example("1" * 38 + "0" * 89)
@example("0." + "0" * 129 + "1")
@example("0." + "0" * 130 + "1")
def test_text_is_a_number_or_refused(text: str) -> None:
    for road in ROADS.values():
        _agree(road, {"n": {"N": text}}, number.is_number(text))


@given(base64_texts() | st.text("ABab01+/=-_ \n", max_size=12) | texts())
def test_text_is_base64_or_refused(text: str) -> None:
    try:
        unmarshalling.base64_of(text)
    except Refused:
        is_base64 = False
    else:
        is_base64 = True
    for road in ROADS.values():
        _agree(road, {"b": {"B": text}}, is_base64)


def _agree(road: Any, item: dict[str, Any], good: bool) -> None:
    try:
        found = exact(road(item))
    except UnmarshallError:
        assert not good
    else:
        assert good
        assert found == exact(unmarshalling.item(item))


# Wire-like values with anything in any place.
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts() | numbers(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from((*unmarshalling.READERS, "x")), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(texts(), anything, max_size=4))
def test_what_may_be_no_item_is_read_or_refused_as_by_the_oracle(item: dict[str, Any]) -> None:
    try:
        wanted = exact(unmarshalling.item(item))
    except Refused:
        wanted = None
    _is(unmarshall, item, wanted)
    text = json.dumps(item)
    if "NaN" not in text and "Infinity" not in text:
        _is(loads, text, wanted)


def _is(read: Callable[[Any], Any], source: Any, wanted: Any) -> None:
    """Reads what is wanted, or refuses where that is None."""
    try:
        found = exact(read(source))
    except UnmarshallError:
        assert wanted is None
    else:
        assert found == wanted


@given(st.binary(max_size=200) | st.text('{}[]":,\\ SNBM01x\n', max_size=80).map(str.encode))
def test_any_bytes_are_an_item_or_an_error_of_ours(data: bytes) -> None:
    try:
        wanted = exact(unmarshalling.item_from_json(data))
    except Refused:
        wanted = None
    _is(loads, data, wanted)


@given(json_texts(items()), st.data())
def test_a_text_that_is_spoilt_is_an_item_or_an_error_of_ours(written: tuple[Any, str], data: st.DataObject) -> None:
    spoilt = bytearray(written[1].encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(spoilt)))
        spoilt[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.binary(max_size=2) | st.sampled_from((b"}", b'"'))
        )
    try:
        wanted = exact(unmarshalling.item_from_json(bytes(spoilt)))
    except Refused:
        wanted = None
    _is(loads, spoilt, wanted)
