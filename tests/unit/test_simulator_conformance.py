"""Every statement of AWS about delivery, or recorded from AWS, run against the simulator.

The rows are those of docs/simulator.md; a test here keeps both equal. A row is run with each of its cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tailrace.testing import FunctionKilled
from tests.docs.pages import ROOT
from tests.unit import delivery_cases as cases
from tests.unit.delivery_cases import Case
from tests.unit.functions import SIX, naming, number

DOCS = "https://docs.aws.amazon.com/lambda/latest/dg/"
FAILURES = DOCS + "services-ddb-batchfailurereporting.html"
ERRORS = DOCS + "services-dynamodb-errors.html"
PARAMETERS = DOCS + "services-ddb-params.html"
WINDOWS = DOCS + "services-ddb-windows.html"
FILTERING = DOCS + "with-ddb-filtering.html"
EVENT_FILTERING = DOCS + "invocation-eventfiltering.html"
OVERVIEW = DOCS + "with-ddb.html"
STREAMS = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"
STREAM_RECORD = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html"
TTL = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html"
RECORDED = "https://github.com/localstack/localstack/blob/main/tests/aws/services/lambda_/event_source_mapping/"
RECORDED += "test_lambda_integration_dynamodbstreams.py"


@dataclass(frozen=True)
class Row:
    """One statement: its number, whether it is documented or recorded on AWS, where, and what proves it."""

    rule: str
    statement: str
    grade: str
    source: str
    cases: list[Case | Callable[[], None]] = field(default_factory=list)


ALL = "abcdef"
TWICE = f"{ALL}|{ALL}"
C = number("c")
ROWS = [
    Row("1.1", "An exception fails the whole batch", "documented, recorded", ERRORS, [Case(RuntimeError(), got=TWICE)]),
    Row("1.2", "A timeout fails the whole batch, whatever was done", "documented, recorded", ERRORS, [cases.timed_out]),
    Row("1.3", "A function that is killed fails the whole batch", "documented", ERRORS,
        [Case(FunctionKilled(), got=TWICE)]),
    Row("1.4", "Such a batch is split in two with BisectBatchOnFunctionError", "documented", ERRORS,
        [Case(RuntimeError(), got="abcdef|abc|def", bisect_batch_on_function_error=True),
         Case(FunctionKilled(), got="abcdef|abc|def", bisect_batch_on_function_error=True)]),
    Row("1.5", "`null` is a complete success", "documented, recorded", FAILURES, [Case(None, got=ALL)]),
    Row("1.6", "`{}` is a complete success", "documented, recorded", FAILURES, [Case({}, got=ALL)]),
    Row("1.7", "`[]` is a complete success", "recorded", RECORDED, [Case([], got=ALL)]),
    Row("1.8", '`{"batchItemFailures": []}` is a complete success', "documented, recorded", FAILURES,
        [Case({"batchItemFailures": []}, got=ALL)]),
    Row("1.9", '`{"batchItemFailures": null}` is a complete success', "documented, recorded", FAILURES,
        [Case({"batchItemFailures": None}, got=ALL)]),
    Row("1.10", '`""` is a complete success', "recorded", RECORDED, [Case("", got=ALL)]),
    Row("1.11", "A function that forgets to return answers `null`: a success", "documented", FAILURES,
        [cases.forgotten_return]),
    Row("1.12", "An identifier moves the checkpoint just before it; it and everything behind it comes again",
        "documented", FAILURES,
        [Case(naming(C), got="abcdef|cdef"), Case(naming(number("a")), got=TWICE), Case(naming(number("f")),
         got="abcdef|f")]),
    Row("1.13", "Of several identifiers the lowest counts", "documented", FAILURES,
        [Case(naming(number("e"), C, number("d")), got="abcdef|cdef")]),
    Row("1.14", 'An `itemIdentifier` of `""` is a complete failure', "documented, recorded", FAILURES,
        [Case(naming(""), got=TWICE), Case(naming(C, ""), got=TWICE)]),
    Row("1.15", "An `itemIdentifier` of `null` is a complete failure", "documented, recorded", FAILURES,
        [Case(naming(None), got=TWICE)]),
    Row("1.16", "A wrong key inside of an entry is a complete failure", "documented, recorded", FAILURES,
        [Case({"batchItemFailures": [{"foo": C}]}, got=TWICE)]),
    Row("1.17", "An identifier that is not in the batch (123 was tried) is a complete failure", "recorded", RECORDED,
        [Case(naming(123), got=TWICE), Case(naming("123"), got=TWICE),
         Case(naming(SIX["Records"][2]["eventID"]), got=TWICE)]),
    Row("1.18", "Without ReportBatchItemFailures an answer is not read", "documented", FAILURES,
        [Case(naming(C), got=ALL, report_batch_item_failures=False),
         Case(naming(""), got=ALL, report_batch_item_failures=False),
         Case(RuntimeError(), got=TWICE, report_batch_item_failures=False)]),
    Row("1.19", "Through Kinesis the identifier is `kinesis.sequenceNumber`", "documented",
        DOCS + "services-kinesis-batchfailurereporting.html", [cases.kinesis_numbers]),
    Row("1.20", "Sequence numbers have 21 to 40 digits, and lower is lower by value", "documented", STREAM_RECORD,
        [cases.numbers_by_value]),
    Row("1.21", "A failure that was reported is no function error: statusCode 200, functionError null", "recorded",
        RECORDED, [cases.partial_is_no_function_error]),
    Row("2.1", "What comes again comes in the order of the stream; what is before the checkpoint does not",
        "recorded", RECORDED,
        [Case(naming(number("b")), naming(number("e")), got="abcdef|bcdef|ef")]),
    Row("2.2", "Six items, a poison, batches of 3, 3 retries: the good ones arrive once, the poison 5 times,"
        " approximateInvokeCount is 4", "recorded", RECORDED, [cases.recorded_run]),
    Row("2.3", "MaximumRetryAttempts of N are N + 1 invocations of the same batch", "documented", ERRORS,
        [Case(*[RuntimeError()] * 9, got="|".join([ALL] * (retries + 1)), discarded=ALL,
              maximum_retry_attempts=retries) for retries in (0, 1, 3)]),
    Row("2.4", "Splitting a batch uses up no retry", "documented", ERRORS,
        [Case(*[RuntimeError()] * 2, got="abcdef|abc|a|bc|def", bisect_batch_on_function_error=True,
              maximum_retry_attempts=0)]),
    Row("2.5", "A record that is reported again and again reaches the destination, RetryAttemptsExhausted",
        "recorded", RECORDED, [cases.reported_reaches_destination]),
    Row("2.6", "With both, a batch is split at the number that is reported, and only the rest is tried again",
        "documented", FAILURES, [Case(naming(C), got="abcdef|cdef", bisect_batch_on_function_error=True)]),
    Row("2.7", "Defaults: batches of 100, no window, no limit of retries or age, factor 1, answers not read",
        "documented", PARAMETERS, [cases.defaults]),
    Row("2.8", "Limits: 10,000 records, window 300 s, 10,000 retries, age 60 to 604,800 s, factor 10, tumbling window"
        " 900 s", "documented", PARAMETERS, [cases.limits]),
    Row("2.9", "A batch is at most 6 MB", "documented", PARAMETERS, [cases.payload]),
    Row("2.10", "Records are gathered until the batch is full or the batching window is over", "documented", OVERVIEW,
        [cases.batching_window]),
    Row("2.11", "The stream keeps a record for a day: by default a poison blocks its shard so long", "documented",
        ERRORS, [cases.a_day_of_poison]),
    Row("2.12", "Records over MaximumRecordAgeInSeconds are given up", "documented", ERRORS, [cases.record_age]),
    Row("2.13", "A throttle before the invocation uses up no retry; only the age ends it", "documented", ERRORS,
        [cases.throttles]),
    Row("2.14", "A batch holds records of one shard, and shards do not wait for each other", "documented", OVERVIEW,
        [cases.shards_apart]),
    Row("2.15", "One invocation of a shard at a time, or ParallelizationFactor of them", "documented", OVERVIEW,
        [cases.one_at_a_time]),
    Row("2.16", "With ParallelizationFactor the changes of an item stay in order", "documented", OVERVIEW,
        [cases.order_of_items]),
    Row("2.17", "Records arrive at least once; again they may come out of order", "documented", WINDOWS,
        [cases.out_of_order_again]),
    Row("2.18", "LATEST misses what is written before the mapping polls; TRIM_HORIZON does not", "documented",
        OVERVIEW, [cases.latest]),
    Row("2.19", "A child shard waits for its parent", "documented", STREAMS, [cases.children_wait]),
    Row("3.1", "SQS, SNS and Kafka get metadata only", "documented, recorded", ERRORS, [cases.metadata_only]),
    Row("3.2", "An S3 destination gets the event, too, in an object whose key names mapping, shard and time",
        "documented, recorded", ERRORS, [cases.payload_of_s3]),
    Row("3.3", "With a tumbling window an event has window, state, shardId, eventSourceARN and two flags",
        "documented", WINDOWS, [cases.window_members]),
    Row("3.4", "The state is handed on within a window; at its end there is a last invocation; the next one starts"
        " empty", "documented", WINDOWS, [cases.window_state]),
    Row("3.5", "An answer without state fails the invocation", "documented", WINDOWS, [cases.state_is_needed]),
    Row("3.6", "A state over 1 MB ends the window early", "documented", WINDOWS, [cases.state_is_limited]),
    Row("3.7", "The last invocation of a window blocks the shard until it is a success", "documented", WINDOWS,
        [cases.final_invoke_blocks]),
    Row("3.8", "Resharding closes the window, and the children start empty", "documented", WINDOWS,
        [cases.reshard_closes_windows]),
    Row("3.9", "One filter that matches is enough", "documented", EVENT_FILTERING, [cases.filters_are_or]),
    Row("3.10", "A record that no filter matches is never delivered, and the checkpoint passes it", "documented",
        EVENT_FILTERING, [cases.filtered_are_passed]),
    Row("3.11", "A pattern must go down to the type, also with `exists`", "documented, recorded", FILTERING,
        [cases.to_the_type_key]),
    Row("3.12", "`numeric` matches no number of DynamoDB, and numbers are equal as text", "recorded", RECORDED,
        [cases.numbers_are_text]),
    Row("3.13", "Filters on `eventName` work", "recorded", RECORDED, [cases.event_name]),
    Row("3.14", "Filters on `userIdentity` work", "documented", TTL, [cases.user_identity]),
    Row("3.15", "A mapping has up to 5 filters, or 10 by a quota", "documented", EVENT_FILTERING, [cases.ten_filters]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "case"), [(row, case) for row in ROWS for case in row.cases], ids=lambda each: getattr(each, "rule", "case")
)
def test_a_statement_of_aws_holds(row: Row, case: Case | Callable[[], None]) -> None:
    if isinstance(case, Case):
        case.run()
    else:
        case()


def test_the_page_has_the_same_rows() -> None:
    text = (ROOT / "docs" / "simulator.md").read_text("utf-8")
    found = re.findall(r"^\| (\d\.\d+) \| (.+) \| ([a-z, ]+) \| \[.+\]\((.+)\) \|$", text, re.MULTILINE)
    assert found == [(row.rule, row.statement, row.grade, row.source) for row in ROWS]


def test_each_row_is_proved() -> None:
    assert all(row.cases for row in ROWS)
    assert len({row.rule for row in ROWS}) == len(ROWS)
    assert {word for row in ROWS for word in row.grade.split(", ")} == {"documented", "recorded"}
