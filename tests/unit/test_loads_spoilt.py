"""Text that is no item: every kind of it is refused with the place where it broke, or the path to what is wrong."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tailrace import UnmarshallError, loads
from tailrace.exceptions import UnmarshallTypeError, UnmarshallValueError
from tests.unit.test_loads import ASCII, UTF8

TYPE, VALUE = UnmarshallTypeError, UnmarshallValueError
NO_NAME = "\ufffd"  # stands in a path for a name that is no text
TWICE = "an attribute name stands twice in one map"
PLACE = re.compile(r"at byte (\d+) \(line \d+, column \d+\)")
Path = tuple[str | int, ...]

# Text, class, message, path.
WRONG: dict[str, tuple[bytes, type[UnmarshallError], str, Path]] = {
    "UTF-8 in a value": (b'{"a":{"S":"\xff"}}', VALUE, "not UTF-8", ("a", "S")),
    "UTF-8 in a set": (b'{"a":{"SS":["","\xc0\x80"]}}', VALUE, "not UTF-8", ("a", "SS", 1)),
    "UTF-8 in a name": (b'{"a\xff":{"S":""}}', VALUE, "not UTF-8", (f"a{NO_NAME}",)),
    "UTF-8 in an inner name": (b'{"a":{"M":{"\xed\xa0\x80":{}}}}', VALUE, "not UTF-8", ("a", "M", NO_NAME * 3)),
    "UTF-8 cut off": (b'{"a":{"S":"\xf0\x9f\x98"}}', VALUE, "not UTF-8", ("a", "S")),
    "high surrogate": (rb'{"a":{"S":"\ud83d"}}', VALUE, "half of a surrogate pair", ("a", "S")),
    "low surrogate": (rb'{"a":{"L":[{"S":"\ude00"}]}}', VALUE, "half of a surrogate pair", ("a", "L", 0, "S")),
    "surrogate in a name": (rb'{"\ud83d":{"S":""}}', VALUE, "half of a surrogate pair", (NO_NAME,)),
    "surrogate in a tag": (rb'{"a":{"\ud83d":""}}', VALUE, "half of a surrogate pair", ("a",)),
    "surrogate in N": (rb'{"a":{"N":"\ud83d"}}', VALUE, "half of a surrogate pair", ("a", "N")),
    "surrogate in B": (rb'{"a":{"B":"\ud83d"}}', VALUE, "half of a surrogate pair", ("a", "B")),
    "name twice": (b'{"a":{"S":""},"b":{"S":""},"a":{"S":""}}', VALUE, TWICE, ("a",)),
    "name twice, once escaped": (rb'{"a":{"S":""},"\u0061":{"S":""}}', VALUE, TWICE, ("a",)),
    "name twice in a map": (b'{"m":{"M":{"a":{"S":""},"a":{"N":"1"}}}}', VALUE, TWICE, ("m", "M", "a")),
    "tag twice": (rb'{"a":{"S":"","\u0053":""}}', VALUE, "a type tag stands twice", ("a",)),
    "base64 without padding": (b'{"a":{"B":"aGk"}}', VALUE, "not base64", ("a", "B")),
    "base64 with too much": (b'{"a":{"B":"aGkh="}}', VALUE, "not base64", ("a", "B")),
    "base64 of another alphabet": (b'{"a":{"B":"a-_="}}', VALUE, "not base64", ("a", "B")),
    "base64 with a blank": (b'{"a":{"BS":["aGk=","aG k"]}}', VALUE, "not base64", ("a", "BS", 1)),
    "base64 with bits left over": (b'{"a":{"B":"aGl="}}', VALUE, "not base64", ("a", "B")),
    "base64 with padding inside": (b'{"a":{"B":"aGk=aGk="}}', VALUE, "not base64", ("a", "B")),
    "N is a number": (b'{"a":{"N":5}}', TYPE, "N holds a number as a string, found a number", ("a", "N")),
    "N is no number of Python": (b'{"a":{"N":1e999}}', TYPE, "N holds a number as a string", ("a", "N")),
    "N in a set is a number": (b'{"a":{"NS":["1",2]}}', TYPE, "N holds a number as a string", ("a", "NS", 1)),
    "N is infinite": (b'{"a":{"N":"1e999"}}', VALUE, "out of range", ("a", "N")),
    "N is not a number": (b'{"a":{"N":"NaN"}}', VALUE, "is no number", ("a", "N")),
    "S is an object": (b'{"a":{"S":{}}}', TYPE, "S holds a string, found an object", ("a", "S")),
    "L is an object": (b'{"a":{"L":{}}}', TYPE, "L holds an array, found an object", ("a", "L")),
    "M is null": (b'{"a":{"M":null}}', TYPE, "M holds an object, found null", ("a", "M")),
    "a value is text": (b'{"a":"x"}', TYPE, "an attribute value is an object", ("a",)),
    "a value is empty": (b'{"a":{"L":[{}]}}', TYPE, "an attribute value is empty", ("a", "L", 0)),
    "an item is an array": (b'[{"a":{"S":""}}]', TYPE, "an item is an object", ()),
    "an item is plain JSON": (b'{"a":1}', TYPE, "an attribute value is an object", ("a",)),
    "too deep": (b'{"a":' + b'{"L":[' * 128, VALUE, "nested deeper than 128", ("a", *("L", 0) * 127, "L")),
    "too deep and passed by": (b'{"a":{"NULL":' + b"[" * 300, VALUE, "nested too deep", ("a", "NULL")),
}  # fmt: skip

# Text that is broken JSON, and the byte where that shows.
BROKEN: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 0),
    "trailing brace": (b"{}}", 2),
    "trailing item": (b'{"a":{"S":""}}{}', 14),
    "trailing comma": (b"{} ,", 3),
    "trailing nul": (b"{}\0", 2),
    "a mark of byte order": (b"\xef\xbb\xbf{}", 0),
    "UTF-16": ('{"a":{"S":""}}'.encode("utf-16-le"), 1),
    "no UTF-8 outside strings": (b"{\xff}", 1),
    "infinity": (b'{"a":{"N":Infinity}}', 10),
    "a number with a zero": (b'{"a":{"NULL":[01]}}', 14),
}


def refused(text: bytes) -> UnmarshallError:
    with pytest.raises(UnmarshallError) as caught:
        loads(text)
    return caught.value


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_has_its_path(name: str) -> None:
    text, kind, message, path = WRONG[name]
    error = refused(text)
    assert (type(error), error.path) == (kind, path)
    assert message in str(error)


# Where else an item may stand, and the path to it.
AROUND: list[tuple[str, bytes, Path]] = [
    ("items", b'[{},{"first":{"S":"fine"}},%s]', (2,)),
    ("answer", b'{"Count":1,"Item":%s}', ("Item",)),
    ("answer", b'{"Items":[{},%s]}', ("Items", 1)),
    ("answer", b'{"Responses":{"t":[%s]}}', ("Responses", "t", 0)),
    ("answer", b'{"Responses":[{"Item":{}},{"Item":%s}]}', ("Responses", 1, "Item")),
    ("answer", b'{"Records":[{"dynamodb":{"OldImage":%s}}]}', ("Records", 0, "dynamodb", "OldImage")),
    ("export", b'{"Item":{}}\n{"Item":%s}\n', (1, "Item")),
]


@pytest.mark.parametrize(("shape", "around", "before"), AROUND, ids=[around.decode() for _, around, _ in AROUND])
def test_it_has_its_path_wherever_the_item_stands(shape: Any, around: bytes, before: Path) -> None:
    for name, (text, kind, message, path) in WRONG.items():
        with pytest.raises(UnmarshallError) as caught:
            loads(around.replace(b"%s", text), shape=shape)
        assert (type(caught.value), caught.value.path) == (kind, (*before, *path)), name
        assert message in str(caught.value)


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_has_its_place(name: str) -> None:
    text, at = BROKEN[name]
    error = refused(text)
    assert type(error) is VALUE
    assert _place(error) == at


@pytest.mark.parametrize("data", [ASCII, UTF8], ids=["ascii", "utf-8"])
def test_a_cut_shows_at_the_end_or_has_a_path(data: bytes) -> None:
    """A word such as `true` shows at its start, and what is cut inside a character of a string has a path at least."""
    for end in range(len(data)):
        error = refused(data[:end])
        place = _place(error)
        assert place is None or end - len("false") < place <= end
        assert place is not None or error.path


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("numbers", ["decimal", "int-decimal", "int-float", "float", "str"])
@pytest.mark.parametrize("binary", ["bytes", "raw"])
def test_no_mode_takes_more(strict: bool, numbers: Any, binary: Any) -> None:
    for name, (text, kind, _, path) in WRONG.items():
        if binary == "raw" and name.startswith("base64"):
            continue
        with pytest.raises(UnmarshallError) as caught:
            loads(text, strict=strict, numbers=numbers, binary=binary)
        if not strict:
            assert (type(caught.value), caught.value.path) == (kind, path), name


def test_a_message_says_nothing_of_the_value() -> None:
    """Messages go to logs, and what an item holds does not."""
    secret = "zqxjkvwz"
    wrong = [
        {"S": {secret: secret}}, {"N": secret}, {"B": secret + "!"}, {"B": secret + "="}, {"BOOL": secret},
        {"L": secret}, {"M": [secret]}, {"SS": [{"S": secret}]}, {"NS": ["1", secret]}, {"BS": [secret + "?"]},
    ]  # fmt: skip
    for value in wrong:
        text = json.dumps({"a": value}).encode()
        for data in (text, text[: text.index(secret.encode()) + 4]):
            message = str(refused(data))
            assert not [at for at in range(len(secret) - 1) if secret[at : at + 2] in message], message


@pytest.mark.parametrize("text", ["aGl=", "aGO=", "a!==", "aG-_", "Z", "Zm9vQ"])
def test_a_message_says_where_base64_is_wrong_and_not_how(text: str) -> None:
    message = str(refused(json.dumps({"a": {"B": text}}).encode()))
    reason = r"character [0-5] (does not belong there|has bits left over)|it is cut off, or its padding is"
    assert re.fullmatch(rf"not base64: ({reason}) \(at a\.B\)", message)


def _place(error: UnmarshallError) -> int | None:
    found = PLACE.search(str(error))
    return int(found[1]) if found else None
