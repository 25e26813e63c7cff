"""What the SQLite sinks share: the file, its errors, and a batch of which each record is stored or named."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tailrace import Record, SinkError
from tailrace.sinks import Deadline, SqliteAuditTrail, SqliteQuarantine, SqliteReplica, SqliteSearchIndex
from tailrace.testing import make_record

NO_LIMIT = Deadline(None)
SERIALS = count()
Sink = Any
MAKERS: dict[str, Callable[[Path], Sink]] = {
    "audit_trail": SqliteAuditTrail,
    "replica": SqliteReplica,
    "search_index": lambda path: SqliteSearchIndex(path, attributes=("text",)),
}
TABLES = {"audit_trail": "audit_trail", "replica": "replica", "search_index": "search_documents"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sink.db"


@pytest.fixture(params=list(MAKERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sink(kind: str, path: Path) -> Iterator[Sink]:
    with MAKERS[kind](path) as sink:
        yield sink


def records(*keys: str, text: str = "text") -> list[Record]:
    # A forked process counts on from where its parent was: its records are told apart by their item.
    return [make_record(new_image={"id": key, "text": text}, event_id=f"{key}-{next(SERIALS)}") for key in keys]


def stored(path: Path, kind: str) -> list[str]:
    """The ids that another connection sees."""
    connection = sqlite3.connect(path)
    rows = connection.execute(f"SELECT keys FROM {TABLES[kind]} ORDER BY rowid").fetchall()
    connection.close()
    return [row[0].split('"')[5] for row in rows]


@contextmanager
def changed(path: Path, statement: str) -> Iterator[sqlite3.Connection]:
    """The file as somebody else changes it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(statement)
    try:
        yield connection
    finally:
        connection.close()


def refuse_b(kind: str, how: str) -> str:
    """A trigger by which SQLite itself refuses the row of item b."""
    condition = "new.keys LIKE '%\"b\"%'"
    return (
        f"CREATE TRIGGER refuse BEFORE INSERT ON {TABLES[kind]} WHEN {condition} BEGIN SELECT RAISE({how}, 'no b'); END"
    )


def test_a_write_is_durable_and_in_one_transaction(sink: Sink, path: Path, kind: str) -> None:
    assert sink.write(records("a", "b"), deadline=NO_LIMIT) == []
    assert stored(path, kind) == ["a", "b"]
    assert sink._query("PRAGMA journal_mode") == [("wal",)]
    assert sink._query("PRAGMA synchronous") == [(2,)]


def test_the_file_is_made_by_the_first_write(sink: Sink, path: Path) -> None:
    assert not path.exists()
    assert sink.write([], deadline=NO_LIMIT) == []
    assert path.exists()
    assert sink.count() == 0


def test_a_row_that_sqlite_refuses_is_a_failure_of_its_record(sink: Sink, path: Path, kind: str) -> None:
    sink.write([], deadline=NO_LIMIT)
    with changed(path, refuse_b(kind, "ABORT")):
        batch = records("a", "b", "c", "b", "d")
        failures = sink.write(batch, deadline=NO_LIMIT)
    assert [failure.record for failure in failures] == [batch[1], batch[3]]
    assert all(isinstance(failure.error, SinkError) and "no b" in str(failure.error) for failure in failures)
    assert stored(path, kind) == ["a", "c", "d"]


def test_when_sqlite_undoes_the_batch_nothing_of_it_counts_as_stored(sink: Sink, path: Path, kind: str) -> None:
    sink.write(records("0"), deadline=NO_LIMIT)
    with changed(path, refuse_b(kind, "ROLLBACK")), pytest.raises(SinkError, match="no b"):
        sink.write(records("a", "b", "c"), deadline=NO_LIMIT)
    assert stored(path, kind) == ["0"]


def test_a_table_name_that_sqlite_cannot_hold_fails_its_record(sink: Sink, path: Path, kind: str) -> None:
    first, last = records("a", "c")
    broken = make_record(new_image={"id": "b"}, table_name="\ud800")
    (failure,) = sink.write([first, broken, last], deadline=NO_LIMIT)
    assert failure.record is broken
    assert stored(path, kind) == ["a", "c"]


def test_a_full_disk_fails_the_batch_and_the_next_one_is_stored(sink: Sink, path: Path, kind: str) -> None:
    sink.write(records("0"), deadline=NO_LIMIT)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(SinkError, match="disk"):
            sink.write(records(*map(str, range(1, 100)), text="x" * 10_000), deadline=NO_LIMIT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert stored(path, kind) == ["0"]
    assert sink.write(records("1"), deadline=NO_LIMIT) == []
    assert stored(path, kind) == ["0", "1"]


def test_a_locked_file_fails_the_batch_before_the_deadline(sink: Sink, path: Path, kind: str) -> None:
    sink.write([], deadline=NO_LIMIT)
    deadline, much_later = Deadline(200), Deadline(5_000)
    with changed(path, "BEGIN IMMEDIATE"), pytest.raises(SinkError, match="another process is writing"):
        sink.write(records("a"), deadline=deadline)
    assert deadline.passed()
    assert not much_later.passed()
    assert stored(path, kind) == []
    assert sink.write(records("a"), deadline=NO_LIMIT) == []


def test_what_is_no_database_is_refused(sink: Sink, path: Path) -> None:
    path.write_bytes(b"dear diary, " * 1000)
    with pytest.raises(SinkError, match="not written by a tailrace sink"):
        sink.write(records("a"), deadline=NO_LIMIT)
    assert path.read_bytes() == b"dear diary, " * 1000


def test_a_folder_that_is_missing_is_named(kind: str, tmp_path: Path) -> None:
    with (
        MAKERS[kind](tmp_path / "missing" / "sink.db") as sink,
        pytest.raises(SinkError, match="does its folder exist"),
    ):
        sink.write(records("a"), deadline=NO_LIMIT)


@pytest.mark.parametrize("place", ["", ":memory:"])
def test_a_path_that_is_no_file_is_refused(kind: str, place: Any) -> None:
    with pytest.raises(ValueError, match="path of a file"):
        MAKERS[kind](place)


def test_a_file_of_another_version_is_refused(sink: Sink, path: Path) -> None:
    sink.write([], deadline=NO_LIMIT)
    sink.close()
    with changed(path, "UPDATE tailrace_schema SET version = 99"), pytest.raises(SinkError, match="version 99"):
        sink.write(records("a"), deadline=NO_LIMIT)


def test_a_closed_sink_opens_again(sink: Sink, path: Path, kind: str) -> None:
    sink.write(records("a"), deadline=NO_LIMIT)
    sink.close()
    sink.close()
    sink.write(records("b"), deadline=NO_LIMIT)
    assert stored(path, kind) == ["a", "b"]


def test_a_file_removed_while_open_fails_one_write_and_is_begun_anew(sink: Sink, path: Path, kind: str) -> None:
    sink.write(records("a"), deadline=NO_LIMIT)
    for file in path.parent.glob("sink.db*"):
        file.unlink()
    with pytest.raises(SinkError, match="removed or replaced"):
        sink.write(records("b"), deadline=NO_LIMIT)
    sink.write(records("b"), deadline=NO_LIMIT)
    assert stored(path, kind) == ["b"]


READS: dict[str, Callable[[Sink], object]] = {
    "audit_trail": lambda sink: [list(sink), sink.count(), sink.history("table", {"id": "a"})],
    "replica": lambda sink: [list(sink.items("table")), sink.count(), sink.get("table", {"id": "a"})],
    "search_index": lambda sink: [sink.search("text"), sink.count()],
}


def test_reading_makes_no_file(sink: Sink, path: Path, kind: str) -> None:
    with pytest.raises(SinkError, match=r"sink\.db: no such file"):
        READS[kind](sink)
    assert list(path.parent.iterdir()) == []
    sink.write(records("a"), deadline=NO_LIMIT)
    assert sink.count() == 1


def test_reading_changes_nothing_in_a_file_of_somebody_else(sink: Sink, path: Path) -> None:
    with changed(path, "CREATE TABLE diary (day TEXT)"):
        pass
    before = path.read_bytes()
    with pytest.raises(SinkError, match="has written to it yet"):
        sink.count()
    assert path.read_bytes() == before


def test_a_sink_that_has_read_a_file_can_write_to_it(sink: Sink, path: Path, kind: str) -> None:
    sink.write(records("a"), deadline=NO_LIMIT)
    sink.close()
    assert sink.count() == 1
    assert sink.write(records("b"), deadline=NO_LIMIT) == []
    assert sink._query("PRAGMA synchronous") == [(2,)]
    assert stored(path, kind) == ["a", "b"]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Rights to files do not bind root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o555), (0o666, 0o555), (0o444, 0o777)])
def test_what_may_not_be_written_can_be_read(kind: str, file_mode: int, folder_mode: int) -> None:
    with tempfile.TemporaryDirectory() as folder, MAKERS[kind](Path(folder) / "sink.db") as sink:
        sink.write(records("a"), deadline=NO_LIMIT)
        expected = READS[kind](sink)
        sink.close()
        (Path(folder) / "sink.db").chmod(file_mode)
        Path(folder).chmod(folder_mode)
        with as_nobody():
            assert READS[kind](sink) == expected
            with pytest.raises(SinkError, match="may this process write"):
                sink.write(records("b"), deadline=NO_LIMIT)
            sink.close()
        Path(folder).chmod(0o700)


def test_sinks_of_different_kinds_may_share_a_file(path: Path) -> None:
    batch = records("a", "b")
    with SqliteQuarantine(path) as store:
        for kind, maker in MAKERS.items():
            with maker(path) as sink:
                assert sink.write(batch, deadline=NO_LIMIT) == []
            assert stored(path, kind) == ["a", "b"]
        store.add(batch[0], error=ValueError(), route="x")
        assert store.count() == 1


def test_another_thread_may_use_it(sink: Sink, path: Path, kind: str) -> None:
    sink.write(records("a"), deadline=NO_LIMIT)
    answers: list[Any] = []
    threads = [
        threading.Thread(target=lambda key=key: answers.append(sink.write(records(key), deadline=NO_LIMIT)))
        for key in "bcdefgh"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[]] * 7
    assert sorted(stored(path, kind)) == list("abcdefgh")


def _write(sink: Sink, key: str) -> None:
    assert sink.write(records(key), deadline=NO_LIMIT) == []


def _write_in_a_child(sink: Sink, key: str) -> int | None:
    """The exit code of a forked child that writes, through a connection that is not its parent's."""
    parents = sink._connection

    def write() -> None:
        _write(sink, key)
        assert sink._connection is not parents

    child = multiprocessing.get_context("fork").Process(target=write)
    child.start()
    child.join(10)
    child.kill()
    return child.exitcode


def test_a_forked_child_opens_the_file_anew(sink: Sink, path: Path, kind: str) -> None:
    _write(sink, "a")
    parents = sink._connection
    assert _write_in_a_child(sink, "b") == 0
    assert sink._connection is parents
    _write(sink, "c")
    assert stored(path, kind) == ["a", "b", "c"]


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # forking beside a thread is what this is about
def test_a_child_forked_while_another_thread_writes_does_not_wait_for_it(sink: Sink, path: Path, kind: str) -> None:
    _write(sink, "a")
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with sink._lock:  # as a write does; in the child nobody would ever let it go
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    exit_code = _write_in_a_child(sink, "b")
    release.set()
    thread.join()
    assert exit_code == 0
    assert stored(path, kind) == ["a", "b"]


OPEN_AND_WRITE = """
import sys
from tailrace.sinks import Deadline, SqliteReplica
from tailrace.testing import make_record
with SqliteReplica(sys.argv[1]) as replica:
    for number in range(20):
        record = make_record(new_image={"id": f"{sys.argv[2]}-{number}"})
        assert replica.write([record], deadline=Deadline()) == []
"""


def test_processes_that_begin_a_file_together_all_get_through(path: Path) -> None:
    children = [subprocess.Popen([sys.executable, "-c", OPEN_AND_WRITE, str(path), str(name)]) for name in range(4)]
    assert [child.wait(60) for child in children] == [0, 0, 0, 0]
    with SqliteReplica(path) as replica:
        assert replica.count() == 80


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with SqliteReplica("replica.db") as replica:
        os.chdir("/")
        replica.write(records("a"), deadline=NO_LIMIT)
        assert repr(replica) == f"SqliteReplica({str(tmp_path / 'replica.db')!r})"
    assert (tmp_path / "replica.db").exists()
