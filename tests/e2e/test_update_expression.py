"""Updates made of diffs, run by DynamoDB Local: the item read back is the new one."""

from __future__ import annotations

import random
import uuid
from bisect import bisect
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tailrace import ImageDiff, TailraceError, diff, diff_images, dumps, marshall, unmarshall
from tailrace.testing import make_record
from tailrace.testing import strategies as kit
from tests.e2e.exact import exact
from tests.e2e.random_items import RandomItems
from tests.e2e.servers.dynamodb_local import DynamoDBLocal
from tests.reference.edits import Edits

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.service_resource import Table

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Item = dict[str, Any]
KEY: Item = {"pk": "ключ", "sk": Decimal(1)}
PAIRS_COUNT = 60
AGREED = settings(
    max_examples=100,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a shrunk example would cost minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def from_text(old: Item | None, new: Item | None) -> ImageDiff:
    """As the images stand in an event of bytes."""
    return diff_images(*(None if item is None else dumps(item) for item in (old, new)))


def from_record(old: Item | None, new: Item | None) -> ImageDiff:
    """As Lambda hands them over."""
    found = make_record(old_image=old, new_image=new, keys=KEY).diff
    assert found is not None
    return found


MAKERS = {"items": diff, "text": from_text, "record": from_record}


class Store:
    """A table with one item in it, reached through a client and through a resource."""

    def __init__(self, server: DynamoDBLocal) -> None:
        self.client: DynamoDBClient = server.client()
        self.name = f"updates-{uuid.uuid4().hex}"
        types = {"pk": "S", "sk": "N"}
        self.client.create_table(
            TableName=self.name,
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": tag} for name, tag in types.items()],  # type: ignore[typeddict-item]
            BillingMode="PAY_PER_REQUEST",
        )
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
        resource = session.resource("dynamodb", endpoint_url=server.url, config=self.client.meta.config)
        self.table: Table = resource.Table(self.name)

    def put(self, item: Item | None) -> None:
        if item is None:
            self.client.delete_item(TableName=self.name, Key=marshall(KEY))
        else:
            self.client.put_item(TableName=self.name, Item=marshall(item))

    def get(self) -> Item | None:
        wire = self.client.get_item(TableName=self.name, Key=marshall(KEY), ConsistentRead=True).get("Item")
        return None if wire is None else unmarshall(wire)

    def update(self, old: Item | None, new: Item, *, make: Any = diff, **options: Any) -> None:
        """Through the client or the table, as the values are."""
        request = make(old, new).to_update_expression(keys=("pk", "sk"), **options)
        if options.get("values") == "attribute-values":
            self.client.update_item(TableName=self.name, Key=marshall(KEY), **request)
        else:
            self.table.update_item(Key=KEY, **request)

    def becomes(self, old: Item | None, new: Item, **options: Any) -> None:
        """The item is put as it was, updated, and read back as it shall be."""
        self.put(old)
        self.update(old, new, **options)
        assert exact(self.get()) == exact(held(new))
        if options.get("guard") and diff(old, new):
            with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
                self.update(old, new, **options)  # the state that it started from is gone
            assert exact(self.get()) == exact(held(new))

    def refuses(self, stored: Item | None, old: Item | None, new: Item) -> None:
        """The guarded update is refused, and changes nothing."""
        self.put(stored)
        with pytest.raises(self.client.exceptions.ConditionalCheckFailedException):
            self.update(old, new, guard=True, values="attribute-values")
        assert exact(self.get()) == exact(None if stored is None else held(stored))


def held(item: Item) -> Item:
    """The item as it is read back: its ints are Decimals."""
    return unmarshall(marshall(item))


@pytest.fixture(scope="module")
def store(dynamodb_local: DynamoDBLocal) -> Iterator[Store]:
    made = Store(dynamodb_local)
    yield made
    made.client.delete_table(TableName=made.name)


@pytest.mark.parametrize("values", ["python", "attribute-values"])
@pytest.mark.parametrize("guard", [False, True])
@pytest.mark.parametrize("make", MAKERS)
def test_the_item_read_back_is_the_new_one(store: Store, values: str, guard: bool, make: str) -> None:
    wire = RandomItems(seed=len(values + make) + guard)
    for _ in range(PAIRS_COUNT):
        old, spare = unmarshall(wire.item()), unmarshall(wire.item())
        new = Edits(wire.random, [*spare.values()]).item(old)
        store.becomes(old | KEY, new | KEY, make=MAKERS[make], guard=guard, values=values)


@AGREED
@given(old=kit.items(), other=kit.items(), seed=st.integers(0, 2**32), guard=st.booleans())
def test_items_to_the_limits_of_dynamodb(store: Store, old: Item, other: Item, seed: int, guard: bool) -> None:
    edits = Edits(random.Random(seed), [*old.values(), *other.values()])
    # By chance a list is hardly ever long enough to lose two elements.
    old |= {"list": [1, 2, 3, 4, {"inner": [5, 6, 7]}]}
    store.becomes(old | KEY, edits.item(old) | KEY, guard=guard, values=edits.by.choice(("python", "attribute-values")))


@AGREED
@given(new=kit.items(), guard=st.booleans())
def test_an_insert_is_the_whole_item(store: Store, new: Item, guard: bool) -> None:
    store.becomes(None, new | KEY, guard=guard)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([0, 1, 2, 3, 4], [9, 1]),
        ([0, 1, 2, 3, 4], []),
        ([0], list(range(13))),
        ([], [0, 1, 2]),
        ([[1, 2, 3], [4]], [[1], [4, 5, 6], [7]]),
        ([{"a": 1, "b": 2}, 0], [{"b": 3}]),
    ],
)
@pytest.mark.parametrize("inside", [False, True])
def test_lists_grow_and_shrink_at_their_end(store: Store, old: Any, new: Any, inside: bool) -> None:
    def item(value: Any) -> Item:
        return {**KEY, "at": {"some place": [value]} if inside else value}

    store.becomes(item(old), item(new), guard=True)
    store.becomes(item(old), item(new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"a"}, {"a", "b"}),
        ({"a", "b"}, {"a"}),
        ({"a", "b"}, {"b", "c"}),
        ({b"a"}, {b"a", b"b"}),
        ({"1"}, {Decimal(1)}),
        ({Decimal("1.0"), Decimal(2)}, {Decimal(1), Decimal(3)}),
        ({Decimal("1.0")}, {Decimal(1), Decimal("1E+125")}),
    ],
)
def test_sets(store: Store, old: Any, new: Any) -> None:
    for guard in (False, True):
        store.becomes({**KEY, "s": old}, {**KEY, "s": new}, guard=guard)
        store.becomes({**KEY, "m": {"s": old}}, {**KEY, "m": {"s": new}}, guard=guard)


def test_numbers_that_boto3_would_refuse(store: Store) -> None:
    new = {**KEY, "n": 10**100, "l": [Decimal("0E+200"), Decimal(10**60), Decimal("9.9E-130"), 7]}
    store.becomes({**KEY, "n": 1}, new)


def test_a_long_update_is_of_whole_attributes(store: Store) -> None:
    old = {**KEY, "m": {f"name {at}": at for at in range(400)}, "t": "a"}
    new = {**KEY, "m": {f"name {at}": at + 1 for at in range(400)}, "t": "b"}
    store.becomes(old, new)
    store.becomes(old, new, guard=True)


@pytest.mark.parametrize("guard", [False, True])
def test_the_longest_update_that_we_write_is_taken(store: Store, guard: bool) -> None:
    count = bisect(range(1, 1000), False, key=lambda count: not _is_written(count, guard))
    assert _is_written(count, guard)
    assert not _is_written(count + 1, guard)
    store.becomes(_wide(count, 0), _wide(count, 1), guard=guard)


def _wide(count: int, value: int) -> Item:
    return KEY | {f"a{at}": value for at in range(count)}


def _is_written(count: int, guard: bool) -> bool:
    try:
        diff(_wide(count, 0), _wide(count, 1)).to_update_expression(keys=("pk", "sk"), guard=guard)
    except TailraceError:
        return False
    return True


@pytest.mark.parametrize(
    ("stored", "old", "new"),
    [
        ({"a": 2}, {"a": 1}, {"a": 3}),
        ({}, {"a": 1}, {"a": 3}),
        ({"a": 2}, {"a": 1}, {}),
        ({"a": 2}, {}, {"a": 1}),
        ({"a": "1"}, {"a": 1}, {"a": 2}),
        ({"s": {"x", "z"}}, {"s": {"x"}}, {"s": {"x", "y"}}),
        ({"m": {"a": 1}}, {"m": {}}, {"m": {"a": 2}}),
        ({"l": [1]}, {"l": [1, 2]}, {"l": [1, 2, 3]}),
        ({"l": [1, 2, 4]}, {"l": [1, 2]}, {"l": [1, 2, 3]}),
        ({"l": [1, 2, 3, 4]}, {"l": [1, 2, 3]}, {"l": [1]}),
        ({"l": [1, 5, 3]}, {"l": [1, 2, 3]}, {"l": [1]}),
    ],
)
def test_a_guard_refuses_an_item_that_is_another(store: Store, stored: Item, old: Item, new: Item) -> None:
    store.refuses(stored | KEY, old | KEY, new | KEY)


@pytest.mark.parametrize("new", [{"a": 1}, {}])
def test_a_guard_brings_no_item_back_that_was_deleted(store: Store, new: Item) -> None:
    store.refuses(None, KEY, new | KEY)


@pytest.mark.parametrize("new", [{"a": 1}, {}])
def test_a_guard_inserts_over_no_item(store: Store, new: Item) -> None:
    store.refuses({"b": 1} | KEY, None, new | KEY)


def test_a_forgotten_key_is_refused_by_dynamodb(store: Store) -> None:
    request = diff(None, KEY).to_update_expression(values="attribute-values")
    with pytest.raises(ClientError, match="part of the key"):
        store.client.update_item(TableName=store.name, Key=marshall(KEY), **request)
