"""SqliteSearchIndex: the words of each item as its newest change left it, and a query that takes any text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace import Batch, Record, SinkError
from tailrace.sinks import Deadline, SqliteSearchIndex
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
NO_LIMIT = Deadline(None)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SqliteSearchIndex]:
    with SqliteSearchIndex(tmp_path / "search.db", attributes=("title", "body")) as sink:
        yield sink


def store(index: SqliteSearchIndex, *records: Record) -> None:
    assert index.write(records, deadline=NO_LIMIT) == []


def item(key: str, title: Any = None, **more: Any) -> Record:
    return make_record(new_image={"id": key, "title": title, **more})


def found(index: SqliteSearchIndex, query: str, **options: Any) -> list[Any]:
    return [hit.keys["id"] for hit in index.search(query, **options)]


def check(index: SqliteSearchIndex) -> None:
    """FTS5's own proof that its index holds exactly the texts of the documents."""
    with index._transaction() as connection:
        connection.execute("INSERT INTO search_text (search_text, rank) VALUES ('integrity-check', 1)")


def test_a_hit_says_where_what_and_how_well(index: SqliteSearchIndex, road: Road) -> None:
    event = make_event(
        [{"id": "a", "title": "Low water", "body": "The canal in spring", "other": "hidden"}], table_name="walks"
    )
    store(index, *Batch.from_event(road(event)))
    (hit,) = index.search("canal")
    assert (hit.table, hit.keys) == ("walks", {"id": "a"})
    assert hit.document == {"title": "Low water", "body": "The canal in spring"}
    assert "[canal]" in hit.snippet
    assert hit.score > 0
    assert index.search("hidden") == []


def test_all_words_must_occur_and_the_best_comes_first(index: SqliteSearchIndex) -> None:
    store(index, item("a", "canal " + "filler " * 50), item("b", "canal canal lock"), item("c", "lock"))
    assert found(index, "canal") == ["b", "a"]
    assert found(index, "lock canal") == ["b"]
    scores = [hit.score for hit in index.search("canal")]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("query", ["ÉCLUSE", "ecluse", "écluse"])
def test_case_and_accents_do_not_matter(index: SqliteSearchIndex, query: str) -> None:
    store(index, item("a", "L'écluse du moulin"))
    assert found(index, query) == ["a"]


@pytest.mark.parametrize(
    "value",
    [
        "needle",
        ["x", {"deep": ["needle"]}],
        {"needle", "other"},
        {"a": {"b": "a needle here"}},
        [b"x", None, True, "a needle"],
    ],
)
def test_text_is_found_however_deep_it_lies(index: SqliteSearchIndex, value: Any) -> None:
    store(index, item("a", value))
    assert found(index, "needle") == ["a"]


@pytest.mark.parametrize(("number", "query"), [(Decimal("824.58"), "824.58"), (Decimal("1E+3"), "1000"), (7, "7")])
def test_numbers_are_found_by_their_plain_digits(index: SqliteSearchIndex, number: Any, query: str) -> None:
    store(index, item("a", number), item("b", "58 824"))
    assert found(index, query) == ["a"]


@pytest.mark.parametrize("value", [b"bytes", True, None, "", "  \n", [], [b"x", False]])
def test_what_has_no_words_is_not_indexed(index: SqliteSearchIndex, value: Any) -> None:
    store(index, item("a", value))
    assert index.count() == 0
    check(index)


@pytest.mark.parametrize(
    "query",
    [
        '"',
        'say "canal"',
        "canal-lock",
        "canal AND",
        "NOT canal",
        "canal*",
        "title:canal",
        "(canal",
        "NEAR(canal lock)",
        "^canal",
        "canal + lock",
        "{canal}: x",
        "canal\0lock",
        "\ud800canal",
        "-",
        "''; DROP TABLE search_text",
        "",
        " ",
    ],
)
def test_nothing_in_a_plain_query_is_syntax(index: SqliteSearchIndex, query: str) -> None:
    store(index, item("a", "say canal lock AND not near title x"))
    assert isinstance(index.search(query), list)


@given(query=st.text())
def test_no_text_makes_a_plain_query_fail(tmp_path_factory: pytest.TempPathFactory, query: str) -> None:
    with SqliteSearchIndex(tmp_path_factory.getbasetemp() / "any.db", attributes=("title",)) as index:
        index.write([], deadline=NO_LIMIT)
        assert isinstance(index.search(query), list)


def test_a_plain_query_finds_words_with_signs_in_them(index: SqliteSearchIndex) -> None:
    store(index, item("a", "order O-294e said AND"), item("b", "order 294e O and said"))
    assert found(index, "O-294e") == ["a"]
    assert sorted(found(index, "AND order")) == ["a", "b"]


def test_a_raw_query_is_fts5s_own_syntax(index: SqliteSearchIndex) -> None:
    store(index, item("a", "low water"), item("b", "high tide"), item("c", "lowland"))
    assert sorted(found(index, "low* OR tide", raw=True)) == ["a", "b", "c"]
    assert found(index, '"low water"', raw=True) == ["a"]


@pytest.mark.parametrize("query", ['"', "canal AND", "nocolumn: canal", "(canal", "NEAR("])
def test_a_broken_raw_query_says_so(index: SqliteSearchIndex, query: str) -> None:
    index.write([], deadline=NO_LIMIT)
    with pytest.raises(SinkError, match="no FTS5 query"):
        index.search(query, raw=True)
    assert index.search("canal") == []


def test_table_and_limit_narrow_a_search(index: SqliteSearchIndex) -> None:
    for number in range(30):
        store(index, make_record(new_image={"id": str(number), "title": "canal"}, table_name=f"table{number % 2}"))
    assert len(index.search("canal")) == 20
    assert len(index.search("canal", limit=50)) == 30
    assert {hit.table for hit in index.search("canal", table="table1", limit=50)} == {"table1"}
    assert index.search("canal", table="none") == []
    with pytest.raises(ValueError, match="limit is 1 or more"):
        index.search("canal", limit=0)


def change(number: int, title: str | None) -> Record:
    image = None if title is None else {"id": "a", "title": title}
    name = "REMOVE" if title is None else "MODIFY"
    return make_record(new_image=image, keys={"id": "a"}, event_name=name, sequence_number=str(number))


def test_only_the_newest_text_of_an_item_is_found(index: SqliteSearchIndex) -> None:
    store(index, change(1, "weir"), change(3, "canal"), change(2, "lock"), change(3, "replay"))
    assert [found(index, word) for word in ("weir", "canal", "lock", "replay")] == [[], ["a"], [], []]
    assert index.count() == 1
    check(index)


def touch(number: int, title: str, *, item: str = "a") -> Record:
    """A change that left the title alone."""
    old, new = ({"id": item, "title": title, "seen": seen} for seen in (number - 1, number))
    return make_record(old_image=old, new_image=new, keys="id", sequence_number=str(number))


def words_on_disk(index: SqliteSearchIndex) -> list[Any]:
    """What FTS5 keeps: any indexing of words leaves other rows."""
    return index._query("SELECT id, block FROM search_text_data ORDER BY id")


def test_words_are_not_indexed_again_where_the_text_stayed(index: SqliteSearchIndex) -> None:
    store(index, change(1, "weir"))
    before = words_on_disk(index)
    store(index, touch(3, "weir"), touch(4, "weir"))
    assert words_on_disk(index) == before
    store(index, change(2, "lock"))  # older than what is stored, though not than what was indexed
    assert (found(index, "weir"), found(index, "lock")) == (["a"], [])
    store(index, change(5, "canal"))
    assert words_on_disk(index) != before
    check(index)


def test_a_change_that_left_the_text_alone_is_not_skipped(index: SqliteSearchIndex) -> None:
    """What came before it may never have come: the index began later, or the change was set aside or filtered out."""
    store(index, touch(3, "weir", item="never seen"))
    store(index, change(1, "lock"), touch(3, "weir"))
    store(index, item("b", "lock"), make_record(old_image={"id": "b", "title": "lock"}, sequence_number=str(10**30)))
    store(index, touch(10**30 + 2, "weir", item="b"))
    assert sorted(found(index, "weir")) == ["a", "b", "never seen"]
    assert found(index, "lock") == []
    check(index)


def test_a_removed_item_is_not_found_and_not_revived(index: SqliteSearchIndex) -> None:
    store(index, change(1, "weir"), change(3, None))
    store(index, change(2, "lock"), change(1, "weir"))
    assert [found(index, "weir"), found(index, "lock"), index.count()] == [[], [], 0]
    check(index)
    store(index, change(4, "weir"))
    assert found(index, "weir") == ["a"]


def test_an_item_that_loses_its_words_is_not_found(index: SqliteSearchIndex) -> None:
    store(index, change(1, "weir"), change(2, ""))
    assert found(index, "weir") == []
    store(index, change(1, "weir"))
    assert found(index, "weir") == []


def test_a_missing_new_image_is_a_failure_and_removes_nothing(index: SqliteSearchIndex) -> None:
    store(index, change(1, "weir"))
    record = make_record(keys={"id": "a"}, event_name="MODIFY", sequence_number="2", stream_view_type="KEYS_ONLY")
    (failure,) = index.write([record], deadline=NO_LIMIT)
    assert failure.record is record
    assert found(index, "weir") == ["a"]


def with_document(path: Path, document: Callable[[Record], Any]) -> SqliteSearchIndex:
    return SqliteSearchIndex(path / "search.db", document=document)


def test_a_document_function_makes_the_text(tmp_path: Path) -> None:
    with with_document(tmp_path, lambda record: f"all of {record.keys['id']}") as index:
        store(index, item("a"))
        assert [hit.document for hit in index.search("all")] == ["all of a"]


def test_a_document_may_be_a_dict_of_values(tmp_path: Path) -> None:
    with with_document(tmp_path, lambda _: {"n": Decimal("1.5"), "tags": {"x", "y"}, "no": None}) as index:
        store(index, item("a"))
        assert [hit.document for hit in index.search("1.5 y")] == [{"n": "1.5", "tags": "x\ny", "no": ""}]


def test_a_document_of_none_takes_the_item_out(tmp_path: Path) -> None:
    def published(record: Record) -> str | None:
        assert record.new_image is not None
        return record.new_image["title"] if record.new_image["title"] != "draft" else None

    with with_document(tmp_path, published) as index:
        store(index, change(1, "weir"), change(2, "draft"))
        assert (found(index, "weir"), found(index, "draft"), index.count()) == ([], [], 0)


@pytest.mark.parametrize("answer", [5, b"text", ["text"], {"a": object()}, "\ud800", {"a": "\ud800"}])
def test_a_document_that_is_no_text_fails_its_record(tmp_path: Path, answer: Any) -> None:
    with with_document(tmp_path, lambda record: answer if record.keys["id"] == "b" else "text") as index:
        records = [item("a"), item("b"), item("c")]
        (failure,) = index.write(records, deadline=NO_LIMIT)
        assert failure.record is records[1]
        assert sorted(found(index, "text")) == ["a", "c"]
        check(index)


def test_a_document_function_that_raises_fails_its_record(tmp_path: Path) -> None:
    def document(record: Record) -> str:
        assert record.new_image is not None
        return str(record.new_image["title"]["text"])

    with with_document(tmp_path, document) as index:
        records = [item("a", {"text": "canal"}), item("b", {}), item("c", {"text": "canal"})]
        (failure,) = index.write(records, deadline=NO_LIMIT)
        assert failure.record is records[1]
        assert isinstance(failure.error, KeyError)
        assert sorted(found(index, "canal")) == ["a", "c"]


def test_an_interrupt_in_a_document_function_passes_through(tmp_path: Path) -> None:
    def document(record: Record) -> str:
        if record.keys["id"] == "b":
            raise KeyboardInterrupt
        return "text"

    with with_document(tmp_path, document) as index:
        with pytest.raises(KeyboardInterrupt):
            index.write([item("a"), item("b")], deadline=NO_LIMIT)
        assert index.count() == 0


def test_a_document_function_may_ask_the_index_itself(tmp_path: Path) -> None:
    asked: list[SqliteSearchIndex] = []
    with with_document(tmp_path, lambda _: f"seen {asked[0].count()}") as index:
        asked.append(index)
        store(index, item("a"))
        store(index, item("b"))
        assert found(index, "seen 1") == ["b"]


@pytest.mark.parametrize("options", [{}, {"attributes": ("a",), "document": str}, {"attributes": "title"}])
def test_what_is_indexed_is_said_in_one_way(tmp_path: Path, options: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="attributes"):
        SqliteSearchIndex(tmp_path / "search.db", **options)


def test_what_the_deadline_leaves_over_is_a_retryable_failure(index: SqliteSearchIndex) -> None:
    records = [item("a", "canal"), item("b", "canal")]
    (failure,) = index.write(records, deadline=Deadline(0))
    assert failure.record is records[1]
    assert failure.retryable
    assert found(index, "canal") == ["a"]
