"""Strings and numbers against Python's json and Decimal, at every length and alignment."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Batch, UnmarshallError, loads, unmarshall
from tests.reference.exact import exact
from tests.reference.one_record import wire


@given(st.text(), st.booleans())
def test_a_string_is_what_json_reads(text: str, as_ascii: bool) -> None:
    written = json.dumps({text: {"S": text}}, ensure_ascii=as_ascii)
    assert loads(written) == loads(written.encode()) == {text: text}


# Broken and whole escapes, quotes and bytes in any order.
PIECES = ["a", "é", "日", "\U0001f600", '\\"', "\\\\", "\\n", "\\u00e9", "\\ud83d", "\\ude00", "\\u12", "\\x", "\\",
          '"', "\n", "\x00", "\x7f", "\\u0000", "x" * 31, "}", "{", ","]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_a_broken_string_is_refused_where_json_refuses_it(inside: str) -> None:
    text = f'{{"a":{{"S":"{inside}"}}}}'
    try:
        wanted = json.loads(text)
        json.dumps(wanted, ensure_ascii=False).encode()  # half a pair is no text
    except ValueError:
        with pytest.raises(UnmarshallError):
            loads(text)
        return
    try:
        found = loads(text)
    except UnmarshallError:
        # Whole JSON, and yet no item: what is between the quotes has closed them.
        assert wanted != {"a": {"S": _unquoted(inside)}}
    else:
        assert found == {name: value["S"] for name, value in wanted.items()}


def _unquoted(inside: str) -> Any:
    try:
        return json.loads(f'"{inside}"')
    except ValueError:
        return None


@pytest.mark.parametrize("character", ["é", "日", "\U0001f600", "\x80", "\u07ff", "\uffff"], ids=ascii)
def test_one_wide_character_is_seen_wherever_it_stands(character: str) -> None:
    """A str of ASCII is made by copying bytes: a wide one must never be taken for one."""
    for length in range(1, 140):
        for at in {0, length // 3, length // 2, length - 1}:
            text = "a" * at + character + "a" * (length - at - 1)
            assert loads(json.dumps({text: {"S": text}}, ensure_ascii=False)) == {text: text}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=5) | st.integers().map(Decimal))
def test_a_number_is_what_decimal_reads(number: Decimal) -> None:
    text = str(number)
    if len(number.as_tuple().digits) <= 38 and (not number or -130 <= number.adjusted() <= 125):
        assert exact(unmarshall({"n": {"N": text}})) == exact({"n": Decimal(text)})
        assert exact(loads(f'{{"n":{{"N":"{text}"}}}}')) == exact({"n": Decimal(text)})


@pytest.mark.parametrize("first", ["0", "00", "-", "+", "", "10", "0."])
def test_small_integers_come_from_a_table_and_are_the_same(first: str) -> None:
    for at in (*range(120), *range(9_950, 10_050)):
        text = f"{first}{at}"
        for _ in range(2):
            assert exact(unmarshall({"n": {"N": text}})) == exact({"n": Decimal(text)})
            assert exact(loads(f'{{"n":{{"N":"{text}"}}}}')) == exact({"n": Decimal(text)})


json_scalars = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values = st.recursive(
    st.none() | st.booleans() | json_scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(json_values, st.booleans())
def test_whatever_else_a_record_holds_comes_back_from_to_dict(extra: Any, as_ascii: bool) -> None:
    record = {**wire(), "extra": extra}
    text = json.dumps([record], ensure_ascii=as_ascii)
    for event in (text, [record]):
        found = Batch.from_event(event)[0].to_dict()
        assert found == record
        assert json.dumps(found["extra"]) == json.dumps(extra)
