"""A diff in lines: each path and value apart from every other, and nothing that a terminal obeys."""

from __future__ import annotations

import ast
import unicodedata
from collections import UserDict
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from hypothesis import given
from hypothesis import strategies as st

from tailrace import MarshallError, diff, unmarshall
from tailrace.diffs.render import render
from tailrace.diffs.text import path_text, printable, value_text
from tailrace.exceptions import MarshallTypeError, MarshallValueError
from tailrace.testing.strategies import attribute_values
from tests.reference.plain_diff import PlainChange


def test_one_line_a_change_in_the_order_of_the_diff() -> None:
    old = {"status": "PENDING", "gone": Decimal("1.50"), "at": {"city": "Bern"}, "tags": ["a", "b"]}
    new = {"tags": ["a"], "status": "PAID", "at": {"city": "Basel"}, "note": None}
    assert diff(old, new).render().splitlines() == [
        '- tags[1]: "b"',
        '~ status: "PENDING" -> "PAID"',
        '~ at.city: "Bern" -> "Basel"',
        "+ note: null",
        "- gone: 1.50",
    ]


def test_colours_are_of_the_kind_and_end_with_the_line() -> None:
    coloured = diff({"a": 1, "b": 1}, {"a": 2, "c": 3}).render(color=True)
    assert coloured == "\x1b[33m~ a: 1 -> 2\x1b[0m\n\x1b[32m+ c: 3\x1b[0m\n\x1b[31m- b: 1\x1b[0m"


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize(
    ("old", "new", "mark"), [({"t": "s3cret"}, {"t": 1}, "~"), ({}, {"t": "s3cret"}, "+"), ({"t": "s3cret"}, {}, "-")]
)
def test_a_masked_value_is_never_shown(old: Any, new: Any, mark: str, color: bool) -> None:
    shown = diff(old, new, mask="t").render(color=color)
    assert f"{mark} t: (masked)" in shown
    assert "s3cret" not in shown
    assert "null" not in shown


def test_a_masked_change_that_still_carries_its_values_does_not_show_them() -> None:
    assert render([PlainChange(("t",), "changed", "s3cret", {"s3cret"}, masked=True)]) == "~ t: (masked)"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("a", "b", 0, 1, "c"), "a.b[0][1].c"),
        (("a.b",), '"a.b"'),
        (("a[0]", "b"), '"a[0]".b'),
        (("", ""), '"".""'),
        (('"',), '"\\""'),
        (("two words", "ключ", "user-id"), '"two words".ключ.user-id'),
        (("a: 1",), '"a: 1"'),
        (("\x1b[31m",), '"\\u001b[31m"'),
        (("a", "0"), "a.0"),
    ],
)
def test_a_path(path: Any, text: str) -> None:
    assert path_text(path) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", '"1"'),
        (1, "1"),
        (Decimal("1.50"), "1.50"),
        (1.5, "1.5"),
        (True, "true"),
        (None, "null"),
        ("null", '"null"'),
        ("", '""'),
        ("a\nb\x1b[0m\x9b\u202e\u2028é😀", '"a\\nb\\u001b[0m\\x9b\\u202e\\u2028é😀"'),
        ("\\u202e", '"\\\\u202e"'),
        ([1, [], "a"], '[1, [], "a"]'),
        ((1,), "[1]"),
        ({}, "{}"),
        ({"a": {"b c": 1}}, '{a: {"b c": 1}}'),
        (UserDict(a=1), "{a: 1}"),
        ({"b", "a", "é"}, '{"a", "b", "é"}'),
        (frozenset({10, Decimal(9)}), "{9, 10}"),
        ({b"\xff", b"a"}, "{<1 byte 61>, <1 byte ff>}"),
        (b"", "<0 bytes>"),
        (bytes(range(12)), "<12 bytes 000102030405060708090a0b>"),
        (bytearray(b"a"), "<1 byte 61>"),
        (memoryview(b"a"), "<1 byte 61>"),
        (Binary(b"ab"), "<2 bytes 6162>"),
        ({Binary(b"b"), Binary(b"a")}, "{<1 byte 61>, <1 byte 62>}"),
        ({1j, 2j}, "{1j, 2j}"),
        (set(), "set()"),
        ([frozenset(), {}], "[set(), {}]"),
    ],
)
def test_a_value(value: Any, text: str) -> None:
    assert value_text(value) == text


@pytest.mark.parametrize("nasty", ["\x1b[2J", "\x9b2J", "\u202ertl", "a\rb", "\ud800", "\x00"])
def test_control_characters_are_escaped(nasty: str) -> None:
    assert printable(nasty).isprintable()
    assert value_text(nasty).isprintable()
    assert value_text({nasty: nasty}).isprintable()
    assert path_text((nasty, 0)).isprintable()


@pytest.mark.parametrize(
    "hidden",
    ["\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\u034f", "\u17b4", "\u17b5", "\u180b", "\u180e", "\u180f",
     "\ufe00", "\ufe0f", "\U000e0100", "\U000e01ef"],
)  # fmt: skip
def test_what_shows_nothing_is_escaped_also_in_names(hidden: str) -> None:
    escape = hidden.encode("unicode_escape").decode()
    assert printable(f"a{hidden}") == f"a{escape}"
    assert value_text({f"a{hidden}": f"{hidden}b"}) == f'{{"a{escape}": "{escape}b"}}'
    assert path_text((f"a{hidden}", "b")) == f'"a{escape}".b'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("caf\u00e9", "caf\u00e9"),
        ("cafe\u0301", "cafe\\u0301"),
        ("\uac00", "\uac00"),
        ("\u1100\u1161", "\u1100\\u1161"),
        ("\u212b", "\\u212b"),
        ("\u037e", "\\u037e"),
        ("\uf900", "\\uf900"),
        ("\u0928\u093f", "\u0928\u093f"),
    ],
)
def test_of_canonically_equal_texts_only_the_composed_one_is_shown_as_it_is(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert value_text(text) == f'"{shown}"'
    assert printable(unicodedata.normalize("NFC", text)) == unicodedata.normalize("NFC", text)


def test_a_name_in_two_spellings_is_two_names() -> None:
    composed, decomposed = diff({}, {"\u00e9": 1, "e\u0301": 1}).render().splitlines()
    assert (composed, decomposed) == ("+ \u00e9: 1", '+ "e\\u0301": 1')


@given(
    st.text(
        st.characters(exclude_categories=())
        | st.sampled_from("e\u0301\u0323\u00e9\u1100\u1161\u11a8\uac00\u0b47\u0b3e")
    )
)
def test_two_texts_are_never_shown_as_canonically_equal_ones(text: str) -> None:
    shown = value_text(text)
    assert unicodedata.is_normalized("NFC", shown)
    assert shown.isprintable()
    assert ast.literal_eval(shown) == text


@pytest.mark.parametrize(
    ("value", "error", "path"),
    [
        ({1, "a"}, MarshallTypeError, ("b",)),
        ([{1, b"a"}], MarshallTypeError, ("b", 0)),
        ({Decimal("NaN"), Decimal(1)}, MarshallValueError, ("b",)),
        (10**5000, MarshallValueError, ("b",)),
        ({"x": [{-(10**5000), 1}]}, MarshallValueError, ("b", "x", 0)),
    ],
    ids=["text and numbers", "bytes and numbers", "NaN", "long", "long in a set"],  # pytest would write the numbers out
)
def test_what_no_item_holds_is_refused_by_every_export(value: Any, error: type[MarshallError], path: Any) -> None:
    changes = diff({}, {"b": value})
    for export in (changes.render, changes.to_json_patch, changes.to_update_expression):
        with pytest.raises(error) as caught:
            export()
        assert caught.value.path == path
        assert caught.value.__suppress_context__


@given(attribute_values())
def test_no_value_of_an_item_can_move_the_cursor(value: dict[str, Any]) -> None:
    assert value_text(unmarshall({"a": value})).isprintable()


def test_long_values_that_differ_at_their_end_are_seen_to_differ() -> None:
    old, new = diff({"b": b"x" * 500 + b"1"}, {"b": b"x" * 500 + b"2"}).render().split(" -> ")
    assert old.removeprefix("~ b: ") != new
