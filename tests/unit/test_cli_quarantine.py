"""``tailrace quarantine``: what was set aside, listed, shown and handled again."""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tailrace import Batch, Quarantine
from tailrace.cli.app import app
from tailrace.sinks import SqliteQuarantine
from tailrace.testing import make_record
from tests.unit.cli_commands import COMMAND, environment, hear_interrupts, in_shell, tailrace

HANDLERS = """
import sys
from tailrace import Quarantine, StreamHandler
from tailrace.sinks import SqliteQuarantine

got, failing, aside_again, stops = [], set(), set(), set()

def check(record):
    key = record.keys["id"] + "/" + str(record.new_image["v"])
    got.append(key)
    if key in stops:
        sys.exit(0)
    if key in aside_again:
        raise Quarantine("still refused")
    if key in failing:
        raise ValueError("order " + key + " is bad")

app = StreamHandler()
app.on()(check)

here = StreamHandler(quarantine=SqliteQuarantine("aside.db"))
here.on()(check)

elsewhere = StreamHandler(quarantine=SqliteQuarantine("elsewhere.db"))
elsewhere.on()(check)

unwanting = StreamHandler()
unwanting.remove(check)
unwanting.insert(table="other")(check)

def forgetful(event, context):
    app(event, context)

def removing(event, context):
    import os
    os.unlink("aside.db")

def plain(event, context):
    for record in event["Records"]:
        image = record["dynamodb"]["NewImage"]
        got.append(image["id"]["S"] + "/" + image["v"]["N"])
        if got[-1] in failing:
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}
"""


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with handlers, as the current one."""
    (tmp_path / "mend.py").write_text(HANDLERS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    yield tmp_path
    sys.modules.pop("mend", None)


def aside(*changes: str, table: str = "orders", route: str = "shop.check", error: Exception | None = None) -> None:
    """Set aside changes of items, each named ``<id>/<version>``; a higher version has a higher number."""
    with SqliteQuarantine("aside.db") as store:
        for change in changes:
            key, _, version = change.partition("/")
            image = {"id": key, "v": int(version)}
            record = make_record(
                new_image=image, table_name=table, event_id=f"event-{table}-{key}-{version}",
                sequence_number=str(10**20 + int(version)),
            )  # fmt: skip
            store.add(record, error=error or Quarantine("a secret reason"), route=route)


def quarantine(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["quarantine", *map(str, arguments)])


def replay(*arguments: object, handler: str = "mend:app") -> Result:
    return quarantine("replay", "aside.db", "--handler", handler, *arguments)


def left() -> dict[str, int]:
    """What is in the store, and how often it was set aside."""
    with SqliteQuarantine("aside.db") as store:
        images = [(entry, entry.record["dynamodb"]["NewImage"]) for entry in store]
        return {f"{image['id']['S']}/{image['v']['N']}": entry.attempt_count for entry, image in images}


def mend() -> Any:
    import importlib

    return importlib.import_module("mend")


def summary(result: Result) -> dict[str, str]:
    lines = result.stdout.partition("\n\n")[0].splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


def test_list_has_a_line_for_each_and_no_value(workshop: Path) -> None:
    aside("a/1", "b/2")
    aside("b/2", error=ValueError("a secret value"))
    aside("c/3", table="customers", route="")
    result = quarantine("list", "aside.db")
    assert result.exit_code == 0
    lines = [line.split("  ") for line in result.stdout.splitlines()]
    assert [line[1:] for line in lines] == [
        ["1", "orders", "INSERT", "shop.check", "tailrace.exceptions.Quarantine", str(10**20 + 1), "event-orders-a-1"],
        ["2", "orders", "INSERT", "shop.check", "ValueError", str(10**20 + 2), "event-orders-b-2"],
        ["1", "customers", "INSERT", "-", "tailrace.exceptions.Quarantine", str(10**20 + 3), "event-customers-c-3"],
    ]
    assert "secret" not in result.stdout


def test_list_shows_values_on_demand(workshop: Path) -> None:
    aside("a/1")
    aside("b/2", error=ValueError("a secret value"))
    result = quarantine("list", "aside.db", "--values")
    assert '{"id": {"S": "a"}}  a secret reason  a secret reason' in result.stdout
    assert result.stdout.splitlines()[1].endswith("-  a secret value")


def test_list_may_be_cut_and_filtered_and_json(workshop: Path) -> None:
    aside("a/1", "b/2")
    aside("c/3", table="customers")
    assert len(quarantine("list", "aside.db", "--limit", 2).stdout.splitlines()) == 2
    (line,) = quarantine("list", "aside.db", "--table", "customers", "--json").stdout.splitlines()
    said = json.loads(line)
    assert (said["event_id"], said["attempt_count"]) == ("event-customers-c-3", 1)
    assert "message" not in said
    assert quarantine("list", "aside.db", "--table", "nobody").stdout == ""


def test_nothing_of_a_record_moves_the_cursor(workshop: Path) -> None:
    aside("\x1b[2J\n/1", table="orders", route="\x1b]0;x\x07", error=ValueError("\x1b[2J"))
    for arguments in (["list", "--values"], ["list", "--json", "--values"], ["show"], ["show", "--json"]):
        result = quarantine(arguments[0], "aside.db", *arguments[1:])
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout
        assert "\x07" not in result.stdout


def test_show_has_all_of_it(workshop: Path) -> None:
    aside("a/1", "b/2", error=ValueError("a secret value"))
    result = quarantine("show", "aside.db", "event-orders-b-2")
    assert result.exit_code == 0
    assert "ValueError: a secret value" in result.stdout
    text = result.stdout[result.stdout.index("{") : result.stdout.rindex("\n}") + 2]
    assert json.loads(text)["dynamodb"]["NewImage"] == {"id": {"S": "b"}, "v": {"N": "2"}}
    assert "event-orders-a-1" not in result.stdout
    both = quarantine("show", "aside.db")
    assert both.stdout.count("attempt_count") == 2
    lines = [json.loads(line) for line in quarantine("show", "aside.db", "--json").stdout.splitlines()]
    assert [line["record"]["eventID"] for line in lines] == ["event-orders-a-1", "event-orders-b-2"]


def test_show_of_what_is_not_there(workshop: Path) -> None:
    aside("a/1")
    result = quarantine("show", "aside.db", "event-orders-a-1", "event-nobody")
    assert result.exit_code == 1
    assert "not there: event-nobody" in result.stderr
    assert "event-orders-a-1" in result.stdout


@pytest.mark.parametrize("verb", ["list", "show", "replay"])
@pytest.mark.parametrize("store", ["no-such.db", "https://sqs.eu-west-1.amazonaws.com/1/q", "notes.txt", ""])
def test_a_store_that_is_none_is_code_2(workshop: Path, verb: str, store: str) -> None:
    (workshop / "notes.txt").write_text("no database " * 100)
    more = ["--handler", "mend:app"] if verb == "replay" else []
    result = quarantine(verb, store, *more)
    assert result.exit_code == 2
    assert result.stderr.startswith("tailrace: ")
    assert not (workshop / "no-such.db").exists()


def test_replay_takes_out_what_is_done(workshop: Path) -> None:
    aside("a/1", "b/2")
    result = replay()
    assert result.exit_code == 0
    assert summary(result) == {"records": "2", "done": "2", "failed": "0", "waiting": "0"}
    assert left() == {}
    assert mend().got == ["a/1", "b/2"]


def test_replay_keeps_what_fails_with_its_new_error_and_what_is_behind_it_waits(workshop: Path) -> None:
    aside("a/3", "b/1", "a/20", "a/1", "b/2")
    mend().failing = {"a/3"}
    result = replay()
    assert result.exit_code == 1
    assert mend().got == ["a/1", "a/3", "b/1", "b/2"], "by number, whatever was set aside first"
    assert left() == {"a/3": 2, "a/20": 1}
    assert summary(result) == {"records": "5", "done": "3", "failed": "1", "waiting": "1"}
    assert "ValueError: order a/3 is bad" in result.stdout
    with SqliteQuarantine("aside.db") as store:
        entry = store.get("orders", "event-orders-a-3", "shop.check")
    assert entry is not None
    assert (entry.error_type, entry.message, entry.reason) == ("ValueError", "order a/3 is bad", None)
    assert "in check" in entry.traceback
    assert entry.last_time > entry.first_time
    mend().failing = set()
    assert replay().exit_code == 0
    assert left() == {}


@pytest.mark.parametrize("handler", ["mend:here", "mend:elsewhere"])
def test_what_the_handler_sets_aside_again_stays(workshop: Path, handler: str) -> None:
    """It tells Lambda that such a record is done, and it is not."""
    aside("a/1", "b/2", route="mend.check")
    mend().aside_again = {"a/1"}
    result = replay(handler=handler)
    assert result.exit_code == 1
    assert left() == {"a/1": 2}
    assert "still refused" in result.stdout


def test_a_record_of_several_routes_is_handled_once(workshop: Path) -> None:
    aside("a/1", route="mend.check")
    aside("a/1", route="other")
    mend().failing = {"a/1"}
    assert replay().exit_code == 1
    with SqliteQuarantine("aside.db") as store:
        assert [(entry.route, entry.attempt_count) for entry in store] == [("mend.check", 2), ("other", 2)]
    mend().failing = set()
    assert replay().exit_code == 0
    assert mend().got == ["a/1", "a/1"]
    assert left() == {}


def test_replay_of_a_plain_function(workshop: Path) -> None:
    aside("a/1", "b/2")
    mend().failing = {"b/2"}
    result = replay(handler="mend:plain")
    assert result.exit_code == 1
    assert left() == {"b/2": 2}


@pytest.mark.parametrize(
    ("handler", "why"), [("mend:unwanting", "no route and no sink"), ("mend:forgetful", "answered None")]
)
def test_a_handler_that_does_not_handle_it_throws_nothing_away(workshop: Path, handler: str, why: str) -> None:
    aside("a/1", "b/2")
    result = replay(handler=handler)
    assert result.exit_code == 1
    assert why in result.stdout
    assert sorted(left()) == ["a/1", "b/2"]


def test_replay_may_be_cut_and_filtered(workshop: Path) -> None:
    aside("a/1", "b/2")
    aside("c/3", table="customers")
    assert replay("--limit", 1).exit_code == 0
    assert replay("--table", "customers").exit_code == 0
    assert list(left()) == ["b/2"]
    assert replay("--limit", 0).exit_code == 0


def test_a_record_that_is_kept_in_part_is_not_replayed(workshop: Path) -> None:
    text = json.dumps({"Records": [make_record(new_image={"id": "a", "v": 1}, event_id="broken").to_dict()]})
    text = text.replace('"v": {"N": "1"}', '"v": {"N": "1"}, "v": {"N": "2"}')
    with SqliteQuarantine("aside.db") as store:
        store.add(Batch.from_event(text)[0], error=ValueError("x"), route="r")
    shown = quarantine("show", "aside.db")
    assert "unreadable" in shown.stdout
    result = replay()
    assert result.exit_code == 1
    assert "kept in part" in result.stdout
    assert mend().got == []
    with SqliteQuarantine("aside.db") as store:
        assert store.count() == 1


def test_a_record_without_a_number_is_not_replayed(workshop: Path) -> None:
    wire = make_record(new_image={"id": "a", "v": 1}, event_id="e").to_dict()
    del wire["dynamodb"]["SequenceNumber"]
    with SqliteQuarantine("aside.db") as store:
        store.add(Batch.from_event({"Records": [wire]})[0], error=ValueError("x"), route="r")
    result = replay()
    assert result.exit_code == 1
    assert "no SequenceNumber" in result.stdout
    assert left() == {"a/1": 1}


def test_a_change_that_came_through_kinesis_is_replayed(workshop: Path) -> None:
    change = make_record(new_image={"id": "a", "v": 1}, event_id="e").to_dict()
    del change["dynamodb"]["SequenceNumber"]
    data = base64.b64encode(json.dumps({**change, "tableName": "orders"}).encode()).decode()
    arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/changes"
    kinesis = {"data": data, "sequenceNumber": str(10**55), "partitionKey": "p"}
    event = {"Records": [{"eventSource": "aws:kinesis", "eventSourceARN": arn, "kinesis": kinesis}]}
    with SqliteQuarantine("aside.db") as store:
        store.add(Batch.from_event(event)[0], error=ValueError("x"), route="r")
    assert replay().exit_code == 0
    assert mend().got == ["a/1"]
    assert left() == {}


def test_a_handler_that_stops_the_process_loses_nothing(workshop: Path) -> None:
    aside("a/1", "b/2", "c/3")
    mend().stops = {"b/2"}
    result = replay()
    assert result.exit_code == 1
    assert "the handler stopped the process with SystemExit" in result.stderr
    assert list(left()) == ["b/2", "c/3"]


def test_a_store_that_goes_away_is_told_with_what_was_done(workshop: Path) -> None:
    aside("a/1", "b/2")
    result = replay(handler="mend:removing")
    assert result.exit_code == 2
    assert "removed or replaced" in result.stderr
    assert "0 done before table orders, eventID event-orders-a-1" in result.stderr


@pytest.mark.parametrize("handler", ["nothing:app", "mend:nothing", "mend"])
def test_a_handler_that_is_none_is_code_2(workshop: Path, handler: str) -> None:
    aside("a/1")
    assert replay(handler=handler).exit_code == 2
    assert list(left()) == ["a/1"]


def test_a_pipe_that_is_closed_ends_without_a_word(workshop: Path) -> None:
    aside(*(f"k{number}/{number}" for number in range(400)))
    for verb in ("list", "show"):
        code, errors = in_shell('"$@" | head -n 1 > /dev/null', "quarantine", verb, "aside.db", cwd=workshop)
        assert (code, errors) == (0, "")


def test_in_a_process_of_its_own(workshop: Path) -> None:
    aside("a/1", "b/2")
    (workshop / "mend.py").write_text(HANDLERS.replace("set(), set(), set()", '{"b/2"}, set(), set()'))
    done = tailrace("quarantine", "replay", "aside.db", "--handler", "mend:app", cwd=workshop)
    assert done.returncode == 1
    assert done.stderr == "", "no log of the handler beside the report"
    assert left() == {"b/2": 2}


def test_an_interrupt_keeps_the_record_at_hand(workshop: Path) -> None:
    aside("a/1", "b/2")
    (workshop / "slow.py").write_text(
        "import time\ndef app(event, context):\n    print('at', flush=True); time.sleep(60)\n"
    )
    command = [*COMMAND, "quarantine", "replay", "aside.db", "--handler", "slow:app"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        command,
        cwd=workshop,
        env=environment(),
        preexec_fn=hear_interrupts,  # noqa: PLW1509 - no thread of the tests runs here
        **pipes,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "at\n"
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "interrupted at table orders, eventID event-orders-a-1" in errors
    assert left() == {"a/1": 1, "b/2": 1}
