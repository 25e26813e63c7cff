"""Items read and written by many threads at once, from shared input: each thread gets what one alone gets."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tailrace import Batch, TailraceError, TypeDeserializer, TypeSerializer, dumps, loads, marshall, unmarshall
from tests.reference.exact import exact
from tests.reference.one_record import wire

THREADS = 8
ITEMS: list[dict[str, Any]] = [
    {
        f"name {at % 13}": {"S": f"é {at}"},
        f"a name of its own {at}": {"N": f"{at}.50"},
        "m": {"M": {f"k{at % 7}": {"L": [{"BOOL": True}, {"NULL": True}, {"B": "aGk="}]}}},
        "s": {"SS": ["x", f"y{at}"]},
    }
    for at in range(60)
]
SPOILT: list[Any] = [
    {"a": {"N": "x"}}, {"a": {"L": [{"S": 5}]}}, {"a": {"X": 1}}, {"a": {"M": {"b": {}}}}, {"a": {"BS": ["?"]}}, [],
]  # fmt: skip
ALL = [*ITEMS, *SPOILT]
TEXTS = [json.dumps(item).encode() for item in ALL] + [json.dumps(item).encode()[:-3] for item in ITEMS[:5]]
EVENT = json.dumps([wire({"NewImage": item, "SequenceNumber": str(at)}) for at, item in enumerate(ALL)]).encode()
MODES: list[dict[str, Any]] = [
    {}, {"numbers": "int-decimal", "sets": "list"}, {"numbers": str.upper}, {"numbers": "str", "binary": "raw"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _threads_that_take_turns_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def answer(read: Callable[[], Any]) -> Any:
    """The value, or the error with all it says."""
    try:
        return exact(read())
    except TailraceError as error:
        return (type(error), str(error), error.path, error.sequence_number)


def through_unmarshall(modes: dict[str, Any]) -> list[Any]:
    return [answer(lambda item=item: unmarshall(item, **modes)) for item in ALL]  # type: ignore[misc]


def through_loads(modes: dict[str, Any]) -> list[Any]:
    return [answer(lambda text=text: loads(text, **modes)) for text in TEXTS]  # type: ignore[misc]


def through_a_batch_of_its_own(modes: dict[str, Any]) -> list[Any]:
    batch = Batch.from_event(EVENT, **modes)
    return [answer(lambda record=record: record.new_image) for record in batch]  # type: ignore[misc]


ROADS = [through_unmarshall, through_loads, through_a_batch_of_its_own]


def test_threads_write_the_same() -> None:
    values: list[Any] = [*map(unmarshall, ITEMS), {"a": 1.5}, {"a": {"b": [{1, "x"}]}}, {1: "x"}]

    def work() -> list[Any]:
        return [answer(lambda item=item, write=write: write(item)) for item in values for write in writers]  # type: ignore[misc]

    writers = (marshall, dumps, TypeSerializer().serialize_item)
    assert in_threads(work) == [work()] * THREADS


def test_threads_share_one_deserializer() -> None:
    class Hooked(TypeDeserializer):
        """Reached by each thread, inside lists and maps too."""

        def _deserialize_s(self, value: str) -> str:
            return f"{value}!"

    def work() -> list[Any]:
        return [
            answer(lambda item=item, shared=shared: shared.deserialize({"M": item}))  # type: ignore[misc]
            for item in [*ITEMS, *SPOILT[:4]]
            for shared in (plain, hooked)
        ]

    plain, hooked = TypeDeserializer(binary="bytes"), Hooked(binary="bytes")
    alone = work()
    assert alone[0]["name 0"] == ("str", "é 0")
    assert alone[1]["name 0"] == ("str", "é 0!")
    assert in_threads(work) == [alone] * THREADS


def in_threads(work: Callable[[], Any]) -> list[Any]:
    """What each of the threads has found, all of them started at one time."""
    start = threading.Barrier(THREADS)
    found: list[Any] = []

    def run() -> None:
        start.wait()
        found.append(work())

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.mark.parametrize("modes", MODES, ids=lambda modes: " ".join(modes) or "default")
@pytest.mark.parametrize("road", ROADS)
def test_threads_get_the_same_answers(road: Callable[[dict[str, Any]], list[Any]], modes: dict[str, Any]) -> None:
    alone = road(modes)
    assert len(ITEMS) <= sum(isinstance(found, dict) for found in alone) < len(alone)
    assert in_threads(lambda: [road(modes) for _ in range(3)]) == [[alone] * 3] * THREADS


def test_threads_share_the_views_of_one_batch() -> None:
    alone = through_a_batch_of_its_own({})
    shared = list(Batch.from_event(EVENT))
    found = in_threads(lambda: [answer(lambda record=record: record.new_image) for record in shared])  # type: ignore[misc]
    assert found == [alone] * THREADS


def test_threads_that_read_in_other_modes_do_not_mix() -> None:
    """Modes are a call's own, whatever other threads read meanwhile."""
    alone = [(road, modes, road(modes)) for road in ROADS for modes in MODES]
    turn = iter(range(THREADS))

    def work() -> list[bool]:
        first = next(turn)
        ordered = alone[first:] + alone[:first]
        return [road(modes) == wanted for road, modes, wanted in ordered]

    assert in_threads(work) == [[True] * len(alone)] * THREADS
