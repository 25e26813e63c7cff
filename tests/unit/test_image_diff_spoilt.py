"""Items and images that are none: which error it is, of which side, where, and of which record."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tailrace import Batch, TailraceError, UnmarshallError, diff, diff_images
from tailrace.exceptions import MarshallTypeError, MarshallValueError, UnmarshallTypeError, UnmarshallValueError
from tests.reference.diff_roads import IMAGE_ROADS, TEXT_ROADS, text
from tests.reference.one_record import wire

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
    "SS is text": ({"SS": "x"}, {"SS": ["x"]}, TYPE, "a set holds an array, found a string", ("SS",)),
    "NS has no number": ({"NS": ["1", "x"]}, {"NS": ["1"]}, VALUE, "is no number", ("NS", 1)),
    "BS has no base64": ({"BS": ["aGk=", "?"]}, {"BS": ["aGk="]}, VALUE, "not base64", ("BS", 1)),
    "L is an object": ({"L": {}}, {"L": []}, TYPE, "L holds an array, found an object", ("L",)),
    "M is an array": ({"M": []}, {"M": {}}, TYPE, "M holds an object, found an array", ("M",)),
    "an unknown tag": ({"Q": "x"}, {"S": "x"}, TYPE, '"Q" is no type tag', ()),
    "no tag": ({}, {"S": "x"}, TYPE, "an attribute value is empty", ()),
    "text": ("x", {"S": "x"}, TYPE, "an attribute value is an object such as", ()),
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


@pytest.mark.parametrize("name", TEXT_ROADS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a1 a2", "a1 a3"),
        ("a1 b0 a2", "a5 b0 a2"),
        ("a1 b0 a2", "a5 b0 a6"),
        ("a1 b0 a2 c1", "a5 b0 a2 d1"),
        ("a1 b0 c1 a2", "a5 b0 a2 c2"),
        ("a1 a2", "a2 a1"),
        ("b0 a1 a1", "a1 b0 a1"),
        ("A1 b0 a2", "A1 b0 a3"),
        ("a1 b0 A2", "a2 b0 A2"),
        ("A1 A2", "A1 A3"),
        ("a1 A2", "a1 A3"),
        ("a1 b0 A2", "a1 b0 A3"),
        ("a1 b0 A2", "a1 b1 A2 c0"),
    ],
)
def test_a_name_that_stands_twice_in_both_images_is_told(name: str, old: str, new: str) -> None:
    """In short: the name, of which A is another spelling of a, and the text of its value."""
    images = [
        "{" + ",".join(f'{SPELT[each[0]]}:{{"S":"{each[1]}"}}' for each in side.split()) + "}" for side in (old, new)
    ]
    for inside in (False, True):
        around = [f'{{"m":{{"M":{image}}}}}' if inside else image for image in images]
        error = caught(lambda around=around: TEXT_ROADS[name](*around))  # type: ignore[misc]
        assert "an attribute name stands twice in one map" in error.message
        assert error.path in [(*root(name, side), *("m", "M")[: 2 * inside], "a") for side in (0, 1)]


SPELT = {"a": '"a"', "A": '"\\u0061"', "b": '"b"', "c": '"c"', "d": '"d"'}


def test_a_name_that_stands_twice_and_did_not_change_is_not_looked_at() -> None:
    for road in TEXT_ROADS.values():
        found = road('{"a":{"S":""},"a":{"S":""},"n":{"N":"1"}}', '{"a":{"S":""},"a":{"S":""},"n":{"N":"2"}}')
        assert found.changed == {("n",): (1, 2)}
        assert "an attribute name stands twice" in caught(lambda found=found: found.new_item).message  # type: ignore[misc]


@pytest.mark.parametrize("count", [2, 65, 300])
def test_a_name_that_stands_twice_among_many_is_told(count: int) -> None:
    members = [f'"name {at}":{{"N":"{at}"}}' for at in range(count)]
    sound = "{" + ",".join(members) + "}"
    for at in {0, count // 2, count - 1}:
        spoilt = "{" + ",".join([*members, members[at]]) + "}"
        other = "{" + ",".join([*members, members[at].replace(":", ":  ")]) + "}"
        for old, new in ((spoilt, sound), (sound, spoilt), (spoilt, other), (spoilt, "{}"), ("{}", spoilt)):
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
        ("", "expected a value, found the end of the text at byte 0"),
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
    broken = [
        ({"S": {secret: 1}}, {"S": secret}), ({"N": secret}, {"N": "1"}), ({"B": f"{secret}!"}, {"B": ""}),
        ({"BOOL": secret}, {"BOOL": True}), ({"NS": ["1", secret]}, {"NS": ["1"]}), ({"L": secret}, {"L": []}),
    ]  # fmt: skip
    for value, other in broken:
        for images in (({"a": value}, {"a": other}), ({"a": other}, {"a": value})):
            for road in IMAGE_ROADS.values():
                error = caught(lambda road=road, images=images: road(*images))  # type: ignore[misc]
                assert secret not in f"{error!r} {error}"
    for item in ({"a": {secret, 1}}, {"a": f"{secret}\ud800"}, {"a": Decimal("NaN")}):
        assert secret not in str(caught(lambda item=item: diff(item, {"a": secret})))  # type: ignore[misc]
    wrong = diff({"a": secret}, {"a": 1, "b": secret})
    for item in ({"a": 1}, {"a": secret, "b": secret}, {}, None):
        assert secret not in str(caught(lambda item=item: wrong.apply(item)))  # type: ignore[misc]


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
