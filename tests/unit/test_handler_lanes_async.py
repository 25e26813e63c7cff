"""order="per_item" with handlers that return something to await, alone and mixed with plain ones."""

from __future__ import annotations

import ast
import asyncio
import contextvars
import functools
import gc
import inspect
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import Quarantine, Record, StreamHandler
from tailrace.handler.running import run_record_on_loop, run_records
from tailrace.testing import make_event
from tests.unit.stage import DONE, at, event_of, reported

Caller = Callable[[Callable[[], Any]], Any]


def directly(call: Callable[[], Any]) -> Any:
    return call()


def in_a_loop(call: Callable[[], Any]) -> Any:
    async def caller() -> Any:
        return call()

    return asyncio.run(caller())


@pytest.fixture(params=[directly, in_a_loop])
def caller(request: pytest.FixtureRequest) -> Caller:
    """How the handler is called: from a plain function, or where a loop is running."""
    found: Caller = request.param
    return found


def per_item(workers: int, **options: Any) -> StreamHandler:
    return StreamHandler(order="per_item", workers=workers, **options)


def test_async_handlers_of_different_items_run_together_and_those_of_one_wait(caller: Caller) -> None:
    app, running, most, order = per_item(4), set(), [], []

    @app.on()
    async def handle(record: Record) -> None:
        assert record.item_key not in running
        running.add(record.item_key)
        await asyncio.sleep(0.02)
        most.append(len(running))
        order.append(at(record))
        running.discard(record.item_key)

    assert caller(lambda: app(event_of("abcabcabc"))) == DONE
    assert max(most) == 3
    for item in range(3):
        assert [each for each in order if each % 3 == item] == [item, item + 3, item + 6]


def test_an_async_failure_is_a_failure(caller: Caller) -> None:
    app, seen = per_item(2), []

    @app.on()
    async def handle(record: Record) -> None:
        await asyncio.sleep(0.01 * at(record))
        seen.append(at(record))
        if at(record) == 1:
            raise RuntimeError("no")

    event = event_of("abcd")
    assert caller(lambda: app(event)) == reported(event, 1)
    assert set(seen) <= {0, 1, 2}


def test_there_is_one_loop_for_the_life_of_the_environment() -> None:
    """That of the calling thread, as in the sequential order: clients are bound to it."""
    loops, threads = [], []

    async def handle(record: Record) -> None:
        loops.append(asyncio.get_running_loop())
        threads.append(threading.current_thread())

    for app in (per_item(3), per_item(2), StreamHandler()):
        app.on()(handle)
        assert app(event_of("abc")) == DONE
        assert app(event_of("abc")) == DONE
    assert len(loops) == 18
    assert len(set(loops)) == 1
    assert set(threads) == {threading.main_thread()}


def test_both_kinds_in_one_app(caller: Caller) -> None:
    app, seen = per_item(3), []

    @app.on()
    def plain(record: Record) -> None:
        time.sleep(0.001)
        seen.append((at(record), "plain"))

    @app.on()
    async def later(record: Record) -> None:
        await asyncio.sleep(0.001)
        seen.append((at(record), "async"))

    @app.on()
    def hidden(record: Record) -> Any:
        return later(record)  # a plain function that returns an awaitable

    assert caller(lambda: app(event_of("ababab"))) == DONE
    for position in range(6):
        assert [kind for each, kind in seen if each == position] == ["plain", "async", "async"]
    assert [each for each, kind in seen if kind == "plain" and each % 2] == [1, 3, 5]


def test_the_context_of_the_caller_is_seen(caller: Caller) -> None:
    request: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="none")
    app, seen = per_item(2), []

    @app.on()
    async def handle(record: Record) -> None:
        seen.append(request.get())
        request.set("changed")
        await asyncio.sleep(0)
        assert request.get() == "changed"

    def call() -> Any:
        request.set("r-1")
        return app(event_of("abab"))

    assert caller(lambda: contextvars.copy_context().run(call)) == DONE
    assert seen == ["r-1"] * 4


def test_an_async_handler_may_set_its_record_aside_in_an_async_store(caller: Caller) -> None:
    class Store:
        kept: list[int] = []  # noqa: RUF012

        async def add(self, record: Record, *, error: BaseException, route: str) -> None:
            await asyncio.sleep(0)
            self.kept.append(at(record))

    Store.kept = []
    app = per_item(2, quarantine=Store())

    @app.on()
    async def handle(record: Record) -> None:
        raise Quarantine("no")

    assert caller(lambda: app(event_of("aab"))) == DONE
    assert sorted(Store.kept) == [0, 1, 2]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_comes_out_of_the_call(error: type[BaseException], caller: Caller) -> None:
    app, cancelled = per_item(2), []

    @app.on()
    async def handle(record: Record) -> None:
        if at(record) == 0:
            await asyncio.sleep(0.01)
            raise error
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(at(record))
            raise

    def call() -> None:
        with pytest.raises(error):
            app(event_of("abc"))

    before = time.monotonic()
    caller(call)
    assert time.monotonic() - before < 30
    assert cancelled == [1]


def test_a_cancelled_task_is_a_failure_of_its_record(caller: Caller) -> None:
    app = per_item(1)

    @app.on()
    async def handle(record: Record) -> None:
        if at(record) == 1:
            raise asyncio.CancelledError

    event = event_of("abc")
    assert caller(lambda: app(event)) == reported(event, 1)


def test_an_async_handler_may_call_an_app_and_a_plain_one_too(caller: Caller) -> None:
    inner, seen = per_item(2), []

    @inner.on()
    async def note(record: Record) -> None:
        await asyncio.sleep(0)
        seen.append(at(record))

    outer = per_item(3)

    @outer.on()
    async def forward(record: Record) -> None:
        assert inner({"Records": [record.to_dict()] * 2}) == DONE

    @outer.on()
    def forward_too(record: Record) -> None:
        assert inner({"Records": [record.to_dict()] * 2}) == DONE

    assert caller(lambda: outer(event_of("abcd"))) == DONE
    assert sorted(seen) == sorted([*range(4)] * 4)


def test_several_threads_may_call_it_at_once() -> None:
    app, loops = per_item(2), []

    @app.on()
    async def handle(record: Record) -> None:
        await asyncio.sleep(0.001)
        loops.append(asyncio.get_running_loop())

    answers: list[Any] = []
    threads = [threading.Thread(target=lambda: answers.append(app(event_of("abab")))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert answers == [DONE] * 4
    assert len({id(loop) for loop in loops}) == 4
    assert all(loop.is_closed() for loop in loops)


def test_async_handlers_take_no_thread() -> None:
    app, threads = per_item(50), set()

    async def handle(record: Record, more: str) -> None:
        await asyncio.sleep(0.001)
        threads.update(threading.enumerate())

    before = set(threading.enumerate())
    app.on()(functools.partial(handle, more="x"))
    app.on("INSERT", changed="at")(functools.partial(functools.partial(handle), "y"))
    assert app(make_event([{"id": str(number), "at": number} for number in range(50)])) == DONE
    assert not threads - before


class Unseen:
    """Nobody sees without a call that it has to be awaited."""

    def __init__(self, seen: list[int]) -> None:
        self.seen = seen

    async def __call__(self, record: Record) -> None:
        await asyncio.sleep(0)
        self.seen.append(at(record))

    async def method(self, record: Record) -> None:
        await self(record)


def test_what_cannot_be_seen_to_be_async_is_awaited_all_the_same(caller: Caller) -> None:
    seen: list[int] = []
    app, handler = per_item(3), Unseen(seen)
    app.on()(handler)
    app.on()(handler.method)
    app.on()(functools.partial(handler))
    app.on()(lambda record: handler.method(record) if record else None)
    assert caller(lambda: app(event_of("abcabc"))) == DONE
    assert sorted(seen) == sorted([*range(6)] * 4)


def test_a_record_is_run_alike_on_the_loop_and_elsewhere() -> None:
    """What is added to one of the two functions must be added to the other, or it is skipped for some records."""
    awaits = {
        "await finished(returned)": "finish(returned)",
        "await in_thread(partial(_recover, record, position, invocation, rest, error))": (
            "_recover(record, position, invocation, rest, error)"
        ),
        "return failed": "yield (position, failed)",
    }
    on_loop = "\n".join(map(ast.unparse, body(run_record_on_loop)[:-1]))  # without its last line, return None
    for awaiting, calling in awaits.items():
        assert on_loop.count(awaiting) == 1
        on_loop = on_loop.replace(awaiting, calling)
    names, loop = body(run_records)
    assert isinstance(loop, ast.For)
    assert on_loop == "\n".join(map(ast.unparse, [names, *loop.body]))


def body(function: Any) -> list[ast.stmt]:
    (definition,) = ast.parse(inspect.getsource(function)).body
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef))
    return definition.body[1:]


@pytest.mark.parametrize("workers", [1, 4])
def test_a_pause_and_a_store_do_not_hold_up_the_loop(workers: int) -> None:
    """They may block: they are called in a thread, and what they return is awaited on the loop."""
    threads: list[threading.Thread] = []

    class Store:
        def add(self, record: Record, *, error: BaseException, route: str) -> Any:
            threads.append(threading.current_thread())
            return self.later()

        async def later(self) -> None:
            threads.append(threading.current_thread())

    app, tries = per_item(workers, quarantine=Store(), on_error="quarantine", attempts=3, backoff_ms=1), []

    @app.on()
    async def handle(record: Record) -> None:
        tries.append((at(record), threading.current_thread()))
        await asyncio.sleep(0)
        if at(record) == 1:
            raise OSError

    assert app(event_of("aab")) == DONE
    main = threading.main_thread()
    assert [position for position, _ in tries].count(1) == 3
    assert {thread for _, thread in tries} >= {main}
    assert [thread is main for thread in threads] == [False, True]


def test_plain_handlers_need_no_asyncio() -> None:
    code = """
import sys
from tailrace import StreamHandler
app = StreamHandler(order="per_item", workers=2)
assert "concurrent.futures" not in sys.modules
app.on()(lambda record: 5)
record = {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "a"}}, "SequenceNumber": "1"}}
assert app({"Records": [record]}) == {"batchItemFailures": []}
assert "asyncio" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_interpreter_ends_without_a_warning() -> None:
    code = """
import asyncio, logging, threading, time
from tailrace import StreamHandler
logging.getLogger("asyncio").setLevel(logging.ERROR)  # a busy machine is slow, and asyncio says so
app = StreamHandler(order="per_item", workers=3)
@app.insert
async def handle(record): await asyncio.sleep(0)
@app.insert
def plain(record): time.sleep(0.001)
records = [
    {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": str(number)}}, "SequenceNumber": str(number)}}
    for number in range(20)
]
def call(): assert app({"Records": records}) == {"batchItemFailures": []}
call()
async def caller(): call()
asyncio.run(caller())
thread = threading.Thread(target=call); thread.start(); thread.join()
"""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code], check=True, capture_output=True, text=True
    )
    assert not ended.stderr
