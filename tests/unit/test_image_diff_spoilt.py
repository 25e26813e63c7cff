"""Items that are none, too deep, or change under the walk: a clear error or none, and never a crash."""

from __future__ import annotations

import json
from collections import UserDict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tailrace import Batch, MarshallError, TailraceError, UnmarshallError, diff, diff_images
from tailrace.exceptions import MarshallTypeError, MarshallValueError, UnmarshallTypeError, UnmarshallValueError
from tests.reference.diff_roads import IMAGE_ROADS, OBJECT_ROADS, TEXT_ROADS, event, event_text, of_record, text
from tests.reference.one_record import wire
from tests.reference.small_stack import in_small_stack

NUMBER = "100000000000000000001"
TYPE, VALUE = UnmarshallTypeError, UnmarshallValueError
every_image_road = pytest.mark.parametrize("name", IMAGE_ROADS)

# An attribute value beside one that is sound, the class of the error, what it says, and the path inside the attribute.
BROKEN: dict[str, tuple[Any, Any, Any, str, tuple[Any, ...]]] = {
    "N is no number": ({"N": "x"}, {"N": "1"}, VALUE, "is no number", ("N",)),
    "N has 39 digits": ({"N": "1" * 39}, {"N": "1"}, VALUE, "digits", ("N",)),
    "N is too large": ({"N": "1E126"}, {"N": "1"}, VALUE, "out of range", ("N",)),
    "N is a number": ({"N": 5}, {"N": "5"}, TYPE, "N holds a number as a string, found a number", ("N",)),
    "S is a number": ({"S": 5}, {"S": "5"}, TYPE, "S holds a string, found a number", ("S",)),
    "B is no base64": ({"B": "?"}, {"B": "aGk="}, VALUE, "not base64", ("B",)),
    "BOOL is text": ({"BOOL": "true"}, {"BOOL": True}, TYPE, "BOOL holds true or false, found a string", ("BOOL",)),
    "SS is text": ({"SS": "x"}, {"SS": ["x"]}, TYPE, "SS holds an array", ("SS",)),
    "NS has no number": ({"NS": ["1", "x"]}, {"NS": ["1"]}, VALUE, "is no number", ("NS", 1)),
    "BS has no base64": ({"BS": ["aGk=", "?"]}, {"BS": ["aGk="]}, VALUE, "not base64", ("BS", 1)),
    "L is an object": ({"L": {}}, {"L": []}, TYPE, "L holds an array, found an object", ("L",)),
    "M is an array": ({"M": []}, {"M": {}}, TYPE, "M holds an object, found an array", ("M",)),
    "an unknown tag": ({"Q": "x"}, {"S": "x"}, TYPE, '"Q" is no type tag', ()),
    "no tag": ({}, {"S": "x"}, TYPE, "an attribute value is empty", ()),
    "text": ("x", {"S": "x"}, TYPE, "an attribute value is an object, found a string", ()),
    "null": (None, {"S": "x"}, TYPE, "an attribute value is an object, found null", ()),
    "a broken member": ({"M": {"b": {"L": [{"N": "x"}]}}}, {"M": {"b": {"L": [{"N": "1"}]}}}, VALUE, "is no number",
                        ("M", "b", "L", 0, "N")),
    "a member is null": ({"M": {"b": None}}, {"M": {"b": {"S": ""}}}, TYPE, "found null", ("M", "b")),
    "an element is null": ({"L": [{"S": ""}, None]}, {"L": [{"S": "x"}]}, TYPE, "found null", ("L", 1)),
}  # fmt: skip


def caught(work: Callable[[], Any]) -> TailraceError:
    with pytest.raises(TailraceError) as raised:
        work()
    return raised.value


@every_image_road
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("side", [0, 1])
def test_a_broken_value_is_told_with_its_image_and_its_path(name: str, broken: str, side: int) -> None:
    spoilt, sound, kind, message, inside = BROKEN[broken]
    images = [{"k": {"S": "k"}, "a": sound}, {"k": {"S": "k"}, "a": sound}]
    images[side]["a"] = spoilt
    error = caught(lambda: IMAGE_ROADS[name](*images))
    assert type(error) is kind
    assert message in error.message
    assert error.path == (*root(name, side), "a", *inside)
    assert error.sequence_number == (NUMBER if name.startswith("record") else None)


def root(name: str, side: int) -> tuple[str, ...]:
    """Where an image stands, as its caller knows it."""
    if name.startswith("record"):
        return ("dynamodb", ("OldImage", "NewImage")[side])
    return (("old_image", "new_image")[side],)


@every_image_road
@pytest.mark.parametrize("side", [0, 1])
def test_a_value_that_came_or_went_is_read_when_it_is_asked_for(name: str, side: int) -> None:
    images = [{"k": {"S": "k"}, "a": {"L": [{"M": {"b": {"N": "x"}}}]}}, {"k": {"S": "k"}}]
    found = IMAGE_ROADS[name](*images[:: -1 if side else 1])
    kind = ("removed", "added")[side]
    assert [(each.path, each.kind) for each in found] == [(("a",), kind)]
    asks: list[Callable[[], Any]] = [
        lambda: getattr(found, kind),
        lambda: [(each.old, each.new) for each in found],
        lambda: (found.old_item, found.new_item),
        lambda: (found.apply({}), found.revert({})),
        found.render,
        found.to_dict,
        lambda: found.to_json_patch(test=True),
        lambda: found.to_update_expression(guard=True),
    ]
    for ask in asks:
        error = caught(ask)
        assert isinstance(error, UnmarshallError)
        assert error.path == (*root(name, side), "a", "L", 0, "M", "b", "N")
        assert error.sequence_number == (NUMBER if name.startswith("record") else None)


@pytest.mark.parametrize("name", TEXT_ROADS)
@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("twice", "once", "inside"),
    [
        ('{"a":{"S":""},"b":{"S":""},"a":{"S":""}}', '{"a":{"S":""},"b":{"S":""}}', ("a",)),
        ('{"a":{"S":""},"\\u0061":{"N":"1"}}', '{"a":{"N":"1"}}', ("a",)),
        ('{"a":{"S":""},"a":{"S":""}}', '{"b":{"S":""}}', ("a",)),
        ('{"m":{"M":{"a":{"S":""},"a":{"S":""}}}}', '{"m":{"M":{"a":{"S":""}}}}', ("m", "M", "a")),
        ('{"m":{"L":[{"M":{"x":{"S":""},"x":{"S":""}}}]}}', '{"m":{"L":[{"M":{}}]}}', ("m", "L", 0, "M", "x")),
    ],
)
def test_a_name_that_stands_twice_is_told(name: str, side: int, twice: str, once: str, inside: Any) -> None:
    images = [once, once]
    images[side] = twice
    error = caught(lambda: TEXT_ROADS[name](*images))
    assert (type(error), error.path) == (VALUE, (*root(name, side), *inside))
    assert "an attribute name stands twice in one map" in error.message


def test_a_name_that_stands_twice_in_both_images_is_told_even_so() -> None:
    twice = '{"a":{"S":""},"a":{"S":""}}'
    for name, road in TEXT_ROADS.items():
        error = caught(lambda road=road: road(twice, twice))  # type: ignore[misc]
        assert (error.path[:-1] in (root(name, 0), root(name, 1)), error.path[-1]) == (True, "a")


@pytest.mark.parametrize("count", [2, 65, 300])
def test_a_name_that_stands_twice_among_many_is_told(count: int) -> None:
    members = [f'"name {at}":{{"N":"{at}"}}' for at in range(count)]
    sound = "{" + ",".join(members) + "}"
    for at in {0, count // 2, count - 1}:
        spoilt = "{" + ",".join([*members, members[at]]) + "}"
        for old, new in ((spoilt, sound), (sound, spoilt), (spoilt, spoilt), (spoilt, "{}"), ("{}", spoilt)):
            error = caught(lambda old=old, new=new: diff_images(old, new))  # type: ignore[misc]
            assert error.path[1:] == (f"name {at}",)


@pytest.mark.parametrize("name", ["bytes and a dict", "a dict and text"])
def test_a_name_that_stands_twice_beside_a_dict_is_told(name: str) -> None:
    twice, other = '{"m":{"M":{"a":{"S":""},"a":{"S":""}}}}', {"m": {"M": {}}}
    images = (twice, other) if name == "bytes and a dict" else (other, twice)
    error = caught(lambda: IMAGE_ROADS[name](*images))
    assert error.path == (*root(name, images.index(twice)), "m", "M", "a")
    assert "an attribute name stands twice in one map" in error.message


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("", "expected a value at byte 0"),
        ('{"a":{"S":"x"}', "at byte"),
        ('{"a":{"S":"x"}}}', "expected the end of the text at byte 15"),
        ('{"a":{"S":"x"}} {}', "expected the end of the text at byte 16"),
        ("{a}", "at byte"),
    ],
)
def test_broken_json_is_told_with_its_image_and_its_byte(side: int, broken: str, message: str) -> None:
    for other in ('{"b":{"S":""}}', {"b": {"S": ""}}, None):
        images: list[Any] = [other, other]
        images[side] = broken
        error = caught(lambda images=images: diff_images(*images))  # type: ignore[misc]
        assert type(error) is VALUE
        assert error.path[:1] == root("images", side)
        assert message in error.message


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("image", ["[]", '"x"', "5", "null"])
def test_text_that_is_no_item_is_told(side: int, image: str) -> None:
    for other in ("{}", {}):
        images: list[Any] = [other, other]
        images[side] = image
        error = caught(lambda images=images: diff_images(*images))  # type: ignore[misc]
        assert isinstance(error, UnmarshallError)
        assert error.path == root("images", side)


@pytest.mark.parametrize("image", [5, [], (), 1.5, {1}, object()], ids=repr)
def test_what_is_no_image_is_a_type_error(image: Any) -> None:
    for images, name in (((image, {}), "old_image"), ((None, image), "new_image"), (("{}", image), "new_image")):
        with pytest.raises(TypeError, match=f"^{name} is a mapping of attribute values, JSON text of one, or None$"):
            diff_images(*images)


# A value of an item beside one that is sound, the class of the error and what it says.
NO_VALUES: list[tuple[Any, Any, Any, str]] = [
    (object(), 1, MarshallTypeError, "object is no attribute value"),
    (1j, 1, MarshallTypeError, "complex is no attribute value"),
    (float("nan"), 1, MarshallValueError, "DynamoDB has no NaN and no Infinity"),
    (float("inf"), 1, MarshallValueError, "DynamoDB has no NaN and no Infinity"),
    (Decimal("sNaN"), 1, MarshallValueError, "DynamoDB has no NaN and no Infinity"),
    (10**39 + 1, 1, MarshallValueError, "digits"),
    (Decimal("1E126"), 1, MarshallValueError, "out of range"),
    (set(), {1}, MarshallValueError, "an empty set has no type"),
    ({1, "x"}, {1}, MarshallTypeError, "a set holds only text"),
    ({True}, {1}, MarshallTypeError, "a set holds only text"),
    ("\ud800", "x", MarshallValueError, "half of a surrogate pair"),
    ({1: 1}, {}, MarshallTypeError, "a name is a str"),
    ({"\ud800": 1}, {}, MarshallValueError, "half of a surrogate pair"),
]


@pytest.mark.parametrize(("spoilt", "sound", "kind", "message"), NO_VALUES, ids=[case[3] for case in NO_VALUES])
def test_a_value_that_dynamodb_has_not_is_told_where_it_is_compared(
    spoilt: Any, sound: Any, kind: Any, message: str
) -> None:
    for items, side in ((({"l": [spoilt]}, {"l": [sound]}), "old"), (({"l": [sound]}, {"l": [spoilt]}), "new")):
        error = caught(lambda items=items: diff(*items))  # type: ignore[misc]
        assert (type(error), error.path[:3]) == (kind, (side, "l", 0))
        assert message in error.message
        assert error.sequence_number is None
    assert not diff({"a": spoilt}, {"a": spoilt})
    assert diff({}, {"a": spoilt}).attributes == {"a"}


def test_what_is_no_item_is_told() -> None:
    for items, side in ((([], {}), "old"), (({}, "x"), "new"), ((5, None), "old"), ((None, {1}), "new")):
        error = caught(lambda items=items: diff(*items))  # type: ignore[misc]
        assert (type(error), error.path) == (MarshallTypeError, (side,))
        assert "an item is a mapping of attribute names and values, found" in error.message


def test_no_message_says_anything_of_a_value() -> None:
    secret = "zqxjkvwz"
    broken = [{"S": {secret: 1}}, {"N": secret}, {"B": f"{secret}!"}, {"BOOL": secret}, {"NS": ["1", secret]}]
    for value in broken:
        for road in IMAGE_ROADS.values():
            error = caught(lambda road=road, value=value: road({"a": value}, {"a": {"S": secret}}))  # type: ignore[misc]
            assert secret not in f"{error!r} {error}"
    for item in ({"a": {secret, 1}}, {"a": f"{secret}\ud800"}, {"a": Decimal("NaN")}):
        assert secret not in str(caught(lambda item=item: diff(item, {"a": secret})))  # type: ignore[misc]
    wrong = diff({"a": secret}, {"a": 1, "b": secret})
    for item in ({"a": 1}, {"a": secret, "b": secret}, {}, None):
        assert secret not in str(caught(lambda item=item: wrong.apply(item)))  # type: ignore[misc]


# --- Depth. 128 levels are read: the item, and 127 maps and lists inside of each other. ---


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
        assert "nested deeper than 128 levels" in caught(work).message


# --- Objects that change, lie or fail while they are walked. ---


class Meddling(UserDict[str, Any]):
    """A mapping that does something when it is looked into."""

    def __init__(self, meddle: Callable[[], Any], members: dict[str, Any]) -> None:
        self.meddle = meddle
        super().__init__(members)

    def __iter__(self) -> Iterator[str]:
        self.meddle()
        return super().__iter__()


MEDDLING: dict[str, Callable[[dict[str, Any], Any], Any]] = {
    "clears": lambda item, value: item.clear(),
    "grows": lambda item, value: item.update({f"new {at}": value for at in range(1_000)}),
    "shrinks": lambda item, value: item.pop("c", None),
    "replaces": lambda item, value: item.update(b=value, c=value),
    "renames": lambda item, value: (item.pop("c", None), item.update(d=value)),
}


@pytest.mark.parametrize("meddling", MEDDLING)
@pytest.mark.parametrize("where", ["old", "new", "both"])
@pytest.mark.parametrize("make", [diff, *OBJECT_ROADS.values()])
def test_an_item_that_changes_while_it_is_walked_is_no_crash(meddling: str, where: str, make: Any) -> None:
    def value(number: int) -> Any:
        return number if make is diff else {"N": str(number)}

    def item() -> dict[str, Any]:
        return {"a": None, "b": value(1), "c": value(2)}

    def meddle() -> None:
        for each in items if where == "both" else items[:1] if where == "old" else items[1:]:
            MEDDLING[meddling](each, value(9))

    items = [item(), item()]
    for each in items:
        mapping = Meddling(meddle, {"x": value(len(items))})
        each["a"] = mapping if make is diff else {"M": mapping}
    try:
        found = make(*items)
        _ = (found.changed, found.added, found.removed, found.render())
    except TailraceError as error:
        assert "changed its size while it was read" in error.message  # noqa: PT017 - either is right


def test_a_list_that_changes_while_it_is_walked_is_told() -> None:
    class Growing(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            self.append(1)
            return super().__iter__()

    for items in (({"l": Growing([1])}, {"l": [1]}), ({"l": [1]}, {"l": Growing([1])})):
        assert "changed its size while it was read" in caught(lambda items=items: diff(*items)).message  # type: ignore[misc]


class Lying(Mapping[str, Any]):
    """A mapping that says of itself what is not so."""

    def __init__(self, names: list[Any], length: int, value: Any) -> None:
        self.names, self.length, self.value = names, length, value

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Any]:
        return iter(self.names)

    def __getitem__(self, name: str) -> Any:
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


def test_mappings_that_lie_and_fail() -> None:
    assert diff(Lying(["a"], 99, 1), {"a": 2}).changed == {("a",): (1, 2)}
    assert diff({"m": Lying([], 5, 1)}, {"m": {}}).changed == {}
    assert "stands twice" in caught(lambda: diff(Lying(["a", "a"], 2, 1), {"a": 1})).message
    assert "stands twice" in caught(lambda: diff_images({}, Lying(["a", "a"], 2, {"S": ""}))).message
    assert "a name is a str" in caught(lambda: diff({"m": Lying([1], 1, 1)}, {"m": {}})).message
    failing = Lying(["a"], 1, RuntimeError("its own"))
    for make in (diff, diff_images, *OBJECT_ROADS.values()):
        with pytest.raises(RuntimeError, match="its own"):
            make({"k": {"S": ""}}, failing)


def test_scalars_that_fail_to_compare_are_not_asked() -> None:
    class Text(str):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("it was compared")

        def __hash__(self) -> int:
            return super().__hash__()

    class Number(Decimal):
        def __eq__(self, other: object) -> bool:
            raise AssertionError("it was compared")

        def __hash__(self) -> int:
            return super().__hash__()

    assert not diff({"a": Text("x"), "n": Number(1)}, {"a": Text("x"), "n": Number("1.0")})
    assert diff({"a": Text("x"), "n": Number(1)}, {"a": Text("y"), "n": Number(2)}).attributes == {"a", "n"}


def test_items_that_change_after_they_were_compared_show_it() -> None:
    """They must not; nothing breaks if they do."""
    old: Any = {"a": {"N": "1"}, "b": {"L": [{"N": "1"}]}}
    new: Any = {"a": {"N": "2"}, "b": {"L": [{"N": "2"}]}}
    found = diff_images(old, new)
    new["a"]["N"] = "x"
    new["b"]["L"].clear()
    assert found.attributes == {"a", "b"}
    assert isinstance(caught(lambda: found.changed), UnmarshallError)
    assert caught(lambda: found.apply({"a": 1, "b": [1]})).path == ("new_image", "a", "N")


def test_a_batch_with_a_broken_record_names_it_and_the_others_can_be_read() -> None:
    sound = {"SequenceNumber": "7"}
    broken = {"SequenceNumber": "8", "NewImage": {"id": {"S": "a"}, "n": {"N": "x"}}}
    records = [wire(sound), wire(broken), wire(sound)]
    for given in (records, json.dumps(records), text(records)):
        batch = Batch.from_event(given)
        error = caught(batch.diffs)
        assert (error.sequence_number, error.path) == ("8", ("dynamodb", "NewImage", "n", "N"))
        assert [bool(batch[at].diff) for at in (0, 2)] == [True, True]
        assert caught(lambda batch=batch: batch[1].diff).sequence_number == "8"  # type: ignore[misc]
