"""Images of a Record: kept by the view, absent as None, and the same in every form that is asked for."""

from __future__ import annotations

import json
from collections import OrderedDict, UserDict
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import botocore.session
import pytest
from botocore.serialize import create_serializer

from tailrace import Batch, EventFormatError, Record, UnmarshallError, unmarshall
from tailrace._core import image_json, order_guard
from tests.reference.event_shapes import KINESIS_ARN
from tests.reference.exact import exact
from tests.reference.one_record import read, wire
from tests.reference.roads import only_record

Road = Callable[[Any], Any]
IMAGES = {"keys": "Keys", "new_image": "NewImage", "old_image": "OldImage"}
every_image = pytest.mark.parametrize("image", IMAGES)
ALL_TYPES: dict[str, Any] = {
    "s": {"S": "é\0\U0001f600"},
    "n": {"N": "1.50E+3"},
    "b": {"B": "AP8="},
    "t": {"BOOL": False},
    "z": {"NULL": True},
    "l": {"L": [{"B": ""}, {"L": []}]},
    "m": {"M": {"x": {"M": {}}, "": {"N": "-0"}}},
    "ss": {"SS": ["b", "a", ""]},
    "ns": {"NS": ["2", "1.0"]},
    "bs": {"BS": ["aGk=", ""]},
}


@every_image
def test_an_image_is_read_once_and_kept(road: Road, image: str) -> None:
    batch = Batch.from_event(road([wire()]))
    first, second = batch[0], batch[0]
    kept = getattr(first, image)
    assert getattr(first, image) is kept
    assert getattr(second, image) is not kept
    assert getattr(second, image) == kept


@every_image
def test_what_a_handler_does_to_an_image_stays_in_its_view(road: Road, image: str) -> None:
    batch = Batch.from_event(road([wire({IMAGES[image]: ALL_TYPES})]))
    record, before = batch[0], exact(unmarshall(ALL_TYPES))
    changed = getattr(record, image)
    changed["l"].append("mine")
    changed["m"]["x"]["mine"] = 1
    changed["ss"].clear()
    del changed["n"]
    assert "n" not in getattr(record, image)
    assert exact(getattr(batch[0], image)) == before
    assert exact(unmarshall(record.attribute_values(image))) == before  # type: ignore[arg-type]
    assert exact(unmarshall(record.to_dict()["dynamodb"][IMAGES[image]])) == before
    assert exact(unmarshall(json.loads(image_json(record, image) or ""))) == before  # type: ignore[arg-type]


@pytest.mark.parametrize("image", ["new_image", "old_image"])
@pytest.mark.parametrize("absent", [..., None, {}], ids=str)
def test_an_absent_image_is_none_and_so_is_an_empty_one(road: Road, image: Any, absent: Any) -> None:
    record = read(road, {IMAGES[image]: absent})
    assert getattr(record, image) is None
    assert record.attribute_values(image) is None
    assert image_json(record, image) is None
    assert record.keys == {"id": "a"}


def test_an_empty_image_with_blanks_inside_is_none() -> None:
    text = json.dumps([wire({"NewImage": {}})]).replace('"NewImage": {}', '"NewImage": { \n\t\r }')
    assert only_record(text).new_image is None


@pytest.mark.parametrize("kind", [OrderedDict, UserDict, MappingProxyType])
def test_an_empty_mapping_is_an_empty_image(kind: Callable[[dict[str, Any]], Any]) -> None:
    record = only_record(kind({"Records": [kind(wire({"NewImage": kind({}), "OldImage": kind({"id": {"S": "a"}})}))]}))
    assert record.new_image is None
    assert record.old_image == {"id": "a"}


@pytest.mark.parametrize("keys", [..., None, {}], ids=str)
def test_a_record_without_keys_has_no_identity(road: Road, keys: Any) -> None:
    record = read(road, {"Keys": keys})
    for ask in (lambda: record.keys, lambda: record.item_key):
        with pytest.raises(EventFormatError, match="the record has no Keys") as caught:
            ask()
        assert caught.value.path == ("dynamodb", "Keys")
        assert caught.value.sequence_number == record.sequence_number
    with pytest.raises(EventFormatError, match="the record has no Keys"):
        Batch.from_event(road([wire(), wire({"Keys": keys})])).by_item()
    assert record.new_image == {"id": "a", "n": 2}


@every_image
@pytest.mark.parametrize("wrong", [5, "x", [], True, [{"id": {"S": "a"}}]], ids=str)
def test_a_part_that_is_no_item_is_refused_when_it_is_read(road: Road, image: Any, wrong: Any) -> None:
    record = read(road, {IMAGES[image]: wrong})
    for ask in (
        lambda: getattr(record, image),
        lambda: record.attribute_values(image),
        lambda: image_json(record, image),
    ):
        with pytest.raises(UnmarshallError, match="an item is an object of attribute names") as caught:
            ask()
        assert caught.value.path == ("dynamodb", IMAGES[image])
        assert caught.value.sequence_number == record.sequence_number


@every_image
def test_the_wire_form_is_checked_and_copied(road: Road, image: Any) -> None:
    record = read(road, {IMAGES[image]: ALL_TYPES})
    values = record.attribute_values(image)
    assert values == {
        **ALL_TYPES,
        "b": {"B": b"\0\xff"},
        "l": {"L": [{"B": b""}, {"L": []}]},
        "bs": {"BS": [b"hi", b""]},
    }
    assert values is not None
    values["l"]["L"].append({"S": "mine"})
    assert record.attribute_values(image) != values
    assert image_json(record, image) == json.dumps(ALL_TYPES, ensure_ascii=False, separators=(",", ":"))


def test_null_is_written_as_dynamodb_writes_it(road: Road) -> None:
    record = read(road, {"NewImage": {"z": {"NULL": False}, "two": {"S": "x", "N": "1"}}})
    assert record.attribute_values("new_image") == {"z": {"NULL": True}, "two": {"S": "x"}}
    assert image_json(record, "new_image") == '{"z":{"NULL":true},"two":{"S":"x"}}'


@pytest.mark.parametrize("image", ["", "Keys", "NewImage", "image", None, 5, "\ud800"], ids=ascii)
def test_other_words_are_no_image(road: Road, image: Any) -> None:
    record = read(road)
    for ask in (record.attribute_values, lambda image: image_json(record, image)):
        with pytest.raises(ValueError, match='image is "keys", "new_image" or "old_image"'):
            ask(image)


def test_a_boto3_client_takes_the_wire_form(road: Road) -> None:
    record = read(road, {"NewImage": ALL_TYPES})
    operation = botocore.session.get_session().get_service_model("dynamodb").operation_model("PutItem")
    arguments = {"TableName": "t", "Item": record.attribute_values("new_image")}
    request = create_serializer("json", include_validation=True).serialize_to_request(arguments, operation)
    assert json.loads(request["body"])["Item"] == ALL_TYPES


BROKEN_IMAGES = [
    {"id": {"S": 5}},
    {"id": {"S": "a"}, "n": {"N": "x"}},
    {"id": {"B": "!"}},
    {"id": {"X": "a"}},
    {"id": None},
    {"id": {"BS": ["!"]}},
]


@pytest.mark.parametrize("broken", BROKEN_IMAGES, ids=str)
@every_image
def test_every_form_of_a_broken_part_is_refused(road: Road, image: Any, broken: dict[str, Any]) -> None:
    record = read(road, {IMAGES[image]: broken})
    errors = []
    for ask in (
        lambda: getattr(record, image),
        lambda: record.attribute_values(image),
        lambda: image_json(record, image),
    ):
        with pytest.raises(UnmarshallError) as caught:
            ask()
        errors.append((type(caught.value), caught.value.message, caught.value.path, caught.value.sequence_number))
    assert len(set(errors)) == 1


@pytest.mark.parametrize("part", IMAGES.values())
def test_a_name_that_stands_twice_never_leaves_a_record(part: str) -> None:
    twice = '{"id":{"S":"a"},"x":{"S":"b"},"\\u0069d":{"S":"c"}}'
    record = only_record(json.dumps([wire({part: "?"})]).replace('"?"', twice))
    image: Any = {wire_name: image for image, wire_name in IMAGES.items()}[part]
    for ask in (
        lambda: getattr(record, image),
        lambda: record.attribute_values(image),
        lambda: image_json(record, image),
        record.to_dict,
        (lambda: record.item_key) if part == "Keys" else (lambda: record.diff),
    ):
        with pytest.raises((UnmarshallError, EventFormatError), match="an attribute name stands twice in one map"):
            ask()


def test_a_record_goes_through_json_and_comes_back(road: Road) -> None:
    record = read(road, {"NewImage": ALL_TYPES}, userIdentity={"type": "Service", "principalId": "x"})
    written = record.to_dict()
    assert written == wire({"NewImage": ALL_TYPES}, userIdentity={"type": "Service", "principalId": "x"})
    for again in (Batch.from_event([written])[0], Batch.from_event(json.dumps([written]))[0]):
        assert again.to_dict() == written
        assert exact(again.new_image) == exact(record.new_image)
        assert again.approximate_creation_time == record.approximate_creation_time
    written["dynamodb"]["NewImage"].clear()
    assert record.to_dict() != written


def test_what_only_python_has_becomes_json() -> None:
    elements = ({"B": bytearray(b"y")},)
    image = {"id": {"B": b"hi"}, "s": {"BS": {b"\0"}}, "m": {"B": memoryview(b"x")}, "t": {"L": elements}}
    record = only_record(({"dynamodb": MappingProxyType({"NewImage": UserDict(image)}), "extra": Decimal("1.5")},))
    assert json.loads(json.dumps(record.to_dict())) == {
        "dynamodb": {
            "NewImage": {"id": {"B": "aGk="}, "s": {"BS": ["AA=="]}, "m": {"B": "eA=="}, "t": {"L": [{"B": "eQ=="}]}}
        },
        "extra": 1.5,
    }


@pytest.mark.parametrize("alien", [object(), 1j, {1: 2}, float("nan"), float("inf"), iter(())], ids=repr)
def test_what_json_cannot_hold_is_refused_with_an_error_of_ours(alien: Any) -> None:
    record = only_record([wire(extra=alien)])
    with pytest.raises(EventFormatError) as caught:
        record.to_dict()
    assert "object at 0x" not in str(caught.value)
    assert caught.value.sequence_number == record.sequence_number


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "9" * 4301, "1e999", "-1e400"], ids=lambda text: text[:8])
def test_a_number_that_python_cannot_hold_is_refused_with_an_error_of_ours(number: str) -> None:
    record = only_record(json.dumps([wire(extra="?")]).replace('"?"', number))
    with pytest.raises(EventFormatError):
        record.to_dict()


@pytest.mark.parametrize("number", ["0", "-0", "1", "-5", "1.5", "1e2", "-0.0", "12345678901234567890123", "1E-400"])
def test_numbers_of_the_envelope_are_those_of_json(number: str) -> None:
    record = only_record(json.dumps([wire(extra="?")]).replace('"?"', number))
    found, wanted = record.to_dict()["extra"], json.loads(number)
    assert (type(found), repr(found)) == (type(wanted), repr(wanted))


def changed_names(record: Record) -> list[str] | None:
    """The sorted names of the top-level attributes that changed; None where nobody knows."""
    return None if record.diff is None else sorted(record.diff.attributes)


MODIFIED = [
    ({"id": {"S": "a"}}, {"id": {"S": "a"}}, []),
    ({"a": {"N": "1"}}, {"a": {"N": "1.0"}}, []),
    ({"a": {"N": "0"}}, {"a": {"N": "-0"}}, []),
    ({"a": {"N": "1E+2"}}, {"a": {"N": "100"}}, []),
    ({"a": {"SS": ["x", "y"]}}, {"a": {"SS": ["y", "x"]}}, []),
    ({"a": {"NS": ["1", "2"]}}, {"a": {"NS": ["2.0", "1E0"]}}, []),
    ({"a": {"NULL": True}}, {"a": {"NULL": False}}, []),
    ({"a": {"M": {"x": {"S": "1"}, "y": {"S": ""}}}}, {"a": {"M": {"y": {"S": ""}, "x": {"S": "1"}}}}, []),
    ({"a": {"L": [{"N": "1"}]}}, {"a": {"L": [{"N": "1.0"}]}}, []),
    ({"a": {"N": "1"}}, {"a": {"N": "1.0000000000000000000000000000000000001"}}, ["a"]),
    ({"a": {"S": "1"}}, {"a": {"N": "1"}}, ["a"]),
    ({"a": {"S": "aGk="}}, {"a": {"B": "aGk="}}, ["a"]),
    ({"a": {"SS": ["x"]}}, {"a": {"L": [{"S": "x"}]}}, ["a"]),
    ({"a": {"SS": ["aGk="]}}, {"a": {"BS": ["aGk="]}}, ["a"]),
    ({"a": {"M": {}}}, {"a": {"L": []}}, ["a"]),
    ({"a": {"BOOL": True}}, {"a": {"N": "1"}}, ["a"]),
    ({"a": {"L": [{"S": "1"}, {"S": "2"}]}}, {"a": {"L": [{"S": "2"}, {"S": "1"}]}}, ["a"]),
    ({"a": {"NULL": True}}, {"b": {"S": "x"}}, ["a", "b"]),
    ({"é": {"S": "e\u0301"}, "z": {"S": "1"}}, {"é": {"S": "é"}, "\U0001f600": {"S": "1"}}, ["z", "é", "\U0001f600"]),
]


@pytest.mark.parametrize(("old", "new", "changed"), MODIFIED, ids=str)
def test_changed_attributes_are_told_by_value(road: Road, old: Any, new: Any, changed: list[str]) -> None:
    for before, after in ((old, new), (new, old)):
        assert changed_names(read(road, {"OldImage": before, "NewImage": after})) == changed


@pytest.mark.parametrize("absent", [..., None, {}], ids=str)
def test_changed_attributes_are_none_where_an_image_is_wanting(road: Road, absent: Any) -> None:
    assert changed_names(read(road, {"OldImage": absent})) is None
    assert changed_names(read(road, {"NewImage": absent})) is None
    assert changed_names(read(road, {"NewImage": absent}, eventName="INSERT")) is None
    assert changed_names(read(road, {"OldImage": absent}, eventName="REMOVE")) is None
    assert changed_names(read(road, {"OldImage": absent}, eventName="INSERT")) == ["id", "n"]
    assert changed_names(read(road, {"NewImage": absent}, eventName="REMOVE")) == ["id", "n"]
    assert changed_names(read(road, eventName="OTHER")) is None
    assert changed_names(read(road, eventName=...)) is None


def test_what_cannot_be_compared_is_an_error_that_names_the_image(road: Road) -> None:
    record = read(road, {"OldImage": {"n": {"N": "x"}}, "NewImage": {"n": {"N": "1"}}})
    with pytest.raises(UnmarshallError) as caught:
        _ = record.diff
    assert caught.value.path == ("dynamodb", "OldImage", "n", "N")
    assert caught.value.sequence_number == record.sequence_number


def test_guards_of_a_stream_order_by_number(road: Road) -> None:
    numbers = ["0", "7", "10", "9" * 21, "1" + "0" * 21, "1" + "0" * 39, "9" * 40]
    guards = [order_guard(read(road, {"SequenceNumber": number})) for number in numbers]
    assert [kind for kind, _ in filter(None, guards)] == ["stream"] * len(numbers)
    assert sorted(guards, key=lambda guard: guard[1] if guard else "") == guards
    assert order_guard(read(road, {"SequenceNumber": "0" * 60 + "7"})) == guards[1]
    assert order_guard(read(road, {"SequenceNumber": "x"})) is None


@pytest.mark.parametrize(("arn", "digits"), [(KINESIS_ARN, 57), (..., 41)])
def test_a_number_too_long_to_be_compared_as_text_is_refused(road: Road, arn: Any, digits: int) -> None:
    shorter = read(road, {"SequenceNumber": "0" + "9" * (digits - 1)}, eventSourceARN=arn)
    assert order_guard(shorter)
    longer = read(road, {"SequenceNumber": "9" * digits}, eventSourceARN=arn)
    with pytest.raises(EventFormatError, match=f"a sequence number has at most {digits - 1} digits") as caught:
        order_guard(longer)
    assert caught.value.sequence_number == longer.sequence_number == "9" * digits


def test_guards_of_kinesis_order_by_time_then_number(road: Road) -> None:
    def guard(time: Any, number: str) -> Any:
        change = {"ApproximateCreationDateTime": time, "SequenceNumber": number}
        return order_guard(read(road, change, eventSourceARN=KINESIS_ARN))

    ordered = [guard(*at) for at in ((0, "9"), (1, "9"), (1, "10"), (1_700_000_000, "1"), (1_700_000_000_001, "0"))]
    assert [kind for kind, _ in ordered] == ["kinesis"] * 5
    assert sorted(ordered) == ordered
    assert len(set(ordered)) == 5
    assert guard(None, "1") is None
    with pytest.raises(EventFormatError):
        guard("x", "1")


def test_a_view_holds_its_event_alive(road: Road) -> None:
    def record() -> Record:
        return Batch.from_event(road([wire()]))[0]

    assert record().new_image == {"id": "a", "n": 2}
