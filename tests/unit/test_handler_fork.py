"""A forked environment: threads and loops of the parent are not there, and its child must not touch them.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-python-runtime.html
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

PRELUDE = """
import asyncio, os, sys, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forking with threads: that is what is tested
from tailrace import StreamHandler
DONE = {"batchItemFailures": []}
records = [
    {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": str(number)}}, "SequenceNumber": str(1 + number)}}
    for number in range(12)
]
EVENT = {"Records": records}

class Ends:
    def __init__(self, timeout_ms):
        self.end = time.monotonic() + timeout_ms / 1000
    def get_remaining_time_in_millis(self):
        return (self.end - time.monotonic()) * 1000

def in_child(check):
    child = os.fork()
    if not child:
        code = 1
        try:
            check()
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
"""


def run(code: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-c", PRELUDE + code], check=False, capture_output=True, text=True, timeout=60
    )
    assert not ended.stderr
    assert ended.returncode == 0


@pytest.mark.parametrize("options", ["", "order='per_item', workers=3"], ids=["sequential", "per_item"])
@pytest.mark.parametrize("kind", ["plain", "async"])
def test_both_work_after_a_fork(options: str, kind: str) -> None:
    handler = {
        "plain": "def handle(record): time.sleep(0.001)",
        "async": "async def handle(record): await asyncio.sleep(0.001)",
    }[kind]
    run(f"""
{handler}
app = StreamHandler({options})
app.on()(handle)
def check(): assert app(EVENT) == DONE
check()
for _ in range(3):
    in_child(check)
    check()
""")


def test_a_child_does_not_close_the_loop_of_its_parent() -> None:
    """Both have one selector: a child that closed its copy would take from the parent what wakes its loop."""
    run("""
app = StreamHandler()
loops = set()
@app.on()
async def handle(record):
    loops.add(asyncio.get_running_loop())
    await asyncio.to_thread(time.sleep, 0.001)
def check():
    assert app(EVENT) == DONE
    assert len(loops) == 1
check()
parents = set(loops)
child = os.fork()
if not child:
    warnings.simplefilter("ignore", ResourceWarning)  # of the sockets in the parent's loop, which it cannot close
    loops.clear()
    check()
    assert not loops & parents
    parents.clear()
    loops.clear()
    sys.exit(0)  # closes and collects all that it has
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
check()
""")


def test_what_the_parent_left_running_is_not_waited_for_in_a_child() -> None:
    run("""
import logging
logging.disable()
gate = threading.Event()
app = StreamHandler(order="per_item", workers=3)
calls = []
@app.on()
def handle(record):
    calls.append(1)
    if len(calls) == 1:
        gate.wait(30)
assert app(EVENT, Ends(100)) != DONE
def check():
    assert app(EVENT, Ends(10_000)) == DONE
in_child(check)
gate.set()
check()
""")


def test_a_handler_may_fork() -> None:
    run("""
app = StreamHandler(order="per_item", workers=3)
inner = StreamHandler(order="per_item", workers=2)
@inner.on()
async def later(record): await asyncio.sleep(0)
def check(): assert inner(EVENT) == DONE
@app.on()
def handle(record): in_child(check)
assert app({"Records": records[:4]}) == DONE
""")


def test_a_count_that_another_thread_is_taking_does_not_hang_a_child() -> None:
    run("""
import logging
logging.disable()
app = StreamHandler()
@app.on()
def handle(record): raise RuntimeError("no")
def check(): assert app(EVENT) != DONE
with app._report._repeats._lock:
    in_child(check)
""")
