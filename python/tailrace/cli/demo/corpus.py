"""The demo's input: event files as Lambda would hand them over, and what they must lead to.

The 50,000 records of seed 1 are 98 MB: 8,960 INSERT, 33,863 MODIFY and 7,177 REMOVE, 2,406 of these by Time to Live.
They are the histories of 8,579 orders, of up to 24 changes each; 1,783 orders are left in the table. All ten
attribute types occur, sets, lists and maps with them; sequence numbers grow from 21 to 22 digits on the way. 10 records
are poison, by turns of two kinds: a negative total, as a job leaves it that bypasses the shop, put right a second
later; and a total written "1.299,00", as in a replay file that has been through a spreadsheet.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tailrace.cli.demo.orders import Shop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tailrace.cli.demo.orders import Change, Item

__all__ = ["RECORDS_A_FILE", "Corpus", "write_corpus"]

RECORDS_A_POISON = 5_000
FEWEST_RECORDS_WITH_POISON = 20
RECORDS_A_FILE = 100  # one event, as Lambda would hand it over
TABLE = "orders"
STREAM_ARN = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{TABLE}/stream/2026-01-01T00:00:00.000"
UNREADABLE_TOTAL = "1.299,00"
TTL_IDENTITY = ',"userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"}'

# Sequence numbers pass from 21 to 22 digits in the middle: whoever compares them as text goes wrong there.
LONGEST_GAP = 9_999_999
LONGER_FROM = 10**21


@dataclass
class Corpus:
    """The files that were written, and what is known about them.

    Args:
        files: the event files, in stream order.
        record_count: how many records they hold.
        event_counts: records by event name; ``TTL`` counts the deletes by Time to Live once more.
        poison: eventID of each record that a handler must refuse, and why.
        table: the final table: keys to item, both as compact DynamoDB JSON.
        change_counts: how often each order changed, by keys.
    """

    files: list[Path] = field(default_factory=list)
    record_count: int = 0
    size_bytes: int = 0
    event_counts: Counter[str] = field(default_factory=Counter)
    poison: dict[str, str] = field(default_factory=dict)
    table: dict[str, str] = field(default_factory=dict)
    change_counts: Counter[str] = field(default_factory=Counter)


def write_corpus(directory: Path, record_count: int, seed: int, progress: Callable[[int], None]) -> Corpus:
    """Write the event files of a demo.

    Args:
        directory: where to; made when missing. Event files of an earlier demo in it are removed.
        record_count: how many records, 1 or more; from 20 on at least one is poison.
        seed: the same seed and count give the same bytes.
        progress: called with the number of records of each file that is written.

    Returns:
        The files and what they must lead to.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("orders-*.json"):
        old.unlink()
    corpus = Corpus()
    records = _records(corpus, record_count, seed)
    for first in range(0, record_count, RECORDS_A_FILE):
        path = directory / f"orders-{first // RECORDS_A_FILE:05d}.json"
        count = min(RECORDS_A_FILE, record_count - first)
        _write_event(path, [next(records) for _ in range(count)], corpus)
        progress(count)
    return corpus


def _write_event(path: Path, records: list[str], corpus: Corpus) -> None:
    data = ('{"Records":[' + ",".join(records) + "]}").encode()
    path.write_bytes(data)
    corpus.files.append(path)
    corpus.record_count += len(records)
    corpus.size_bytes += len(data)


def _records(corpus: Corpus, record_count: int, seed: int) -> Iterator[str]:
    shop = Shop(Random(f"{seed}:shop"))
    poison = _poison_positions(Random(f"{seed}:poison"), record_count)
    envelope = _Envelope(Random(f"{seed}:envelope"), record_count)
    kinds = 0
    for position in range(record_count):
        spoil = bool(poison) and position >= poison[0]
        wrong_total = spoil and kinds % 2 == 0
        change = shop.next_change(follow_up=spoil, wrong_total=wrong_total)
        if spoil and change.new is not None:
            poison.pop(0)
            kinds += 1
            yield envelope.poison(corpus, change, "wrong total" if wrong_total else "unreadable number")
        else:
            yield envelope.healthy(corpus, change)


def _poison_positions(random: Random, record_count: int) -> list[int]:
    """One in each stretch; never among the last, as the change that puts it right must still come."""
    if record_count < FEWEST_RECORDS_WITH_POISON:
        return []
    count = max(1, round(record_count / RECORDS_A_POISON))
    stretch = record_count // count
    return [stretch * index + random.randrange(stretch // 2) for index in range(count)]


class _Envelope:
    """Wraps changes into records as a stream with NEW_AND_OLD_IMAGES has them."""

    def __init__(self, random: Random, record_count: int) -> None:
        self._random = random
        self._sequence_number = LONGER_FROM - record_count * LONGEST_GAP // 4
        self._images: dict[str, tuple[str, int]] = {}

    def healthy(self, corpus: Corpus, change: Change) -> str:
        return self._record(corpus, change, self._event_id(), spoilt=None)

    def poison(self, corpus: Corpus, change: Change, reason: str) -> str:
        event_id = self._event_id()
        corpus.poison[event_id] = reason
        spoilt = _compact(_unreadable(change.new)) if change.new and reason == "unreadable number" else None
        return self._record(corpus, change, event_id, spoilt)

    def _event_id(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def _record(self, corpus: Corpus, change: Change, event_id: str, spoilt: str | None) -> str:
        keys = _compact(change.keys)
        images, size_bytes = self._image_members(corpus, change, keys, spoilt)
        corpus.event_counts[change.event_name] += 1
        corpus.event_counts["TTL"] += change.expired
        corpus.change_counts[keys] += 1
        self._sequence_number += self._random.randint(1, LONGEST_GAP)
        return (
            f'{{"eventID":"{event_id}","eventName":"{change.event_name}","eventVersion":"1.1",'
            f'"eventSource":"aws:dynamodb","awsRegion":"eu-west-1","dynamodb":{{'
            f'"ApproximateCreationDateTime":{change.at}.0,"Keys":{keys},{images}'
            f'"SequenceNumber":"{self._sequence_number}","SizeBytes":{size_bytes},'
            f'"StreamViewType":"NEW_AND_OLD_IMAGES"}},"eventSourceARN":"{STREAM_ARN}"'
            f"{TTL_IDENTITY if change.expired else ''}}}"
        )

    def _image_members(self, corpus: Corpus, change: Change, keys: str, spoilt: str | None) -> tuple[str, int]:
        """The images of a record and its size; each item is written as JSON once, however often it is sent."""
        members, size_bytes = "", _size_bytes(change.keys)
        old = self._images.pop(keys, None)
        if change.new is not None:
            new = self._images[keys] = (_compact(change.new), _size_bytes(change.new))
            corpus.table[keys] = new[0]
            members += f'"NewImage":{spoilt or new[0]},'
            size_bytes += new[1]
        else:
            del corpus.table[keys]
        if old is not None:
            members += f'"OldImage":{old[0]},'
            size_bytes += old[1]
        return members, size_bytes


def _compact(item: Item) -> str:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def _unreadable(item: Item) -> Item:
    """A total as a spreadsheet writes it: what a replay file looks like that somebody has touched."""
    return {**item, "totals": {"M": {**item["totals"]["M"], "total": {"N": UNREADABLE_TOTAL}}}}


def _size_bytes(item: Item) -> int:
    """The size of an item as DynamoDB counts it.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: dict[str, Any]) -> int:
    ((tag, content),) = value.items()
    if tag == "L":
        return 3 + sum(1 + _value_bytes(element) for element in content)
    if tag == "M":
        return 3 + len(content) + _size_bytes(content)
    if tag in ("SS", "NS", "BS"):
        return sum(_value_bytes({tag[0]: element}) for element in content)
    if tag == "N":
        return (len(content.strip("-").replace(".", "")) + 1) // 2 + 1
    if tag == "B":
        return len(base64.b64decode(content))
    return len(content.encode()) if tag == "S" else 1
