"""``loads`` of more than one item: arrays, answers of the API, lines of an export; nothing is guessed from the look."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tailrace import UnmarshallError, loads
from tailrace.exceptions import UnmarshallTypeError, UnmarshallValueError
from tests.reference.exact import exact
from tests.reference.small_stack import in_small_stack

ITEM = {"id": {"S": "a"}, "n": {"N": "1.50"}, "b": {"B": "aGk="}, "s": {"SS": ["x"]}}
VALUE = {"id": "a", "n": Decimal("1.50"), "b": b"hi", "s": {"x"}}
KEY = {"id": {"S": "a"}}
# An item whose names are those of the wire.
TRICKY = {
    "Item": {"M": {"S": {"S": "x"}}},
    "Items": {"L": [{"M": {"L": {"L": []}}}]},
    "S": {"S": "S"},
    "dynamodb": KEY["id"],
}
TRICKY_VALUE = {"Item": {"S": "x"}, "Items": [{"L": []}], "S": "S", "dynamodb": "a"}


def text(value: Any) -> str:
    return json.dumps(value)


@pytest.mark.parametrize(
    ("wire", "value"),
    [([], []), ([{}], [{}]), ([ITEM], [VALUE]), ([ITEM, TRICKY, {}], [VALUE, TRICKY_VALUE, {}])],
    ids=len,
)
def test_items_are_an_array(wire: Any, value: Any) -> None:
    for data in (text(wire), text(wire).encode(), f" {text(wire)}\n"):
        assert exact(loads(data, shape="items")) == exact(value)


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ({}, {}),
        ({"Item": ITEM}, {"Item": VALUE}),
        ({"Item": {}}, {"Item": {}}),
        ({"Item": None, "Items": None, "Responses": None, "Records": None},
         {"Item": None, "Items": None, "Responses": None, "Records": None}),
        ({"Attributes": TRICKY, "ConsumedCapacity": {"CapacityUnits": 0.5, "Item": KEY}},
         {"Attributes": TRICKY_VALUE, "ConsumedCapacity": {"CapacityUnits": 0.5, "Item": KEY}}),
        ({"Items": [ITEM, {}], "Count": 2, "LastEvaluatedKey": KEY, "x": [True, None, "é", 10**20, {"Item": ITEM}]},
         {"Items": [VALUE, {}], "Count": 2, "LastEvaluatedKey": KEY, "x": [True, None, "é", 10**20, {"Item": ITEM}]}),
        ({"Responses": {"t": [ITEM], "Item": [KEY], "u": []}, "UnprocessedKeys": {"t": {"Keys": [KEY]}}},
         {"Responses": {"t": [VALUE], "Item": [{"id": "a"}], "u": []}, "UnprocessedKeys": {"t": {"Keys": [KEY]}}}),
        ({"Responses": [{"Item": ITEM}, {}, {"Item": None}, {"Error": {"Code": "c", "Item": KEY}, "TableName": "t"}]},
         {"Responses": [{"Item": VALUE}, {}, {"Item": None}, {"Error": {"Code": "c", "Item": KEY}, "TableName": "t"}]}),
        ({"Records": [{"eventID": "1", "Keys": KEY,
                       "dynamodb": {"Keys": KEY, "NewImage": ITEM, "OldImage": {}, "SizeBytes": 5}},
                      {"dynamodb": None}, {"dynamodb": {"NewImage": None}}], "NextShardIterator": "i"},
         {"Records": [{"eventID": "1", "Keys": KEY,
                       "dynamodb": {"Keys": {"id": "a"}, "NewImage": VALUE, "OldImage": {}, "SizeBytes": 5}},
                      {"dynamodb": None}, {"dynamodb": {"NewImage": None}}], "NextShardIterator": "i"}),
        ({"UnprocessedItems": {"t": [{"PutRequest": {"Item": ITEM}}]}, "Table": {"Items": [ITEM]}},
         {"UnprocessedItems": {"t": [{"PutRequest": {"Item": ITEM}}]}, "Table": {"Items": [ITEM]}}),
    ],
)  # fmt: skip
def test_of_an_answer_the_known_members_are_items(wire: Any, value: Any) -> None:
    for data in (text(wire), json.dumps(wire, indent=1, ensure_ascii=False).encode()):
        answer = loads(data, shape="answer")
        assert exact(answer) == exact(value)
        assert list(answer) == list(wire)


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        ("", []),
        ("\n \n\r\n\t\n", []),
        ('{"Item":%s}', [{"Item": VALUE}]),
        ('{"Item":%s}\n', [{"Item": VALUE}]),
        ('\n{"Item":%s}\r\n\n{"Item":{}}\n', [{"Item": VALUE}, {"Item": {}}]),
        ('{}\n{"Keys":{"id":{"S":"a"}},"NewImage":%s,"OldImage":{},"Metadata":{"t":{"N":"1"}}}',
         [{}, {"Keys": {"id": "a"}, "NewImage": VALUE, "OldImage": {}, "Metadata": {"t": Decimal(1)}}]),
    ],
)  # fmt: skip
def test_an_export_is_lines(lines: str, value: Any) -> None:
    lines = lines.replace("%s", text(ITEM))
    for data in (lines, lines.encode(), bytearray(lines.encode()), memoryview(lines.encode())):
        assert exact(loads(data, shape="export")) == exact(value)


def test_a_line_feed_inside_text_is_written_with_an_escape() -> None:
    line = text({"Item": {"a": {"S": "x\ny\u2028z"}}})
    assert loads(f"{line}\n{line}", shape="export") == [{"Item": {"a": "x\ny\u2028z"}}] * 2


@pytest.mark.parametrize(
    ("shape", "around"), [("items", "[%s]"), ("answer", '{"Item":%s}'), ("export", '{"Item":%s}\n')]
)
def test_the_modes_are_those_of_one_item(shape: Any, around: str) -> None:
    wire = text({"n": {"N": "1.0"}, "b": {"B": "aGk="}, "s": {"NS": ["2"]}})
    modes: dict[str, Any] = {"numbers": "int-float", "binary": "raw", "sets": "list"}
    read: Any = loads(around.replace("%s", wire), shape=shape, **modes)
    item = read[0] if shape == "items" else read["Item"] if shape == "answer" else read[0]["Item"]
    assert exact(item) == exact(loads(wire, **modes)) == exact({"n": 1, "b": "aGk=", "s": [2]})


def test_strict_is_for_all_of_them() -> None:
    two = '{"a":{"S":"x","N":"1"}}'
    for shape, around in (("items", "[%s]"), ("answer", '{"Items":[%s]}'), ("export", '{"Item":%s}')):
        data: str = around.replace("%s", two)
        loads(data, shape=shape)  # type: ignore[call-overload]
        with pytest.raises(UnmarshallTypeError, match="two type tags"):
            loads(data, shape=shape, strict=True)  # type: ignore[call-overload]


BROKEN = "broken JSON"
# shape, text, message, path
REFUSED: list[tuple[str, str, str, tuple[str | int, ...]]] = [
    ("items", "{}", "items stand in an array, found an object", ()),
    ("items", "[[]]", "an item is an object", (0,)),
    ("items", "[null]", "an item is an object", (0,)),
    ("items", '[{},{"a":{"L":[{"N":"x"}]}}]', "no number", (1, "a", "L", 0, "N")),
    ("items", "[{}", f"{BROKEN}: expected ',' or ']', found the end of the text at byte 3", ()),
    ("items", "[{}] 5", f"{BROKEN}: expected the end of the text at byte 5", ()),
    ("items", '[{"a":{"S":"x"},"a":{"S":"x"}}]', "an attribute name stands twice", (0, "a")),
    ("answer", "[]", "an answer is an object, found an array", ()),
    ("answer", "null", "an answer is an object, found null", ()),
    ("answer", "", f"{BROKEN}: expected a value, found the end", ()),
    ("answer", '{"Item":[]}', "an item is an object", ("Item",)),
    ("answer", '{"Attributes":"x"}', "an item is an object", ("Attributes",)),
    ("answer", '{"Items":{}}', "items stand in an array", ("Items",)),
    ("answer", '{"Items":[{},null]}', "an item is an object", ("Items", 1)),
    ("answer", '{"Responses":"x"}', "Responses is an object or an array", ("Responses",)),
    ("answer", '{"Responses":{"t":{}}}', "items stand in an array", ("Responses", "t")),
    ("answer", '{"Responses":{"t":[{"a":{"X":1}}]}}', "is no type tag", ("Responses", "t", 0, "a")),
    ("answer", '{"Responses":[null]}', "one of Responses is an object", ("Responses", 0)),
    ("answer", '{"Responses":[{"Item":5}]}', "an item is an object", ("Responses", 0, "Item")),
    ("answer", '{"Records":{}}', "Records is an array", ("Records",)),
    ("answer", '{"Records":[5]}', "a record of an answer is an object", ("Records", 0)),
    ("answer", '{"Records":[{"dynamodb":[]}]}', "dynamodb is an object", ("Records", 0, "dynamodb")),
    ("answer", '{"Records":[{"dynamodb":{"Keys":{"a":{"B":"?"}}}}]}', "not base64",
     ("Records", 0, "dynamodb", "Keys", "a", "B")),
    ("answer", '{"Count":1,"Count":2}', "a name stands twice in one object", ("Count",)),
    ("answer", '{"x":{"y":1,"y":2}}', "stands twice", ("x", "y")),
    ("answer", '{"x":"\\ud800"}', "half of a surrogate pair", ("x",)),
    ("answer", '{"x":1e999}', "out of range for a float", ("x",)),
    ("answer", '{"x":NaN}', BROKEN, ("x",)),
    ("answer", '{"x":' + "[" * 300 + "]" * 300 + "}", "nested too deep", ("x", *[0] * 273)),
    ("answer", '{"Item":{}}{}', f"{BROKEN}: expected the end of the text", ()),
    ("export", "[]", "line 1: a line of an export is an object", (0,)),
    ("export", '{}\n\n{"Item":5}', "line 3: an item is an object", (1, "Item")),
    ("export", '{}\n{"Item":{"a":{"N":"x"}}}\n', "line 2: .*no number", (1, "Item", "a", "N")),
    ("export", '{}\n{"Item":', r"line 2: broken JSON: .*at byte 11 \(line 2, column 9\)", (1, "Item")),
    ("export", '{"Item":\n{}}', r"line 1: broken JSON: .*found the end of the text at byte 8 \(line 1", (0, "Item")),
    ("export", "{} {}", "line 1: broken JSON: expected the end of the text at byte 3", (0,)),
    ("export", "{}\n\x0b\n", "line 2: broken JSON", (1,)),
    ("export", "{}\n\f\n", "line 2: broken JSON", (1,)),
    ("export", '{"Item":{},"Item":{}}', "line 1: a name stands twice", (0, "Item")),
    ("export", '{"Item":null}\n{"Item":[]}', "line 2: an item is an object", (1, "Item")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "data", "message", "path"), REFUSED, ids=[f"{shape} {data[:40]!r}" for shape, data, _, _ in REFUSED]
)
def test_what_has_another_shape_is_refused_and_says_where(
    shape: Any, data: str, message: str, path: tuple[str | int, ...]
) -> None:
    for each in (data, data.encode()):
        with pytest.raises(UnmarshallError, match=message) as raised:
            loads(each, shape=shape)
        assert raised.value.path == path
        assert isinstance(raised.value, (UnmarshallTypeError, UnmarshallValueError))


@pytest.mark.parametrize("shape", ["items", "answer", "export"])
def test_text_that_is_no_utf8_is_refused(shape: Any) -> None:
    around = {"items": b'[{"a":{"S":"%s"}}]', "answer": b'{"x":{"%s":1}}', "export": b'{"%s":{}}'}[shape]
    for raw in (b"\xff", b"\xed\xa0\x80"):
        with pytest.raises(UnmarshallValueError, match="not UTF-8"):
            loads(around % raw, shape=shape)


@pytest.mark.parametrize("shape", ["items", "answer", "export"])
def test_a_hostile_depth_is_an_error_and_no_crash(shape: Any) -> None:
    def read() -> None:
        for hostile in ("[" * 100_000, '{"x":' * 100_000, '{"Items":[' * 50_000, '{"Item":{"a":' + '{"L":[' * 50_000):
            with pytest.raises(UnmarshallError):
                loads(hostile, shape=shape)

    read()
    in_small_stack(read)


@pytest.mark.parametrize("shape", ["items", "answer", "export"])
def test_every_cut_is_seen(shape: Any) -> None:
    whole = {"items": text([ITEM, TRICKY]), "export": text({"Item": ITEM}),
             "answer": text({"Items": [ITEM], "Responses": {"t": [ITEM]}, "x": [1.5, "é"]})}[shape]  # fmt: skip
    loads(whole, shape=shape)
    for end in range(1, len(whole)):
        with pytest.raises(UnmarshallError):
            loads(whole[:end], shape=shape)
