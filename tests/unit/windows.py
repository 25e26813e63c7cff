"""Events of a tumbling window, and functions that carry a state through it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tailrace import Record, StreamHandler, TumblingWindow
from tailrace.testing import make_event
from tests.unit.stage import ids

Road = Callable[[Any], Any]
SIX = [{"id": name, "n": at} for at, name in enumerate("abcdef", 1)]
TIMES = {"start": "2026-01-01T10:00:00Z", "end": "2026-01-01T10:15:00Z"}
ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/table/stream/2026-01-01T00:00:00.000"


def in_window(event: Any, state: Any = None, *, final: bool = False, early: bool = False) -> dict[str, Any]:
    """An event as AWS documents it."""
    return {
        **event,
        "window": TIMES,
        "state": {} if state is None else state,
        "shardId": "shardId-00000001",
        "eventSourceARN": ARN,
        "isFinalInvokeForWindow": final,
        "isWindowTerminatedEarly": early,
    }


def last(state: Any) -> dict[str, Any]:
    return in_window({"Records": []}, state, final=True)


def counting(**options: Any) -> tuple[StreamHandler, list[dict[str, Any]]]:
    """An app that gathers the names it has seen, and a list of the last states."""
    app, final = StreamHandler(**options), []

    @app.window
    def gather(records: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
        state["seen"] = state.get("seen", "") + ids(records)
        state["sum"] = state.get("sum", 0) + sum(record.new_image["n"] for record in records)
        if window.is_final_invoke_for_window:
            final.append(state)
        return state

    return app, final


def state_in(answer: Any) -> Any:
    """The state of an answer as another function would be given it."""
    app, seen = StreamHandler(), []
    app.window(lambda records, state, window: seen.append(state))
    app(last(answer["state"]))
    return seen[0]


def through_json(answer: Any) -> Any:
    return json.loads(json.dumps(answer))


def keeping(value: Any, **options: Any) -> tuple[StreamHandler, list[Any]]:
    """An app that puts one state in and shows what comes back."""
    app, seen = StreamHandler(**options), []

    @app.window
    def keep(records: list[Record], state: dict[str, Any], window: TumblingWindow) -> Any:
        seen.append(state)
        return value

    return app, seen


def round_trip(road: Road, value: Any, **options: Any) -> Any:
    app, seen = keeping(value, **options)
    answer = through_json(app(road(in_window(make_event(SIX)))))
    assert not answer["batchItemFailures"]
    app(road(last(answer["state"])))
    return seen[1]
