"""Nothing is left behind: by values, errors, views, threads and names that are never seen again."""

from __future__ import annotations

import gc
import json
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, ImageDiff, TailraceError, diff, diff_images, loads, unmarshall
from tailrace._core import image_json
from tests.reference.event_shapes import JSON_SHAPES, PYTHON_SHAPES
from tests.reference.one_record import wire

ITEM: dict[str, Any] = {
    "s": {"S": "é" * 30},
    "n": {"N": "12345.678"},
    "small": {"N": "7"},
    "b": {"B": "aGk="},
    "l": {"L": [{"S": "x" * 20}, {"M": {"k": {"NULL": True}}}, {"BOOL": True}]},
    "ss": {"SS": ["one two", "three four"]},
    "ns": {"NS": ["1.25", "2.50"]},
    "bs": {"BS": ["aGk=", ""]},
}
TEXT = json.dumps(ITEM)
BROKEN = {**ITEM, "z": {"L": [{"S": "x"}, {"N": "no number"}]}}
needs_proc = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc")


def _refused(work: Callable[[], Any]) -> None:
    with pytest.raises(TailraceError):
        work()


def _read_everything(event: Any) -> None:
    batch = Batch.from_event(event, event_source_arn="arn:aws:dynamodb:r:1:table/t")
    for record in batch:
        _ = (record.keys, record.new_image, record.old_image, record.event_name, record.user_identity, record.item_key)
        _ = (record.approximate_creation_time, record.to_dict(), record.attribute_values("new_image"), hash(record))
        _ = (record.diff, image_json(record, "old_image"), repr(record), record == batch[0])
    _ = (batch.by_item(), batch[::-1].take([0]), list(reversed(batch)))


def _told(found: ImageDiff) -> None:
    _ = (found.changed, found.added, found.removed, [(each.path, each.old, each.new) for each in found], found == found)  # noqa: PLR0124
    _ = (found.render(), found.to_dict(), found.attributes, found.apply(found.old_item), found.revert(found.new_item))
    _ = (found.to_json_patch(test=True), found.to_update_expression(guard=True), repr(found))


OTHER = {**ITEM, "l": {"L": [{"S": "y"}]}, "n": {"N": "2"}, "new": {"M": {"a": {"B": "aGk="}}}}
RECORD = wire({"NewImage": ITEM, "OldImage": {**ITEM, "n": {"N": "1"}}})
LARGE = json.dumps([RECORD] * 300)
EVENTS = {
    **{f"{name} as objects": make([RECORD]) for name, make in {**JSON_SHAPES, **PYTHON_SHAPES}.items()},
    **{f"{name} as text": json.dumps(make([RECORD])) for name, make in JSON_SHAPES.items()},
}
WORK: dict[str, Callable[[], Any]] = {
    "unmarshall": lambda: unmarshall(ITEM),
    "loads": lambda: loads(TEXT),
    "unmarshall refuses": lambda: _refused(lambda: unmarshall(BROKEN)),
    "loads refuses": lambda: _refused(lambda: loads(json.dumps(BROKEN))),
    "loads refuses cut text": lambda: _refused(lambda: loads(TEXT[:-5])),
    "an event is refused": lambda: _refused(lambda: Batch.from_event([RECORD, {}])),
    "two images": lambda: _told(diff_images(ITEM, OTHER)),
    "two texts": lambda: _told(diff_images(TEXT, json.dumps(OTHER))),
    "a text and an image": lambda: _told(diff_images(TEXT, OTHER)),
    "two items": lambda: _told(diff(unmarshall(ITEM), unmarshall(OTHER))),
    "two images are refused": lambda: _refused(lambda: diff_images(ITEM, BROKEN).added),
    "two texts are refused": lambda: _refused(lambda: diff_images(TEXT, json.dumps(BROKEN)).added),
    "a record is asked": lambda: Batch.from_event([RECORD])[0].changed("n", old=1, new=Decimal("12345.678")),
    "a large event": lambda: Batch.from_event(LARGE)[7].new_image,
    **{name: lambda event=event: _read_everything(event) for name, event in EVENTS.items()},  # type: ignore[misc]
}


@pytest.fixture
def small_heap() -> Iterator[None]:
    """The collector passes by what all other tests have left: to look at it again and again took minutes."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("small_heap")
@pytest.mark.parametrize("name", WORK)
def test_no_object_is_left_behind(name: str) -> None:
    """A leak grows in every stretch of work; caches and free lists fill in some."""
    rounds = 100
    held = [_blocks_after(WORK[name], rounds) for _ in range(8)]
    assert min(after - before for before, after in pairwise(held)) < rounds // 2, held


def _blocks_after(work: Callable[[], Any], times: int) -> int:
    """How many blocks Python holds when work was done this often."""
    for _ in range(times):
        work()
    gc.collect()
    return sys.getallocatedblocks()


def test_the_input_is_not_held_longer_than_its_views() -> None:
    image = {"id": {"S": "a"}}
    text = json.dumps([wire()]).encode()
    before = sys.getrefcount(image), sys.getrefcount(image["id"]), sys.getrefcount(text)
    unmarshall(image)
    record = Batch.from_event([wire({"NewImage": image})])[0]
    other = Batch.from_event(text)[0]
    assert sys.getrefcount(text) == before[2] + 1
    _ = (record.new_image, record.to_dict(), other.new_image)
    del record, other
    gc.collect()
    assert (sys.getrefcount(image), sys.getrefcount(image["id"]), sys.getrefcount(text)) == before


def test_what_is_given_back_is_held_by_nobody_else() -> None:
    read = loads(json.dumps({"a long text": {"S": "of its own"}, "l": {"L": [{"SS": ["so is this"]}]}}))
    for held_once in (read, read["a long text"], read["l"], read["l"][0]):
        assert len(gc.get_referrers(held_once)) <= 2  # its container, and this loop
    assert gc.is_tracked(read["l"])


@needs_proc
def test_resident_memory_does_not_grow() -> None:
    """Memory that Python does not count: what Rust allocates."""
    _read_everything(LARGE)
    _repeat(50)
    before = _resident_bytes()
    _repeat(400)
    assert _resident_bytes() - before < 8 * 1024 * 1024


def _repeat(times: int) -> None:
    for at in range(times):
        Batch.from_event(LARGE)
        _refused(lambda: Batch.from_event(LARGE[:-1]))
        _read_everything(json.dumps(JSON_SHAPES["kinesis"]([RECORD] * 20)))
        loads(json.dumps({f"name {at}-{n}": {"N": str(at * 50 + n)} for n in range(50)}))


def _resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096


def test_names_that_never_come_again_are_not_kept() -> None:
    """Maps keyed by ids have new names for ever: the cache of names holds no more than it has places."""
    for at in range(3_000):
        loads(f'{{"{at:036}":{{"S":"x"}}}}')
    gc.collect()
    before = sys.getallocatedblocks()
    for at in range(3_000, 20_000):
        loads(f'{{"{at:036}":{{"S":"x"}}}}')
    gc.collect()
    assert sys.getallocatedblocks() - before < 600


def test_threads_that_end_give_back_what_they_kept() -> None:
    text = json.dumps({f"name{at}": {"N": str(at * 7)} for at in range(1_000)})

    def generation(size: int) -> int:
        for _ in range(size):
            thread = threading.Thread(target=loads, args=(text,))
            thread.start()
            thread.join()
        loads("{}")
        gc.collect()
        return sys.getallocatedblocks()

    before = generation(5)
    assert generation(60) - before < 4_000


def test_a_batch_of_bytes_costs_little_more_than_its_bytes() -> None:
    tracemalloc.start()
    try:
        batch = Batch.from_event(LARGE.encode())
        assert tracemalloc.get_traced_memory()[0] < 1.2 * len(LARGE)
        for record in batch:
            assert record.new_image
        # Images die with their views.
        assert tracemalloc.get_traced_memory()[0] < 1.3 * len(LARGE)
    finally:
        tracemalloc.stop()
