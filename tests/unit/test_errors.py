"""Every error the extension raises: its class, what it says, where, in which record, and that it can be pickled."""

from __future__ import annotations

import base64
import copy
import pickle
import re
import subprocess
import sys
from collections import UserDict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

import tailrace
from tailrace import (
    Batch,
    EventFormatError,
    FilterCriteria,
    FilterPatternError,
    TailraceError,
    UnmarshallError,
    _core,
    diff,
    dumps,
    loads,
    marshall,
    unmarshall,
)
from tailrace._core import AnswerReader, image_json, order_guard
from tailrace.exceptions import MarshallTypeError, MarshallValueError, UnmarshallTypeError, UnmarshallValueError
from tests.reference.event_shapes import KINESIS_ARN
from tests.reference.one_record import wire
from tests.reference.roads import only_record
from tests.reference.rust_messages import messages, pattern

NUMBER = "100000000000000000001"
Path = tuple[str | int, ...]
Case = tuple[str, Callable[[], Any], type[TailraceError], Path]


def of(change: dict[str, Any] | None = None, **members: Any) -> tailrace.Record:
    return only_record([wire(change, **members)])


def read(shape: Any, body: bytes) -> Any:
    """What becomes of the body of an answer of this shape."""
    return AnswerReader(shape).read(body, float, dict)


def through_kinesis(kinesis: dict[str, Any]) -> tailrace.Record:
    return only_record({"Records": [{"kinesis": {"sequenceNumber": NUMBER, **kinesis}}]})


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def with_floats() -> tailrace.ImageDiff:
    """A diff whose values are floats."""
    (found,) = Batch.from_event([wire()], numbers="float").diffs()
    assert found is not None
    return found


class Lying(UserDict[str, Any]):
    """A mapping that says it is not empty."""

    def __len__(self) -> int:
        return 1


TYPE, VALUE, EVENT = UnmarshallTypeError, UnmarshallValueError, EventFormatError
MARSHALL_TYPE, MARSHALL_VALUE, REFUSED = MarshallTypeError, MarshallValueError, TailraceError
FILTER_PATTERN = FilterPatternError
PATTERN: dict[str, Any] = {"a": [1]}
CHANGED: dict[str, Any] = {"dynamodb": {"NewImage": {"a": [{"changed": True}]}}}


def changing() -> dict[str, Any]:
    """An item that changes while it is read."""
    item: dict[str, Any] = {}

    class Editor(UserDict[str, Any]):
        def items(self) -> Any:
            item.clear()
            return super().items()

    item.update({"a": Editor({"S": "x"}), "b": {"S": "y"}})
    return item


# What is raised without a record, by the functions and by Batch.from_event.
ALONE: list[Case] = [
    ("an item is an object of attribute names and values", lambda: unmarshall([]), TYPE, ()),  # type: ignore[arg-type]
    ('an attribute value is an object such as {"S": "text"}', lambda: loads('{"a":5}'), TYPE, ("a",)),
    ('an attribute value is empty: expected one type tag such as {"S": "text"}', lambda: unmarshall({"a": {}}),
     TYPE, ("a",)),
    ("a type tag stands twice in one attribute value", lambda: loads('{"a":{"S":"","S":""}}'), VALUE, ("a",)),
    ("an attribute value has two type tags",
     lambda: unmarshall({"a": {"S": "", "N": "1"}}, strict=True), TYPE, ("a",)),
    ("NULL holds true", lambda: loads('{"a":{"NULL":false}}', strict=True), TYPE, ("a", "NULL")),
    ("an item is a mapping of attribute names and values",
     lambda: tailrace.TypeDeserializer().deserialize_item([]), TYPE, ()),  # type: ignore[arg-type]
    ("a set has a member twice", lambda: loads('{"a":{"NS":["1","1.0"]}}', strict=True), VALUE, ("a", "NS", 1)),
    ("M holds an object", lambda: unmarshall({"a": {"M": 5}}), TYPE, ("a", "M")),
    ("S holds a string", lambda: unmarshall({"a": {"S": 5}}), TYPE, ("a", "S")),
    ("N holds a number as a string", lambda: unmarshall({"a": {"NS": [5]}}), TYPE, ("a", "NS", 0)),
    ("B holds base64 text or bytes", lambda: unmarshall({"a": {"B": 5}}), TYPE, ("a", "B")),
    ("BOOL holds true or false", lambda: unmarshall({"a": {"BOOL": 0}}), TYPE, ("a", "BOOL")),
    ("L holds an array", lambda: unmarshall({"a": {"L": 5}}), TYPE, ("a", "L")),
    ("a set holds an array", lambda: unmarshall({"a": {"SS": 5}}), TYPE, ("a", "SS")),
    ("{rule}, found {}", lambda: unmarshall({"a": {"S": b""}}), TYPE, ("a", "S")),
    ("{shown:?} is no type tag: expected one of S, N, B, BOOL, NULL, L, M, SS, NS, BS",
     lambda: unmarshall({"a": {"X": 1}}), TYPE, ("a",)),
    ("not base64: character {at} does not belong there", lambda: unmarshall({"a": {"BS": ["", "????"]}}), VALUE,
     ("a", "BS", 1)),
    ("not base64: character {offset} has bits left over", lambda: unmarshall({"a": {"B": "aGl="}}), VALUE, ("a", "B")),
    ("not base64: it is cut off, or its padding is", lambda: unmarshall({"a": {"B": "aGk"}}), VALUE, ("a", "B")),
    ("the text has {} significant digits: a number has at most {NUMBER_DIGITS}",
     lambda: unmarshall({"a": {"N": "1" * 39}}), VALUE, ("a", "N")),
    ("the number is out of range: a number lies between 1E-130 and 9.99...E+125",
     lambda: unmarshall({"a": {"N": "1E126"}}), VALUE, ("a", "N")),
    ('the text is no number: expected digits such as "12", "-1.50" or "1E+20"', lambda: unmarshall({"a": {"N": "x"}}),
     VALUE, ("a", "N")),
    ("a name is a str, found something else", lambda: unmarshall({5: {}}), TYPE, ()),  # type: ignore[dict-item]
    ("a dict or list changed its size while it was read", lambda: unmarshall(changing()), VALUE, ()),
    ("broken JSON: {message} at byte {at} (line {line}, column {column})", lambda: loads("{"), VALUE, ()),
    ("control character in a string", lambda: loads('{"a":{"S":"\n"}}'), VALUE, ("a", "S")),
    ("a string is not closed", lambda: loads('{"a'), VALUE, ()),
    ("expected a name in double quotes", lambda: loads("{a"), VALUE, ()),
    ("expected ':' behind a name", lambda: loads('{"a"}'), VALUE, ()),
    ("expected ',' or '}'", lambda: loads('{"a":{"S":""'), VALUE, ("a",)),
    ("expected ',' or ']'", lambda: loads('{"a":{"L":[{"S":""}'), VALUE, ("a", "L")),
    ("expected a value", lambda: loads('{"a":?}'), VALUE, ("a",)),
    ("a number has a leading zero", lambda: loads('{"a":{"NULL":01}}'), VALUE, ("a", "NULL")),
    ("expected a digit", lambda: loads('{"a":{"NULL":-}}'), VALUE, ("a", "NULL")),
    ("an object or array is not closed", lambda: Batch.from_event('{"a":[{'), EVENT, ()),
    ("nested too deep", lambda: loads('{"a":{"NULL":' + "[" * 300), VALUE, ("a", "NULL")),
    ("expected the end of the text", lambda: loads("{}{}"), VALUE, ()),
    ("a string is not UTF-8", lambda: loads(b'{"a":{"S":"\xff"}}'), VALUE, ("a", "S")),
    ("a string has an unknown escape", lambda: loads('{"a":{"S":"\\x"}}'), VALUE, ("a", "S")),
    ("\\u in a string needs four hexadecimal digits", lambda: loads('{"a":{"S":"\\u1"}}'), VALUE, ("a", "S")),
    ("a string has half of a surrogate pair", lambda: loads('{"a":{"S":"\\ud800"}}'), VALUE, ("a", "S")),
    ("the text has half of a surrogate pair", lambda: loads('{"a":"\ud800"}'), VALUE, ()),
    ("an attribute name stands twice in one map", lambda: loads('{"a":{"S":""},"a":{"S":""}}'), VALUE, ("a",)),
    ("attribute values are nested deeper than {ATTRIBUTE_DEPTH} levels", lambda: loads('{"a":' + '{"L":[' * 128),
     VALUE, ("a", *("L", 0) * 127, "L")),
    ('no stream event: expected an object with "Records", or a list, found {}', lambda: Batch.from_event("5"),
     EVENT, ()),
    ('no stream event: the object has neither "Records" nor a "payload"', lambda: Batch.from_event({}), EVENT, ()),
    ('no stream event: "Records" holds a list, found {}', lambda: Batch.from_event({"Records": {}}), EVENT,
     ("Records",)),
    ('no stream event: a record has neither "dynamodb" nor "kinesis"', lambda: Batch.from_event([{}]), EVENT, (0,)),
    ("a record is an object, found {}", lambda: Batch.from_event({"Records": [5]}), EVENT, ("Records", 0)),
    ("an answer is an object", lambda: loads("[]", shape="answer"), TYPE, ()),
    ("items stand in an array", lambda: loads('{"Items":{}}', shape="answer"), TYPE, ("Items",)),
    ("Responses is an object or an array", lambda: loads('{"Responses":5}', shape="answer"), TYPE, ("Responses",)),
    ("one of Responses is an object", lambda: loads('{"Responses":[5]}', shape="answer"), TYPE, ("Responses", 0)),
    ("Records is an array", lambda: loads('{"Records":{}}', shape="answer"), TYPE, ("Records",)),
    ("a record of an answer is an object", lambda: loads('{"Records":[5]}', shape="answer"), TYPE, ("Records", 0)),
    ("dynamodb is an object", lambda: loads('{"Records":[{"dynamodb":5}]}', shape="answer"), TYPE,
     ("Records", 0, "dynamodb")),
    ("a line of an export is an object", lambda: loads("5", shape="export"), TYPE, (0,)),
    ("a name stands twice in one object", lambda: loads('{"Item":{},"Item":{}}', shape="answer"), VALUE, ("Item",)),
    ("a number has more digits than Python reads", lambda: loads('{"x":' + "1" * 5000 + "}", shape="answer"), VALUE,
     ("x",)),
    ("a number is out of range for a float", lambda: loads('{"x":[1e999]}', shape="answer"), VALUE, ("x", 0)),
    ("an array is expected", lambda: read(("list", ("plain", None)), b"{}"), TYPE, ()),
    ("an object is expected", lambda: read(("map", ("list", ("structure", []))), b'{"a":[5]}'), TYPE, ("a", 0)),
    ("filters match a JSON object, found {}", lambda: FilterCriteria(PATTERN).matches("5"), EVENT, ()),
    ("an event is nested too deep", lambda: FilterCriteria(PATTERN).matches('{"a":' + "[" * 300), EVENT,
     ("a", *(0,) * 272)),
    ("filters read what JSON has, and bytes and datetimes, found {}",
     lambda: FilterCriteria(PATTERN).matches({"a": object()}), EVENT, ("a",)),
    ("a pattern is nested too deep", lambda: FilterCriteria("[" * 300), FILTER_PATTERN, (0,) * 129),
    ("a pattern holds only what JSON has, found {}", lambda: FilterCriteria({"a": [object()]}), FILTER_PATTERN,
     ("a", 0)),
    ("a pattern has no NaN and no Infinity", lambda: FilterCriteria({"a": [float("nan")]}), FILTER_PATTERN, ("a", 0)),
    ("the text is not UTF-8", lambda: FilterCriteria(b"\xff"), FILTER_PATTERN, ()),
]  # fmt: skip

# What is raised where Python values are written.
WRITTEN: list[Case] = [
    ("an item is a mapping of attribute names and values, found {}", lambda: marshall([]),  # type: ignore[arg-type]
     MARSHALL_TYPE, ()),
    ("{} is no attribute value: {advice}", lambda: marshall({"a": [object()]}), MARSHALL_TYPE, ("a", 0)),
    ('a float is no exact number: write Decimal(str(value)), or take floats="repr" for its shortest text',
     lambda: marshall({"a": {"b": 0.5}}), MARSHALL_TYPE, ("a", "b")),
    ("DynamoDB has no NaN and no Infinity: leave the attribute out, or write None",
     lambda: marshall({"a": Decimal("-sNaN")}), MARSHALL_VALUE, ("a",)),
    ("a float is no exact number: write Decimal(str(value))", lambda: of().changed("n", old=[0.5]), MARSHALL_TYPE,
     ("old", 0)),
    ("an empty set has no type in DynamoDB: leave the attribute out, or write None or an empty list",
     lambda: marshall({"a": frozenset()}), MARSHALL_VALUE, ("a",)),
    ("a set holds only text, only numbers or only bytes: write a list", lambda: marshall({"a": {1, "x"}}),
     MARSHALL_TYPE, ("a",)),
    ("a set holds the same value twice", lambda: marshall({"a": {0.1, Decimal("0.1")}}, floats="repr"),
     MARSHALL_VALUE, ("a",)),
    ("expected a dict around the items, found {}", lambda: dumps([[]], shape="export"),  # type: ignore[list-item]
     MARSHALL_TYPE, (0,)),
    ("expected a list or another iterable, found {}", lambda: dumps({"Items": 5}, shape="answer"), MARSHALL_TYPE,
     ("Items",)),
    ("around items stands only what JSON has, and bytes and datetimes",
     lambda: dumps({"x": [object()]}, shape="answer"), MARSHALL_TYPE, ("x", 0)),
    ("a masked value is broken", lambda: diff({"a": {"b": object()}}, {"a": {"b": 1}}, mask="a"), MARSHALL_TYPE,
     ("old", "a")),
    ("a diff made with mask= shows no whole item: make one without it", lambda: diff({}, {}, mask="a").old_item,
     REFUSED, ()),
    ("a diff made with ignore=, only= or mask= does not lead to the new item: make one without them",
     lambda: diff({}, {}, only="a").apply({}), REFUSED, ()),
    ('the values of this diff are not exact: read the Batch with the modes "decimal", "bytes" and "set"',
     lambda: with_floats().to_json_patch(), REFUSED, ()),
]  # fmt: skip

# What is raised when a record is read: each names the record.
IN_RECORD: list[Case] = [
    ("{name} is a string, found {}", lambda: of(eventID=5).event_id, EVENT, ("eventID",)),
    ("{name} is a number, found {}", lambda: of({"SizeBytes": "5"}).size_bytes, EVENT, ("dynamodb", "SizeBytes")),
    ("SizeBytes is a number of bytes", lambda: of({"SizeBytes": -5}).size_bytes, EVENT, ("dynamodb", "SizeBytes")),
    ("userIdentity is an object", lambda: of(userIdentity="x").user_identity, EVENT, ("userIdentity",)),
    ("ApproximateCreationDateTime is no time between 1970 and 9999",
     lambda: of({"ApproximateCreationDateTime": -1}).approximate_creation_time, EVENT,
     ("dynamodb", "ApproximateCreationDateTime")),
    ("a datetime needs a time zone",
     lambda: of({"ApproximateCreationDateTime": datetime(2026, 1, 1)}).approximate_creation_time,  # noqa: DTZ001
     EVENT, ("dynamodb", "ApproximateCreationDateTime")),
    ("the record has no Keys", lambda: of({"Keys": ...}).keys, EVENT, ("dynamodb", "Keys")),
    ("Keys is empty: an item has one or two key attributes", lambda: of({"Keys": Lying()}).item_key, EVENT,
     ("dynamodb", "Keys")),
    ("a key attribute is of type S, N or B", lambda: of({"Keys": {"id": {"BOOL": True}}}).item_key, TYPE,
     ("dynamodb", "Keys", "id")),
    ("an attribute value is an object, found null", lambda: of({"OldImage": {"a": None}}).diff,
     TYPE, ("dynamodb", "OldImage", "a")),
    ("a number has more digits than Python writes", lambda: of({"SizeBytes": 10**5000}).size_bytes, EVENT,
     ("dynamodb", "SizeBytes")),
    ("the payload is no DynamoDB change: {error}", lambda: through_kinesis({"data": "?"}).keys, EVENT,
     ("dynamodb", "Keys")),
    ("the record has no data", lambda: through_kinesis({}).keys, EVENT, ("dynamodb", "Keys")),
    ('it has no "dynamodb"', lambda: through_kinesis({"data": in_base64("{}")}).keys, EVENT, ("dynamodb", "Keys")),
    ("a record holds only what JSON has, and bytes and datetimes", of(x=object()).to_dict, EVENT, ("x",)),
    ("the record does not carry the images of its change, or is no INSERT, MODIFY or REMOVE: see its view type",
     lambda: of({"OldImage": ...}).changed("n"), EVENT, ("dynamodb",)),
    (("the record does not carry the images of its change, or is no INSERT, MODIFY or REMOVE: "
      "a filter that compares them needs the view type NEW_AND_OLD_IMAGES"),
     lambda: FilterCriteria(CHANGED, dialect="extended").matches(of({"OldImage": ...})), EVENT, ()),
]  # fmt: skip

# Raised without the number of its record in reach, or with another number.
ELSEWHERE: list[Case] = [
    ("no stream event: a payload inside a payload", lambda: Batch.from_event({"payload": '{"payload":"[]"}'}),
     EVENT, ()),
    ("a sequence number has at most {width} digits here, found {}",
     lambda: order_guard(of({"SequenceNumber": "1" * 57}, eventSourceARN=KINESIS_ARN)), EVENT, ("dynamodb",)),
]  # fmt: skip

# What no input can reach: it stands behind another check, or needs more memory than there is.
UNREACHED = {
    "": "two values that cannot be read side by side are read one by one",
    "Keys holds an object": "read_item gives a map or an error",
    "a key is at most 4 GiB long": "needs 4 GiB",
    "an event is at most 4 GiB long": "needs 4 GiB",
    "expected a string": "the kind is asked before",
    "expected an array": "the kind is asked before",
    "expected an object": "the kind is asked before",
    "expected a mapping": "the kind is asked before",
    "JSON has no bytes": "the kind is asked before",
    "expected a number, found {}": "the kind is asked before",
    "the record is gone": "a view's row is one of its event",
    "the record cannot be read": "a record that is no change is refused before",
}

ALL = [*ALONE, *WRITTEN, *IN_RECORD, *ELSEWHERE]
every_error = pytest.mark.parametrize(
    ("message", "provoke", "kind", "path"), ALL, ids=[re.sub(r"\W+", " ", case[0])[:50] for case in ALL]
)


def caught(provoke: Callable[[], Any]) -> TailraceError:
    with pytest.raises(TailraceError) as raised:
        provoke()
    return raised.value


@every_error
def test_an_error_says_what_and_where(
    message: str, provoke: Callable[[], Any], kind: type[TailraceError], path: Path
) -> None:
    error = caught(provoke)
    assert type(error) is kind
    assert pattern(message).search(error.message), error.message
    assert error.path == path
    assert str(error).startswith(error.message)
    for step in path[:3]:
        assert str(step) in str(error)


@pytest.mark.parametrize("case", IN_RECORD, ids=[case[0][:40] for case in IN_RECORD])
def test_an_error_names_its_record(case: Case) -> None:
    error = caught(case[1])
    assert error.sequence_number == NUMBER
    assert f"SequenceNumber {NUMBER}" in str(error)


@pytest.mark.parametrize("case", [*ALONE, *WRITTEN], ids=[case[0][:40] for case in [*ALONE, *WRITTEN]])
def test_an_error_without_a_record_names_none(case: Case) -> None:
    assert caught(case[1]).sequence_number is None


@every_error
def test_an_error_can_be_pickled_and_copied(
    message: str, provoke: Callable[[], Any], kind: type[TailraceError], path: Path
) -> None:
    error = caught(provoke)
    error.__dict__["note"] = "kept"
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 our own
        assert type(again) is kind
        assert (str(again), again.message, again.path, again.sequence_number, again.args) == (
            str(error), error.message, error.path, error.sequence_number, error.args,
        )  # fmt: skip
        assert again.__dict__["note"] == "kept"


def test_the_list_of_errors_is_complete() -> None:
    listed = [case[0] for case in ALL]
    assert len(set(listed)) == len(listed)
    assert not set(listed) & set(UNREACHED)
    assert set(messages()) == {*listed, *UNREACHED}


@pytest.mark.parametrize("broken", [{"S": 5}, {"N": "x"}, {"X": 1}, {"B": "?"}], ids=str)
def test_an_image_fails_with_its_place_and_its_record_in_every_form(
    road: Callable[[Any], Any], broken: dict[str, Any]
) -> None:
    deep = {"id": {"S": "a"}, "lines": {"L": [{"M": {"price": broken}}]}}
    record = only_record(road([wire({"NewImage": deep, "OldImage": {"lines": {"L": []}}})]))
    for ask in (
        lambda: record.new_image,
        lambda: record.attribute_values("new_image"),
        lambda: image_json(record, "new_image"),
        lambda: record.diff and record.diff.added,
    ):
        error = caught(ask)
        assert isinstance(error, UnmarshallError)
        assert error.path[:6] == ("dynamodb", "NewImage", "lines", "L", 0, "M")
        assert error.path[6] == "price"
        assert error.sequence_number == NUMBER
        assert "at dynamodb.NewImage.lines.L[0].M.price" in str(error)


def test_the_family_is_that_of_the_builtins() -> None:
    assert issubclass(MarshallTypeError, TypeError)
    assert issubclass(MarshallValueError, ValueError)
    assert issubclass(UnmarshallTypeError, TypeError)
    assert issubclass(UnmarshallValueError, ValueError)
    assert issubclass(EventFormatError, ValueError)
    for kind in (UnmarshallTypeError, UnmarshallValueError, EventFormatError):
        assert issubclass(kind, TailraceError)
        assert not issubclass(TailraceError, kind)


def test_long_input_is_not_repeated_in_a_message() -> None:
    for provoke in (
        lambda: unmarshall({"a": {"N": "9" * 100_000}}),
        lambda: unmarshall({"a": {"x" * 100_000: 1}}),
        lambda: Batch.from_event("x" * 100_000),
    ):
        assert len(str(caught(provoke))) < 300


def test_a_panic_is_an_error_of_ours_and_says_nothing_of_the_input() -> None:
    with pytest.raises(TailraceError, match="internal error in tailrace: please report it") as raised:
        _core._panic()  # type: ignore[attr-defined]
    assert type(raised.value) is TailraceError
    assert loads('{"a":{"S":"x"}}') == {"a": "x"}


def test_the_classes_are_imported_when_something_goes_wrong_and_not_before() -> None:
    code = (
        "import sys, tailrace\n"
        "tailrace.unmarshall({})\n"
        "assert 'tailrace.exceptions' not in sys.modules\n"
        "try:\n    tailrace.unmarshall(5)\n"
        "except tailrace.UnmarshallError as error:\n    assert isinstance(error, TypeError)\n"
        "else:\n    raise SystemExit('nothing raised')\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
