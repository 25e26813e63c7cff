"""``tailrace simulate``: the timeline, what got lost, and the exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tailrace.cli.app import app
from tailrace.testing import make_event, make_record
from tests.unit.cli_commands import in_shell, in_terminal, plain_lines, tailrace

EVENT = make_event([{"id": name} for name in "abcdef"], table_name="orders")
HANDLERS = """
import sys
from tailrace import StreamHandler

app = StreamHandler()

@app.on()
def check(record):
    if record.keys["id"] == "c":
        raise ValueError("order c is bad")

def ids(event):
    return [record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]]

def healthy(event, context):
    print("got", "".join(ids(event)))

def raising(event, context):
    if "c" in ids(event):
        raise ValueError("order c")

def naming(event, context):
    numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
    return {"batchItemFailures": [{"itemIdentifier": each} for each, id in zip(numbers, ids(event)) if id == "c"]}

def counting(event, context):
    return {"state": {"count": event["state"].get("count", 0) + len(event["Records"])}}

def stopping(event, context):
    sys.exit(0)

def escaping(event, context):
    raise ValueError("\\x1b[2J")
"""
TEMPLATE = """\
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Stream:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Table.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: !Ref Size
            MaximumRetryAttempts: "1"
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Destination: !GetAtt Queue.Arn}}
  Others:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: arn:aws:dynamodb:us-east-1:123456789012:table/others/stream/x
      BatchSize: 2
      FilterCriteria: {Filters: [{Pattern: '{"dynamodb":{"Keys":{"id":{"S":["a","b","d"]}}}}'}]}
"""


@pytest.fixture(autouse=True)
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "depot.py").write_text(HANDLERS)
    (tmp_path / "events.json").write_text(json.dumps(EVENT))
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    sys.modules.pop("depot", None)


def run(handler: str, *arguments: object) -> Result:
    arguments = arguments or ("events.json",)
    files = [] if any(str(each).endswith(".json") or each == "-" for each in arguments) else ["events.json"]
    return CliRunner().invoke(app, ["simulate", "--handler", f"depot:{handler}", *map(str, arguments), *files])


def timeline(result: Result) -> list[str]:
    return [line for line in result.stdout.partition("\n\n")[0].splitlines() if not line.startswith("got")]


def summary(result: Result) -> dict[str, str]:
    lines = result.stdout.split("\n\n")[1].splitlines()
    return {line[:14].strip(): line[14:] for line in lines}


def test_all_is_well() -> None:
    result = run("healthy", "--batch-size", 4)
    assert result.exit_code == 0, result.output
    assert timeline(result) == [
        "0.0 s  invocation 1  #1-#4  success  checkpoint #4",
        "0.0 s  invocation 2  #5-#6  success  checkpoint #6",
    ]
    assert summary(result) == {"records": "6", "invocations": "2", "done": "6", "time": "0.0 s"}
    assert "lost" not in result.stdout
    assert not result.stderr


def test_a_poison_takes_others_with_it() -> None:
    result = run("app", "--retries", 1)
    assert result.exit_code == 1
    assert timeline(result) == [
        "0.0 s  invocation 1  #1-#6  partial: reported #3  checkpoint #2",
        "0.0 s  invocation 2  #3-#6  failure: reported #3  again in 1 s",
        "1.0 s  invocation 3  #3-#6  failure: reported #3  no retry is left",
        "1.0 s  given up      #3-#6  RetryAttemptsExhausted  checkpoint #6",
    ]
    lost = result.stdout.split("Records that were lost:\n")[1].splitlines()
    assert len(lost) == 8
    numbers = [record["dynamodb"]["SequenceNumber"] for record in EVENT["Records"]]
    assert lost[0].startswith("  #3  events.json, line 1, record 3: INSERT, eventID ")
    assert lost[0].endswith(f"SequenceNumber {numbers[2]}")
    assert lost[1] == "    given up, RetryAttemptsExhausted: ValueError: order c is bad"
    assert lost[3] == "    given up, RetryAttemptsExhausted, with #3, which kept failing"


def test_by_default_it_takes_a_day() -> None:
    result = run("raising")
    assert result.exit_code == 1
    lines = timeline(result)
    assert len(lines) == 5
    assert lines[2].strip() == "... 1,442 more alike"
    assert "RecordAgeExceeded" in lines[4]
    assert summary(result)["time"].startswith("86,40")


def test_bisect_saves_the_others() -> None:
    result = run("raising", "--bisect", "--retries", 0)
    assert summary(result)["done"] == "5"
    assert summary(result)["given up"] == "1"


def test_what_lambda_does_not_hear() -> None:
    result = run("naming", "--no-report")
    assert result.exit_code == 1
    assert timeline(result) == [
        "0.0 s  invocation 1  #1-#6  success  Lambda does not hear which failures it names  checkpoint #6"
    ]
    assert summary(result) == {"records": "6", "invocations": "1", "done": "2", "unheard": "4", "time": "0.0 s"}
    assert "the answer names it or one before it, and Lambda does not hear that" in result.stdout


def test_every_option_reaches_the_mapping() -> None:
    pattern = '{"dynamodb":{"Keys":{"id":{"S":["a","b"]}}}}'
    assert summary(run("healthy", "--filter", pattern))["filtered"] == "4"
    assert "RecordAgeExceeded" in run("raising", "--max-age", 60).stdout
    windows = run("counting", "--tumbling-window", 60)
    assert windows.exit_code == 0, windows.output
    assert "end of window: success" in windows.stdout
    late = run("healthy", "--live", "--window", 300)
    assert (summary(late)["invocations"], summary(late)["time"]) == ("1", "300.0 s")
    assert summary(run("healthy", "--live"))["invocations"] == "6"
    assert summary(run("healthy", "--factor", 3, "--batch-size", 1))["invocations"] == "6"


def test_a_mapping_of_a_file(workshop: Path) -> None:
    result = run("app", "--mapping", "template.yaml", "--mapping-name", "Orders.Stream")
    assert result.exit_code == 1
    assert summary(result)["given up"] == "4"
    assert result.stderr.splitlines() == [
        "tailrace: template.yaml: BatchSize is known when the template is deployed: left out",
        "tailrace: template.yaml: DestinationConfig is known when the template is deployed: left out",
    ]
    result = run("healthy", "--mapping", "template.yaml", "--mapping-name", "Others")
    assert (summary(result)["filtered"], summary(result)["invocations"]) == ("3", "2")
    result = run("healthy", "--mapping", "template.yaml", "--mapping-name", "Others", "--batch-size", 1)
    assert summary(result)["invocations"] == "3", "an option counts more"
    (workshop / "live.json").write_text(
        json.dumps({"UUID": "x", "EventSourceArn": "arn:aws:dynamodb:x", "BatchSize": 1})
    )
    assert summary(run("healthy", "--mapping", "live.json", "events.json"))["invocations"] == "6"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--mapping", "template.yaml"),
            "more than one mapping in it: give --mapping-name, one of Orders.Stream, Others",
        ),
        (("--mapping", "template.yaml", "--mapping-name", "x"), "no mapping x in it"),
        (("--mapping", "depot.py"), "broken YAML"),
        (("--mapping", "missing"), "missing: no such file"),
        (("--mapping", "events.json"), "no event source mapping"),
        (("--max-age", 5), "maximum_record_age_in_seconds=5.0 is not between 60 and 604,800"),
        (("--batch-size", 0), "batch_size=0"),
        (("--timeout", 1000), "timeout_ms"),
        (("--filter", '{"eventName": "INSERT"}'), "eventName"),
        (("--factor", 2, "--tumbling-window", 60), "not simulated"),
        (("missing.json",), "missing.json: no such file"),
    ],
    ids=str,
)
def test_what_cannot_be_understood(arguments: tuple[object, ...], message: str) -> None:
    result = run("healthy", *arguments, *([] if "missing.json" in arguments else ["events.json"]))
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_handler_that_is_not_there() -> None:
    result = run("nothing")
    assert result.exit_code == 2
    assert "there is no 'nothing' in it" in result.stderr


def test_a_handler_that_stops_the_process() -> None:
    result = run("stopping")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "the handler stopped the process with SystemExit: 0" in result.stderr


def test_streams_are_shards_of_their_own(workshop: Path) -> None:
    other = make_event([make_record(new_image={"id": "c"}, table_name="others")])
    (workshop / "more.json").write_text(json.dumps(other))
    lines = timeline(run("raising", "--retries", 0, "events.json", "more.json"))
    assert [line.split()[2:4] for line in lines if "given up" in line] == [["shard", "1"], ["shard", "2"]]


def test_steps_for_programs() -> None:
    lines = [json.loads(line) for line in run("naming", "--json", "--retries", 0).stdout.splitlines()]
    numbers = [record["dynamodb"]["SequenceNumber"] for record in EVENT["Records"]]
    assert [line["kind"] for line in lines] == ["partial", "failure", "discard"]
    assert lines[0] == {
        "at": 0.0, "shard": EVENT["Records"][0]["eventSourceARN"], "kind": "partial", "sequence_numbers": numbers,
        "said": "", "checkpoint": numbers[1], "invoke_count": 1, "cause": "batch", "reported": numbers[2],
        "reason": None, "unheard": [],
    }  # fmt: skip


def test_nothing_of_a_handler_reaches_the_terminal_unescaped() -> None:
    result = run("escaping", "--retries", 0)
    assert "\x1b" not in result.stdout
    assert "\\x1b[2J" in result.stdout


def test_no_records(workshop: Path) -> None:
    (workshop / "none.json").write_text('{"Records": []}')
    result = run("healthy", "none.json")
    assert result.exit_code == 0
    assert "records       0" in result.stdout


def test_in_processes_of_its_own(workshop: Path) -> None:
    done = tailrace("simulate", "--handler", "depot:app", "--retries", 0, "-", cwd=workshop,
                    stdin=json.dumps(EVENT).encode())  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert "standard input, line 1, record 3" in done.stdout
    code, stderr = in_shell(
        '"$@" | head -n 1 > /dev/null', "simulate", "--handler", "depot:app", "events.json", cwd=workshop
    )
    assert (code, stderr) == (0, "")
    code, written = in_terminal(
        "simulate", "--handler", "depot:app", "--retries", 0, "events.json", cwd=workshop, columns=100
    )
    assert code == 1
    assert "\x1b[31m" in written
    assert any("given up" in line for line in plain_lines(written))
