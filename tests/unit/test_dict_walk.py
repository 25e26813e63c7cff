"""Dicts of every make are read whole and in order, also where they are read in place."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import build_info, diff, marshall, unmarshall

READ_IN_PLACE = {(3, 11), (3, 12), (3, 13), (3, 14)}


def test_dicts_are_read_in_place_where_their_layout_is_known() -> None:
    """A Python that lays them out in another way is slower and not wrong; it should be known of."""
    in_place = build_info()["wheel"] == "version-specific" and sys.version_info[:2] in READ_IN_PLACE
    assert build_info()["dicts"] == ("in place" if in_place else "PyDict_Next")


def plain(count: int) -> dict[str, Any]:
    return {f"name {at}": {"N": str(at)} for at in range(count)}


def with_gaps(count: int) -> dict[str, Any]:
    """Every second one was deleted, the first and the last too."""
    made = plain(2 * count + 1)
    for at in range(0, 2 * count + 1, 2):
        del made[f"name {at}"]
    return made


def emptied(count: int) -> dict[str, Any]:
    made = plain(count + 5)
    made.clear()
    return made | plain(count)


def shuffled(count: int) -> dict[str, Any]:
    """Names went and came back, so that the order is another one than that of the first insertions."""
    made = plain(count)
    for name in random.Random(count).sample(list(made), count // 2):
        made[name] = made.pop(name)
    return made


def of_an_instance(count: int) -> dict[str, Any]:
    """Its names may be shared with other instances of the class."""
    made = type("Item", (), {})()
    for at in range(count):
        setattr(made, f"name{at}", {"N": str(at)})
    return vars(made)


def outside_ascii(count: int) -> dict[str, Any]:
    return {f"Größe {at} 大": {"N": str(at)} for at in range(count)}


def with_odd_names(count: int) -> dict[str, Any]:
    """A table that once held a name that is no str is of another kind for good."""
    made: dict[Any, Any] = {1: None} | plain(count)
    del made[1]
    return made


class Name(str):
    __slots__ = ()


def with_names_of_a_subclass(count: int) -> dict[str, Any]:
    return {Name(name): value for name, value in plain(count).items()}


MAKES = [plain, with_gaps, emptied, shuffled, of_an_instance, outside_ascii, with_odd_names, with_names_of_a_subclass]


@pytest.mark.parametrize("count", [0, 1, 2, 5, 6, 11, 130, 1000])
@pytest.mark.parametrize("make", MAKES)
def test_every_member_is_read_in_order(make: Callable[[int], dict[str, Any]], count: int) -> None:
    made = make(count)
    wanted = [(name, int(value["N"])) for name, value in made.items()]
    read = unmarshall(made)
    assert list(read.items()) == wanted
    assert list(unmarshall({"map": {"M": made}})["map"].items()) == wanted
    assert [(name, int(value["N"])) for name, value in marshall(read).items()] == wanted
    assert [each.path[0] for each in diff(None, made)] == [name for name, _ in wanted]
    assert not diff(made, dict(made))


def test_the_widest_tables() -> None:
    made = with_gaps(70_000)
    assert list(unmarshall(made)) == list(made)


def test_a_dict_that_grows_or_shrinks_between_two_readings() -> None:
    made = plain(3)
    for count in (3, 50, 1000, 2):
        made |= plain(count)
        for name in list(made)[count:]:
            del made[name]
        assert list(unmarshall(made)) == list(made)
