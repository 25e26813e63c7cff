"""A Batch and its views, read by many threads at once."""

from __future__ import annotations

import json
import threading
from collections import UserDict
from collections.abc import Callable, Iterator
from typing import Any

from tailrace import Batch
from tests.reference.one_record import read, wire

Road = Callable[[Any], Any]


def event(count: int) -> dict[str, Any]:
    """Records of three items in turn, numbered from 0."""
    return {"Records": [wire({"Keys": {"id": {"S": "abc"[at % 3]}}, "SequenceNumber": str(at)}) for at in range(count)]}


def numbers(batch: Batch) -> list[int]:
    return [int(record.sequence_number or "") for record in batch]


def test_eight_threads_read_one_batch(road: Road) -> None:
    batch = Batch.from_event(road(event(200)))
    shared = list(batch)
    start = threading.Barrier(8)
    found: list[list[Any]] = [[] for _ in range(8)]

    def work(mine: list[Any]) -> None:
        start.wait()
        for record, own in zip(shared, batch, strict=True):
            mine.append((record.new_image, record.keys, own.new_image, own.item_key, own.to_dict()))
        mine.append(numbers(batch[::-1]))
        mine.append([len(group) for group in batch.by_item().values()])

    threads = [threading.Thread(target=work, args=(mine,)) for mine in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(mine == found[0] for mine in found)
    assert len(found[0]) == 202
    for at, record in enumerate(shared):
        assert {id(mine[at][0]) for mine in found} == {id(record.new_image)}
        assert {id(mine[at][1]) for mine in found} == {id(record.keys)}


def test_threads_that_meet_in_an_image_get_the_one_that_is_kept() -> None:
    class Slow(UserDict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            meeting.wait()
            return super().__iter__()

    meeting = threading.Barrier(4)
    record = read(lambda event: event, {"NewImage": Slow({"id": {"S": "a"}})})
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(record.new_image)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [image is record.new_image for image in found] == [True] * 4


def test_an_image_that_is_read_while_it_is_read_is_the_one_that_is_kept() -> None:
    inner: list[Any] = []

    class Curious(UserDict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            if not inner:
                inner.append(None)
                inner[0] = record.new_image
            return super().__iter__()

    record = read(lambda event: event, {"NewImage": Curious({"id": {"S": "a"}})})
    assert record.new_image is inner[0]
    assert record.new_image is inner[0]


def test_a_large_event_is_indexed_with_other_threads_running() -> None:
    text = json.dumps(event(5_000)).encode()
    batches: list[Batch] = []
    threads = [threading.Thread(target=lambda: batches.append(Batch.from_event(text))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [numbers(batch) for batch in batches] == [list(range(5_000))] * 4
