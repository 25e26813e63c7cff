"""``tailrace run``: records of files through a handler, in one process and in processes that are stopped."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tailrace import loads
from tailrace.cli.app import app
from tailrace.cli.demo.corpus import Corpus, write_corpus
from tailrace.sinks import SqliteAuditTrail, SqliteReplica
from tailrace.testing import make_event, make_record
from tests.unit.cli_commands import COMMAND, environment, hear_interrupts, in_shell, in_terminal, plain_lines, tailrace

RECORDS = make_event([{"id": f"{number:03d}"} for number in range(25)], table_name="orders")["Records"]
HANDLERS = """
from tailrace import Quarantine, StreamHandler
from tailrace.sinks import SqliteQuarantine

events, failing, tries = [], set(), {}

def plain(event, context):
    events.append(event)
    for record in event["Records"]:
        _check(record["dynamodb"]["Keys"]["id"]["S"])

app = StreamHandler()

@app.on("INSERT", "MODIFY", "REMOVE")
def seen(record):
    events.append(record.keys["id"])
    _check(record.keys["id"])

aside = StreamHandler(on_error="quarantine", quarantine=SqliteQuarantine("quarantine.db"))

@aside.insert
def refuse(record):
    if record.keys["id"] in failing:
        raise Quarantine("refused")

def _check(key):
    tries[key] = tries.get(key, 0) + 1
    if key in failing:
        raise ValueError(f"order {key} is bad")
    if key == "007" and once and tries[key] == 1:
        raise ConnectionError("a moment's trouble")

once = False

class Holder:
    inner = plain

number = 5
"""


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with handlers and a file of 25 records, as the current one."""
    (tmp_path / "shop.py").write_text(HANDLERS)
    (tmp_path / "orders.jsonl").write_text(_lines(RECORDS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("shop", None)


def _lines(records: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["run", *map(str, arguments)])


def _summary(result: Result) -> dict[str, str]:
    lines = result.stdout.partition("\n\n")[0].splitlines()
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


def _shop() -> Any:
    import shop  # type: ignore[import-not-found]

    return shop


def test_every_record_arrives_once_in_order_in_batches(workshop: Path) -> None:
    result = run("--handler", "shop:plain", "--batch-size", 10, "orders.jsonl")
    assert result.exit_code == 0, result.output
    assert [len(event["Records"]) for event in _shop().events] == [10, 10, 5]
    assert [record for event in _shop().events for record in event["Records"]] == RECORDS
    summary = _summary(result)
    assert summary.pop("time").endswith("records/s")
    assert summary == {
        "records": "25",
        "events": "25 INSERT",
        "batches": "3",
        "retries": "0",
        "failed": "0",
        "quarantined": "0",
    }
    assert not (workshop / "tailrace-run.log").exists()
    assert not result.stderr


def test_batches_go_on_over_the_ends_of_files(workshop: Path) -> None:
    (workshop / "1").write_text(json.dumps({"Records": RECORDS[:7]}))
    (workshop / "2.gz").write_bytes(gzip.compress(_lines(RECORDS[7:12]).encode()))
    (workshop / "3").write_text(json.dumps(RECORDS[12:]))
    result = run("--handler", "shop:app", "--batch-size", 10, "1", "2.gz", "3")
    assert result.exit_code == 0, result.output
    assert _summary(result)["batches"] == "3"
    assert _shop().events == [record["dynamodb"]["Keys"]["id"]["S"] for record in RECORDS]


NAMING = """
done, trouble = [], {"c"}

def handler(event, context):
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["id"]["S"]
        if key in trouble:
            trouble.remove(key)
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        done.append(key)
"""


@pytest.mark.parametrize(
    ("keys", "numbers", "tables"),
    [
        ("abcd", (2, 3, 4, 1), "oooo"),  # the fourth record comes from another shard, or is out of order
        ("abcd", (1, 2, 3, 2), "ooos"),  # or from another table
        ("abcd", (9, 10, 11, 12), "oooo"),  # numbers are compared by value
    ],
)
def test_what_a_handler_names_tells_nothing_of_another_stream(
    workshop: Path, keys: str, numbers: tuple[int, ...], tables: str
) -> None:
    """A handler that stops at its failure has not seen the record behind it, however low the number of that is."""
    records = [
        make_record(new_image={"id": key}, sequence_number=str(number), table_name=table).to_dict()
        for key, number, table in zip(keys, numbers, tables, strict=True)
    ]
    (workshop / "naming.py").write_text(NAMING)
    (workshop / "mixed.jsonl").write_text(_lines(records))
    assert run("--handler", "naming:handler", "mixed.jsonl").exit_code == 0
    naming = sys.modules.pop("naming")
    assert sorted(naming.done) == list(keys)


@pytest.mark.parametrize("name", ["shop:plain", "shop:app", "shop:Holder.inner"])
def test_a_moments_trouble_is_got_over(workshop: Path, name: str) -> None:
    (workshop / "shop.py").write_text(HANDLERS.replace("once = False", "once = True"))
    result = run("--handler", name, "--batch-size", 10, "orders.jsonl")
    assert result.exit_code == 0, result.output
    assert int(_summary(result)["retries"]) > 0
    assert _summary(result)["failed"] == "0"
    assert set(_shop().tries) == {record["dynamodb"]["Keys"]["id"]["S"] for record in RECORDS}


@pytest.mark.parametrize("name", ["shop:plain", "shop:app"])
def test_records_that_keep_failing_are_listed_and_no_other_is_lost(workshop: Path, name: str) -> None:
    (workshop / "shop.py").write_text(
        HANDLERS.replace("failing, tries = [], set()", "failing, tries = [], {'003', '017'}")
    )
    result = run("--handler", name, "--batch-size", 10, "--retries", 1, "orders.jsonl")
    assert result.exit_code == 1
    assert _summary(result)["failed"] == "2"
    assert _summary(result)["log"] == "tailrace-run.log"
    for number in (3, 17):
        record = RECORDS[number]
        assert f"orders.jsonl, line {number + 1}: eventID {record['eventID']}" in result.stdout
        assert f"ValueError: order {number:03d} is bad" in result.stdout
    # All others were done, and each failing one got its retries: alone, twice.
    assert set(_shop().tries) == {record["dynamodb"]["Keys"]["id"]["S"] for record in RECORDS}
    assert _shop().tries["003"] >= 2
    assert "Traceback" not in result.output
    log = (workshop / "tailrace-run.log").read_text()
    assert "Traceback" in log
    assert "ValueError: order 003 is bad" in log
    assert log.count("record given up") == 2


def test_a_batch_that_raises_is_halved_before_its_records_come_alone(workshop: Path) -> None:
    """Healthy records come again as seldom as possible: they may be costly."""
    (workshop / "shop.py").write_text(HANDLERS.replace("tries = [], set()", "tries = [], {'003'}"))
    result = run("--handler", "shop:plain", "--batch-size", 25, "--retries", 1, "orders.jsonl")
    assert result.exit_code == 1
    assert int(_summary(result)["retries"]) < 25
    assert sum(_shop().tries.values()) < 3 * 25


def test_a_long_list_of_failures_is_cut(workshop: Path) -> None:
    names = {record["dynamodb"]["Keys"]["id"]["S"] for record in RECORDS}
    (workshop / "shop.py").write_text(HANDLERS.replace("failing, tries = [], set()", f"failing, tries = [], {names}"))
    result = run("--handler", "shop:app", "--retries", 0, "--log", "elsewhere.log", "orders.jsonl")
    assert result.exit_code == 1
    assert result.stdout.count("eventID") == 20
    assert "and 5 more: see the log" in result.stdout
    assert (workshop / "elsewhere.log").read_text().count("record given up") == 25


def test_quarantined_records_are_counted_and_no_failure(workshop: Path) -> None:
    (workshop / "shop.py").write_text(
        HANDLERS.replace("failing, tries = [], set()", "failing, tries = [], {'003', '017'}")
    )
    result = run("--handler", "shop:aside", "orders.jsonl")
    assert result.exit_code == 0, result.output
    assert _summary(result)["quarantined"] == "2"
    assert "refused" in (workshop / "tailrace-run.log").read_text()


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        ("{broken\n", "line 23: broken JSON"),
        ('{"detail": 1}\n', "line 23: no stream event"),
        ("[1]\n", "line 23, at [0]"),
    ],
)
def test_before_broken_input_whole_batches_are_done(workshop: Path, broken: str, where: str) -> None:
    (workshop / "bad.jsonl").write_text(_lines(RECORDS[:22]) + broken + _lines(RECORDS[22:]))
    result = run("--handler", "shop:app", "--batch-size", 10, "bad.jsonl")
    assert result.exit_code == 2
    assert len(_shop().events) == 20
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"tailrace: bad.jsonl, {where}")
    assert "2 whole batches before it done" in result.stderr
    assert _summary(result)["records"] == "20"
    (workshop / "bad.jsonl").write_text(_lines(RECORDS))
    assert run("--handler", "shop:app", "--batch-size", 10, "bad.jsonl").exit_code == 0
    assert _shop().events[20:] == [record["dynamodb"]["Keys"]["id"]["S"] for record in RECORDS]


@pytest.mark.parametrize(("log", "reason"), [("nosuch/x.log", "No such file or directory"), (".", "Is a directory")])
def test_a_log_that_cannot_be_is_found_before_anything_is_delivered(workshop: Path, log: str, reason: str) -> None:
    result = run("--handler", "shop:app", "--log", log, "orders.jsonl")
    assert result.exit_code == 2
    assert result.stderr == f"tailrace: --log {log}: {reason}; nothing was delivered\n"
    assert "shop" not in sys.modules


def test_a_log_that_is_there_is_added_to(workshop: Path) -> None:
    (workshop / "old.log").write_text("old\n")
    assert run("--handler", "shop:app", "--log", "old.log", "orders.jsonl").exit_code == 0
    assert (workshop / "old.log").read_text() == "old\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"$@" - <&-', "standard input: it is closed; nothing was delivered"),
        ('"$@" orders.jsonl >&-', "standard output is closed"),
        (
            '"$@" orders.jsonl > /dev/full',
            "standard output: No space left on device; 25 records delivered, 0 of them failed",
        ),
    ],
)
def test_streams_that_are_closed_or_full_are_told_in_a_line(workshop: Path, line: str, message: str) -> None:
    assert in_shell(line, "run", "--handler", "shop:app", cwd=workshop) == (2, f"tailrace: {message}\n")


def test_a_missing_file_is_found_before_anything_is_delivered(workshop: Path) -> None:
    result = run("--handler", "shop:app", "orders.jsonl", "missing.jsonl")
    assert result.exit_code == 2
    assert result.stderr == "tailrace: missing.jsonl: no such file; nothing was delivered\n"
    assert not _shop().events
    assert not result.stdout


def test_getrecords_answers_get_the_stream_they_came_from(workshop: Path) -> None:
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/elsewhere/stream/2026-01-01T00:00:00.000"
    records = [{name: value for name, value in record.items() if name != "eventSourceARN"} for record in RECORDS]
    (workshop / "answer.json").write_text(json.dumps({"Records": records}))
    result = run("--handler", "shop:plain", "--event-source-arn", arn, "answer.json")
    assert result.exit_code == 0, result.output
    assert {record["eventSourceARN"] for event in _shop().events for record in event["Records"]} == {arn}


def test_a_terminal_sees_progress_and_a_summary_that_fits(workshop: Path) -> None:
    code, written = in_terminal(
        "run", "--handler", "shop:app", "--batch-size", 1, "orders.jsonl", cwd=workshop, columns=80
    )
    assert code == 0
    assert "delivering" in written
    lines = plain_lines(written)
    assert max(map(len, lines)) <= 80
    assert "records       25" in [line.rstrip() for line in lines]


def test_a_pipe_sees_no_progress(workshop: Path) -> None:
    done = tailrace("run", "--handler", "shop:app", "-", cwd=workshop, stdin=(workshop / "orders.jsonl").read_bytes())
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    assert "\x1b" not in done.stdout


STOPPING = """
import os, pathlib, time
from tailrace import StreamHandler
from tailrace.sinks import SqliteAuditTrail, SqliteReplica

app = StreamHandler()
app.sink(SqliteAuditTrail("audit.db"))
app.sink(SqliteReplica("replica.db"))
count = 0

@app.on("INSERT", "MODIFY", "REMOVE")
def stop_somewhere(record):
    global count
    count += 1
    if count == int(os.environ.get("STOP_AT", "0")):
        pathlib.Path("stopped").touch()
        time.sleep(60)
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """600 records of an order table, of which one total is wrong, which nobody here minds."""
    (tmp_path / "stopping.py").write_text(STOPPING)
    return write_corpus(tmp_path / "events", 600, 3, lambda _: None)


def _stopped_run(corpus: Corpus, folder: Path, stop: signal.Signals) -> tuple[int, str]:
    """Run until a record in the middle of the fourth batch, and stop the process there."""
    command = [*COMMAND, "run", "--handler", "stopping:app", *map(str, corpus.files)]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(STOP_AT="350"),
        preexec_fn=hear_interrupts,  # noqa: PLW1509 - no thread of the tests runs here
    ) as process:
        deadline = time.monotonic() + 60
        while not (folder / "stopped").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.kill(process.pid, stop)
        _, stderr = process.communicate(timeout=30)
    return process.returncode, stderr.decode()


def _audit_count(folder: Path) -> int:
    with SqliteAuditTrail(folder / "audit.db") as trail:
        return trail.count()


def _assert_a_rerun_makes_it_whole(corpus: Corpus, folder: Path) -> None:
    done = tailrace("run", "--handler", "stopping:app", *corpus.files, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert _audit_count(folder) == 600
    with SqliteReplica(folder / "replica.db") as replica:
        items = {str(item["order_no"]): item for item in replica.items("orders")}
    assert items == {str(item["order_no"]): item for item in map(loads, corpus.table.values())}


def test_killed_in_the_middle_of_a_batch_and_run_again(corpus: Corpus, tmp_path: Path) -> None:
    code, _ = _stopped_run(corpus, tmp_path, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert _audit_count(tmp_path) == 300
    _assert_a_rerun_makes_it_whole(corpus, tmp_path)


def test_interrupted_says_how_far_it_came(corpus: Corpus, tmp_path: Path) -> None:
    code, stderr = _stopped_run(corpus, tmp_path, signal.SIGINT)
    assert code == 130
    assert stderr.startswith("tailrace: interrupted; 3 whole batches before it done")
    assert stderr.count("\n") == 1
    _assert_a_rerun_makes_it_whole(corpus, tmp_path)
