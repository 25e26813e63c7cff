"""What proves the rows of the simulator's conformance table: deliveries with one answer, and what came of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tailrace.testing import (
    DeliveryReport,
    EventSourceMapping,
    FunctionThrottled,
    Shard,
    VirtualClock,
    make_event,
    make_record,
)
from tests.unit.functions import NUMBERS, SIX, Function, Poisoned, ids, names, naming, number

FIRST = 1_767_225_600


class Case:
    """Six records, a to f, through a function that does what it is told, with these settings.

    Args:
        answers: what it does, invocation by invocation; then it answers null.
        got: what it got each time.
        discarded: what was given up in the end.
        settings: of the mapping.
    """

    def __init__(self, *answers: Any, got: str, discarded: str = "", **settings: Any) -> None:
        self.answers, self.got, self.discarded, self.settings = answers, got, discarded, settings

    def run(self) -> None:
        function = Function(*self.answers)
        report = EventSourceMapping(function, **self.settings).deliver(SIX)
        assert "|".join(function.got) == self.got
        assert names(report.discarded) == self.discarded
        assert sorted(names([*report.done, *report.discarded])) == list("abcdef")


def deliver(function: Any, records: Any = SIX, **settings: Any) -> DeliveryReport:
    return EventSourceMapping(function, **settings).deliver(records)


def dated(*times: float, **item: Any) -> list[Any]:
    """Records of items a, b, c... that were made at these seconds."""
    return [
        make_record(new_image={"id": name, **item}, approximate_creation_time=FIRST + time)
        for name, time in zip("abcdefgh", times, strict=False)
    ]


# 1: answers


def kinesis_numbers() -> None:
    event = make_event([{"id": "a"}, {"id": "b"}], shape="kinesis")
    second = event["Records"][1]["kinesis"]["sequenceNumber"]
    function = Function(naming(second))
    assert deliver(function, event).invocations[0].reported == second
    assert function.got == ["ab", "b"]


def numbers_by_value() -> None:
    numbers = ["9" * 21, "1" + "0" * 21, "9" * 40]
    records = [
        make_record(new_image={"id": name}, sequence_number=each) for name, each in zip("abc", numbers, strict=True)
    ]
    function = Function(naming(numbers[1], numbers[0], numbers[2]), naming(numbers[2], numbers[1]))
    deliver(function, records)
    assert function.got == ["abc", "abc", "bc"]


def partial_is_no_function_error() -> None:
    report = deliver(Poisoned("c"), maximum_retry_attempts=0)
    (document,) = report.on_failure_documents
    assert document["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": None}
    (document,) = deliver(Poisoned("c", raises=True), maximum_retry_attempts=0).on_failure_documents
    assert document["responseContext"]["functionError"] == "Unhandled"


def forgotten_return() -> None:
    report = deliver(lambda event, context: naming(number("c")) and None)
    assert report.done == NUMBERS


def timed_out() -> None:
    clock, got = VirtualClock(), list[str]()

    def slow(event: Any, context: Any) -> Any:
        got.append(ids(event))
        clock.advance(3.5 if len(got) == 1 else 0)
        return None

    report = deliver(slow, clock=clock, timeout_ms=3000)
    assert got == ["abcdef", "abcdef"]
    assert report.invocations[0].reason == "TimeoutError: Task timed out after 3.00 seconds"


# 2: retries, order, parallelism


def recorded_run() -> None:
    function = Poisoned("c")
    report = deliver(function, batch_size=3, maximum_retry_attempts=3)
    assert {names([each]): count for each, count in report.deliveries.items()} == {
        "a": 1, "b": 1, "c": 5, "d": 1, "e": 1, "f": 1,
    }  # fmt: skip
    assert report.on_failure_documents[0]["requestContext"]["approximateInvokeCount"] == 4


def reported_reaches_destination() -> None:
    (document,) = deliver(Poisoned("f"), maximum_retry_attempts=1).on_failure_documents
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"


def defaults() -> None:
    function = Function(RuntimeError(), RuntimeError())
    records = make_event([{"id": "abc"[index % 3]} for index in range(201)])
    report = EventSourceMapping.from_configuration(function, {}).deliver(records)
    assert [len(got) for got in function.got] == [100, 100, 100, 100, 1]
    assert not report.discarded
    ignored = EventSourceMapping.from_configuration(Function(naming(number("c"))), {}).deliver(SIX)
    assert ignored.done == NUMBERS


LIMITS = {
    "batch_size": (1, 10_000),
    "maximum_batching_window_in_seconds": (0, 300),
    "maximum_retry_attempts": (-1, 10_000),
    "parallelization_factor": (1, 10),
    "tumbling_window_in_seconds": (0, 900),
    "maximum_record_age_in_seconds": (60, 604_800),
}


def limits() -> None:
    for name, (lowest, highest) in LIMITS.items():
        options: Any = {name: lowest}, {name: highest}
        assert all(EventSourceMapping(Function(), **each) for each in options)
        for outside in (lowest - 1, highest + 1):
            with pytest.raises(ValueError, match=name):
                EventSourceMapping(Function(), **{name: outside})


def payload() -> None:
    sizes: list[int] = []
    items = [{"id": str(index), "text": "x" * 390_000} for index in range(40)]
    deliver(lambda event, context: sizes.append(len(event)), make_event(items), event_format="bytes")
    assert len(sizes) == 3
    assert max(sizes) <= 6 * 1024 * 1024


def batching_window() -> None:
    function = Function()
    report = deliver(function, dated(0, 5, 10, 40, 41), maximum_batching_window_in_seconds=20, arrival="live")
    assert function.got == ["abc", "de"]
    assert [each.started_at for each in report.invocations] == pytest.approx([20, 60], abs=0.1)
    function = Function()
    report = deliver(function, dated(0, 5, 10), maximum_batching_window_in_seconds=20, arrival="live", batch_size=2)
    assert report.invocations[0].started_at == pytest.approx(5, abs=0.1), "full before the window is over"


def a_day_of_poison() -> None:
    function = Poisoned("a")
    report = deliver(function, clock=VirtualClock(), max_invocations=5000)
    assert names(report.discarded) == "abcdef"
    assert 86_400 < report.steps[-1].at < 86_500
    assert set(function.got) == {"abcdef"}


def record_age() -> None:
    clock = VirtualClock()
    function = Poisoned("a")
    report = deliver(function, clock=clock, maximum_record_age_in_seconds=60)
    (document,) = report.on_failure_documents
    assert document["requestContext"]["condition"] == "RecordAgeExceeded"
    assert 60 < report.steps[-1].at < 130
    clock, function = VirtualClock(FIRST + 100), Function()
    old = deliver(function, dated(0, 30, 90), clock=clock, maximum_record_age_in_seconds=60, arrival="live")
    assert (len(old.discarded), function.got) == (2, ["c"]), "records too old at the start are never delivered"
    assert "responseContext" not in old.on_failure_documents[0]


def throttles() -> None:
    function = Function(*[FunctionThrottled() for _ in range(5)], RuntimeError())
    report = deliver(function, maximum_retry_attempts=1)
    assert (report.done, report.invocation_count) == (NUMBERS, 2)
    function = Function(*[FunctionThrottled() for _ in range(50)])
    report = deliver(function, maximum_retry_attempts=1, maximum_record_age_in_seconds=60)
    assert (report.discarded, report.invocation_count) == (NUMBERS, 0)


def shards_apart() -> None:
    function = Function(RuntimeError())
    shards = [Shard(SIX["Records"][:3]), Shard(SIX["Records"][3:])]
    EventSourceMapping(function, clock=VirtualClock()).deliver_shards(shards)
    assert sorted(function.got) == ["abc", "abc", "def"]
    assert function.got[1] == "def", "a shard that waits holds up no other"


def one_at_a_time() -> None:
    for factor in (1, 3):
        clock = VirtualClock()

        def slow(event: Any, context: Any, clock: VirtualClock = clock) -> None:
            clock.sleep(10)

        records = make_event([{"id": str(index)} for index in range(30)])
        report = deliver(slow, records, clock=clock, batch_size=1, parallelization_factor=factor)
        spans = [(each.started_at, each.started_at + each.duration_ms / 1000) for each in report.invocations]
        at_once = max(sum(start <= at < end for start, end in spans) for at, _ in spans)
        assert at_once == factor


def order_of_items() -> None:
    records = [make_record(new_image={"id": name, "n": index}) for index, name in enumerate("abcabcabc")]
    seen: dict[str, list[int]] = {}
    failing = iter([True, False, True, False, False, True])

    def function(event: Any, context: Any) -> Any:
        if next(failing, False):
            raise RuntimeError
        for record in event["Records"]:
            image = record["dynamodb"]["NewImage"]
            seen.setdefault(image["id"]["S"], []).append(int(image["n"]["N"]))

    deliver(function, records, batch_size=1, parallelization_factor=10)
    assert seen == {"a": [0, 3, 6], "b": [1, 4, 7], "c": [2, 5, 8]}


def out_of_order_again() -> None:
    function = Function()
    deliver(
        function, batch_size=2, duplicate=lambda invocation: 2 if invocation.sequence_numbers[0] == NUMBERS[0] else 0
    )
    assert function.got == ["ab", "cd", "ab", "ef"]


def latest() -> None:
    function = Function()
    clock = VirtualClock(FIRST + 15)
    report = deliver(function, dated(0, 10, 20), starting_position="LATEST", clock=clock, arrival="live")
    assert (function.got, len(report.missed), report.lost) == (["c"], 2, report.missed)
    function = Function()
    deliver(function, dated(0, 10, 20), clock=VirtualClock(FIRST + 15), arrival="live")
    assert "".join(function.got) == "abc", "TRIM_HORIZON misses none"


def children_wait() -> None:
    function = Function(RuntimeError(), RuntimeError())
    shards = [
        Shard(SIX["Records"][4:], "c", "b"),
        Shard(SIX["Records"][:2], "a"),
        Shard(SIX["Records"][2:4], "b", "a"),
    ]
    EventSourceMapping(function).deliver_shards(shards)
    assert function.got == ["ab", "ab", "ab", "cd", "ef"]


# 3: destinations, windows, filters


def metadata_only() -> None:
    for destination in ("sqs", "sns", "kafka"):
        report = deliver(Poisoned("c", raises=True), maximum_retry_attempts=0, destination=destination)
        (document,) = report.on_failure_documents
        assert set(document) == {
            "requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo",
        }  # fmt: skip
        assert set(document["requestContext"]) == {
            "requestId", "functionArn", "condition", "approximateInvokeCount",
        }  # fmt: skip
        assert document["DDBStreamBatchInfo"] == {
            "shardId": "shardId-00000001767225600000-00000000",
            "startSequenceNumber": number("a"),
            "endSequenceNumber": number("f"),
            "approximateArrivalOfFirstRecord": document["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"],
            "approximateArrivalOfLastRecord": document["DDBStreamBatchInfo"]["approximateArrivalOfLastRecord"],
            "batchSize": 6,
            "streamArn": SIX["Records"][0]["eventSourceARN"],
        }
        time = document["DDBStreamBatchInfo"]["approximateArrivalOfFirstRecord"]
        assert re.fullmatch(r"2026-01-01T\d\d:\d\d:\d\d\.000Z", time)


def payload_of_s3() -> None:
    report = deliver(Poisoned("c"), batch_size=3, maximum_retry_attempts=0)
    (document,), (key,) = report.on_failure_documents, report.on_failure_keys
    assert document["payload"] == {"Records": SIX["Records"][2:3]}
    form = r"aws/lambda/[0-9a-f-]{36}/shardId-[\d-]+/2026/01/01/2026-01-01T\d\d\.\d\d\.\d\d-[0-9a-f-]{36}"
    assert re.fullmatch(form, key)


class Counter:
    """A function with a state, that keeps the events it got."""

    def __init__(self, *failures: bool, padding: int = 0) -> None:
        self.events: list[Any] = []
        self.failures = list(failures)
        self.padding = padding

    def __call__(self, event: Any, context: Any) -> Any:
        self.events.append(event)
        if self.failures and self.failures.pop(0):
            raise RuntimeError
        return {"state": {"count": event["state"].get("count", 0) + len(event["Records"]), "x": "x" * self.padding}}

    def told(self) -> list[tuple[str, int, bool, bool]]:
        return [
            (
                event["window"]["start"][14:19],
                event["state"].get("count", 0),
                event["isFinalInvokeForWindow"],
                event["isWindowTerminatedEarly"],
            )
            for event in self.events
        ]


def window_members() -> None:
    function = Counter()
    records = dated(0, 30, 70)
    deliver(function, records, tumbling_window_in_seconds=60)
    assert {name: value for name, value in function.events[0].items() if name != "Records"} == {
        "window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"},
        "state": {},
        "shardId": "shardId-00000001767225600000-00000000",
        "eventSourceARN": records[0].event_source_arn,
        "isFinalInvokeForWindow": False,
        "isWindowTerminatedEarly": False,
    }


def window_state() -> None:
    function = Counter()
    deliver(function, dated(0, 30, 70), tumbling_window_in_seconds=60)
    assert function.told() == [
        ("00:00", 0, False, False),
        ("00:00", 1, False, False),
        ("00:00", 2, True, False),
        ("01:00", 0, False, False),
        ("01:00", 1, True, False),
    ]


def state_is_needed() -> None:
    for answer in (None, {}, {"batchItemFailures": []}, {"state": None}):
        report = deliver(Function(answer, *[{"state": {}}] * 2), dated(0), tumbling_window_in_seconds=60)
        assert [each.outcome for each in report.invocations] == ["failure", "success", "success"]


def state_is_limited() -> None:
    function = Counter(padding=1_048_576)
    deliver(function, dated(0, 30), tumbling_window_in_seconds=60)
    assert function.told() == [
        ("00:00", 0, False, False),
        ("00:00", 1, True, True),
        ("00:00", 0, False, False),
        ("00:00", 1, True, True),
    ]


def final_invoke_blocks() -> None:
    function = Counter(False, *[True] * 20)
    report = deliver(function, dated(0, 70), tumbling_window_in_seconds=60, maximum_retry_attempts=1)
    assert [final for _, _, final, _ in function.told()] == [False] + [True] * 21 + [False, True]
    assert not report.discarded


def reshard_closes_windows() -> None:
    function = Counter()
    shards = [Shard(dated(0, 10), "a"), Shard(dated(20), "b", "a")]
    EventSourceMapping(function, tumbling_window_in_seconds=60).deliver_shards(shards)
    assert function.told() == [
        ("00:00", 0, False, False),
        ("00:00", 1, False, False),
        ("00:00", 2, True, True),
        ("00:00", 0, False, False),
        ("00:00", 1, True, False),
    ]


def of_keys(*values: Any) -> dict[str, Any]:
    return {"dynamodb": {"Keys": {"id": {"S": list(values)}}}}


def filters_are_or() -> None:
    function = Function()
    report = deliver(function, filter_criteria=[of_keys("a"), of_keys("d", "f")])
    assert (function.got, names(report.filtered)) == (["adf"], "bce")


def filtered_are_passed() -> None:
    function = Function()
    report = deliver(function, filter_criteria=of_keys("x"))
    assert (function.got, names(report.filtered), report.lost) == ([], "abcdef", [])
    assert report.checkpoints[-1].sequence_number == number("f")


def matching(pattern: Any, **options: Any) -> int:
    records = [make_record(new_image={"id": "a", "status": "PAID", "qty": 300}, **options)]
    return len(deliver(Function(), records, filter_criteria=pattern).done)


def to_the_type_key() -> None:
    image: Callable[[Any], Any] = lambda member: {"dynamodb": {"NewImage": member}}  # noqa: E731
    assert matching(image({"status": {"S": ["PAID"]}})) == 1
    assert matching(image({"status": ["PAID"]})) == 0
    assert matching(image({"status": {"S": [{"exists": True}]}})) == 1
    assert matching(image({"status": [{"exists": True}]})) == 0


def numbers_are_text() -> None:
    image: Callable[[Any], Any] = lambda member: {"dynamodb": {"NewImage": member}}  # noqa: E731
    assert matching(image({"qty": {"N": [{"numeric": [">", 5]}]}})) == 0
    assert matching(image({"qty": {"N": ["300"]}})) == 1
    assert matching(image({"qty": {"N": ["300.0"]}})) == 0


def event_name() -> None:
    assert matching({"eventName": ["INSERT"]}) == 1
    assert matching({"eventName": ["REMOVE"]}) == 0


def user_identity() -> None:
    identity: Any = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert matching({"userIdentity": {"type": ["Service"]}}, user_identity=identity) == 1
    assert matching({"userIdentity": {"type": ["Service"]}}) == 0


def ten_filters() -> None:
    assert EventSourceMapping(Function(), filter_criteria=[of_keys("a")] * 10)
    with pytest.raises(ValueError, match="at most 10"):
        EventSourceMapping(Function(), filter_criteria=[of_keys("a")] * 11)
