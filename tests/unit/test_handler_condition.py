"""Routes with ``changed=``: which records they see, and that no record is skipped of which nobody knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from tailrace import EventFormatError, HandlerError, MarshallError, Record, StreamHandler
from tailrace.sinks import MemorySink
from tailrace.testing import make_event, make_record

Road = Callable[[Any], Any]
NOTHING = {"batchItemFailures": []}


def modified(old: Any, new: Any) -> Record:
    return make_record(old_image={"id": "a", **old}, new_image={"id": "a", **new})


def seen_by(road: Road, record: Record, **options: Any) -> bool:
    """Whether a route of MODIFY with these options gets the record; the same through each way to register it."""
    app, seen = StreamHandler(), []
    app.modify(**options)(lambda record: seen.append("modify"))
    app.modify(lambda record: seen.append("direct"), **options)
    app.on("MODIFY", **options)(lambda record: seen.append("on"))
    app.on(lambda record: seen.append("every"), **options)
    assert app(road(make_event([record]))) == NOTHING
    assert seen in ([], ["modify", "direct", "on", "every"])
    return bool(seen)


@pytest.mark.parametrize(
    ("old", "new", "options", "holds"),
    [
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": "s"}, True),
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": ("s",)}, True),
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": "id"}, False),
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": "nothing"}, False),
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": "s", "new": "PAID"}, True),
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": "s", "new": "NEW"}, False),
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": "s", "old": "NEW", "new": "PAID"}, True),
        ({"s": "NEW"}, {"s": "PAID"}, {"changed": "s", "old": "LATE", "new": "PAID"}, False),
        ({"s": "PAID"}, {"s": "PAID"}, {"changed": "s", "new": "PAID"}, False),  # every later write, too: see filters
        ({}, {"s": "PAID"}, {"changed": "s", "new": "PAID"}, True),
        ({}, {"s": "PAID"}, {"changed": "s", "old": ..., "new": "PAID"}, True),
        ({}, {"s": "PAID"}, {"changed": "s", "old": None}, False),
        ({"s": None}, {"s": "PAID"}, {"changed": "s", "old": None}, True),
        ({"s": "NEW"}, {}, {"changed": "s", "new": None}, False),
        ({"s": "NEW"}, {}, {"changed": "s"}, True),
        ({"n": Decimal("1.0")}, {"n": 1}, {"changed": "n"}, False),
        ({"n": 1}, {"n": Decimal("2.00")}, {"changed": "n", "old": Decimal("1.0"), "new": 2}, True),
        ({"n": 1}, {"n": Decimal(10**37 + 1)}, {"changed": "n", "new": 10**37}, False),
        ({"n": 1}, {"n": True}, {"changed": "n", "new": 1}, False),
        ({"t": {"x", "y"}}, {"t": {"y", "x"}}, {"changed": "t"}, False),
        ({"t": {"x"}}, {"t": {"y", "x"}}, {"changed": "t", "new": {"x", "y"}}, True),
        ({"b": b"a"}, {"b": b"b"}, {"changed": "b", "old": bytearray(b"a")}, True),
        ({"at": {"city": "Bern", "zip": 1}}, {"at": {"city": "Bern", "zip": 2}}, {"changed": ("at", "city")}, False),
        ({"at": {"city": "Bern"}}, {"at": {"city": "Basel"}}, {"changed": ("at", "city"), "new": "Basel"}, True),
        ({}, {"at": {"city": "Basel"}}, {"changed": ("at", "city")}, True),
        ({"at": "city"}, {"at": {"city": "Basel"}}, {"changed": ("at", "city"), "new": "Basel"}, True),
        ({"l": [1, 2]}, {"l": [1, 3]}, {"changed": ("l", 1), "old": 2, "new": 3}, True),
        ({"l": [1, 2]}, {"l": [1, 3]}, {"changed": ("l", 0)}, False),
        ({"at": {"x": [1]}}, {"at": {"x": [2]}}, {"changed": "at", "new": {"x": [2]}}, True),
    ],
)
def test_a_route_sees_what_changed_so(road: Road, old: Any, new: Any, options: Any, holds: bool) -> None:
    assert seen_by(road, modified(old, new), **options) is holds


def test_a_condition_is_that_of_its_own_route(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.modify(changed="s", new="PAID")(lambda record: seen.append("paid"))
    app.modify(lambda record: seen.append("any"))
    app.modify(changed="s", new="SENT")(lambda record: seen.append("sent"))
    app.insert(lambda record: seen.append("insert"))
    batch = [make_record(new_image={"id": "a", "s": "PAID"})]
    batch += [modified({"s": old}, {"s": new}) for old, new in (("NEW", "PAID"), ("PAID", "PAID"), ("PAID", "SENT"))]
    assert app(road(make_event(batch))) == NOTHING
    assert seen == ["insert", "paid", "any", "any", "any", "sent"]


def test_an_insert_adds_and_a_removal_takes_away(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.on("INSERT", "MODIFY", "REMOVE", changed="s")(lambda record: seen.append(("any", record.event_name)))
    app.on("INSERT", "MODIFY", changed="s", new="PAID")(lambda record: seen.append(("new", record.event_name)))
    app.on("MODIFY", "REMOVE", changed="s", old="PAID")(lambda record: seen.append(("old", record.event_name)))
    app.on("INSERT", "REMOVE", changed="other")(seen.append)
    item = {"id": "a", "s": "PAID"}
    batch = [make_record(new_image=item), make_record(old_image=item), make_record(new_image={"id": "a", "s": "NEW"})]
    assert app(road(make_event(batch))) == NOTHING
    assert seen == [("any", "INSERT"), ("new", "INSERT"), ("any", "REMOVE"), ("old", "REMOVE"), ("any", "INSERT")]


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE"])
@pytest.mark.parametrize("values", [{}, {"new": "PAID"}, {"old": "PAID"}])
def test_a_record_without_both_images_fails_and_is_not_skipped(
    road: Road, view: Any, values: Any, caplog: pytest.LogCaptureFixture
) -> None:
    images = {"old_image": {"id": "a", "s": "NEW"}, "new_image": {"id": "a", "s": "PAID"}}
    record = make_record(**images, keys="id", stream_view_type=view)
    app, seen = StreamHandler(), []
    app.modify(changed="s", **values)(seen.append)
    event = make_event([make_record(**images), record, make_record(**images)])
    (failure,) = app(road(event))["batchItemFailures"]
    assert failure["itemIdentifier"] == record.sequence_number
    assert len(seen) == (0 if values.get("old") else 1)
    assert "does not carry the images of its change" in caplog.text
    assert caplog.records[0].__dict__["sequence_number"] == record.sequence_number
    raising = StreamHandler(report="raise")
    raising.modify(changed="s", **values)(seen.append)
    with pytest.raises(HandlerError) as caught:
        raising(road(event))
    assert isinstance(caught.value.__cause__, EventFormatError)


def test_a_record_that_another_route_takes_may_lack_its_images(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.modify(seen.append)
    app.insert(seen.append)
    app.modify(changed="s")(seen.append)
    insert = make_record(new_image={"id": "a"}, stream_view_type="NEW_IMAGE")
    assert app(road(make_event([insert]))) == NOTHING
    assert len(seen) == 1


def test_a_record_of_an_event_nobody_knows_fails_on_a_route_of_every_event_that_asks_what_changed(road: Road) -> None:
    app = StreamHandler()
    app.on(changed="s")(lambda record: None)
    record = make_record(new_image={"id": "a", "s": 1}, event_name="ARCHIVE")
    assert app(road(make_event([record])))["batchItemFailures"]


@pytest.mark.parametrize(
    ("old", "broken", "options"),
    [(1, {"N": "twelve"}, {}), ("NEW", {"N": "twelve"}, {"new": 1}), ([1], {"L": [{"N": "twelve"}]}, {})],
)
def test_a_broken_image_fails_its_record(road: Road, old: Any, broken: Any, options: Any) -> None:
    event = make_event([modified({"s": old}, {"s": "PAID"})])
    event["Records"][0]["dynamodb"]["NewImage"]["s"] = broken
    app, seen = StreamHandler(), []
    app.modify(changed="s", **options)(seen.append)
    assert app(road(event))["batchItemFailures"]
    assert not seen


def test_a_record_that_fails_is_set_aside_where_all_are(road: Road) -> None:
    class Store(list[Any]):
        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            self.append((record.sequence_number, type(error), route))

    store = Store()
    app = StreamHandler(on_error="quarantine", quarantine=store)
    app.modify(changed="s")(takes_anything)
    record = make_record(old_image={"id": "a"}, new_image={"id": "a"}, keys="id", stream_view_type="KEYS_ONLY")
    assert app(road(make_event([record]))) == NOTHING
    assert store == [(record.sequence_number, EventFormatError, f"{__name__}.takes_anything")]


def takes_anything(record: Record) -> None:
    pass


def test_async_handlers_are_awaited_where_the_condition_holds(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.modify(changed="s", new="PAID")
    async def paid(record: Record) -> None:
        seen.append(record.keys["id"])

    @app.modify(changed="s", new="FAIL")
    async def fail(record: Record) -> None:
        raise RuntimeError

    assert app(road(make_event([modified({"s": "NEW"}, {"s": "PAID"}), modified({"s": 1}, {"s": 2})]))) == NOTHING
    assert seen == ["a"]
    assert app(road(make_event([modified({"s": "NEW"}, {"s": "FAIL"})])))["batchItemFailures"]


def test_what_a_handler_does_to_an_image_decides_nothing(road: Road) -> None:
    app, seen = StreamHandler(), []

    @app.modify
    def spoil(record: Record) -> None:
        assert record.new_image is not None
        assert record.old_image is not None
        record.new_image.update(record.old_image)

    app.modify(changed="s")(lambda record: seen.append(record.sequence_number))
    assert app(road(make_event([modified({"s": "NEW"}, {"s": "PAID"})]))) == NOTHING
    assert len(seen) == 1


def test_a_value_that_is_changed_later_does_not_change_the_route(road: Road) -> None:
    wanted: dict[str, Any] = {"x": [1]}
    app, seen = StreamHandler(), []
    app.modify(changed="m", new=wanted)(seen.append)
    wanted["x"].append(2)
    assert app(road(make_event([modified({"m": 1}, {"m": {"x": [1]}})]))) == NOTHING
    assert len(seen) == 1


def test_sinks_get_every_record_whatever_the_routes_ask(road: Road) -> None:
    app, sink = StreamHandler(), MemorySink()
    app.modify(changed="s", new="PAID")(takes_anything)
    app.sink(sink)
    event = make_event([modified({"s": 1}, {"s": 2}), make_record(new_image={"id": "b"})])
    assert app(road(event)) == NOTHING
    assert len(sink.records) == 2


def test_a_decorator_gives_the_function_back() -> None:
    app = StreamHandler()
    assert app.modify(changed="s")(takes_anything) is takes_anything
    assert app.modify(takes_anything, changed="s") is takes_anything
    assert app.on("INSERT", changed="s", new=1)(takes_anything) is takes_anything


def _decorators() -> Iterator[Callable[..., Any]]:
    app = StreamHandler()
    yield app.modify
    yield lambda **options: app.on("MODIFY", **options)
    yield app.on


@pytest.mark.parametrize("decorator", list(_decorators()), ids=["modify", "on", "on every"])
@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"old": "NEW"}, TypeError, "changed= .*give it too"),
        ({"new": None}, TypeError, "changed= .*give it too"),
        ({"changed": 5}, TypeError, "changed=5: a path is"),
        ({"changed": ["address", "city"]}, TypeError, "changed=.*: a path is"),
        ({"changed": b"s"}, TypeError, "changed="),
        ({"changed": ("l", True)}, TypeError, "changed="),
        ({"changed": ()}, ValueError, r"changed=\(\): a path begins"),
        ({"changed": (0,)}, ValueError, "changed="),
        ({"changed": ("l", -1)}, ValueError, "changed="),
        ({"changed": "s", "new": 1.5}, MarshallError, "float.*at new"),
        ({"changed": "s", "old": {"x": [0.1]}}, MarshallError, r"float.*at old\.x\[0\]"),
        ({"changed": "s", "old": object()}, TypeError, "at old"),
        ({"changed": "s", "new": set()}, ValueError, "at new"),
        ({"changed": "s", "new": Decimal("NaN")}, MarshallError, "at new"),
        ({"changed": "s", "old": 1, "new": Decimal("1.0")}, ValueError, "old= and new= are equal"),
        ({"changed": "s", "old": None, "new": None}, ValueError, "old= and new= are equal"),
        ({"changed": "s", "old": [{"x"}], "new": [{"x"}]}, ValueError, "old= and new= are equal"),
    ],
)
def test_options_that_cannot_be_meant_are_refused_at_once(
    decorator: Any, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        decorator(**options)


@pytest.mark.parametrize(("name", "option"), [("INSERT", "old"), ("REMOVE", "new")])
def test_a_value_that_no_event_has_is_refused(name: str, option: str) -> None:
    with pytest.raises(ValueError, match=f"{option}= could never match: {name} has no {option} value"):
        StreamHandler().on(name, changed="s", **{option: 1})  # type: ignore[call-overload]


def test_a_pair_of_values_that_no_event_has_is_refused() -> None:
    message = "old= and new= could never match: INSERT has no old value, REMOVE has no new value"
    with pytest.raises(ValueError, match=message):
        StreamHandler().on("INSERT", "REMOVE", changed="s", old=1, new=2)
    for names in (("INSERT", "REMOVE", "MODIFY"), ("INSERT", "MODIFY"), ("MODIFY", "REMOVE"), ()):
        assert StreamHandler().on(*names, changed="s", old=1, new=True)(takes_anything) is takes_anything
    for side in ("old", "new"):  # one of the two has it
        StreamHandler().on("INSERT", "REMOVE", changed="s", **{side: 1})(takes_anything)  # type: ignore[call-overload]


def test_events_are_dicts_and_text_alike() -> None:
    """The roads of the tests above are two."""
    event = make_event([modified({"s": "NEW"}, {"s": "PAID"})])
    for given in (event, json.dumps(event), json.dumps(event).encode()):
        app, seen = StreamHandler(), []
        app.modify(changed="s")(seen.append)
        assert app(given) == NOTHING
        assert len(seen) == 1
