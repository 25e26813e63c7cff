"""The state of a tumbling window: exact, or refused, and never too large."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from tailrace import EventFormatError, HandlerError, StreamHandler
from tailrace.handler.state import MAXIMUM_STATE_BYTES
from tailrace.testing import make_event
from tailrace.testing.strategies import items as any_item
from tests.unit.stage import reported
from tests.unit.windows import (
    SIX,
    Road,
    counting,
    in_window,
    keeping,
    round_trip,
    through_json,
)

EXACT = {
    "digits": Decimal("1.2345678901234567890123456789012345678"),
    "zeros": Decimal("1.500"),
    "tiny": Decimal("1E-130"),
    "large": Decimal("9.9999999999999999999999999999999999999E+125"),
    "bytes": b"\x00\xff",
    "sets": [{"a", "b"}, {Decimal(1), Decimal(2)}, {b"x"}],
    "nested": {"list": [None, True, {"deep": "\u00fc\U0001f600"}]},
    "N": {"N": "5"},
    "": "empty name",
}


def test_every_type_comes_back_exactly(road: Road) -> None:
    back = round_trip(road, EXACT)
    assert back == EXACT
    assert {name: str(back[name]) for name in ("digits", "zeros", "tiny", "large")} == {
        name: str(EXACT[name]) for name in ("digits", "zeros", "tiny", "large")
    }


def test_whole_numbers_come_back_as_the_handler_wants_them(road: Road) -> None:
    assert round_trip(road, {"n": 2**120}) == {"n": Decimal(2**120)}
    back = round_trip(road, {"n": 5, "half": Decimal("0.5")}, numbers="int-decimal")
    assert [type(value) for value in back.values()] == [int, Decimal]


@pytest.mark.parametrize("numbers", ["float", "int-float"])
def test_floats_come_back_where_the_handler_has_floats(road: Road, numbers: Any) -> None:
    values = {"mean": 0.1, "third": 1 / 3, "tiny": 5e-100}
    assert round_trip(road, values, numbers=numbers) == values


@given(any_item())
def test_any_item_may_be_a_state(item: dict[str, Any]) -> None:
    for road in (lambda event: event, lambda event: json.dumps(event).encode()):
        assert round_trip(road, item) == item


@pytest.mark.parametrize("value", [{"n": 0.1}, {"when": datetime.now(timezone.utc)}, {1: 2}, {"n": float("nan")}])
def test_what_cannot_come_back_exactly_is_a_failure(road: Road, value: Any, caplog: pytest.LogCaptureFixture) -> None:
    app, _ = keeping(value)
    event = make_event(SIX)
    assert app(road(in_window(event, {"x": 1}))) == {**reported(event, 0), "state": {"x": 1}}
    assert caplog.records[0].__dict__["error_type"].startswith("Marshall")


@pytest.mark.parametrize("value", [None, 1, "state", [("a", 1)], True])
def test_a_state_that_was_forgotten_is_a_failure(road: Road, value: Any) -> None:
    app, _ = keeping(value, report="raise")
    with pytest.raises(HandlerError) as caught:
        app(road(in_window(make_event(SIX))))
    assert f"returned {type(value).__name__} and not the state, which is a dict" in str(caught.value.__cause__)


def generator(records: Any, state: Any, window: Any) -> Any:
    yield state


def test_a_function_with_yield_is_a_failure(road: Road) -> None:
    app = StreamHandler()
    app.window(generator)
    event = make_event(SIX)
    assert app(road(in_window(event))) == {**reported(event, 0), "state": {}}


def test_a_state_of_1_mb_is_taken_and_a_larger_one_is_not(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    around = len(json.dumps(keeping({"text": ""})[0](in_window(make_event(SIX)))["state"]))
    largest = MAXIMUM_STATE_BYTES - around
    assert len(round_trip(road, {"text": "x" * largest})["text"]) == largest
    assert not caplog.records
    app, _ = keeping({"text": "x" * (largest + 1)})
    event = make_event(SIX)
    assert app(road(in_window(event, {"n": 1}))) == {**reported(event, 0), "state": {"n": 1}}
    error = caplog.records[0].exc_info[1]  # type: ignore[index]
    assert "takes 1,000,001 bytes as JSON, and Lambda takes 1,000,000" in str(error)


def test_a_size_is_counted_in_bytes_not_in_letters() -> None:
    app, _ = keeping({"text": "\u00fc" * 600_000})
    event = make_event(SIX)
    assert app(in_window(event))["batchItemFailures"] == reported(event, 0)["batchItemFailures"]


def test_a_state_of_another_function_is_read_as_it_is(road: Road) -> None:
    """A function that is replaced in the middle of a window must not block its shard."""
    app, seen = keeping({})
    app(road(in_window(make_event(SIX), {"1": 282, "mean": 0.1, "deep": [{"x": 1.50}], "like": {"N": "5"}})))
    (state,) = seen
    assert state == {"1": 282, "mean": Decimal("0.1"), "deep": [{"x": Decimal("1.5")}], "like": {"N": "5"}}
    app, seen = keeping({}, numbers="float")
    app(road(in_window(make_event(SIX), {"mean": 0.1})))
    assert seen == [{"mean": 0.1}]


def test_a_state_that_is_none_raises(road: Road) -> None:
    app, _ = counting()
    with pytest.raises(EventFormatError, match="the state of a window is an object, not list"):
        app(road(in_window(make_event(SIX), [1])))


def test_the_answer_is_json_with_nothing_but_text_for_numbers(road: Road) -> None:
    app, _ = keeping({"n": 1, "deep": [Decimal("2.5")]})
    assert through_json(app(road(in_window(make_event(SIX)))))["state"] == {
        "tailrace.item": {"n": {"N": "1"}, "deep": {"L": [{"N": "2.5"}]}}
    }
