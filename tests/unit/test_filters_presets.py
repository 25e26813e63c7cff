"""The ready-made filters: what each matches, on every road, and that it is the same once exported."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest

from tailrace import Batch, EventFormatError, FilterCriteria, FilterPatternError, Record, filters
from tailrace.testing import make_event, make_record

SERVICE: Any = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
OTHERS: list[Any] = [
    None,
    {"type": "Service", "principalId": "replication.dynamodb.amazonaws.com"},
    {"type": "User", "principalId": "dynamodb.amazonaws.com"},
]
ITEM = {"id": "a", "expires_at": 1_700_000_000}
CONSTANTS = {name: value for name in filters.__all__ if isinstance(value := getattr(filters, name), FilterCriteria)}


def every_kind() -> list[Record]:
    """Each event, the deletes by whoever."""
    return [
        make_record(new_image=ITEM),
        make_record(old_image=ITEM, new_image=ITEM),
        *(make_record(old_image=ITEM, user_identity=identity) for identity in (SERVICE, *OTHERS)),
        make_record(old_image={"id": "b"}),
        make_record(old_image=ITEM, new_image=ITEM, user_identity=SERVICE),
        make_record(keys={"id": "c"}, event_name="REMOVE", stream_view_type="KEYS_ONLY", user_identity=SERVICE),
        make_record(keys={"id": "c"}, event_name="REMOVE", stream_view_type="KEYS_ONLY"),
        make_record(new_image=ITEM, event_name="ARCHIVE"),
    ]


def answers(criteria: FilterCriteria, records: list[Record]) -> list[bool]:
    """What all roads say, the form that GetRecords answers in and changes through Kinesis included."""
    found = []
    for shape in ("lambda", "get-records", "botocore", "kinesis"):
        event: Any = make_event(records, shape=shape)
        batches = [Batch.from_event(event)]
        if shape != "botocore":
            batches.append(Batch.from_event(json.dumps(event).encode()))
        for batch in batches:
            found += [batch.matches(criteria), [criteria.matches(record) for record in batch]]
    assert all(each == found[0] for each in found)
    return found[0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("inserts", [True] + [False] * 10),
        ("modifies", [False, True, *[False] * 5, True, False, False, False]),
        ("removes", [False, False, True, True, True, True, True, False, True, True, False]),
        ("ttl_deletes", [False, False, True, False, False, False, False, False, True, False, False]),
        ("user_deletes", [False, False, False, True, True, True, True, False, False, True, False]),
    ],
)
def test_a_filter_that_is_a_constant(name: str, expected: list[bool]) -> None:
    criteria = CONSTANTS[name]
    assert answers(criteria, every_kind()) == expected
    assert criteria.dialect == "lambda"
    assert answers(FilterCriteria(criteria.to_lambda()), every_kind()) == expected
    assert not criteria.lint()


def test_all_constants_are_tried() -> None:
    assert set(CONSTANTS) == {"inserts", "modifies", "removes", "ttl_deletes", "user_deletes"}


def test_a_delete_is_by_time_to_live_or_by_a_user() -> None:
    for record in every_kind():
        by_ttl, by_user = filters.ttl_deletes.matches(record), filters.user_deletes.matches(record)
        assert by_ttl == record.is_ttl_delete
        assert by_ttl + by_user == filters.removes.matches(record)


def test_deletes_in_a_replica() -> None:
    criteria = filters.replicated_ttl_deletes("expires_at")
    expected = [False, False, True, True, False, False, False, False, True, False, False]
    assert answers(criteria, every_kind()) == expected
    assert answers(FilterCriteria(criteria.to_lambda()), every_kind()) == expected
    # Time to Live looks at numbers only.
    assert not criteria.matches(make_record(old_image={"id": "a", "expires_at": "soon"}))
    assert not criteria.matches(make_record(old_image={"id": "a", "expires_at": [1]}))


VALUES: list[Any] = [
    ..., "x", "y", "", "5", 5, Decimal("5.0"), Decimal("5.5"), True, False, None, b"x", b"y", {"x"}, {5}, {b"x"}, ["x"],
    [5], [], {}, {"x": "x"}, {"S": "x"}, [None], "10.0.0.1", "10.0.0.01",
]  # fmt: skip
WANTED: list[Any] = ["x", "", 5, Decimal("5.50"), True, False, None, b"x", "10.0.0.1"]


def image(value: Any) -> dict[str, Any]:
    return {"id": "a", "other": 1} if value is ... else {"id": "a", "other": 1, "s": value}


def changes(nest: Any = lambda item: item) -> list[Record]:
    """All changes between two of the values; new and deleted items with each of them."""
    pairs = itertools.product(VALUES, repeat=2)
    modified = [make_record(old_image=nest(image(old)), new_image=nest(image(new))) for old, new in pairs]
    inserted = [make_record(new_image=nest(image(value))) for value in VALUES]
    return [*modified, *inserted, *(make_record(old_image=nest(image(value))) for value in VALUES)]


def inside(item: dict[str, Any]) -> dict[str, Any]:
    return {"id": item.pop("id"), "at": item}


@pytest.mark.parametrize("value", WANTED, ids=repr)
@pytest.mark.parametrize(("path", "nest"), [("s", lambda item: item), (("at", "s"), inside)], ids=["top", "inside"])
def test_became_is_changed_to_the_value(value: Any, path: Any, nest: Any) -> None:
    records = changes(nest)
    expected = [record.changed(path, new=value) for record in records]
    assert 20 < sum(expected) < 100
    criteria = filters.became(path, value)
    assert answers(criteria, records) == expected
    if value == "10.0.0.1":
        with pytest.raises(FilterPatternError, match="looks like an IP address"):
            criteria.to_lambda()
    else:
        exported = criteria.to_lambda()
        assert len(exported["Filters"]) == 1
        assert answers(FilterCriteria(exported), canonical(records)) == expected
        assert not FilterCriteria(exported).lint()


def canonical(records: list[Record]) -> list[Record]:
    """With numbers as DynamoDB writes them: Lambda compares their text."""
    text = json.dumps(make_event(records)).replace('"N": "5.0"', '"N": "5"')
    return list(Batch.from_event(text))


@pytest.mark.parametrize(("path", "nest"), [("s", lambda item: item), (("at", "s"), inside)], ids=["top", "inside"])
def test_attribute_changed_is_changed(path: Any, nest: Any) -> None:
    records = changes(nest)
    expected = [record.changed(path) for record in records]
    criteria = filters.attribute_changed(path)
    assert answers(criteria, records) == expected
    assert not criteria.lint()
    with pytest.raises(FilterPatternError, match="Lambda compares no images"):
        criteria.to_lambda()


NAMES = ["S", "N", "M", "L", "prefix", "exists", "changed", "a b", "\u00e9", "x" * 255, '"', "\\"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_of_an_attribute(name: str) -> None:
    records = [
        make_record(old_image={"id": "a", name: old}, new_image={"id": "a", name: new})
        for old, new in itertools.product("xy", repeat=2)
    ]
    assert answers(filters.attribute_changed(name), records) == [False, True, True, False]
    assert answers(filters.became(name, "x"), records) == [False, False, True, False]
    exported = FilterCriteria(filters.became(name, "x").to_lambda())
    assert answers(exported, records) == [False, False, True, False]


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE"])
@pytest.mark.parametrize("criteria", [filters.attribute_changed("s"), filters.became("s", "x")])
def test_without_its_images_a_record_is_an_error(view: Any, criteria: FilterCriteria) -> None:
    old, new = ({"id": "a", "s": value} for value in "yx")
    record = make_record(old_image=old, new_image=new, keys="id", stream_view_type=view)
    with pytest.raises(EventFormatError, match="does not carry the images of its change"):
        criteria.matches(record)


@pytest.mark.parametrize(
    ("path", "error"),
    [
        (5, TypeError),
        (None, TypeError),
        (b"s", TypeError),
        (["a", "b"], TypeError),
        (("a", 0), TypeError),
        ("", ValueError),
        ((), ValueError),
        (("a", ""), ValueError),
        ("a.b", ValueError),
        ("$or", ValueError),
        (("a", "S"), ValueError),
        (("a", "b", "M"), ValueError),
    ],
)
def test_a_path_that_a_pattern_cannot_have_is_refused(path: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        filters.attribute_changed(path)
    with pytest.raises(error):
        filters.became(path, "x")
    if not isinstance(path, tuple):
        with pytest.raises(error):
            filters.replicated_ttl_deletes(path)


@pytest.mark.parametrize("value", [1.5, ["x"], {"x"}, {"a": 1}, object(), ...], ids=repr)
def test_a_value_that_no_pattern_has_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        filters.became("s", value)


def test_digits_are_exact() -> None:
    digits = "12345678901234567890123456789012345678"
    criteria = filters.became("n", Decimal(digits))

    def becoming(text: str) -> Record:
        return make_record(old_image={"id": "a"}, new_image={"id": "a", "n": Decimal(text)})

    assert criteria.matches(becoming(digits))
    assert not criteria.matches(becoming(digits[:-1] + "9"))
    assert criteria.to_lambda()["Filters"][0]["Pattern"].count(f'"{digits}"') == 2


def test_what_lies_in_a_list_is_at_no_path() -> None:
    """As for Record.changed, and for the pattern that Lambda is given."""
    records = [
        make_record(old_image={"id": "a", "at": [{"s": old}]}, new_image={"id": "a", "at": [{"s": new}]})
        for old, new in itertools.product("xy", repeat=2)
    ]
    became = filters.became(("at", "s"), "x")
    for criteria in (became, filters.attribute_changed(("at", "s")), FilterCriteria(became.to_lambda())):
        assert answers(criteria, records) == [record.changed(("at", "s")) for record in records] == [False] * 4
