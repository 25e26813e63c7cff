"""Where something is in a JSON text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.cli.position import line_of, offset_of, path_of_fault, path_text

NAMES = st.text(max_size=4)
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    members: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    return [(path, value)] + [found for name, part in members for found in _paths(part, (*path, name))]


@given(value=VALUES, indent=st.none() | st.integers(0, 2), ascii_only=st.booleans())
def test_every_value_is_found_where_its_text_starts(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for path, expected in _paths(value):
        found, _ = json.JSONDecoder().raw_decode(text, offset_of(text, path))
        assert found == expected
        assert type(found) is type(expected)


@given(value=VALUES, data=st.data())
def test_the_path_of_a_fault_is_that_of_the_broken_value(value: Any, data: st.DataObject) -> None:
    scalars = [path for path, part in _paths(value) if not isinstance(part, (dict, list))]
    if not scalars:
        return
    text = json.dumps(value)
    path = data.draw(st.sampled_from(scalars))
    at = offset_of(text, path)
    assert path_of_fault(text[:at] + "?" + text[at:]) == path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"Records": [{"a": 1}, {"a": tru}]}', ("Records", 1, "a")),
        ('{"Records": [{"a": 1}, {"a": "cut', ("Records", 1, "a")),
        ('{"Records": [{"a": 1} {"a": 2}]}', ("Records",)),
        ('{"Records": [{"a": 1}, {"a" 2}]}', ("Records", 1)),
        ('{"Records": [{"a": 1}', ("Records",)),
        ('{"a": 1} x', ()),
        ("", ()),
    ],
)
def test_faults_of_every_kind(text: str, path: tuple[str | int, ...]) -> None:
    assert path_of_fault(text) == path


def test_a_path_that_is_not_there_leads_as_far_as_it_goes() -> None:
    text = '{"Records": [{"a": 1}]}'
    assert text[offset_of(text, ("Records", 0, "b", 3)) :] == '{"a": 1}]}'


def test_of_equal_names_the_last_counts() -> None:
    text = '{"a": 1, "a": 2}'
    assert text[offset_of(text, ("a",))] == "2"


def test_deep_nesting_ends() -> None:
    assert len(path_of_fault("[" * 100_000)) == 200


def test_lines_and_paths_in_words() -> None:
    assert [line_of("a\nb\n", offset) for offset in (0, 2, 4)] == [1, 2, 3]
    assert path_text(("Records", 0, "dynamodb", "Keys")) == "Records[0].dynamodb.Keys"
    assert not path_text(())
