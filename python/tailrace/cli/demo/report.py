"""The summary of a demo, for the eye."""

from __future__ import annotations

import shutil
import sys

import tailrace
from tailrace.cli.console import output_console
from tailrace.cli.summary import counts_text, plural, print_summary
from tailrace.cli.values import shorten
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tailrace.cli.demo.outcome import Outcome
    from tailrace.sinks import AuditEntry

__all__ = ["print_report"]

SEARCHES = ("birthday present", "fragile ceramics", "teapot", "lamp", "new")
MOST_HITS = 3
TELLING_CHANGE_COUNTS = range(6, 10)


def print_report(outcome: Outcome) -> None:
    """Print what a demo found out.

    Args:
        outcome: all of it.
    """
    print()
    print_summary(output_console(), _counts(outcome))
    for heading, lines in (
        ("Set aside", _quarantined(outcome)),
        ("Search", _search(outcome)),
        ("History of an order, from the audit trail", _history(outcome)),
    ):
        _section(heading, lines)
    print()
    print_summary(output_console(), [*_speed(outcome), *_verdict(outcome), *_files(outcome)])


def _counts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    corpus, passage, accidents = outcome.corpus, outcome.passage, outcome.accidents
    events = {name: count for name, count in corpus.event_counts.items() if name != "TTL"}
    yield "records", f"{passage.record_count:,} in {plural(passage.batch_count, 'batch', 'batches')}"
    yield "events", f"{counts_text(events)} ({corpus.event_counts['TTL']:,} by Time to Live)"
    yield "retries", f"{passage.retry_count:,}: {plural(accidents.refusal_count, 'time')} a sink refused a record,"
    yield "", f"{plural(accidents.death_count, 'time')} the function died before it could answer"
    pipeline = outcome.pipeline
    yield "audit trail", plural(pipeline.trail.count(), "change")
    yield "replica", plural(pipeline.replica.count(), "order")
    yield "search index", plural(pipeline.index.count(), "order")
    yield "quarantine", plural(pipeline.quarantine.count(), "record")


def _quarantined(outcome: Outcome) -> Iterator[str]:
    for entry in outcome.pipeline.quarantine:
        keys = tailrace.unmarshall(entry.record["dynamodb"]["Keys"])
        yield f"{_order_text(keys)}  {printable(entry.reason or entry.message)}"


def _search(outcome: Outcome) -> Iterator[str]:
    for words in SEARCHES:
        hits = outcome.pipeline.index.search(words, limit=MOST_HITS)
        if hits:
            yield f'"{words}"'
            yield from (f"{_order_text(hit.keys)}  {printable(' '.join(hit.snippet.split()))}" for hit in hits)
            return


def _history(outcome: Outcome) -> Iterator[str]:
    keys = _telling_order(outcome)
    yield _order_text(keys)
    for entry in outcome.pipeline.trail.history("orders", keys):
        yield f"{_time_text(entry)}  {entry.event_name or '?':<6}  {_actor_text(entry):<9}  {_changes_text(entry)}"


def _telling_order(outcome: Outcome) -> dict[str, object]:
    """An order with a whole life behind it; the one with most changes when none has."""
    counts, table = outcome.corpus.change_counts, outcome.corpus.table
    whole = (keys for keys, count in counts.items() if count in TELLING_CHANGE_COUNTS and keys not in table)
    return tailrace.loads(next(whole, None) or counts.most_common(1)[0][0])


def _order_text(keys: dict[str, object]) -> str:
    return " ".join(printable(str(value)) for value in keys.values())


def _time_text(entry: AuditEntry) -> str:
    time = entry.approximate_creation_time
    return "?" if time is None else f"{time:%m-%d %H:%M:%S}"


def _actor_text(entry: AuditEntry) -> str:
    if entry.is_ttl_delete:
        return "(TTL)"
    return "" if entry.after is None else printable(entry.actor or "")


def _changes_text(entry: AuditEntry) -> str:
    old, new = _brief(entry.before), _brief(entry.after)
    if not new:
        return f"removed when {old['status']}"
    return ", ".join(_change_text(name, old, new) for name in new if old.get(name) != new[name])


def _brief(order: dict[str, Any] | None) -> dict[str, str]:
    """What of an order a reader of its history wants to see."""
    if order is None:
        return {}
    note = order["note"] or ""
    lines, total = len(order["lines"]), order["totals"]["total"]
    return {"status": order["status"], "lines": str(lines), "total": str(total), "note": shorten(note, 20)}


def _change_text(name: str, old: dict[str, str], new: dict[str, str]) -> str:
    after = printable(new[name]) or "none"
    return f"{name} {printable(old[name]) or 'none'} → {after}" if old else f"{name} {after}"


def _speed(outcome: Outcome) -> Iterator[tuple[str, str]]:
    passage, race = outcome.passage, outcome.race
    rate = passage.record_count / passage.handler_seconds
    yield "speed", f"{rate:,.0f} records/s in the handler, its three SQLite sinks included"
    if race is None:
        yield "", "no comparison with json + boto3: pip install boto3"
        return
    rival_rate, rate = race.record_count / race.rival_seconds, race.record_count / race.seconds
    yield "against", f"json + boto3, same rules and rows, the first {race.record_count:,} records:"
    yield (
        "",
        f"{rate / rival_rate:.1f} times as fast ({rate:,.0f} to {rival_rate:,.0f} records/s, mostly SQLite)",
    )
    yield "", f"{race.reading_ratio:.1f} times as fast at reading alone, bytes to both images"


def _verdict(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if outcome.differences:
        yield from (("FAILED", difference) for difference in outcome.differences)
        return
    yield "checked", "the replica is the table as the generator left it"
    yield "", "the audit trail has every record but the quarantined ones"
    if outcome.race is not None:
        yield "", "json + boto3 came to the same rows"
    yield "replay", "the same files once more: nothing changed"


def _files(outcome: Outcome) -> Iterator[tuple[str, str]]:
    files = outcome.corpus.files
    yield "files", f"{outcome.directory}/  audit.db, replica.db, search.db, quarantine.db, demo.log"
    yield "", f"{files[0].parent}/  {plural(len(files), 'event file')}, {outcome.corpus.size_bytes / 1e6:,.0f} MB"
    yield "look", f"tailrace show {files[0]} | less"


def _section(heading: str, lines: Iterator[str]) -> None:
    """A terminal's lines are cut to its width, a pipe's never."""
    width = shutil.get_terminal_size().columns - 2 if sys.stdout.isatty() else sys.maxsize
    print(f"\n{heading}")
    for line in lines:
        print(f"  {shorten(line, width)}")
