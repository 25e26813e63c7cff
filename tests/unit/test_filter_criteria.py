"""FilterCriteria: the forms it takes, what it is as a Python object, and the records it is held against."""

from __future__ import annotations

import base64
import copy
import gc
import json
import pickle
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, FilterCriteria, FilterPatternError
from tests.reference.filter_records import EXPIRED, MODIFIED, REMOVED

PATTERN = {"eventName": ["MODIFY"]}
TEXT = '{"eventName": ["MODIFY"]}'
TTL = {"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}


@pytest.mark.parametrize(
    "given",
    [
        PATTERN,
        TEXT,
        TEXT.encode(),
        bytearray(TEXT.encode()),
        [PATTERN],
        [TEXT],
        (PATTERN,),
        {"Filters": [{"Pattern": TEXT}]},
        {"Filters": [{"Pattern": PATTERN}]},
        json.dumps({"Filters": [{"Pattern": TEXT}]}),
        [{"Pattern": TEXT}],
        OrderedDict(PATTERN),
        MappingProxyType(PATTERN),
        {"eventName": ("MODIFY",)},
    ],
    ids=repr,
)
def test_every_form_means_the_same(given: Any) -> None:
    criteria = FilterCriteria(given)
    assert len(criteria) == 1
    assert json.loads(criteria.patterns[0]) == PATTERN
    assert criteria.matches(MODIFIED)
    assert not criteria.matches(EXPIRED)


def test_any_of_several_filters_may_match() -> None:
    criteria = FilterCriteria([PATTERN, {"eventName": ["REMOVE"]}])
    assert criteria.matches(MODIFIED)
    assert criteria.matches(EXPIRED)
    assert not criteria.matches({"eventName": "INSERT"})


@pytest.mark.parametrize("given", [[], {"Filters": []}, '{"Filters": []}'], ids=repr)
def test_no_filters_match_all(given: Any) -> None:
    criteria = FilterCriteria(given)
    assert criteria.matches({})
    assert Batch.from_event([MODIFIED, EXPIRED]).matches(criteria) == [True, True]


def test_names_of_the_criteria_may_be_names_of_a_record() -> None:
    assert FilterCriteria([{"Filters": ["x"]}]).matches({"Filters": "x"})
    assert FilterCriteria({"Pattern": ["x"]}).matches({"Pattern": "x"})
    assert FilterCriteria([{"Pattern": {"a": ["x"]}}]).matches({"Pattern": {"a": "x"}})


@pytest.mark.parametrize("given", [None, 5, True, b"5", "null", [None], {1: ["x"]}, object()], ids=repr)
def test_anything_else_is_refused(given: Any) -> None:
    with pytest.raises((FilterPatternError, ValueError)):
        FilterCriteria(given)


def test_it_is_a_value() -> None:
    criteria = FilterCriteria(TEXT, dialect="eventbridge", max_filters=10)
    again = pickle.loads(pickle.dumps(criteria))  # noqa: S301 our own
    assert again == criteria
    assert hash(again) == hash(criteria)
    assert (again.patterns, again.dialect) == ((TEXT,), "eventbridge")
    assert copy.copy(criteria) == criteria
    assert criteria != FilterCriteria(TEXT)
    assert criteria != FilterCriteria(PATTERN, dialect="eventbridge")
    assert criteria != TEXT
    assert repr(criteria) == "<FilterCriteria of 1 filter in eventbridge>"
    assert not FilterCriteria([])


def test_get_records_spellings_are_read_as_lambdas() -> None:
    record = copy.deepcopy(EXPIRED)
    record["userIdentity"] = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    change = record["dynamodb"]
    change["ApproximateCreationDateTime"] = datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
    change["OldImage"]["blob"] = {"B": b"\x01\x02"}
    change["OldImage"]["blobs"] = {"BS": [b"\x01", b"\x02"]}
    patterns = [
        TTL,
        {"dynamodb": {"ApproximateCreationDateTime": [1700000000]}},
        {"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", 1699999999, "<", 1700000001]}]}},
        {"dynamodb": {"OldImage": {"blob": {"B": [base64.b64encode(b"\x01\x02").decode()]}}}},
        {"dynamodb": {"OldImage": {"blobs": {"BS": ["Ag=="]}}}},
    ]
    for pattern in patterns:
        criteria = FilterCriteria(pattern)
        assert criteria.matches(record), pattern
        assert Batch.from_event({"Records": [record]}).matches(criteria) == [True], pattern
    assert FilterCriteria({"userIdentity": {"type": [{"exists": False}]}}).matches(REMOVED)
    assert not FilterCriteria({"userIdentity": {"type": [{"exists": False}]}}).matches(record)


def test_changes_through_kinesis_are_held_as_records() -> None:
    payload = base64.b64encode(json.dumps(MODIFIED).encode()).decode()
    broken = {"kinesis": {"data": "?", "sequenceNumber": "7"}}
    sound = {"kinesis": {"data": payload, "sequenceNumber": "6"}}
    criteria = FilterCriteria({"dynamodb": {"NewImage": {"status": {"S": ["PAID"]}}}})
    for form in ({"Records": [sound]}, json.dumps({"Records": [sound]})):
        assert Batch.from_event(form).matches(criteria) == [True]
    batch = Batch.from_event({"Records": [sound, broken]})
    with pytest.raises(EventFormatError, match=r"payload is no DynamoDB change.*SequenceNumber 7"):
        batch.matches(criteria)
    assert criteria.matches(batch[0])


def test_either_of_two_equal_names_matches_in_text() -> None:
    for text in ('{"a": 1, "a": 2}', '{"a": 2, "a": 1}', '{"x": {"a": 2}, "a": 1}'):
        assert FilterCriteria({"a": [1]}).matches(text)
    assert FilterCriteria({"a": {"b": [1]}}).matches('{"a": {"b": 2}, "a": {"b": 1}}')
    # In a batch the last of two parts of a record counts, as everywhere in records.
    twice = '"eventName": "MODIFY", "eventName": "X"'
    text = json.dumps({"Records": [MODIFIED]}).replace('"eventName": "MODIFY"', twice)
    assert Batch.from_event(text).matches(FilterCriteria({"eventName": ["MODIFY", "X"]})) == [True]
    assert Batch.from_event(text).matches(FilterCriteria(PATTERN)) == [False]


def test_python_values_are_read_as_json_has_them() -> None:
    assert FilterCriteria({"a": [1]}).matches({"a": Decimal("1.0")})
    assert not FilterCriteria({"a": [1]}).matches({"a": True})
    assert FilterCriteria({"a": ["x"]}).matches({"a": {"x", "y"}})
    assert FilterCriteria({"a": [2]}).matches({"a": (1, 2)})
    assert FilterCriteria({"a": [2]}).matches(OrderedDict(a=[1, 2]))
    assert FilterCriteria({"a": {"b": [2]}}).matches(MappingProxyType({"a.b": 2}))
    assert FilterCriteria({"a": {"b": [2]}}).matches({"a": OrderedDict(b=2)})
    assert not FilterCriteria({"a": [1]}).matches({1: 1})


# A number among Python objects, and for each condition whether it matches: a float is what it prints.
NUMBERS: list[tuple[Any, list[tuple[Any, bool]]]] = [
    (0.1, [(0.1, True), ({"numeric": ["=", 0.1]}, True), ({"numeric": [">", 0.1]}, False)]),
    (0.1 + 0.2, [(0.3, False), ({"numeric": [">", 0.3]}, True)]),
    (1e23, [(10**23, True), ({"numeric": ["=", 1e23]}, True)]),
    (-0.0, [(0, True)]),
    (9007199254740993.0, [(9007199254740992, True), (9007199254740993, False)]),
    (Decimal("9007199254740993.0"), [(9007199254740993, True), (9007199254740992, False)]),
    (Decimal("0.1000000000000000055"), [(0.1, False), ({"numeric": [">", 0.1]}, True)]),
    (Decimal("1E+5"), [(100000, True)]),
    *(
        (number, [(0, False), ({"numeric": [">=", 0]}, False), ({"numeric": ["<", 0]}, False), ({"exists": True}, True),
         ({"anything-but": [0]}, True)])
        for number in (float("nan"), float("inf"), float("-inf"), Decimal("NaN"), Decimal("-Infinity"))
    ),
]  # fmt: skip


@pytest.mark.parametrize(("number", "answers"), NUMBERS, ids=[repr(row[0]) for row in NUMBERS])
def test_a_number_among_objects_is_what_it_prints(number: Any, answers: list[tuple[Any, bool]]) -> None:
    for condition, expected in answers:
        assert FilterCriteria({"a": [condition]}).matches({"a": number}) is expected, condition


def test_text_keeps_a_number_that_a_float_rounds() -> None:
    text, criteria = '{"a": 9007199254740993.0}', FilterCriteria({"a": [9007199254740993]})
    assert criteria.matches(text)
    assert criteria.matches(json.loads(text, parse_float=Decimal))
    assert not criteria.matches(json.loads(text))


@pytest.mark.parametrize("event", ["5", "[]", b"", "{", [], 5, None, '{"a": tru}'], ids=repr)
def test_what_is_no_object_is_no_event(event: Any) -> None:
    with pytest.raises(EventFormatError):
        FilterCriteria({"a": [1]}).matches(event)


def test_dicts_of_many_layouts_are_found() -> None:
    """Where a name stood in the last dict is looked at first, and must never be believed."""
    criteria = FilterCriteria({"a": {"b": ["x"]}, "c": ["y"]})
    names = ["c", "a", "d", "e"]
    for round_ in range(400):
        order = names[round_ % 4 :] + names[: round_ % 4]
        values = {"c": "y", "a": {"q": 1, "b": "x"} if round_ % 3 else {"b": "x"}}
        event: dict[str, Any] = {name: values.get(name, "x") for name in order}
        for gone in order[: round_ % 2]:
            event[gone] = event.pop(gone)
        assert criteria.matches(event), event
        assert not criteria.matches({**event, "c": "x"})
        del event["a"]
        assert not criteria.matches(event)


def test_a_view_keeps_its_order(road: Callable[[Any], Any]) -> None:
    batch = Batch.from_event(road({"Records": [MODIFIED, EXPIRED, MODIFIED, REMOVED]}))
    criteria = FilterCriteria(PATTERN)
    assert batch.matches(criteria) == [True, False, True, False]
    chosen = batch.select(criteria)
    assert [record.event_name for record in chosen] == ["MODIFY", "MODIFY"]
    assert batch.take([3, 2, 1]).matches(criteria) == [False, True, False]
    assert len(chosen.select(FilterCriteria({"eventName": ["REMOVE"]}))) == 0
    with pytest.raises(TypeError):
        batch.matches(PATTERN)  # type: ignore[arg-type]


def test_threads_share_criteria() -> None:
    events = [{"Records": [MODIFIED, EXPIRED] * 100}, json.dumps({"Records": [MODIFIED, EXPIRED] * 100})]
    criteria = FilterCriteria([PATTERN, {"dynamodb": {"NewImage": {"qty": {"N": ["15"]}}}}])
    wrong: list[Any] = []

    def run() -> None:
        for event in events * 5:
            found = Batch.from_event(event).matches(criteria)
            wrong.extend([event] if found != [True, False] * 100 else [])

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_hostile_patterns_and_events_take_no_time() -> None:
    stars = FilterCriteria({"a": [{"wildcard": "*a" * 200 + "*b"}]}, dialect="eventbridge")
    assert not stars.matches({"a": "a" * 100_000})
    elements = [{"b": n, "c": n} for n in range(2000)]
    criteria = FilterCriteria({"x": {"b": [{"anything-but": [-1]}], "c": [-1]}, "y": {"b": [{"anything-but": [-1]}]}})
    assert not criteria.matches({"x": elements, "y": elements})
    sides = FilterCriteria({name: {"b": [{"anything-but": [-1]}]} for name in "uvwxyz"} | {"zz": [1]})
    assert not sides.matches(dict.fromkeys("uvwxyz", elements))
    with pytest.raises(EventFormatError, match="nested too deep"):
        criteria.matches({"x": json.loads("[" * 500 + "]" * 500)})


def test_nothing_is_kept_of_events() -> None:
    criteria = FilterCriteria({"a": {"b": ["x"]}})

    class Marked(dict[str, Any]):
        pass

    event = {"a": Marked(b="x")}
    criteria.matches(event)
    before = len([each for each in gc.get_objects() if type(each) is Marked])
    del event
    gc.collect()
    assert before == 1
    assert not [each for each in gc.get_objects() if type(each) is Marked]
