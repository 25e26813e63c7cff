"""Laws of the sinks: whatever is repeated or comes late, each item ends as its newest change left it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, pairwise
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Batch, Record
from tailrace.sinks import AuditEntry, Deadline, SqliteAuditTrail, SqliteReplica, SqliteSearchIndex
from tailrace.testing import make_event, make_record
from tailrace.testing.strategies import items

NO_LIMIT = Deadline(None)
TABLES = count()
KEYS = ["a", "b", "c"]
# Few words, so that texts repeat and items share them; None removes the item.
WORDS = ["canal", "lock", "weir", ""]
TEXTS = st.none() | st.sampled_from(WORDS)
HISTORIES = st.lists(st.tuples(st.sampled_from(KEYS), TEXTS), min_size=1, max_size=12)


Delivery = tuple[list[tuple[str, str | None]], list[list[Record]]]


class Sinks(NamedTuple):
    """One set of files for all examples, each of which has a table of its own: files are what takes time."""

    audit_trail: SqliteAuditTrail
    replica: SqliteReplica
    search_index: SqliteSearchIndex

    def write(self, batches: list[list[Record]]) -> None:
        for batch in batches:
            for sink in self:
                assert sink.write(batch, deadline=NO_LIMIT) == []

    def texts(self, table: str) -> dict[str, str]:
        return {item["id"]: item["text"] for item in self.replica.items(table)}

    def history(self, table: str) -> list[AuditEntry]:
        return [entry for key in KEYS for entry in self.audit_trail.history(table, {"id": key})]

    def contents(self, table: str) -> list[Any]:
        hits = [hit._replace(score=0) for word in WORDS for hit in self.search_index.search(word, table=table)]
        return [self.history(table), list(self.replica.items(table)), hits]

    def check(self) -> None:
        """FTS5's own proof that its index holds exactly the texts of the documents."""
        with self.search_index._transaction() as connection:
            connection.execute("INSERT INTO search_text (search_text, rank) VALUES ('integrity-check', 1)")


@pytest.fixture(scope="module")
def sinks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sinks]:
    folder = tmp_path_factory.mktemp("sinks")
    with (
        SqliteAuditTrail(folder / "audit.db") as audit_trail,
        SqliteReplica(folder / "replica.db") as replica,
        SqliteSearchIndex(folder / "search.db", attributes=("text",)) as search_index,
    ):
        yield Sinks(audit_trail, replica, search_index)


def changes(history: list[tuple[str, str | None]]) -> list[Record]:
    """The history as a new table's stream gives it, with both images; numbers grow past a change of length."""
    table = f"table-{next(TABLES)}"
    images: dict[str, dict[str, Any] | None] = {}
    records = []
    for number, (key, text) in enumerate(history):
        new = None if text is None else {"id": key, "text": text, "number": number}
        records.append(_change(table, number, key, images.get(key), new))
        images[key] = new
    return records


def _change(table: str, number: int, key: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Record:
    return make_record(
        old_image=old,
        new_image=new,
        keys={"id": key},
        event_name="REMOVE" if new is None else "MODIFY" if old else "INSERT",
        event_id=f"e{number}",
        sequence_number=str(10**21 - 6 + number),
        approximate_creation_time=float(10**9 + number),
        table_name=table,
    )


def newest(history: list[tuple[str, str | None]]) -> dict[str, str]:
    """The plain truth: the last text of each item that is still there."""
    last = dict(history)
    return {key: text for key, text in last.items() if text is not None}


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """A history, and its records in batches: in any order, any of them any number of times, each at least once."""
    history = draw(HISTORIES)
    records = changes(history)
    repeated = draw(st.lists(st.sampled_from(records), max_size=12))
    order = draw(st.permutations([*records, *repeated]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=4)) | {0, len(order)})
    return history, [order[start:end] for start, end in pairwise(cuts)]


def table_of(batches: list[list[Record]]) -> str:
    return str(batches[0][0].table_name)


@given(delivery=deliveries())
def test_any_delivery_ends_with_the_newest_image_of_each_item(sinks: Sinks, delivery: Delivery) -> None:
    history, batches = delivery
    sinks.write(batches)
    table = table_of(batches)
    assert sinks.texts(table) == newest(history)
    assert sinks.replica.count(table) == len(newest(history))
    for key in KEYS:
        item = sinks.replica.get(table, {"id": key})
        assert (item and item["text"]) == newest(history).get(key)


@given(delivery=deliveries())
def test_the_audit_trail_holds_each_change_once_in_order(sinks: Sinks, delivery: Delivery) -> None:
    history, batches = delivery
    sinks.write(batches)
    table = table_of(batches)
    assert sinks.audit_trail.count(table) == len(history)
    for key in KEYS:
        entries = sinks.audit_trail.history(table, {"id": key})
        wanted = [(f"e{number}", text) for number, (of, text) in enumerate(history) if of == key]
        assert [(entry.event_id, entry.after and entry.after["text"]) for entry in entries] == wanted


@given(delivery=deliveries())
def test_the_search_index_agrees_with_the_replica(sinks: Sinks, delivery: Delivery) -> None:
    _, batches = delivery
    sinks.write(batches)
    table = table_of(batches)
    held = sinks.texts(table)
    for word in filter(None, WORDS):
        found = {hit.keys["id"] for hit in sinks.search_index.search(word, table=table)}
        assert found == {key for key, text in held.items() if text == word}
    assert sinks.search_index.count(table) == sum(1 for text in held.values() if text)
    sinks.check()


@given(delivery=deliveries(), missing=st.sets(st.integers(0, 11)))
def test_whatever_never_comes_the_newest_change_that_came_is_what_is_found(
    sinks: Sinks, delivery: Delivery, missing: set[int]
) -> None:
    """A change that left the text alone also mends what the changes before it would have told: none may be skipped."""
    history, batches = delivery
    lost = {f"e{number}" for number in missing}
    sinks.write([[record for record in batch if record.event_id not in lost] for batch in batches])
    came = [change for number, change in enumerate(history) if number not in missing]
    table = table_of(batches)
    assert sinks.texts(table) == newest(came)
    for word in filter(None, WORDS):
        found = {hit.keys["id"] for hit in sinks.search_index.search(word, table=table)}
        assert found == {key for key, text in newest(came).items() if text == word}
    sinks.check()


@given(delivery=deliveries())
def test_through_kinesis_the_same_law_holds(sinks: Sinks, delivery: Delivery) -> None:
    history, batches = delivery
    sinks.write([list(Batch.from_event(make_event(batch, shape="kinesis"))) for batch in batches])
    table = table_of(batches)
    assert sinks.texts(table) == newest(history)
    assert sinks.audit_trail.count(table) == len(history)


@given(delivery=deliveries())
def test_a_full_replay_changes_nothing(sinks: Sinks, delivery: Delivery) -> None:
    _, batches = delivery
    sinks.write(batches)
    before = sinks.contents(table_of(batches))
    sinks.write(batches)
    sinks.write(batches[::-1])
    assert sinks.contents(table_of(batches)) == before


@given(item=items())
def test_any_item_comes_back_as_the_record_had_it(sinks: Sinks, item: dict[str, Any]) -> None:
    record = make_record(new_image={**item, "id": "a"}, keys="id", table_name=f"table-{next(TABLES)}")
    sinks.write([[record]])
    table = str(record.table_name)
    assert sinks.replica.get(table, {"id": "a"}) == record.new_image
    assert [entry.after for entry in sinks.audit_trail.history(table, {"id": "a"})] == [record.new_image]
