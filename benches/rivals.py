"""Every other library for the job: how fast, and whether right. ``make bench-rivals``.

Each answer is compared with what the item says, which is boto3's answer where boto3 has one; a fast wrong answer is
named, not left out. Each library runs in processes of their own, for some inputs end them.
"""

from __future__ import annotations

import datetime as dt
import importlib
import json
import signal
import statistics
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benches import corpus, machine, rival
from benches.answer import same
from benches.measure import pairs
from tailrace import build_info

__all__ = ["CASES", "RIVALS", "main"]

ROOT = Path(__file__).resolve().parents[1]
ITEMS_COUNT = 20
SECONDS_A_CORPUS = 3.0
DEEP_LEVELS = 20_000

Item = dict[str, Any]
Read = Callable[[Item], object]


def _deep() -> Item:
    value: Item = {"S": "x"}
    for _ in range(DEEP_LEVELS):
        value = {"L": [value]}
    return {"a": value}


# What is asked -> the item, and what it says; an exception where it cannot be read.
CASES: dict[str, tuple[Callable[[], Item], object]] = {
    "38 digits": (
        lambda: {"a": {"N": "1234567890.1234567890123456789012345678"}},
        {"a": Decimal("1234567890.1234567890123456789012345678")},
    ),
    "1E+100 written out": (lambda: {"a": {"N": "1" + "0" * 100}}, {"a": Decimal("1" + "0" * 100)}),
    "N of no number": (lambda: {"a": {"N": "12a"}}, Exception),
    "sets": (
        lambda: {"a": {"SS": ["x", "y"]}, "b": {"NS": ["1", "2.50"]}},
        {"a": {"x", "y"}, "b": {Decimal(1), Decimal("2.50")}},
    ),
    "B as bytes": (lambda: {"a": {"B": b"\x00\xff"}, "b": {"BS": [b"x"]}}, {"a": b"\x00\xff", "b": {b"x"}}),
    "NULL": (lambda: {"a": {"NULL": True}}, {"a": None}),
    "a map with the one key S": (lambda: {"a": {"M": {"S": {"S": "x"}}}}, {"a": {"S": "x"}}),
    "an item with the one attribute S": (lambda: {"S": {"SS": ["x"]}}, {"S": {"x"}}),
    f"{DEEP_LEVELS:,} levels deep": (_deep, Exception),
}


def _from(module: str, *path: str) -> Any:
    found: Any = importlib.import_module(module)
    for name in path:
        found = getattr(found, name)
    return found


def _by_value(read: Callable[[Any], Any]) -> Read:
    return lambda item: {name: read(value) for name, value in item.items()}


def _aiodynamo() -> Read:
    read = _from("aiodynamo.utils", "dy2py")
    return lambda item: read(item, Decimal)


def _tailrace_int_float() -> Read:
    read = _from("tailrace", "unmarshall")
    return lambda item: read(item, numbers="int-float")


# Distribution -> its way from an item to Python values: exact where there is a choice, and ours in their way too.
RIVALS: dict[str, Callable[[], Read]] = {
    "boto3": lambda: rival.unmarshalled,
    "tailrace": lambda: _from("tailrace", "unmarshall"),
    "tailrace int-float": _tailrace_int_float,
    "pydynox": lambda: _from("pydynox.pydynox_core", "item_from_dynamo"),
    "dynojson": lambda: _from("dynojson", "unmarshall"),
    "cerealbox": lambda: _from("cerealbox.dynamo", "from_dynamodb_json"),
    "ddbcereal": lambda: _from("ddbcereal", "Deserializer")().deserialize_item,
    "aiodynamo": _aiodynamo,
    "aws_lambda_powertools": lambda: _by_value(
        _from("aws_lambda_powertools.shared.dynamodb_deserializer", "TypeDeserializer")().deserialize
    ),
}


def main(arguments: Sequence[str]) -> int:
    if arguments:
        print(json.dumps(_task(*arguments)))
        return 0
    here = [name for name in RIVALS if _version(name)]
    print(f"{dt.datetime.now(dt.timezone.utc):%d %B %Y}", *machine.description(), sep="\n")
    print(", ".join(f"{name} {_version(name)}" for name in here if " " not in name), end="\n\n")
    for head, tasks in (("times as fast as boto3", list(corpus.COUNTS)), ("its answer to", list(CASES))):
        print("\n".join(_table(head, here, tasks)), end="\n\n")
    for name in sorted(RIVALS.keys() - set(here)):
        print(f"{name} is not installed: `make bench-rivals` installs it", file=sys.stderr)
    return 0


def _version(name: str) -> str:
    if name.startswith("tailrace"):
        return str(build_info()["version"])
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _table(head: str, names: Sequence[str], tasks: Sequence[str]) -> Iterator[str]:
    """A line for each task, a column for each library."""
    yield f"| {head} | {' | '.join(names)} |"
    yield "|---" * (len(names) + 1) + "|"
    for task in tasks:
        yield f"| {task} | {' | '.join(_asked(name, task) for name in names)} |"


def _asked(name: str, task: str) -> str:
    """One cell, found out by a process of its own."""
    command = [sys.executable, "-m", "benches.rivals", name, task, str(SECONDS_A_CORPUS)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    if ended.returncode < 0:
        return f"**ends the process**: {signal.Signals(-ended.returncode).name}"
    if ended.returncode:
        raise RuntimeError(f"{name}, {task}: {ended.stderr}")
    return str(json.loads(ended.stdout))


def _task(name: str, task: str, seconds: str) -> str:
    read = RIVALS[name]()
    return _speed(read, task, float(seconds)) if task in corpus.COUNTS else _answer(read, task)


def _speed(read: Read, name: str, seconds: float) -> str:
    """How many times as fast as boto3, and what its answer is not."""
    items = corpus.fresh(corpus.items(name, ITEMS_COUNT))
    notes = {note for item in items for note in differences(read(item), rival.unmarshalled(item))}
    found = pairs(
        lambda: deque(map(read, items), maxlen=0),
        lambda: deque(map(rival.unmarshalled, items), maxlen=0),
        seconds=seconds,
        collector=False,
    )
    times = statistics.median(pair.theirs_s / pair.ours_s for pair in found)
    return "; ".join([f"{times:.2g}x", *sorted(notes)])


def _answer(read: Read, task: str) -> str:
    make, expected = CASES[task]
    try:
        found = read(make())
    except Exception as error:  # noqa: BLE001 - whatever it raises is its answer
        return f"{'right' if expected is Exception else '**raises**'}: {type(error).__name__}"
    notes = [f"**`{found!r}`**"] if expected is Exception else sorted(set(differences(found, expected)))
    return "; ".join(notes) or "right"


def differences(found: object, expected: object) -> Iterator[str]:
    """What an answer is not, in a few words each; nothing if it is right. bytes are as good as boto3's Binary."""
    found, expected = _without_binary(found), _without_binary(expected)
    if isinstance(expected, Decimal) and isinstance(found, int | float | Decimal):
        yield from _number_differences(found, expected)
    elif isinstance(expected, dict) and isinstance(found, dict) and found.keys() == expected.keys():
        for name, member in expected.items():
            yield from differences(found[name], member)
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        for one, other in zip(found, expected, strict=True):
            yield from differences(one, other)
    elif isinstance(expected, set) and isinstance(found, set | list) and len(found) == len(expected):
        if isinstance(found, list):
            yield "list for set"
        yield from differences(sorted(found, key=_order), sorted(expected, key=_order))
    elif not same(found, expected):
        yield f"**`{found!r}`** for `{expected!r}`"


def _number_differences(found: float | Decimal, expected: Decimal) -> Iterator[str]:
    if Decimal(str(found)) != expected:
        yield "**digits lost**"
    elif not isinstance(found, Decimal):
        yield f"{type(found).__name__} for Decimal"
    elif not same(found, expected):
        yield "zeros not as written"


def _order(member: object) -> tuple[str, object]:
    member = _without_binary(member)
    return ("N", float(member)) if isinstance(member, int | float | Decimal) else (type(member).__name__, member)


def _without_binary(value: Any) -> Any:
    return bytes(value) if type(value).__name__ == "Binary" else value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
