"""Keys, and text cut to its room."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.cli.values import key_texts, shorten, shorten_pair


@pytest.mark.parametrize("nasty", ["\x1b[2J", "\x9b2J", "\u202ertl", "a\rb", "\ud800", "\x00"])
def test_control_characters_in_keys_are_escaped(nasty: str) -> None:
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


def test_a_masked_key_is_not_shown() -> None:
    assert key_texts({"a": "s3cret", "b": "x"}, masked={"a"}) == ("a=(masked)", "b=x")
