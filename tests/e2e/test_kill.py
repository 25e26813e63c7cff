"""Killed in the middle of a write, again and again: no acknowledged record is lost, and a replay mends the rest.

Run as a program, this file is the process that is killed: it feeds batches to every embedded sink, and says when.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tailrace import Record
from tailrace.sinks import Deadline, JsonlSink, SqliteAuditTrail, SqliteQuarantine, SqliteReplica, SqliteSearchIndex
from tailrace.testing import make_record

TABLE = "orders"
RECORDS_COUNT = 250
ITEMS_COUNT = 150
POISON_EVERY = 25
FILES = {"audit": "audit.db", "replica": "replica.db", "search": "search.db", "jsonl": "all.jsonl", "aside": "aside.db"}
WORDS = ("canal", "lock", "weir", "sluice")
MOST_ROUNDS = 150


def change(number: int) -> Record:
    """Change `number` of the table, the same in every process."""
    chance = random.Random(number)
    key = f"item-{chance.randrange(ITEMS_COUNT)}"
    image = {"id": key, "text": chance.choice(WORDS), "number": number, "padding": "x" * 2_000}
    removed = chance.random() < 0.2
    return make_record(
        new_image=None if removed else image,
        keys={"id": key},
        event_name="REMOVE" if removed else "MODIFY",
        event_id=f"event-{number}",
        sequence_number=str(10**20 + number),
        table_name=TABLE,
    )


def batch(index: int) -> list[Record]:
    return [change(index * RECORDS_COUNT + offset) for offset in range(RECORDS_COUNT)]


def poison(records: list[Record]) -> list[Record]:
    """The records that a handler sets aside."""
    return records[::POISON_EVERY]


@dataclass(frozen=True)
class Sinks:
    audit: SqliteAuditTrail
    replica: SqliteReplica
    search: SqliteSearchIndex
    jsonl: JsonlSink
    aside: SqliteQuarantine

    def steps(self) -> dict[str, Callable[[list[Record]], None]]:
        writes = {name: getattr(self, name) for name in FILES if name != "aside"}
        return {**{name: _write(sink) for name, sink in writes.items()}, "aside": self._set_aside}

    def _set_aside(self, records: list[Record]) -> None:
        for record in poison(records):
            self.aside.add(record, error=ValueError("poison"), route="bill")


def _write(sink: Any) -> Callable[[list[Record]], None]:
    def write(records: list[Record]) -> None:
        assert sink.write(records, deadline=Deadline(None)) == []

    return write


@contextmanager
def sinks(folder: Path) -> Iterator[Sinks]:
    with ExitStack() as stack:
        yield Sinks(
            stack.enter_context(SqliteAuditTrail(folder / FILES["audit"])),
            stack.enter_context(SqliteReplica(folder / FILES["replica"])),
            stack.enter_context(SqliteSearchIndex(folder / FILES["search"], attributes=("text",))),
            stack.enter_context(JsonlSink(folder / FILES["jsonl"])),
            stack.enter_context(SqliteQuarantine(folder / FILES["aside"])),
        )


def feed(folder: Path, first: int, end: int) -> None:
    """What the killed process does: each batch to each sink, with a line before and after each write."""
    with sinks(folder) as targets:
        for index in range(first, end):
            records = batch(index)
            for name, step in targets.steps().items():
                print(f"begin {name} {index}", flush=True)
                began = time.perf_counter()
                step(records)
                print(f"done {name} {index} {time.perf_counter() - began}", flush=True)


@dataclass
class Progress:
    """What the processes have acknowledged so far, and which writes were cut short."""

    cuts_wanted: int
    done: set[tuple[str, int]] = field(default_factory=set)
    write_seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(FILES, 0.02))
    cut_short: Counter[str] = field(default_factory=Counter)

    def next_batch(self, *names: str) -> int:
        """The first batch that one of these sinks has not acknowledged."""
        return next(index for index in count() if not all((name, index) in self.done for name in names))

    def note(self, lines: list[str]) -> None:
        begun = None
        for line in lines:
            what, name, index, *seconds = line.split()
            begun = (name, int(index)) if what == "begin" else None
            if what == "done" and (name, int(index)) not in self.done:
                self.done.add((name, int(index)))
                self.write_seconds[name] = float(seconds[0])
        if begun and begun not in self.done:  # a repeated write changes nothing, and so can leave nothing in part
            self.cut_short[begun[0]] += 1

    def missing(self) -> list[str]:
        """The sinks that have yet to be killed in the middle of a write."""
        return [name for name in FILES if self.cut_short[name] < self.cuts_wanted]


def kill_in_a_write(folder: Path, progress: Progress, chance: random.Random) -> None:
    """Start a process where the last one has to be taken up, and kill it soon after some write has begun."""
    first = max(0, progress.next_batch(*FILES) - 1)  # a redelivery begins before what was done
    name = chance.choice(progress.missing())
    target = f"begin {name} {progress.next_batch(name)}\n"
    command = [sys.executable, __file__, str(folder), str(first), "1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == target:
                break
        time.sleep(chance.uniform(0, progress.write_seconds[name]))
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
    assert process.returncode == -signal.SIGKILL, lines
    progress.note(lines)


def check(folder: Path, progress: Progress) -> None:
    """What must be true at any moment: files are whole, batches too, and no acknowledged one is missing."""
    for name, file in FILES.items():
        acknowledged = {index for of, index in progress.done if of == name}
        if (folder / file).exists() and name == "jsonl":
            assert acknowledged <= _whole_batches(_lines(folder / file, torn=True))
        elif (folder / file).exists():
            _check_integrity(folder / file)
    if (folder / FILES["audit"]).exists():
        _check_audit_trail(folder, {index for name, index in progress.done if name == "audit"})
    if (folder / FILES["aside"]).exists():
        _check_quarantine(folder, {index for name, index in progress.done if name == "aside"})


def _check_integrity(file: Path) -> None:
    connection = sqlite3.connect(file)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'search_text'").fetchone():
            connection.execute("INSERT INTO search_text (search_text, rank) VALUES ('integrity-check', 1)")
    finally:
        connection.close()


def _check_audit_trail(folder: Path, acknowledged: set[int]) -> None:
    stored = [_number(event_id) for event_id in _event_ids(folder / FILES["audit"], "audit_trail")]
    assert acknowledged <= _whole_batches(stored)
    assert len(stored) == len(_whole_batches(stored)) * RECORDS_COUNT  # none in part, none twice


def _check_quarantine(folder: Path, acknowledged: set[int]) -> None:
    stored = {_number(event_id) for event_id in _event_ids(folder / FILES["aside"], "quarantine")}
    whole = [range(index * RECORDS_COUNT, (index + 1) * RECORDS_COUNT) for index in acknowledged]
    assert {number for numbers in whole for number in numbers[::POISON_EVERY]} <= stored


def _event_ids(file: Path, table: str) -> list[str]:
    connection = sqlite3.connect(file)
    try:
        found = connection.execute("SELECT name FROM sqlite_master WHERE name = ?", (table,)).fetchall()
        return [str(row[0]) for (name,) in found for row in connection.execute(f"SELECT event_id FROM {name}")]
    finally:
        connection.close()


def _lines(file: Path, *, torn: bool) -> list[int]:
    """The numbers of the changes in the file; only its last line may be torn."""
    *lines, rest = file.read_bytes().split(b"\n")
    assert torn or not rest
    return [_number(json.loads(line)["eventID"]) for line in lines]


def _number(event_id: str) -> int:
    return int(event_id.removeprefix("event-"))


def _whole_batches(numbers: list[int]) -> set[int]:
    stored = set(numbers)
    indexes = {number // RECORDS_COUNT for number in stored}
    return {index for index in indexes if stored >= set(range(index * RECORDS_COUNT, (index + 1) * RECORDS_COUNT))}


def check_end(folder: Path, batches_count: int) -> None:
    """After a replay every sink holds exactly what one undisturbed run would have given it."""
    changes = [record for index in range(batches_count) for record in batch(index)]
    newest = {str(record.keys["id"]): record.new_image for record in changes}
    items = {key: image for key, image in newest.items() if image is not None}
    with sinks(folder) as held:
        assert {str(item["id"]): item for item in held.replica.items(TABLE)} == items
        assert [entry.event_id for entry in held.audit] == [record.event_id for record in changes]
        assert {entry.event_id for entry in held.aside} == {record.event_id for record in poison(changes)}
        for word in WORDS:
            found = {str(hit.keys["id"]) for hit in held.search.search(word, limit=ITEMS_COUNT)}
            assert found == {key for key, image in items.items() if image["text"] == word}
    assert set(_lines(folder / FILES["jsonl"], torn=False)) == set(range(len(changes)))


@pytest.mark.parametrize("cuts", [2, pytest.param(6, marks=pytest.mark.slow)])
def test_no_acknowledged_record_is_lost_and_a_replay_mends_the_rest(tmp_path: Path, cuts: int) -> None:
    """Each sink is killed so many times in the middle of a write."""
    progress, chance = Progress(cuts), random.Random(cuts)
    for _ in range(MOST_ROUNDS):
        kill_in_a_write(tmp_path, progress, chance)
        check(tmp_path, progress)
        if not progress.missing():
            break
    assert not progress.missing(), "these were never killed in the middle of a write"
    end = progress.next_batch(*FILES) + 1
    # From the very beginning: all that was done is repeated, all that was cut short is mended.
    feed(tmp_path, 0, end)
    check_end(tmp_path, end)


if __name__ == "__main__":
    feed(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    os._exit(0)
