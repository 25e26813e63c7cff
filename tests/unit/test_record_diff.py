"""Record.diff, Record.changed and Batch.diffs: what a record tells of its change, and what it says when it cannot."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, ImageDiff, MarshallError, Record, TailraceError, UnmarshallError, diff
from tailrace.testing import make_event, make_record
from tests.reference.event_shapes import JSON_SHAPES, PYTHON_SHAPES
from tests.reference.one_record import read, wire
from tests.reference.roads import only_record

Road = Callable[[Any], Any]
NUMBER = "100000000000000000001"
OLD = {"id": {"S": "a"}, "n": {"N": "1"}, "m": {"M": {"x": {"NULL": True}, "l": {"L": [{"S": "u"}, {"S": "v"}]}}}}
NEW = {"id": {"S": "a"}, "n": {"N": "2"}, "m": {"M": {"l": {"L": [{"S": "u"}, {"S": "w"}]}}}, "s": {"SS": ["b", "a"]}}
PATHS = {("n",), ("m", "x"), ("m", "l", 1), ("s",)}


def record_of(road: Road, name: Any = "MODIFY", old: Any = OLD, new: Any = NEW) -> Record:
    return read(road, {"OldImage": old, "NewImage": new}, eventName=name)


def test_the_diff_of_a_record_is_that_of_its_items(road: Road) -> None:
    record = record_of(road)
    assert record.diff == diff(record.old_image, record.new_image)
    assert {change.path for change in record.diff or ()} == PATHS
    assert record.diff is record.diff


def test_an_insert_and_a_remove_are_compared_with_nothing(road: Road) -> None:
    came, went = record_of(road, "INSERT").diff, record_of(road, "REMOVE").diff
    assert came is not None
    assert went is not None
    assert [*came.added] == [("id",), ("n",), ("m",), ("s",)]
    assert [*went.removed] == [("id",), ("n",), ("m",)]
    assert (came.old_item, went.new_item) == (None, None)
    assert not [*came.removed, *came.changed, *went.added, *went.changed]


NEEDED: dict[Any, set[str]] = {"INSERT": {"new"}, "REMOVE": {"old"}, "MODIFY": {"old", "new"}}


@pytest.mark.parametrize("name", ["INSERT", "MODIFY", "REMOVE", "REPLACE", "insert", "", ...])
@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "OTHER", ...])
@pytest.mark.parametrize("absent", [..., None])
def test_a_record_without_the_images_of_its_change_has_no_diff(road: Road, name: Any, view: Any, absent: Any) -> None:
    """The images that are there decide, whatever the view type says."""
    for carried in ({"old", "new"}, {"old"}, {"new"}, set[str]()):
        old, new = (image if side in carried else absent for side, image in (("old", OLD), ("new", NEW)))
        record = read(road, {"OldImage": old, "NewImage": new, "StreamViewType": view}, eventName=name)
        (of_batch,) = Batch.from_event(
            road([wire({"OldImage": old, "NewImage": new, "StreamViewType": view}, eventName=name)])
        ).diffs()
        if name in NEEDED and carried >= NEEDED[name]:
            assert isinstance(record.diff, ImageDiff)
            assert record.diff == of_batch
            assert record.changed("n")
        else:
            assert (record.diff, of_batch) == (None, None)
            with pytest.raises(EventFormatError, match="does not carry the images of its change") as raised:
                record.changed("n")
            assert raised.value.sequence_number == NUMBER


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("n", True),
        (("n",), True),
        ("m", True),
        (("m", "x"), True),
        (("m", "l"), True),
        (("m", "l", 1), True),
        (("m", "l", 0), False),
        (("m", "l", 2), False),
        ("s", True),
        ("id", False),
        ("nothing", False),
        ("m.x", False),
        (("n", "x"), False),
        (("m", 0), False),
        (("m", "l", "1"), False),
        (("s", 0), False),
        ("", False),
    ],
)
def test_changed_asks_for_a_path(road: Road, path: Any, wanted: bool) -> None:
    assert record_of(road).changed(path) is wanted
    assert record_of(road, old=NEW, new=OLD).changed(path) is wanted
    assert record_of(road, old=NEW, new=NEW).changed(path) is False


def test_changed_asks_for_values(road: Road) -> None:
    record = record_of(road)
    for old, new in product(
        [1, Decimal("1.0"), ..., 2, "1", True, None, [1]], [2, Decimal("2E0"), ..., 1, "2", {2}, None]
    ):
        wanted = old in (1, Decimal(1), ...) and old is not True and new in (2, ...)
        assert record.changed("n", old=old, new=new) is wanted, (old, new)
    assert record.changed("s", new={"a", "b"})
    assert record.changed("s", new=frozenset({"b", "a"}))
    assert not record.changed("s", new=["a", "b"])
    assert record.changed(("m", "l", 1), old="v", new="w")
    assert record.changed(("m", "l"), old=["u", "v"], new=("u", "w"))
    assert record.changed("m", old={"l": ["u", "v"], "x": None})
    assert not record.changed("id", old="a", new="a")


def test_null_is_a_value_and_absence_is_none(road: Road) -> None:
    record = record_of(road)
    assert record.changed(("m", "x"), old=None)
    assert not record.changed(("m", "x"), new=None)
    assert not record.changed(("m", "x"), old=None, new=None)
    assert record.changed("s", old=...)
    assert not record.changed("s", old=None)
    assert not record_of(road, "INSERT").changed("n", old=None)
    assert record_of(road, "INSERT").changed("n", old=..., new=2)
    assert record_of(road, "REMOVE").changed("n", old=1, new=...)
    assert not record_of(road, "REMOVE").changed("n", new=None)


@pytest.mark.parametrize("value", [1.0, float("nan"), [0.5], {"a": {"b": 1.5}}, {1.5}], ids=repr)
@pytest.mark.parametrize("side", ["old", "new"])
def test_a_float_is_refused_even_where_nothing_changed(road: Road, value: Any, side: str) -> None:
    for path in ("n", "id", "nothing"):
        with pytest.raises(MarshallError, match=r"a float is no exact number: write Decimal\(str\(value\)\)") as raised:
            record_of(road).changed(path, **{side: value})
        assert isinstance(raised.value, TypeError)
        assert raised.value.path[0] == side


@pytest.mark.parametrize("value", [object(), set(), {1, "x"}, Decimal("NaN"), 10**200 + 1, {1: 1}], ids=repr)
def test_what_no_attribute_can_be_is_refused(road: Road, value: Any) -> None:
    with pytest.raises(MarshallError) as raised:
        record_of(road).changed("nothing", old=value)
    assert raised.value.path[0] == "old"


@pytest.mark.parametrize(
    "path", [5, None, ["n"], b"n", (), ("n", -1), (0,), ("n", 1.0), ("n", True), ("n", None)], ids=repr
)
def test_what_is_no_path_is_refused(road: Road, path: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"path|position"):
        record_of(road).changed(path)


def test_changed_reads_no_more_than_it_must(road: Road) -> None:
    broken = {"N": "x"}
    record = record_of(road, old={**OLD, "z": broken}, new={**NEW, "z": {"N": "y"}})
    assert record.changed("n", old=1, new=2)
    assert not record.changed(("m", "l", 0))
    with pytest.raises(UnmarshallError) as raised:
        record.changed("z")
    assert raised.value.path == ("dynamodb", "OldImage", "z", "N")
    assert raised.value.sequence_number == NUMBER


MODES: list[dict[str, Any]] = [
    {"numbers": "float"},
    {"numbers": "int-float"},
    {"numbers": "str"},
    {"numbers": Fraction},
    {"binary": "raw"},
    {"sets": "list"},
]


def with_modes(road: Road, modes: Any, old: Any = OLD, new: Any = NEW) -> ImageDiff:
    (found,) = Batch.from_event(road([wire({"OldImage": old, "NewImage": new})]), **modes).diffs()
    assert found is not None
    return found


@pytest.mark.parametrize("modes", MODES, ids=str)
def test_values_that_are_not_exact_lead_nowhere(road: Road, modes: Any) -> None:
    found = with_modes(road, modes)
    assert {change.path for change in found} == PATHS
    for ask in (
        lambda: found.apply({}),
        lambda: found.revert({}),
        found.to_json_patch,
        lambda: found.to_json_patch(test=True),
        found.to_update_expression,
        lambda: found.to_update_expression(guard=True, values="attribute-values"),
    ):
        with pytest.raises(TailraceError, match='read the Batch with the modes "decimal", "bytes" and "set"'):
            ask()
    assert found.render()


@pytest.mark.parametrize(
    "modes", [{}, {"numbers": "decimal-strict"}, {"numbers": "int-decimal"}, {"binary": "boto3"}], ids=str
)
def test_values_that_are_exact_lead_there_and_back(road: Road, modes: Any) -> None:
    pytest.importorskip("boto3")
    old, new = {**OLD, "b": {"B": "aGk="}}, {**NEW, "b": {"B": "aG8="}}
    found = with_modes(road, modes, old, new)
    assert not diff(found.apply(found.old_item), found.new_item)
    assert not diff(found.revert(found.new_item), found.old_item)
    assert found.to_json_patch()
    assert found.to_update_expression(guard=True)["UpdateExpression"]


def test_the_modes_of_the_batch_make_the_values(road: Road) -> None:
    assert with_modes(road, {"numbers": "float"}).changed[("n",)] == (1.0, 2.0)
    assert with_modes(road, {"numbers": "str"}).changed[("n",)] == ("1", "2")
    assert with_modes(road, {"numbers": Fraction}).changed[("n",)] == (Fraction(1), Fraction(2))
    assert with_modes(road, {"sets": "list"}).added == {("s",): ["b", "a"]}
    assert with_modes(road, {"numbers": "float"}).new_item == {
        "id": "a",
        "n": 2.0,
        "m": {"l": ["u", "w"]},
        "s": {"a", "b"},
    }
    # What is the same is no change in any mode.
    near = {"n": {"N": "9007199254740993"}}, {"n": {"N": "9007199254740992"}}
    assert with_modes(road, {"numbers": "float"}, *near).changed == {("n",): (2.0**53, 2.0**53)}
    assert not with_modes(road, {"numbers": "str"}, {"n": {"N": "1"}}, {"n": {"N": "1.0"}})


@pytest.mark.parametrize("modes", [{}, *MODES, {"numbers": lambda text: [text]}], ids=str)
def test_diffs_in_any_mode_can_be_compared(road: Road, modes: Any) -> None:
    one, same = with_modes(road, modes), with_modes(road, modes)
    other = with_modes(road, modes, new={**NEW, "n": {"N": "3"}})
    assert (one == same, one != same, one == other) == (True, False, False)
    assert [*one] == [*same]


@pytest.mark.parametrize("shape", [*JSON_SHAPES, *(name for name in PYTHON_SHAPES if name not in JSON_SHAPES)])
def test_every_shape_of_an_event_has_diffs(shape: str) -> None:
    make = JSON_SHAPES.get(shape) or PYTHON_SHAPES[shape]
    event = make([wire({"OldImage": OLD, "NewImage": NEW}), wire({"OldImage": ...}), wire(eventName="REMOVE")])
    given = [event, json.dumps(event)] if shape in JSON_SHAPES else [event]
    for one in given:
        changed, unknown, went = Batch.from_event(one).diffs()
        assert {change.path for change in changed or ()} == PATHS
        assert unknown is None
        assert went is not None
        assert went.removed == {("id",): "a", ("n",): 1}


def test_a_batch_has_one_diff_for_each_record(road: Road) -> None:
    batch = Batch.from_event(road(make_event([{"id": "a"}, {"id": "b", "n": 1}, {"id": "c"}])))
    found = batch.diffs()
    assert [each and each.attributes for each in found] == [{"id"}, {"id", "n"}, {"id"}]
    assert found == [record.diff for record in batch]
    assert Batch.from_event(road({"Records": []})).diffs() == []
    assert [each and each.attributes for each in batch[1:].diffs()] == [{"id", "n"}, {"id"}]


def test_a_broken_payload_of_kinesis_is_the_error() -> None:
    record = only_record({"Records": [{"kinesis": {"sequenceNumber": NUMBER, "data": "?"}}]})
    for ask in (lambda: record.diff, lambda: record.changed("n")):
        with pytest.raises(EventFormatError, match="the payload is no DynamoDB change") as raised:
            ask()
        assert raised.value.sequence_number == NUMBER


def test_a_diff_outlives_its_record_and_its_event() -> None:
    found = make_record(old_image={"id": "a", "n": 1}, new_image={"id": "a", "n": 2}).diff
    gc.collect()
    assert found is not None
    assert found.changed == {("n",): (1, 2)}
    with pytest.raises(UnmarshallError) as raised:
        _ = read(json.dumps, {"OldImage": {"n": {"N": "x"}}}).diff
    assert raised.value.sequence_number == NUMBER


def test_eight_threads_read_one_diff(road: Road) -> None:
    record = record_of(road)
    start = threading.Barrier(8)
    found: list[list[Any]] = [[] for _ in range(8)]

    def work(mine: list[Any]) -> None:
        start.wait()
        for _ in range(50):
            one = record.diff
            assert one is not None
            mine.append((id(one), len(one), one.changed, one.added, one.removed, one.render(), one == record.diff))
            mine.append((one.to_dict(), [*one] == [*one], one.apply(record.old_image), one.to_update_expression()))
            mine.append((record.changed("n", old=1), record.changed("id")))

    threads = [threading.Thread(target=work, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found[0]) == 150
    assert all(mine == found[0] for mine in found)


class Witness:
    """Says when it is gone."""

    alive = 0

    def __init__(self) -> None:
        Witness.alive += 1

    def __del__(self) -> None:
        Witness.alive -= 1


class Value(dict[str, Any]):
    """An attribute value that can hold more."""

    held: Any = None


class Fresh(Mapping[str, Any]):
    """An image that makes its values when they are asked for."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.made: list[Value] = []

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter(["n"])

    def __getitem__(self, name: str) -> Any:
        self.made.append(Value(N=self.number))
        return self.made[-1]


def test_a_record_that_is_held_by_its_diff_is_collected() -> None:
    old, new = Fresh("1"), Fresh("2")
    record: Record | None = read(lambda event: event, {"OldImage": old, "NewImage": new})
    assert record is not None
    assert record.diff
    for image in (old, new):
        for value in image.made:
            value.held = (record, Witness())
        image.made.clear()
    del value
    assert Witness.alive
    record = None
    gc.collect()
    assert Witness.alive == 0


@pytest.mark.parametrize("what", ["diff", "change", "changes", "iterator"])
@pytest.mark.parametrize("on_the_wire", [False, True])
def test_a_diff_that_is_held_by_its_items_is_collected(what: str, on_the_wire: bool) -> None:
    from tailrace import diff_images

    old: Any = {"n": {"N": "1"}}
    new: Any = {"n": {"N": "2"}, "x": {"S": ""}}
    found = (diff_images if on_the_wire else diff)(old, new)
    change = next(iter(found))
    held = {"diff": found, "change": change, "changes": [*found], "iterator": iter(found)}[what]
    for item in (old, new["x"]):
        item["held"] = (held, Witness())
    del old, new, found, change, held, item
    assert Witness.alive == 2
    gc.collect()
    assert Witness.alive == 0
