"""What ``mask=`` keeps out of an audit trail: nothing of it is in the files, and the rows say that it was there."""

from __future__ import annotations

import json
import sqlite3
import traceback
from base64 import b64decode, b64encode
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Batch, Record, SinkError, StreamHandler, TailraceError, diff, dumps, loads
from tailrace.sinks import AuditEntry, Deadline, SqliteAuditTrail
from tailrace.sinks.masking import Mask
from tailrace.testing import make_event, make_record
from tailrace.testing.strategies import items

Road = Callable[[Any], Any]
NO_LIMIT = Deadline(None)
SECRET = "hunter2-5f0c2a9e"
OTHER = "correct-horse-91"
SECRETS: list[Any] = [
    SECRET,
    [SECRET],
    {"x": {"y": [SECRET]}},
    {SECRET: 1},
    {SECRET, "other"},
    SECRET.encode(),
    {SECRET.encode()},
]


def entries(path: Path, mask: Any, *records: Record) -> list[AuditEntry]:
    with SqliteAuditTrail(path, mask=mask) as trail:
        assert trail.write(records, deadline=NO_LIMIT) == []
        return list(trail)


def written(folder: Path) -> bytes:
    """Every byte of every file: the database, its write-ahead log and what else SQLite leaves."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: type(secret).__name__)
@pytest.mark.parametrize("event_name", ["INSERT", "MODIFY", "REMOVE"])
def test_no_byte_of_a_masked_value_is_in_the_files(tmp_path: Path, road: Road, secret: Any, event_name: str) -> None:
    old = {"id": "a", "pin": secret, "deep": [{"token": secret, "kind": "kept-4711"}], "seen": "kept-4711"}
    new = {"id": "a", "pin": OTHER, "deep": [{"token": secret, "kind": "kept-4711"}], "seen": "kept-4711"}
    images = {
        "old_image": old if event_name != "INSERT" else None,
        "new_image": new if event_name != "REMOVE" else None,
    }
    batch = Batch.from_event(road(make_event([make_record(**images)])))
    for image in images.values():
        shown = "" if image is None else dumps(image).decode()
        assert image is None or SECRET in shown or "aHVudGVyMi01ZjBjMmE5ZQ" in shown
    with SqliteAuditTrail(tmp_path / "audit.db", mask=["pin", ("deep", 0, "token")]) as trail:
        for _ in range(2):  # a redelivery, too
            assert trail.write(batch, deadline=NO_LIMIT) == []
        while_open = written(tmp_path)
        (entry,) = trail
    assert (tmp_path / "audit.db").exists()
    for data in (while_open, written(tmp_path)):
        assert b"kept-4711" in data
        for hidden in (SECRET.encode(), OTHER.encode(), b"aHVudGVyMi01ZjBjMmE5ZQ"):
            assert hidden not in data
    token = ("deep", 0, "token")
    assert entry.masked == {("pin",): True, token: event_name != "MODIFY"}
    assert entry.changed_attributes == (["pin"] if event_name == "MODIFY" else ["deep", "id", "pin", "seen"])


def test_a_value_that_is_not_masked_is_in_the_files(tmp_path: Path) -> None:
    """The search of the test above finds what is there."""
    entries(tmp_path / "audit.db", ["other"], make_record(new_image={"id": "a", "pin": SECRET}))
    assert SECRET.encode() in written(tmp_path)


def test_what_is_beside_a_masked_value_stays_exact(tmp_path: Path) -> None:
    image = {
        "id": "a",
        "card": {"number": "4111", "limit": Decimal("1.50"), "raw": b"\xff"},
        "list": ["x", {"y"}, None],
    }
    (entry,) = entries(tmp_path / "a.db", [("card", "number"), ("list", 0)], make_record(new_image=image))
    card = {"number": None, "limit": Decimal("1.50"), "raw": b"\xff"}
    assert entry.after == {"id": "a", "card": card, "list": [None, {"y"}, None]}
    assert str(entry.after["card"]["limit"]) == "1.50"
    assert entry.masked == {("card", "number"): True, ("list", 0): True}


@pytest.mark.parametrize("path", [("gone",), ("card", "gone"), ("list", 9), ("gone", 0, "x")])
def test_a_path_that_the_item_does_not_have_hides_nothing(tmp_path: Path, path: Any) -> None:
    image = {"id": "a", "card": {"number": "4111"}, "list": ["x"], "tags": {"a", "b"}, "name": "ann", "none": None}
    (entry,) = entries(tmp_path / "audit.db", [path], make_record(new_image=image))
    assert (entry.after, entry.masked) == (image, {})


@pytest.mark.parametrize(
    ("path", "hidden"),
    [(("card", 0), ("card",)), (("list", "0"), ("list",)), (("tags", 0), ("tags",)), (("name", 0), ("name",)),
     (("name", "x", "y"), ("name",)), (("list", 0, "x"), ("list", 0)), (("none", "x"), ("none",)),
     (("card", "number", "x"), ("card", "number"))],
)  # fmt: skip
def test_a_value_that_the_path_cannot_lead_through_is_hidden_whole(tmp_path: Path, path: Any, hidden: Any) -> None:
    image = {"id": "a", "card": {"number": "4111"}, "list": ["x"], "tags": {"a", "b"}, "name": "ann", "none": None}
    wanted = {**image, "card": dict(image["card"]), "list": list(image["list"])}
    around = wanted if len(hidden) == 1 else wanted[hidden[0]]
    around[hidden[-1]] = None
    (entry,) = entries(tmp_path / "audit.db", [path], make_record(new_image=image))
    assert (entry.after, entry.masked) == (wanted, {hidden: True})


def test_paths_through_the_same_value_hide_it_once(tmp_path: Path) -> None:
    mask = [("p", "q"), ("p", "z"), ("p", 0)]
    records = [make_record(new_image={"id": "a", "p": value}) for value in (SECRET, {"q": SECRET})]
    found = entries(tmp_path / "audit.db", mask, *records)
    assert [(entry.after, entry.masked) for entry in found] == [({"id": "a", "p": None}, {("p",): True})] * 2


def test_what_a_diff_hides_around_a_masked_path_is_in_no_file(tmp_path: Path) -> None:
    shapes: list[Any] = [SECRET, [SECRET], {SECRET}, {"q": SECRET}, {"q": [SECRET]}, {"kept": 1}]
    images = [{"id": "a", "p": shape} for shape in shapes] + [{"id": "a"}]
    records = [make_record(old_image=old, new_image=new) for old in images for new in images]
    found = entries(tmp_path / "audit.db", [("p", "q")], *records)
    assert SECRET.encode() not in written(tmp_path)
    assert found[0].before == {"id": "a", "p": None}
    for record, entry in zip(records, found, strict=True):
        assert record.diff is not None
        told = diff(record.old_image, record.new_image, mask=[("p", "q")])
        assert any(change.masked for change in told) >= any(entry.masked.values())


def test_where_a_masked_value_came_or_went_it_changed(tmp_path: Path) -> None:
    bare, card = {"id": "a"}, {"id": "a", "card": {"number": "4111"}}
    changes = [(None, card), (card, bare), (bare, card), (card, None), (bare, bare)]
    records = [make_record(old_image=old, new_image=new) for old, new in changes]
    found = entries(tmp_path / "audit.db", [("card", "number")], *records)
    assert [entry.masked for entry in found] == [{("card", "number"): True}] * 4 + [{}]


@pytest.mark.parametrize("equal", [("1.0", "1"), ("1E+2", "100")])
def test_a_masked_value_changes_by_value_and_not_by_spelling(tmp_path: Path, equal: tuple[str, str]) -> None:
    wire = make_record(old_image={"id": "a", "n": 1}, new_image={"id": "a", "n": 2}).to_dict()
    wire["dynamodb"]["OldImage"]["n"], wire["dynamodb"]["NewImage"]["n"] = ({"N": text} for text in equal)
    (entry,) = entries(tmp_path / "audit.db", "n", Batch.from_event([wire])[0])
    assert (entry.masked, entry.changed_attributes) == ({("n",): False}, [])


@pytest.mark.parametrize("view", ["OLD_IMAGE", "NEW_IMAGE", "KEYS_ONLY"])
def test_without_the_images_nobody_knows_whether_it_changed(tmp_path: Path, view: Any) -> None:
    images = {"old_image": {"id": "a", "pin": SECRET}, "new_image": {"id": "a", "pin": OTHER}}
    record = make_record(**images, keys="id", stream_view_type=view)
    (entry,) = entries(tmp_path / "audit.db", "pin", record)
    assert entry.masked == ({} if view == "KEYS_ONLY" else {("pin",): None})
    assert entry.changed_attributes is None
    assert SECRET.encode() not in written(tmp_path)


def test_a_key_cannot_be_masked_and_fails_its_record_alone(tmp_path: Path, road: Road) -> None:
    event = make_event([{"id": "a", "pin": SECRET}, {"name": SECRET, "pin": SECRET}, {"id": "c", "pin": 1}])
    event["Records"][1]["dynamodb"]["Keys"] = {"name": {"S": SECRET}}
    records = list(Batch.from_event(road(event)))
    with SqliteAuditTrail(tmp_path / "audit.db", mask=["pin", "name"]) as trail:
        (failure,) = trail.write(records, deadline=NO_LIMIT)
        assert [entry.keys["id"] for entry in trail] == ["a", "c"]
    assert failure.record is records[1]
    assert isinstance(failure.error, SinkError)
    assert "mask= hides 'name', which is in its key" in str(failure.error)
    assert SECRET not in str(failure.error)
    assert SECRET.encode() not in written(tmp_path)


BROKEN: list[Any] = [
    ({"pin": {"N": SECRET}}, ["pin"], "pin"),
    ({"card": {SECRET: "12/29"}}, ["card"], "card"),
    ({"card": {"M": {SECRET: {"N": "x"}}}}, ["card"], "card"),
    ({"card": {"M": {"x": {"L": [{SECRET: 1}]}}}}, [("card", "x")], "card.M.x"),
    ({"card": {SECRET: 1}}, [("card", "x")], "card"),
    ({"card": {"L": [{SECRET: 1}]}}, [("card", "x")], "card"),
    ({"card": {"M": {SECRET: {"S": 1}}}}, [("card", 0)], "card"),
    ({"card": {"L": [{"S": "a"}, {SECRET: 1}]}}, ["pin", ("card", 1, "x")], "card.L[1]"),
    ({"card": SECRET}, ["card", ("pin", 0)], "card"),
]


@pytest.mark.parametrize(("broken", "mask", "where"), BROKEN)
def test_a_broken_image_fails_alone_and_shows_no_secret(
    tmp_path: Path, road: Road, broken: Any, mask: Any, where: str
) -> None:
    event = make_event([{"id": "a", "pin": SECRET}, {"id": "b"}])
    event["Records"][0]["dynamodb"]["NewImage"] = {"id": {"S": "a"}, **broken}
    records = list(Batch.from_event(road(event)))
    with SqliteAuditTrail(tmp_path / "audit.db", mask=mask) as trail:
        (failure,) = trail.write(records, deadline=NO_LIMIT)
        assert [entry.keys for entry in trail] == [{"id": "b"}]
    assert failure.record is records[0]
    assert isinstance(failure.error, TailraceError)
    number = records[0].sequence_number
    assert str(failure.error) == f"a masked value is broken (at dynamodb.NewImage.{where}, SequenceNumber {number})"
    assert failure.error.__cause__ is failure.error.__context__ is None
    assert SECRET not in "".join(traceback.format_exception(failure.error))
    assert SECRET.encode() not in written(tmp_path)


@pytest.mark.parametrize("image", ["Keys", "NewImage"])
def test_a_broken_image_through_kinesis_shows_no_secret(tmp_path: Path, road: Road, image: str) -> None:
    event = make_event([{"id": "a"}], shape="kinesis")
    payload = json.loads(b64decode(event["Records"][0]["kinesis"]["data"]))
    payload["dynamodb"][image] = {"pin": {SECRET: 1}}
    event["Records"][0]["kinesis"]["data"] = b64encode(json.dumps(payload).encode()).decode()
    with SqliteAuditTrail(tmp_path / "audit.db", mask="pin") as trail:
        (failure,) = trail.write(list(Batch.from_event(road(event))), deadline=NO_LIMIT)
    assert f"a masked value is broken (at dynamodb.{image}.pin, " in str(failure.error)
    assert SECRET not in "".join(traceback.format_exception(failure.error))


@pytest.mark.parametrize(
    ("value", "mask", "where"),
    [({"no tag": 1}, "other", "card"), ({"M": {"a": {"N": "x"}}}, ("card", "b"), "card.M.a.N"),
     ({"L": [{"N": "x"}]}, ("card", 1), "card.L[0].N")],
)  # fmt: skip
def test_a_fault_beside_what_is_masked_is_told(tmp_path: Path, road: Road, value: Any, mask: Any, where: str) -> None:
    event = make_event([{"id": "a"}])
    event["Records"][0]["dynamodb"]["NewImage"]["card"] = value
    with SqliteAuditTrail(tmp_path / "audit.db", mask=[mask]) as trail:
        (failure,) = trail.write(list(Batch.from_event(road(event))), deadline=NO_LIMIT)
    assert "masked" not in str(failure.error)
    assert f"at dynamodb.NewImage.{where}, " in str(failure.error)


def test_the_log_of_a_handler_shows_no_secret(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    event = make_event([{"id": "a"}])
    event["Records"][0]["dynamodb"]["NewImage"]["card"] = {SECRET: "12/29"}
    app = StreamHandler()
    app.sink(SqliteAuditTrail(tmp_path / "audit.db", mask=["card"]))
    assert app(event)["batchItemFailures"]
    assert "a masked value is broken" in caplog.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize("mask", ["id", ("id", "x")])
def test_nothing_of_a_key_can_be_masked(tmp_path: Path, mask: Any) -> None:
    with SqliteAuditTrail(tmp_path / "audit.db", mask=[mask]) as trail:
        (failure,) = trail.write([make_record(new_image={"id": "a"})], deadline=NO_LIMIT)
    assert "mask= hides 'id', which is in its key" in str(failure.error)


def test_an_actor_that_is_not_masked_is_kept(tmp_path: Path) -> None:
    with SqliteAuditTrail(tmp_path / "audit.db", actor="by", mask="pin") as trail:
        trail.write([make_record(new_image={"id": "a", "by": "ann", "pin": SECRET})], deadline=NO_LIMIT)
        assert [entry.actor for entry in trail] == ["ann"]


@pytest.mark.parametrize("mask", ["by", ["by"], [("by", "name")], ["pin", ("by", 0)]])
def test_an_actor_that_is_masked_is_refused(tmp_path: Path, mask: Any) -> None:
    with pytest.raises(ValueError, match="actor='by' would copy what mask= keeps out"):
        SqliteAuditTrail(tmp_path / "audit.db", actor="by", mask=mask)


@pytest.mark.parametrize(
    ("mask", "error"),
    [(5, TypeError), ([5], TypeError), ([["a"]], TypeError), ([("a", True)], TypeError), ([b"a"], TypeError),
     ([()], ValueError), ([("a", -1)], ValueError), ([(0, "a")], ValueError), (b"a", TypeError)],
)  # fmt: skip
def test_what_is_no_path_is_refused(tmp_path: Path, mask: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        SqliteAuditTrail(tmp_path / "audit.db", mask=mask)


def test_a_path_within_another_is_not_told(tmp_path: Path) -> None:
    mask = [("card", "number"), "card", ("card", "number"), "pin", ("pin",)]
    (entry,) = entries(tmp_path / "audit.db", iter(mask), make_record(new_image={"id": "a", "card": {"number": 1}}))
    assert entry.masked == {("card",): True}


def test_a_file_of_an_older_form_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    with SqliteAuditTrail(path) as trail:
        trail.write([], deadline=NO_LIMIT)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE tailrace_schema SET version = 1 WHERE sink = 'audit_trail'")
    connection.close()
    with SqliteAuditTrail(path) as trail, pytest.raises(SinkError, match="version 1"):
        trail.write([make_record(new_image={"id": "a"})], deadline=NO_LIMIT)


PATHS = st.lists(st.text("ab", max_size=2) | st.integers(0, 2), max_size=2).map(tuple)


@given(item=items(), rest=PATHS)
def test_hiding_takes_one_value_and_leaves_the_others(item: dict[str, Any], rest: Any) -> None:
    path = ("x", *rest)
    image = {**item, "x": {"a": ["secret", {"b": item}], "b": [item, item], "": 1}}
    text, found = Mask([path]).hide(dumps(image).decode())
    assert text is not None
    wanted = loads(dumps(image))
    hidden = _hidden(wanted, path)
    assert found == ([hidden] if hidden else [])
    if hidden:
        around = wanted
        for step in hidden[:-1]:
            around = around[step]
        around[hidden[-1]] = None
    assert loads(text) == wanted


def _hidden(item: dict[str, Any], path: Any) -> Any:
    """What is hidden: the path as far as it leads through maps and lists; None where it ends beside everything."""
    value: Any = item
    for depth, step in enumerate(path):
        if not isinstance(value, dict if isinstance(step, str) else list):
            return path[:depth]
        if step not in (value if isinstance(value, dict) else range(len(value))):
            return None
        value = value[step]
    return path


def test_a_tuple_of_names_may_be_one_path_or_two_and_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="a tuple of names may mean one path or several"):
        SqliteAuditTrail(tmp_path / "audit.db", mask=("card", "number"))
