"""``tailrace run`` and handlers that leave, that cannot be imported or that nobody would await."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.test_cli_run import HANDLERS, RECORDS, run

LEAVING = """\
import functools, sys
from tailrace import StreamHandler

done = []
app = StreamHandler()

@app.on("INSERT", "MODIFY", "REMOVE")
def leave(record):
    if record.keys["id"] == "013":
        sys.exit(0)
    done.append(record.keys["id"])

def plain(event, context):
    for record in event["Records"]:
        if record["dynamodb"]["Keys"]["id"]["S"] == "013":
            raise SystemExit("enough")

def single(event, context):
    if any(record["dynamodb"]["Keys"]["id"]["S"] == "013" for record in event["Records"]):
        if len(event["Records"]) > 1:
            raise ValueError("one by one, please")
        sys.exit(0)

async def coroutine(event, context):
    pass

async def generator(event, context):
    yield

class Waiter:
    async def __call__(self, event, context):
        pass

waiter, partial = Waiter(), functools.partial(coroutine)
"""


MODULES = ("shop", "leaving", "alone", "importing", "inner", "lazy")


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with handlers that stop the process at the fourteenth of 25 records, as the current one."""
    (tmp_path / "shop.py").write_text(HANDLERS)
    (tmp_path / "leaving.py").write_text(LEAVING)
    (tmp_path / "orders.jsonl").write_text("".join(json.dumps(record) + "\n" for record in RECORDS))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in MODULES:
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("shop", "module:name"),
        (":app", "module:name"),
        ("nowhere:app", "cannot import nowhere"),
        ("shop:nobody", "no 'nobody'"),
        ("shop:app.nobody", "no 'nobody'"),
        ("shop:number", "nobody can call"),
        ("wrong:app", "cannot import wrong: SyntaxError"),
    ],
)
def test_a_handler_that_is_none_is_told_in_a_line(workshop: Path, name: str, message: str) -> None:
    (workshop / "wrong.py").write_text("def broken(:\n")
    result = run("--handler", name, "orders.jsonl")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("app", "SystemExit: 0 (leaving.py, line 10) at orders.jsonl, line 14: eventID {0}, SequenceNumber {1};"),
        ("plain", "SystemExit: enough (leaving.py, line 16) in the batch from orders.jsonl, line 11 to"),
        ("single", "SystemExit: 0 (leaving.py, line 22) in the batch from orders.jsonl, line 11 to"),
    ],
)
def test_a_handler_that_leaves_is_no_success(workshop: Path, name: str, said: str) -> None:
    result = run("--handler", f"leaving:{name}", "--batch-size", 10, "--retries", 0, "orders.jsonl")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    said = said.format(RECORDS[13]["eventID"], RECORDS[13]["dynamodb"]["SequenceNumber"])
    assert result.stderr.startswith(f"tailrace: the handler stopped the process with {said}")
    assert "; 1 whole batch before it done, nothing behind; mend it" in result.stderr
    assert "records       10\n" in result.stdout
    assert "the handler stopped the process" in (workshop / "tailrace-run.log").read_text()


def test_a_handler_that_leaves_in_its_first_batch_has_done_none(workshop: Path) -> None:
    result = run("--handler", "leaving:app", "orders.jsonl")
    assert result.exit_code == 1
    assert result.stderr.endswith("; no whole batch was done\n")
    assert sys.modules["leaving"].done == [f"{number:03d}" for number in range(13)]


def test_a_handler_that_leaves_while_its_records_come_alone_has_not_done_their_batch(workshop: Path) -> None:
    bad = "import sys\ntries = []\ndef handler(event, context):\n    tries.append(1)\n    "
    (workshop / "alone.py").write_text(bad + "sys.exit(0) if len(tries) == 5 else 1 / 0\n")
    result = run("--handler", "alone:handler", "--batch-size", 2, "--retries", 0, "orders.jsonl")
    assert result.exit_code == 1
    assert "at orders.jsonl, line 2: eventID" in result.stderr
    assert result.stderr.endswith("; no whole batch was done\n")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import sys\nsys.exit(0)\n", "SystemExit: 0 (importing.py, line 2)"),
        ("x = 1\n\nimport inner\n", "KeyError: 'TABLE' (inner.py, line 3)"),
        (
            "import json\njson.loads('')\n",
            "JSONDecodeError: Expecting value: line 1 column 1 (char 0) (importing.py, line 2)",
        ),
        ("import nowhere\n", "ModuleNotFoundError: No module named 'nowhere' (importing.py, line 1)"),
        ("\ndef broken(:\n", "SyntaxError: invalid syntax (importing.py, line 2)"),
        ("raise SystemExit\n", "SystemExit (importing.py, line 1)"),
    ],
)
def test_an_import_that_fails_is_told_with_its_place(workshop: Path, source: str, said: str) -> None:
    (workshop / "importing.py").write_text(source)
    (workshop / "inner.py").write_text("import os\n\ntable = os.environ['TABLE']\n")
    result = run("--handler", "importing:app", "orders.jsonl")
    assert (result.exit_code, result.stderr) == (2, f"tailrace: cannot import importing: {said}\n")


def test_an_attribute_that_fails_when_it_is_asked_for_is_told_with_its_place(workshop: Path) -> None:
    (workshop / "lazy.py").write_text("def __getattr__(name):\n    raise SystemExit(0)\n")
    result = run("--handler", "lazy:app", "orders.jsonl")
    assert (result.exit_code, result.stderr) == (2, "tailrace: handler lazy:app: SystemExit: 0 (lazy.py, line 2)\n")


@pytest.mark.parametrize("name", ["coroutine", "generator", "waiter", "partial"])
def test_an_async_function_is_no_handler(workshop: Path, name: str) -> None:
    result = run("--handler", f"leaving:{name}", "orders.jsonl")
    assert result.exit_code == 2
    assert result.stderr == (
        f"tailrace: handler leaving:{name}: it is async, so nobody would await it:"
        " give a StreamHandler or a plain function\n"
    )
