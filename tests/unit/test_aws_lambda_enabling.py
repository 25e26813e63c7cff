"""enable_raw_events() on runtimes of every kind: what it replaces, what it leaves alone, what happens when it fails.

The runtimes are small ones of our own, so that they can be odd; tests/e2e/test_runtime.py runs the real ones.
"""

from __future__ import annotations

import copy
import json
import logging
import pickle
import subprocess
import sys
import threading
import types
from collections.abc import Callable
from typing import Any

import pytest

import tailrace
from tailrace import aws_lambda
from tailrace.aws_lambda import RawEvent, disable_raw_events, enable_raw_events, enabling
from tailrace.aws_lambda.marshaller import RawMarshaller
from tailrace.testing import make_event

EVENT = make_event([{"id": "a"}, {"id": "b"}])
BODY = json.dumps(EVENT).encode()


class Stock:
    """The runtime's own marshaller, in short."""

    word = "stock"

    def unmarshal_request(self, request: Any, content_type: str = "application/json") -> Any:
        return json.loads(request) if content_type == "application/json" else request

    def marshal_response(self, response: Any) -> tuple[Any, str]:
        if isinstance(response, bytes):
            return response, "application/unknown"
        return json.dumps(response), "application/json"


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """As in awslambdaric 4: a base class has the marshaller, and two have it from there."""
    monkeypatch.delenv("TAILRACE_DISABLE", raising=False)
    monkeypatch.setattr(enabling, "_before", {})
    package, module = types.ModuleType("awslambdaric"), types.ModuleType("awslambdaric.lambda_runtime_client")
    base = type("BaseLambdaRuntimeClient", (), {"marshaller": Stock()})
    for cls in (
        base,
        type("LambdaRuntimeClient", (base,), {}),
        type("LambdaMultiConcurrentRuntimeClient", (base,), {}),
    ):
        setattr(module, cls.__name__, cls)
    monkeypatch.setitem(sys.modules, "awslambdaric", package)
    monkeypatch.setitem(sys.modules, "awslambdaric.lambda_runtime_client", module)
    return module


@pytest.fixture
def marshaller() -> RawMarshaller:
    return RawMarshaller(Stock())


def test_on_and_off_and_twice(runtime: Any) -> None:
    stock = runtime.BaseLambdaRuntimeClient.marshaller
    assert enable_raw_events() is True
    ours = runtime.LambdaRuntimeClient.marshaller
    assert isinstance(ours, RawMarshaller)
    assert ours.stock is stock
    assert enable_raw_events() is True
    assert runtime.LambdaRuntimeClient().marshaller is ours
    assert runtime.LambdaMultiConcurrentRuntimeClient().marshaller is ours
    assert disable_raw_events() is True
    assert disable_raw_events() is True
    assert runtime.BaseLambdaRuntimeClient.marshaller is stock
    assert "marshaller" not in vars(runtime.LambdaRuntimeClient)
    assert enable_raw_events() is True
    assert isinstance(runtime.LambdaRuntimeClient().marshaller, RawMarshaller)


def test_older_runtimes_have_one_class(runtime: Any) -> None:
    runtime.LambdaRuntimeClient = type("LambdaRuntimeClient", (), {"marshaller": Stock()})
    del runtime.BaseLambdaRuntimeClient, runtime.LambdaMultiConcurrentRuntimeClient
    assert enable_raw_events()
    assert isinstance(runtime.LambdaRuntimeClient.marshaller, RawMarshaller)
    assert disable_raw_events()
    assert isinstance(runtime.LambdaRuntimeClient.marshaller, Stock)


def test_a_marshaller_of_the_functions_is_kept_behind_ours(runtime: Any) -> None:
    """Put on the class that AWS documents, below the one that has it."""
    runtime.LambdaRuntimeClient.marshaller = theirs = Stock()
    assert enable_raw_events()
    assert runtime.LambdaRuntimeClient().marshaller.stock is theirs
    assert isinstance(runtime.LambdaRuntimeClient().marshaller.unmarshal_request(BODY), RawEvent)
    assert disable_raw_events()
    assert runtime.LambdaRuntimeClient.marshaller is theirs


def test_a_marshaller_put_over_ours_is_left_alone(runtime: Any) -> None:
    assert enable_raw_events()
    runtime.BaseLambdaRuntimeClient.marshaller = theirs = Stock()
    assert disable_raw_events() is False
    assert runtime.BaseLambdaRuntimeClient.marshaller is theirs


@pytest.mark.parametrize("word", ["1", "true", " Yes "])
def test_the_environment_turns_it_off(
    runtime: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, word: str
) -> None:
    monkeypatch.setenv("TAILRACE_DISABLE", word)
    caplog.set_level(logging.INFO)
    assert enable_raw_events() is False
    assert isinstance(runtime.BaseLambdaRuntimeClient.marshaller, Stock)
    assert caplog.messages == ["raw events are off: TAILRACE_DISABLE is set"]


@pytest.mark.parametrize("word", ["", "0", "false", "No", "off"])
def test_words_that_do_not_turn_it_off(runtime: Any, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("TAILRACE_DISABLE", word)
    assert enable_raw_events() is True


@pytest.mark.parametrize(("address", "level"), [("127.0.0.1:9001", logging.WARNING), (None, logging.INFO)])
def test_without_a_runtime_it_does_nothing_and_says_so(
    runtime: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    address: str | None,
    level: int,
) -> None:
    """A warning only in Lambda: on a developer's machine that is how it should be."""
    monkeypatch.delenv("AWS_LAMBDA_RUNTIME_API", raising=False)
    if address:
        monkeypatch.setenv("AWS_LAMBDA_RUNTIME_API", address)
    monkeypatch.setitem(sys.modules, "awslambdaric.lambda_runtime_client", None)
    caplog.set_level(logging.INFO)
    assert enable_raw_events() is False
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (level, "raw events are off: there is no awslambdaric here")
    ]
    assert disable_raw_events() is True


def test_a_runtime_without_a_marshaller_is_left_alone(runtime: Any, caplog: pytest.LogCaptureFixture) -> None:
    del runtime.BaseLambdaRuntimeClient.marshaller
    assert enable_raw_events() is False
    assert caplog.messages == ["raw events are off: this awslambdaric has no marshaller"]


def test_a_runtime_that_refuses_does_not_keep_the_function_from_starting(
    runtime: Any, caplog: pytest.LogCaptureFixture
) -> None:
    class Refusing(type):
        def __setattr__(cls, name: str, value: object) -> None:
            raise RuntimeError("no")

    runtime.BaseLambdaRuntimeClient = Refusing("BaseLambdaRuntimeClient", (), {"marshaller": Stock()})
    assert enable_raw_events() is False
    assert caplog.messages == ["raw events are off: this awslambdaric is not one that tailrace knows"]
    assert disable_raw_events() is True


def test_an_event_that_is_a_batch_is_raw_and_no_other(marshaller: RawMarshaller) -> None:
    for request in (BODY, bytearray(BODY), memoryview(BODY)):
        event = marshaller.unmarshal_request(request)
        assert type(event) is RawEvent
        assert event == EVENT
    for other in (b"{}", b"[]", b'"x"', b'{"Records": []}', b'{"Records": [{"s3": {}}]}', BODY.decode()):
        event = marshaller.unmarshal_request(other)
        assert type(event) is not RawEvent
        assert event == json.loads(other)
    assert marshaller.unmarshal_request(BODY, "application/octet-stream") is BODY
    assert type(marshaller.unmarshal_request(BODY, content_type="application/json")) is RawEvent


@pytest.mark.parametrize("broken", [b"", b"{", BODY[:-1], BODY[: len(BODY) // 2], b"\xff"])
def test_a_broken_body_is_the_other_marshallers_error(marshaller: RawMarshaller, broken: bytes) -> None:
    with pytest.raises(ValueError) as theirs:  # noqa: PT011 - whatever it is, ours is the same
        Stock().unmarshal_request(broken)
    with pytest.raises(theirs.type) as ours:
        marshaller.unmarshal_request(broken)
    assert str(ours.value) == str(theirs.value)


def test_whatever_goes_wrong_gives_the_dict_and_is_said_once(
    marshaller: RawMarshaller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr("tailrace.aws_lambda.raw_event.record_ranges", broken)
    for _ in range(3):
        event = marshaller.unmarshal_request(BODY)
        assert type(event) is dict
        assert event == EVENT
    (record,) = caplog.records
    assert (record.name, record.levelno) == ("tailrace", logging.WARNING)
    assert "became a dict" in record.message
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], RuntimeError)


def test_a_later_runtime_may_hand_over_more() -> None:
    class Later(Stock):
        def unmarshal_request(
            self, request: Any, content_type: str = "application/json", *more: Any, **named: Any
        ) -> Any:
            return more, named, super().unmarshal_request(request, content_type)

        def marshal_response(self, response: Any, *more: Any, **named: Any) -> Any:
            return more, named, super().marshal_response(response)

    marshaller = RawMarshaller(Later())
    assert marshaller.unmarshal_request(b"5", "application/json", 1, tenant=2) == ((1,), {"tenant": 2}, 5)
    assert marshaller.marshal_response(5, 1, tenant=2) == ((1,), {"tenant": 2}, ("5", "application/json"))


ANSWERS: list[Any] = [{"a": 1}, [], None, "text", 5, b"bytes", b'{"a": 1}']


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_answer_is_what_it_was(marshaller: RawMarshaller, answer: Any) -> None:
    marshaller.unmarshal_request(b"{}")
    assert marshaller.marshal_response(answer) == Stock().marshal_response(answer)


@pytest.mark.parametrize(
    ("answer", "label"),
    [(b'{"a": 1}', "json"), (b" null ", "json"), (b"no", "unknown"), (b"", "unknown"), (b"\xff", "unknown")],
)
def test_json_as_bytes_is_labelled_json_when_it_answers_a_raw_event(
    marshaller: RawMarshaller, answer: bytes, label: str
) -> None:
    assert marshaller.marshal_response(answer) == (answer, "application/unknown")
    marshaller.unmarshal_request(BODY)
    assert marshaller.marshal_response(answer) == (answer, f"application/{label}")
    marshaller.unmarshal_request(b"{}")
    assert marshaller.marshal_response(answer) == (answer, "application/unknown")


def test_what_a_thread_answers_is_its_own_business(marshaller: RawMarshaller) -> None:
    marshaller.unmarshal_request(BODY)
    answers: list[Any] = []
    thread = threading.Thread(target=lambda: answers.append(marshaller.marshal_response(b"{}")))
    thread.start()
    thread.join()
    assert answers == [(b"{}", "application/unknown")]
    assert marshaller.marshal_response(b"{}") == (b"{}", "application/json")


HOLDING: dict[str, Callable[[Any], Any]] = {
    "the event": lambda event: event,
    "a member": lambda event: {"event": event, "more": [1]},
    "records": lambda event: [1, (event["Records"],)],
    "one record": lambda event: event["Records"][0],
}


@pytest.mark.parametrize("what", HOLDING)
def test_an_event_in_the_answer_is_written_out(marshaller: RawMarshaller, what: str) -> None:
    hold = HOLDING[what]
    event = marshaller.unmarshal_request(BODY)
    assert marshaller.marshal_response(hold(event)) == Stock().marshal_response(hold(EVENT))


def test_what_cannot_be_written_is_the_other_marshallers_error(marshaller: RawMarshaller) -> None:
    event = marshaller.unmarshal_request(BODY)
    for answer in (object(), {"a": object()}, {"event": event, "a": object()}):
        with pytest.raises(TypeError, match="object is not JSON serializable"):
            marshaller.marshal_response(answer)


def test_what_else_a_marshaller_has_is_there(marshaller: RawMarshaller) -> None:
    assert marshaller.word == "stock"
    with pytest.raises(AttributeError, match="nothing"):
        _ = marshaller.nothing
    with pytest.raises(AttributeError):
        _ = copy.copy(RawMarshaller.__new__(RawMarshaller)).stock
    with pytest.raises(TypeError):
        pickle.dumps(marshaller)


def test_import_of_tailrace_does_not_bring_it() -> None:
    code = """
import sys, tailrace
assert not [name for name in sys.modules if name.startswith("tailrace.aws_lambda")]
from tailrace import aws_lambda
assert not {"logging", "awslambdaric", "asyncio", "boto3"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert tailrace.__all__
    assert aws_lambda.__all__ == ["RawEvent", "RawRecords", "disable_raw_events", "enable_raw_events"]
