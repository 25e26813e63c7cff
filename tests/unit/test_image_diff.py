"""ImageDiff: what it says of the changes between two items, on every road, and what it does not read for that."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tailrace import Batch, ImageDiff, MarshallError, diff, diff_images
from tests.reference.diff_roads import IMAGE_ROADS, OBJECT_ROADS, ROADS, Road, event, event_text, of_record, text
from tests.reference.one_record import read

every_road = pytest.mark.parametrize("road", [pytest.param(road, id=name) for name, road in ROADS.items()])
every_image_road = pytest.mark.parametrize("road", [pytest.param(road, id=name) for name, road in IMAGE_ROADS.items()])

OLD: dict[str, Any] = {
    "gone": None,
    "same": {"x": [1, {"y"}]},
    "m": {"a": 1, "b": {"c": "x"}, "gone": [1]},
    "l": [1, [2, 3], {"a": "x"}, "last"],
    "type": {"a": 1},
}
NEW: dict[str, Any] = {
    "type": [1],
    "came": {"a": [1]},
    "l": [1, [2, 4, 5], {"a": "y"}],
    "m": {"b": {"c": "z"}, "new": None, "a": 1},
    "same": {"x": [1, {"y"}]},
}


@every_road
def test_each_change_stands_at_its_place_in_the_order_of_the_new_item(road: Road) -> None:
    found = road(OLD, NEW)
    assert [(change.path, change.kind) for change in found] == [
        (("type",), "changed"),
        (("came",), "added"),
        (("l", 1, 1), "changed"),
        (("l", 1, 2), "added"),
        (("l", 2, "a"), "changed"),
        (("l", 3), "removed"),
        (("m", "b", "c"), "changed"),
        (("m", "new"), "added"),
        (("m", "gone"), "removed"),
        (("gone",), "removed"),
    ]
    assert found.added == {("came",): {"a": [1]}, ("l", 1, 2): 5, ("m", "new"): None}
    assert found.removed == {("l", 3): "last", ("m", "gone"): [1], ("gone",): None}
    assert found.changed == {
        ("type",): ({"a": 1}, [1]),
        ("l", 1, 1): (3, 4),
        ("l", 2, "a"): ("x", "y"),
        ("m", "b", "c"): ("x", "z"),
    }
    assert found.attributes == {"type", "came", "l", "m", "gone"}
    assert type(found.attributes) is frozenset
    assert (len(found), bool(found)) == (10, True)
    assert [list(part) for part in (found.added, found.removed, found.changed)] == [
        [change.path for change in found if change.kind == kind] for kind in ("added", "removed", "changed")
    ]


@every_road
def test_a_list_is_compared_by_position(road: Road) -> None:
    found = road({"l": ["a", "b"]}, {"l": ["new", "a", "b"]})
    assert found.changed == {("l", 0): ("a", "new"), ("l", 1): ("b", "a")}
    assert found.added == {("l", 2): "b"}
    assert road({"l": ["a", "b", "c"]}, {"l": []}).removed == {("l", 0): "a", ("l", 1): "b", ("l", 2): "c"}


@every_road
def test_a_long_list_is_compared_to_its_end(road: Road) -> None:
    old = list(range(1_000))
    assert road({"l": old}, {"l": [*old[:-1], "other"]}).changed == {("l", 999): (999, "other")}
    assert road({"l": old}, {"l": old[:-2]}).removed == {("l", 998): 998, ("l", 999): 999}
    assert road({"l": old}, {"l": [*old, "new"]}).added == {("l", 1000): "new"}


@every_road
def test_none_is_a_value_and_absence_is_none(road: Road) -> None:
    assert road({"k": 1}, {"k": 1, "a": None}).added == {("a",): None}
    assert road({"k": 1, "a": None}, {"k": 1}).removed == {("a",): None}
    assert road({"a": None}, {"a": 0}).changed == {("a",): (None, 0)}
    (change,) = road({"k": 1}, {"k": 1, "a": None})
    assert (change.kind, change.old, change.new, change.masked) == ("added", None, None, False)


@every_road
def test_an_item_that_was_not_there_or_is_no_more(road: Road) -> None:
    item = {"b": {"c": 1}, "a": [2]}
    came, went = road(None, item), road(item, None)
    assert list(came.added.items()) == [(("b",), {"c": 1}), (("a",), [2])]
    assert list(went.removed.items()) == [(("b",), {"c": 1}), (("a",), [2])]
    assert (came.removed, came.changed, went.added, went.changed) == ({}, {}, {}, {})
    assert (came.old_item, came.new_item) == (None, item)
    assert (went.old_item, went.new_item) == (item, None)
    assert (came.apply(None), came.revert(item), went.apply(item), went.revert(None)) == (item, None, None, item)


@pytest.mark.parametrize("make", [diff, diff_images])
def test_nothing_against_nothing_and_empty_items(make: Any) -> None:
    nothing = make(None, None)
    assert (list(nothing), nothing.attributes, nothing.old_item, nothing.new_item) == ([], frozenset(), None, None)
    assert nothing.apply(None) is None
    assert nothing.to_json_patch() == []
    for old, new in (({}, None), (None, {}), ({}, {})):
        found = make(old, new)
        assert (list(found), found.old_item, found.new_item) == ([], old, new)
        assert (found.apply(old), found.revert(new)) == (new, old)


def test_which_of_the_two_it_is_is_never_guessed() -> None:
    assert diff({"a": {"S": "x"}}, {"a": {"S": "y"}}).changed == {("a", "S"): ("x", "y")}
    assert diff_images({"a": {"S": "x"}}, {"a": {"S": "y"}}).changed == {("a",): ("x", "y")}
    with pytest.raises(MarshallError, match="an item is a mapping of attribute names and values, found bytes"):
        diff(b"{}", {})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", [str, str.encode, lambda t: bytearray(t.encode()), lambda t: memoryview(t.encode())])
def test_an_image_is_text_of_any_class(kind: Any) -> None:
    old, new = kind('{"a":{"N":"1"},"b":{"B":"aGk="}}'), kind(' {"b": {"B": "aGk="}, "a": {"N": "2"}}\n')
    assert diff_images(old, new).changed == {("a",): (1, 2)}
    assert diff_images(old, {"a": {"N": "1"}, "b": {"B": b"hi"}}).changed == {}
    assert diff_images(None, new).added == {("b",): b"hi", ("a",): 2}
    assert diff_images(old, None).removed == {("a",): 1, ("b",): b"hi"}


def test_text_that_is_changed_afterwards_changes_no_diff() -> None:
    old = bytearray(b'{"a":{"N":"1"}}')
    found = diff_images(old, b'{"a":{"N":"2"}}')
    old[:] = b'{"a":{"N":"7"}}'
    assert found.changed == {("a",): (1, 2)}


@every_road
@pytest.mark.parametrize("count", [2, 63, 64, 65, 1000])
@pytest.mark.parametrize("inside", [False, True])
def test_names_in_another_order_are_found(road: Road, count: int, inside: bool) -> None:
    names = [f"name {at}" for at in range(count)]
    orders = [names, names[::-1], names[1::2] + names[::2], names[count // 2 :] + names[: count // 2]]
    old: Any = {name: at for at, name in enumerate(names)}
    for order in orders:
        new: Any = {**{name: old[name] for name in order if name != names[-1]}, names[0]: "other", "new": 1}
        found = road({"m": old, "k": 0}, {"k": 0, "m": new}) if inside else road(old, new)
        around = ("m",) if inside else ()
        assert found.changed == {(*around, names[0]): (0, "other")}
        assert found.added == {(*around, "new"): 1}
        assert found.removed == {(*around, names[-1]): count - 1}


@every_road
def test_odd_names_are_names(road: Road) -> None:
    names = ["", " ", "S", "M", "a.b", "0", "\0", '"', "\\", "é", "e\u0301", "😀", "x" * 255, "n" * 8 + "é"]
    old, new = {name: {name: 1} for name in names}, {name: {name: 2} for name in reversed(names)}
    assert list(road(old, new).changed) == [(name, name) for name in reversed(names)]


@every_road
def test_a_diff_is_lazy_and_each_look_makes_new_containers(road: Road) -> None:
    found = road(OLD, NEW)
    for part in ("added", "removed", "changed"):
        look = getattr(found, part)
        look.clear()
        assert getattr(found, part)
        assert getattr(found, part) is not getattr(found, part)
    assert list(found) == list(found)


def test_the_values_of_items_are_the_objects_themselves() -> None:
    value, other = {"a": [1]}, [object()]
    old, new = {"x": value}, {"y": other}
    found = diff(old, new)
    assert found.removed[("x",)] is value
    assert found.added[("y",)] is other
    assert (found.old_item is old, found.new_item is new) == (True, True)


@pytest.mark.parametrize("road", ["dicts", "text"])
def test_no_value_is_made_before_it_is_asked_for(road: str) -> None:
    made: list[str] = []

    def number(text: str) -> Decimal:
        made.append(text)
        return Decimal(text)

    images = ({"k": {"N": "0"}, "n": {"N": "1"}, "x": {"N": "9"}}, {"k": {"N": "0"}, "n": {"N": "2"}, "y": {"N": "8"}})
    batch = Batch.from_event((event if road == "dicts" else event_text)(*images), numbers=number)
    (found,) = batch.diffs()
    assert found is not None
    _ = (bool(found), len(found), found.attributes, repr(found), list(map(repr, found)), list(map(hash, found)))
    _ = ([(each.path, each.kind, each.masked) for each in found], batch[0].diff, batch[0].changed("n", old=1, new=2))
    assert made == []
    assert found.added == {("y",): 8}
    assert made == ["8"]
    assert [each.old for each in found] == [1, None, 9]
    assert made == ["8", "1", "9"]


BROKEN = [{"N": "x"}, {"S": 5}, {"Q": "x"}, {"B": "?"}, {"L": [{"M": {"a": {"N": "x"}}}]}, {"NS": ["1", "x"]}, {}]


@every_image_road
@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_what_is_the_same_on_both_sides_is_not_read(road: Road, broken: Any) -> None:
    inside = {"M": {"l": {"L": [broken]}}}
    old = {"x": broken, "m": inside, "n": {"N": "1"}}
    for new in ({**old, "n": {"N": "2"}}, {"n": {"N": "2"}, "m": inside, "x": broken}):
        found = road(json.loads(text(old)), json.loads(text(new)))
        assert found.changed == {("n",): (1, 2)}


def test_objects_that_are_the_same_are_not_looked_into() -> None:
    class Unread(dict[str, Any]):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("it was compared")

        __hash__ = None  # type: ignore[assignment]

    same = {"M": {"a": object()}}
    unread = Unread({"M": 5})
    for road in OBJECT_ROADS.values():
        found = road({"x": same, "y": unread, "n": {"N": "1"}}, {"n": {"N": "2"}, "y": unread, "x": same})
        assert found.attributes == {"n"}


def test_diffs_with_the_same_changes_are_equal_wherever_they_come_from() -> None:
    found = [road(OLD, NEW) for road in ROADS.values()]
    assert all(one == other for one in found for other in found)
    assert found[0] == diff({**OLD, "unchanged": 1}, {"unchanged": 1, **dict(reversed(NEW.items()))})
    assert diff({"n": 1}, {"n": 2}) == diff({"n": Decimal("1.0")}, {"n": 2.0})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"n": 1}, {"n": 3}),
        ({"n": 0}, {"n": 2}),
        ({"n": 1}, {"n": True}),
        ({"n": 1}, {}),
        ({}, {"n": 2}),
        ({"m": 1}, {"m": 2}),
        ({"n": {"n": 1}}, {"n": {"n": 2}}),
        ({"n": 1, "x": 1}, {"n": 2, "x": 2}),
        ({}, {}),
    ],
)
def test_diffs_with_other_changes_differ(old: Any, new: Any) -> None:
    one, other = diff({"n": 1}, {"n": 2}), diff(old, new)
    assert (one != other, one == other, other == one) == (True, False, False)
    assert [*one] != [*other]


def test_a_diff_is_no_other_thing() -> None:
    found = diff({"n": 1}, {"n": 2})
    assert found != {("n",): (1, 2)}
    assert found != [*found]
    assert next(iter(found)) != ("n",)
    with pytest.raises(TypeError, match="unhashable type"):
        hash(found)
    with pytest.raises(TypeError, match="cannot create"):
        ImageDiff()
    with pytest.raises(AttributeError):
        found.added = {}  # type: ignore[misc]


def test_changes_are_equal_by_what_they_say() -> None:
    ((one,), (other,)) = (diff({"n": 1}, {"n": 2}), of_record(event({"n": {"N": "1.0"}}, {"n": {"N": "2"}})))
    assert one == other
    assert hash(one) == hash(other)
    assert {one} == {other}
    assert len({*diff({"n": 1, "m": 1}, {"n": 2}), *diff({"n": 1}, {"n": 3}), one}) == 3


def test_a_change_is_matched_as_a_pattern() -> None:
    changes = [*diff({"a": 1, "b": {"c": 2}}, {"a": 3, "d": None})]
    change_type = type(changes[0])
    assert change_type.__match_args__ == ("path", "kind", "old", "new")
    found = []
    for change in changes:
        match change:
            case change_type(("b",), "removed", {"c": value}, None):
                found.append(("removed", value))
            case change_type((str(name),), "added", new=value, masked=False):
                found.append((name, value))
            case change_type(path=("a",), old=int(old), new=new):
                found.append(("a", old, new))
    assert found == [("a", 1, 3), ("d", None), ("removed", 2)]


@every_road
def test_no_repr_shows_a_value(road: Road) -> None:
    found = road({"k": 1, "a": "s3cret-1", "b": {"x": "s3cret-2"}}, {"k": 1, "a": "s3cret-3", "c": {"s3cret-4"}})
    assert repr(found) == str(found) == "<ImageDiff 1 added, 1 removed, 1 changed>"
    changes = ["<Change changed ('a',)>", "<Change added ('c',)>", "<Change removed ('b',)>"]
    assert [repr(change) for change in found] == [str(change) for change in found] == changes


def test_a_change_outlives_its_diff() -> None:
    changes = [*of_record(json.dumps(event({"n": {"N": "1"}}, {"n": {"N": "2"}})))]
    assert [(each.path, each.old, each.new) for each in changes] == [(("n",), 1, 2)]


def test_a_record_keeps_its_diff(road: Any) -> None:
    record = read(road)
    assert record.diff is record.diff
