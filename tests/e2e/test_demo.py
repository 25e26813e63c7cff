"""``tailrace demo``: the whole way, and that it notices when the end is wrong."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tailrace import Record, StreamHandler, loads
from tailrace.cli.demo.check import content, differences_from_corpus
from tailrace.cli.demo.corpus import Corpus, write_corpus
from tailrace.cli.demo.pipeline import Accidents, Passage, Pipeline
from tailrace.cli.demo.plain import PlainPipeline
from tailrace.sinks import SqliteAuditTrail, SqliteQuarantine, SqliteReplica, SqliteSearchIndex
from tests.unit.cli_commands import environment, in_shell, in_terminal, plain_lines, tailrace

RECORD_COUNT = 1_000


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder and the output of a small demo, in a pipe."""
    folder = tmp_path_factory.mktemp("demo")
    done = tailrace("demo", "--records", RECORD_COUNT, "--seed", 5, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    return folder / "demo-data", done.stdout


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """The same records once more, to compare with."""
    return write_corpus(tmp_path_factory.mktemp("corpus"), RECORD_COUNT, 5, lambda _: None)


def _line(output: str, label: str) -> str:
    (found,) = re.findall(rf"^{label} +(.*)$", output, re.MULTILINE)
    return str(found)


def test_the_summary_says_what_went_in_and_what_came_out(shown: tuple[Path, str], corpus: Corpus) -> None:
    _, output = shown
    counts = corpus.event_counts
    assert _line(output, "records") == "1,000 in 10 batches"
    assert _line(output, "events") == (
        f"{counts['INSERT']:,} INSERT, {counts['MODIFY']:,} MODIFY, {counts['REMOVE']:,} REMOVE"
        f" ({counts['TTL']:,} by Time to Live)"
    )
    assert _line(output, "retries") == "2: 1 time a sink refused a record,"
    assert "1 time the function died before it could answer" in output
    assert _line(output, "audit trail") == "999 changes"
    assert _line(output, "replica") == _line(output, "search index") == f"{len(corpus.table):,} orders"
    assert _line(output, "quarantine") == "1 record"
    assert re.search(r"^  C-\d{5} \d{7}  the total is -\d+(\.\d+)?, its parts add up to \d+", output, re.MULTILINE)
    assert re.search(r"^  C-\d{5} \d{7} .*\[\w+\]", output, re.MULTILINE), "a search hit"
    assert len(re.findall(r"^  01-05 \d\d:\d\d:\d\d  (?:INSERT|MODIFY|REMOVE)  ", output, re.MULTILINE)) > 1
    assert _line(output, "speed").endswith("its three SQLite sinks included")
    assert "json + boto3, same rules and rows, the first 1,000 records" in output
    assert "times as fast at reading alone" in output
    assert "json + boto3 came to the same rows" in output
    assert _line(output, "replay") == "the same files once more: nothing changed"
    assert "FAILED" not in output
    assert "\x1b" not in output


def test_the_files_hold_what_it_says(shown: tuple[Path, str], corpus: Corpus) -> None:
    folder, output = shown
    with SqliteReplica(folder / "replica.db") as replica:
        items = {str(item["order_no"]): item for item in replica.items("orders")}
    assert items == {str(item["order_no"]): item for item in map(loads, corpus.table.values())}
    with SqliteAuditTrail(folder / "audit.db") as trail:
        stored = {entry.event_id for entry in trail}
    sent = {record["eventID"] for file in corpus.files for record in json.loads(file.read_bytes())["Records"]}
    assert stored == sent - set(corpus.poison)
    with SqliteQuarantine(folder / "quarantine.db") as quarantine:
        assert {entry.event_id for entry in quarantine} == set(corpus.poison)
    with SqliteSearchIndex(folder / "search.db", attributes=("note",)) as index:
        assert index.count() == len(corpus.table)
    assert sorted(file.name for file in (folder / "events").iterdir()) == [file.name for file in corpus.files]
    assert all((folder / "events" / file.name).read_bytes() == file.read_bytes() for file in corpus.files)
    log = (folder / "demo.log").read_text()
    assert "record set aside" in log
    assert "the network was down for a moment" in log
    for name in ("demo.log", "audit.db", "replica.db", "search.db", "quarantine.db"):
        assert name in _line(output, "files")


def test_a_second_demo_starts_afresh_and_leaves_other_files_alone(tmp_path: Path) -> None:
    for seed in (1, 2):
        done = tailrace("demo", "--records", 150, "--seed", seed, "--dir", tmp_path, cwd=tmp_path)
        assert done.returncode == 0, done.stdout
        assert _line(done.stdout, "audit trail") == "149 changes"
        (tmp_path / "mine.txt").write_text("mine")
    assert (tmp_path / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "name", ["audit.db", "replica.db", "search.db", "quarantine.db", "demo.log", "events/orders-00000.json", "mine.txt"]
)
def test_a_folder_that_no_demo_made_is_left_as_it_is(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("precious")
    before = sorted(tmp_path.rglob("*"))
    done = tailrace("demo", "--records", 20, "--dir", tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        f"tailrace: {tmp_path}: it holds files, and no demo has made it: name a new or an empty folder\n"
    )
    assert not done.stdout
    assert file.read_text() == "precious"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_full_standard_output_is_told_in_a_line(tmp_path: Path) -> None:
    code, stderr = in_shell('"$@" > /dev/full', "demo", "--records", 20, cwd=tmp_path)
    assert (code, stderr) == (2, "tailrace: standard output: No space left on device\n")


@pytest.mark.parametrize("record_count", [1, 19, 20, 101])
def test_small_demos_come_out_right_too(tmp_path: Path, record_count: int) -> None:
    done = tailrace("demo", "--records", record_count, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert _line(done.stdout, "records").startswith(f"{record_count:,} in ")


@pytest.mark.parametrize("columns", [80, 120])
def test_in_a_terminal_it_shows_progress_and_fits(tmp_path: Path, columns: int) -> None:
    code, written = in_terminal("demo", "--records", 300, cwd=tmp_path, columns=columns)
    assert code == 0
    assert "\x1b" in written
    lines = plain_lines(written)
    assert max(map(len, lines)) <= columns
    assert any(line.startswith("checked       the replica is the table") for line in lines)


def test_without_boto3_it_says_how_to_see_the_comparison(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['boto3'] = None; sys.argv = ['tailrace', 'demo', '--records', '150']\n"
        "from tailrace.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment()
    )
    assert done.returncode == 0, done.stderr
    assert "no comparison with json + boto3: pip install boto3" in done.stdout
    assert "came to the same rows" not in done.stdout
    assert "nothing changed" in done.stdout


def test_a_folder_that_cannot_be_made_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = tailrace("demo", "--dir", "file", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("tailrace: file: ")
    assert done.stderr.count("\n") == 1


def _deliver(folder: Path, corpus: Corpus) -> Passage:
    accidents = Accidents(len(corpus.files))
    with closing(Pipeline(folder, accidents)) as pipeline:
        passage = Passage(pipeline.handler)
        for file in corpus.files:
            passage.deliver(file.read_bytes())
    assert (accidents.refusal_count, accidents.death_count) == (1, 1)
    return passage


def test_accidents_are_retried_and_nothing_is_lost(tmp_path: Path, corpus: Corpus) -> None:
    passage = _deliver(tmp_path, corpus)
    assert (passage.record_count, passage.batch_count, passage.retry_count) == (RECORD_COUNT, 10, 2)
    assert passage.lost_count == 0
    assert passage.handler_seconds > 0
    assert differences_from_corpus(tmp_path, corpus) == []


# What goes wrong, and which check must see it.
WRONGS = {
    "UPDATE replica SET item = replace(item, 'NEW', 'OLD')": "the items of the replica",
    "UPDATE replica SET item = NULL WHERE rowid = (SELECT max(rowid) FROM replica)": "the items of the replica",
    "DELETE FROM search_documents WHERE text > ''": "the orders in the search index",
    "DELETE FROM audit_trail WHERE rowid = 7": "the changes in the audit trail",
    "DELETE FROM quarantine": "the records in quarantine",
}


@pytest.mark.parametrize(("statement", "seen_by"), WRONGS.items(), ids=WRONGS)
def test_what_is_wrong_in_a_database_is_seen(tmp_path: Path, corpus: Corpus, statement: str, seen_by: str) -> None:
    _deliver(tmp_path, corpus)
    before = content(tmp_path)
    assert differences_from_corpus(tmp_path, corpus) == []
    changed_count = 0
    for file in tmp_path.glob("*.db"):
        with closing(sqlite3.connect(file)) as connection:
            table = re.search(r"replica|search_documents|audit_trail|quarantine", statement)
            assert table is not None
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table[0],)).fetchone():
                changed_count += connection.execute(statement).rowcount
                connection.commit()
    assert changed_count > 0
    assert differences_from_corpus(tmp_path, corpus) == [f"{seen_by} are not those of the generator"]
    assert content(tmp_path) != before


def test_boto3s_pipeline_is_a_correct_one(tmp_path: Path, corpus: Corpus) -> None:
    """It is a fair rival: the same rows at the end, and a replay of everything, backwards too, changes none."""
    (tmp_path / "ours").mkdir()
    (tmp_path / "theirs").mkdir()
    _deliver(tmp_path / "ours", corpus)
    with closing(PlainPipeline(tmp_path / "theirs")) as rival:
        for file in [*corpus.files, *reversed(corpus.files)]:
            rival.handler(file.read_bytes(), None)
    assert content(tmp_path / "theirs") == content(tmp_path / "ours")
    assert differences_from_corpus(tmp_path / "theirs", corpus) == []


def test_a_demo_whose_end_is_wrong_fails(tmp_path: Path) -> None:
    """A handler that refuses what it should not: the demo must say so, and end with code 1."""
    code = (
        "import sys; sys.argv = ['tailrace', 'demo', '--records', '300']\n"
        "import tailrace.cli.demo.pipeline as pipeline\n"
        "rules = pipeline.wrong_total\n"
        "pipeline.wrong_total = lambda order: rules(order) or ('too early' if order['status'] == 'PACKED' else None)\n"
        "from tailrace.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment()
    )
    assert done.returncode == 1, done.stderr
    assert "the changes in the audit trail are not those of the generator" in _line_of_failure(done.stdout)
    assert "other rows than json + boto3" in done.stdout
    assert "checked" not in done.stdout


def _line_of_failure(output: str) -> str:
    return "\n".join(line for line in output.splitlines() if line.startswith("FAILED"))


def test_a_lost_record_is_told(tmp_path: Path, corpus: Corpus) -> None:
    app = StreamHandler()

    @app.on("INSERT", "MODIFY", "REMOVE")
    def broken(record: Record) -> None:
        raise ConnectionError("for good")

    passage = Passage(app)
    passage.deliver(corpus.files[0].read_bytes())
    assert passage.lost_count == 100
    assert passage.retry_count == 5
