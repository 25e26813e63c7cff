"""``model=``: handlers get objects for images, and no value of an item gets into a log."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, Union, get_type_hints

import pydantic
import pydantic.dataclasses
import pytest

from tailrace import HandlerError, ModelError, Quarantine, Record, StreamHandler, TypedRecord
from tailrace.handler.model import model_of
from tailrace.sinks import MemorySink
from tailrace.testing import make_event, make_record
from tests.unit.stage import reported

Road = Callable[[Any], Any]
DONE: dict[str, Any] = {"batchItemFailures": []}
SECRET = "4111111111111111"


class Line(pydantic.BaseModel):
    sku: str
    price: Decimal


class Order(pydantic.BaseModel):
    id: str
    total: Decimal = Decimal(0)
    count: int = 0
    ratio: float = 0.0
    lines: list[Line] = []
    tags: set[str] = set()
    blob: bytes = b""
    note: str | None = None


@dataclass
class Plain:
    id: str
    count: Decimal = Decimal(0)
    tags: set[str] = field(default_factory=set)
    derived: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.derived = self.id.upper()


@pydantic.dataclasses.dataclass
class Aliased:
    identifier: str = pydantic.Field(alias="id")


class Cat(pydantic.BaseModel):
    kind: Literal["cat"]
    id: str


class Dog(pydantic.BaseModel):
    kind: Literal["dog"]
    id: int


Pet = pydantic.TypeAdapter(Union[Cat, Dog])  # noqa: UP007  as users of 3.10 write it


def typed(model: Any, record: Record) -> TypedRecord[Any]:
    made = model_of(model)
    assert made is not None
    return made.typed(record)


def run(road: Road, model: Any, *images: dict[str, Any]) -> list[Any]:
    app, seen = StreamHandler(), []
    app.on(model=model)(lambda record: seen.append(record.new_image))
    assert app(road(make_event(images))) == DONE
    return seen


def test_a_pydantic_model_gets_every_type_exactly(road: Road) -> None:
    item = {
        "id": "a", "total": Decimal("12345678901234567890123456789012345678"), "count": 3, "ratio": Decimal("1.5"),
        "lines": [{"sku": "x", "price": Decimal("0.10")}], "tags": {"t", "u"}, "blob": b"\x00\xff", "note": None,
        "else": "left out",
    }  # fmt: skip
    (order,) = run(road, Order, item)
    assert order == Order(
        id="a", total=Decimal("12345678901234567890123456789012345678"), count=3, ratio=1.5,
        lines=[Line(sku="x", price=Decimal("0.10"))], tags={"t", "u"}, blob=b"\x00\xff", note=None,
    )  # fmt: skip
    assert str(order.lines[0].price) == "0.10"


def test_a_dataclass_gets_the_attributes_that_are_its_fields(road: Road) -> None:
    (made,) = run(road, Plain, {"id": "a", "tags": {"t"}, "else": 1, "derived": "not given"})
    assert made == Plain("a", tags={"t"})
    assert made.derived == "A"


def test_a_dataclass_of_pydantic_knows_aliases(road: Road) -> None:
    (made,) = run(road, Aliased, {"id": "a"})
    assert made == Aliased(id="a")


def test_a_type_adapter_chooses_a_model(road: Road) -> None:
    assert run(road, Pet, {"id": "1", "kind": "cat"}, {"id": "2", "kind": "dog"}) == [
        Cat(kind="cat", id="1"),
        Dog(kind="dog", id=2),
    ]


def test_a_model_of_pydantic_1(road: Road) -> None:
    v1 = pytest.importorskip("pydantic.v1", exc_type=ImportError)

    class Old(v1.BaseModel):  # type: ignore[misc,name-defined]
        id: int

    assert run(road, Old, {"id": "1"}) == [Old(id=1)]


@pytest.mark.parametrize("model", [lambda item: item["id"], dict, type("Made", (dict,), {})])
def test_anything_that_is_called_with_a_dict(road: Road, model: Any) -> None:
    assert run(road, model, {"id": "a"}) == [model({"id": "a"})]


def test_the_images_of_a_change_are_both_objects(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.modify(model=Order, changed="count")(lambda record: seen.append((record.old_image, record.new_image)))
    change = make_record(old_image={"id": "a", "count": 1}, new_image={"id": "a", "count": 2})
    same = make_record(old_image={"id": "a", "count": 1}, new_image={"id": "a", "count": 1})
    assert app(road(make_event([change, same]))) == DONE
    assert seen == [(Order(id="a", count=1), Order(id="a", count=2))]


def test_an_image_that_is_not_there_is_none(road: Road) -> None:
    app, seen = StreamHandler(), []
    app.on(model=Order)(lambda record: seen.append((record.old_image, record.new_image)))
    records = [make_record(new_image={"id": "a"}), make_record(old_image={"id": "a"})]
    keys_only = make_record(keys={"id": "a"}, event_name="MODIFY", stream_view_type="KEYS_ONLY")
    assert app(road(make_event([*records, keys_only]))) == DONE
    assert seen == [(None, Order(id="a")), (Order(id="a"), None), (None, None)]


def test_an_image_is_made_once() -> None:
    made = []

    def model(item: dict[str, Any]) -> dict[str, Any]:
        made.append(item)
        return item

    record = typed(model, make_record(old_image={"id": "a"}, new_image={"id": "a"}))
    assert len(made) == 1
    assert record.new_image is record.new_image
    assert record.old_image is record.old_image
    assert len(made) == 2


def test_the_rest_is_as_of_the_record() -> None:
    record = make_record(old_image={"id": "a"}, new_image={"id": "a", "n": 1})
    made = typed(Order, record)
    for name in (name for name in dir(Record) if not name.startswith("_") and not name.endswith("_image")):
        assert getattr(made, name) == getattr(record, name), name
    assert made.changed("n", new=1)
    assert made.attribute_values("new_image") == {"id": {"S": "a"}, "n": {"N": "1"}}
    assert made.record is record
    assert made == typed(Plain, record)
    assert made != record
    assert len({made, typed(Order, record)}) == 1
    assert "sequence_number" in repr(made)
    assert "'a'" not in repr(made)


def test_what_a_record_has_a_typed_record_has() -> None:
    public = {name for name in dir(Record) if not name.startswith("_")}
    assert public == {name for name in dir(TypedRecord) if not name.startswith("_")} - {"record"}


def test_the_class_can_be_written_in_an_annotation_that_is_evaluated() -> None:
    def handle(record: TypedRecord[Order]) -> None: ...

    assert get_type_hints(handle, {**globals(), **locals()})["record"].__args__ == (Order,)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_an_image_that_is_not_taken_is_a_failure_of_its_record(road: Road, position: int) -> None:
    app, seen = StreamHandler(), []
    app.insert(model=Order)(lambda record: seen.append(record.keys["id"]))
    items: list[dict[str, Any]] = [{"id": name} for name in "abc"]
    items[position]["count"] = SECRET + "x"
    event = make_event(items)
    assert app(road(event)) == reported(event, position)
    assert seen == list("abc"[:position])


def test_the_old_image_is_judged_when_it_is_read(road: Road) -> None:
    """What an item was before must not keep its change for the better from being handled."""
    app, seen = StreamHandler(), []
    app.modify(model=Order)(lambda record: seen.append(record.new_image))
    event = make_event([make_record(old_image={"id": "a", "count": "?"}, new_image={"id": "a", "count": 1})])
    assert app(road(event)) == DONE
    app.modify(model=Order)(lambda record: record.old_image)
    assert app(road(event)) == reported(event, 0)
    assert seen == [Order(id="a", count=1)] * 2


def refused_by_a_function(item: Any) -> Any:
    raise ValueError(f"no such card: {item['card']}")


def refused_by_a_lookup(item: Any) -> Any:
    return {}[item["card"]]


@dataclass
class Raising:
    card: Any

    def __post_init__(self) -> None:
        raise ValueError(f"no such card: {self.card}")


class Checking(pydantic.BaseModel):
    card: Any

    @pydantic.field_validator("card")
    @classmethod
    def refuse(cls, card: Any) -> Any:
        raise ValueError(f"no such card: {card}")


class Number(pydantic.BaseModel):
    card: int


class Kinds(pydantic.BaseModel):
    card: Literal["visa", "amex"]


class Tagged(pydantic.BaseModel):
    pet: Cat | Dog = pydantic.Field(discriminator="kind")


QUOTING: list[tuple[Any, Any, str]] = [
    (refused_by_a_function, SECRET, "model=refused_by_a_function takes: ValueError"),
    (refused_by_a_lookup, SECRET, "model=refused_by_a_lookup takes: KeyError"),
    (Raising, SECRET, "model=Raising takes: ValueError"),
    (Checking, SECRET, "model=Checking takes: ValidationError at card (value_error)"),
    (Number, SECRET + "x", "model=Number takes: ValidationError at card (int_parsing)"),
    (Number, {SECRET}, "model=Number takes: ValidationError at card (int_type)"),
    (Kinds, SECRET, "model=Kinds takes: ValidationError at card (literal_error)"),
    (pydantic.TypeAdapter(Number), SECRET + "x", "model=TypeAdapter takes: ValidationError at card (int_parsing)"),
]


@pytest.mark.parametrize(("model", "card", "expected"), QUOTING)
def test_no_log_quotes_a_value(
    road: Road, model: Any, card: Any, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = StreamHandler(report="raise")
    app.insert(model=model)(print)
    with pytest.raises(HandlerError) as caught:
        app(road(make_event([{"id": "a", "card": card}])))
    error = caught.value.__cause__
    assert isinstance(error, ModelError)
    assert expected in str(error)
    (entry,) = caplog.records
    printed = "".join(traceback.format_exception(caught.value)) + logging.Formatter().format(entry)
    assert SECRET not in printed
    assert all(SECRET not in str(each) for each in whole_chain(caught.value))
    assert error.path == ("new_image",)
    assert error.sequence_number == entry.__dict__["sequence_number"]


def whole_chain(error: BaseException | None) -> Iterator[BaseException]:
    """Also what a traceback leaves out: collectors of errors walk there."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_a_tag_that_no_model_has_is_not_quoted() -> None:
    with pytest.raises(ModelError) as caught:
        typed(Tagged, make_record(new_image={"id": "a", "pet": {"kind": SECRET}}))
    assert "pet (union_tag_invalid)" in str(caught.value)
    assert SECRET not in str(caught.value)


def test_the_traceback_shows_where_in_the_model() -> None:
    with pytest.raises(ModelError) as caught:
        typed(refused_by_a_function, make_record(new_image={"id": "a", "card": SECRET}))
    assert caught.traceback[-1].name == "refused_by_a_function"


def test_missing_attributes_of_a_dataclass_are_named() -> None:
    @dataclass
    class Two:
        first: str
        second: str

    with pytest.raises(ModelError, match=r"model=.*Two takes: first, second missing \(at new_image, SequenceNumber"):
        typed(Two, make_record(new_image={"id": "a"}))


def test_many_errors_are_told_in_part() -> None:
    lines = [{"sku": "x", "price": "?"} for _ in range(30)]
    with pytest.raises(ModelError) as caught:
        typed(Order, make_record(new_image={"id": "a", "lines": lines}))
    assert "lines.9.price" in str(caught.value)
    assert "lines.10.price" not in str(caught.value)


class Odd(Exception):
    def errors(self) -> Any:
        raise RuntimeError(SECRET)


class OddList(Exception):
    def errors(self) -> Any:
        return [SECRET]


@pytest.mark.parametrize("kind", [Odd, OddList])
def test_an_error_that_is_none_of_pydantic_does_no_harm(kind: Any) -> None:
    def model(item: Any) -> Any:
        raise kind

    with pytest.raises(ModelError, match=f"takes: {kind.__name__} \\(at") as caught:
        typed(model, make_record(new_image={"id": "a"}))
    assert SECRET not in str(caught.value)


def test_the_text_of_an_own_model_error_is_kept() -> None:
    def model(item: Any) -> Any:
        raise ModelError("plan missing")

    with pytest.raises(ModelError, match="takes: plan missing"):
        typed(model, make_record(new_image={"id": "a"}))


def test_a_model_may_set_a_record_aside(road: Road) -> None:
    reasons: list[str] = []

    class Store:
        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            reasons.append(str(error))

    def model(item: Any) -> Any:
        raise Quarantine("from another time")

    app = StreamHandler(quarantine=Store())
    app.insert(model=model)(print)
    assert app(road(make_event([{"id": "a"}]))) == DONE
    assert reasons == ["from another time"]


def test_a_refused_image_is_set_aside_where_errors_are(road: Road) -> None:
    stored: list[Any] = []

    class Store:
        def add(self, record: Record, *, error: BaseException, route: str) -> None:
            stored.append((record.keys["id"], type(error)))

    app, seen = StreamHandler(on_error="quarantine", quarantine=Store()), []
    app.insert(model=Order)(lambda record: seen.append(record.keys["id"]))
    assert app(road(make_event([{"id": "a"}, {"id": "b", "count": "?"}, {"id": "c"}]))) == DONE
    assert seen == ["a", "c"]
    assert stored == [("b", ModelError)]


def test_a_refused_image_is_not_tried_again(road: Road) -> None:
    tries: list[Any] = []

    def model(item: Any) -> Any:
        tries.append(item)
        raise ValueError

    app = StreamHandler(attempts=5, backoff_ms=0)
    app.insert(model=model)(print)
    event = make_event([{"id": "a"}])
    assert app(road(event)) == reported(event, 0)
    assert len(tries) == 1


def test_a_model_that_has_to_be_awaited_is_refused(recwarn: pytest.WarningsRecorder) -> None:
    class Later:
        def __init__(self, item: Any) -> None: ...

        def __await__(self) -> Any: ...

    with pytest.raises(ModelError, match="has to be awaited"):
        typed(Later, make_record(new_image={"id": "a"}))


def test_a_broken_image_is_its_own_error(road: Road) -> None:
    app = StreamHandler(report="raise")
    app.insert(model=Order)(print)
    event = make_event([{"id": "a"}])
    event["Records"][0]["dynamodb"]["NewImage"]["count"] = {"N": "12 EUR"}
    with pytest.raises(HandlerError) as caught:
        app(road(event))
    assert type(caught.value.__cause__).__name__ == "UnmarshallValueError"


def test_the_modes_of_the_handler_are_those_of_the_model(road: Road) -> None:
    app, seen = StreamHandler(numbers="str"), []
    app.insert(model=lambda item: item["n"])(lambda record: seen.append(record.new_image))
    app(road(make_event([{"id": "a", "n": Decimal("1.50")}])))
    assert seen == ["1.50"]


def test_sinks_see_the_record_itself(road: Road) -> None:
    app, sink = StreamHandler(), MemorySink()
    app.insert(model=Order)(lambda record: None)
    app.sink(sink)
    app(road(make_event([{"id": "a"}])))
    assert [type(record) for record in sink.records] == [Record]


@pytest.mark.parametrize("model", [1, "Order", {"id": str}, Order(id="a")])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(TypeError, match="model= takes a pydantic model, a dataclass or a function of a dict"):
        StreamHandler().on(model=model)
