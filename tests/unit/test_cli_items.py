"""Files of one item: attribute values, an answer of GetItem, or plain JSON; no value changes on the way."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import UnmarshallError, dumps, unmarshall
from tailrace.cli.items import ItemFile
from tailrace.cli.reading import InputError
from tailrace.testing.strategies import items
from tests.reference.exact import exact

ITEM = {"id": "a", "n": Decimal("1.50"), "raw": b"\x01\x02", "tags": {"x", "y"}, "deep": [{"ok": True}, None]}
WIRE = dumps(ITEM).decode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "item.json"


@pytest.mark.parametrize(
    "text",
    [WIRE, f'{{"Item":{WIRE}}}', f'{{"Item":{WIRE},"ConsumedCapacity":{{"CapacityUnits":0.5}}}}', f"\ufeff\n{WIRE}\n",
     json.dumps(json.loads(WIRE), indent=4)],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_an_item_is_read_as_it_is(file: Path, text: str, packed: bool) -> None:
    file.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    assert exact(ItemFile(str(file)).item()) == exact(ITEM)


@pytest.mark.parametrize("inner", ["S", "M", "Item", "NULL", "L"])
@pytest.mark.parametrize("value", ["x", {}, {"M": {}}, {"S": "x"}, {"Item": {"S": "x"}}, None, [1]])
def test_an_attribute_may_be_called_item_or_like_a_type(file: Path, inner: str, value: Any) -> None:
    for item in ({"Item": {inner: value}}, {"Item": value}, {inner: value}):
        for wire in (dumps(item), b'{"Item":' + dumps(item) + b"}"):
            file.write_bytes(wire)
            assert exact(ItemFile(str(file)).item()) == exact(unmarshall(json.loads(dumps(item))))


JSON_VALUES = st.recursive(
    st.just({}) | st.sampled_from(["x", "1"]) | st.booleans(),
    lambda inner: st.dictionaries(st.sampled_from(["S", "M", "N", "NULL", "Item", "L", "x"]), inner, max_size=2),
    max_leaves=6,
)


@given(JSON_VALUES)
def test_no_document_is_both_an_answer_and_an_item(inner: Any) -> None:
    def is_item(item: Any) -> bool:
        try:
            unmarshall(item, strict=True)
        except UnmarshallError:
            return False
        return True

    assert not (is_item({"Item": inner}) and is_item(inner))


@given(item=items())
def test_any_item_comes_back(tmp_path_factory: pytest.TempPathFactory, item: dict[str, Any]) -> None:
    file = tmp_path_factory.getbasetemp() / "any-item.json"
    for text in (dumps(item), b'{"Item":' + dumps(item) + b"}"):
        file.write_bytes(text)
        assert exact(ItemFile(str(file)).item()) == exact(item)


@pytest.mark.parametrize("plain", [False, True])
def test_null_is_no_item(file: Path, plain: bool) -> None:
    file.write_text("null\n")
    assert ItemFile(str(file), plain=plain).item() is None


def test_plain_json_keeps_its_numbers(file: Path) -> None:
    digits = "12345678901234567890123456789012345.678"
    file.write_text(f'{{"S":"x","n":{digits},"small":1e-130,"deep":[{{"N":"1"}},null,true]}}')
    item = ItemFile(str(file), plain=True).item()
    assert item == {"S": "x", "n": Decimal(digits), "small": Decimal("1e-130"), "deep": [{"N": "1"}, None, True]}


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is empty: write null where there is no item"),
        (" \n", "it is empty"),
        ("[]", "line 1: an item is a JSON object"),
        ("5", "line 1: an item is a JSON object"),
        ('{"a":', "line 1, at a: broken JSON"),
        ('{"a":\n{"S":"x"},\n"a":{"S":"y"}}', "a name stands twice in one object"),
        ('{"a":{"S":"x"}} {}', "broken JSON"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ('{"a": -Infinity}', "-Infinity is no number of JSON"),
        ('{"a": 1e99999999999999999999}', "a number that no item holds"),
        ('{"a": \xff}', "no UTF-8"),
        ('{"a":' + "[" * 100_000, "nested too deep"),
    ],
)
def test_what_is_no_item_says_so(file: Path, text: str, message: str, plain: bool) -> None:
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError) as caught:
        ItemFile(str(file), plain=plain).item()
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(file))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{"id":{"S":"a"},\n"n":{"N":"secret"}}', "line 2, at n.N: "),
        ('{"Item":\n{"id":{"S":"a"},\n"n":{"N":"secret"}}}', "line 3, at Item.n.N: "),
        ('{"id":"secret"}', "line 1, at id: "),
        ('{"Item":{"id":"secret"}}', "line 1, at Item.id: "),
        ('{"ConsumedCapacity":{"TableName":"secret"}}', "line 1, at ConsumedCapacity"),
    ],
)
def test_a_broken_attribute_value_is_named_by_its_place(file: Path, text: str, place: str) -> None:
    file.write_text(text)
    with pytest.raises(InputError) as caught:
        ItemFile(str(file)).item()
    assert f"{file}, {place}" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_plain_json_that_no_item_holds_is_named_by_its_place(file: Path) -> None:
    file.write_text('{"id": "a",\n"deep": [1, {"n": 1' + "2" * 38 + "}]}")
    with pytest.raises(InputError, match=r"line 2, at deep\[1\]\.n: "):
        ItemFile(str(file), plain=True).item()


@pytest.mark.parametrize(("name", "message"), [("none.json", "no such file"), (".", "Is a directory")])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ItemFile(str(tmp_path / name)).item()


def test_broken_gzip(file: Path) -> None:
    file.write_bytes(gzip.compress(b"{}")[:-5])
    with pytest.raises(InputError, match="broken gzip"):
        ItemFile(str(file)).item()
