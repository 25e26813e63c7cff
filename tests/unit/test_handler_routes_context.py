"""Handlers of the record, or of the record and Lambda's context: decided by the signature when they are registered."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest

from tailrace import Record, StreamHandler
from tailrace.handler.signature import takes_context
from tailrace.testing import make_event

Road = Callable[[Any], Any]
DONE: dict[str, Any] = {"batchItemFailures": []}
ITEM = {"id": "a"}


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


class Handler:
    def alone(self, record): ...

    def both(self, record, context): ...

    @classmethod
    def of_class(cls, record, context): ...

    @staticmethod
    def static(record, context): ...

    def __call__(self, record, context): ...


def passing_on(function: Any) -> Any:
    """A decorator that passes on whatever it is given."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def injecting(function: Any) -> Any:
    """A decorator that gives the function something more than the handler knows of."""

    @functools.wraps(function)
    def wrapper(record: Any) -> Any:
        return function(record, "a client")

    return wrapper


def signed(function: Any) -> Any:
    function.__signature__ = inspect.signature(lambda record, context: None)
    return function


def alone(record): ...


def both(record, context): ...


async def awaited(record, context): ...


ALONE = [
    alone,
    lambda record, retries=3: None,
    lambda record=None: None,
    lambda *args: None,
    lambda record, *more: None,
    lambda record, **options: None,
    lambda record, *, context=None: None,
    lambda record, /: None,
    lambda anything, client=None, context=None: None,
    print,
    [].append,
    dict,
    Mock(),
    AsyncMock(),
    Handler().alone,
    functools.partial(both, context=1),
    functools.partial(lambda client, record: None, "a client"),
    functools.lru_cache(alone),
    passing_on(alone),
    passing_on(passing_on(alone)),
    injecting(both),
    passing_on(injecting(both)),
]
BOTH = [
    both,
    awaited,
    lambda record, anything: None,
    lambda record, context=None: None,
    lambda record, lambda_context=None: None,
    lambda record, context, client=None: None,
    lambda record, context, /, *more: None,
    Handler().both,
    Handler.of_class,
    Handler().static,
    Handler.static,
    Handler(),
    functools.partial(lambda client, record, context: None, "a client"),
    functools.partial(both),
    passing_on(both),
    signed(lambda *args: None),
    type("Made", (), {"__init__": lambda self, record, context: None}),
]
REFUSED = [
    lambda: None,
    lambda record, context, client: None,
    lambda *, record: None,
    lambda record, *, client: None,
    Handler.__call__,
    functools.partial(alone, 1),
    functools.partial(alone, record=1),
    type("Made", (), {"__init__": lambda self: None}),
    passing_on(lambda: None),
]


@pytest.mark.parametrize("function", ALONE, ids=repr)
def test_these_get_the_record_alone(function: Any) -> None:
    assert not takes_context(function, "record")


@pytest.mark.parametrize("function", BOTH, ids=repr)
def test_these_get_the_context_as_well(function: Any) -> None:
    assert takes_context(function, "record")


@pytest.mark.parametrize("function", REFUSED, ids=repr)
def test_a_signature_that_cannot_be_called_is_refused_at_once(function: Any) -> None:
    app = StreamHandler()
    for register in (app.insert, app.modify, app.remove, app.on, app.insert(), app.on("INSERT"), app.batch):
        with pytest.raises(TypeError, match=r"\(record(s?)\), or with \(record\1, context\)"):
            register(function)
    app(make_event([ITEM]))


def test_a_refusal_says_what_the_function_takes() -> None:
    with pytest.raises(TypeError, match=r"short\(record, context, client, \*, key\) cannot be a handler here"):

        @StreamHandler().insert
        def short(record, context, client, *, key): ...


@pytest.mark.parametrize("function", [lambda records, state: None, lambda a, b, c, d, e: None])
def test_the_function_of_a_window_takes_three_or_four(function: Any) -> None:
    with pytest.raises(TypeError, match=r"\(records, state, window\), or with \(records, state, window, context\)"):
        StreamHandler().window(function)


def plain() -> list[Any]:
    return [each for each in [*ALONE, *BOTH, *REFUSED] if inspect.isfunction(each) and not hasattr(each, "__wrapped__")]


@pytest.mark.parametrize("function", plain(), ids=repr)
def test_what_is_read_from_the_code_is_what_inspect_reads(function: Any) -> None:
    """A plain function is read without ``inspect``, whose import a cold start would feel."""
    hidden = functools.partial(function)  # goes through inspect

    def outcome(each: Any) -> Any:
        try:
            return takes_context(each, "record")
        except TypeError:
            return TypeError

    assert outcome(function) == outcome(hidden)


@pytest.mark.parametrize("order", ["sequential", "per_item"])
def test_the_context_of_the_invocation_arrives(road: Road, order: Any) -> None:
    app, seen = StreamHandler(order=order), []
    app.insert(lambda record, context: seen.append(context))
    app.insert(lambda record: seen.append(record.event_name))

    @app.insert
    async def later(record: Record, context: Any) -> None:
        seen.append(context)

    context = Context()
    assert app(road(make_event([ITEM])), context) == DONE
    assert app(road(make_event([ITEM]))) == DONE
    assert seen == [context, "INSERT", context, None, "INSERT", None]


def test_the_context_arrives_on_the_loop_without_threads(road: Road) -> None:
    app, seen = StreamHandler(order="per_item", workers=2), []

    @app.on(changed="id")
    async def handle(record: Record, context: Any) -> None:
        seen.append(context)

    context = Context()
    assert app(road(make_event([ITEM, {"id": "b"}])), context) == DONE
    assert seen == [context, context]


@pytest.mark.parametrize(
    "options", [{"changed": "id"}, {"table": "table"}, {"model": dict}, {"where": {"eventName": ["INSERT"]}}]
)
def test_the_context_arrives_behind_conditions(options: Any) -> None:
    app, seen = StreamHandler(), []
    app.on("INSERT", **options)(lambda record, context: seen.append(context))
    context = Context()
    app(make_event([ITEM]), context)
    assert seen == [context]


def test_another_attempt_gets_the_context_too() -> None:
    app, seen = StreamHandler(attempts=2, backoff_ms=0), []

    @app.insert
    def handle(record: Record, context: Any) -> None:
        seen.append(context)
        if len(seen) == 1:
            raise RuntimeError

    context = Context()
    assert app(make_event([ITEM]), context) == DONE
    assert seen == [context, context]


class Service:
    def handle(self, record: Record) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    "function",
    [Service.handle, lambda self, record: None, lambda context, record: None, lambda cls, change: None],
    ids=["of the class", "self", "swapped", "cls"],
)
def test_what_would_get_its_arguments_in_the_wrong_places_is_refused(function: Any) -> None:
    with pytest.raises(TypeError, match="would be called with \\(record, context\\)"):
        StreamHandler().on()(function)
