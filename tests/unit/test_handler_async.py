"""Handlers that return something to await."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import gc
import subprocess
import sys
import threading
from collections.abc import Generator
from typing import Any

import pytest

from tailrace import Quarantine, Record, StreamHandler
from tailrace.testing import make_event

DONE: dict[str, list[Any]] = {"batchItemFailures": []}
EVENT = make_event([{"id": name} for name in "abc"])


def reported(position: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": EVENT["Records"][position]["dynamodb"]["SequenceNumber"]}]}


def test_an_async_handler_runs_to_its_end_before_the_next_record() -> None:
    app, seen = StreamHandler(), []

    @app.insert
    async def handle(record: Record) -> None:
        seen.append(record.keys["id"])
        await asyncio.sleep(0)
        seen.append(record.keys["id"].upper())

    assert app(EVENT) == DONE
    assert "".join(seen) == "aAbBcC"


def test_an_async_failure_is_a_failure() -> None:
    app, seen = StreamHandler(), []

    @app.insert
    async def handle(record: Record) -> None:
        seen.append(record.keys["id"])
        await asyncio.sleep(0)
        if record.keys["id"] == "b":
            raise RuntimeError("no")

    assert app(EVENT) == reported(1)
    assert seen == ["a", "b"]


def test_an_async_handler_may_set_its_record_aside() -> None:
    class Store:
        kept: list[str] = []  # noqa: RUF012

        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            self.kept.append(record.keys["id"])

    app = StreamHandler(quarantine=Store())

    @app.insert
    async def handle(record: Record) -> None:
        raise Quarantine("no")

    assert app(EVENT) == DONE
    assert Store.kept == ["a", "b", "c"]


class Awaitable:
    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def __await__(self) -> Generator[None, None, None]:
        self.seen.append("awaited")
        yield


def test_the_returned_value_decides_and_not_the_function() -> None:
    app, seen = StreamHandler(), []

    async def later(record: Record) -> None:
        seen.append("coroutine")

    app.insert(functools.partial(later))
    app.insert(lambda record: Awaitable(seen))
    app(make_event([{"id": "a"}]))
    assert seen == ["coroutine", "awaited"]


@pytest.mark.parametrize("options", [{}, {"order": "per_item", "workers": 2}], ids=["sequential", "per_item"])
def test_what_an_async_handler_returns_is_awaited_too(options: dict[str, Any]) -> None:
    app, seen = StreamHandler(**options), []

    async def work(record: Record) -> None:
        seen.append(record.keys["id"])
        if record.keys["id"] == "b":
            raise RuntimeError

    @app.on
    async def handle(record: Record) -> object:
        return work(record)

    event = make_event([{"id": "a"}, {"id": "b"}])
    assert app(event)["batchItemFailures"][0]["itemIdentifier"] == event["Records"][1]["dynamodb"]["SequenceNumber"]
    assert sorted(seen) == ["a", "b"]


def test_the_loop_is_kept_between_records_and_invocations() -> None:
    app, loops = StreamHandler(), []

    @app.insert
    async def handle(record: Record) -> None:
        loops.append(asyncio.get_running_loop())

    app(EVENT)
    app(EVENT)
    assert len(loops) == 6
    assert len(set(loops)) == 1


def test_what_a_handler_leaves_bound_to_the_loop_still_works() -> None:
    app = StreamHandler()
    queue: list[asyncio.Queue[str]] = []

    @app.insert
    async def handle(record: Record) -> None:
        if not queue:
            queue.append(asyncio.Queue())
        queue[0].put_nowait(record.keys["id"])
        await queue[0].get()

    assert app(EVENT) == DONE
    assert app(EVENT) == DONE


def test_it_works_where_a_loop_is_running() -> None:
    app, seen = StreamHandler(), []

    @app.insert
    async def handle(record: Record) -> None:
        await asyncio.sleep(0)
        seen.append((record.keys["id"], asyncio.get_running_loop(), threading.current_thread()))

    async def caller() -> Any:
        return app(EVENT), app(EVENT), asyncio.get_running_loop()

    first, second, loop = asyncio.run(caller())
    assert first == second == DONE
    assert [name for name, _, _ in seen] == [*"abcabc"]
    assert len({id(each) for _, each, _ in seen}) == 1
    assert loop not in {each for _, each, _ in seen}
    assert threading.main_thread() not in {each for _, _, each in seen}


def test_an_async_handler_may_call_an_app_with_async_handlers() -> None:
    innermost, seen = StreamHandler(), []
    apps = [innermost]

    @innermost.insert
    async def note(record: Record) -> None:
        seen.append(record.keys["id"])

    for _ in range(3):
        outer, inner = StreamHandler(), apps[-1]

        @outer.insert
        async def forward(record: Record, inner: StreamHandler = inner) -> None:
            assert inner({"Records": [record.to_dict()]}) == DONE

        apps.append(outer)
    assert apps[-1](EVENT) == DONE
    assert seen == ["a", "b", "c"]


@pytest.mark.parametrize("running", [True, False], ids=["in a loop", "in none"])
def test_context_variables_are_seen(*, running: bool) -> None:
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")
    app, seen = StreamHandler(), []

    @app.insert
    async def handle(record: Record) -> None:
        seen.append(request.get())

    def call() -> None:
        request.set("r-1")
        app(make_event([{"id": "a"}]))

    async def caller() -> None:
        call()

    if running:
        asyncio.run(caller())
    else:
        contextvars.copy_context().run(call)
    assert seen == ["r-1"]


def test_several_threads_have_loops_of_their_own_and_close_them() -> None:
    app, loops = StreamHandler(), []

    @app.insert
    async def handle(record: Record) -> None:
        await asyncio.sleep(0.001)
        loops.append(asyncio.get_running_loop())

    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(app(EVENT))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert answers == [DONE] * 4
    assert len({id(loop) for loop in loops}) == 4
    assert all(loop.is_closed() for loop in loops)


@pytest.mark.parametrize("running", [True, False], ids=["in a loop", "in none"])
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_passes_through(error: type[BaseException], *, running: bool) -> None:
    app = StreamHandler()

    @app.insert
    async def handle(record: Record) -> None:
        await asyncio.sleep(0)
        raise error

    async def caller() -> None:
        with pytest.raises(error):
            app(EVENT)

    if running:
        asyncio.run(caller())
    else:
        with pytest.raises(error):
            app(EVENT)


def test_a_cancelled_task_is_a_failure_of_its_record() -> None:
    app = StreamHandler()

    @app.insert
    async def handle(record: Record) -> None:
        if record.keys["id"] == "b":
            raise asyncio.CancelledError

    assert app(EVENT) == reported(1)


def test_a_task_that_an_interrupt_left_does_not_go_on_with_the_next_record() -> None:
    app, seen = StreamHandler(), []

    @app.insert
    async def handle(record: Record) -> None:
        if not seen:
            seen.append("started")
            asyncio.get_running_loop().call_soon(interrupt)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise
        seen.append(record.keys["id"])

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        app(EVENT)
    assert app(EVENT) == DONE
    assert seen == ["started", "cancelled", "a", "b", "c"]


@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_a_body_that_never_ran_is_no_success(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    app = StreamHandler()

    def generator(record: Record) -> Any:
        yield record

    async def async_generator(record: Record) -> Any:
        yield record

    app.insert(generator if kind == "generator" else async_generator)
    assert app(EVENT) == reported(0)
    assert "remove the `yield`" in caplog.text


def test_asyncio_is_loaded_only_for_an_awaitable() -> None:
    code = """
import sys
from tailrace import StreamHandler
app = StreamHandler()
app.insert(lambda record: 5)
app({"Records": [{"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "a"}}, "SequenceNumber": "1"}}]})
assert not {"asyncio", "logging", "concurrent.futures", "sqlite3"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_interpreter_ends_without_a_warning() -> None:
    code = """
import asyncio, logging, threading
from tailrace import StreamHandler
logging.getLogger("asyncio").setLevel(logging.ERROR)  # a busy machine is slow, and asyncio says so
app = StreamHandler()
@app.insert
async def handle(record): await asyncio.sleep(0)
event = {"Records": [{"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "a"}}, "SequenceNumber": "1"}}]}
app(event)
async def caller(): app(event)
asyncio.run(caller())
thread = threading.Thread(target=app, args=(event,)); thread.start(); thread.join()
"""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code], check=True, capture_output=True, text=True
    )
    assert not ended.stderr
