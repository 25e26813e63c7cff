"""The deepest items: 128 levels are read, which are the item, and 127 maps and lists inside of each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tailrace import MarshallError, TailraceError, UnmarshallError, diff, diff_images
from tests.reference.diff_roads import event, event_text, of_record
from tests.reference.small_stack import in_small_stack


def nested(levels: int, leaf: Any, in_lists: bool) -> dict[str, Any]:
    for _ in range(levels):
        leaf = [leaf] if in_lists else {"a": leaf}
    return {"a": leaf}


def nested_image(levels: int, number: str, in_lists: bool) -> dict[str, Any]:
    value: Any = {"N": number}
    for _ in range(levels):
        value = {"L": [value]} if in_lists else {"M": {"a": value}}
    return {"a": value}


def nested_text(levels: int, number: str, in_lists: bool) -> str:
    opening, closing = ('{"L":[', "]}") if in_lists else ('{"M":{"a":', "}}")
    return f'{{"a":{opening * levels}{{"N":"{number}"}}{closing * levels}}}'


DEEP: dict[str, Callable[[int, bool], Any]] = {
    "items": lambda levels, lists: diff(nested(levels, 1, lists), nested(levels, 2, lists)),
    "images": lambda levels, lists: diff_images(nested_image(levels, "1", lists), nested_image(levels, "2", lists)),
    "texts": lambda levels, lists: diff_images(nested_text(levels, "1", lists), nested_text(levels, "2", lists)),
    "mixed": lambda levels, lists: diff_images(nested_text(levels, "1", lists), nested_image(levels, "2", lists)),
    "record": lambda levels, lists: of_record(
        event(nested_image(levels, "1", lists), nested_image(levels, "2", lists))
    ),
    "record of text": lambda levels, lists: of_record(
        event_text(nested_text(levels, "1", lists), nested_text(levels, "2", lists))
    ),
}
# What came is deep as a whole.
CAME: dict[str, Callable[[int, bool], Any]] = {
    "items": lambda levels, lists: diff({}, nested(levels, 2, lists)),
    "images": lambda levels, lists: diff_images({}, nested_image(levels, "2", lists)),
    "texts": lambda levels, lists: diff_images("{}", nested_text(levels, "2", lists)),
    "record": lambda levels, lists: of_record(event(None, nested_image(levels, "2", lists))),
    "record of text": lambda levels, lists: of_record(event_text(None, nested_text(levels, "2", lists))),
}
WORK: dict[str, Callable[[Any], Any]] = {
    "parts": lambda found: (found.added, found.removed, found.changed),
    "changes": lambda found: [(each.path, each.old, each.new, hash(each), repr(each)) for each in found],
    "to_dict": lambda found: found.to_dict(),
    "render": lambda found: found.render(),
    "to_json_patch": lambda found: found.to_json_patch(test=True),
    "to_update_expression": lambda found: found.to_update_expression(guard=True),
    "attribute values": lambda found: found.to_update_expression(values="attribute-values"),
    "whole items": lambda found: (found.old_item, found.new_item),
    "apply": lambda found: found.apply(found.old_item),
    "revert": lambda found: found.revert(found.new_item),
    "equality": lambda found: found == diff(found.old_item, found.new_item),
}


def tried(make: Callable[[], Any], work: Callable[[Any], Any]) -> Any:
    """The error of the work, done with little room; deep values do not leave it, since to drop one needs room too."""

    def run() -> Any:
        try:
            work(make())
        except (TailraceError, RecursionError) as error:
            return error.with_traceback(None)
        return None

    return in_small_stack(run)


@pytest.mark.parametrize("in_lists", [False, True])
@pytest.mark.parametrize("work", WORK)
def test_the_deepest_values_need_little_room(work: str, in_lists: bool) -> None:
    for makers in (DEEP, CAME):
        for make in makers.values():
            assert tried(lambda make=make: make(127, in_lists), WORK[work]) is None  # type: ignore[misc]


@pytest.mark.parametrize("in_lists", [False, True])
@pytest.mark.parametrize("levels", [128, 129, 500])
def test_values_that_are_too_deep_are_refused(levels: int, in_lists: bool) -> None:
    for name, make in DEEP.items():
        error = tried(lambda make=make: make(levels, in_lists), bool)  # type: ignore[misc]
        assert isinstance(error, MarshallError if name == "items" else UnmarshallError), name
        assert "deep" in error.message


@pytest.mark.parametrize("in_lists", [False, True])
@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("levels", [128, 129, 3_000])
def test_what_came_too_deep_is_refused_or_passed_on(levels: int, work: str, in_lists: bool) -> None:
    for name, make in CAME.items():
        if levels > 500 and name != "items":
            continue  # the JSON of so deep an image is none
        error = tried(lambda make=make: make(levels, in_lists), WORK[work])  # type: ignore[misc]
        assert error is None or (isinstance(error, TailraceError) and "deep" in error.message), name
        if name != "items" or work in ("render", "to_json_patch", "to_update_expression", "attribute values"):
            assert error is not None, name


def test_an_item_inside_itself_is_refused() -> None:
    one: dict[str, Any] = {}
    other: dict[str, Any] = {}
    one["a"], other["a"] = [one], [other]
    assert not diff(one, one)
    for work in (lambda: diff(one, other), lambda: diff({}, one).render()):
        with pytest.raises(TailraceError, match="nested deeper than 128 levels"):
            work()
