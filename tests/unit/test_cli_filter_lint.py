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
        "line 1, column 2, filter 0, eventname: error: a record has no eventname: did you mean eventName? "
        "[unknown-name]"
    )
    (found,) = findings(INSERT, WRONG)
    assert found == {
        "code": "unknown-name", "message": "a record has no eventname: did you mean eventName?", "severity": "error",
        "file": None, "line": 1, "column": 2, "at": [], "filter_index": 0, "path": ["eventname"],
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
    unknown = "error: a record has no eventname: did you mean eventName? [unknown-name]"
    later = "is known when the template is deployed: not checked"
    assert lint(path, code=1) == [
        f"{path}, line 17, {PLACE}, filter 1, eventname: {unknown}",
        f"{path}, line 19, {PLACE}, filter 2: error: a Pattern is text in the template: put it in quotes [no-text]",
        f"{path}, line 20, {PLACE}, filter 3: advice: what stands for ${{Stage}} {later}, but the rest [not-read]",
        f"{path}, line 21, {PLACE}, filter 4: advice: what !Ref gives {later} [not-read]",
    ]
    assert [found["severity"] for found in findings(path)] == ["error", "error", "advice", "advice"]


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
            ["not-read", *["never-matches"] * 3],
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
    found = findings(template(tmp_path, text), code=1 if {*codes} - {"not-read"} else 0)
    assert [each["code"] for each in found] == codes
    assert {each["line"] for each in found} <= {5, 6}


def test_conditions_are_followed(tmp_path: Path) -> None:
    filters = "".join(f"\n        - Pattern: '{INSERT}'" for _ in range(4))
    text = (
        f"M:\n  FilterCriteria: !If\n    - Large\n    - Filters:{filters}\n"
        f"    - Filters:{filters}\n        - !If [A, {{Pattern: '{WRONG}'}}, !Ref AWS::NoValue]\n"
    )
    found = findings(template(tmp_path, text))
    assert [(each["code"], each["filter_index"]) for each in found] == [("unknown-name", 8)]


def test_too_many_filters(tmp_path: Path) -> None:
    criteria = {"FilterCriteria": {"Filters": [{"Pattern": INSERT}] * 6}}
    path = template(tmp_path, json.dumps(criteria), "mapping.json")
    (found,) = findings(path)
    assert (found["code"], found["severity"], found["filter_index"]) == ("too-many-filters", "error", None)
    assert not findings("--max-filters", "10", path, code=0)


def test_each_criteria_of_each_file_is_found(tmp_path: Path) -> None:
    one = template(tmp_path, SAM + SAM.partition("Resources:\n")[2].replace("Function:", "Other:"), "one.yaml")
    two = template(tmp_path, SAM, "two.yaml")
    assert len(findings(one, two)) == 12


def test_a_template_without_any_says_so(tmp_path: Path) -> None:
    for text in ("Resources: {}", "# nothing", "- a"):
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
        ("a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 10}]\n" for n in range(1, 12)), "its aliases make"),
        ("", "it is empty"),
        (" \n", "it is empty"),
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


# What counts


LATER = '{"dynamodb":{"NewImage":{"status":{"S":["PAID"]}}}}'


def test_advice_is_no_error() -> None:
    (found,) = findings(LATER, code=0)
    assert (found["code"], found["severity"]) == ("every-later-write", "advice")
    assert findings("--strict", LATER) == [found]
    assert findings("--strict", "--ignore", "every-later-write", LATER, code=0) == []
    assert len(findings(LATER, WRONG)) == 2
    assert not findings("--ignore", "every-later-write", "--ignore", "unknown-name", LATER, WRONG, code=0)


def test_where_the_records_come_from() -> None:
    through = '{"data":{"eventName":["INSERT"]}}'
    assert [each["code"] for each in findings(through)] == ["unknown-name"]
    assert not findings("--source", "kinesis", through, code=0)
    assert [each["code"] for each in findings("--source", "kinesis", INSERT)] == ["unknown-name"]
    assert not findings('{"tableName":["t"]}', "--ignore", "outside-dynamodb", code=0)
    assert [each["code"] for each in findings("--source", "dynamodb", '{"tableName":["t"]}')] == ["unknown-name"]


# Mistakes around patterns


@pytest.mark.parametrize(
    ("criteria", "codes", "said"),
    [
        (f"{{Filters: [{{pattern: '{WRONG}'}}]}}", ["malformed-criteria", "unknown-name"], "did you mean Pattern?"),
        (f"{{Filters: ['{WRONG}']}}", ["malformed-criteria"], "a filter is an object with a Pattern, found text"),
        ("{Filters: [{}]}", ["malformed-criteria"], "found an empty object"),
        ("{Filters: [null]}", ["malformed-criteria"], "found nothing"),
        ("{Filters: }", ["malformed-criteria"], "Filters is a list, found nothing"),
        ("", ["malformed-criteria"], "found nothing"),
        ('\'{"Filters": [{"Pattern": "{}"}]}\'', ["malformed-criteria"], "with a list of Filters, found text"),
        (f"[{{Pattern: '{WRONG}'}}]", ["malformed-criteria", "unknown-name"], "found a list"),
        (f"{{Filters: {{Pattern: '{WRONG}'}}}}", ["malformed-criteria", "unknown-name"], "a list, found an object"),
        (f"{{Pattern: '{WRONG}'}}", ["malformed-criteria", "unknown-name"], "a Pattern stands in a list"),
        (f"{{filters: [{{Pattern: '{WRONG}'}}]}}", ["malformed-criteria", "unknown-name"], "did you mean Filters?"),
        (
            f"{{Filters: [{{Pattern: '{INSERT}', Name: x}}]}}",
            ["malformed-criteria"],
            "a filter has no Name, only Pattern",
        ),
        (f"{{Filters: [{{Pattern: '{INSERT}'}}], Name: x}}", ["malformed-criteria"], "FilterCriteria has no Name"),
        (f"{{Filters: [[{{Pattern: '{INSERT}'}}]]}}", ["malformed-criteria"], "found a list"),
        ("{Filters: []}", [], ""),
        ("{}", [], ""),
        ("!If [A, !Ref AWS::NoValue, {Filters: []}]", [], ""),
        ("{Filters: !Ref Filters}", ["not-read"], "what !Ref gives"),
        ("!Ref Criteria", ["not-read"], "what !Ref gives"),
        ("{Filters: [!Ref Filter, {Ref: Filter}, {Ref: 'AWS::NoValue'}]}", ["not-read", "not-read"], "gives"),
    ],
)
def test_what_cloudformation_does_not_take_is_told(tmp_path: Path, criteria: str, codes: list[str], said: str) -> None:
    text = f"M:\n  Properties:\n    FilterCriteria: {criteria}\n"
    found = findings(template(tmp_path, text), code=1 if {*codes} - {"not-read"} else 0)
    assert [each["code"] for each in found] == codes
    assert {each["line"] for each in found} <= {3}
    assert all(each["at"][:3] == ["M", "Properties", "FilterCriteria"] for each in found)
    if found:
        assert said in found[0]["message"]
        assert found[0]["severity"] == ("advice" if codes[0] == "not-read" else "error")


def test_a_mistake_has_its_place_and_is_no_filter(tmp_path: Path) -> None:
    text = f"M:\n  FilterCriteria:\n    Filters:\n      - ''\n      - Pattern: '{WRONG}'\n"
    first, second = findings(template(tmp_path, text))
    assert (first["line"], first["at"], first["filter_index"]) == (4, ["M", "FilterCriteria", "Filters", 0], None)
    assert (second["line"], second["at"], second["filter_index"]) == (5, ["M", "FilterCriteria"], 0)


def test_the_name_itself_in_another_case_is_told(tmp_path: Path) -> None:
    path = template(tmp_path, f"M:\n  filterCriteria:\n    Filters:\n      - Pattern: '{WRONG}'\n")
    assert [each["code"] for each in findings(path)] == ["malformed-criteria", "unknown-name"]
    done = tailrace("filter", "lint", template(tmp_path, "filterCriteria: {a: b}"), cwd=tmp_path)
    assert "no FilterCriteria in it" in done.stderr


# Documents


def test_each_document_of_a_file_is_read(tmp_path: Path) -> None:
    one = f"FilterCriteria: {{Filters: [{{Pattern: '{WRONG}'}}]}}\n"
    found = findings(template(tmp_path, f"{one}---\n{one}---\n"))
    assert [(each["code"], each["line"]) for each in found] == [("unknown-name", 1), ("unknown-name", 3)]


def test_what_is_merged_in_is_read(tmp_path: Path) -> None:
    text = f"a: &a {{Pattern: '{WRONG}'}}\nb:\n  FilterCriteria:\n    Filters:\n      - <<: *a\n"
    assert [each["code"] for each in findings(template(tmp_path, text))] == ["unknown-name"]
