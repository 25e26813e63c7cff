"""numbers=, binary= and sets=: what handlers see, and that sinks and the quarantine always see exact values."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tailrace import Quarantine, Record, StreamHandler
from tailrace.testing import make_event

Road = Callable[[Any], Any]
DONE: dict[str, list[Any]] = {"batchItemFailures": []}
ITEM = {"id": "a", "n": Decimal("1.50"), "b": b"\x01\x02", "s": {Decimal(2)}}
EVENT = make_event([ITEM])
ORDERS: list[dict[str, Any]] = [{}, {"order": "per_item", "workers": 2}]


class Keeper:
    """A sink and a quarantine that keep the images they see."""

    def __init__(self) -> None:
        self.images: list[Any] = []

    def write(self, records: Any, *, deadline: Any) -> list[Any]:
        self.images += [record.new_image for record in records]
        return []

    def close(self) -> None:
        pass

    def add(self, record: Record, *, error: BaseException, route: str) -> None:
        self.images.append(record.new_image)


@pytest.mark.parametrize("order", ORDERS, ids=["sequential", "per_item"])
@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({}, {}),
        ({"numbers": "float"}, {"n": 1.5, "s": {2.0}}),
        ({"numbers": "str"}, {"n": "1.50", "s": {"2"}}),
        ({"numbers": lambda text: f"<{text}>"}, {"n": "<1.50>", "s": {"<2>"}}),
        ({"sets": "list"}, {"s": [Decimal(2)]}),
        ({"binary": "raw"}, {"b": "AQI="}),
    ],
    ids=str,
)
def test_handlers_see_what_they_chose_and_sinks_what_is_exact(
    road: Road, order: dict[str, Any], options: dict[str, Any], changed: dict[str, Any]
) -> None:
    app, seen = StreamHandler(**order, **options), []
    app.on()(lambda record: seen.append(record.new_image))
    sink = app.sink(Keeper())
    assert app(road(EVENT)) == DONE
    assert seen == [{**ITEM, **changed}]
    assert {name: type(value) for name, value in seen[0].items()} == {
        name: type(value) for name, value in {**ITEM, **changed}.items()
    }
    assert sink.images == [ITEM]
    assert isinstance(sink.images[0]["n"], Decimal)


@pytest.mark.parametrize("order", ORDERS, ids=["sequential", "per_item"])
def test_the_quarantine_sees_the_record_as_it_came(road: Road, order: dict[str, Any]) -> None:
    store = Keeper()
    app = StreamHandler(numbers="float", quarantine=store, **order)

    @app.on()
    def handle(record: Record) -> None:
        record.new_image["n"] = "meddled with"
        raise Quarantine("no")

    assert app(road(EVENT)) == DONE
    assert store.images == [ITEM]


def test_a_handler_that_changes_its_view_reaches_no_sink(road: Road) -> None:
    app = StreamHandler(order="per_item", workers=2)
    sink = app.sink(Keeper())
    app.on()(lambda record: record.new_image.clear())
    assert app(road(EVENT)) == DONE
    assert sink.images == [ITEM]


def test_a_buffer_that_is_used_again_reaches_no_sink() -> None:
    """A bytearray may change when the handler returns it to a pool; both views are of what it was."""
    import json

    body = bytearray(json.dumps(EVENT).encode())
    app = StreamHandler(numbers="str")
    sink = app.sink(Keeper())
    app.on()(lambda record: body.__setitem__(slice(None), b" " * len(body)))
    assert app(body) == DONE
    assert sink.images == [ITEM]
