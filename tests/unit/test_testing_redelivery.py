"""Redelivery: what comes again, how often, in which parts, and what is given up.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from tailrace import StreamHandler, TailraceError
from tailrace.testing import EventSourceMapping, StalledError, make_event, make_record
from tests.unit.functions import NAMES, NUMBERS, SIX, Function, Poisoned, ids, names, naming, number

# Retries


@pytest.mark.parametrize("raises", [True, False], ids=["raises", "names the first"])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_n_retries_are_n_and_one_invocations(retries: int, *, raises: bool) -> None:
    function = Poisoned("a", raises=raises)
    report = EventSourceMapping(function, maximum_retry_attempts=retries).deliver(SIX)
    assert function.got == ["abcdef"] * (retries + 1)
    assert (report.retry_count, report.invocation_count) == (retries, retries + 1)
    assert (report.done, report.discarded) == ([], NUMBERS)


def test_the_retries_are_counted_anew_when_the_checkpoint_has_moved() -> None:
    """As recorded on AWS: six items, batches of three, three retries: good items once, the poison five times."""
    documents: list[Any] = []
    function = Poisoned("c")
    mapping = EventSourceMapping(function, batch_size=3, maximum_retry_attempts=3, on_failure=documents.append)
    report = mapping.deliver(SIX)
    assert function.got == ["abc", "c", "c", "c", "c", "def"]
    assert {NAMES[each]: count for each, count in report.deliveries.items()} == {
        "a": 1, "b": 1, "c": 5, "d": 1, "e": 1, "f": 1,
    }  # fmt: skip
    assert documents[0]["requestContext"]["approximateInvokeCount"] == 4
    assert [each.invoke_count for each in report.invocations] == [1, 1, 2, 3, 4, 1]


def test_a_batch_given_up_takes_the_records_behind_the_poison_with_it() -> None:
    function = Poisoned("c")
    report = EventSourceMapping(function, maximum_retry_attempts=1).deliver(SIX)
    assert function.got == ["abcdef", "cdef", "cdef"]
    assert (names(report.done), names(report.discarded)) == ("ab", "cdef")


def test_the_next_batch_waits_for_the_one_before() -> None:
    function = Function(RuntimeError(), RuntimeError())
    EventSourceMapping(function, batch_size=2).deliver(SIX)
    assert function.got == ["ab", "ab", "ab", "cd", "ef"]


def test_records_that_moved_the_checkpoint_are_not_delivered_again() -> None:
    function = Function(naming(number("b")), naming(number("c")), RuntimeError(), naming(number("e")))
    report = EventSourceMapping(function).deliver(SIX)
    assert function.got == ["abcdef", "bcdef", "cdef", "cdef", "ef"]
    assert report.done == NUMBERS


def test_redelivery_is_by_number_where_a_batch_is_out_of_order() -> None:
    numbers = {"a": "9", "b": "5", "c": "7"}
    records = [make_record(new_image={"id": name}, sequence_number=each) for name, each in numbers.items()]
    function = Function(naming("7"))
    report = EventSourceMapping(function).deliver(records)
    assert function.got == ["abc", "ac"]
    assert report.done == ["5", "9", "7"]


def test_unlimited_retries_end_in_an_error_that_says_so() -> None:
    function = Poisoned("c")
    with pytest.raises(StalledError, match="7 invocations in a row moved nothing") as caught:
        EventSourceMapping(function, max_invocations=7).deliver(SIX)
    assert isinstance(caught.value, TailraceError)
    assert caught.value.sequence_number == number("c")
    assert names(caught.value.report.done) == "ab"
    assert function.got == ["abcdef"] + ["cdef"] * 7
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  our own
    assert (str(copy), copy.report) == (str(caught.value), caught.value.report)


def test_a_limit_of_retries_is_reached_before_the_guard() -> None:
    report = EventSourceMapping(Poisoned("a"), maximum_retry_attempts=5, max_invocations=6).deliver(SIX)
    assert report.discarded == NUMBERS


# Bisect


def test_a_batch_whose_function_raises_is_split_in_two() -> None:
    function = Poisoned("e", raises=True)
    mapping = EventSourceMapping(function, bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    report = mapping.deliver(SIX)
    assert function.got == ["abcdef", "abc", "def", "d", "ef", "e", "f"]
    assert (names(report.done), names(report.discarded)) == ("abcdf", "e")
    assert report.bisect_count == 3


def test_splitting_costs_no_retry() -> None:
    function = Poisoned("f", raises=True)
    mapping = EventSourceMapping(function, bisect_batch_on_function_error=True, maximum_retry_attempts=2)
    report = mapping.deliver(SIX)
    assert function.got == ["abcdef", "abc", "def", "d", "ef", "e", "f", "f", "f"]
    assert report.retry_count == 2
    assert report.on_failure_documents[0]["requestContext"]["approximateInvokeCount"] == 3


def test_with_a_partial_answer_the_batch_is_split_at_the_named_record() -> None:
    function = Poisoned("c")
    mapping = EventSourceMapping(function, bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    report = mapping.deliver(SIX)
    assert function.got == ["abcdef", "cdef"]
    assert (names(report.done), names(report.discarded), report.bisect_count) == ("ab", "cdef", 0)


def test_a_handler_that_raises_only_for_its_first_record_loses_none_but_the_poison() -> None:
    """What the two settings together are good for: raise where naming the first record would move nothing."""

    class Function(Poisoned):
        def __call__(self, event: Any, context: Any) -> Any:
            self.raises = ids(event)[0] in self.poison
            return super().__call__(event, context)

    mapping = EventSourceMapping(Function("ce"), bisect_batch_on_function_error=True, maximum_retry_attempts=0)
    report = mapping.deliver(SIX)
    assert (names(report.done), names(report.discarded)) == ("abdf", "ce")


def test_a_single_record_is_not_split() -> None:
    function = Poisoned("a", raises=True)
    mapping = EventSourceMapping(function, bisect_batch_on_function_error=True, maximum_retry_attempts=1)
    report = mapping.deliver(SIX["Records"][:1])
    assert function.got == ["a", "a"]
    assert report.bisect_count == 0


# On failure


@pytest.mark.parametrize("raises", [True, False], ids=["raises", "names it"])
def test_the_destination_gets_the_document_of_aws(*, raises: bool) -> None:
    documents: list[Any] = []
    mapping = EventSourceMapping(
        Poisoned("c", raises=raises), batch_size=3, maximum_retry_attempts=0, on_failure=documents.append
    )
    report = mapping.deliver(SIX)
    assert report.on_failure_documents == documents
    (document,) = documents
    first, last = (number("a"), number("c")) if raises else (number("c"), number("c"))
    info = document["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"]) == (first, last)
    assert info["batchSize"] == len(document["payload"]["Records"]) == (3 if raises else 1)
    assert info["streamArn"] == SIX["Records"][0]["eventSourceARN"]
    assert document["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert document["responseContext"]["functionError"] == ("Unhandled" if raises else None)
    assert document["version"] == "1.0"


def test_the_document_is_an_event_for_a_replay() -> None:
    documents: list[Any] = []
    EventSourceMapping(Poisoned("f"), maximum_retry_attempts=0, on_failure=documents.append).deliver(SIX)
    seen: list[str] = []
    app = StreamHandler()
    app.on()(lambda record: seen.append(record.keys["id"]))
    assert app(json.dumps(documents[0]).encode()) == {"batchItemFailures": []}
    assert seen == ["f"]


def test_through_kinesis_the_document_says_so() -> None:
    event = make_event([{"id": "a"}], shape="kinesis")
    mapping = EventSourceMapping(Function(RuntimeError()), maximum_retry_attempts=0)
    (document,) = mapping.deliver(event).on_failure_documents
    number = event["Records"][0]["kinesis"]["sequenceNumber"]
    assert document["KinesisBatchInfo"]["startSequenceNumber"] == number
