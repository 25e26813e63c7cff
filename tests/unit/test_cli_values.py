"""Values as short text, safe on a terminal."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import unmarshall
from tailrace.cli.values import key_texts, printable, shorten, shorten_pair, value_text
from tailrace.testing.strategies import attribute_values


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("PAID", '"PAID"'),
        ('a "b"\n', r'"a \"b\"\n"'),
        (Decimal("1.50"), "1.50"),
        (Decimal("99999999999999999999999999999999999999"), "99999999999999999999999999999999999999"),
        (True, "true"),
        (None, "null"),
        (b"", "<0 bytes >"),
        (b"a", "<1 byte 61>"),
        (bytes(9), "<9 bytes 0000000000000000…>"),
        ({"b", "a"}, '{"a", "b"}'),
        ([Decimal(1), {"qty": Decimal(2)}], "[1, {qty: 2}]"),
        ("芳", '"芳"'),
    ],
)
def test_each_type(value: object, text: str) -> None:
    assert value_text(value) == text


@given(attribute_values())
def test_no_value_of_an_item_can_move_the_cursor(value: dict[str, Any]) -> None:
    assert value_text(unmarshall({"a": value})).isprintable()


@pytest.mark.parametrize("nasty", ["\x1b[2J", "\x9b2J", "\u202ertl", "a\rb", "\ud800", "\x00"])
def test_control_characters_are_escaped(nasty: str) -> None:
    assert printable(nasty).isprintable()
    assert value_text(nasty).isprintable()
    assert value_text({nasty: nasty}).isprintable()
    assert all(text.isprintable() for text in key_texts({nasty: nasty}))


@given(st.text(max_size=30), st.integers(1, 20))
def test_shortened_text_is_a_beginning_and_fits(text: str, width: int) -> None:
    short = shorten(text, width)
    assert len(short) <= width
    assert short == text or text.startswith(short.removesuffix("…"))


@given(st.text("ab", max_size=40), st.text("ab", max_size=40), st.integers(4, 20))
def test_a_shortened_pair_shows_where_it_parts(old: str, new: str, width: int) -> None:
    short = shorten_pair(old, new, width)
    assert max(map(len, short)) <= width
    assert (short[0] != short[1]) == (old != new)


def test_keys_are_quoted_where_they_need_it() -> None:
    keys = {"customer": "C-7", "order": Decimal(12), "title": "two words", "empty": "", "raw": b"a"}
    assert key_texts(keys) == ("customer=C-7", "order=12", 'title="two words"', 'empty=""', "raw=<1 byte 61>")
