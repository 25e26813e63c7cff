"""Settings of a mapping beyond batches and retries: how AWS writes them, filters, lanes, duplicates, the timeline."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tailrace import FilterPatternError
from tailrace.testing import EventSourceMapping, FunctionThrottled, Shard, StalledError, VirtualClock, make_event
from tests.unit.delivery_cases import dated, of_keys
from tests.unit.functions import NUMBERS, SIX, Function, Poisoned, names, naming, number

# As AWS writes them

LIVE: dict[str, Any] = {
    "UUID": "11111111-2222-3333-4444-555555555555",
    "StartingPosition": "TRIM_HORIZON",
    "BatchSize": 2,
    "MaximumBatchingWindowInSeconds": 0,
    "ParallelizationFactor": 1,
    "EventSourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/orders/stream/2026-01-01T00:00:00.000",
    "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:orders",
    "LastModified": "2026-01-01T00:00:00+00:00",
    "LastProcessingResult": "OK",
    "State": "Enabled",
    "StateTransitionReason": "User action",
    "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:failures"}},
    "MaximumRecordAgeInSeconds": -1,
    "BisectBatchOnFunctionError": True,
    "MaximumRetryAttempts": 0,
    "TumblingWindowInSeconds": 0,
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
    "FilterCriteria": {"Filters": [{"Pattern": json.dumps(of_keys("a", "b", "c", "d"))}]},
}


def test_what_the_cli_prints_is_a_mapping() -> None:
    function = Poisoned("c", raises=True)
    report = EventSourceMapping.from_configuration(function, LIVE).deliver(SIX)
    assert function.got == ["ab", "cd", "c", "d"]
    assert (names(report.discarded), names(report.filtered)) == ("c", "ef")
    assert "payload" not in report.on_failure_documents[0]


def test_options_count_more_than_the_configuration() -> None:
    function = Function()
    EventSourceMapping.from_configuration(function, LIVE, batch_size=4).deliver(SIX)
    assert function.got == ["abcd"]


def test_null_is_the_default() -> None:
    settings = dict.fromkeys(LIVE)
    function = Function(naming(number("c")))
    EventSourceMapping.from_configuration(function, settings).deliver(SIX)
    assert function.got == ["abcdef"], "and partial answers are not read"


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ({"batchSize": 5}, "batchSize is no setting of AWS: it is spelled BatchSize"),
        ({"bisect_batch_on_function_error": True}, "spelled BisectBatchOnFunctionError"),
        ({"BatchSize": "5"}, "BatchSize is a number, not '5'"),
        ({"BatchSize": True}, "BatchSize is a number"),
        ({"BatchSize": 0}, "batch_size"),
        ({"BisectBatchOnFunctionError": 1}, "true or false"),
        ({"FunctionResponseTypes": "ReportBatchItemFailures"}, "FunctionResponseTypes"),
        ({"FunctionResponseTypes": ["ReportBatchItemFailure"]}, "FunctionResponseTypes"),
        ({"MaximumRecordAgeInSeconds": 59}, "maximum_record_age_in_seconds"),
        ({"StartingPosition": "AT_TIMESTAMP"}, "starting_position"),
        ({"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:dynamodb:x"}}}, "Destination"),
    ],
    ids=str,
)
def test_a_configuration_that_cannot_be_is_refused(configuration: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        EventSourceMapping.from_configuration(Function(), configuration)


def test_filters_that_lambda_refuses_are_refused() -> None:
    wrong = {"Filters": [{"Pattern": '{"eventName": "INSERT"}'}]}
    with pytest.raises(FilterPatternError):
        EventSourceMapping.from_configuration(Function(), {"FilterCriteria": wrong})
    with pytest.raises(FilterPatternError, match="wildcard"):
        EventSourceMapping(Function(), filter_criteria={"eventName": [{"wildcard": "I*"}]})


@pytest.mark.parametrize(
    "options",
    [
        {"maximum_batching_window_in_seconds": 301},
        {"maximum_record_age_in_seconds": 0},
        {"parallelization_factor": 11},
        {"tumbling_window_in_seconds": 901},
        {"tumbling_window_in_seconds": 60, "parallelization_factor": 2},
        {"starting_position": "AT_TIMESTAMP"},
        {"destination": "dynamodb"},
        {"arrival": "never"},
    ],
    ids=str,
)
def test_a_setting_outside_its_limits_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        EventSourceMapping(Function(), **options)


# Filters


def test_through_kinesis_a_pattern_sees_the_data() -> None:
    event = make_event([{"id": "a"}, {"id": "b"}], shape="kinesis")
    function = Function()
    report = EventSourceMapping(function, filter_criteria={"data": of_keys("b")}).deliver(event)
    assert (function.got, len(report.filtered)) == (["b"], 1)


def test_what_no_filter_can_judge_is_delivered() -> None:
    event = make_event([{"id": "a"}, {"id": "b"}])
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    event["Records"][0]["dynamodb"]["NewImage"]["id"] = {"S": deep}
    got: list[int] = []
    mapping = EventSourceMapping(
        lambda event, context: got.append(len(event["Records"])),
        filter_criteria={"dynamodb": {"NewImage": {"id": {"S": ["b"]}}}},
    )
    report = mapping.deliver(event)
    assert (got, report.filtered) == ([2], [])


def test_batches_are_filled_with_what_passes() -> None:
    function = Function()
    EventSourceMapping(function, batch_size=2, filter_criteria=of_keys("a", "d", "e")).deliver(SIX)
    assert function.got == ["ad", "e"]


def test_a_record_whose_item_nobody_knows_is_delivered() -> None:
    event = make_event([{"id": name} for name in "abc"])
    event["Records"][1]["dynamodb"]["Keys"] = {"id": {"N": "no number"}}
    del event["Records"][2]["dynamodb"]["Keys"]
    report = EventSourceMapping(lambda event, context: None, parallelization_factor=4, batch_size=1).deliver(event)
    assert len(report.done) == 3


# Time


def test_waiting_between_tries_takes_longer_each_time() -> None:
    report = EventSourceMapping(
        Function(*[RuntimeError()] * 8, None), clock=VirtualClock(), maximum_retry_attempts=8
    ).deliver(SIX)
    assert [each.started_at for each in report.invocations] == [0, 1, 3, 7, 15, 31, 63, 123, 183]


def test_a_mapping_has_one_clock_for_all_its_deliveries() -> None:
    mapping = EventSourceMapping(Function(RuntimeError()), clock=VirtualClock())
    assert mapping.deliver(SIX).invocations[-1].started_at == 1
    assert mapping.deliver(SIX).invocations[0].started_at == 1


def test_records_without_a_time_arrive_with_the_one_before() -> None:
    event = make_event(dated(0, 50, 100))
    for index in (0, 2):
        del event["Records"][index]["dynamodb"]["ApproximateCreationDateTime"]
    function = Function()
    report = EventSourceMapping(function, arrival="live", clock=VirtualClock()).deliver(event)
    assert [each.started_at for each in report.invocations] == [0], "the first waits for no time of its own"
    assert function.got == ["abc"]


def test_times_in_milliseconds_are_understood() -> None:
    event = make_event(dated(0, 30))
    for record in event["Records"]:
        record["dynamodb"]["ApproximateCreationDateTime"] *= 1000
    report = EventSourceMapping(Function(), arrival="live", clock=VirtualClock()).deliver(event)
    assert [each.started_at for each in report.invocations] == [0, 30]


def test_only_records_that_are_too_old_are_given_up() -> None:
    function = Poisoned("abcdef", raises=True)
    records = dated(0, 55, 110)
    report = EventSourceMapping(
        function, arrival="live", maximum_record_age_in_seconds=60, clock=VirtualClock(), batch_size=3
    ).deliver(records)
    documents = report.on_failure_documents
    assert [document["DDBStreamBatchInfo"]["batchSize"] for document in documents] == [1, 1, 1]
    assert [document["requestContext"]["condition"] for document in documents] == ["RecordAgeExceeded"] * 3


# Shards


def test_shards_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="same shard_id"):
        EventSourceMapping(Function()).deliver_shards([Shard([], "a"), Shard([], "a")])


def test_shards_that_are_parents_of_each_other_are_refused() -> None:
    shards = [Shard(SIX, "a", "b"), Shard([], "b", "a")]
    with pytest.raises(ValueError, match="parents of each other: a, b"):
        EventSourceMapping(Function()).deliver_shards(shards)


def test_a_parent_that_was_trimmed_holds_nothing_up() -> None:
    function = Function()
    EventSourceMapping(function).deliver_shards([Shard(SIX, "b", "a")])
    assert function.got == ["abcdef"]


def test_no_shards_are_no_invocation() -> None:
    assert not EventSourceMapping(Function()).deliver_shards([]).steps


def test_a_throttle_without_end_stalls() -> None:
    def throttled(event: Any, context: Any) -> None:
        raise FunctionThrottled

    with pytest.raises(StalledError, match="throttled"):
        EventSourceMapping(throttled, max_invocations=5).deliver(SIX)


# What got lost


@pytest.mark.parametrize(
    ("answer", "options", "unheard"),
    [
        (naming(number("c")), {"report_batch_item_failures": False}, "cdef"),
        (naming("nonsense"), {"report_batch_item_failures": False}, "abcdef"),
        ({"BatchItemFailures": [{"itemIdentifier": number("e")}]}, {}, "ef"),
        ({"batch_item_failures": [{"itemIdentifier": number("a")}]}, {}, "abcdef"),
        ({"batchItemFailures": []}, {"report_batch_item_failures": False}, ""),
        ({"failures": [1]}, {}, ""),
        (None, {}, ""),
    ],
    ids=str,
)
def test_what_lambda_does_not_hear_is_told(answer: Any, options: Any, unheard: str) -> None:
    report = EventSourceMapping(Function(answer), **options).deliver(SIX)
    assert names(report.unheard) == names(report.lost) == unheard
    assert report.done == NUMBERS


def test_each_lost_record_is_told_once() -> None:
    function = Function(RuntimeError())
    clock = VirtualClock(1_767_225_610)
    report = EventSourceMapping(
        function, maximum_retry_attempts=0, starting_position="LATEST", clock=clock, batch_size=1
    ).deliver(dated(0, 20, 30))
    assert [len(each) for each in (report.missed, report.discarded, report.done, report.lost)] == [1, 1, 1, 2]


# The timeline


def test_a_timeline_tells_what_happened() -> None:
    mapping = EventSourceMapping(
        Poisoned("c", raises=True),
        clock=VirtualClock(),
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=1,
        filter_criteria=of_keys(*"abcde"),
    )
    assert mapping.deliver(SIX).timeline().splitlines() == [
        "0.0 s  filtered      #6",
        "0.0 s  invocation 1  #1-#5  failure: RuntimeError: no  split in two",
        "0.0 s  invocation 2  #1-#2  success  checkpoint #2",
        "0.0 s  invocation 3  #3-#5  failure: RuntimeError: no  split in two",
        "0.0 s  invocation 4  #3     failure: RuntimeError: no  again in 1 s",
        "1.0 s  invocation 5  #3     failure: RuntimeError: no  no retry is left",
        "1.0 s  given up      #3     RetryAttemptsExhausted  checkpoint #3",
        "1.0 s  invocation 6  #4-#5  success  checkpoint #6",
    ]


def test_a_timeline_names_shards_and_tells_alike_steps_once() -> None:
    function = Function(*[FunctionThrottled()] * 7)
    shards = [Shard(SIX["Records"][:2], "a"), Shard(make_event([{"id": str(n)} for n in range(20)]), "b", "a")]
    report = EventSourceMapping(function, clock=VirtualClock(), batch_size=1).deliver_shards(shards)
    assert report.timeline().splitlines() == [
        "  0.0 s  shard 1  throttled      #1   again in 1 s",
        "  1.0 s  shard 1  throttled      #1   again in 2 s",
        "                  ... 4 more alike",
        " 63.0 s  shard 1  throttled      #1   again in 60 s",
        "123.0 s  shard 1  invocation 1   #1   success  checkpoint #1",
        "123.0 s  shard 1  invocation 2   #2   success  checkpoint #2",
        "123.0 s  shard 2  invocation 3   #1   success  checkpoint #1",
        "123.0 s  shard 2  invocation 4   #2   success  checkpoint #2",
        "                  ... 17 more alike",
        "123.0 s  shard 2  invocation 22  #20  success  checkpoint #20",
    ]


def test_a_timeline_has_colours_when_asked_for() -> None:
    lines = EventSourceMapping(Poisoned("a"), maximum_retry_attempts=0).deliver(SIX).timeline(color=True).splitlines()
    assert [line.startswith(colour) for line, colour in zip(lines, ("\x1b[33m", "\x1b[31m"), strict=True)] == [True] * 2
    assert all(line.endswith("\x1b[0m") for line in lines)
