"""RawEvent: a dict like any other to whoever looks at it, and bytes to whoever reads its records."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Batch, EventFormatError, Record, StreamHandler
from tailrace.aws_lambda import RawEvent, RawRecords
from tailrace.testing import make_event

ITEMS = [{"id": "a", "n": 1}, {"id": "b", "text": 'ä€😀"\\', "l": [1, {"m": b"x"}]}, {"id": "c"}]
WINDOW = {"window": {"start": "2026-01-01T00:00:00Z"}, "state": {"1": 2.5}, "isFinalInvokeForWindow": False}


def event(*, shape: Any = "lambda", **more: Any) -> dict[str, Any]:
    return {**make_event(ITEMS, shape=shape), **more}


def body(event: object) -> bytes:
    return json.dumps(event).encode()


@pytest.fixture(params=["lambda", "kinesis", "get-records", "window", "records last"])
def plain(request: pytest.FixtureRequest) -> dict[str, Any]:
    match request.param:
        case "window":
            return event(**WINDOW)
        case "records last":
            return {**WINDOW, **event()}
        case shape:
            return event(shape=shape)


@pytest.fixture
def raw(plain: dict[str, Any]) -> RawEvent:
    return RawEvent(body(plain))


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


WAYS: dict[str, Callable[[Any], Any]] = {
    "length": len,
    "names": list,
    "members of no record": lambda event: {name: event[name] for name in event if name != "Records"},
    "is there": lambda event: ["Records" in event, "window" in event, "requestContext" in event],
    "get": lambda event: [event.get("httpMethod"), event.get("state", 1), len(event.get("Records"))],
    "records": lambda event: len(event["Records"]),
    "first": lambda event: event["Records"][0],
    "last": lambda event: event["Records"][-1],
    "some": lambda event: event["Records"][1:],
    "every other": lambda event: event["Records"][::-2],
    "each": lambda event: list(event["Records"]),
    "backwards": lambda event: list(reversed(event["Records"])),
    "inside": lambda event: event["Records"][1]["eventID" if "eventID" in event["Records"][1] else "dynamodb"],
    "contains": lambda event: event["Records"][1] in event["Records"],
    "index": lambda event: event["Records"].index(event["Records"][2]),
    "count": lambda event: event["Records"].count({}),
    "true": lambda event: bool(event) and bool(event["Records"]),
    "types": lambda event: [
        isinstance(event, dict), isinstance(event, Mapping), isinstance(event["Records"], Sequence),
        isinstance(event["Records"][0], dict),
    ],
    "json of a record": lambda event: json.dumps(event["Records"][0]),
    "json of a deep copy": lambda event: json.dumps(copy.deepcopy(event)),
    "pickle": pickled,
    "pickle of records": lambda event: pickled(event["Records"]),
    "copied records": lambda event: copy.deepcopy(event["Records"]),
    "copy of a record": lambda event: copy.copy(event["Records"][0]) | {"a": 1},
    "pickle of a record": lambda event: pickled(event["Records"][0]),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_it_looks_like_the_dict(raw: RawEvent, plain: dict[str, Any], way: str) -> None:
    ours, theirs = WAYS[way](raw), WAYS[way](plain)
    assert ours == theirs
    assert type(ours) is type(theirs) or isinstance(ours, type(theirs))


def test_it_equals_the_dict_and_nothing_else(raw: RawEvent, plain: dict[str, Any]) -> None:
    assert raw == plain
    assert plain == raw
    assert raw == RawEvent(body(plain))
    assert raw["Records"] == plain["Records"]
    assert raw["Records"] == RawEvent(json.dumps(plain, indent=1).encode())["Records"]
    for other in ({}, {**plain, "Records": plain["Records"][:-1]}, {**plain, "more": 1}):
        assert raw != other
    changed = copy.deepcopy(plain)
    changed["Records"][-1]["x"] = 1
    assert raw != changed
    assert raw["Records"] != RawEvent(body(changed))["Records"]
    assert raw["Records"] != tuple(plain["Records"])


def test_to_dict_is_the_event_in_plain_objects(raw: RawEvent, plain: dict[str, Any]) -> None:
    made = raw.to_dict()
    assert made == plain
    assert type(made) is dict
    assert type(made["Records"]) is list
    assert {type(record) for record in made["Records"]} == {dict}
    made["Records"][0].clear()
    assert raw == plain


def test_it_is_decoded_by_what_it_was_given() -> None:
    def decode(text: bytes) -> Any:
        return json.loads(text, parse_float=Decimal)

    raw = RawEvent(body(event(**WINDOW)), decode)
    assert raw["state"] == {"1": Decimal("2.5")}
    assert type(raw.to_dict()["state"]["1"]) is Decimal


def test_a_batch_is_read_from_the_bytes(raw: RawEvent, plain: dict[str, Any]) -> None:
    expected = [record.to_dict() for record in Batch.from_event(body(plain))]
    for event in (raw, {**raw}, dict(raw), raw.copy(), copy.copy(raw), raw | {"more": 1}):
        batch = Batch.from_event(event)
        assert [record.to_dict() for record in batch] == expected
        assert batch.shape == Batch.from_event(plain).shape
        assert _reads_bytes(batch)
    for event in (raw.to_dict(), copy.deepcopy(raw), plain):
        assert not _reads_bytes(Batch.from_event(event))


def _reads_bytes(batch: Batch) -> bool:
    """From bytes B is base64 text, and so is what the wire form gives of it; objects are given as they are."""
    from tailrace._core import record_ranges

    return bool(record_ranges(batch))


def test_a_batch_in_other_modes_and_with_an_arn(raw: RawEvent) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/other/stream/2026-01-01T00:00:00.000"
    batch = Batch.from_event(raw, numbers="str", binary="raw", sets="list", event_source_arn=arn)
    assert batch[0].new_image == {"id": "a", "n": "1"}
    assert batch[1].new_image is not None
    assert batch[1].new_image["l"][1] == {"m": "eA=="}
    assert Batch.from_event(raw)[0].new_image == {"id": "a", "n": 1}
    assert {record.table_name for record in batch} <= {"other", "table"}


def test_each_batch_has_views_of_its_own(raw: RawEvent) -> None:
    first, second = Batch.from_event(raw)[0], Batch.from_event(raw)[0]
    assert first.new_image is not None
    first.new_image["id"] = "spoilt"
    assert second.new_image is not None
    assert second.new_image["id"] == "a"


def test_a_handler_reads_it(raw: RawEvent, plain: dict[str, Any]) -> None:
    seen: list[Any] = []
    app = StreamHandler()

    @app.insert
    def insert(record: Record) -> None:
        seen.append(record.new_image)
        if record.keys["id"] == "b":
            raise RuntimeError("no")

    assert app(raw) == app(plain) == app(body(plain))
    assert seen[:2] == seen[2:4] == seen[4:] == [{"id": "a", "n": 1}, ITEMS[1]]


def test_what_is_put_in_the_place_of_records_is_read(raw: RawEvent) -> None:
    ids = [record.event_id for record in Batch.from_event(raw)]
    raw["Records"] = raw["Records"][1:]
    assert [record.event_id for record in Batch.from_event(raw)] == ids[1:]
    assert raw.to_dict()["Records"] == raw["Records"]
    raw["Records"] = []
    assert len(Batch.from_event(raw)) == 0
    assert repr(raw) == "<RawEvent of 0 records>"
    del raw["Records"]
    with pytest.raises(EventFormatError):
        Batch.from_event(raw)
    assert "Records" not in raw.to_dict()
    assert repr(raw) == "<RawEvent of 0 records>"


SPOILING: dict[str, Callable[[Any], object]] = {
    "set": lambda record: record.__setitem__("a", 1),
    "delete": lambda record: record.__delitem__("dynamodb"),
    "pop": lambda record: record.pop("dynamodb"),
    "popitem": lambda record: record.popitem(),
    "clear": lambda record: record.clear(),
    "update": lambda record: record.update(a=1),
    "setdefault": lambda record: record.setdefault("a", 1),
    "or": lambda record: record.__ior__({"a": 1}),
    "deep": lambda record: record["dynamodb"]["NewImage"].pop("id"),
}


@pytest.mark.parametrize("way", SPOILING)
def test_a_change_that_nobody_would_see_is_refused(way: str) -> None:
    plain = event()
    raw = RawEvent(body(plain))
    with pytest.raises(TypeError, match=r"cannot be changed: change those of event\.to_dict\(\)"):
        SPOILING[way](raw["Records"][0])
    assert raw == plain


def test_records_are_neither_replaced_nor_added(raw: RawEvent) -> None:
    for name in ("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort", "__setitem__"):
        assert not hasattr(raw["Records"], name)


@pytest.mark.parametrize("index", [3, -4, 10**20, "0", 1.0])
def test_a_wrong_index_raises_as_that_of_a_list_does(raw: RawEvent, index: Any) -> None:
    with pytest.raises((IndexError, TypeError)) as theirs:
        _ = [0, 0, 0][index]
    with pytest.raises(theirs.type):
        _ = raw["Records"][index]


def test_json_says_what_it_cannot_write(raw: RawEvent) -> None:
    with pytest.raises(TypeError, match="RawRecords is not JSON serializable"):
        json.dumps(raw)
    assert json.loads(json.dumps(raw, default=list)) == raw
    assert json.loads(json.dumps(raw, default=str))["Records"] == "<RawRecords: 3 records>"


def test_no_value_is_in_a_repr(raw: RawEvent) -> None:
    assert repr(raw) == str(raw) == f"{raw}" == "<RawEvent of 3 records>"
    assert repr(raw["Records"]) == "<RawRecords: 3 records>"


def test_records_have_no_hash(raw: RawEvent) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(raw["Records"])


@pytest.mark.parametrize(
    "wrong",
    [
        b"", b"{", b"{}", b"[]", b"null", b"5", b'"Records"', b'{"Records": []}', b'{"Records": null}',
        b'{"Records": [{"s3": {}}]}', b'{"Records": [{"body": "x", "eventSource": "aws:sqs"}]}',
        body(make_event(ITEMS, shape="pipes")), body(make_event(ITEMS, shape="s3")),
        body(make_event(ITEMS, shape="s3-text")), body(event())[:-1], body(event()) + b"}",
        body({"payload": event(), "Records": []}), body(event())[:-1] + b', "Records": []}',
        body(event()).decode().encode("utf-16"), b"\xef\xbb\xbf" + body(event()),
    ],
)  # fmt: skip
def test_what_is_no_batch_with_records_is_refused(wrong: bytes) -> None:
    with pytest.raises(EventFormatError):
        RawEvent(wrong)


def test_of_two_members_of_one_name_the_last_counts() -> None:
    one, two = (body(make_event([{"id": name}])["Records"]).decode() for name in "ab")
    text = f'{{"Records": {one}, "a": 1, "Records": {two}, "a": 2}}'.encode()
    raw = RawEvent(text)
    assert raw == json.loads(text)
    assert [record.keys for record in Batch.from_event(raw)] == [{"id": "b"}]


def test_it_dies_with_its_last_name() -> None:
    class Watched(RawEvent):
        __slots__ = ("__weakref__",)

    raw = Watched(body(event()))
    list(raw["Records"])
    dead = weakref.ref(raw)
    gc.disable()
    try:
        del raw
        assert dead() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("not_ours", [[1], {"batch": 5}, 5, None, "text"])
def test_something_else_in_the_place_of_records_is_what_it_was(not_ours: Any) -> None:
    class Other:
        batch = not_ours

    with pytest.raises(EventFormatError):
        Batch.from_event({"Records": Other()})


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.text(max_size=6) | st.sampled_from(["eventID", "Records ", "records", "state", "]", "}"])
RECORDS = st.builds(
    lambda more, change: {**more, "dynamodb": change},
    st.dictionaries(NAMES, JSON_VALUES, max_size=3),
    st.dictionaries(st.text(max_size=4), JSON_VALUES, max_size=2),
)
MEMBERS = st.dictionaries(NAMES, JSON_VALUES, max_size=3)


@given(
    before=MEMBERS,
    records=st.lists(RECORDS, min_size=1, max_size=4),
    after=MEMBERS,
    indent=st.sampled_from([None, 1]),
    is_ascii=st.booleans(),
)
def test_any_event_equals_what_json_makes_of_it(
    before: dict[str, Any], records: list[Any], after: dict[str, Any], indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps({**before, "Records": records, **after}, indent=indent, ensure_ascii=is_ascii)
    encoded = text.encode("utf-8", "surrogatepass")
    raw = RawEvent(encoded)
    assert raw == json.loads(encoded)
    assert raw.to_dict() == json.loads(encoded)
    assert list(raw) == list(json.loads(encoded))
    assert isinstance(raw["Records"], RawRecords)
