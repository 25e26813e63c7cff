"""make_record: what it tells from the items, what it writes, and what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tailrace import MarshallError, Record
from tailrace.testing import make_record
from tailrace.testing.item_size import image_size_bytes

ITEM = {"id": "a", "n": 1}


@pytest.mark.parametrize(
    ("images", "event_name"),
    [
        ({"new_image": ITEM}, "INSERT"),
        ({"old_image": ITEM}, "REMOVE"),
        ({"old_image": ITEM, "new_image": {**ITEM, "n": 2}}, "MODIFY"),
        ({"new_image": ITEM, "event_name": "MODIFY"}, "MODIFY"),
        ({"new_image": ITEM, "event_name": "ARCHIVE"}, "ARCHIVE"),
        ({"keys": {"id": "a"}, "event_name": "REMOVE"}, "REMOVE"),
    ],
    ids=str,
)
def test_the_images_tell_the_event(images: Any, event_name: str) -> None:
    assert make_record(**images).event_name == event_name


def test_images_come_back_as_they_were_given() -> None:
    item = {
        "id": "",
        "int": 10**37,
        "exact": Decimal("1.500"),
        "tiny": Decimal("1E-130"),
        "huge": Decimal("9.9999999999999999999999999999999999999E+125"),
        "bytes": b"\x00\xff",
        "more bytes": bytearray(b"x"),
        "true": True,
        "none": None,
        "list": [1, ["x", {}], ()],
        "map": {"a": {"b": []}},
        "texts": {"x", "y"},
        "numbers": frozenset({1, Decimal("2.5")}),
        "binaries": {b"x", b""},
    }
    record = make_record(new_image=item, keys={"id": "a"})
    expected = {**item, "more bytes": b"x", "list": [1, ["x", {}], []]}
    assert record.new_image == expected
    assert str(record.new_image["exact"]) == "1.500"
    assert type(record.new_image["true"]) is bool


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (None, {"id": "a"}),
        ("n", {"n": 1}),
        (["id", "n"], {"id": "a", "n": 1}),
        (("n", "id"), {"id": "a", "n": 1}),
        ({"other": b"x"}, {"other": b"x"}),
    ],
    ids=str,
)
def test_keys_are_told_or_given(keys: Any, expected: dict[str, Any]) -> None:
    assert make_record(new_image=ITEM, keys=keys).keys == expected


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"event_name": "INSERT"},
        {"keys": {"id": "a"}},
        {"new_image": {}},
        {"new_image": {"id": ["a"]}},
        {"new_image": {"id": None}},
        {"new_image": ITEM, "keys": "absent"},
        {"new_image": ITEM, "keys": []},
        {"new_image": {"id": "a"}, "old_image": {"id": "b"}},
        {"new_image": {"id": "a"}, "old_image": {"other": "a"}},
        {"new_image": ITEM, "stream_view_type": "ALL"},
        {"new_image": ITEM, "approximate_creation_time": datetime(2026, 1, 1)},  # noqa: DTZ001
    ],
    ids=str,
)
def test_what_tells_nothing_is_refused(options: Any) -> None:
    with pytest.raises(ValueError, match=r"give|differ|does not exist|naive"):
        make_record(**options)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (1.5, ("NewImage", "v")),
        ([0, 1.5], ("NewImage", "v", 1)),
        ({"a": 1.5}, ("NewImage", "v", "a")),
        (float("nan"), ("NewImage", "v")),
        (Decimal("NaN"), ("NewImage", "v")),
        (Decimal("Infinity"), ("NewImage", "v")),
        (Decimal("1E+126"), ("NewImage", "v")),
        (Decimal("9E-131"), ("NewImage", "v")),
        (10**126, ("NewImage", "v")),
        (-(10**5000), ("NewImage", "v")),
        (int("1" * 39), ("NewImage", "v")),
        (Decimal("0." + "1" * 39), ("NewImage", "v")),
        (set(), ("NewImage", "v")),
        ({1, "a"}, ("NewImage", "v")),
        ({True}, ("NewImage", "v")),
        ({1.5}, ("NewImage", "v")),
        ({None}, ("NewImage", "v")),
        ({1: 1}, ("NewImage", "v")),
        ("\ud83d", ("NewImage", "v")),
        ({"\ud83d": 1}, ("NewImage", "v")),
        (object(), ("NewImage", "v")),
        (1j, ("NewImage", "v")),
    ],
    ids=lambda value: "" if isinstance(value, (int, tuple)) else repr(value),
)
def test_what_dynamodb_cannot_hold_is_refused_with_its_place(value: Any, path: tuple[Any, ...]) -> None:
    with pytest.raises(MarshallError) as caught:
        make_record(new_image={"id": "a", "v": value})
    assert caught.value.path == path


@pytest.mark.parametrize(
    "value", [int("1" * 38), 10**125, Decimal("1" * 38 + "E+88"), Decimal(0), Decimal("0E+500"), -1]
)
def test_what_dynamodb_can_hold_is_taken(value: Any) -> None:
    image = make_record(new_image={"id": "a", "v": value}).new_image
    assert image is not None
    assert image["v"] == value


@pytest.mark.parametrize(
    ("view", "new_image", "old_image"),
    [
        ("KEYS_ONLY", None, None),
        ("NEW_IMAGE", {"id": "a", "n": 2}, None),
        ("OLD_IMAGE", None, ITEM),
        ("NEW_AND_OLD_IMAGES", {"id": "a", "n": 2}, ITEM),
    ],
)
def test_a_stream_carries_the_images_of_its_view(view: str, new_image: Any, old_image: Any) -> None:
    record = make_record(old_image=ITEM, new_image={"id": "a", "n": 2}, stream_view_type=view)
    assert (record.event_name, record.keys) == ("MODIFY", {"id": "a"})
    assert (record.new_image, record.old_image, record.stream_view_type) == (new_image, old_image, view)


def test_numbers_and_ids_increase_and_differ() -> None:
    records = [make_record(new_image=ITEM) for _ in range(20)]
    numbers = [int(record.sequence_number or "") for record in records]
    assert numbers == sorted(set(numbers))
    assert {len(str(number)) for number in numbers} == {21}
    assert len({record.event_id for record in records}) == 20


def test_they_are_the_same_in_every_process() -> None:
    code = "from tailrace.testing import *; print([make_event([{'id': 'a', 'set': {'b', 'c'}}]) for _ in '12'])"
    runs = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1


def test_everything_that_is_given_is_kept() -> None:
    time = datetime(2026, 5, 4, 3, 2, 1, 500_000, tzinfo=timezone(timedelta(hours=2)))
    record = make_record(
        new_image=ITEM,
        event_id="e-1",
        sequence_number="7",
        approximate_creation_time=time,
        table_name="orders",
        aws_region="eu-west-1",
        user_identity={"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        event_name="REMOVE",
    )
    assert (record.event_id, record.sequence_number) == ("e-1", "7")
    assert record.approximate_creation_time == time
    assert (record.table_name, record.aws_region) == ("orders", "eu-west-1")
    assert record.event_source_arn is not None
    assert record.event_source_arn.startswith("arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/")
    assert record.is_ttl_delete


def test_a_time_in_seconds_is_kept() -> None:
    record = make_record(new_image=ITEM, approximate_creation_time=1_700_000_000)
    assert record.approximate_creation_time == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)


def test_an_arn_that_is_given_names_the_table() -> None:
    arn = "arn:aws-cn:dynamodb:cn-north-1:210987654321:table/other/stream/2026"
    record = make_record(new_image=ITEM, event_source_arn=arn)
    assert (record.event_source_arn, record.table_name) == (arn, "other")


def test_to_dict_is_a_record_of_a_lambda_event() -> None:
    wire = make_record(old_image=ITEM, new_image={"id": "a", "b": b"x"}).to_dict()
    assert json.loads(json.dumps(wire)) == wire
    assert wire["eventSource"] == "aws:dynamodb"
    assert wire["dynamodb"]["Keys"] == {"id": {"S": "a"}}
    assert wire["dynamodb"]["NewImage"] == {"id": {"S": "a"}, "b": {"B": "eA=="}}
    assert wire["dynamodb"]["OldImage"] == {"id": {"S": "a"}, "n": {"N": "1"}}
    assert type(wire["dynamodb"]["ApproximateCreationDateTime"]) is float


RECORDED = sorted((Path(__file__).parents[1] / "data" / "recorded-stream").glob("*-0*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_sizes_are_those_that_dynamodb_counts(path: Path) -> None:
    changes = [record["dynamodb"] for record in json.loads(path.read_text("utf-8"))["Records"]]
    counted = [
        sum(image_size_bytes(change.get(name, {})) for name in ("Keys", "NewImage", "OldImage")) for change in changes
    ]
    assert counted == [change["SizeBytes"] for change in changes]


def test_a_record_has_its_size() -> None:
    # Keys: id + a; the image: id + a, n + a number of one digit.
    assert make_record(new_image=ITEM).size_bytes == 3 + 3 + 3


def test_it_returns_a_record() -> None:
    assert isinstance(make_record(new_image=ITEM), Record)


def test_hypothesis_is_needed_for_the_strategies_only() -> None:
    code = "import sys, tailrace.testing; assert not {'hypothesis', 'boto3', 'pytest'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
