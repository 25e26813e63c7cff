"""Paths on the command line: what a diff prints is read back, and nothing else is taken for one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.cli.attribute_path import parse_path
from tailrace.diffs.text import path_text

NAMES = st.text(max_size=5) | st.text('.[]"\\ax\x9b\u202e\U000e0001\t0 ', max_size=5)
STEPS = st.lists(NAMES | st.integers(0, 999_999_999), max_size=4)


@given(NAMES, STEPS)
def test_what_a_diff_prints_is_read_back(name: str, rest: list[Any]) -> None:
    path = (name, *rest)
    assert parse_path(path_text(path)) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("status", ("status",)),
        ("address.city", ("address", "city")),
        ("lines[0].qty", ("lines", 0, "qty")),
        ("a[1][2]", ("a", 1, 2)),
        ("a.0", ("a", "0")),
        ("a[007]", ("a", 7)),
        ('"a.b"."c[0]"', ("a.b", "c[0]")),
        ('""', ("",)),
        ("two words.x", ("two words", "x")),
        ("user:id/x", ("user:id/x",)),
        ('" a "', (" a ",)),
        (r'"\"\\\/\b\n\u00e9\x9b\U0001f600"', ('"\\/\b\né\x9b😀',)),
        (r'"\ud83d\ude00"', ("😀",)),
        ("ключ", ("ключ",)),
    ],
)
def test_a_path(text: str, path: Any) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize(
    "text",
    ["", ".", "a.", ".a", "a..b", "a.[0]", "[0]", "[0].a", "a[", "a[]", "a[-1]", "a[x]", "a[0", "a]", "a[0]b", 'a"b"',
     '"a', '"a"b', r'"a\q"', r'"\u12"', r'"\U00110000"', " ", " a", "a ", "a[1234567890]", "a[ 0 ]", "a[١]"],
)  # fmt: skip
def test_what_is_no_path_is_refused_and_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"path|escape|character"):
        parse_path(text)
