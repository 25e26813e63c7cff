"""``tailrace filter lint``: patterns, files of them, and every FilterCriteria of a template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tailrace.cli.app import app
from tests.unit.cli_commands import in_terminal, tailrace

INSERT = '{"eventName":["INSERT"]}'
WRONG = '{"eventname":["INSERT"]}'
SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt Role.Arn
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            FilterCriteria:
              Filters:
                - Pattern: '{"eventName":["INSERT"]}'
                - Pattern: |
                    {
                      "eventname": ["INSERT"]
                    }
                - Pattern: {"eventName": ["INSERT"]}
                - Pattern: !Sub '{"dynamodb":{"Keys":{"pk":{"S":["${Stage}#1"]}}}}'
                - Pattern: !Ref Pattern
"""
PLACE = "Resources.Function.Properties.Events.Stream.Properties.FilterCriteria"


def lint(*arguments: object, code: int) -> list[str]:
    result = CliRunner().invoke(app, ["filter", "lint", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.stdout.splitlines()


def findings(*arguments: object, code: int = 1) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lint("--json", *arguments, code=code)]


def template(tmp_path: Path, text: str, name: str = "template.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_a_pattern() -> None:
    assert lint(INSERT, code=0) == []
    (line,) = lint(WRONG, code=1)
    assert line == (
        "line 1, column 14, filter 0, eventname: a record has no eventname: did you mean eventName? [unknown-name]"
    )
    (found,) = findings(INSERT, WRONG)
    assert found == {
        "code": "unknown-name", "message": "a record has no eventname: did you mean eventName?", "severity": "warning",
        "file": None, "line": 1, "column": 14, "at": [], "filter_index": 0, "path": ["eventname"],
    }  # fmt: skip


def test_a_pattern_that_is_refused() -> None:
    (found,) = findings('{"eventName":[{"perfix":"I"}]}')
    assert (found["code"], found["severity"], found["path"]) == ("refused", "error", ["eventName", 0, "perfix"])
    assert "did you mean" in found["message"]
    assert (found["line"], found["column"]) == (1, 15)
    (found,) = findings("{")
    assert found["code"] == "refused"
    assert not findings("--dialect", "eventbridge", '{"eventName":[{"wildcard":"I*"}]}', code=0)


def test_a_file_of_a_pattern(tmp_path: Path) -> None:
    path = template(tmp_path, f"[{INSERT},\n{WRONG}]", "patterns.json")
    (found,) = findings(path)
    assert (found["file"], found["filter_index"]) == (str(path), 1)
    path = template(tmp_path, "{\n  x}", "broken.json")
    (found,) = findings(path)
    assert (found["code"], found["line"]) == ("refused", 2)


def test_a_template_of_sam(tmp_path: Path) -> None:
    path = template(tmp_path, SAM)
    unknown = "a record has no eventname: did you mean eventName? [unknown-name]"
    not_read = "what !Ref gives is known when the template is deployed: not checked [not-read]"
    assert lint(path, code=1) == [
        f"{path}, line 17, {PLACE}, filter 1, eventname: {unknown}",
        f"{path}, line 19, {PLACE}, filter 2: a Pattern is text in the template: put it in quotes [no-text]",
        f"{path}, line 21, {PLACE}, filter 4: {not_read}",
    ]
    assert [found["severity"] for found in findings(path)] == ["warning", "error", "warning"]


def test_a_template_in_json(tmp_path: Path) -> None:
    patterns: list[Any] = [WRONG, {"Fn::Sub": [WRONG, {"A": "b"}]}, {"Ref": "P"}]
    criteria = {"Filters": [{"Pattern": pattern} for pattern in patterns]}
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FilterCriteria": criteria}}
    text = json.dumps({"Resources": {"Mapping": mapping}}, indent="\t")
    found = findings(template(tmp_path, text, "template.json"))
    assert [(each["code"], each["filter_index"]) for each in found] == [
        ("unknown-name", 0),
        ("unknown-name", 1),
        ("not-read", 2),
    ]
    assert [each["line"] for each in found] == [
        number for number, line in enumerate(text.splitlines(), 1) if '"Pattern"' in line
    ]
    assert found[0]["at"] == ["Resources", "Mapping", "Properties", "FilterCriteria"]


def test_what_the_aws_cli_prints_of_a_mapping(tmp_path: Path) -> None:
    printed = {"UUID": "1", "FilterCriteria": {"Filters": [{"Pattern": WRONG}]}}
    (found,) = findings(template(tmp_path, json.dumps(printed), "mapping.json"))
    assert found["at"] == ["FilterCriteria"]


@pytest.mark.parametrize(
    ("pattern", "codes"),
    [
        (f"'{WRONG}'", ["unknown-name"]),
        (json.dumps(WRONG), ["unknown-name"]),
        ('>-\n            {"eventname":\n            ["INSERT"]}', ["unknown-name"]),
        ("{'Fn::ToJsonString': {eventname: [INSERT]}}", ["unknown-name"]),
        (
            "\n            Fn::ToJsonString:\n              eventID: [!Ref Name, x, 5, true, null]",
            ["never-matches"] * 3,
        ),
        (f"!Sub ['{WRONG}', {{A: b}}]", ["unknown-name"]),
        (f"{{'Fn::Sub': '{WRONG}'}}", ["unknown-name"]),
        ("!ImportValue x", ["not-read"]),
        ("!Join ['', [a, b]]", ["not-read"]),
        ("{'Fn::Join': ['', [a, b]]}", ["not-read"]),
        (f"!If [A, '{INSERT}', '{WRONG}']", ["unknown-name"]),
        (f"{{'Fn::If': [A, {{'Fn::If': [B, '{WRONG}', '{INSERT}']}}, !Ref P]}}", ["unknown-name", "not-read"]),
        ("5", ["no-text"]),
        ("", ["no-text"]),
        ("[a]", ["no-text"]),
        ("''", ["refused"]),
        ("'{'", ["refused"]),
        (r'"{\"eventName\":[\"\ud83d\ude00\"]}"', ["never-matches"]),
    ],
)
def test_forms_of_a_pattern(tmp_path: Path, pattern: str, codes: list[str]) -> None:
    text = f"Resources:\n  M:\n    FilterCriteria:\n      Filters:\n        - Pattern: {pattern}\n"
    found = findings(template(tmp_path, text), code=1 if codes else 0)
    assert [each["code"] for each in found] == codes
    assert {each["line"] for each in found} <= {5, 6}


def test_conditions_are_followed(tmp_path: Path) -> None:
    filters = "".join(f"\n        - Pattern: '{INSERT}'" for _ in range(4))
    text = (
        f"M:\n  FilterCriteria: !If\n    - Large\n    - Filters:{filters}\n"
        f"    - Filters:{filters}\n        - !If [A, {{Pattern: '{WRONG}'}}, !Ref AWS::NoValue]\n"
    )
    found = findings(template(tmp_path, text))
    assert [(each["code"], each["filter_index"]) for each in found] == [("unknown-name", 8), ("not-read", 9)]


def test_too_many_filters(tmp_path: Path) -> None:
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": INSERT}] * 6}}
    path = template(tmp_path, json.dumps(criteria), "mapping.json")
    (found,) = findings(path)
    assert (found["code"], found["severity"], found["filter_index"]) == ("too-many-filters", "error", None)
    assert not findings("--max-filters", "10", path, code=0)


def test_each_criteria_of_each_file_is_found(tmp_path: Path) -> None:
    one = template(tmp_path, SAM + SAM.partition("Resources:\n")[2].replace("Function:", "Other:"), "one.yaml")
    two = template(tmp_path, SAM, "two.yaml")
    assert len(findings(one, two)) == 9


def test_a_template_without_any_says_so(tmp_path: Path) -> None:
    for text in ("Resources: {}", "", "- a"):
        done = tailrace("filter", "lint", template(tmp_path, text), cwd=tmp_path)
        assert (done.returncode, done.stdout) == (0, "")
        assert "template.yaml: no FilterCriteria in it" in done.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "line 1: broken YAML"),
        ("a: b\n c: d", "line 2: broken YAML"),
        ("a: \x01", "broken YAML"),
        ("a: &a\n  b: *a", "nested too deep"),
        ("a: " + "[" * 5000, "nested too deep"),
    ],
)
def test_what_is_no_template_has_code_2(tmp_path: Path, text: str, said: str) -> None:
    done = tailrace("filter", "lint", template(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert tailrace("filter", "lint", "none.yaml", cwd=tmp_path).returncode == 2


def test_standard_input_and_colours(tmp_path: Path) -> None:
    path = template(tmp_path, SAM)
    done = tailrace("filter", "lint", "-", cwd=tmp_path, stdin=SAM.encode())
    assert (done.returncode, done.stderr) == (1, "")
    assert [line.replace("standard input", str(path)) for line in done.stdout.splitlines()] == lint(path, code=1)
    code, written = in_terminal("filter", "lint", path, cwd=tmp_path, columns=100)
    assert code == 1
    assert {"\x1b[31m", "\x1b[33m"} <= {part for part in ("\x1b[31m", "\x1b[33m") if part in written}


def test_text_of_a_template_is_escaped(tmp_path: Path) -> None:
    text = json.dumps({"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"\x1b[2J": ["x"]})}]}})
    (line,) = lint(template(tmp_path, text, "evil.json"), code=1)
    assert "\x1b" not in line
