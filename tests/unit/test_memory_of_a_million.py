"""A million items, good and bad: nothing of them is kept, and shared objects are held as often as before."""

from __future__ import annotations

import gc
import json
import resource
import sys
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from tailrace import (
    MarshallError,
    TypeDeserializer,
    TypeSerializer,
    UnmarshallError,
    dumps,
    exceptions,
    loads,
    marshall,
    unmarshall,
)  # fmt: skip
from tests.reference.api_answers import by_tailrace

pytestmark = pytest.mark.slow

MILLION = 1_000_000
# What stands on the same ground is asked less often: a leak would show as well.
OFTEN = {"unmarshall", "loads", "unmarshall refuses", "loads refuses"}
STATM = Path("/proc/self/statm")
ITEM: dict[str, Any] = {
    "id": {"S": "x"},
    "n": {"N": "12.5"},
    "t": {"BOOL": True},
    "f": {"BOOL": False},
    "z": {"NULL": True},
    "l": {"L": [{"S": ""}]},
    "s": {"NS": ["1"]},
    "b": {"B": "aGk="},
}
TEXT = json.dumps(ITEM).encode()
BAD = {**ITEM, "z": {"M": {"k": {"N": "x"}}}}
BAD_TEXT = json.dumps(BAD).encode()
BYTES_ITEM = {**ITEM, "b": {"B": b"hi"}}
VALUES = unmarshall(ITEM)
BAD_VALUES = {**VALUES, "z": [{"k": 1.5}]}


class Hooked(TypeDeserializer):
    """With a hook that is called for every N."""

    def _deserialize_n(self, value: Any) -> Any:
        return value


class HookedWriter(TypeSerializer):
    """With a hook that is called for every S."""

    def _serialize_s(self, value: Any) -> Any:
        return value


DESERIALIZER, HOOKED, SERIALIZER, HOOKED_WRITER = TypeDeserializer(), Hooked(), TypeSerializer(), HookedWriter()


def _refused(do: Callable[[Any], Any], data: Any) -> None:
    try:
        do(data)
    except (UnmarshallError, MarshallError):
        return
    raise AssertionError("it is taken")


def _one_by_one(item: dict[str, Any]) -> None:
    for value in item.values():
        DESERIALIZER.deserialize(value)


def _write_one_by_one(item: dict[str, Any]) -> None:
    for value in item.values():
        SERIALIZER.serialize(value)


WORK: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "unmarshall": (unmarshall, ITEM),
    "loads": (loads, TEXT),
    "unmarshall refuses": (lambda item: _refused(unmarshall, item), BAD),
    "loads refuses": (lambda text: _refused(loads, text), BAD_TEXT),
    "loads refuses cut text": (lambda text: _refused(loads, text), TEXT[:-2]),
    "loads in other modes": (lambda text: loads(text, numbers="int-float", binary="boto3", sets="list"), TEXT),
    "loads and a function": (lambda text: loads(text, numbers=float, strict=True), TEXT),
    "marshall": (marshall, VALUES),
    "marshall refuses": (lambda item: _refused(marshall, item), BAD_VALUES),
    "dumps": (dumps, VALUES),
    "dumps refuses": (lambda item: _refused(dumps, item), BAD_VALUES),
    "TypeDeserializer": (DESERIALIZER.deserialize_item, BYTES_ITEM),
    "TypeDeserializer, one by one": (_one_by_one, BYTES_ITEM),
    "TypeDeserializer refuses": (lambda item: _refused(DESERIALIZER.deserialize_item, item), {"a": {"X": 1}}),
    "TypeDeserializer with a hook": (HOOKED.deserialize_item, BYTES_ITEM),
    "TypeSerializer": (SERIALIZER.serialize_item, VALUES),
    "TypeSerializer, one by one": (_write_one_by_one, VALUES),
    "TypeSerializer refuses": (lambda item: _refused(SERIALIZER.serialize_item, item), {"a": 1.5}),
    "TypeSerializer with a hook": (HOOKED_WRITER.serialize_item, VALUES),
    "loads an answer": (lambda text: loads(text, shape="answer"), b'{"Count":1,"Items":[%s],"x":[0.5,"y"]}' % TEXT),
    "loads an export": (lambda text: loads(text, shape="export"), b'{"Item":%s}\n' % TEXT),
    "an answer of a client": (lambda body: by_tailrace("Scan", body), b'{"Count":1,"Items":[%s]}' % TEXT),
}


def _shared(data: Any) -> dict[str, Any]:
    """Objects that every reading hands out or looks at, by name; where they are immortal their count stands still."""
    read = loads(TEXT)
    names = {f"name {name}": name for name in (*read, *unmarshall(ITEM), *ITEM)}
    tags = {f"tag {tag}": tag for tag in ("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS")}
    classes = (
        dict,
        list,
        set,
        str,
        bytes,
        Decimal,
        Binary,
        exceptions.UnmarshallValueError,
        exceptions.UnmarshallTypeError,
    )
    singletons = {"None": None, "True": True, "False": False, "empty text": "", "empty bytes": b"", "one": 1}
    of_classes = {f"class {kind.__name__}": kind for kind in classes}
    return {**names, **tags, **of_classes, **singletons, "letter": read["id"], "input": data}


def _counts(shared: dict[str, Any]) -> dict[str, int]:
    gc.collect()
    return {name: sys.getrefcount(held) for name, held in shared.items()}


def _resident_bytes() -> int:
    """What the process holds, Rust's share too; 0 where only /proc would say it and there is none."""
    if not STATM.exists():
        return 0
    return int(STATM.read_text("ascii").split()[1]) * resource.getpagesize()


def _do(work: Callable[[Any], Any], data: Any, times: int) -> None:
    for each in repeat(data, times):
        work(each)


@pytest.mark.parametrize("name", WORK)
def test_counts_and_memory_stand_still(name: str) -> None:
    work, data = WORK[name]
    _do(work, data, 20_000)
    shared = _shared(data)
    counts, objects, blocks = _counts(shared), len(gc.get_objects()), sys.getallocatedblocks()
    resident = _resident_bytes()
    _do(work, data, MILLION if name in OFTEN else MILLION // 5)
    grown = {name: count - counts[name] for name, count in _counts(shared).items()}
    # Another thread of the process may hold a few for a moment; a leak holds one for each item.
    assert max(map(abs, grown.values())) < 100, grown
    assert abs(len(gc.get_objects()) - objects) < 100
    assert abs(sys.getallocatedblocks() - blocks) < 5_000
    assert _resident_bytes() - resident < 2 * 1024 * 1024


@pytest.mark.parametrize("name", WORK)
def test_no_traced_memory_stays(name: str) -> None:
    """By bytes, where one block may grow for ever."""
    work, data = WORK[name]
    _do(work, data, 2_000)
    tracemalloc.start()
    try:
        _do(work, data, 2_000)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        _do(work, data, 20_000)
        gc.collect()
        # The least object has 28 bytes. Python's own cache of methods keeps some names that were put together.
        assert tracemalloc.get_traced_memory()[0] - before < 5 * 20_000
    finally:
        tracemalloc.stop()


def test_new_names_and_numbers_take_no_room_either() -> None:
    """What no cache can know: a name and a number of its own for every item."""

    def read(first: int, count: int) -> None:
        for at in range(first, first + count):
            loads(f'{{"id-{at}":{{"N":"{at}.5"}},"e":{{"M":{{"{at}":{{"S":"{at}"}}}}}}}}')
            unmarshall({f"other-{at}": {"N": f"{at}"}})

    read(0, 50_000)
    gc.collect()
    blocks, resident = sys.getallocatedblocks(), _resident_bytes()
    read(50_000, MILLION)
    gc.collect()
    assert abs(sys.getallocatedblocks() - blocks) < 2_000
    assert _resident_bytes() - resident < 4 * 1024 * 1024
