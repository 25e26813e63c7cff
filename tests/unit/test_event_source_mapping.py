"""The mapping delivers as Lambda does: each rule of AWS that it follows is a test here.

Sources: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html,
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import Batch, StreamHandler
from tailrace.testing import DeliveryReport, EventSourceMapping, make_event, make_record
from tests.unit.functions import NUMBERS, SIX, Function, Poisoned, ids, naming, number


@pytest.mark.parametrize(
    "answer",
    [None, {}, [], "", {"batchItemFailures": []}, {"batchItemFailures": None}],
    ids=["null", "empty object", "empty list", "empty text", "no failures", "failures null"],
)
def test_these_answers_are_a_complete_success(answer: Any) -> None:
    function = Function(answer)
    report = EventSourceMapping(function).deliver(SIX)
    assert function.got == ["abcdef"]
    assert report.done == NUMBERS
    assert [invocation.outcome for invocation in report.invocations] == ["success"]


@pytest.mark.parametrize("key", ["BatchItemFailures", "batch_item_failures", "batchItemFailure", "failures"])
def test_a_misspelt_key_reads_as_success_and_loses_records(key: str) -> None:
    report = EventSourceMapping(Function({key: [{"itemIdentifier": number("b")}]})).deliver(SIX)
    assert report.done == NUMBERS
    assert report.lost == NUMBERS[1:]


def test_a_named_record_and_all_behind_it_are_delivered_again() -> None:
    function = Function(naming(number("c")))
    report = EventSourceMapping(function).deliver(SIX)
    assert function.got == ["abcdef", "cdef"]
    assert report.done == NUMBERS
    assert [(each.outcome, each.reported) for each in report.invocations] == [
        ("partial", number("c")),
        ("success", None),
    ]


def test_of_several_identifiers_the_lowest_counts() -> None:
    function = Function(naming(number("e"), number("c"), number("d")))
    EventSourceMapping(function).deliver(SIX)
    assert function.got == ["abcdef", "cdef"]


def test_the_lowest_is_lowest_by_value() -> None:
    records = [
        make_record(new_image={"id": "a"}, sequence_number="9"),
        make_record(new_image={"id": "b"}, sequence_number="10"),
    ]
    function = Function(naming("10", "9"))
    report = EventSourceMapping(function).deliver(records)
    assert function.got == ["ab", "ab"]
    assert report.invocations[0].outcome == "failure"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (naming(""), "empty"),
        (naming(None), "empty"),
        ({"batchItemFailures": [{"foo": "bar"}]}, "no itemIdentifier"),
        ({"batchItemFailures": ["x"]}, "no itemIdentifier"),
        (naming(123), "no SequenceNumber of the batch"),
        (naming("123"), "no SequenceNumber of the batch"),
        (naming(SIX["Records"][2]["eventID"]), "no SequenceNumber of the batch"),
        (naming(number("c"), ""), "empty"),
        (naming(number("c"), "123"), "no SequenceNumber of the batch"),
        ({"batchItemFailures": {}}, "no list"),
        ({"batchItemFailures": number("c")}, "no list"),
        ("done", "no object"),
        (True, "no object"),
        ([number("c")], "no object"),
    ],
    ids=str,
)
def test_these_answers_are_a_complete_failure(answer: Any, reason: str) -> None:
    function = Function(answer)
    report = EventSourceMapping(function).deliver(SIX)
    assert function.got == ["abcdef", "abcdef"]
    assert report.invocations[0].outcome == "failure"
    assert reason in str(report.invocations[0].reason)


def test_an_answer_that_is_no_json_is_an_error() -> None:
    report = EventSourceMapping(Function({"batchItemFailures": {1, 2}})).deliver(SIX)
    assert isinstance(report.invocations[0].error, TypeError)


def test_an_exception_fails_the_whole_batch() -> None:
    error = RuntimeError("no")
    function = Function(error)
    report = EventSourceMapping(function).deliver(SIX)
    assert function.got == ["abcdef", "abcdef"]
    assert (report.invocations[0].outcome, report.invocations[0].error) == ("failure", error)
    assert report.invocations[0].reason == "RuntimeError: no"


class Clock:
    """The time of the contexts, moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("tailrace.testing.clock.time", clock)
    return clock


def test_a_timeout_fails_the_whole_batch_whatever_was_answered(clock: Clock) -> None:
    def slow(event: Any, context: Any) -> Any:
        clock.seconds += 0.5 if got else 5
        got.append(ids(event))

    got: list[str] = []
    report = EventSourceMapping(slow, timeout_ms=3000).deliver(SIX)
    assert got == ["abcdef", "abcdef"]
    assert isinstance(report.invocations[0].error, TimeoutError)


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_ends_the_test(error: type[BaseException]) -> None:
    with pytest.raises(error):
        EventSourceMapping(Function(error())).deliver(SIX)


@pytest.mark.parametrize("answer", [naming(number("c")), naming(""), naming("123"), "done"], ids=str)
def test_without_report_batch_item_failures_every_answer_is_a_success(answer: Any) -> None:
    function = Function(answer)
    report = EventSourceMapping(function, report_batch_item_failures=False).deliver(SIX)
    assert function.got == ["abcdef"]
    assert report.done == NUMBERS


def test_without_report_batch_item_failures_an_exception_still_fails_the_batch() -> None:
    function = Function(RuntimeError())
    EventSourceMapping(function, report_batch_item_failures=False).deliver(SIX)
    assert function.got == ["abcdef", "abcdef"]


@pytest.mark.parametrize(
    ("batch_size", "batches"),
    [(1, list("abcdef")), (4, ["abcd", "ef"]), (6, ["abcdef"]), (10_000, ["abcdef"])],
)
def test_batches_are_cut_by_size(batch_size: int, batches: list[str]) -> None:
    function = Function()
    report = EventSourceMapping(function, batch_size=batch_size).deliver(SIX)
    assert function.got == batches
    assert (report.batch_count, report.record_count) == (len(batches), 6)


def test_an_event_is_never_over_six_megabytes() -> None:
    sizes: list[int] = []

    def function(event: bytes, context: Any) -> None:
        sizes.append(len(event))

    items = [{"id": str(number), "text": "x" * 390_000} for number in range(40)]
    report = EventSourceMapping(function, event_format="bytes").deliver(make_event(items))
    assert len(sizes) == 3
    assert max(sizes) <= 6 * 1024 * 1024
    assert report.record_count == 40


def test_a_record_over_that_size_is_delivered_alone() -> None:
    function = Function()
    EventSourceMapping(function).deliver(make_event([{"id": "a", "text": "x" * 7_000_000}, {"id": "b"}]))
    assert function.got == ["a", "b"]


def test_no_records_are_no_invocation() -> None:
    function = Function()
    assert EventSourceMapping(function).deliver([]) == DeliveryReport()
    assert not function.got


@pytest.mark.parametrize(
    "form",
    [
        lambda event: event,
        json.dumps,
        lambda event: json.dumps(event).encode(),
        lambda event: event["Records"],
        lambda event: iter(event["Records"]),
        Batch.from_event,
        lambda event: list(Batch.from_event(event)),
    ],
    ids=["event", "text", "bytes", "wire dicts", "iterator", "Batch", "Records"],
)
def test_records_come_in_any_form(form: Callable[[Any], Any]) -> None:
    function = Function()
    report = EventSourceMapping(function).deliver(form(SIX))
    assert function.got == ["abcdef"]
    assert report.done == NUMBERS


def test_records_are_read_batch_by_batch() -> None:
    read: list[str] = []

    def records() -> Any:
        for record in SIX["Records"]:
            read.append(record["eventID"])
            yield record

    seen: list[int] = []
    EventSourceMapping(lambda event, context: seen.append(len(read)), batch_size=2).deliver(records())
    assert seen == [2, 4, 6]


@pytest.mark.parametrize(("event_format", "kind"), [("dict", dict), ("bytes", bytes)])
def test_the_event_has_the_format_asked_for(event_format: Any, kind: type) -> None:
    got: list[Any] = []
    EventSourceMapping(lambda event, context: got.append(event), event_format=event_format).deliver(SIX)
    assert type(got[0]) is kind
    assert (got[0] if kind is dict else json.loads(got[0])) == SIX


def test_what_a_handler_does_to_the_event_does_not_come_again() -> None:
    events: list[Any] = []

    def spoil(event: Any, context: Any) -> Any:
        events.append(json.dumps(event))
        event["Records"].clear()
        return naming("") if len(events) == 1 else None

    EventSourceMapping(spoil).deliver(SIX)
    assert events[0] == events[1]


def test_the_context_is_lambdas() -> None:
    contexts: list[Any] = []
    EventSourceMapping(lambda event, context: contexts.append(context), batch_size=3, timeout_ms=5000).deliver(SIX)
    assert 0 < contexts[0].get_remaining_time_in_millis() <= 5000
    assert contexts[0].aws_request_id != contexts[1].aws_request_id
    assert contexts[0].function_name in contexts[0].invoked_function_arn


def test_a_deadline_checkpoints_what_is_done(clock: Clock) -> None:
    app, seen = StreamHandler(), []

    @app.insert
    def slow(record: Any) -> None:
        seen.append(record.keys["id"])
        clock.seconds += 1

    report = EventSourceMapping(app, timeout_ms=4000).deliver(SIX)
    assert "".join(seen) == "abcdef", "no record twice"
    assert [invocation.outcome for invocation in report.invocations] == ["partial", "partial", "success"]


@pytest.mark.parametrize(
    "records",
    [
        [{"eventID": "1"}],
        [{"dynamodb": {"SequenceNumber": None}}],
        [{"dynamodb": {"SequenceNumber": ""}}],
        [{"dynamodb": {"SequenceNumber": "x"}}],
        {"records": []},
    ],
    ids=str,
)
def test_what_comes_from_no_shard_is_refused(records: Any) -> None:
    with pytest.raises(ValueError, match=r"SequenceNumber|Records"):
        EventSourceMapping(Function()).deliver(records)


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValueError, match="no JSON"):
        EventSourceMapping(Function()).deliver(make_event([{"id": b"a"}], shape="botocore"))


def test_what_is_no_record_is_refused() -> None:
    with pytest.raises(TypeError, match="not int"):
        EventSourceMapping(Function()).deliver([5])  # type: ignore[list-item]


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": 0},
        {"batch_size": 10_001},
        {"maximum_retry_attempts": -2},
        {"maximum_retry_attempts": 10_001},
        {"timeout_ms": 0},
        {"timeout_ms": 900_001},
        {"max_invocations": 0},
        {"event_format": "str"},
    ],
    ids=str,
)
def test_an_option_outside_its_limits_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        EventSourceMapping(Function(), **options)


def test_the_report_reads_well() -> None:
    report = EventSourceMapping(Poisoned("c"), batch_size=3, maximum_retry_attempts=3).deliver(SIX)
    assert str(report) == "6 records in 2 batches: 6 invocations, 3 retries, 0 bisects, 5 done, 1 discarded"
