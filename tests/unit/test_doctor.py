"""The doctor: mappings in files, what is said of them, and the command."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tailrace import TailraceError
from tailrace.cli.app import app
from tailrace.doctor import Finding, TemplateError, Unresolved, check_mapping, mappings_in, mappings_of_function
from tests.unit.cli_commands import in_terminal, tailrace

STREAM = "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000"
SAFE: dict[str, Any] = {
    "UUID": "safe",
    "EventSourceArn": STREAM,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "BisectBatchOnFunctionError": True,
    "MaximumRetryAttempts": 8,
    "MaximumRecordAgeInSeconds": 43_200,
    "StartingPosition": "TRIM_HORIZON",
    "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}},
    "State": "Enabled",
}
SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Role: !GetAtt Role.Arn
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            MaximumRetryAttempts: !Ref Retries
            BisectBatchOnFunctionError: "true"
            BatchSize: "10"
            DestinationConfig:
              OnFailure:
                Destination: !GetAtt Queue.Arn
        Queue:
          Type: SQS
          Properties: {Queue: !GetAtt Queue.Arn}
  Other:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: other
      EventSourceArn: {"Fn::GetAtt": [Table, StreamArn]}
      StartingPosition: LATEST
  Queued:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !GetAtt Queue.Arn}
"""


def codes(settings: dict[str, Any], **options: Any) -> list[str]:
    return [finding.code for finding in check_mapping(settings, **options)]


# Findings


def test_a_safe_mapping_is_left_in_peace() -> None:
    assert codes(SAFE) == codes(SAFE, report="partial") == []


@pytest.mark.parametrize(
    ("change", "report", "expected"),
    [
        ({"FunctionResponseTypes": []}, "partial", ["answer-ignored"]),
        ({"FunctionResponseTypes": None}, "partial", ["answer-ignored"]),
        ({"FunctionResponseTypes": []}, None, ["no-partial-answer"]),
        ({"FunctionResponseTypes": []}, "raise", []),
        ({}, "raise", ["partial-answer-unused"]),
        ({"MaximumRetryAttempts": -1}, "partial", ["retries-unbounded"]),
        ({"MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": -1}, "partial",
         ["retries-unbounded", "age-unbounded"]),
        ({"MaximumRetryAttempts": 0}, "partial", ["no-retries"]),
        ({"MaximumRecordAgeInSeconds": -1}, "partial", ["age-unbounded"]),
        ({"MaximumRecordAgeInSeconds": 86_400}, "partial", ["age-over-retention"]),
        ({"DestinationConfig": {}}, "partial", ["no-destination"]),
        ({"DestinationConfig": {"OnFailure": {}}}, "partial", ["no-destination"]),
        ({"DestinationConfig": None}, "partial", ["no-destination"]),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:x:1:q"}}}, "partial",
         ["destination-without-records"]),
        ({"BisectBatchOnFunctionError": False}, "partial", ["no-bisect"]),
        ({"BisectBatchOnFunctionError": None}, "partial", ["no-bisect"]),
        ({"StartingPosition": "LATEST"}, "partial", ["starts-at-latest"]),
        ({"State": "Disabled"}, "partial", ["disabled"]),
        ({"Enabled": False}, "partial", ["disabled"]),
        ({"BatchSize": 0}, "partial", ["bad-setting"]),
        ({"batchSize": 5}, "partial", ["bad-setting"]),
        ({"MaximumRecordAgeInSeconds": 30}, "partial", ["bad-setting"]),
        ({"ParallelizationFactor": 2, "TumblingWindowInSeconds": 60}, "partial", []),
        ({"FilterCriteriaError": {"ErrorCode": "x", "Message": "no key"}}, "partial", ["filter-unreadable"]),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"eventname": ["INSERT"]}'}]}}, "partial",
         ["filter-unknown-name"]),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": "INSERT"}'}]}}, "partial", ["filter-refused"]),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}}, "partial", []),
        ({"FilterCriteria": {"Filters": [{"Pattern": Unresolved("!Ref P")}]}}, "partial", []),
        ({"FilterCriteria": {"Filters": [{"Pattern": {"eventName": ["INSERT"]}}]}}, "partial", ["filter-no-text"]),
        ({"FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}] * 6}}, "partial", ["filter-quota"]),
        ({name: Unresolved("!Ref X") for name in SAFE}, "partial", []),
        ({"FunctionResponseTypes": [Unresolved("!If x")]}, "partial", []),
    ],
    ids=str,
)  # fmt: skip
def test_each_finding(change: dict[str, Any], report: Any, expected: list[str]) -> None:
    assert codes({**SAFE, **change}, report=report) == expected


def test_the_defaults_of_aws_lose_records() -> None:
    findings = check_mapping({"EventSourceArn": STREAM})
    assert [(finding.severity, finding.code) for finding in findings] == [
        ("error", "retries-unbounded"),
        ("error", "no-destination"),
        ("warning", "no-partial-answer"),
        ("warning", "age-unbounded"),
        ("warning", "no-bisect"),
    ]
    assert all(finding.what and finding.why and finding.fix for finding in findings)


def test_a_kinesis_stream_may_start_at_a_time() -> None:
    kinesis = {**SAFE, "EventSourceArn": "arn:aws:kinesis:x:1:stream/s", "StartingPosition": "AT_TIMESTAMP"}
    assert codes(kinesis) == []


def test_a_finding_is_plain_data() -> None:
    finding = check_mapping({**SAFE, "MaximumRetryAttempts": 0})[0]
    assert finding == Finding(**json.loads(json.dumps(finding.to_dict())))


# Files


def test_mappings_of_a_template() -> None:
    orders, other = mappings_in(SAM)
    assert (orders.name, orders.line) == ("Orders.Stream", 9)
    assert orders.settings == {
        "EventSourceArn": "!GetAtt Table.StreamArn",
        "StartingPosition": "TRIM_HORIZON",
        "MaximumRetryAttempts": "!Ref Retries",
        "BisectBatchOnFunctionError": True,
        "BatchSize": 10,
        "DestinationConfig": {"OnFailure": {"Destination": "!GetAtt Queue.Arn"}},
    }
    assert orders.unresolved == ["EventSourceArn", "MaximumRetryAttempts", "DestinationConfig"]
    assert orders.resolved == {
        "StartingPosition": "TRIM_HORIZON", "BisectBatchOnFunctionError": True, "BatchSize": 10,
    }  # fmt: skip
    assert codes(orders.settings) == ["no-partial-answer", "age-unbounded"]
    assert (other.name, other.settings["EventSourceArn"]) == ("Other", "Fn::GetAtt")


def test_mappings_as_the_cli_prints_them() -> None:
    queue = {"UUID": "q", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:queue"}
    (one,) = mappings_in(json.dumps(SAFE))
    assert one.settings == SAFE
    listed = mappings_in(json.dumps({"EventSourceMappings": [SAFE, queue, {**SAFE, "UUID": "b"}]}, indent=2))
    assert [mapping.name for mapping in listed] == ["safe", "b"]
    assert listed[0].line == 3


@pytest.mark.parametrize("text", ["", "{}", "[]", "text", "Resources: {A: {Type: AWS::S3::Bucket}}", "A: {Type: 5}"])
def test_files_without_mappings(text: str) -> None:
    assert mappings_in(text) == []


@pytest.mark.parametrize(("text", "line"), [("a: [", 1), ("a: b\nc: *x\n", 2), ("\t- x\n\ty", 1)])
def test_what_is_no_file_of_mappings(text: str, line: int) -> None:
    with pytest.raises(TemplateError, match="YAML") as caught:
        mappings_in(text)
    assert isinstance(caught.value, TailraceError)
    assert caught.value.line == line


def test_a_file_may_be_too_deep() -> None:
    with pytest.raises(TemplateError, match="too deep"):
        mappings_in("[" * 150 + "]" * 150)


def test_mappings_of_an_account_are_paged() -> None:
    class Client:
        def get_paginator(self, operation: str) -> Client:
            assert operation == "list_event_source_mappings"
            return self

        def paginate(self, **arguments: str) -> list[Any]:
            assert arguments == {"FunctionName": "orders"}
            queue = {"UUID": "q", "EventSourceArn": "arn:aws:sqs:us-east-1:123456789012:queue"}
            return [{"EventSourceMappings": [SAFE]}, {"EventSourceMappings": [queue, {**SAFE, "UUID": "b"}]}]

    assert [mapping.name for mapping in mappings_of_function("orders", Client())] == ["safe", "b"]


# The command

HANDLERS = """
from tailrace import StreamHandler
partial = StreamHandler()
raising = StreamHandler(report="raise")
def plain(event, context): pass
"""


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "clinic.py").write_text(HANDLERS)
    (tmp_path / "template.yaml").write_text(SAM)
    (tmp_path / "safe.json").write_text(json.dumps(SAFE))
    (tmp_path / "ignored.json").write_text(json.dumps({**SAFE, "FunctionResponseTypes": []}))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("clinic", None)


def doctor(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["doctor", *map(str, arguments)])


@pytest.mark.usefixtures("workshop")
def test_what_it_prints() -> None:
    result = doctor("--mapping", "safe.json")
    assert (result.exit_code, result.stdout) == (0, "safe (safe.json, line 1): nothing to say\n")
    result = doctor("--mapping", "ignored.json", "--handler", "clinic:partial", "--json")
    findings = [json.loads(line) for line in result.stdout.splitlines()]
    result = doctor("--mapping", "ignored.json", "--handler", "clinic:partial")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "safe (ignored.json, line 1): 1 error",
        f"  error: {findings[0]['what']} [answer-ignored]",
        "    why: Lambda does not read the answer: it takes every batch for done, and the failed records are lost",
        '    fix: set FunctionResponseTypes: [ReportBatchItemFailures], or give the handler report="raise"',
    ]


@pytest.mark.usefixtures("workshop")
@pytest.mark.parametrize(
    ("handler", "code", "findings"),
    [("partial", 1, ["answer-ignored"]), ("raising", 0, []), ("plain", 0, ["no-partial-answer"])],
)
def test_the_handler_is_asked(handler: str, code: int, findings: list[str]) -> None:
    result = doctor("--mapping", "ignored.json", "--handler", f"clinic:{handler}", "--json")
    assert result.exit_code == code
    assert [json.loads(line)["code"] for line in result.stdout.splitlines()] == findings


@pytest.mark.usefixtures("workshop")
def test_several_files_and_mappings() -> None:
    result = doctor("--mapping", "safe.json", "--mapping", "template.yaml", "--json")
    assert result.exit_code == 1
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert {(each["mapping"], each["place"], each["line"]) for each in found} == {
        ("Orders.Stream", "template.yaml, line 9", 9), ("Other", "template.yaml, line 23", 23),
    }  # fmt: skip
    assert set(found[0]) == {"mapping", "place", "line", *Finding._fields}


@pytest.mark.usefixtures("workshop")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give --mapping FILE or --function NAME"),
        (("--mapping", "missing"), "missing: no such file"),
        (("--mapping", "clinic.py"), "clinic.py"),
        (("--mapping", "safe.json", "--handler", "clinic:nothing"), "there is no 'nothing' in it"),
    ],
    ids=str,
)
def test_what_cannot_be_understood(arguments: tuple[object, ...], message: str) -> None:
    result = doctor(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_standard_input_pipes_and_terminals(workshop: Path) -> None:
    done = tailrace("doctor", "--mapping", "-", cwd=workshop, stdin=json.dumps(SAFE).encode())
    assert (done.returncode, done.stdout) == (0, "safe (standard input, line 1): nothing to say\n")
    code, written = in_terminal("doctor", "--mapping", "template.yaml", cwd=workshop, columns=100)
    assert code == 1
    assert "\x1b[31m  error" in written or "  \x1b[31merror" in written
