"""``tailrace diff``: two items, or each record of a file, as text, JSON and JSON Patch."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonpatch  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from typer.testing import CliRunner

from tailrace import Record, diff, dumps, loads
from tailrace.cli.app import app
from tailrace.cli.differences import AsJson, AsPatch, AsText, Rules
from tailrace.testing import make_event, make_record
from tailrace.testing.strategies import records
from tests.unit.cli_commands import COMMAND, environment, in_shell, in_terminal, tailrace

SECRET = "hunter2"
OLD: dict[str, Any] = {"id": "a", "status": "NEW", "pin": SECRET, "lines": [{"qty": 1}], "raw": b"\x01"}
NEW: dict[str, Any] = {"id": "a", "status": "PAID", "pin": "0000", "lines": [{"qty": 2}, {"qty": 3}], "tags": {"x"}}
LINES = [
    '~ status: "NEW" -> "PAID"',
    '~ pin: "hunter2" -> "0000"',
    "~ lines[0].qty: 1 -> 2",
    "+ lines[1]: {qty: 3}",
    '+ tags: {"x"}',
    "- raw: <1 byte 01>",
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_bytes(dumps(OLD))
    new.write_bytes(b'{"Item":' + dumps(NEW) + b"}")
    return old, new


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """An item that comes, changes and expires, and a change without its images."""
    ttl: Any = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    shared: Any = {"table_name": "orders", "approximate_creation_time": 1_767_600_000}
    changes = [
        make_record(new_image={"id": "a", "n": 1}, **shared),
        make_record(old_image={"id": "a", "n": 1}, new_image={"id": "a", "n": 2, "raw": b"\x01\x02"}, **shared),
        make_record(old_image={"id": "a", "n": 2}, user_identity=ttl, **shared),
        make_record(old_image={"id": "a"}, new_image={"id": "a"}, **shared),
        make_record(keys={"id": "b"}, event_name="MODIFY", stream_view_type="KEYS_ONLY", **shared),
    ]
    path = tmp_path / "history.json"
    path.write_text(json.dumps(make_event(changes)))
    return path


def run(*arguments: object, code: int) -> str:
    result = CliRunner().invoke(app, ["diff", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.stdout


def test_two_items_in_lines(files: tuple[Path, Path]) -> None:
    assert run(*files, code=1).splitlines() == LINES


def test_equal_items_say_nothing_and_have_code_0(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text('{"n":{"N":"1.0"},"s":{"SS":["a","b"]}}')
    other.write_text('{"Item":{"s":{"SS":["b","a"]},"n":{"N":"1"}}}')
    assert run(one, other, code=0) == ""
    assert json.loads(run("--json", one, other, code=0)) == {"changes": []}
    assert json.loads(run("--json-patch", one, other, code=0)) == []


def test_an_item_that_is_not_there_is_null(files: tuple[Path, Path], tmp_path: Path) -> None:
    nothing = tmp_path / "nothing"
    nothing.write_text("null")
    assert all(line.startswith("+ ") for line in run(nothing, files[0], code=1).splitlines())
    assert all(line.startswith("- ") for line in run(files[0], nothing, code=1).splitlines())
    assert run(nothing, nothing, code=0) == ""


def test_json_holds_the_values_exactly(files: tuple[Path, Path]) -> None:
    (line,) = run("--json", *files, code=1).splitlines()
    changes = json.loads(line)["changes"]
    assert changes[0] == {"path": ["status"], "kind": "changed", "old": {"S": "NEW"}, "new": {"S": "PAID"}}
    assert changes[3] == {"path": ["lines", 1], "kind": "added", "new": {"M": {"qty": {"N": "3"}}}}
    assert changes[5] == {"path": ["raw"], "kind": "removed", "old": {"B": "AQ=="}}
    for side, kinds in (("old", ("changed", "removed")), ("new", ("changed", "added"))):
        told = {tuple(each["path"]): loads(json.dumps({"": each[side]}))[""] for each in changes if side in each}
        wanted = {change.path: getattr(change, side) for change in diff(OLD, NEW) if change.kind in kinds}
        assert told == wanted


def test_a_json_patch_leads_from_one_to_the_other(files: tuple[Path, Path]) -> None:
    operations = json.loads(run("--json-patch", *files, code=1))
    assert operations == diff(OLD, NEW).to_json_patch()
    old = {**OLD, "raw": "AQ=="}
    assert jsonpatch.apply_patch(old, operations) == {**NEW, "tags": ["x"]}


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        (["--only", "lines"], LINES[2:4]),
        (["--only", "lines[1]", "--only", "status"], [LINES[0], LINES[3]]),
        (["--ignore", "lines", "--ignore", "pin", "--ignore", '"raw"'], [LINES[0], LINES[4]]),
        (["--only", "lines", "--lists", "whole"], ["~ lines: [{qty: 1}] -> [{qty: 2}, {qty: 3}]"]),
        (["--only", "nothing"], []),
    ],
)
def test_paths_say_where_to_look(files: tuple[Path, Path], options: list[str], lines: list[str]) -> None:
    assert run(*options, *files, code=1 if lines else 0).splitlines() == lines


@pytest.mark.parametrize("form", [[], ["--json"], ["--color", "always"]])
@pytest.mark.parametrize("mask", ["pin", '"pin"'])
def test_a_masked_value_is_never_shown(files: tuple[Path, Path], form: list[str], mask: str) -> None:
    shown = run("--mask", mask, *form, *files, code=1)
    assert SECRET not in shown
    assert "0000" not in shown
    assert "masked" in shown


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_masked_value_is_never_shown_of_a_record(tmp_path: Path, form: list[str]) -> None:
    images = [(None, OLD), (OLD, NEW), (OLD, None), ({"id": SECRET}, {"id": SECRET, "card": {"no": SECRET, "x": 1}})]
    broken = make_record(new_image={"id": SECRET, "pin": 1}).to_dict()
    broken["dynamodb"]["NewImage"]["pin"] = {"N": SECRET}
    changes = [make_record(old_image=old, new_image=new, keys="id") for old, new in images]
    event = make_event(changes)
    event["Records"].append(broken)
    path = tmp_path / "events.json"
    path.write_text(json.dumps(event))
    assert SECRET in path.read_text()
    shown = run("--mask", "pin", "--mask", "id", "--mask", "card.no", *form, path, code=2)
    assert SECRET not in shown
    assert len([line for line in shown.splitlines() if "MODIFY" in line or "INSERT" in line or "REMOVE" in line]) == 5


def test_records_have_a_line_each_and_their_changes_below(history: Path) -> None:
    assert run(history, code=0).splitlines() == [
        "INSERT  2026-01-05 08:00:00  orders  id=a",
        '  + id: "a"',
        "  + n: 1",
        "MODIFY  2026-01-05 08:00:00  orders  id=a",
        "  ~ n: 1 -> 2",
        "  + raw: <2 bytes 0102>",
        "REMOVE  2026-01-05 08:00:00  orders  id=a",
        "  expired (Time to Live)",
        '  - id: "a"',
        "  - n: 2",
        "MODIFY  2026-01-05 08:00:00  orders  id=a",
        "  no attribute changed",
        "MODIFY  2026-01-05 08:00:00  orders  id=b",
        "  no images to compare (KEYS_ONLY)",
    ]


def test_records_as_json(history: Path) -> None:
    inserted, modified, removed, touched, unknown = map(json.loads, run("--json", history, code=0).splitlines())
    assert modified["changes"] == [
        {"path": ["n"], "kind": "changed", "old": {"N": "1"}, "new": {"N": "2"}},
        {"path": ["raw"], "kind": "added", "new": {"B": "AQI="}},
    ]
    assert (modified["event"], modified["table"], modified["keys"]) == ("MODIFY", "orders", {"id": {"S": "a"}})
    assert (inserted["changes"][1]["new"], removed["ttl"]) == ({"N": "1"}, True)
    assert (touched["changes"], unknown["changes"]) == ([], None)
    assert all(line["event_id"] and line["sequence_number"] for line in (inserted, unknown))


def test_records_as_json_patches(history: Path) -> None:
    patches = [json.loads(line)["patch"] for line in run("--json-patch", history, code=0).splitlines()]
    assert patches[1] == [
        {"op": "replace", "path": "/n", "value": 2},
        {"op": "add", "path": "/raw", "value": "AQI="},
    ]
    assert patches[3:] == [[], None]


def test_paths_hold_for_records_too(history: Path) -> None:
    shown = run("--only", "n", "--mask", "n", history, code=0)
    assert shown.count("~ n: (masked)") == shown.count("+ n: (masked)") == shown.count("- n: (masked)") == 1
    assert shown.count("no attribute changed") == 1
    assert shown.count("no images to compare") == 1
    assert run("--lists", "whole", history, code=0) == run(history, code=0)


def test_an_unreadable_record_is_told_and_the_others_are_shown(tmp_path: Path) -> None:
    event = make_event([{"id": name, "n": 1} for name in "abc"])
    event["Records"][0]["dynamodb"]["NewImage"]["n"] = {"N": "1.299,00"}
    event["Records"][1]["dynamodb"]["Keys"] = 5
    path = tmp_path / "poison.json"
    path.write_text(json.dumps(event))
    result = CliRunner().invoke(app, ["diff", str(path)])
    assert result.exit_code == 2
    assert result.stderr == "tailrace: 2 records could not be read\n"
    assert result.stdout.count("unreadable: ") == 2
    assert result.stdout.endswith("  + n: 1\n")
    lines = list(map(json.loads, run("--json", path, code=2).splitlines()))
    assert ["error" in line for line in lines] == [True, True, False]


def test_plain_json_is_never_guessed(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text('{"id": {"S": "a"}, "n": {"N": "1"}}')
    new.write_text('{"id": {"S": "a"}, "n": {"N": "2"}}')
    assert run(old, new, code=1) == "~ n: 1 -> 2\n"
    assert run("--plain", old, new, code=1) == '~ n.N: "1" -> "2"\n'
    new.write_text('{"id": {"S": "a"}, "n": 12345678901234567890.10}')
    assert run("--plain", old, new, code=1) == '~ n: {N: "1"} -> 12345678901234567890.10\n'
    assert "at n" in CliRunner().invoke(app, ["diff", str(old), str(new)]).stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "-"], "standard input is one item only"),
        (["--plain", "new.json"], "--plain is for two items"),
        (["--json", "--json-patch", "old.json", "new.json"], "choose one"),
        (["--json-patch", "--only", "a", "old.json", "new.json"], "leave --only"),
        (["--json-patch", "--mask", "a", "old.json", "new.json"], "leave --only"),
        (["--mask", "a[", "old.json", "new.json"], "no path"),
        (["--ignore", "", "old.json", "new.json"], "no path"),
        (["--only", "[0]", "old.json", "new.json"], "begins with the name"),
        (["old.json", "none.json"], "none.json: no such file"),
        (["none.json"], "none.json: no such file"),
        (["old.json"], "old.json, line 1"),  # an item is no file of records, and is never taken for one
    ],
)
def test_what_is_not_understood_has_code_2(files: tuple[Path, Path], arguments: list[str], message: str) -> None:
    done = tailrace("diff", *arguments, cwd=files[0].parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "form", ['{"x":#}', '{"id":{"N":#}}', '{"Records":[{"x":#}]}', '{"Records":[#]}', '{"x":1}\n{"x":#}']
)
@pytest.mark.parametrize("command", [["diff", "old.json"], ["diff", "--plain", "old.json"], ["diff"], ["show"]])
def test_an_integer_that_python_does_not_read_is_told_in_a_line(
    files: tuple[Path, Path], command: list[str], form: str
) -> None:
    (files[0].parent / "long.json").write_text(form.replace("#", "9" * 5000))
    done = tailrace(*command, "long.json", cwd=files[0].parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("tailrace: long.json, line ")
    assert "999" not in done.stderr


PASSING_BY = [["--ignore", "bad"], ["--only", "s"], ["--ignore", "bad", "--mask", "id"]]


@pytest.mark.parametrize("options", PASSING_BY)
@pytest.mark.parametrize("form", ["wire", "answer", "plain", "records"])
def test_what_is_passed_by_is_not_read(tmp_path: Path, options: list[str], form: str) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    images = ['{"id":{"S":"a"},"bad":{"N":"x"},"s":{"S":"1"}}', '{"id":{"S":"a"},"bad":{"N":"1"},"s":{"S":"2"}}']
    for file, image in zip((old, new), images, strict=True):
        file.write_text(f'{{"x":1,"Item":{image}}}' if form == "answer" else image)
    if form == "plain":
        old.write_text(f'{{"id":"a","bad":1{"2" * 40},"s":"1"}}')
        new.write_text('{"id":"a","bad":1,"s":"2"}')
    if form == "records":
        event = make_event([make_record(old_image={"id": "a"}, new_image={"id": "a"}, keys=["id"])])
        change = event["Records"][0]["dynamodb"]
        change["OldImage"], change["NewImage"] = map(json.loads, images)
        old.write_text(json.dumps(event))
    files = [old] if form == "records" else ["--plain", old, new] if form == "plain" else [old, new]
    assert run(*options, *files, code=0 if form == "records" else 1).splitlines()[-1].strip() == '~ s: "1" -> "2"'
    for read in (["--ignore", "s"], ["--only", "bad"], []):
        run(*read, *files, code=2)


@pytest.mark.parametrize("sides", [("broken", "whole"), ("whole", "broken")])
def test_the_side_that_is_broken_is_named(tmp_path: Path, sides: tuple[str, str]) -> None:
    (tmp_path / "broken").write_text('{"Item":\n{"s":{"S":"x"},\n"n":{"N":"secret"}}}')
    (tmp_path / "whole").write_text('{"s":{"S":"x"},"n":{"N":"1"}}')
    for options, place in (([], "n.N"), (["--ignore", "s"], "n.N"), (["--mask", "n"], "n")):
        done = tailrace("diff", *options, *sides, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"tailrace: broken, line 3, at Item.{place}: ")
        assert "secret" not in done.stderr


@pytest.mark.parametrize("options", [[], ["--ignore", "s"]])
def test_an_error_names_nothing_in_a_masked_value(tmp_path: Path, options: list[str]) -> None:
    change: dict[str, Any] = make_record(old_image={"id": "a"}, new_image={"id": "a"}, keys=["id"]).to_dict()
    change["dynamodb"]["NewImage"]["card"] = {"M": {"n": {"4111 1111": "12/29"}}}
    change["dynamodb"]["OldImage"]["card"] = {"M": {"n": {"S": "1"}}}
    (tmp_path / "old").write_text(json.dumps(change["dynamodb"]["OldImage"]))
    (tmp_path / "new").write_text(json.dumps(change["dynamodb"]["NewImage"]))
    (tmp_path / "events").write_text(json.dumps([change]))
    for files in (["old", "new"], ["events"]):
        done = tailrace("diff", "--mask", "card.n.x", *options, *files, cwd=tmp_path)
        assert done.returncode == 2
        assert "a masked value is broken" in done.stdout + done.stderr
        assert "4111" not in done.stdout + done.stderr


@pytest.mark.parametrize("options", [[], ["--only", "id"], ["--json"]])
@pytest.mark.parametrize("form", ["event", "list", "lines", "record"])
def test_two_files_of_records_are_no_two_items(tmp_path: Path, options: list[str], form: str) -> None:
    event = make_event([{"id": "a"}, {"id": "b"}])
    first, second = map(json.dumps, event["Records"])
    text = {"event": json.dumps(event), "list": f"[{first}]", "lines": f"{first}\n{second}\n", "record": first}[form]
    (tmp_path / "events").write_text(text)
    done = tailrace("diff", *options, "events", "events", cwd=tmp_path)
    message = "it holds change records, and two arguments are two items: give one file of records alone"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"tailrace: events: {message}\n")


@pytest.mark.parametrize("name", ["Records", "dynamodb", "kinesis", "payload"])
def test_an_attribute_may_be_called_as_in_an_event(tmp_path: Path, name: str) -> None:
    (tmp_path / "item").write_bytes(dumps({name: {"Records": []}}))
    assert run(tmp_path / "item", tmp_path / "item", code=0) == ""


def test_standard_input_is_either_item_or_the_records(files: tuple[Path, Path], history: Path) -> None:
    old, new = files
    for arguments, stdin in (((("-"), new), old), ((old, "-"), new)):
        done = tailrace("diff", *arguments, cwd=old.parent, stdin=stdin.read_bytes())
        assert (done.returncode, done.stdout.splitlines()) == (1, LINES)
    done = tailrace("diff", "-", cwd=old.parent, stdin=history.read_bytes())
    assert (done.returncode, done.stdout) == (0, run(history, code=0))


@pytest.mark.parametrize(
    ("color", "variables", "coloured"),
    [
        ("always", {}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_in_a_pipe(files: tuple[Path, Path], color: str, variables: dict[str, str], coloured: bool) -> None:
    done = tailrace("diff", "--color", color, *files, cwd=files[0].parent, **variables)
    assert ("\x1b[33m~ status" in done.stdout) is coloured
    assert done.returncode == 1


def test_a_terminal_gets_colours(files: tuple[Path, Path], history: Path) -> None:
    code, written = in_terminal("diff", *files, cwd=files[0].parent, columns=80)
    assert (code, "\x1b[32m+ tags" in written) == (1, True)
    code, written = in_terminal("diff", history, cwd=files[0].parent, columns=80)
    assert (code, "\x1b[1mINSERT" in written) == (0, True)
    assert "\x1b" not in in_terminal("diff", "--color", "never", *files, cwd=files[0].parent, columns=80)[1]


@pytest.mark.parametrize("color", ["always", "never"])
def test_what_an_item_holds_cannot_colour_the_terminal(tmp_path: Path, color: str) -> None:
    nasty = "\x1b[2J\r\n\x9b\u202e"
    event = make_event([{"id": nasty, nasty: {nasty: [nasty]}}])
    path, item = tmp_path / "events.json", tmp_path / "item.json"
    path.write_text(json.dumps(event))
    item.write_bytes(dumps({nasty: nasty}))
    (tmp_path / "nothing.json").write_text("null")
    for shown in (run("--color", color, path, code=0), run("--color", color, tmp_path / "nothing.json", item, code=1)):
        assert "\x1b[2J" not in shown
        assert not {"\r", "\x9b", "\u202e"} & set(shown)


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    path, old = tmp_path / "many", tmp_path / "old"
    path.write_text(json.dumps(make_event([{"id": str(number), "text": "x" * 50} for number in range(5000)])))
    old.write_bytes(dumps({}))
    new = tmp_path / "new"
    new.write_bytes(dumps({f"a{number}": "x" * 50 for number in range(5000)}))
    for arguments, code in (([path], 0), ([old, new], 1)):
        command = [*COMMAND, "diff", *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert not process.stderr.read()
            assert process.wait() == code


def test_a_full_disk_is_trouble_and_no_difference(files: tuple[Path, Path]) -> None:
    line = '"$@" old.json new.json > /dev/full'
    told = (2, "tailrace: standard output: No space left on device\n")
    assert in_shell(line, "diff", cwd=files[0].parent) == told


@given(records())
def test_any_record_can_be_shown_in_every_form(record: Record) -> None:
    for rules in (Rules(), Rules(lists="whole", mask=(("id",),), only=(("id",), ("n",)))):
        lines, readable = AsText(color=False).of_record(record, rules)
        assert readable
        assert all(line.isprintable() for line in lines)
        (line,), readable = AsJson().of_record(record, rules)
        assert readable
        assert json.loads(line)["sequence_number"] == record.sequence_number
    (line,), readable = AsPatch().of_record(record, Rules())
    assert readable
    assert (json.loads(line)["patch"] is None) == (record.diff is None)
