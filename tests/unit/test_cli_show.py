"""``tailrace show``: what each record changed, in a terminal, in a pipe and as JSON."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tailrace import Batch, Record
from tailrace.cli.app import app
from tailrace.cli.changes import as_json, as_row
from tailrace.testing import make_event, make_record
from tailrace.testing.strategies import records
from tests.unit.cli_commands import COMMAND, ESCAPES, environment, in_shell, in_terminal, plain_lines, tailrace

TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
PLACED = {"id": "o-1", "status": "NEW", "total": 10, "paid": False, "note": None}
PAID = PLACED | {"status": "PAID", "paid": True, "receipt": b"\x01\x02"}
del PAID["note"]


def _wire(**options: Any) -> dict[str, Any]:
    return make_record(table_name="orders", **options).to_dict()


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """An order's life: placed, paid, gone by Time to Live."""
    changes = [
        _wire(new_image=PLACED, approximate_creation_time=1_767_600_000),
        _wire(old_image=PLACED, new_image=PAID, approximate_creation_time=1_767_600_060),
        _wire(old_image=PAID, user_identity=TTL, approximate_creation_time=1_767_600_120),
    ]
    path = tmp_path / "history.json"
    path.write_text(json.dumps({"Records": changes}))
    return path


def show(*arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["show", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.stdout


def test_a_pipe_gets_a_line_a_record(history: Path) -> None:
    assert show(history).splitlines() == [
        'INSERT  2026-01-05 08:00:00  orders  id=o-1  +status "NEW"; +total 10; +paid false; +note null',
        (
            'MODIFY  2026-01-05 08:01:00  orders  id=o-1  status "NEW" → "PAID"; paid false → true;'
            " +receipt <2 bytes 0102>; -note null"
        ),
        (
            'REMOVE  2026-01-05 08:02:00  orders  id=o-1  -status "PAID"; -total 10; -paid true; '
            "-receipt <2 bytes 0102>; expired (Time to Live)"
        ),
    ]


def test_json_lines_hold_the_whole_values(history: Path) -> None:
    placed, paid, gone = map(json.loads, show("--json", history).splitlines())
    assert placed["changed"]["total"] == {"new": {"N": "10"}}
    assert paid["event"] == "MODIFY"
    assert paid["time"] == "2026-01-05 08:01:00"
    assert paid["keys"] == {"id": {"S": "o-1"}}
    assert paid["changed"] == {
        "status": {"old": {"S": "NEW"}, "new": {"S": "PAID"}},
        "paid": {"old": {"BOOL": False}, "new": {"BOOL": True}},
        "note": {"old": {"NULL": True}},
        "receipt": {"new": {"B": "AQI="}},
    }
    assert gone["ttl"] is True
    assert all(line["event_id"] and line["sequence_number"] for line in (placed, paid, gone))


def test_limit_stops_and_nothing_behind_it_is_read(tmp_path: Path) -> None:
    records = make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}])["Records"]
    path = tmp_path / "lines"
    path.write_text("".join(json.dumps(record) + "\n" for record in records) + "broken\n")
    assert len(show("--limit", 2, path).splitlines()) == 2
    assert not show("--limit", 0, path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"N": "1.0"}, {"N": "1"}),
        ({"N": "1E+2"}, {"N": "100"}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1", "2"]}, {"NS": ["2.0", "1"]}),
        ({"M": {"n": {"N": "1"}, "s": {"S": "a"}}}, {"M": {"s": {"S": "a"}, "n": {"N": "1.00"}}}),
        ({"L": [{"N": "0"}]}, {"L": [{"N": "-0"}]}),
    ],
)
def test_equal_values_are_no_change_however_they_are_written(old: dict[str, Any], new: dict[str, Any]) -> None:
    record = _modify(old, new)
    assert as_row(record).changed == ()
    assert as_row(record).remark == "no attribute changed"
    assert as_json(record)["changed"] == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"BOOL": True}, {"N": "1"}),
        ({"S": "1"}, {"N": "1"}),
        ({"L": [{"BOOL": False}]}, {"L": [{"N": "0"}]}),
        ({"SS": ["1"]}, {"NS": ["1"]}),
        ({"S": "YQ=="}, {"B": "YQ=="}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"N": "1"}, {"N": "1.0000000000000000000000000000000000001"}),
        ({"NULL": True}, {"BOOL": True}),
    ],
)
def test_values_that_only_python_calls_equal_are_a_change(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert {change.path[0] for change in as_row(_modify(old, new)).changed} == {"a"}


def test_a_change_deep_in_an_item_is_told_by_its_path(tmp_path: Path) -> None:
    old = {"id": "a", "address": {"city": "Bern", "zip": "3000"}, "lines": [{"qty": 1}, {"qty": 2}]}
    new = {"id": "a", "address": {"city": "Basel", "zip": "3000"}, "lines": [{"qty": 1}, {"qty": 3}, {"qty": 4}]}
    path = tmp_path / "deep.json"
    path.write_text(json.dumps({"Records": [_wire(old_image=old, new_image=new)]}))
    assert show(path).endswith('address.city "Bern" → "Basel"; lines[1].qty 2 → 3; +lines[2] {qty: 4}\n')
    changed = json.loads(show("--json", path))["changed"]
    assert list(changed) == ["address", "lines"]
    assert changed["address"]["old"] == {"M": {"city": {"S": "Bern"}, "zip": {"S": "3000"}}}


def _modify(old: dict[str, Any], new: dict[str, Any]) -> Record:
    wire = _wire(old_image={"id": "x", "a": "?"}, new_image={"id": "x", "a": "!"})
    wire["dynamodb"]["OldImage"]["a"], wire["dynamodb"]["NewImage"]["a"] = old, new
    return Batch.from_event([wire])[0]


@given(records())
def test_any_record_gives_lines_that_stay_lines(record: Record) -> None:
    row = as_row(record)
    texts = [row.head.event, row.head.time, row.head.table, *row.head.keys, row.head.line(), row.remark]
    texts += [text for change in row.changed for text in (change.path, change.old, change.new) if text is not None]
    assert all(text.isprintable() for text in texts)
    assert json.loads(json.dumps(as_json(record)))["sequence_number"] == record.sequence_number


@given(st.sampled_from(["KEYS_ONLY", "OLD_IMAGE", "NEW_IMAGE"]))
def test_without_the_images_nothing_is_said_to_have_changed(view: str) -> None:
    record = make_record(old_image={"id": "a", "n": 1}, new_image={"id": "a", "n": 2}, keys="id", stream_view_type=view)
    assert as_row(record).changed == ()
    assert as_row(record).remark == f"no images to compare ({view})"
    assert as_json(record)["changed"] is None


def test_an_unreadable_record_is_shown_as_such_among_the_others(tmp_path: Path) -> None:
    changes = [_wire(new_image={"id": name, "total": 1}) for name in ("a", "b", "c")]
    changes[1]["dynamodb"]["NewImage"]["total"] = {"N": "1.299,00"}
    changes[2]["dynamodb"]["Keys"] = 5
    path = tmp_path / "poison.json"
    path.write_text(json.dumps({"Records": changes}))
    first, second, third = show(path, code=1).splitlines()
    assert first.endswith("+total 1")
    assert "unreadable: " in second
    assert "dynamodb.NewImage.total.N" in second
    assert second.startswith("INSERT")
    assert "unreadable: " in third
    assert changes[2]["eventID"] in third
    assert "error" in json.loads(show("--json", path, code=1).splitlines()[1])
    assert show("--limit", 1, path).splitlines() == [first]
    done = tailrace("show", path, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "tailrace: 2 records could not be read\n")
    assert in_terminal("show", path, cwd=tmp_path, columns=100)[0] == 1


@pytest.mark.parametrize("part", ["eventID", "eventName", "Keys", "image"])
def test_whatever_is_broken_the_other_records_are_shown(tmp_path: Path, part: str) -> None:
    changes = [_wire(old_image={"id": name}, new_image={"id": name, "total": 1}) for name in ("a", "b")]
    for image in ("OldImage", "NewImage"):  # the same on both sides: a diff would pass it by
        changes[0]["dynamodb"][image]["poison"] = {"N": "1.299,00"} if part == "image" else {"N": "1"}
    if part == "Keys":
        changes[0]["dynamodb"]["Keys"] = 5
    elif part != "image":
        changes[0][part] = 5
    path = tmp_path / "poison.json"
    path.write_text(json.dumps({"Records": changes}))
    first, second = show(path, code=1).splitlines()
    assert "unreadable: " in first
    assert second.endswith("+total 1")
    first, second = show("--json", path, code=1).splitlines()
    assert "error" in json.loads(first)
    assert json.loads(second)["changed"] == {"total": {"new": {"N": "1"}}}


@pytest.mark.parametrize(
    ("images", "remark"),
    [
        ({"new_image": {"id": "a"}}, "no attributes but the key"),
        ({"old_image": {"id": "a"}}, "no attributes but the key"),
        ({"old_image": {"id": "a"}, "new_image": {"id": "a"}}, "no attribute changed"),
    ],
)
def test_an_item_that_is_its_key_alone(images: dict[str, Any], remark: str) -> None:
    row = as_row(make_record(keys="id", **images))
    assert (row.changed, row.remark) == ((), remark)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('"$@" - <&-', "standard input: it is closed"),
        ('"$@" history.json >&-', "standard output is closed"),
        ('"$@" history.json > /dev/full', "standard output: No space left on device"),
        ('"$@" --json history.json > /dev/full', "standard output: No space left on device"),
    ],
)
def test_streams_that_are_closed_or_full_are_told_in_a_line(history: Path, line: str, message: str) -> None:
    assert in_shell(line, "show", cwd=history.parent) == (2, f"tailrace: {message}\n")


def test_a_closed_standard_error_stops_nothing(history: Path) -> None:
    assert in_shell('"$@" history.json > shown 2>&-', "show", cwd=history.parent) == (0, "")
    assert (history.parent / "shown").read_text() == show(history)


def test_what_an_item_holds_cannot_colour_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "nasty.json"
    path.write_text(json.dumps(make_event([{"id": "[red]x", "\x1b[31m": "\x1b[2J\r\n[bold]"}])))
    line = show(path)
    assert line.count("\n") == 1
    assert "\x1b" not in line
    code, written = in_terminal("show", path, cwd=tmp_path, columns=100)
    assert code == 0
    assert "[red]x" in ESCAPES.sub("", written)
    assert "\x1b[2J" not in written


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_gets_a_table_that_fits(history: Path, columns: int) -> None:
    code, written = in_terminal("show", history, history, cwd=history.parent, columns=columns)
    lines = plain_lines(written)
    assert code == 0
    assert max(map(len, lines)) <= columns
    assert lines[0].split()[:3] == ["EVENT", "TIME", "(UTC)"]
    assert "\x1b[33mMODIFY" in written
    text = " ".join(" ".join(lines).split())
    for word in ('status "NEW" → "PAID"', "-note null", "+receipt <2 bytes 0102>", "expired (Time to Live)"):
        assert text.count(word) == 2, word
    assert text.count("id=o-1") == 6


def test_broken_input_ends_with_code_2_after_the_records_before_it(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_text(json.dumps(make_event([{"id": "a"}])["Records"][0]) + "\n{broken\n")
    result = CliRunner().invoke(app, ["show", str(path)])
    assert result.exit_code == 2
    assert result.stdout.startswith("INSERT")
    assert result.stderr.startswith(f"tailrace: {path}, line 2: broken JSON")
    assert result.stderr.count("\n") == 1


RECORDS = [json.dumps(record) for record in make_event([{"id": "a"}, {"id": "b"}, {"id": "c"}])["Records"]]
A, B, C = RECORDS
LIST = f"[{A},5,\n{B},{{}},{C}]"
# text, and what is told of each part that cannot be read
SPOILT = {
    "a line": (f"{A}\n{{broken\n{B}\n12\n{C}\n", ["line 2: broken JSON", "line 4: no stream event"]),
    "the first line": (f"{{broken\n{A}\n{B}\n\n{C}", ["line 1: broken JSON"]),
    "the first two": (f"\n{{broken\n12,\n{A}\n{B}\n{C}", ["line 2: broken JSON", "line 3: broken JSON"]),
    "the first, cut": (f"{A[:99]}\n{A}\n{B}\n{C}\n{C[:99]}", ["line 1: broken JSON", "line 5: broken JSON"]),
    "a record of an event": (f'{{"Records":{LIST}}}', ["line 1, at Records[1]: ", "line 2, at Records[3]: "]),
    "a record of a list": (LIST, ["line 1, at [1]: ", "line 2, at [3]: "]),
    "a record of a payload": (
        f'{{"payload":{{"Records":{LIST}}}}}',
        ["line 1, at payload.Records[1]: ", "line 2, at payload.Records[3]: "],
    ),
    "a record of a payload of text": (
        json.dumps({"payload": f'{{"Records":{LIST}}}'}),
        ["line 1, at payload.Records[1]: ", "line 1, at payload.Records[3]: "],
    ),
    "half a character in a payload": (
        f'{A}\n{{"payload":"{{\\"Records\\":[5,\\"\\ud800\\"]}}"}}\n{B}\n{C}',
        ["line 2"],
    ),
    "a record of a line": (f'{A}\n{{"Records":[5,{B}]}}\n{C}', ["line 2, at Records[0]: "]),
}


@pytest.mark.parametrize("command", [["show"], ["show", "--json"], ["diff"], ["diff", "--json"]])
@pytest.mark.parametrize(("text", "told"), SPOILT.values(), ids=SPOILT)
def test_what_can_be_read_is_shown_whatever_is_beside_it(
    tmp_path: Path, command: list[str], text: str, told: list[str]
) -> None:
    path = tmp_path / "spoilt"
    path.write_text(text)
    result = CliRunner().invoke(app, [*command, str(path)])
    assert result.exit_code == 2
    lines = [line for line in result.stdout.splitlines() if "INSERT" in line]
    assert [name for line in lines for name in "abc" if f"id={name}" in line or f'{{"S": "{name}"}}' in line] == [
        *"abc"
    ]
    assert len(lines) == 3
    complaints = result.stderr.splitlines()
    assert [line[: len(f"tailrace: {path}, {place}")] for line, place in zip(complaints, told, strict=True)] == [
        f"tailrace: {path}, {place}" for place in told
    ]


def test_a_file_that_cannot_be_read_hides_no_other(history: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(f"{A}\n{B}\n".encode())[:-5])
    (tmp_path / "one.json").write_text('{"Records": [\n' + A + "\n]}")
    shown = show(tmp_path / "cut.gz", tmp_path, tmp_path / "one.json", code=2)
    assert shown.splitlines()[-1] == show(tmp_path / "one.json").splitlines()[-1]


def test_of_many_parts_that_cannot_be_read_the_first_are_told(tmp_path: Path) -> None:
    (tmp_path / "spoilt").write_text(f"{A}\n" + "12\n" * 1022)
    done = tailrace("show", "spoilt", cwd=tmp_path)
    assert (done.returncode, done.stdout.count("\n"), done.stderr.count("\n")) == (2, 1, 21)
    assert done.stderr.endswith("tailrace: and 1,002 more like these\n")


def test_standard_input(history: Path) -> None:
    done = tailrace("show", "-", cwd=history.parent, stdin=history.read_bytes())
    assert done.returncode == 0
    assert done.stdout == show(history)
    broken = tailrace("show", "-", cwd=history.parent, stdin=b"{")
    assert broken.returncode == 2
    assert broken.stderr.startswith("tailrace: standard input, line 1")


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "many"
    path.write_text(json.dumps(make_event([{"id": str(number), "text": "x" * 50} for number in range(5000)])))
    with subprocess.Popen(
        [*COMMAND, "show", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert not process.stderr.read()
        assert process.wait() == 0


def test_a_pipe_that_knows_no_unicode_gets_escapes(history: Path) -> None:
    done = tailrace("show", history, cwd=history.parent, PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert r'"NEW" \u2192 "PAID"' in done.stdout


# C0, DEL, C1, the marks that turn text around, and the ends of lines that JSON leaves alone.
CONTROLS = (
    "\x1b\x7f\x80\x9b\x9f\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\U000e0001"
)


@pytest.mark.parametrize("command", [["show", "--json"], ["diff", "--json"], ["diff", "--json-patch"]])
def test_json_holds_what_a_terminal_would_obey_as_escapes(tmp_path: Path, command: list[str]) -> None:
    item = {"id": CONTROLS, CONTROLS: {"é😀" + CONTROLS}}
    record = _wire(old_image={"id": CONTROLS}, new_image=item, keys="id")
    record["eventID"], record["eventName"] = CONTROLS, "MODIFY"
    record["eventSourceARN"] = f"arn:aws:dynamodb:eu-west-1:123456789012:table/{CONTROLS}/stream/1"
    path = tmp_path / "events"
    path.write_text(json.dumps([record]))
    done = tailrace(*command, path, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.endswith("\n")
    assert done.stdout[:-1].isprintable()
    assert "é😀" in done.stdout
    line = json.loads(done.stdout)
    assert (line["event_id"], line["table"]) == (CONTROLS, CONTROLS)
    assert line["keys"] == {"id": {"S": CONTROLS}}
    told = json.dumps({**line, "event_id": "", "keys": "", "table": ""}, ensure_ascii=False)
    assert told.count("é😀") == 1
    assert CONTROLS.replace("\x1b", r"\u001b") in told


@pytest.mark.parametrize("command", ["show", "diff"])
def test_json_has_null_for_what_a_record_does_not_say(tmp_path: Path, command: str) -> None:
    records = [_wire(new_image={"id": name}) for name in "abc"]
    del records[0]["eventName"], records[0]["eventSourceARN"], records[0]["dynamodb"]["ApproximateCreationDateTime"]
    records[1]["dynamodb"]["Keys"] = 5
    records[2]["eventName"] = "?"
    path = tmp_path / "events"
    path.write_text(json.dumps(records))
    done = tailrace(command, "--json", path, cwd=tmp_path)
    first, second, third = map(json.loads, done.stdout.splitlines())
    assert [first[name] for name in ("event", "time", "table")] == [None, None, None]
    assert (first["event_id"], first["sequence_number"]) == (
        records[0]["eventID"],
        records[0]["dynamodb"]["SequenceNumber"],
    )
    assert "error" in second
    assert (second["event"], second["table"]) == ("INSERT", "orders")
    assert third["event"] == "?"
