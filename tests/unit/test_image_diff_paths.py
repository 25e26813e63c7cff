"""Paths of a diff: chosen, passed by and masked, on every road that takes options; and lists as a whole."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tailrace import TailraceError, UnmarshallError, diff, diff_images, dumps
from tests.reference.diff_roads import OPTION_ROADS, Road, text

every_road = pytest.mark.parametrize("road", [pytest.param(road, id=name) for name, road in OPTION_ROADS.items()])

OLD: dict[str, Any] = {"id": 1, "at": {"city": "Bern", "zip": "1"}, "l": [{"a": 1, "b": 1}, 2], "gone": {"x": 1}}
NEW: dict[str, Any] = {"at": {"zip": "2", "city": "Basel"}, "l": [{"b": 2, "a": 2}, 3, 4], "id": 2, "came": {"x": 2}}
ALL = ["at.zip", "at.city", "l.0.b", "l.0.a", "l.1", "l.2", "id", "came", "gone"]


def told(found: Any) -> list[str]:
    return [".".join(map(str, change.path)) for change in found]


@every_road
def test_without_options_everything_is_told(road: Road) -> None:
    assert told(road(OLD, NEW)) == ALL
    assert told(road(OLD, NEW, lists="positional", ignore=(), only=[], mask=set())) == ALL


@every_road
@pytest.mark.parametrize(
    ("ignore", "wanted"),
    [
        ("at", ["l.0.b", "l.0.a", "l.1", "l.2", "id", "came", "gone"]),
        (["at", ("l", 0)], ["l.1", "l.2", "id", "came", "gone"]),
        ([("at", "city")], ["at.zip", "l.0.b", "l.0.a", "l.1", "l.2", "id", "came", "gone"]),
        ([("l", 0, "a"), ("l", 2)], ["at.zip", "at.city", "l.0.b", "l.1", "id", "came", "gone"]),
        (["gone", "came", "id"], ["at.zip", "at.city", "l.0.b", "l.0.a", "l.1", "l.2"]),
        ([("came", "x")], ALL),  # a map that came is told with all of its value
        (["city", ("l", "0"), ("at", 0), ("id", "x"), "at.city"], ALL),  # none of them is a path of the items
    ],
)
def test_what_is_ignored_is_not_looked_at(road: Road, ignore: Any, wanted: list[str]) -> None:
    assert told(road(OLD, NEW, ignore=ignore)) == wanted


@every_road
@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        ("at", ["at.zip", "at.city"]),
        ([("at", "city")], ["at.city"]),
        ([("at", "city"), "at"], ["at.zip", "at.city"]),
        ([("l", 0)], ["l.0.b", "l.0.a"]),
        ([("l", 1), ("l", 2)], ["l.1", "l.2"]),
        ([("came", "x"), ("gone", "x")], ["came.x", "gone.x"]),
        ([("came", "y"), ("id", "x"), ("l", "0"), "nothing"], []),
    ],
)
def test_only_what_is_chosen_is_looked_at(road: Road, only: Any, wanted: list[str]) -> None:
    assert told(road(OLD, NEW, only=only)) == wanted


@every_road
def test_what_is_not_looked_at_is_not_read(road: Road) -> None:
    nothing = diff({}, {})
    old, new = {"updatedAt": {"N": "x"}, "n": {"N": "1"}}, {"updatedAt": {"N": "y"}, "n": {"N": "1"}}
    for old_image, new_image in ((old, new), (text(old), text(new)), (text(old), new)):
        assert diff_images(old_image, new_image, ignore="updatedAt") == nothing
        assert diff_images(old_image, new_image, only="n") == nothing


@every_road
def test_a_part_of_what_came_is_added_by_itself(road: Road) -> None:
    found = road(
        {"k": 1, "b": "x"}, {"k": 1, "a": {"x": {"y": 1}, "z": 2}, "b": {"x": 1}}, only=[("a", "x"), ("b", "x")]
    )
    assert found.added == {("a", "x"): {"y": 1}, ("b", "x"): 1}
    assert (found.removed, found.changed) == ({}, {})


@every_road
def test_choosing_and_passing_by_go_together(road: Road) -> None:
    assert told(road(OLD, NEW, only=["at", "l"], ignore=[("at", "zip"), ("l", 0, "a")])) == [
        "at.city",
        "l.0.b",
        "l.1",
        "l.2",
    ]
    assert told(road(OLD, NEW, only=[("at", "zip")], ignore="at")) == []


@every_road
def test_a_list_as_a_whole_is_one_change(road: Road) -> None:
    found = road(OLD, NEW, lists="whole")
    assert told(found) == ["at.zip", "at.city", "l", "id", "came", "gone"]
    assert found.changed[("l",)] == (OLD["l"], NEW["l"])
    assert told(road({"l": [[1], {"m": [2]}]}, {"l": [[Decimal("1.0")], {"m": [2]}]}, lists="whole")) == []
    assert told(road({"m": {"l": [[1]]}}, {"m": {"l": [[2]]}}, lists="whole")) == ["m.l"]
    assert told(road(OLD, NEW, lists="whole", ignore=[("l", 0), ("l", 1), ("l", 2)])) == [
        "at.zip",
        "at.city",
        "id",
        "came",
        "gone",
    ]
    found = road(OLD, NEW, lists="whole")
    assert (found.apply(OLD), found.revert(NEW)) == (NEW, OLD)


SECRETS = ("s3cret-0", "s3cret-1", "s3cret-2", "s3cret-name", "733363726574")
MASKED: list[tuple[Any, Any, Any, str]] = [
    ({"k": 1, "t": "s3cret-0"}, {"k": 1, "t": "s3cret-1"}, "t", "~ t: (masked)"),
    ({"k": 1}, {"k": 1, "t": "s3cret-0"}, ["t"], "+ t: (masked)"),
    ({"k": 1, "t": b"s3cret-0"}, {"k": 1}, [("t",)], "- t: (masked)"),
    (None, {"t": "s3cret-0"}, "t", "+ t: (masked)"),
    ({"t": {"s3cret-0"}}, None, "t", "- t: (masked)"),
    ({"t": "s3cret-0"}, {"t": ["s3cret-1", {"s3cret-name": 1}]}, "t", "~ t: (masked)"),
    ({"t": {"s3cret-name": 1}}, {"t": {"s3cret-name": 2}}, "t", "~ t: (masked)"),
    ({"t": {"a": "s3cret-0"}}, {"t": {"a": "s3cret-1", "s3cret-name": 1}}, "t", "~ t: (masked)"),
    ({"t": ["s3cret-0"]}, {"t": []}, "t", "~ t: (masked)"),
    ({"m": {"t": "s3cret-0", "n": 1}}, {"m": {"t": "s3cret-1", "n": 1}}, [("m", "t")], "~ m.t: (masked)"),
    ({"k": 1}, {"k": 1, "m": {"t": "s3cret-0", "n": 1}}, [("m", "t")], "+ m: (masked)"),
    ({"k": 1, "m": {"o": {"t": "s3cret-0"}}}, {"k": 1}, [("m", "o", "t")], "- m: (masked)"),
    ({"m": {"t": "s3cret-0"}}, {"m": "s3cret-1"}, [("m", "t")], "~ m: (masked)"),
    ({"l": [{"t": "s3cret-0"}]}, {"l": [{"t": "s3cret-1"}]}, [("l", 0, "t")], "~ l[0].t: (masked)"),
    ({"l": []}, {"l": [{"t": "s3cret-0"}]}, [("l", 0, "t")], "+ l[0]: (masked)"),
    ({"l": ["s3cret-0"]}, {"l": {"s3cret-1"}}, [("l", 0)], "~ l: (masked)"),
]


@every_road
@pytest.mark.parametrize(("old", "new", "mask", "line"), MASKED, ids=[case[3] for case in MASKED])
def test_what_is_masked_is_told_and_shown_nowhere(road: Road, old: Any, new: Any, mask: Any, line: str) -> None:
    found = road(old, new, mask=mask)
    assert found.render() == line
    (change,) = found
    assert (change.masked, change.old, change.new) == (True, None, None)
    assert [*found.added.values(), *found.removed.values()] in ([], [None])
    assert [*found.changed.values()] in ([], [(None, None)])
    assert found.to_dict() == {"changes": [{"path": [*change.path], "kind": change.kind, "masked": True}]}
    for shown in looks(found):
        assert not [secret for secret in SECRETS if secret in shown], shown


def looks(found: Any) -> list[str]:
    """All that can be seen of a diff, as text."""
    asks = [
        lambda: (found, [*found], found.added, found.removed, found.changed, found.attributes),
        lambda: [(each.path, each.kind, each.old, each.new, each.masked) for each in found],
        lambda: (found.render(), found.render(color=True), json.dumps(found.to_dict()), dumps(found.to_dict())),
        lambda: found.old_item,
        lambda: found.new_item,
        lambda: found.apply({}),
        lambda: found.revert({}),
        found.to_json_patch,
        lambda: found.to_json_patch(test=True),
        found.to_update_expression,
        lambda: found.to_update_expression(guard=True, values="attribute-values"),
    ]
    return [_look(ask) for ask in asks]


def _look(ask: Any) -> str:
    try:
        return repr(ask())
    except TailraceError as error:
        return f"{error!r} {error} {error.__cause__} {error.__context__}"


@every_road
def test_what_changed_beside_a_mask_is_shown(road: Road) -> None:
    found = road(OLD, NEW, mask=["id", ("at", "city"), ("l", 0, "a"), "nothing"])
    assert told(found) == ALL
    assert [".".join(map(str, each.path)) for each in found if each.masked] == ["at.city", "l.0.a", "id"]
    assert found.changed[("at", "zip")] == ("1", "2")
    assert found.changed[("id",)] == (None, None)


@every_road
def test_what_is_masked_and_the_same_is_not_told(road: Road) -> None:
    item = {"t": {"a": 1, "b": [{"x"}]}, "k": 1}
    assert told(road(item, {"k": 1, "t": {"b": [{"x"}], "a": Decimal("1.0")}}, mask=["t", ("t", "b", 0)])) == []


@every_road
def test_a_mask_goes_with_the_other_options(road: Road) -> None:
    assert told(road(OLD, NEW, mask="at", ignore=[("at", "city"), ("at", "zip")], only="at")) == []
    found = road(OLD, NEW, mask=[("l", 0, "a")], lists="whole", only="l")
    assert [(each.path, each.masked) for each in found] == [(("l",), True)]
    found = road(OLD, NEW, mask="came", only=[("came", "x"), "id"])
    assert [(each.path, each.masked) for each in found] == [(("id",), False), (("came", "x"), True)]


def test_masked_changes_are_equal_whatever_they_hide() -> None:
    one, other = diff({"t": 1}, {"t": 2}, mask="t"), diff({"t": 3}, {"t": 4}, mask="t")
    assert one == other
    assert one != diff({"t": 1}, {"t": 2})
    kinds = [one, diff({}, {"t": 1}, mask="t"), diff({"t": 1}, {}, mask="t")]
    assert [[first == second for second in kinds] for first in kinds] == [
        [first is second for second in kinds] for first in kinds
    ]


@pytest.mark.parametrize(
    ("old", "new", "mask"),
    [
        ({"t": {"s3cret-name": "s3cret-0"}}, {"t": {"s3cret-name": "s3cret-1"}}, "t"),
        ({"t": {"M": {"s3cret-name": {"N": "s3cret-0"}}}}, {"t": {"M": {"s3cret-name": {"N": "1"}}}}, "t"),
        ({"t": {"L": [{"s3cret-0": 1}]}}, {"t": {"L": [{"S": "x"}]}}, "t"),
        ({"m": {"M": {"t": {"s3cret-0": 1}}}}, {"m": {"M": {"t": {"S": "1"}}}}, [("m", "t")]),
        ({"l": {"L": [{"M": {"s3cret-name": 1}}]}}, {"l": {"L": [{"M": {"s3cret-name": {"S": ""}}}]}}, [("l", 0)]),
        ({"t": {"M": {"s3cret-name": {"N": "1"}}}}, {"t": {"M": {"s3cret-name": {"N": "s3cret-0"}}}}, "t"),
    ],
)
def test_no_error_says_what_is_inside_of_a_masked_value(old: Any, new: Any, mask: Any) -> None:
    for old_image, new_image in ((old, new), (text(old), text(new)), (text(old), new), (old, text(new))):
        with pytest.raises(TailraceError) as raised:
            diff_images(old_image, new_image, mask=mask)
        shown = f"{raised.value!r} {raised.value} {raised.value.__cause__} {raised.value.__context__}"
        assert raised.value.message == "a masked value is broken"
        assert not [secret for secret in SECRETS if secret in shown], shown


def test_a_name_that_stands_twice_inside_of_a_masked_value_is_not_told() -> None:
    twice = '{"t":{"M":{"s3cret-name":{"S":""},"s3cret-name":{"S":""}}}}'
    for other in ('{"t":{"M":{}}}', {"t": {"M": {}}}):
        with pytest.raises(TailraceError, match=r"a masked value is broken \(at old_image\.t\)"):
            diff_images(twice, other, mask="t")


def test_no_error_of_items_says_what_is_inside_of_a_masked_value() -> None:
    old, new = {"m": {"t": {"s3cret-name": 1}}}, {"m": {"t": {"s3cret-name": object()}}}
    for options in ({}, {"only": [("m", "t", "s3cret-name")]}):
        with pytest.raises(TailraceError, match=r"a masked value is broken \(at new\.m\.t\)") as raised:
            diff(old, new, mask=[("m", "t")], **options)
        assert raised.value.path == ("new", "m", "t")
    with pytest.raises(TailraceError, match=r"object is no attribute value.*\(at old\.m\.x\)"):
        diff({"m": {"x": object()}}, {"m": {"x": 1}}, mask=[("m", "t")])


@every_road
@pytest.mark.parametrize(
    "option", [{"ignore": "x"}, {"only": "id"}, {"mask": ["x"]}, {"ignore": [("at", "zip")]}], ids=str
)
def test_a_diff_that_may_not_tell_all_leads_nowhere(road: Road, option: Any) -> None:
    found = road(OLD, NEW, **option)
    for ask in (
        lambda: found.apply(OLD),
        lambda: found.revert(NEW),
        found.to_json_patch,
        lambda: found.to_json_patch(test=True),
        found.to_update_expression,
        lambda: found.to_update_expression(keys="id", guard=True, values="attribute-values"),
    ):
        with pytest.raises(TailraceError, match="made with ignore=, only= or mask= does not lead to the new item"):
            ask()
    assert found.render()
    assert found.to_dict()["changes"]


@every_road
def test_whole_items_are_shown_unless_something_is_masked(road: Road) -> None:
    for option in ({"ignore": "at"}, {"only": "id"}):
        found = road(OLD, NEW, **option)
        assert (found.old_item, found.new_item) == (OLD, NEW)
    found = road(OLD, NEW, mask="nothing")
    for side in ("old_item", "new_item"):
        with pytest.raises(TailraceError, match="a diff made with mask= shows no whole item: make one without it"):
            getattr(found, side)


@pytest.mark.parametrize("make", [diff, diff_images])
@pytest.mark.parametrize("option", ["ignore", "only", "mask"])
@pytest.mark.parametrize(
    ("paths", "kind", "message"),
    [
        (5, TypeError, "paths are given as a list or another iterable"),
        (None, TypeError, "paths are given as a list or another iterable"),
        ([5], TypeError, "a path is a str, or a tuple of str and int"),
        ([["a"]], TypeError, "a path is a str, or a tuple of str and int"),
        ([b"a"], TypeError, "a path is a str, or a tuple of str and int"),
        ([("a", 1.0)], TypeError, "a path is a str, or a tuple of str and int"),
        ([("a", True)], TypeError, "a path is a str, or a tuple of str and int"),
        (("a", 1), TypeError, "a tuple of names may mean one path or several"),
        (("a", "b"), TypeError, "a tuple of names may mean one path or several"),
        ([("a", "\ud800")], ValueError, "half of a surrogate pair"),
        ("\ud800", ValueError, "half of a surrogate pair"),
        ([("a",) * 130], ValueError, "a path has at most 129 steps"),
        ([("a",) * 1_000_000], ValueError, "a path has at most 129 steps"),
        ([()], ValueError, "a path begins with the name of an attribute"),
        ([(0, "a")], ValueError, "a path begins with the name of an attribute"),
        ([("a", -1)], ValueError, "a position of a list is counted from 0"),
        ([("a", 2**64)], ValueError, "a position of a list is counted from 0, in 64 bits"),
    ],
)
def test_what_is_no_path_is_refused(make: Any, option: str, paths: Any, kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message) as raised:
        make({}, {}, **{option: paths})
    assert type(raised.value) is kind


@pytest.mark.parametrize("make", [diff, diff_images])
@pytest.mark.parametrize("lists", ["", "Whole", "whole ", None, 1, True, b"whole"])
def test_what_is_no_way_to_compare_lists_is_refused(make: Any, lists: Any) -> None:
    with pytest.raises(ValueError, match='lists is "positional" or "whole"'):
        make({}, {}, lists=lists)


def test_options_are_named() -> None:
    with pytest.raises(TypeError, match="positional arguments"):
        diff({}, {}, "whole")  # type: ignore[misc]
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        diff_images({}, {}, masks=())  # type: ignore[call-arg]


def test_paths_come_from_any_iterable() -> None:
    for paths in (["at", "l"], ("at", ("l",)), {"at", "l"}, iter(["at", "l"]), dict.fromkeys(("at", "l"))):
        assert diff(OLD, NEW, only=paths).attributes == {"at", "l"}


def test_an_error_around_a_masked_path_tells_nothing_of_the_value() -> None:
    broken = {"card": {"4111 1111": "12/29"}}
    with pytest.raises(UnmarshallError, match=r"a masked value is broken \(at new_image\.card\)") as raised:
        diff_images({"card": {"M": {}}}, broken, mask=[("card", "number", "x")])
    assert "4111" not in str(raised.value)
