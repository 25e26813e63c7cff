"""A diff is that of the plain reference, wherever the two items come from, and leads from one to the other."""

from __future__ import annotations

import copy
import random
from collections import Counter, OrderedDict, UserDict
from collections.abc import Iterable
from decimal import Context, Decimal
from functools import partial
from typing import Any

import pytest
from boto3.dynamodb.types import Binary
from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace import diff, diff_images, marshall
from tailrace.testing import strategies as kit
from tests.properties.strategies import write
from tests.reference.diff_roads import ROADS, Road, by_hand, event, image, in_json, text
from tests.reference.edits import Edits
from tests.reference.exact import exact
from tests.reference.plain_diff import ABSENT, Path, held, plain_diff
from tests.reference.roads import only_record

Item = dict[str, Any]
Change = tuple[Path, str, Any, Any, bool]
# Drawing whole items takes long.
fewer = settings(max_examples=60)
LISTS = st.sampled_from(("positional", "whole"))
# Of a hand only the seed is drawn: one text takes hundreds of choices.
HANDS = st.integers(0, 2**32).map(random.Random)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Item, Item]:
    """An item and what became of it, or two that have nothing to do with each other."""
    old, other = draw(kit.items()), draw(kit.items())
    old |= {"list": [*other.values(), {"inner": [*other.values()]}]}
    # An image in a record always has the key.
    old["key"] = other["key"] = "k"
    if draw(st.sampled_from((True, True, True, False))):
        edits = Edits(random.Random(draw(st.integers(0, 2**32))), [*old.values(), *other.values()])
        return old, edits.item(old) | {"key": "k"}
    return old, other


def told(changes: Iterable[Any]) -> list[Change]:
    """What changes say, by what DynamoDB holds."""
    return [(each.path, each.kind, held(each.old), held(each.new), each.masked) for each in changes]


# Texts are in the handwriting of a stranger.
every_road = pytest.mark.parametrize(
    "road", [pytest.param(partial(by_hand, name, write=write), id=name) for name in ROADS]
)


@every_road
@fewer
@given(pairs(), HANDS)
def test_the_changes_are_those_of_the_reference(road: Road, pair: tuple[Item, Item], by: random.Random) -> None:
    old, new = pair
    reference = plain_diff(old, new)
    found = road(old, new, by)
    assert told(found) == told(reference)
    assert (bool(found), len(found)) == (bool(reference.changes), len(reference))
    assert found.attributes == reference.attributes
    assert held_values(found.added) == held_values(reference.added)
    assert held_values(found.removed) == held_values(reference.removed)
    assert held_values(found.changed) == held_values(reference.changed)
    assert found == diff(old, new)


def held_values(found: dict[Path, Any]) -> dict[Path, Any]:
    return {path: held(value) for path, value in found.items()}


@every_road
@fewer
@given(kit.items(), HANDS)
def test_an_item_and_itself_or_nothing(road: Road, item: Item, by: random.Random) -> None:
    item["key"] = "k"
    assert not road(item, copy.deepcopy(item), by)
    assert not road(item, dict(reversed(item.items())), by)
    came, went = road(None, item, by), road(item, None, by)
    assert told(came) == [((name,), "added", held(None), held(value), False) for name, value in item.items()]
    assert told(went) == [((name,), "removed", held(value), held(None), False) for name, value in item.items()]
    assert (held(came.apply(None)), came.revert(item)) == (held(item), None)
    assert (went.apply(item), held(went.revert(None))) == (None, held(item))


MIRRORED = {"added": "removed", "removed": "added", "changed": "changed"}


@every_road
@fewer
@given(pairs(), HANDS)
def test_a_diff_mirrors_the_other_way(road: Road, pair: tuple[Item, Item], by: random.Random) -> None:
    there, back = road(*pair, by), road(*pair[::-1], by)
    mirrored = [(path, MIRRORED[kind], new, old, masked) for path, kind, old, new, masked in told(back)]
    assert Counter(told(there)) == Counter(mirrored)
    assert (there == back) == (not there)


@every_road
@fewer
@given(pairs(), HANDS)
def test_apply_and_revert_lead_there_and_back(road: Road, pair: tuple[Item, Item], by: random.Random) -> None:
    old, new = pair
    before = exact(copy.deepcopy(pair))
    found = road(old, new, by)
    assert held(found.apply(old)) == held(new)
    assert held(found.revert(new)) == held(old)
    assert exact(pair) == before


class Name(str):
    """A str that is one of DynamoDB's all the same."""

    __slots__ = ()


def other_classes(value: Any, by: random.Random) -> Any:
    """The same value for DynamoDB, in classes and in an order of another writer."""
    if isinstance(value, dict):
        members = [(name, other_classes(member, by)) for name, member in value.items()]
        return by.choice((dict, UserDict, OrderedDict))(by.sample(members, len(members)))
    if isinstance(value, list):
        return by.choice((list, tuple))(other_classes(each, by) for each in value)
    if isinstance(value, set):
        return by.choice((set, frozenset))(other_classes(each, by) for each in value)
    if isinstance(value, bytes):
        return by.choice((bytes, Binary))(value)
    if isinstance(value, Decimal):
        is_short_integer = value == value.to_integral_value() and value.adjusted() < 60
        return int(value) if is_short_integer and by.random() < 0.7 else value.normalize(Context(prec=38))
    return Name(value) if isinstance(value, str) and by.random() < 0.5 else value


@fewer
@given(pairs(), HANDS)
def test_classes_and_order_do_not_matter(pair: tuple[Item, Item], by: random.Random) -> None:
    old, new = (other_classes(item, by) for item in pair)
    assert not diff(pair[0], old)
    assert not diff(old, pair[0])
    assert Counter(told(diff(old, new))) == Counter(told(plain_diff(*pair)))
    assert diff(old, new) == diff(*pair)


def respelled(image: Any, by: random.Random) -> Any:
    """The same attribute values, written by somebody else."""
    if isinstance(image, list):
        return [respelled(each, by) for each in image]
    if not isinstance(image, dict):
        return image
    ((tag, payload),) = image.items()
    if tag == "N":
        return {tag: spelling(payload, by)}
    if tag in ("SS", "NS", "BS"):
        return {tag: by.sample([spelling(each, by) if tag == "NS" else each for each in payload], len(payload))}
    return {tag: respelled_item(payload, by) if tag == "M" else respelled(payload, by)}


def respelled_item(item: Item, by: random.Random) -> Item:
    return {name: respelled(item[name], by) for name in by.sample(list(item), len(item))}


def spelling(number: str, by: random.Random) -> str:
    value = Decimal(number)
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    text = "-" * sign + "".join(map(str, digits))
    return by.choice(
        (number, f"{text}E{exponent}", f"{text}0e{exponent - 1}", f"{text}.0E+{exponent}".replace("+-", "-"))
    )


@fewer
@given(pairs(), HANDS)
def test_spelling_and_order_do_not_matter(pair: tuple[Item, Item], by: random.Random) -> None:
    old, new = (marshall(item) for item in pair)
    assert not diff_images(old, respelled_item(old, by))
    found = diff_images(text(old), text(respelled_item(new, by)))
    assert Counter(told(found)) == Counter(told(plain_diff(*pair)))
    assert found == diff(*pair)


def paths_of(value: Any, around: Path = ()) -> list[Path]:
    """Every path of a value, and some that lead to nothing."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [path for step, member in inside for path in paths_of(member, (*around, step))]
    return [*([around] if around else []), *below, *([(*around, "nothing")] if isinstance(value, dict) else [])]


@st.composite
def pairs_and_paths(draw: st.DrawFn) -> tuple[Item, Item, list[list[Path]]]:
    old, new = draw(pairs())
    some = st.lists(st.sampled_from([*paths_of(old), *paths_of(new)]), max_size=3)
    return old, new, [draw(some) for _ in range(3)]


@settings(max_examples=200)
@given(pairs_and_paths(), LISTS, st.sampled_from(("items", "objects", "text")), HANDS)
def test_paths_are_chosen_passed_by_and_hidden(
    drawn: tuple[Item, Item, list[list[Path]]], lists: Any, form: str, by: random.Random
) -> None:
    old, new, (ignore, only, mask) = drawn
    reference = plain_diff(old, new, lists=lists, ignore=ignore, only=only, mask=mask)
    options: Any = {"lists": lists, "ignore": ignore, "only": only, "mask": mask}
    if form == "items":
        found = diff(old, new, **options)
    elif form == "objects":
        found = diff_images(image(old), image(new), **options)
    else:
        found = diff_images(*(write(in_json(image(item)), by) for item in (old, new)), **options)
    assert Counter(told(found)) == Counter(told(reference))
    if not only:
        assert told(found) == told(reference)
    for part in ("added", "removed", "changed"):
        assert held_values(getattr(found, part)) == held_values(getattr(reference, part))
    assert found.attributes == reference.attributes


@settings(max_examples=200)
@given(pairs_and_paths(), HANDS)
def test_a_record_is_asked_for_one_path(drawn: tuple[Item, Item, list[list[Path]]], by: random.Random) -> None:
    old, new, paths = drawn
    record = event(image(old), image(new))
    of_dicts, of_bytes = only_record(record), only_record(write(in_json(record), by))
    for path in paths[0]:
        changed = bool(plain_diff(old, new, only=[path]).changes)
        before, after = value_at(old, path), value_at(new, path)
        for one in (of_dicts, of_bytes):
            assert one.changed(path) == changed
            if before is ABSENT:
                assert one.changed(path, old=None) is False
            else:
                assert one.changed(path, old=before) == changed
                assert one.changed(path, old=before, new=before) is False
            if after is ABSENT:
                assert one.changed(path, new=None) is False
            else:
                assert one.changed(path, new=after) == changed
                assert one.changed(path, new=[after]) is False


def value_at(value: Any, path: Path) -> Any:
    for step in path:
        inside = (isinstance(value, dict) and step in value) or (isinstance(value, list) and step in range(len(value)))
        if not inside or isinstance(value, dict) != isinstance(step, str):
            return ABSENT
        value = value[step]
    return value
