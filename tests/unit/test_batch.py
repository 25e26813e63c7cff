"""A Batch as a sequence, and as the answer to what is a stream event at all."""

from __future__ import annotations

import gc
import json
import sys
from collections import OrderedDict, UserDict
from collections.abc import Callable, Iterator, Sequence
from types import MappingProxyType
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, Record
from tests.reference.one_record import read, wire

Road = Callable[[Any], Any]
COUNT = 10
RECORD: dict[str, Any] = {"dynamodb": {}}


def event(count: int = COUNT) -> dict[str, Any]:
    """Records of three items in turn, numbered from 0."""
    return {"Records": [wire({"Keys": {"id": {"S": "abc"[at % 3]}}, "SequenceNumber": str(at)}) for at in range(count)]}


@pytest.fixture
def batch(road: Road) -> Batch:
    return Batch.from_event(road(event()))


def numbers(batch: Batch) -> list[int]:
    return [int(record.sequence_number or "") for record in batch]


def test_records_come_in_the_order_of_the_event(batch: Batch) -> None:
    assert len(batch) == COUNT
    assert bool(batch)
    assert numbers(batch) == list(range(COUNT))
    assert [int(batch[at].sequence_number or "") for at in range(COUNT)] == list(range(COUNT))
    assert [int(batch[at].sequence_number or "") for at in range(-COUNT, 0)] == list(range(COUNT))
    assert repr(batch) == "<Batch of 10 records>"


@pytest.mark.parametrize(
    "index", [COUNT, -COUNT - 1, 10**6, -(10**6), sys.maxsize, -sys.maxsize - 1, 10**30, -(10**30)]
)
def test_no_record_is_outside(batch: Batch, index: int) -> None:
    with pytest.raises(IndexError):
        batch[index]
    with pytest.raises(IndexError):
        batch.take([0, index])


@pytest.mark.parametrize("index", ["0", 0.0, None, (0,), b"0"], ids=repr)
def test_other_things_are_no_index(batch: Batch, index: Any) -> None:
    with pytest.raises(TypeError):
        batch[index]
    with pytest.raises(TypeError):
        batch.take([index])


def test_an_index_may_be_anything_that_is_one(batch: Batch) -> None:
    three = type("Three", (), {"__index__": lambda _: 3})()
    assert batch[three] == batch[3]
    assert batch[True] == batch[1]
    failing = type("Failing", (), {"__index__": lambda _: 1 // 0})()
    with pytest.raises(ZeroDivisionError):
        batch[failing]


SLICES = [
    slice(*bounds)
    for bounds in ((None,), (3,), (-3, None), (2, 7), (7, 2), (None, None, 2), (None, None, -1), (8, 1, -3),
                   (-1, -11, -4), (0, 0), (100,), (-100, 100), (5, None, 10**30), (None, None, -(10**30)))
]  # fmt: skip


@pytest.mark.parametrize("bounds", SLICES, ids=str)
def test_a_slice_is_a_batch_of_what_a_list_gives(batch: Batch, bounds: slice) -> None:
    wanted = list(range(COUNT))[bounds]
    part = batch[bounds]
    assert type(part) is Batch
    assert numbers(part) == wanted
    assert numbers(part[::-1]) == wanted[::-1]
    assert numbers(part[1:][-2:]) == wanted[1:][-2:]
    assert part.shape == batch.shape


def test_a_step_of_zero_is_none(batch: Batch) -> None:
    with pytest.raises(ValueError, match="zero"):
        batch[::0]


def test_take_gives_the_records_asked_for_in_that_order(batch: Batch) -> None:
    assert numbers(batch.take([7, 0, 7])) == [7, 0, 7]
    assert numbers(batch.take((1, 2))) == [1, 2]
    assert numbers(batch.take(range(3, 6)).take([2, 0])) == [5, 3]
    assert numbers(batch[::-1].take([0])) == [9]
    assert len(batch.take([])) == 0
    with pytest.raises(IndexError):
        batch.take([-1])


def test_each_access_makes_a_new_view(batch: Batch) -> None:
    assert batch[0] is not batch[0]
    assert batch[0].new_image is not batch[0].new_image
    assert [record is other for record, other in zip(batch, batch, strict=True)] == [False] * COUNT


def test_iterators_are_independent_and_end(batch: Batch) -> None:
    one, other = iter(batch), iter(batch)
    assert next(one) == next(other) == batch[0]
    assert next(one) == batch[1]
    assert len(list(other)) == COUNT - 1
    assert list(other) == []
    assert iter(one) is one
    assert list(reversed(batch)) == list(batch[::-1])
    assert batch[4] in batch
    assert Batch.from_event(event())[4] not in batch


def test_a_batch_is_a_sequence(batch: Batch) -> None:
    assert isinstance(batch, Sequence)
    places = range(-COUNT - 2, COUNT + 2)
    twice, plain = batch.take([0, 1, 2, 1, 9]), [0, 1, 2, 1, 9]
    assert [twice.count(batch[at]) for at in range(COUNT)] == [plain.count(at) for at in range(COUNT)]
    for at in (1, 9, 5):
        for start in places:
            for stop in places:
                wanted = plain[start:stop].index(at) if at in plain[start:stop] else None
                if wanted is not None:
                    assert twice[twice.index(batch[at], start, stop)] == batch[at]
                    assert twice.index(batch[at], start, stop) == plain.index(at, start, stop)
                else:
                    with pytest.raises(ValueError, match="not in this Batch"):
                        twice.index(batch[at], start, stop)
    assert None not in batch
    assert batch.count(object()) == 0


def test_by_item_groups_in_order_of_first_appearance(batch: Batch) -> None:
    groups = batch.by_item()
    assert list(groups) == [batch[0].item_key, batch[1].item_key, batch[2].item_key]
    assert all(type(key) is bytes for key in groups)
    assert [numbers(group) for group in groups.values()] == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    again = batch[::-1].take([0, 3, 1]).by_item()
    assert [numbers(group) for group in again.values()] == [[9, 6], [8]]
    assert batch[:0].by_item() == {}


def test_a_batch_is_made_of_an_event_only() -> None:
    with pytest.raises(TypeError):
        Batch()
    with pytest.raises(TypeError):
        type("Own", (Batch,), {})


NO_EVENTS: list[tuple[Any, str]] = [
    (None, "expected an object with \"Records\", or a list, found null"),
    (5, "found a number"),
    (1.5, "found a number"),
    (True, "found a boolean"),
    ({}, "the object has neither \"Records\" nor a \"payload\""),
    ({"Records": None}, "\"Records\" holds a list, found null"),
    ({"Records": {}}, "\"Records\" holds a list, found an object"),
    ({"Records": "[]"}, "\"Records\" holds a list, found a string"),
    ({"records": []}, "neither"),
    ({"payload": None}, "neither"),
    ({"payload": 5}, "neither"),
    ({"payload": {}}, "neither"),
    ({"payload": "{}"}, "neither"),
    ({"payload": "x"}, "broken JSON"),
    ({"payload": ""}, "broken JSON"),
    ({"payload": "5"}, "found a number"),
    ({"payload": {"payload": {"Records": []}}}, "neither"),
    ({"payload": json.dumps({"payload": "{}"})}, "payload"),
    ({"Records": [None]}, "a record is an object, found null"),
    ({"Records": ["x"]}, "a record is an object, found a string"),
    ({"Records": [[RECORD]]}, "a record is an object, found an array"),
    ([5], "a record is an object, found a number"),
    ([RECORD, {}], "a record has neither \"dynamodb\" nor \"kinesis\""),
    ([{"dynamodb": None}], "neither"),
    ([{"dynamodb": []}], "neither"),
    ([{"dynamodb": "x", "kinesis": 5}], "neither"),
    # Events of other services, which must never look like a success.
    ({"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "x"}}}]}, "neither"),
    ({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": "x"}}]}, "neither"),
    ({"Records": [{"eventSource": "aws:sqs", "body": json.dumps({"Records": [RECORD]})}]}, "neither"),
    ({"version": "0", "detail-type": "x", "detail": {"Records": [RECORD]}}, "neither"),
    ({"DDBStreamBatchInfo": {"shardId": "x"}, "requestContext": {}}, "neither"),
]  # fmt: skip


@pytest.mark.parametrize(("no_event", "message"), NO_EVENTS, ids=[str(case[0])[:70] for case in NO_EVENTS])
def test_what_is_no_stream_event_is_refused(road: Road, no_event: Any, message: str) -> None:
    with pytest.raises(EventFormatError, match=message):
        Batch.from_event(road(no_event))


@pytest.mark.parametrize("no_event", [object(), b"", "", b"x", "{", b'"Records"', iter([RECORD]), {1: 2}], ids=repr)
def test_python_has_more_that_is_no_event(no_event: Any) -> None:
    with pytest.raises(EventFormatError):
        Batch.from_event(no_event)


def test_the_error_says_which_record_it_is(road: Road) -> None:
    with pytest.raises(EventFormatError) as caught:
        Batch.from_event(road({"Records": [RECORD, RECORD, {}]}))
    assert caught.value.path == ("Records", 2)
    with pytest.raises(EventFormatError) as caught:
        Batch.from_event(road([RECORD, {}]))
    assert caught.value.path == (1,)
    with pytest.raises(EventFormatError) as caught:
        Batch.from_event(road({"payload": {"Records": [RECORD, 5]}}))
    assert caught.value.path == ("payload", "Records", 1)
    with pytest.raises(EventFormatError) as caught:
        Batch.from_event(road({"payload": json.dumps([RECORD, 5])}))
    assert caught.value.path == ("payload", 1)


@pytest.mark.parametrize("empty", [{"Records": []}, [], {"payload": {"Records": []}}, {"payload": "[]"}], ids=str)
def test_an_event_without_records_is_an_empty_batch(road: Road, empty: Any) -> None:
    batch = Batch.from_event(road(empty))
    assert len(batch) == 0
    assert not batch
    assert list(batch) == []


@pytest.mark.parametrize("kind", [dict, OrderedDict, UserDict, MappingProxyType])
def test_an_event_may_be_any_mapping(kind: Callable[[Any], Any]) -> None:
    made = kind({"Records": [kind({**wire(), "dynamodb": kind(wire()["dynamodb"])})]})
    assert Batch.from_event(made)[0].to_dict() == wire()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, bytes.decode])
def test_an_event_may_be_text_in_every_form(kind: Callable[[bytes], Any]) -> None:
    text = kind(json.dumps([wire()]).encode())
    batch = Batch.from_event(text)
    if isinstance(text, bytearray):
        text[:] = b"x" * len(text)  # what may change is copied
    assert batch[0].to_dict() == wire()


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_list_of_pipes_may_be_a_tuple(kind: Callable[[Any], Any]) -> None:
    assert Batch.from_event(kind([wire()])).shape == "pipes"


@pytest.mark.parametrize("arn", [5, b"arn", ["arn"]], ids=str)
def test_an_arn_is_text(arn: Any) -> None:
    with pytest.raises(TypeError):
        Batch.from_event([], event_source_arn=arn)
    with pytest.raises(TypeError):
        Batch.from_event([], "arn")  # type: ignore[call-arg]


DUPLICATES = [
    ('"eventID":"first"', '"eventID":"last"', "event_id", "last"),
    ('"eventName":"INSERT"', '"eventName":"REMOVE"', "event_name", "REMOVE"),
    ('"eventName":"INSERT"', '"event\\u004eame":"REMOVE"', "event_name", "REMOVE"),
    ('"eventID":"first"', '"eventID":null', "event_id", None),
    ('"dynamodb":5', '"dynamodb":{"SizeBytes":5}', "size_bytes", 5),
    ('"dynamodb":{"SequenceNumber":"1","SizeBytes":1}', '"dynamodb":{"SizeBytes":5}', "sequence_number", None),
    ('"dynamodb":{"SequenceNumber":"1"', '"SequenceNumber":"2"}', "sequence_number", "2"),
    ('"dynamodb":{"NewImage":{"a":{"S":"1"}}', '"NewImage":{}}', "new_image", None),
    ('"dynamodb":{"NewImage":{}', '"NewImage":{"a":{"S":"1"}}}', "new_image", {"a": "1"}),
    ('"dynamodb":{"Keys":5', '"Keys":{"a":{"S":"1"}}}', "keys", {"a": "1"}),
    ('"dynamodb":{"SizeBytes":"x"', '"SizeBytes":5}', "size_bytes", 5),
]


@pytest.mark.parametrize(("first", "last", "attribute", "value"), DUPLICATES, ids=[case[1] for case in DUPLICATES])
def test_of_two_members_of_an_envelope_the_last_counts(first: str, last: str, attribute: str, value: Any) -> None:
    change = "" if '"dynamodb"' in first else ',"dynamodb":{}'
    text = f"[{{{first},{last}{change}}}]"
    for event in (text, json.loads(text)):
        assert getattr(Batch.from_event(event)[0], attribute) == value
    assert Batch.from_event(text)[0].to_dict() == json.loads(text)[0]


@pytest.mark.parametrize("first", ["5", "null", "{}", '"x"', "[]", '[{"s3":{}}]', f"[{json.dumps(RECORD)}]"])
def test_of_two_lists_of_records_the_last_counts(first: str) -> None:
    text = f'{{"Records":{first},"Records":[{json.dumps(wire())}]}}'
    for event in (text, json.loads(text)):
        assert [record.to_dict() for record in Batch.from_event(event)] == [wire()]


@pytest.mark.parametrize("raised", [RuntimeError("mine"), KeyboardInterrupt(), SystemExit(2)], ids=repr)
@pytest.mark.parametrize("member", ["Records", "record", "dynamodb", "kinesis"])
def test_what_the_callers_objects_raise_travels_untouched(raised: BaseException, member: str) -> None:
    class Failing(UserDict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            raise raised

    class FailingList(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            raise raised

    events: dict[str, Any] = {
        "Records": {"Records": FailingList([RECORD])},
        "record": [RECORD, Failing(RECORD)],
        "dynamodb": [{"dynamodb": Failing({"Keys": {}})}],
        "kinesis": [{"kinesis": Failing({"data": "e30="})}],
    }
    with pytest.raises(type(raised)) as caught:
        Batch.from_event(events[member])
    assert caught.value is raised


def test_the_dicts_of_an_event_live_as_long_as_its_views() -> None:
    marked = type("Marked", (dict,), {})

    def images() -> Any:
        return marked({"id": {"S": "a"}})

    record = Batch.from_event([wire({"NewImage": images()})])[0]
    gc.collect()
    assert record.new_image == {"id": "a"}
    living = [found for found in gc.get_objects() if type(found) is marked]
    assert len(living) == 1
    del record, living
    gc.collect()
    assert not [found for found in gc.get_objects() if type(found) is marked]


def test_a_record_that_holds_itself_is_collected(road: Road) -> None:
    class Witness:
        alive = True

        def __del__(self) -> None:
            Witness.alive = False

    record: Record | None = read(road)
    assert record is not None
    for image in (record.keys, record.new_image, record.old_image):
        assert image is not None
        image["self"] = record
    record.keys["witness"] = Witness()
    del image
    record = None
    gc.collect()
    assert not Witness.alive


def test_a_list_that_changes_while_it_is_read_is_an_error() -> None:
    records: list[Any] = []

    class Eater(UserDict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            records.clear()
            return super().__iter__()

    records.extend([Eater(wire()), wire(), wire()])
    with pytest.raises((EventFormatError, RuntimeError)):
        Batch.from_event(records)
