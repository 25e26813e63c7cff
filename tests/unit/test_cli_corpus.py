"""The demo's order table: consistent histories, the same for the same seed, with the poison that was asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, UnmarshallError
from tailrace.cli.demo.corpus import Corpus, write_corpus
from tailrace.cli.demo.rules import search_text, wrong_total

Wire = dict[str, Any]
UNREADABLE = "unreadable number"


def _write(folder: Path, record_count: int, seed: int = 1) -> Corpus:
    return write_corpus(folder, record_count, seed, lambda _: None)


@cache
def _read(files: tuple[Path, ...]) -> list[Wire]:
    return [record for file in files for record in json.loads(file.read_bytes())["Records"]]


def _records(corpus: Corpus) -> list[Wire]:
    return _read(tuple(corpus.files))


def _key(record: Wire) -> str:
    return json.dumps(record["dynamodb"]["Keys"], separators=(",", ":"))


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    yield _write(tmp_path_factory.mktemp("corpus"), 8_000)
    _read.cache_clear()


def test_each_change_starts_from_what_the_one_before_left(corpus: Corpus) -> None:
    table: dict[str, Wire | None] = {}
    spoilt_on_the_way = set()
    for record in _records(corpus):
        change, key = record["dynamodb"], _key(record)
        old, new = change.get("OldImage"), change.get("NewImage")
        assert (record["eventName"] == "INSERT") == (old is None)
        assert (record["eventName"] == "REMOVE") == (new is None)
        if key in spoilt_on_the_way:
            spoilt_on_the_way.remove(key)
        else:
            assert table.get(key) == old
        if corpus.poison.get(record["eventID"]) == UNREADABLE:
            spoilt_on_the_way.add(key)
        table[key] = new
        assert all(change["Keys"].items() <= image.items() for image in (old, new) if image is not None)
    assert not spoilt_on_the_way
    assert {key: item for key, item in table.items() if item is not None} == {
        key: json.loads(text) for key, text in corpus.table.items()
    }


def test_numbers_and_times_only_grow(corpus: Corpus) -> None:
    numbers = [record["dynamodb"]["SequenceNumber"] for record in _records(corpus)]
    times = [record["dynamodb"]["ApproximateCreationDateTime"] for record in _records(corpus)]
    assert list(map(int, numbers)) == sorted(set(map(int, numbers)))
    assert times == sorted(times)
    assert sorted(numbers) != numbers, "text order must be wrong somewhere, or a test by it proves nothing"
    assert len({record["eventID"] for record in _records(corpus)}) == corpus.record_count


def test_the_counts_are_those_of_the_files(corpus: Corpus) -> None:
    records = _records(corpus)
    names = Counter(record["eventName"] for record in records)
    names["TTL"] = sum("userIdentity" in record for record in records)
    assert names == corpus.event_counts
    assert Counter(map(_key, records)) == corpus.change_counts
    assert corpus.size_bytes == sum(file.stat().st_size for file in corpus.files)
    assert len(records) == corpus.record_count == 8_000
    assert all(count > 100 for count in names.values())
    inserts = Counter(_key(record) for record in records if record["eventName"] == "INSERT")
    assert max(inserts.values()) > 1, "some orders come back under their key"


def test_every_attribute_type_occurs(corpus: Corpus) -> None:
    tags = Counter(tag for record in _records(corpus) for tag in _tags({"M": record["dynamodb"].get("NewImage", {})}))
    assert set(tags) == {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}


def _tags(value: Wire) -> Iterator[str]:
    ((tag, content),) = value.items()
    yield tag
    for part in content.values() if tag == "M" else content if tag == "L" else ():
        yield from _tags(part)


def test_poison_and_nothing_else_is_refused_by_the_shops_rules(corpus: Corpus) -> None:
    refused = {}
    for file in corpus.files:
        for record in Batch.from_event(file.read_bytes()):
            try:
                order = record.new_image
            except UnmarshallError:
                refused[record.event_id] = UNREADABLE
                continue
            if order is not None and wrong_total(order):
                refused[record.event_id] = "wrong total"
            assert record.old_image is None or record.old_image["status"]
    assert refused == corpus.poison
    assert sorted(refused.values()) == [UNREADABLE, "wrong total"]


def test_poison_is_followed_by_a_change_that_puts_it_right(corpus: Corpus) -> None:
    later = {}
    for record in _records(corpus):
        later[_key(record)] = record["eventID"]
    last_changes = set(later.values())
    assert not last_changes & set(corpus.poison)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("record_count", [20, 150])
def test_however_short_the_poison_is_put_right(tmp_path: Path, record_count: int, seed: int) -> None:
    corpus = _write(tmp_path, record_count, seed)
    test_each_change_starts_from_what_the_one_before_left(corpus)
    assert len(corpus.poison) == 1
    test_poison_is_followed_by_a_change_that_puts_it_right(corpus)


@pytest.mark.parametrize("record_count", [1, 19])
def test_the_shortest_have_no_poison(tmp_path: Path, record_count: int) -> None:
    corpus = _write(tmp_path, record_count)
    assert (corpus.record_count, corpus.poison) == (record_count, {})


def test_the_same_seed_gives_the_same_bytes_and_another_others(tmp_path: Path) -> None:
    first, again, other = (_write(tmp_path / str(index), 500, seed) for index, seed in enumerate((7, 7, 8)))
    assert [file.read_bytes() for file in first.files] == [file.read_bytes() for file in again.files]
    assert first == again.__class__(**{**vars(again), "files": first.files})
    assert first.files[0].read_bytes() != other.files[0].read_bytes()


def test_a_shorter_demo_leaves_no_file_of_a_longer_one(tmp_path: Path) -> None:
    _write(tmp_path, 500)
    (tmp_path / "mine.json").touch()
    corpus = _write(tmp_path, 150)
    assert sorted(tmp_path.iterdir()) == sorted([*corpus.files, tmp_path / "mine.json"])


@pytest.mark.slow
def test_the_documented_numbers_of_50_000_records(tmp_path: Path) -> None:
    corpus = _write(tmp_path, 50_000)
    assert corpus.event_counts == {"INSERT": 8_960, "MODIFY": 33_863, "REMOVE": 7_177, "TTL": 2_406}
    assert (len(corpus.change_counts), max(corpus.change_counts.values())) == (8_579, 24)
    assert (len(corpus.table), len(corpus.poison)) == (1_783, 10)
    assert round(corpus.size_bytes / 1e6) == 98


def test_the_rules_of_the_shop() -> None:
    line = {"qty": Decimal(2), "price": Decimal("10.50"), "discount": Decimal("0.5"), "title": "Mug"}
    totals = {"shipping": Decimal("4.9"), "tax": Decimal("4.73"), "total": Decimal("29.63")}
    order = {
        "lines": [line],
        "totals": totals,
        "customer": {"name": "Ada", "address": {"city": "Leeds"}},
        "status": "NEW",
        "note": None,
        "tags": {"vip", "b2b"},
    }
    assert wrong_total(order) is None
    totals["total"] = Decimal("29.64")
    assert wrong_total(order) == "the total is 29.64, its parts add up to 29.63"
    totals["total"] = Decimal("NaN")
    assert wrong_total(order)
    assert search_text(order).split() == ["Ada", "Leeds", "NEW", "Mug", "b2b", "vip"]
