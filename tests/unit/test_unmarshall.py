"""All ten types, and what is none of them, on every road."""

from __future__ import annotations

from collections import OrderedDict, UserDict, deque
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, getcontext, localcontext
from types import MappingProxyType
from typing import Any

import pytest

from tailrace import UnmarshallError, unmarshall
from tailrace._core import image_json
from tailrace.exceptions import UnmarshallTypeError, UnmarshallValueError
from tests.reference.exact import exact
from tests.reference.roads import OBJECT_ROADS, ROADS, only_record, with_image
from tests.reference.small_stack import in_small_stack

Road = Callable[[Any], Any]
NINES = "9" * 38
every_road = pytest.mark.parametrize("road", ROADS.values(), ids=list(ROADS))
object_road = pytest.mark.parametrize("road", OBJECT_ROADS.values(), ids=list(OBJECT_ROADS))

VALUES = [
    ({"S": ""}, ""),
    ({"S": "x"}, "x"),
    ({"S": "a\0b"}, "a\0b"),
    ({"S": "\U0001f600é\u2028\x7f"}, "\U0001f600é\u2028\x7f"),
    ({"S": '"\\/\b\f\n\r\t'}, '"\\/\b\f\n\r\t'),
    ({"S": "12"}, "12"),
    ({"N": "0"}, Decimal("0")),
    ({"N": "-0"}, Decimal("-0")),
    ({"N": "0.000"}, Decimal("0.000")),
    ({"N": "9999"}, Decimal("9999")),
    ({"N": "10000"}, Decimal("10000")),
    ({"N": "0001"}, Decimal("1")),
    ({"N": "+1"}, Decimal("1")),
    ({"N": "1.50"}, Decimal("1.50")),
    ({"N": "1E+2"}, Decimal("1E+2")),
    ({"N": "1e2"}, Decimal("1E+2")),
    ({"N": ".5"}, Decimal("0.5")),
    ({"N": "5."}, Decimal("5")),
    ({"N": NINES}, Decimal(NINES)),
    ({"N": f"-{NINES}"}, Decimal(f"-{NINES}")),
    ({"N": "1E-130"}, Decimal("1E-130")),
    ({"N": "-9.9999999999999999999999999999999999999E+125"}, Decimal("-9.9999999999999999999999999999999999999E+125")),
    ({"N": "1" + "0" * 125}, Decimal("1" + "0" * 125)),
    ({"N": "0." + "0" * 129 + "1"}, Decimal("0." + "0" * 129 + "1")),
    ({"N": NINES + "0" * 88}, Decimal(NINES + "0" * 88)),
    ({"N": "9007199254740993"}, Decimal("9007199254740993")),
    ({"N": "1E0000000000000000005"}, Decimal("1E5")),
    ({"B": ""}, b""),
    ({"B": "AAECAw=="}, b"\0\1\2\3"),
    ({"B": "+/+/"}, b"\xfb\xff\xbf"),
    ({"BOOL": True}, True),
    ({"BOOL": False}, False),
    ({"NULL": True}, None),
    ({"NULL": False}, None),
    ({"L": []}, []),
    ({"L": [{"S": "a"}, {"N": "1"}, {"L": [{"M": {}}]}]}, ["a", Decimal(1), [{}]]),
    ({"M": {}}, {}),
    ({"M": {"S": {"S": "x"}, "M": {"M": {"N": {"N": "1"}}}}}, {"S": "x", "M": {"N": Decimal(1)}}),
    ({"SS": ["a", "b", ""]}, {"a", "b", ""}),
    ({"NS": ["1", "2.50"]}, {Decimal("1"), Decimal("2.50")}),
    ({"BS": ["", "aGk="]}, {b"", b"hi"}),
    # DynamoDB holds no empty set and no duplicate member: what else sends one gets what it says.
    ({"SS": []}, set()),
    ({"NS": ["1", "1.0"]}, {Decimal("1")}),
    # Of two descriptors the first counts, as for boto3.
    ({"S": "x", "N": "1"}, "x"),
    ({"N": "1", "unknown": {}}, Decimal(1)),
]
NAMES = [
    "S", "", " ", "a.b", "a[0]", "#n", ":v", '"', "\\", "\0", "é", "e\u0301", "日本", "\U0001f600", "\u2028", "n" * 255,
]  # fmt: skip

NO_TAG = "no type tag: expected one of S, N, B, BOOL, NULL, L, M, SS, NS, BS"
NO_NUMBER = "is no number: expected digits"
NO_NUMBERS = [
    "", " 1", "1 ", "1\n", "1_000", "1,5", "abc", "NaN", "sNaN", "Infinity", "-Infinity", "--1", "+-1", "-", "+", ".",
    "1e", "1e+", "e5", "1.2.3", "0x1F", "1E5.5", "٣", "１", "1\0", "1E9999999", "½",
]  # fmt: skip
REFUSED: list[tuple[Any, type[UnmarshallError], str, tuple[str | int, ...]]] = [
    ({}, UnmarshallTypeError, "an attribute value is empty", ()),
    (None, UnmarshallTypeError, "an attribute value is an object .*, found null", ()),
    ("x", UnmarshallTypeError, "an attribute value is an object .*, found a string", ()),
    (5, UnmarshallTypeError, "an attribute value is an object .*, found a number", ()),
    ([], UnmarshallTypeError, "an attribute value is an object .*, found an array", ()),
    (True, UnmarshallTypeError, "an attribute value is an object .*, found a boolean", ()),
    ({"X": 1}, UnmarshallTypeError, NO_TAG, ()),
    ({"s": "x"}, UnmarshallTypeError, NO_TAG, ()),
    ({"": "x"}, UnmarshallTypeError, NO_TAG, ()),
    ({"SSS": ["x"]}, UnmarshallTypeError, NO_TAG, ()),
    ({"Ｓ": "x"}, UnmarshallTypeError, NO_TAG, ()),
    ({"unknown": 1, "S": "x"}, UnmarshallTypeError, NO_TAG, ()),
    ({"S": 5}, UnmarshallTypeError, "S holds a string, found a number", ("S",)),
    ({"S": None}, UnmarshallTypeError, "S holds a string, found null", ("S",)),
    ({"S": ["x"]}, UnmarshallTypeError, "S holds a string, found an array", ("S",)),
    ({"N": 5}, UnmarshallTypeError, "N holds a number as a string, found a number", ("N",)),
    ({"N": 1.5}, UnmarshallTypeError, "N holds a number as a string, found a number", ("N",)),
    ({"N": None}, UnmarshallTypeError, "N holds a number as a string, found null", ("N",)),
    ({"N": True}, UnmarshallTypeError, "N holds a number as a string, found a boolean", ("N",)),
    *[({"N": text}, UnmarshallValueError, NO_NUMBER, ("N",)) for text in NO_NUMBERS],
    ({"N": NINES + "9"}, UnmarshallValueError, "has 39 significant digits: a number has at most 38", ("N",)),
    ({"N": f"0.{NINES}1"}, UnmarshallValueError, "has 39 significant digits", ("N",)),
    ({"N": "1" + "0" * 37 + "1"}, UnmarshallValueError, "has 39 significant digits", ("N",)),
    ({"N": "1E+126"}, UnmarshallValueError, "out of range", ("N",)),
    ({"N": "-1E126"}, UnmarshallValueError, "out of range", ("N",)),
    ({"N": "1" + "0" * 126}, UnmarshallValueError, "out of range", ("N",)),
    ({"N": "9E-131"}, UnmarshallValueError, "out of range", ("N",)),
    ({"N": "0." + "0" * 130 + "1"}, UnmarshallValueError, "out of range", ("N",)),
    ({"B": 5}, UnmarshallTypeError, "B holds base64 text or bytes, found a number", ("B",)),
    ({"B": None}, UnmarshallTypeError, "B holds base64 text or bytes, found null", ("B",)),
    *[
        ({"B": text}, UnmarshallValueError, "not base64", ("B",))
        for text in ("a", "aGk", "aGk=\n", "aG k", " aGk=", "aGl=", "a-_=", "====", "aGk==", "é", "aGk=aGk=")
    ],
    ({"BOOL": 1}, UnmarshallTypeError, "BOOL holds true or false, found a number", ("BOOL",)),
    ({"BOOL": "true"}, UnmarshallTypeError, "BOOL holds true or false, found a string", ("BOOL",)),
    ({"BOOL": None}, UnmarshallTypeError, "BOOL holds true or false, found null", ("BOOL",)),
    ({"L": {}}, UnmarshallTypeError, "L holds an array, found an object", ("L",)),
    ({"L": "ab"}, UnmarshallTypeError, "L holds an array, found a string", ("L",)),
    ({"L": [{"S": "a"}, {"N": "x"}]}, UnmarshallValueError, NO_NUMBER, ("L", 1, "N")),
    ({"L": ["a"]}, UnmarshallTypeError, "an attribute value is an object .*, found a string", ("L", 0)),
    ({"M": []}, UnmarshallTypeError, "M holds an object, found an array", ("M",)),
    ({"M": {"a": {"L": [{"M": {"b": {"X": 1}}}]}}}, UnmarshallTypeError, NO_TAG, ("M", "a", "L", 0, "M", "b")),
    ({"SS": "ab"}, UnmarshallTypeError, "a set holds an array, found a string", ("SS",)),
    ({"SS": [{"S": "a"}]}, UnmarshallTypeError, "S holds a string, found an object", ("SS", 0)),
    ({"NS": ["1", 2]}, UnmarshallTypeError, "N holds a number as a string, found a number", ("NS", 1)),
    ({"NS": ["x"]}, UnmarshallValueError, NO_NUMBER, ("NS", 0)),
    ({"BS": ["aGk=", "!"]}, UnmarshallValueError, "not base64", ("BS", 1)),
]


@every_road
@pytest.mark.parametrize(("wire", "value"), VALUES, ids=[str(wire)[:60] for wire, _ in VALUES])
def test_a_value_is_what_the_wire_says(road: Road, wire: Any, value: Any) -> None:
    assert exact(road({"a": wire})) == exact({"a": value})
    assert exact(road({"a": {"L": [{"M": {"b": wire}}]}})) == exact({"a": [{"b": value}]})


@every_road
@pytest.mark.parametrize("name", NAMES, ids=[ascii(name)[:20] for name in NAMES])
def test_every_name_is_kept(road: Road, name: str) -> None:
    assert road({name: {"M": {name: {"S": name}}}}) == {name: {name: name}}


@every_road
@pytest.mark.parametrize(("wire", "kind", "message", "path"), REFUSED, ids=[str(case[0])[:60] for case in REFUSED])
def test_what_is_no_value_is_refused(
    road: Road, wire: Any, kind: type[UnmarshallError], message: str, path: tuple[Any, ...]
) -> None:
    with pytest.raises(UnmarshallError, match=message) as caught:
        road({"first": {"S": "fine"}, "a": wire})
    assert type(caught.value) is kind
    where = ("dynamodb", "NewImage") if caught.value.sequence_number else ()
    assert caught.value.path == (*where, "a", *path)


@pytest.mark.parametrize("item", [None, [], "x", b"{}", 5, True, set(), object()], ids=str)
def test_what_is_no_item_is_refused(item: Any) -> None:
    with pytest.raises(UnmarshallTypeError, match="an item is an object of attribute names and values, found "):
        unmarshall(item)


@every_road
def test_order_of_attributes_is_kept(road: Road) -> None:
    names = [f"n{at * 7919 % 101}" for at in range(101)]
    assert list(road({name: {"S": "x"} for name in names})) == names


def _nested(depth: int, in_list: bool) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(depth):
        value = {"L": [value]} if in_list else {"M": {"a": value}}
    return value


def _depth(value: Any) -> int:
    depth = 0
    while not isinstance(value, str):
        value = value[0] if isinstance(value, list) else value["a"]
        depth += 1
    return depth


@every_road
@pytest.mark.parametrize("in_list", [True, False], ids=["L", "M"])
def test_values_may_be_nested_to_the_limit(road: Road, in_list: bool) -> None:
    assert _depth(road({"a": _nested(127, in_list)})["a"]) == 127
    for too_deep in (128, 129, 400):
        with pytest.raises(UnmarshallValueError, match="nested deeper than 128 levels"):
            road({"a": _nested(too_deep, in_list)})


@object_road
@pytest.mark.parametrize("in_list", [True, False], ids=["L", "M"])
def test_a_hostile_depth_is_an_error_and_no_crash(road: Road, in_list: bool) -> None:
    hostile = {"a": _nested(20_000, in_list)}
    with pytest.raises(UnmarshallValueError, match="nested deeper than 128 levels"):
        road(hostile)


@object_road
def test_an_item_inside_itself_is_an_error(road: Road) -> None:
    endless: dict[str, Any] = {}
    endless["a"] = {"M": endless}
    with pytest.raises(UnmarshallValueError, match="nested deeper than 128 levels"):
        road(endless)


@every_road
@pytest.mark.parametrize("in_list", [True, False], ids=["L", "M"])
def test_a_thread_with_a_small_stack_reads_to_the_limit(road: Road, in_list: bool) -> None:
    def read() -> Any:
        with pytest.raises(UnmarshallValueError, match="nested deeper"):
            road({"a": _nested(200, in_list)})
        return road({"a": _nested(127, in_list)})

    assert _depth(in_small_stack(read)["a"]) == 127


def test_a_small_stack_is_enough_for_mappings_of_python_too() -> None:
    value: Any = {"S": "x"}
    for _ in range(127):
        value = UserDict({"M": UserDict({"a": value})})
    assert _depth(in_small_stack(lambda: unmarshall(UserDict({"a": value})))["a"]) == 127


class OnlyMapping(Mapping[str, Any]):
    """The least that a Mapping is."""

    def __init__(self, members: dict[str, Any]) -> None:
        self._members = members

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


class DictOfItsOwn(dict[str, Any]):
    """A dict that means what its methods say."""

    def items(self) -> Any:
        return [(name.upper(), value) for name, value in super().items()]


@object_road
@pytest.mark.parametrize("kind", [dict, OrderedDict, UserDict, MappingProxyType, OnlyMapping])
def test_every_mapping_is_an_object(road: Road, kind: Callable[[dict[str, Any]], Any]) -> None:
    wire = kind({"a": kind({"M": kind({"b": kind({"S": "x"})})}), "n": kind({"N": "1.0"})})
    assert exact(road(wire)) == exact({"a": {"b": "x"}, "n": Decimal("1.0")})


@object_road
def test_a_dict_of_its_own_is_read_by_its_own_methods(road: Road) -> None:
    assert road({"a": DictOfItsOwn(s="x")}) == {"a": "x"}


@object_road
@pytest.mark.parametrize("kind", [list, tuple, set, frozenset, type("ListOfItsOwn", (list,), {})])
def test_every_array_is_one(road: Road, kind: Callable[[list[Any]], Any]) -> None:
    assert road({"a": {"SS": kind(["x", "y"])}}) == {"a": {"x", "y"}}


@object_road
@pytest.mark.parametrize("no_array", [deque(["x"]), {"x": 1}.keys(), iter("x"), range(2)], ids=repr)
def test_what_json_has_no_word_for_is_no_array(road: Road, no_array: Any) -> None:
    with pytest.raises(UnmarshallTypeError, match="a set holds an array, found something else"):
        road({"a": {"SS": no_array}})


@object_road
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_binary_may_be_bytes(road: Road, kind: Callable[[bytes], Any]) -> None:
    read = road({"a": {"B": kind(b"\0hi\xff")}, "b": {"BS": [kind(b""), kind(b"=")]}, "c": {"B": kind(b"aGk=")}})
    assert exact(read) == exact({"a": b"\0hi\xff", "b": {b"", b"="}, "c": b"aGk="})


@object_road
def test_binary_in_pieces_is_put_together(road: Road) -> None:
    assert road({"a": {"B": memoryview(b"a-b-c-")[::2]}}) == {"a": b"abc"}


@object_road
def test_bytes_are_no_text(road: Road) -> None:
    for tag in ("S", "N"):
        with pytest.raises(UnmarshallTypeError, match="found bytes"):
            road({"a": {tag: b"1"}})


@object_road
@pytest.mark.parametrize("name", [1, None, b"a", ("a",)], ids=repr)
def test_a_name_that_is_no_text_is_refused(road: Road, name: Any) -> None:
    for wire in ({name: {"S": "x"}}, {"a": {"M": {name: {"S": "x"}}}}, {"a": {name: "x"}}):
        with pytest.raises(UnmarshallTypeError, match="a name is a str"):
            road(wire)


@object_road
@pytest.mark.parametrize("raised", [RuntimeError("mine"), KeyError("a"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
@pytest.mark.parametrize("method", ["items", "__iter__", "__getitem__", "__len__"])
def test_what_a_mapping_raises_travels_untouched(road: Road, raised: BaseException, method: str) -> None:
    asked: list[str] = []

    def fail(*_: object) -> Any:
        asked.append(method)
        raise raised

    failing = type("Failing", (OnlyMapping,), {method: fail})
    for wire in (failing({"a": {"S": "x"}}), {"a": failing({"S": "x"})}, {"a": {"M": failing({"a": {"S": "x"}})}}):
        travelled = _raised_by(road, wire)
        assert travelled is (raised if asked else None)
        assert asked or method == "__len__"
        asked.clear()


def _raised_by(road: Road, wire: Any) -> BaseException | None:
    try:
        road(wire)
    except BaseException as raised:  # noqa: BLE001 KeyboardInterrupt is one of those that must travel
        return raised
    return None


@every_road
def test_the_values_are_new_and_the_input_is_untouched(road: Road) -> None:
    wire = {"l": {"L": [{"S": "x"}]}, "m": {"M": {}}, "s": {"SS": ["x"]}}
    first, second = road(wire), road(wire)
    first["l"].append("y")
    first["m"]["y"] = 1
    first["s"].add("y")
    assert second == {"l": ["x"], "m": {}, "s": {"x"}}
    assert wire == {"l": {"L": [{"S": "x"}]}, "m": {"M": {}}, "s": {"SS": ["x"]}}


@every_road
def test_the_callers_decimal_context_changes_nothing(road: Road) -> None:
    digits = "1234567890.1234567890"
    with localcontext() as context:
        context.prec = 3
        context.Emax, context.Emin = 5, -5
        context.clear_flags()  # the copy brings those of whoever counted before
        assert exact(road({"a": {"N": digits}, "b": {"N": "1E+100"}})) == exact(
            {"a": Decimal(digits), "b": Decimal("1E+100")}
        )
        assert not any(context.flags.values())
    assert getcontext().prec > 3


@pytest.mark.parametrize("edit", ["clear", "popitem", "grow"])
def test_an_object_that_changes_while_it_is_read_is_an_error(edit: str) -> None:
    item: dict[str, Any] = {}

    class Editor(UserDict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            if edit == "grow":
                item.update({f"new {at}": {"S": "x"} for at in range(50)})
            else:
                getattr(item, edit)()
            return super().__iter__()

    item.update({"a": {"S": "1"}, "b": Editor({"S": "2"}), "c": {"S": "3"}, "d": {"S": "4"}})
    with pytest.raises((UnmarshallError, RuntimeError)):
        unmarshall(item)


class TextOfItsOwn(str):
    __slots__ = ()


@object_road
def test_strings_of_python_are_passed_on_as_they_are(road: Road) -> None:
    """Not even half a surrogate pair is looked for: what json.loads and boto3 hand on, this does."""
    text, name = TextOfItsOwn("x"), TextOfItsOwn("n")
    assert road({name: {"S": text}})["n"] is text
    assert road({"a\ud83d": {"S": "b\ude00", "N": ""}}) == {"a\ud83d": "b\ude00"}


def test_half_a_surrogate_pair_reaches_no_store() -> None:
    record = only_record(with_image({"id": {"S": "\ud83d"}}))
    with pytest.raises(UnmarshallValueError, match="half of a surrogate pair"):
        image_json(record, "new_image")
