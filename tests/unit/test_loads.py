"""DynamoDB JSON as text: what JSON allows, how it breaks, and every place where it can be cut or spoilt."""

from __future__ import annotations

import array
import json
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import EventFormatError, UnmarshallError, loads
from tailrace.exceptions import UnmarshallTypeError, UnmarshallValueError
from tests.reference import unmarshalling
from tests.reference.exact import exact
from tests.reference.roads import TEXT_ROADS
from tests.reference.small_stack import in_small_stack
from tests.reference.unmarshalling import Refused

Road = Callable[[str], Any]
text_road = pytest.mark.parametrize("road", TEXT_ROADS.values(), ids=list(TEXT_ROADS))

ITEM = {
    "id": {"S": 'a"é\U0001f600\\'},
    "n": {"N": "-1.50E+3"},
    "b": {"B": "aGk="},
    "t": {"BOOL": True},
    "z": {"NULL": True},
    "l": {"L": [{"S": "x"}, {"M": {"k": {"N": "0"}}}]},
    "s": {"SS": ["x", "y"], "NS": ["1"]},
    "e": {"M": {}},
}
ASCII, UTF8 = json.dumps(ITEM).encode(), json.dumps(ITEM, ensure_ascii=False, separators=(",", ":")).encode()

BROKEN = [
    ("", "expected a value, found the end of the text"),
    (" \n", "expected a value, found the end of the text"),
    ("x", "expected a value"),
    ("'a'", "expected a value"),
    ("\ufeff{}", "expected a value"),
    ("{", "expected a name in double quotes, found the end"),
    ("{,}", "expected a name in double quotes"),
    ("{a:1}", "expected a name in double quotes"),
    ('{"a"}', "expected ':' behind a name"),
    ('{"a":}', "expected a value"),
    ('{"a":{"S":"x"},}', "expected a name in double quotes"),
    ('{"a":{"S":"x"};}', "expected ',' or '}'"),
    ('{"a":{"S":"x"}', "expected ',' or '}', found the end"),
    ('{"a":{"S":"x"}]', "expected ',' or '}'"),
    ('{"a":{"L":[{"S":"x"}}}', "expected ',' or ']'"),
    ('{"a":{"L":[{"S":"x"},]}}', "expected a value"),
    ('{"a":{"L":[,]}}', "expected a value"),
    ('{"a":{"S":"x}}', "a string is not closed"),
    ('{"a":{"S":"x\\', "a string is not closed"),
    ('{"a":{"S":"x\\"}}', "a string is not closed"),
    ('{"a":{"S":"\n"}}', "control character in a string"),
    ('{"a":{"S":"\0"}}', "control character in a string"),
    ('{"a":{"S":"\x1f"}}', "control character in a string"),
    ('{"a":{"BOOL":tru}}', "expected a value"),
    ('{"a":{"BOOL":truex}}', "expected a value"),
    ('{"a":{"BOOL":True}}', "expected a value"),
    ('{"a":{"NULL":nul}}', "expected a value"),
    ('{"a":{"NULL":[1 2]}}', "expected ',' or ']'"),
    ('{"a":{"NULL":{"x":01}}}', "leading zero"),
    ('{"a":{"NULL":-}}', "expected a digit"),
    ('{"a":{"NULL":1.}}', "expected a digit"),
    ('{"a":{"NULL":1e}}', "expected a digit"),
    ('{"a":{"S":"x","N":[}}}', "expected a value"),
    ("{}{}", "expected the end of the text"),
    ("{} x", "expected the end of the text"),
    ('{"a":{"S":"x"}}\0', "expected the end of the text"),
    ('{"a":{"S":"x"}} // c', "expected the end of the text"),
]
BROKEN_STRINGS = [
    ("\\x", "a string has an unknown escape"),
    ("\\u", "needs four hexadecimal digits"),
    ("\\u12g4", "needs four hexadecimal digits"),
    ("\\u+123", "needs four hexadecimal digits"),
    ("\\u00é", "needs four hexadecimal digits"),
    ("\\ud83d", "half of a surrogate pair"),
    ("\\ud83dx", "half of a surrogate pair"),
    ("\\ud83d\\n", "half of a surrogate pair"),
    ("\\ud83d\\ud83d", "half of a surrogate pair"),
    ("\\ude00", "half of a surrogate pair"),
    ("\\ude00\\ud83d", "half of a surrogate pair"),
]


@pytest.mark.parametrize("data", [ASCII, UTF8], ids=["ascii", "utf-8"])
def test_the_whole_item_is_read(data: bytes) -> None:
    assert exact(loads(data)) == exact(unmarshalling.item_from_json(data))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode, type("BytesOfItsOwn", (bytes,), {})])
def test_text_comes_in_every_form(kind: Callable[[bytes], Any]) -> None:
    assert exact(loads(kind(UTF8))) == exact(loads(UTF8))


def test_text_in_pieces_is_put_together() -> None:
    doubled = bytes(byte for byte in UTF8 for _ in range(2))
    assert exact(loads(memoryview(doubled)[::2])) == exact(loads(UTF8))


@pytest.mark.parametrize("data", [None, {}, [], 5, object(), array.array("b", b"{}")], ids=str)
def test_what_is_no_text_is_a_type_error(data: Any) -> None:
    with pytest.raises(TypeError, match="bytes, bytearray, memoryview or str"):
        loads(data)


@pytest.mark.parametrize("shape", ["", "Items", "Item", None, 5])
def test_a_shape_that_does_not_exist_is_refused(shape: Any) -> None:
    assert loads("{}", shape="item") == {}
    with pytest.raises(ValueError, match="shape"):
        loads("{}", shape=shape)


@text_road
@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[ascii(text)[:40] for text, _ in BROKEN])
def test_broken_json_is_refused(road: Road, text: str, message: str) -> None:
    if road is loads:
        with pytest.raises(UnmarshallValueError, match=message):
            road(text)
        return
    with pytest.raises((UnmarshallError, ValueError)):
        road(text)


@pytest.mark.parametrize(("text", "message"), BROKEN, ids=[ascii(text)[:40] for text, _ in BROKEN])
def test_broken_json_says_where(text: str, message: str) -> None:
    with pytest.raises(UnmarshallValueError, match=r"broken JSON: .* at byte \d+ \(line \d+, column \d+\)"):
        loads(text)


def test_the_place_of_broken_json_is_line_and_column() -> None:
    with pytest.raises(UnmarshallValueError, match=r"at byte 8 \(line 3, column 3\)"):
        loads('{\n"a"\n  ?')


@text_road
@pytest.mark.parametrize(("inside", "message"), BROKEN_STRINGS, ids=[inside for inside, _ in BROKEN_STRINGS])
def test_broken_strings_are_refused(road: Road, inside: str, message: str) -> None:
    texts = (f'{{"a":{{"S":"{inside}"}}}}', f'{{"a":{{"SS":["{inside}"]}}}}', f'{{"{inside}":{{"S":"x"}}}}')
    for text in texts:
        with pytest.raises(UnmarshallValueError, match=message):
            road(text)


@pytest.mark.parametrize("raw", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe9", b"\xf0\x9f\x98"])
@pytest.mark.parametrize("around", [b'{"a":{"S":"%s"}}', b'{"%s":{"S":"x"}}', b'{"a":{"NULL":"%s"}}'], ids=repr)
def test_text_that_is_no_utf8_is_refused(raw: bytes, around: bytes) -> None:
    with pytest.raises(UnmarshallValueError, match="not UTF-8"):
        loads(around % raw)


def test_half_a_surrogate_pair_in_a_str_is_refused() -> None:
    with pytest.raises(UnmarshallValueError, match="half of a surrogate pair"):
        loads('{"a":{"S":"\ud83d"}}')


@text_road
@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (r"\u0000", "\0"), (r"\uD83D\uDE00", "\U0001f600"), (r"\ud83d\ude00!", "\U0001f600!"), (r"\u00e9", "é"),
        (r"\/\b\f\n\r\t\"\\", '/\b\f\n\r\t"\\'), (r"\\u0041", r"\u0041"), (r"a\u0062c", "abc"), ("\x7f", "\x7f"),
        (r"\uffff\udbff\udfff", "\uffff\U0010ffff"), ("", ""), (r"\ud800\udc00", "\U00010000"),
    ],
)  # fmt: skip
def test_escapes_are_undone(road: Road, inside: str, text: str) -> None:
    assert road(f'{{"{inside}":{{"S":"{inside}"}}}}') == {text: text}
    assert road(f'{{"a":{{"SS":["{inside}", "x"]}}}}') == {"a": {text, "x"}}


@text_road
def test_tags_and_names_may_be_written_with_escapes(road: Road) -> None:
    assert exact(road(r'{"\u0061":{"\u0053":"x"},"b":{"B\u004fOL":true},"c":{"\u004e":"1\u002e0"}}')) == exact(
        unmarshalling.item({"a": {"S": "x"}, "b": {"BOOL": True}, "c": {"N": "1.0"}})
    )


@text_road
def test_white_space_may_stand_between_all_tokens(road: Road) -> None:
    blank = " \t\r\n" * 20
    tokens = ["{", '"a"', ":", "{", '"L"', ":", "[", "{", '"NULL"', ":", "true", "}", ",", "{", '"S"', ":", '""']
    assert road(blank + blank.join([*tokens, "}", "]", "}", "}"]) + blank) == {"a": [None, ""]}


@pytest.mark.parametrize("blank", ["\f", "\v", "\xa0", "\u2028", "\x00"], ids=ascii)
def test_other_blanks_are_no_white_space(blank: str) -> None:
    with pytest.raises(UnmarshallValueError, match="broken JSON"):
        loads("{" + blank + "}")


@pytest.mark.parametrize("piece", ["x", "é", "日", "\U0001f600", "\\n", "\\u00e9", '\\"', "\\\\"], ids=ascii)
def test_text_is_whole_at_every_length_and_place(piece: str) -> None:
    """The scanner takes 16 to 64 bytes a step: nothing may depend on where a step ends."""
    for length in (*range(70), 127, 128, 129):
        for before in (0, length // 2, max(length - 1, 0)):
            inside = "a" * before + piece + "b" * (length - before)
            text = f'{{"{inside}":{{"S":"{inside}"}},"l":{{"SS":["{inside}"]}}}}'
            wanted = json.loads(f'"{inside}"')
            assert loads(text) == {wanted: wanted, "l": {wanted}}


@text_road
def test_a_name_that_stands_twice_is_refused(road: Road) -> None:
    twice = '{"a":{"S":"x"},"b":{"S":"y"},"\\u0061":{"S":"x"}}'
    for text in (twice, f'{{"m":{{"M":{twice}}}}}', f'{{"l":{{"L":[{{"M":{twice}}}]}}}}'):
        with pytest.raises(UnmarshallValueError, match="an attribute name stands twice in one map") as caught:
            road(text)
        assert caught.value.path[-1] == "a"


@text_road
def test_of_two_descriptors_the_first_counts(road: Road) -> None:
    assert road('{"a":{"S":"x","N":"no number","?":{"x":[1,2.5e3,null,"\\n"]}}}') == {"a": "x"}
    with pytest.raises(UnmarshallValueError, match="a type tag stands twice"):
        road('{"a":{"S":"x","S":"x"}}')
    with pytest.raises(UnmarshallTypeError, match="no type tag"):
        road('{"a":{"?":1,"S":"x"}}')


@pytest.mark.parametrize("length", [0, 1, 3, 4, 39, 40, 41, 255])
def test_names_alike_are_told_apart(length: int) -> None:
    """Names are kept from call to call: two that share length, head and tail must not share a str."""
    names = [f"{at:03}"[:length].rjust(length, "-") for at in range(200)]
    middles = [f"head----{at:03}----tail----".ljust(length, "x") for at in range(200)]
    for _ in range(2):
        for name in names + middles:
            assert loads(f'{{"{name}":{{"S":"x"}}}}') == {name: "x"}


@pytest.mark.parametrize("data", [ASCII, UTF8], ids=["ascii", "utf-8"])
def test_an_item_that_is_cut_off_is_refused_at_every_byte(data: bytes) -> None:
    for end in range(len(data)):
        with pytest.raises(UnmarshallValueError):
            loads(data[:end])


@pytest.mark.parametrize("data", [ASCII, UTF8], ids=["ascii", "utf-8"])
def test_a_spoilt_byte_is_seen_or_gives_what_json_gives(data: bytes) -> None:
    # Every byte in small; the bits of every byte in large.
    for at in range(len(data)):
        for other in (*b'\0 "\\{}[]:,0-1eEtnSNBML\x7f\x80\xc3\xff', *(data[at] ^ 1 << bit for bit in range(8))):
            _agree(data[:at] + bytes([other]) + data[at + 1 :])


@pytest.mark.parametrize("data", [ASCII, UTF8], ids=["ascii", "utf-8"])
def test_a_lost_or_doubled_byte_is_seen_or_gives_what_json_gives(data: bytes) -> None:
    for at in range(len(data)):
        _agree(data[:at] + data[at + 1 :])
        _agree(data[:at] + data[at : at + 1] + data[at:])


def _agree(text: bytes) -> None:
    try:
        wanted = exact(unmarshalling.item_from_json(text))
    except Refused:
        with pytest.raises(UnmarshallError):
            loads(text)
        return
    assert exact(loads(text)) == wanted, text


@text_road
@pytest.mark.parametrize(("opening", "closing"), [('{"L":[', "]}"), ('{"M":{"a":', "}}")], ids=["L", "M"])
def test_a_hostile_depth_is_an_error_and_no_crash(road: Road, opening: str, closing: str) -> None:
    def text(depth: int) -> str:
        return '{"a":' + opening * depth + '{"S":"x"}' + closing * depth + "}"

    def read() -> None:
        assert road(text(127))
        for too_deep in (128, 129, 20_000):
            with pytest.raises(UnmarshallValueError, match="nested deeper than 128 levels"):
                road(text(too_deep))
            with pytest.raises((UnmarshallValueError, EventFormatError)):
                road('{"a":' + opening * too_deep)

    read()
    in_small_stack(read)


@text_road
def test_a_hostile_depth_of_what_is_passed_by_is_no_crash(road: Road) -> None:
    def read() -> None:
        for hostile in ("[" * 20_000 + "]" * 20_000, '{"a":' * 20_000 + "1" + "}" * 20_000, "[" * 100_000):
            for text in ('{"a":{"NULL":%s}}', '{"a":{"S":"x","N":%s}}'):
                with pytest.raises((UnmarshallValueError, EventFormatError)):
                    road(text.replace("%s", hostile))

    read()
    in_small_stack(read)


def test_an_item_at_the_size_limit_is_read() -> None:
    largest = "é" * (400 * 1024 // 2)
    assert loads(json.dumps({"a": {"S": largest}}, ensure_ascii=False)) == {"a": largest}
    assert loads(json.dumps({"a": {"S": largest}})) == {"a": largest}


@pytest.mark.parametrize(
    "digits", ["0", "0" * 1_000_000, "1" + "0" * 1_000_000, "9" * 1_000_000, "0." + "0" * 1_000_000]
)
def test_a_number_of_a_million_digits_is_no_hang(digits: str) -> None:
    _agree(b'{"a":{"N":"%s"}}' % digits.encode())
    _agree(b'{"a":{"N":"-%s1"}}' % digits.encode())
