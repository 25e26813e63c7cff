"""Raw events in Lambda's own runtime: the real awslambdaric, old and new, in a process that talks to a Runtime API."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from benches import corpus, runtime
from tailrace.testing import make_event
from tests.e2e.servers import awslambdaric, runtime_api
from tests.e2e.servers.runtime_api import Function, FunctionEnded

pytestmark = pytest.mark.slow

FUNCTIONS = "tests/e2e/lambda_functions"
JSON = "application/json"
MB = 1_000_000
FULL_BATCH_COUNT = 4_700
FULL_BATCH_BYTES = 5_500_000

Start = Callable[..., AbstractContextManager[Function]]


@pytest.fixture(params=awslambdaric.for_this_python())
def every_client(request: pytest.FixtureRequest, repository: Path) -> Path:
    return awslambdaric.installed(request.param, repository / ".cache")


@pytest.fixture
def start(repository: Path) -> Start:
    """Starts a function of lambda_functions.py in the newest runtime."""

    def start(name: str, **environment: str) -> AbstractContextManager[Function]:
        client = awslambdaric.installed(awslambdaric.NEWEST, repository / ".cache")
        return runtime_api.running(f"{FUNCTIONS}.{name}", client, **environment)

    return start


def event(*todo: str, **more: Any) -> dict[str, Any]:
    """A batch in which each record says what its handler does."""
    return {**make_event([{"id": f"{number}", "do": what} for number, what in enumerate(todo)]), **more}


def body(event: object) -> bytes:
    return json.dumps(event).encode()


def failures(*positions: int, of: dict[str, Any]) -> dict[str, Any]:
    numbers = [of["Records"][position]["dynamodb"]["SequenceNumber"] for position in positions]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}


def full_batch() -> bytes:
    full = corpus.dumps(corpus.event("a_flat", FULL_BATCH_COUNT))
    assert FULL_BATCH_BYTES < len(full) < 6 * MB
    return full


def test_every_runtime_gives_raw_events_and_takes_the_answer(every_client: Path) -> None:
    partial = event("pass", "fail", "pass")
    with runtime_api.running(f"{FUNCTIONS}.app", every_client) as function:
        for sent, expected in [
            (body(event("pass", "pass")), {"batchItemFailures": []}),
            (body(partial), failures(1, of=partial)),
            (full_batch(), {"batchItemFailures": []}),
        ]:
            answer = function.invoke(sent)
            assert (answer.kind, answer.content_type) == ("response", JSON)
            assert json.loads(answer.body) == expected
        assert "became a dict" not in function.log()


def test_every_runtime_raw_the_event_is_what_it_would_have_been(every_client: Path) -> None:
    sent = event("pass", "pass", window={"start": "2026-01-01T00:00:00Z"}, state={"n": 1.5})
    with runtime_api.running(f"{FUNCTIONS}.told", every_client) as function:
        told = json.loads(function.invoke(body(sent)).body)
    assert told == {"enabled": True, "type": "RawEvent", "event": sent, "exact": False}


OTHERS: dict[str, Any] = {
    "api": {"httpMethod": "GET", "path": "/", "headers": {"a": "b"}},
    "sqs": {"Records": [{"messageId": "1", "body": "x", "eventSource": "aws:sqs"}]},
    "s3": {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "k"}}}]},
    "pipes": make_event([{"id": "a"}], shape="pipes"),
    "failure": make_event([{"id": "a"}], shape="s3"),
    "empty": {"Records": []},
    "schedule": {"source": "aws.events", "detail": {}},
    "text": "text",
    "null": None,
    "number": 1.5,
}


def test_every_other_event_is_what_it_was_and_so_is_the_answer(start: Start) -> None:
    with start("echo") as raw, start("echo", FUNCTION_EVENTS="dict") as plain, start("told") as told:
        for sent in map(body, OTHERS.values()):
            ours, theirs = raw.invoke(sent), plain.invoke(sent)
            assert (ours.kind, ours.body, ours.content_type) == (theirs.kind, theirs.body, theirs.content_type)
            assert json.loads(told.invoke(sent).body)["type"] != "RawEvent"


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"\xff", body(event("pass", "pass"))[:-1], body(event("pass"))[:200], body(event("pass")) + b"x"],
)
def test_a_broken_body_is_the_runtimes_own_error(start: Start, broken: bytes) -> None:
    with start("app") as raw, start("app", FUNCTION_EVENTS="dict") as plain:
        ours, theirs = (json.loads(function.invoke(broken).body) for function in (raw, plain))
        assert ours["errorType"] == "Runtime.UnmarshalError"
        del ours["requestId"], theirs["requestId"]
        assert ours == theirs
        assert raw.invoke(body(event("pass"))).kind == "response"


def test_another_content_type_is_the_runtimes_own_business(start: Start) -> None:
    with start("is_raw") as raw:
        assert raw.invoke(body(event("pass")), content_type="application/octet-stream").body == b"false"
        assert raw.invoke(body(event("pass"))).body == b"true"


def test_a_handler_that_raises_is_reported_as_ever(start: Start) -> None:
    no_batch = body({"Records": [{"s3": {}}]})
    with start("app") as raw, start("app", FUNCTION_EVENTS="dict") as plain:
        ours, theirs = (json.loads(function.invoke(no_batch).body) for function in (raw, plain))
    assert ours["errorType"] == theirs["errorType"] == "EventFormatError"
    assert ours["stackTrace"] == theirs["stackTrace"]
    assert not [frame for frame in ours["stackTrace"] if "aws_lambda" in frame]


def test_a_crash_ends_the_function_and_the_next_one_gets_the_batch(start: Start) -> None:
    with start("app") as function, pytest.raises(FunctionEnded, match="with 23"):
        function.invoke(body(event("pass", "crash")))
    with start("app") as function:
        assert function.invoke(body(event("pass", "pass"))).kind == "response"


def test_a_timeout_kills_it_without_an_answer(start: Start) -> None:
    with start("app") as function, pytest.raises(TimeoutError):
        function.invoke(body(event("pass", "sleep")), timeout_seconds=2)


def test_wrappers_find_what_they_look_for(start: Start) -> None:
    sent = event("pass", "pass", "fail")
    for record in sent["Records"]:
        record["eventSource"] = "aws:dynamodb"
    with start("wrapped") as raw, start("wrapped", FUNCTION_EVENTS="dict") as plain:
        for function in (raw, plain):
            assert json.loads(function.invoke(body(sent)).body) == failures(2, of=sent)


def test_what_a_wrapper_leaves_is_what_is_handled(start: Start) -> None:
    sent = event("fail", "fail")
    del sent["Records"][1]["dynamodb"]["NewImage"]["do"]
    with start("changing") as function:
        assert json.loads(function.invoke(body(sent)).body) == {"batchItemFailures": []}


def test_a_wrapper_that_changes_a_record_is_told(start: Start) -> None:
    with start("spoiling") as function:
        answer = json.loads(function.invoke(body(event("fail"))).body)
    assert answer["errorType"] == "TypeError"
    assert "event.to_dict()" in answer["errorMessage"]


def test_what_the_function_returns_is_what_lambda_gets(start: Start) -> None:
    sent = body(event("pass", "pass"))
    for name in ("numbers", "unserialisable", "echo"):
        with start(name) as raw, start(name, FUNCTION_EVENTS="dict") as plain:
            ours, theirs = raw.invoke(sent), plain.invoke(sent)
            assert (ours.kind, ours.content_type) == (theirs.kind, theirs.content_type)
            if ours.kind == "response":
                assert ours.body == theirs.body
            else:
                assert json.loads(ours.body)["errorMessage"] == json.loads(theirs.body)["errorMessage"]


@pytest.mark.parametrize(("answer", "content_type"), [('{"a": 1}', JSON), ("no json", "application/unknown")])
def test_json_as_bytes_is_labelled_json(start: Start, answer: str, content_type: str) -> None:
    with start("as_bytes", FUNCTION_ANSWER=answer) as function:
        posted = function.invoke(body(event("pass")))
        assert (posted.body, posted.content_type) == (answer.encode(), content_type)


@pytest.mark.parametrize(("word", "is_raw"), [("1", b"false"), ("0", b"true")])
def test_the_environment_turns_it_off(start: Start, word: str, is_raw: bytes) -> None:
    with start("is_raw", TAILRACE_DISABLE=word) as function:
        assert function.invoke(body(event("pass"))).body == is_raw
    with start("app", TAILRACE_DISABLE=word) as function:
        sent = event("pass", "fail")
        assert json.loads(function.invoke(body(sent)).body) == failures(1, of=sent)


@pytest.mark.parametrize("polling", ["AWS_Lambda_python3.11", "AWS_Lambda_python3.13"])
def test_several_processes_and_a_thread_that_polls(start: Start, polling: str) -> None:
    """Managed instances: the runtime forks, each process imports the module and handles events beside the others."""
    many = [event("pass", "fail", number=number) for number in range(60)]
    with start("app", AWS_LAMBDA_MAX_CONCURRENCY="3", AWS_EXECUTION_ENV=polling) as function:
        answers = function.invoke_all([body(one) for one in many])
    assert [json.loads(answer.body) for answer in answers] == [failures(1, of=one) for one in many]


def test_a_module_that_cannot_start_is_reported_as_ever(start: Start) -> None:
    with start("nothing_so_called") as function:
        answer = function.init_error()
    assert (answer.kind, json.loads(answer.body)["errorType"]) == ("init", "Runtime.HandlerNotFound")


@pytest.mark.parametrize("handler", runtime.HANDLERS)
def test_what_the_benchmark_measures_runs(handler: str) -> None:
    turns, megabytes = runtime.measured(handler, corpus.dumps(corpus.event("a_flat", 3)), seconds=0)
    assert list(turns) == list(megabytes) == ["json", "orjson", "raw"]
    assert {len(of_way) for of_way in turns.values()} == {runtime.FEWEST_TURNS_COUNT}
    assert all(turn.processor_s > 0 and turn.wall_s > 0 for of_way in turns.values() for turn in of_way)


@pytest.mark.parametrize("size", ["full", "small"])
def test_invocations_leave_nothing_behind(start: Start, size: str) -> None:
    """The small batches are looked at as wrappers do, and every hundredth event is no batch at all."""
    small = event("pass", "fail", *["pass"] * 48)
    for record in small["Records"]:
        record["eventSource"] = "aws:dynamodb"
    # Whether malloc keeps the buffers of the last full batch or not makes 15 MB; 120 of them are 700 MB.
    name, sent, warm_up_count, count, most_bytes = {
        "full": ("app", full_batch(), 60, 120, 20 * MB),
        "small": ("wrapped", body(small), 100, 1_000, 2 * MB),
    }[size]
    with start(name) as function:
        for number in range(warm_up_count + count):
            if number == warm_up_count:
                before = function.resident_bytes()
            if number % 100 == 99:
                function.invoke(body(OTHERS["schedule"]))
            assert function.invoke(sent).kind == "response"
        assert function.resident_bytes() - before < most_bytes
