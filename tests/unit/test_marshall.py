"""Python values to attribute values: every kind there is, and every refusal with what it says to do."""

from __future__ import annotations

import dataclasses
import enum
import sys
import uuid
from collections import OrderedDict, UserDict, deque, namedtuple
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timezone
from decimal import Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer

import tailrace
from tailrace import MarshallError, marshall
from tailrace.exceptions import MarshallTypeError, MarshallValueError
from tests.reference.small_stack import in_small_stack

Pair = namedtuple("Pair", "one other")  # noqa: PYI024 - the plain kind is the point


class Text(str):
    """Prints itself as something else."""

    __slots__ = ()

    def __str__(self) -> str:
        return "another"


class Count(int):
    def __str__(self) -> str:
        return "many"

    __repr__ = __str__


class Money(Decimal):
    def __str__(self) -> str:
        return "EUR"


class Some(AbstractSet[Any]):
    """A Set that gives what it was made of, even twice."""

    def __init__(self, *members: Any) -> None:
        self.members = members

    def __contains__(self, member: object) -> bool:
        return member in self.members

    def __iter__(self) -> Iterator[Any]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)


# (Python value, attribute value)
VALUES: list[tuple[Any, dict[str, Any]]] = [
    (None, {"NULL": True}),
    (True, {"BOOL": True}),
    (False, {"BOOL": False}),
    ("", {"S": ""}),
    ("text", {"S": "text"}),
    ("é", {"S": "é"}),
    ("日本", {"S": "日本"}),
    ("\U0001f600", {"S": "\U0001f600"}),
    (Text("text"), {"S": "text"}),
    (0, {"N": "0"}),
    (7, {"N": "7"}),
    (-10, {"N": "-10"}),
    (2**63 - 1, {"N": "9223372036854775807"}),
    (-(2**63), {"N": "-9223372036854775808"}),
    (2**63, {"N": "9223372036854775808"}),
    (10**37, {"N": "1" + "0" * 37}),
    (10**125, {"N": "1" + "0" * 125}),
    (int("9" * 38) * 10**87, {"N": "9" * 38 + "0" * 87}),
    (Count(7), {"N": "7"}),
    (Count(10**30), {"N": "1" + "0" * 30}),
    (Decimal("1.50"), {"N": "1.50"}),
    (Decimal("-0"), {"N": "-0"}),
    (Decimal("0E+500"), {"N": "0E+500"}),
    (Decimal("1E-130"), {"N": "1E-130"}),
    (Decimal("9" * 38 + "E+88"), {"N": "9." + "9" * 37 + "E+125"}),
    (Money("1.50"), {"N": "1.50"}),
    (b"", {"B": b""}),
    (b"\x00\xff", {"B": b"\x00\xff"}),
    (bytearray(b"x"), {"B": b"x"}),
    (memoryview(b"xyz")[::2], {"B": b"xz"}),
    (Binary(b"x"), {"B": b"x"}),
    (Binary(bytearray(b"x")), {"B": b"x"}),
    ([], {"L": []}),
    ([1, [None]], {"L": [{"N": "1"}, {"L": [{"NULL": True}]}]}),
    ((1, "a"), {"L": [{"N": "1"}, {"S": "a"}]}),
    (Pair(1, 2), {"L": [{"N": "1"}, {"N": "2"}]}),
    ({}, {"M": {}}),
    ({"b": 1, "a": {"c": 2}}, {"M": {"b": {"N": "1"}, "a": {"M": {"c": {"N": "2"}}}}}),
    (OrderedDict(b=1, a=2), {"M": {"b": {"N": "1"}, "a": {"N": "2"}}}),
    (UserDict(a=1), {"M": {"a": {"N": "1"}}}),
    (MappingProxyType({"a": 1}), {"M": {"a": {"N": "1"}}}),
    ({Text("a"): 1}, {"M": {"a": {"N": "1"}}}),
    ({"b", "a", "é", "\U0001f600", "\uffff"}, {"SS": ["a", "b", "é", "\uffff", "\U0001f600"]}),
    (frozenset({"a"}), {"SS": ["a"]}),
    ({10, 9, -1, Decimal("9.5")}, {"NS": ["-1", "9", "9.5", "10"]}),
    ({b"b", b"a", Binary(b"c")}, {"BS": [b"a", b"b", b"c"]}),
    ({Text("a"), "b"}, {"SS": ["a", "b"]}),
    ({"x": 1}.keys(), {"SS": ["x"]}),
    (Some(2, 1), {"NS": ["1", "2"]}),
]


@pytest.mark.parametrize(("value", "wire"), VALUES, ids=[type(value).__name__ for value, _ in VALUES])
def test_every_kind_of_value(value: Any, wire: dict[str, Any]) -> None:
    made = marshall({"a": value})
    assert made == {"a": wire}
    assert list(made["a"]) == list(wire)
    assert all(map(_is_plain, _leaves(made)))


def _leaves(value: Any) -> Iterator[Any]:
    yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _leaves(member)


def _is_plain(value: Any) -> bool:
    """Of Python's own classes, names of attributes included."""
    names = value if isinstance(value, dict) else ()
    return type(value) in (dict, list, str, bytes, bool) and all(type(name) is str for name in names)


def test_an_item_is_a_dict_of_its_own() -> None:
    item: dict[str, Any] = {"a": [1], "m": {"b": {"c"}}, **{f"n{n}": n for n in range(300)}}
    before = repr(item)
    made = marshall(item)
    made["a"]["L"].append({"S": "x"})
    made["m"]["M"].clear()
    assert repr(item) == before
    assert list(made) == list(item)
    assert marshall({}) == {}


def test_constants_are_not_shared() -> None:
    made = marshall({"a": None, "b": None})
    assert made["a"] is not made["b"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, "0.1"),
        (1.0, "1.0"),
        (-2.5, "-2.5"),
        (1e22, "1e+22"),
        (1e-7, "1e-07"),
        (0.1 + 0.2, "0.30000000000000004"),
        (9.9e125, "9.9e+125"),
        (1e-130, "1e-130"),
        (-0.0, "-0.0"),
    ],
)
def test_floats_are_written_as_their_shortest_text_on_demand(value: float, text: str) -> None:
    assert marshall({"a": value, "s": {value}}, floats="repr") == {"a": {"N": text}, "s": {"NS": [text]}}
    assert float(text) == value


class Half(float):
    def __repr__(self) -> str:
        return "np.float64(0.5)"


def test_a_kind_of_float_is_written_as_a_float() -> None:
    assert marshall({"a": Half(0.5)}, floats="repr") == {"a": {"N": "0.5"}}


class Colour(enum.Enum):
    RED = "red"


class Size(enum.IntEnum):
    BIG = 3


class Word(str, enum.Enum):
    YES = "yes"


@dataclasses.dataclass
class Order:
    total: int = 1


TYPE, VALUE = MarshallTypeError, MarshallValueError
# (value, class of the error, what the message says)
REFUSED: list[tuple[Any, type[MarshallError], str]] = [
    (0.5, TYPE, r'a float is no exact number: write Decimal\(str\(value\)\), or take floats="repr"'),
    (Half(0.5), TYPE, "a float is no exact number"),
    (date(2026, 1, 1), TYPE, r"date is no attribute value: write it as text: value\.isoformat\(\)"),
    (datetime(2026, 1, 1, tzinfo=timezone.utc), TYPE, r"datetime is no .*value\.isoformat\(\)"),
    (time(12), TYPE, r"time is no .*value\.isoformat\(\)"),
    (uuid.UUID(int=1), TYPE, r"UUID is no attribute value: write it as text: str\(value\)"),
    (Colour.RED, TYPE, r"Colour is no attribute value: write the member's value: member\.value"),
    (Size.BIG, TYPE, r"Size is no .*member\.value"),
    (Word.YES, TYPE, r"Word is no .*member\.value"),
    ({Word.YES}, TYPE, r"Word is no .*member\.value"),
    (Order(), TYPE, r"Order is no attribute value: write it as a map: dataclasses\.asdict\(value\)"),
    (Fraction(1, 3), TYPE, "Fraction is no attribute value: a number is an int or a Decimal"),
    (1j, TYPE, "complex is no attribute value: a number is an int or a Decimal"),
    (object(), TYPE, "object is no attribute value: write str, int, Decimal, bytes, bool, None, or a dict, list"),
    (Order, TYPE, "type is no attribute value: it is a class, write an instance's values"),
    (iter([1]), TYPE, r"list_iterator is no attribute value: write a list of what it yields: list\(value\)"),
    (deque([1]), TYPE, "deque is no attribute value"),
    (range(3), TYPE, "range is no attribute value"),
    (set(), VALUE, "an empty set has no type in DynamoDB: leave the attribute out, or write None or an empty list"),
    (Some(), VALUE, "an empty set"),
    ({1, "a"}, TYPE, "a set holds only text, only numbers or only bytes: write a list"),
    ({b"a", "a"}, TYPE, "a set holds only"),
    ({True}, TYPE, "a set holds only"),
    ({None}, TYPE, "a set holds only"),
    ({(1, 2)}, TYPE, "a set holds only"),
    ({0.5}, TYPE, "a float is no exact number"),
    (Some("a", "a"), VALUE, "a set holds the same value twice"),
    (Some(1, Decimal("1.0")), VALUE, "a set holds the same value twice"),
    (Some(b"a", bytearray(b"a")), VALUE, "a set holds the same value twice"),
    (Decimal("NaN"), VALUE, "DynamoDB has no NaN and no Infinity: leave the attribute out, or write None"),
    (Decimal("sNaN123"), VALUE, "DynamoDB has no NaN"),
    (Decimal("-Infinity"), VALUE, "DynamoDB has no NaN"),
    (int("1" * 39), VALUE, "39 significant digits: a number has at most 38"),
    (Decimal("0." + "1" * 39), VALUE, "39 significant digits"),
    (10**126, VALUE, "the number is out of range"),
    (-(10**5000), VALUE, "the number is out of range"),
    (Decimal("1E+126"), VALUE, "the number is out of range"),
    (Decimal("9.9E-131"), VALUE, "the number is out of range"),
    (Decimal("1E+99999999"), VALUE, "the number is out of range"),
    (Decimal("1E-99999999"), VALUE, "the number is out of range"),
    ({Decimal("1E+126")}, VALUE, "the number is out of range"),
    ("\ud83d", VALUE, "half of a surrogate pair"),
    ("x" * 100 + "\udc00", VALUE, "half of a surrogate pair"),
    ("\U0001f600\ud83d", VALUE, "half of a surrogate pair"),
    ({"\ud83d"}, VALUE, "half of a surrogate pair"),
    ({"\ud83d": 1}, VALUE, "half of a surrogate pair"),
    ({1: 1}, TYPE, "a name is a str"),
    ({None: 1}, TYPE, "a name is a str"),
    ({b"a": 1}, TYPE, "a name is a str"),
]


@pytest.mark.parametrize(("value", "kind", "message"), REFUSED, ids=[type(value).__name__ for value, _, _ in REFUSED])
def test_what_dynamodb_has_no_place_for_is_refused_and_it_says_what_to_do(
    value: Any, kind: type[MarshallError], message: str
) -> None:
    for item, path in (({"v": value}, ("v",)), ({"l": [0, {"v": value}]}, ("l", 1, "v"))):
        with pytest.raises(MarshallError, match=message) as raised:
            marshall(item)
        assert type(raised.value) is kind
        assert raised.value.path == path


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1e126, 5e-324])
def test_floats_that_dynamodb_cannot_hold_are_refused_in_any_mode(value: float) -> None:
    with pytest.raises(MarshallTypeError):
        marshall({"a": value})
    with pytest.raises(MarshallValueError):
        marshall({"a": value}, floats="repr")


@pytest.mark.parametrize("item", [None, 5, "text", [], [("a", 1)], {1, 2}, object()])
def test_an_item_is_a_mapping(item: Any) -> None:
    with pytest.raises(MarshallTypeError, match="an item is a mapping of attribute names and values, found "):
        marshall(item)


def test_an_option_is_one_of_its_words() -> None:
    with pytest.raises(ValueError, match='floats is "error" or "repr"'):
        marshall({}, floats="yes")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        marshall({}, "repr")  # type: ignore[misc]


def nested(levels: int, kind: str) -> Any:
    value: Any = "core"
    for _ in range(levels):
        value = [value] if kind == "L" else {"m": value}
    return {"a": value}


@pytest.mark.parametrize("kind", ["L", "M"])
def test_depth_has_a_limit(kind: str) -> None:
    assert TypeDeserializer().deserialize({"M": marshall(nested(100, kind))}) == nested(100, kind)
    marshall(nested(127, kind))
    for levels in (128, 50_000):
        with pytest.raises(MarshallValueError, match="deeper than 128 levels"):
            marshall(nested(levels, kind))


def test_a_container_inside_itself_ends_at_the_limit() -> None:
    item: dict[str, Any] = {}
    item["self"] = item
    endless: list[Any] = []
    endless.append(endless)
    for cyclic in (item, {"a": endless}):
        with pytest.raises(MarshallValueError, match="deeper than 128 levels"):
            marshall(cyclic)


def test_a_small_stack_is_enough() -> None:
    """The values are made and dropped outside: to free one of 10,000 levels takes CPython 3.13 more room than that."""
    deepest, too_deep = nested(127, "M"), nested(10_000, "L")

    def work() -> None:
        marshall(deepest)
        with pytest.raises(MarshallValueError):
            marshall(too_deep)

    in_small_stack(work)


class Acting(Mapping[str, Any]):
    """Does something when it is read."""

    def __init__(self, act: Any) -> None:
        self.act = act

    def __getitem__(self, name: str) -> Any:
        return 1

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        self.act()
        return iter(["x"])


@pytest.mark.parametrize(
    "act",
    [lambda parent: parent.clear(), lambda parent: parent.update(more=1), lambda parent: parent.popitem()],
    ids=["clear", "add", "pop"],
)
def test_a_dict_that_changes_while_it_is_read_is_an_error(act: Any) -> None:
    parent: dict[str, Any] = {}
    parent.update({"a": Acting(lambda: act(parent)), **{f"n{n}": "x" * n for n in range(20)}})
    with pytest.raises(MarshallValueError, match="changed its size"):
        marshall(parent)


def test_a_list_that_changes_while_it_is_read_is_an_error() -> None:
    elements: list[Any] = []
    elements.extend([Acting(elements.clear), *range(20)])
    with pytest.raises(MarshallValueError, match="changed its size"):
        marshall({"a": elements})


def test_exceptions_of_the_callers_own_travel_untouched() -> None:
    class Mine(Exception):
        pass

    def fail() -> None:
        raise Mine

    with pytest.raises(Mine):
        marshall({"a": [Acting(fail)]})
    with pytest.raises(KeyboardInterrupt):
        marshall({"a": Acting(lambda: (_ for _ in ()).throw(KeyboardInterrupt()))})


class Unlike(str):
    """A str that is equal to itself alone."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


@pytest.mark.parametrize(
    "item",
    [{"a": 1, Unlike("a"): 2}, {Unlike("a"): 1, "b": 2, Unlike("a"): 3}, {Unlike("b"): 1, "a": 1, Unlike("a"): 2}],
)
def test_a_name_that_stands_twice_is_refused(item: dict[str, Any]) -> None:
    for write in (marshall, tailrace.dumps):
        with pytest.raises(MarshallValueError, match="an attribute name stands twice in one map"):
            write(item)


class Repeating(UserDict[str, Any]):
    def items(self) -> Any:
        return [("a", 1), ("a", 2)]


def test_a_mapping_that_gives_a_name_twice_is_refused() -> None:
    for write in (marshall, tailrace.dumps):
        with pytest.raises(MarshallValueError, match="an attribute name stands twice in one map"):
            write({"m": Repeating()})


def test_the_decimal_context_of_the_thread_changes_no_digit() -> None:
    item = {"a": Decimal("1.23456789"), "b": 10**30, "c": {Decimal("1.5"), Decimal("2.25")}}
    expected = marshall(item)
    with localcontext() as context:
        context.prec = 2
        assert marshall(item) == expected


def test_a_limit_on_the_digits_of_ints_is_none_for_dynamodbs_numbers() -> None:
    if not hasattr(sys, "set_int_max_str_digits"):
        pytest.skip("this Python has no such limit")
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        assert marshall({"a": 10**125}) == {"a": {"N": "1" + "0" * 125}}
        with pytest.raises(MarshallValueError, match="out of range"):
            marshall({"a": 10**1000})
    finally:
        sys.set_int_max_str_digits(before)
