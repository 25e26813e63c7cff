"""``tailrace filter``: patterns tried, explained and exported, in processes of their own and in pipes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tailrace import Batch, FilterCriteria, filters
from tailrace.cli.app import app
from tailrace.testing import make_event, make_record
from tests.unit.cli_commands import in_shell, in_terminal, plain_lines, tailrace

MODIFY = '{"eventName":["MODIFY"]}'
PAID = '{"dynamodb":{"NewImage":{"status":{"S":["PAID"]}}}}'
NOTHING = '{"eventName":["nothing"]}'
ESCAPE = "\x1b[2J"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    shared: Any = {"table_name": "orders", "approximate_creation_time": 1_767_600_000}
    records = [
        make_record(new_image={"id": "a", "status": "NEW"}, **shared),
        make_record(old_image={"id": "a", "status": "NEW"}, new_image={"id": "a", "status": "PAID"}, **shared),
        make_record(old_image={"id": "b"}, new_image={"id": "b", "status": ESCAPE}, **shared),
        make_record(old_image={"id": "b"}, **shared),
    ]
    path = tmp_path / "events.json"
    path.write_text(json.dumps(make_event(records)))
    return path


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Two records, of which the first cannot be read where the pattern looks."""
    event = make_event([make_record(new_image={"id": name, "status": "PAID"}) for name in "ab"])
    nested: Any = "x"
    for _ in range(300):
        nested = [nested]
    event["Records"][0]["dynamodb"]["NewImage"]["status"] = {"S": nested}
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(event))
    return path


def run(*arguments: object, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["filter", *map(str, arguments)], input=stdin)


def printed(*arguments: object, code: int = 0) -> list[str]:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    return result.stdout.splitlines()


def test_which_records_match(events: Path) -> None:
    assert printed("test", MODIFY, events) == [
        "MODIFY  2026-01-05 08:00:00  orders  id=a",
        "MODIFY  2026-01-05 08:00:00  orders  id=b",
    ]
    assert len(printed("test", PAID, events, events)) == 2
    assert printed("test", NOTHING, events, code=1) == []


def test_which_records_match_for_programs(events: Path) -> None:
    lines = [json.loads(line) for line in printed("test", "--json", PAID, events)]
    batch = Batch.from_event(events.read_bytes())
    assert [line["matches"] for line in lines] == batch.matches(FilterCriteria(PAID))
    assert [line["sequence_number"] for line in lines] == [record.sequence_number for record in batch]
    assert [json.loads(line)["matches"] for line in printed("test", "--json", NOTHING, events, code=1)] == [False] * 4


@pytest.mark.parametrize(
    "text",
    [PAID, f" {PAID}\n", f"[{PAID}]", f"[{MODIFY},{PAID}]", json.dumps({"Filters": [{"Pattern": PAID}]})],
)
def test_a_pattern_is_text_or_a_file(text: str, events: Path, tmp_path: Path) -> None:
    file, packed = tmp_path / "pattern.json", tmp_path / "pattern.gz"
    file.write_text("\ufeff" + text, encoding="utf-8")
    packed.write_bytes(gzip.compress(text.encode()))
    expected = printed("test", text, events)
    assert "MODIFY  2026-01-05 08:00:00  orders  id=a" in expected
    assert printed("test", file, events) == printed("test", packed, events) == expected
    assert run("test", "-", events, stdin=text.encode()).exit_code in (0, 2)  # the runner's input has no descriptor
    done = tailrace("filter", "test", "-", events, cwd=tmp_path, stdin=text.encode())
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, expected, "")


def test_the_dialect_and_the_number_of_filters(events: Path, tmp_path: Path) -> None:
    changed = '{"dynamodb":{"NewImage":{"status":[{"changed":true}]}}}'
    assert len(printed("test", "--dialect", "extended", changed, events)) == 3
    done = tailrace("filter", "test", changed, events, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "operator of the extended dialect only" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    many = json.dumps([{"eventName": ["MODIFY"]}] * 6)
    assert tailrace("filter", "test", many, events, cwd=tmp_path).returncode == 2
    assert len(printed("test", "--max-filters", "6", many, events)) == 2


@pytest.mark.parametrize("verb", ["test", "explain"])
def test_a_record_that_cannot_be_judged_is_trouble(verb: str, broken: Path, tmp_path: Path) -> None:
    done = tailrace("filter", verb, PAID, broken, cwd=tmp_path)
    assert done.returncode == 2
    assert "unreadable: " in done.stdout
    assert "id=b" in done.stdout
    assert done.stderr == "tailrace: 1 record could not be read\n"
    done = tailrace("filter", verb, "--json", PAID, broken, cwd=tmp_path)
    assert done.returncode == 2
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["matches"] is None
    assert "nested too deep" in first["error"]
    assert second["matches"] is True
    assert "error" not in second


@pytest.mark.parametrize(
    ("pattern", "file", "said"),
    [
        ('{"a":1}', "events.json", "is a list or an object"),
        ("{", "events.json", "line 1"),
        ("none.json", "events.json", "none.json: no such file"),
        (MODIFY, "none.json", "none.json: no such file"),
        (MODIFY, "text", "text, line 1"),
        ("bytes", "events.json", "bytes, line 2: no UTF-8"),
        ("-", "-", "not both"),
    ],
)
def test_what_is_not_understood_has_code_2(pattern: str, file: str, said: str, events: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no records")
    (tmp_path / "bytes").write_bytes(b'{\n"\xff": [1]}')
    for verb in ("test", "explain"):
        done = tailrace("filter", verb, pattern, file, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_why_records_match(events: Path) -> None:
    lines = printed("explain", PAID, events)
    assert lines[:3] == [
        "INSERT  2026-01-05 08:00:00  orders  id=a",
        "  filter 0: no match",
        '    - dynamodb.NewImage.status.S: asks ["PAID"], found "NEW"',
    ]
    assert '    + dynamodb.NewImage.status.S: asks ["PAID"], found "PAID"' in lines
    assert lines[-1] == "      ! the record has no NewImage"
    assert not any(ESCAPE in line for line in lines)
    assert printed("explain", NOTHING, events, code=1)


def test_why_records_match_for_programs(events: Path) -> None:
    lines = [json.loads(line) for line in printed("explain", "--json", PAID, events)]
    for line, record in zip(lines, Batch.from_event(events.read_bytes()), strict=True):
        told = FilterCriteria(PAID).explain(record).to_dict()
        assert {name: line[name] for name in told} == told
        assert line["sequence_number"] == record.sequence_number


def test_lines_are_coloured_on_a_terminal(events: Path, tmp_path: Path) -> None:
    code, written = in_terminal("filter", "explain", PAID, events, cwd=tmp_path, columns=100)
    assert code == 0
    assert "\x1b[32m" in written
    assert "\x1b[31m" in written
    assert plain_lines(written)[:-1] == printed("explain", PAID, events)
    assert not any("\x1b" in line for line in printed("explain", PAID, events))
    assert any("\x1b" in line for line in printed("explain", "--color", "always", PAID, events))
    code, written = in_terminal("filter", "explain", "--color", "never", PAID, events, cwd=tmp_path, columns=100)
    assert "\x1b" not in written


def test_in_a_pipe(events: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    record = json.loads(events.read_text())["Records"][1]
    lines.write_text(f"{json.dumps(record)}\n" * 20_000)
    for verb in ("test", "explain"):
        code, said = in_shell('"$@" | head -1', "filter", verb, PAID, lines, cwd=tmp_path)
        assert (code, said) == (0, "")
    code, said = in_shell('cat lines.jsonl | "$@" | wc -l', "filter", "test", PAID, "-", cwd=tmp_path)
    assert (code, said) == (0, "")
    if Path("/dev/full").exists():
        code, said = in_shell('"$@" > /dev/full', "filter", "test", PAID, events, cwd=tmp_path)
        assert code == 2
        assert "standard output" in said


def test_export() -> None:
    pattern = filters.became("status", "PAID")
    exported = json.loads("\n".join(printed("export", pattern.patterns[0])))
    assert exported == pattern.to_lambda()
    assert json.loads("\n".join(printed("export", "--dialect", "lambda", PAID))) == {"Filters": [{"Pattern": PAID}]}


def test_what_lambda_cannot_express_has_code_1(tmp_path: Path) -> None:
    done = tailrace("filter", "export", filters.attribute_changed("a").patterns[0], cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Lambda compares no images" in done.stderr
    assert tailrace("filter", "export", '{"a":1}', cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("verb", [(), ("test",), ("explain",), ("lint",), ("export",)])
def test_help(verb: tuple[str, ...], tmp_path: Path) -> None:
    done = tailrace("filter", *verb, "-h", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert "Args:" not in done.stdout


@pytest.mark.parametrize("verb", ["test", "explain"])
def test_one_bad_line_hides_no_other(verb: str, events: Path, tmp_path: Path) -> None:
    record = json.dumps(json.loads(events.read_text())["Records"][1])
    lines = tmp_path / "lines.jsonl"
    lines.write_text(f"{record}\nnonsense\n{record}\n")
    done = tailrace("filter", verb, PAID, lines, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout.count("MODIFY  ") == 2
    assert done.stderr.startswith(f"tailrace: {lines}, line 2")


@pytest.mark.parametrize("verb", ["test", "explain", "export", "lint"])
def test_a_pattern_that_is_empty_is_trouble(events: Path, tmp_path: Path, verb: str) -> None:
    records = [events] if verb in ("test", "explain") else []
    (tmp_path / "empty.json").write_text("\n")
    for pattern, stdin, name in [("", b"", "PATTERN"), ("-", b"", "standard input"), ("empty.json", b"", "empty.json")]:
        done = tailrace("filter", verb, pattern, *records, cwd=tmp_path, stdin=stdin)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"tailrace: {name}: it is empty\n"


@pytest.mark.parametrize("verb", ["test", "explain"])
def test_records_that_are_empty_are_trouble(events: Path, tmp_path: Path, verb: str) -> None:
    empty = tmp_path / "empty.json"
    empty.write_text("\n \n")
    done = tailrace("filter", verb, MODIFY, empty, events, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout
    assert done.stderr == f"tailrace: {empty}: it is empty\n"
    done = tailrace("filter", verb, MODIFY, "-", cwd=tmp_path, stdin=b"")
    assert (done.returncode, done.stderr) == (2, "tailrace: standard input: it is empty\n")
    (tmp_path / "none.json").write_text('{"Records": []}')
    assert tailrace("filter", verb, MODIFY, "none.json", cwd=tmp_path).returncode == 1
