"""``tailrace filter lint``: what of a template is known only when it is deployed, and where its records come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.test_cli_filter_lint import INSERT, findings, template

# What is known when the template is deployed


@pytest.mark.parametrize(
    ("pattern", "codes"),
    [
        ("""!Sub '{"dynamodb":{"OldImage":{"x":{"N": [${E}]}}}}'""", ["not-read"]),
        ("""!Sub '{"eventName": ${E}}'""", ["not-read"]),
        ("!Sub '${Whole}'", ["not-read"]),
        ("'{{resolve:ssm:foo}}'", ["not-read"]),
        ("""!Sub '{"eventName": ["${E}"]}'""", ["not-read"]),
        ("""!Sub '{"eventName": ["${E}"], "dynamodb": {"NewImage": {"s": {"S": ["x"]}}}}'""", ["not-read"]),
        ("""!Sub '{"dynamodb": {"NewImage": {"s": {"S": ["${X}"]}}}}'""", ["not-read", "every-later-write"]),
        ("""!Sub '{"dynamodb":{"OldImage":{"e":{"${T}": ["x"]}}}}'""", ["not-read"]),
        ("""!Sub '{"dynamodb":{"OldImage":{"${A}":{"city":{"S": ["x"]}}}}}'""", ["not-read"]),
        ("""!Sub '{"dynamodb":{"OldImage":{"n":{"N": ["${N}"]}}}}'""", ["not-read"]),
        ("""'{"dynamodb":{"OldImage":{"n":{"N": ["{{resolve:ssm:n}}"]}}}}'""", ["not-read"]),
        ("""!Sub '{"eventname": ["${E}"]}'""", ["not-read", "unknown-name"]),
        ("""!Sub '{"eventName": ["${E}", "modify"]}'""", ["not-read", "never-matches"]),
        ("""!Sub '{"dynamodb":{"OldImage":{"s": ["${E}"]}}}'""", ["not-read", "missing-type-tag"]),
        ("""!Sub '{"eventName": ["${E}"]'""", ["not-read", "refused"]),
        ("""!Sub '{"eventName": [{"perfix": "${E}"}]}'""", ["not-read", "refused"]),
        ("""!Sub '{"eventID": [{"cidr": "${Cidr}"}]}'""", ["not-read", "refused"]),
        ("""!Sub ['{"eventName": ["${E}"]}', {E: modify}]""", ["never-matches"]),
        ("""!Sub ['{"eventName": ["${E}"]}', {E: INSERT}]""", []),
        ("""!Sub ['{"dynamodb":{"SizeBytes":[${S}]}}', {S: 5}]""", []),
        ("""!Sub ['{"eventName": ["${E}"]}', {E: !Ref E}]""", ["not-read"]),
        ("""!Sub ['{"eventName": ["${E}", "${F}"]}', {E: INSERT}]""", ["not-read"]),
        ("""{'Fn::Sub': ['{"eventName": ["${E}"]}', {E: modify}]}""", ["never-matches"]),
        ("""!Sub '{"eventName": ["${!E}"]}'""", ["never-matches"]),
        ("""{'Fn::ToJsonString': {eventName: [!Ref Name]}}""", ["not-read"]),
        ("""{'Fn::ToJsonString': {eventName: [{Ref: Name}, modify]}}""", ["not-read", "never-matches"]),
    ],
)
def test_what_is_filled_in_later_is_not_judged(tmp_path: Path, pattern: str, codes: list[str]) -> None:
    text = f"M:\n  FilterCriteria:\n    Filters:\n      - Pattern: {pattern}\n"
    found = findings(template(tmp_path, text), code=1 if {*codes} - {"not-read", "every-later-write"} else 0)
    assert [each["code"] for each in found] == codes
    assert not any(each["code"] == "not-read" and each["severity"] == "error" for each in found)


# Where records come from


BODY = '{"body":{"x":["y"]}}'
THROUGH = '{"data":{"eventName":["DELETE"]}}'


@pytest.mark.parametrize(
    ("around", "pattern", "codes"),
    [
        ("{Type: DynamoDB, Properties: {FilterCriteria: %s}}", BODY, ["unknown-name"]),
        ("{Type: SQS, Properties: {Queue: !GetAtt Q.Arn, FilterCriteria: %s}}", BODY, ["other-source"]),
        ("{Type: MSK, Properties: {FilterCriteria: %s}}", BODY, ["other-source"]),
        ("{Type: Kinesis, Properties: {FilterCriteria: %s}}", '{"data":{"x":["y"]}}', ["other-source"]),
        ("{Type: Kinesis, Properties: {FilterCriteria: %s}}", THROUGH, ["never-matches"]),
        ("{Type: Kinesis, Properties: {FilterCriteria: %s}}", INSERT, ["unknown-name"]),
        ("{EventSourceArn: 'arn:aws:sqs:eu-west-1:1:q', FilterCriteria: %s}", BODY, ["other-source"]),
        ("{EventSourceArn: !Sub 'arn:aws:sqs:${AWS::Region}:1:q', FilterCriteria: %s}", BODY, ["other-source"]),
        ("{EventSourceArn: 'arn:aws:kinesis:eu-west-1:1:stream/s', FilterCriteria: %s}", THROUGH, ["never-matches"]),
        (
            "{EventSourceArn: 'arn:aws:dynamodb:eu-west-1:1:table/t/stream/x', FilterCriteria: %s}",
            THROUGH,
            ["unknown-name"],
        ),
        ("{EventSourceArn: !GetAtt Queue.Arn, FilterCriteria: %s}", BODY, ["other-source"]),
        ("{EventSourceArn: {'Fn::GetAtt': [Queue, Arn]}, FilterCriteria: %s}", BODY, ["other-source"]),
        ("{EventSourceArn: !Ref Cluster, FilterCriteria: %s}", BODY, ["other-source"]),
        ("{EventSourceArn: !GetAtt Stream.Arn, FilterCriteria: %s}", THROUGH, ["never-matches"]),
        ("{EventSourceArn: !GetAtt Table.StreamArn, FilterCriteria: %s}", BODY, ["unknown-name"]),
        ("{EventSourceArn: !Ref Parameter, FilterCriteria: %s}", BODY, ["unknown-name"]),
        ("{EventSourceArn: !If [A, x, y], FilterCriteria: %s}", BODY, ["unknown-name"]),
        ("{SelfManagedEventSource: {}, FilterCriteria: %s}", BODY, ["other-source"]),
        ("{Source: !GetAtt Queue.Arn, SourceParameters: {FilterCriteria: %s}}", BODY, ["other-source"]),
        ("{Source: !GetAtt Table.StreamArn, SourceParameters: {FilterCriteria: %s}}", BODY, ["unknown-name"]),
        ("{SourceParameters: {SqsQueueParameters: {}, FilterCriteria: %s}}", BODY, ["other-source"]),
    ],
)
def test_filters_of_other_sources_are_passed_by(tmp_path: Path, around: str, pattern: str, codes: list[str]) -> None:
    criteria = "{Filters: [{Pattern: '" + pattern + "'}]}"
    resources = {
        "Queue": "SQS::Queue",
        "Cluster": "MSK::Cluster",
        "Stream": "Kinesis::Stream",
        "Table": "DynamoDB::Table",
    }
    text = "Resources:\n" + "".join(f"  {name}: {{Type: 'AWS::{kind}'}}\n" for name, kind in resources.items())
    path = template(tmp_path, f"{text}  M: {{Properties: {{X: {around % criteria}}}}}\n")
    found = findings(path, code=0 if codes == ["other-source"] else 1)
    assert [each["code"] for each in found] == codes
    assert found[0]["severity"] == ("advice" if codes == ["other-source"] else "error")


def test_a_mapping_of_kinesis_is_judged_inside_of_data(tmp_path: Path) -> None:
    criteria = f"{{Filters: [{{Pattern: '{THROUGH}'}}]}}"
    text = f"M: {{EventSourceArn: 'arn:aws:kinesis:x:1:stream/s', FilterCriteria: {criteria}}}"
    (found,) = findings(template(tmp_path, text))
    assert found["path"] == ["data", "eventName", 0]
