"""Lanes with real threads: random batches, failures and delays, against what the order allows."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tailrace import Record, StreamHandler
from tailrace.testing import make_record

RECORDS = [make_record(new_image={"id": str(number), "at": 0}, event_name="MODIFY").to_dict() for number in range(40)]


@pytest.fixture(autouse=True, scope="module")
def _quiet_and_restless() -> Iterator[None]:
    """Threads are switched as often as can be, so that what can come between does."""
    logger, interval = logging.getLogger("tailrace"), sys.getswitchinterval()
    logger.disabled = True
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)
    logger.disabled = False


class Round:
    """One batch: which item each record changes, how long it takes, and whether it fails."""

    def __init__(self, chance: random.Random) -> None:
        self.items = [chance.randrange(chance.choice([1, 4, 20])) for _ in range(chance.randint(1, 40))]
        self.failing = {at for at in range(len(self.items)) if chance.random() < chance.choice([0, 0.02, 0.2])}
        self.delays = [chance.choice([0, 0, 0, 1e-5, 3e-4]) for _ in self.items]
        self.later = [chance.random() < chance.choice([0, 0, 0.5]) for _ in self.items]
        self.log: list[tuple[str, int]] = []
        self.lock = threading.Lock()

    def event(self) -> dict[str, Any]:
        records = []
        for at, item in enumerate(self.items):
            change = dict(RECORDS[item]["dynamodb"], SequenceNumber=str(10**20 + at))
            change["NewImage"] = {"id": {"S": str(item)}, "at": {"N": str(at)}}
            records.append({**RECORDS[item], "dynamodb": change})
        return {"Records": records}

    def handle(self, record: Record) -> Any:
        at = int(record.new_image["at"])
        with self.lock:
            self.log.append(("start", at))
        if self.later[at]:
            return self.finish_later(at)
        time.sleep(self.delays[at])
        return self.finish(at)

    async def handle_on_loop(self, record: Record) -> None:
        at = int(record.new_image["at"])
        self.log.append(("start", at))
        await (self.finish_later(at) if self.later[at] else asyncio.sleep(0))
        if not self.later[at]:
            self.finish(at)

    async def finish_later(self, at: int) -> None:
        await asyncio.sleep(self.delays[at])
        self.finish(at)

    def finish(self, at: int) -> None:
        with self.lock:
            self.log.append(("fail" if at in self.failing else "end", at))
        if at in self.failing:
            raise RuntimeError("no")

    def check(self, answer: Any, workers: int) -> None:
        ended = {at for what, at in self.log if what == "end"}
        failed = {at for what, at in self.log if what == "fail"}
        lowest = min(failed, default=len(self.items))
        number = [] if not failed else [{"itemIdentifier": str(10**20 + lowest)}]
        assert answer == {"batchItemFailures": number}
        assert ended >= set(range(lowest)), "all before it is done"
        running: set[int] = set()
        done: set[int] = set()
        for what, at in self.log:
            if what == "start":
                assert at not in done | running
                assert self.items[at] not in {self.items[each] for each in running}
                earlier = {each for each in range(at) if self.items[each] == self.items[at]}
                assert earlier <= done
                running.add(at)
                assert len(running) <= workers
            else:
                running.discard(at)
                done |= {at} if what == "end" else set()
        assert not running


def made(workers: int, *, on_loop: bool) -> tuple[StreamHandler, list[Round]]:
    app = StreamHandler(order="per_item", workers=workers)
    current: list[Round] = []

    async def handle_on_loop(record: Record) -> None:
        await current[0].handle_on_loop(record)

    app.on()(handle_on_loop if on_loop else lambda record: current[0].handle(record))
    return app, current


def rounds(seed: int, seconds: float) -> None:
    chance, end = random.Random(seed), time.monotonic() + seconds
    apps: dict[tuple[int, bool], tuple[StreamHandler, list[Round]]] = {}
    while time.monotonic() < end:
        workers, on_loop = chance.choice([1, 2, 3, 8, 32]), chance.random() < 0.3
        if (workers, on_loop) not in apps:
            apps[workers, on_loop] = made(workers, on_loop=on_loop)
        app, current = apps[workers, on_loop]
        current[:] = [Round(chance)]
        current[0].check(app(current[0].event()), workers)


def test_for_a_moment() -> None:
    rounds(int(time.time()), 2.0)


def test_from_several_threads() -> None:
    wrongs: list[BaseException] = []

    def run(seed: int) -> None:
        try:
            rounds(seed, 1.5)
        except BaseException as error:  # noqa: BLE001  told to the test
            wrongs.append(error)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrongs


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_for_longer() -> None:
    rounds(1, 60.0)
