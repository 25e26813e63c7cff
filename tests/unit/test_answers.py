"""Bodies of answers: read by tailrace and by botocore's parser, the objects are the same; what is odd is botocore's."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from botocore.model import ServiceModel
from botocore.parsers import JSONParser
from botocore.utils import parse_timestamp

from tailrace import UnmarshallError, loads
from tailrace._core import AnswerReader, Options
from tailrace.dropin.answers import OPERATIONS, AnswerParser, Readers
from tailrace.dropin.samples import SAMPLES
from tests.reference.api_answers import (
    by_botocore,
    by_tailrace,
    model,
    model_of,
    native_by_boto3,
    native_by_tailrace,
    output,
)
from tests.reference.exact import exact
from tests.reference.small_stack import in_small_stack

ITEM: dict[str, Any] = {
    "id": {"S": 'a"é\U0001f600'}, "n": {"N": "1.50"}, "junk": {"N": "no number"}, "long": {"N": "1" * 60},
    "b": {"B": "aGk="}, "t": {"BOOL": False}, "z": {"NULL": True}, "ss": {"SS": ["x", "x"]}, "ns": {"NS": ["1", "1.0"]},
    "bs": {"BS": ["aGk=", ""]}, "l": {"L": [{"S": ""}, {"M": {}}, {"L": []}]},
    "m": {"M": {"S": {"M": {"N": {"S": "x"}}}}},
}  # fmt: skip
GOOD = {name: value for name, value in ITEM.items() if name not in {"junk", "long"}}
KEY = {"id": {"S": "a"}}
CAPACITY = {"TableName": "t", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 1}, "LocalSecondaryIndexes": {"i": {}}}


def record(**change: Any) -> dict[str, Any]:
    dynamodb = {"SequenceNumber": "1", "SizeBytes": 26, "StreamViewType": "KEYS_ONLY", "Keys": KEY, **change}
    return {"eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "awsRegion": "r", "dynamodb": dynamodb}


TTL = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
BODIES: list[tuple[str, Any]] = [
    ("GetItem", {}),
    ("GetItem", {"Item": GOOD, "ConsumedCapacity": CAPACITY}),
    ("GetItem", {"Item": {}}),
    ("GetItem", {"Item": None, "ConsumedCapacity": None}),
    ("GetItem", {"New": {"Item": GOOD}, "__type": "x", "Item": GOOD}),
    ("GetItem", {"Item": {"Item": {"M": {"Items": {"L": []}}}}}),
    ("Query", {"ScannedCount": 2, "Items": [GOOD, {}], "Count": 2, "LastEvaluatedKey": KEY}),
    ("Query", {"Items": [], "Count": 0}),
    ("Scan", {"Items": [GOOD] * 30, "Count": 10**20, "ScannedCount": -0.5e3}),
    ("Scan", {"Items": [], "LastEvaluatedKey": {}}),
    ("Scan", {"Count": "text", "ScannedCount": {"is": ["passed", None, True]}}),
    ("BatchGetItem", {"Responses": {"t": [GOOD], "Items": [KEY, KEY], "é": []}}),
    ("BatchGetItem", {"Responses": {}, "UnprocessedKeys": {"t": {"Keys": [KEY], "ConsistentRead": True}}}),
    ("BatchGetItem", {"UnprocessedKeys": {"t": None}, "ConsumedCapacity": [CAPACITY, None]}),
    ("TransactGetItems", {"Responses": [{"Item": GOOD}, {}, {"Item": None}, None]}),
    ("ExecuteStatement", {"Items": [GOOD], "NextToken": "n", "LastEvaluatedKey": KEY}),
    ("BatchExecuteStatement", {"Responses": [{"TableName": "t", "Item": GOOD}, {"Error": {"Code": "c", "Item": KEY}}]}),
    ("ExecuteTransaction", {"Responses": [{"Item": GOOD}, {}]}),
    ("PutItem", {"Attributes": GOOD,
                 "ItemCollectionMetrics": {"ItemCollectionKey": KEY, "SizeEstimateRangeGB": [0, 1.5]}}),
    ("UpdateItem", {"Attributes": GOOD}),
    ("DeleteItem", {"Attributes": {}}),
    ("GetRecords", {"Records": [], "NextShardIterator": "i"}),
    ("GetRecords", {"Records": [record(ApproximateCreationDateTime=1_700_000_000 + n // 3) for n in range(9)]}),
    ("GetRecords", {"Records": [record(ApproximateCreationDateTime=at) for at in (1.7e9, 1.7000000005e9, 0, -1.5)]}),
    ("GetRecords", {"Records": [record(ApproximateCreationDateTime="2026-01-02T03:04:05Z")]}),
    ("GetRecords", {"Records": [record(NewImage=GOOD, OldImage={}), record(NewImage=None), {}, {"dynamodb": None}]}),
    ("GetRecords", {"Records": [{**record(), "userIdentity": TTL, "eventSourceARN": "unknown", "x": [{"y": None}]}]}),
    ("GetRecords", {"Records": [record(SizeBytes=10**30, Unknown={"S": "x"}), None]}),
]  # fmt: skip
# Operation, body, and what makes it odd.
ODD: list[tuple[str, str, str]] = [
    ("GetItem", '{"Item":{"a":{"S":5}}}', "a payload of another type"),
    ("GetItem", '{"Item":{"a":{"N":5}}}', "a number that is no text"),
    ("GetItem", '{"Item":{"a":{"BOOL":"true"}}}', "a boolean that is text"),
    ("GetItem", '{"Item":{"a":{"NULL":false}}}', "NULL that is false"),
    ("GetItem", '{"Item":{"a":{"NULL":null}}}', "NULL that is null"),
    ("GetItem", '{"Item":{"a":{"S":"x","N":"1"}}}', "two type tags"),
    ("GetItem", '{"Item":{"a":{"N":"1","S":"x"}}}', "two type tags in another order"),
    ("GetItem", '{"Item":{"a":{"S":null}}}', "a payload that is null"),
    ("GetItem", '{"Item":{"a":{}}}', "no type tag"),
    ("GetItem", '{"Item":{"a":{"X":1}}}', "an unknown type tag"),
    ("GetItem", '{"Item":{"a":{"s":"x"}}}', "a type tag in small letters"),
    ("GetItem", '{"Item":{"a":null}}', "a value that is null"),
    ("GetItem", '{"Item":{"a":{"L":[null]}}}', "an element that is null"),
    ("GetItem", '{"Item":{"a":{"SS":[5]}}}', "a set of numbers as such"),
    ("GetItem", '{"Item":{"a":{"B":"aGk"}}}', "base64 without its padding"),
    ("GetItem", '{"Item":{"a":{"B":"a GkA="}}}', "base64 with a blank"),
    ("GetItem", '{"Item":{"a":{"S":"x"},"a":{"S":"y"}}}', "a name that stands twice"),
    ("GetItem", '{"Item":{"a":{"M":{"b":{"S":"x"},"b":{"S":"y"}}}}}', "a name of a map that stands twice"),
    ("GetItem", '{"Item":{},"Item":{"a":{"S":"x"}}}', "a member that stands twice"),
    ("GetItem", '{"Item":{"a":{"S":"\\ud83d"}}}', "half of a surrogate pair"),
    ("GetItem", '{"Item":{"\\ud83d":{"S":"x"}}}', "a name with half of a surrogate pair"),
    ("GetItem", '{"Item":{},"x\\ud83d":1}', "an unknown name with half of a surrogate pair"),
    ("GetItem", '{"Item":{},"x":"\\ud83d"}', "an unknown value with half of a surrogate pair"),
    ("GetItem", '{"ConsumedCapacity":{"CapacityUnits":NaN}}', "NaN"),
    ("GetItem", '{"ConsumedCapacity":{"CapacityUnits":1e999}}', "more than a float holds"),
    ("GetItem", '{"Item":' + '{"a":{"M":' * 140 + "{}" + "}}" * 140 + "}", "maps deeper than tailrace reads"),
    ("GetItem", "[]", "no object"),
    ("GetItem", "null", "null"),
    ("GetItem", "", "nothing"),
    ("GetItem", " ", "a blank"),
    ("GetItem", '{"Item":{"a":{"S":"x"}}', "the end is missing"),
    ("GetItem", '{"Item":{}} x', "more behind the end"),
    ("GetItem", '\ufeff{"Item":{}}', "a byte order mark"),
    ("GetItem", '{"Item":[]}', "a map that is an array"),
    ("GetItem", '{"Item":"text"}', "a map that is text"),
    ("GetItem", '{"ConsumedCapacity":[]}', "a structure that is an array"),
    ("Scan", '{"Items":{}}', "a list that is an object"),
    ("Scan", '{"Items":"ab"}', "a list that is text"),
    ("Scan", '{"Items":[[]]}', "an item that is an array"),
    ("BatchGetItem", '{"Responses":{"t":[],"t":[{"a":{"S":"x"}}]}}', "a table that stands twice"),
    ("BatchGetItem", '{"Responses":{"t":null}}', "a table that is null"),
    ("BatchGetItem", '{"Responses":[]}', "tables that are an array"),
    ("TransactGetItems", '{"Responses":{}}', "responses that are an object"),
    ("GetRecords", '{"Records":[{"dynamodb":{"NewImage":{"a":{"S":"x","N":"1"}}}}]}', "an image with two type tags"),
    ("GetRecords", '{"Records":[{"eventID":"1","eventID":"2"}]}', "a member of a record that stands twice"),
    ("GetRecords", '{"Records":[{"dynamodb":{"ApproximateCreationDateTime":"never"}}]}', "a time that is none"),
    ("GetRecords", '{"Records":[{"dynamodb":{"ApproximateCreationDateTime":1e300}}]}', "a time beyond all calendars"),
]  # fmt: skip
bodies = pytest.mark.parametrize(("operation", "answer"), BODIES, ids=[f"{n} {op}" for n, (op, _) in enumerate(BODIES)])
odd = pytest.mark.parametrize(("operation", "body"), [case[:2] for case in ODD], ids=[case[2] for case in ODD])


def written(answer: Any) -> Iterator[bytes]:
    yield json.dumps(answer).encode()
    yield json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    yield json.dumps(answer, indent=2, sort_keys=True).encode()


def outcome(read: Any, *arguments: Any, **options: Any) -> str:
    """What comes out, to the order of members and the type of everything; or what is raised."""
    try:
        return repr(read(*arguments, **options))
    except Exception as error:  # noqa: BLE001 - which one is what is compared
        return f"{type(error).__name__}: {error}"


@bodies
def test_attribute_values_are_those_of_botocore(operation: str, answer: Any) -> None:
    for body in written(answer):
        assert repr(by_tailrace(operation, body)) == repr(by_botocore(operation, body))


@bodies
def test_native_items_are_those_of_boto3(operation: str, answer: Any) -> None:
    for body in written(answer):
        assert exact(native_by_tailrace(operation, body)) == exact(native_by_boto3(operation, body))


def test_numbers_of_attribute_values_are_passed_on_unread() -> None:
    body = json.dumps({"Item": ITEM}).encode()
    assert repr(by_tailrace("GetItem", body)) == repr(by_botocore("GetItem", body))
    with pytest.raises(UnmarshallError, match="no number") as raised:
        native_by_tailrace("GetItem", body)
    assert raised.value.path == ("Item", "junk", "N")


@odd
def test_an_odd_answer_is_what_botocore_makes_of_it(operation: str, body: str) -> None:
    raw = body.encode()
    assert outcome(by_tailrace, operation, raw, leave_odd=True) == outcome(by_botocore, operation, raw)


@odd
def test_an_odd_answer_is_seen_and_not_read_by_chance(operation: str, body: str) -> None:
    """The list above holds nothing that tailrace reads by itself."""
    if not body:
        return
    with pytest.raises((UnmarshallError, ValueError, RuntimeError)):
        by_tailrace(operation, body.encode())


@odd
def test_an_odd_answer_gives_no_native_items(operation: str, body: str) -> None:
    if not body:
        return
    with pytest.raises((UnmarshallError, ValueError, RuntimeError)):
        native_by_tailrace(operation, body.encode())


def test_text_that_is_no_utf8_is_botocores_error() -> None:
    body = b'{"Item":{"a":{"S":"\xff"}}}'
    assert outcome(by_tailrace, "GetItem", body, leave_odd=True) == outcome(by_botocore, "GetItem", body)
    assert outcome(by_botocore, "GetItem", body).startswith("UnicodeDecodeError")


def test_the_samples_hold_every_type_and_are_read() -> None:
    for operation, body in SAMPLES.items():
        assert repr(by_tailrace(operation, body)) == repr(by_botocore(operation, body))
    assert all(
        f'"{tag}"'.encode() in SAMPLES["Scan"] for tag in ("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS")
    )


def test_members_stand_in_the_order_of_the_model() -> None:
    answer = by_tailrace("GetRecords", b'{"NextShardIterator":"i","Records":[{"userIdentity":{"Type":"t",'
                         b'"PrincipalId":"p"},"dynamodb":{"SizeBytes":1,"Keys":{}},"eventID":"1"}]}')  # fmt: skip
    assert list(answer) == ["Records", "NextShardIterator", "ResponseMetadata"]
    assert list(answer["Records"][0]) == ["eventID", "dynamodb", "userIdentity"]
    assert list(answer["Records"][0]["dynamodb"]) == ["Keys", "SizeBytes"]
    assert list(answer["Records"][0]["userIdentity"]) == ["PrincipalId", "Type"]


def test_an_error_of_native_items_says_where() -> None:
    body = json.dumps({"Records": [record(), record(NewImage={"l": {"L": [{"N": "1"}, {"N": "x"}]}})]}).encode()
    with pytest.raises(UnmarshallError) as raised:
        native_by_tailrace("GetRecords", body)
    assert raised.value.path == ("Records", 1, "dynamodb", "NewImage", "l", "L", 1, "N")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_keys_to_go_on_with_stay_attribute_values(operation: str) -> None:
    answer = native_by_tailrace(operation, json.dumps({
        "LastEvaluatedKey": KEY, "UnprocessedKeys": {"t": {"Keys": [KEY]}}, "Item": KEY, "Attributes": KEY,
        "Items": [KEY], "ItemCollectionMetrics": {"ItemCollectionKey": KEY},
    }).encode())  # fmt: skip
    native = {"id": "a"}
    wanted = {"LastEvaluatedKey": KEY, "UnprocessedKeys": {"t": {"Keys": [KEY]}}, "Item": native, "Attributes": native,
              "Items": [native], "ItemCollectionMetrics": {"ItemCollectionKey": KEY}}  # fmt: skip
    del answer["ResponseMetadata"]
    assert answer == {name: wanted[name] for name in answer}
    assert list(answer) == [name for name in output(operation).members if name in wanted]


def test_operations_are_those_that_answer_with_items() -> None:
    """Of every answer that holds items of a table somewhere, and is none of ours, it is known why."""
    left = {
        "BatchWriteItem": "UnprocessedItems", "TransactWriteItems": "ItemCollectionMetrics",
        "DescribeExport": "a filter", "ExportTableToPointInTime": "a filter", "SearchVectors": "new",
    }  # fmt: skip
    holding = set()
    for service in ("dynamodb", "dynamodbstreams"):
        for operation in model(service).operation_names:
            shape = model(service).operation_model(operation).output_shape
            if shape and "AttributeValue" in _names(shape, set()):
                holding.add(operation)
    assert set(OPERATIONS) <= holding <= {*OPERATIONS, *left}


def _names(shape: Any, seen: set[str]) -> set[str]:
    if shape.name not in seen:
        seen.add(shape.name)
        inside = {"structure": lambda: list(shape.members.values()), "list": lambda: [shape.member],
                  "map": lambda: [shape.key, shape.value]}.get(shape.type_name, list)()  # fmt: skip
        for each in inside:
            _names(each, seen)
    return seen


def test_what_an_exception_carries_is_botocores() -> None:
    """ConditionalCheckFailedException has a member Item, which goes through the parser of errors."""
    shape = model("dynamodb").shape_for("ConditionalCheckFailedException")
    body = json.dumps({"Item": KEY, "message": "m"}).encode()
    answer = {"body": body, "headers": {}, "status_code": 400}
    parser = AnswerParser(Readers(model("dynamodb"), None))
    assert parser.parse(answer, shape) == JSONParser().parse(answer, shape)


def test_other_blobs_and_times_are_those_of_the_session() -> None:
    item = json.dumps({"Item": GOOD}).encode()
    assert repr(by_tailrace("GetItem", item, blob_parser=str.upper)) == repr(
        by_botocore("GetItem", item, blob_parser=str.upper)
    )
    records = json.dumps({"Records": [record(ApproximateCreationDateTime=at) for at in (5, 5.0, "x")]}).encode()
    assert repr(by_tailrace("GetRecords", records, timestamp_parser=repr)) == repr(
        by_botocore("GetRecords", records, timestamp_parser=repr)
    )


def test_a_time_is_parsed_once_and_shared() -> None:
    calls: list[Any] = []

    def parse(value: Any) -> datetime:
        calls.append(value)
        return datetime.fromtimestamp(value)  # noqa: DTZ006 as good as any

    body = json.dumps({"Records": [record(ApproximateCreationDateTime=1_700_000_000 + n // 5) for n in range(10)]})
    answer = by_tailrace("GetRecords", body.encode(), timestamp_parser=parse)
    assert calls == [1_700_000_000, 1_700_000_001]
    assert len({id(each["dynamodb"]["ApproximateCreationDateTime"]) for each in answer["Records"]}) == 2


class Broken(Exception):
    pass


@pytest.mark.parametrize("native", [False, True])
def test_an_exception_of_a_function_travels_untouched(native: bool) -> None:
    def fail(value: Any) -> Any:
        raise Broken(value)

    body = json.dumps({"Records": [record(ApproximateCreationDateTime=1)]}).encode()
    with pytest.raises(Broken):
        by_tailrace("GetRecords", body, leave_odd=not native, timestamp_parser=fail)


def times(texts: list[str]) -> list[datetime]:
    """What the reader makes of these numbers when it is told that the function counts seconds."""
    body = f"[{','.join(texts)}]".encode()
    found: list[datetime] = AnswerReader(("list", ("timestamp", None))).read(body, parse_timestamp, repr, True)
    return found


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_times_of_one_answer_are_those_of_botocore(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Across the two changes of a year, and at every place in between where counting could go wrong."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for around in (1_711_846_800, 1_729_990_800, 1_710_054_000, 1_730_613_600, 1_712_415_600, 1_700_000_000):
            values = [*range(around - 4000, around + 4000, 37), around, around - 1, float(around), around + 0.25]
            for value, ours in zip(values, times([repr(value) for value in values]), strict=True):
                theirs = parse_timestamp(value)
                assert (repr(ours), ours.fold, ours.utcoffset()) == (repr(theirs), theirs.fold, theirs.utcoffset())
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text", ["1.7e9", "1700000000.0", "-1", "0", "1e11", "946684799", "4102444800", "1700000000.000001", "17e8"]
)
def test_times_in_every_spelling_are_those_of_botocore(text: str) -> None:
    others = ["1700000001", "1700000002", "1700000003", text, f"{text} ", "946684800", "4102444799"]
    assert repr(times(others)) == repr([parse_timestamp(json.loads(each)) for each in others])


def test_few_of_many_times_are_parsed_one_by_one() -> None:
    calls: list[Any] = []

    def parse(value: Any) -> Any:
        calls.append(value)
        return parse_timestamp(value)

    body = json.dumps([1_700_000_000 + second for second in range(1000)]).encode()
    found = AnswerReader(("list", ("timestamp", None))).read(body, parse, repr, True)
    # The first of each quarter of an hour, and its two ends.
    assert len(calls) == 3 * len({value // 900 for value in json.loads(body)})
    assert repr(found) == repr([parse_timestamp(value) for value in json.loads(body)])


def test_a_hostile_depth_is_an_error_and_no_crash() -> None:
    def read() -> None:
        for opening in ('{"Item":{"a":' + '{"L":[' * 50_000, '{"ConsumedCapacity":{"TableName":' + "[" * 50_000,
                        '{"unknown":' + '{"a":' * 50_000, '{"ConsumedCapacity":' * 50_000):  # fmt: skip
            with pytest.raises(UnmarshallError):
                by_tailrace("GetItem", opening.encode())

    read()
    in_small_stack(read)


def test_reading_leaves_nothing_behind() -> None:
    """Neither a whole answer nor one that ends in the middle of a record keeps an object alive."""
    whole = json.dumps({"Records": [record(NewImage=GOOD, ApproximateCreationDateTime=1.7e9 + n) for n in range(20)]})
    readers = Readers(model("dynamodbstreams"), Options())

    def read() -> int:
        for end in (None, -1, len(whole) // 2):
            for parser in (
                AnswerParser(readers),
                AnswerParser(Readers(model("dynamodbstreams"), None), leave_odd=False),
            ):
                answer = {"body": whole[:end].encode(), "headers": {}, "status_code": 200}
                with contextlib.suppress(UnmarshallError):
                    parser.parse(answer, output("GetRecords"))
        gc.collect()
        return len(gc.get_objects())

    read()
    before = read()
    for _ in range(20):
        after = read()
    assert abs(after - before) < 20


def test_what_is_odd_is_left_with_a_word_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    body = b'{"Item":{"secret":{"S":5}}}'
    with caplog.at_level(logging.DEBUG, logger="tailrace.dropin.answers"):
        by_tailrace("GetItem", body, leave_odd=True)
    (message,) = (each.getMessage() for each in caplog.records if each.name == "tailrace.dropin.answers")
    assert "S holds a string, found a number (at Item.secret.S)" in message


@pytest.mark.parametrize("numbers", ["int-float", "str", Decimal], ids=str)
@pytest.mark.parametrize("sets", ["set", "list"])
def test_native_items_have_their_modes(numbers: Any, sets: Any) -> None:
    body = json.dumps({"Item": GOOD}).encode()
    parser = AnswerParser(Readers(model("dynamodb"), Options(numbers=numbers, binary="raw", sets=sets)))
    answer = parser.parse({"body": body, "headers": {}, "status_code": 200}, output("GetItem"))
    assert exact(answer["Item"]) == exact(loads(json.dumps(GOOD), numbers=numbers, binary="raw", sets=sets))


@pytest.mark.parametrize(
    "shape", [5, (), ("list",), ("nothing", None), ("list", 5), ("structure", [("a", "b")])], ids=str
)
def test_a_reader_refuses_what_is_no_shape(shape: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        AnswerReader(shape)


def test_a_shape_that_is_foreign_goes_to_botocores_parser() -> None:
    reader = AnswerReader(("structure", [("x", "X", ("foreign", "their shape"))]))
    seen = []
    assert reader.read(b'{"x":[1,{"a":null}],"y":2}', repr, lambda *pair: seen.append(pair) or "parsed") == {
        "X": "parsed"
    }
    assert seen == [("their shape", [1, {"a": None}])]


def test_a_model_that_describes_items_in_another_way_is_refused() -> None:
    description = json.loads(json.dumps(model_of("GetItem")._service_description))
    del description["shapes"]["AttributeValue"]["members"]["NS"]
    with pytest.raises(Exception, match="in a way that tailrace does not know"):
        Readers(ServiceModel(description, "dynamodb"), None)


def test_a_model_with_more_than_tailrace_knows_is_read_and_its_news_are_botocores() -> None:
    description = json.loads(json.dumps(model_of("GetItem")._service_description))
    shapes = description["shapes"]
    shapes["AttributeValue"]["members"]["V"] = {"shape": "StringAttributeValue"}
    shapes["GetItemOutput"]["members"]["News"] = {"shape": "NewsBlob"}
    shapes["NewsBlob"] = {"type": "blob"}
    service = ServiceModel(description, "dynamodb")
    shape = service.operation_model("GetItem").output_shape
    for text in (
        '{"Item":{"a":{"S":"x"}},"News":"aGk="}',
        '{"Item":{"a":{"V":"x"}}}',
        '{"Item":{"a":{"V":"x","S":"y"}}}',
    ):
        answer = {"body": text.encode(), "headers": {}, "status_code": 200}
        assert repr(AnswerParser(Readers(service, None)).parse(answer, shape)) == repr(
            JSONParser().parse(answer, shape)
        )
