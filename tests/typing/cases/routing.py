"""Routes with models, the context, many records and windows: what a handler must take, and what it gets."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pydantic
from typing_extensions import reveal_type

from tailrace import ModelError, Record, StreamHandler, TumblingWindow, TypedRecord
from tailrace.sinks.base import SinkFailure

app = StreamHandler()


class Order(pydantic.BaseModel):
    id: str
    total: Decimal


@dataclass
class Customer:
    id: str


def count(item: dict[str, Any]) -> int:
    return len(item)


orders = pydantic.TypeAdapter(list[Order])


@app.insert(table="orders")
@app.modify(table=["orders", "carts"], changed="status", new=None)
@app.remove(ttl=True, table={"orders"})
def with_context(record: Record, context: object) -> int:
    return len(record.keys)


@app.insert(model=Order)
@app.modify(model=Order, changed="total")
@app.on("INSERT", model=Order, where={"eventName": ["INSERT"]})
def ship(record: TypedRecord[Order]) -> int:
    reveal_type(record.new_image)  # -> tests.cases.routing.Order | None
    reveal_type(record.event_name)  # -> str | None
    reveal_type(record.changed("total"))  # -> bool
    reveal_type(record.record)  # -> Record
    return 1


@app.remove(model=Customer, ttl=False)
async def forget(record: TypedRecord[Customer], context: object) -> None: ...


@app.insert(model=count)
def counted(record: TypedRecord[int]) -> None: ...


@app.insert(model=orders)
def adapted(record: TypedRecord[list[Order]]) -> None: ...


@app.insert(model=Order)  # error: arg-type
def of_another_model(record: TypedRecord[Customer]) -> None: ...


@app.batch
def index(records: list[Record]) -> list[Record]:
    return records[:1]


@app.batch("INSERT", table="orders")
async def index_later(records: Sequence[Record], context: object) -> Iterator[tuple[Record, Exception]]:
    return iter([(records[0], OSError())])


@app.batch()
def index_nothing(records: list[Record]) -> None: ...


@app.batch("INSERT", model=Order)
def index_orders(records: list[TypedRecord[Order]]) -> list[SinkFailure]:
    return [SinkFailure(records[0].record, ModelError("no"))]


@app.batch  # error: type-var
def answering(records: list[Record]) -> int:
    return 1


@app.window
def revenue(records: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]:
    reveal_type(window.start)  # -> datetime
    reveal_type(window.is_final_invoke_for_window)  # -> bool
    return state


@app.window("INSERT", model=Order)
async def revenue_later(
    records: list[TypedRecord[Order]], state: dict[str, Any], window: TumblingWindow, context: object
) -> dict[str, Any] | None:
    return None


reveal_type(with_context)  # -> def (record: Record, context: object) -> int
reveal_type(ship)  # -> def (TypedRecord[tests.cases.routing.Order]) -> int
reveal_type(forget)  # -> def (TypedRecord[tests.cases.routing.Customer], Any) -> Coroutine[Any, Any, None]
reveal_type(index)  # -> def (records: list[Record]) -> list[Record]
reveal_type(index_nothing)  # -> def (records: list[Record])
reveal_type(index_orders)  # -> def (list[TypedRecord[tests.cases.routing.Order]]) -> list[SinkFailure]
reveal_type(revenue)  # -> def (records: list[Record], state: dict[str, Any], window: TumblingWindow) -> dict[str, Any]
reveal_type(app(b"[]").get("state"))  # -> dict[str, Any] | None
app.insert(ship, model=Order)
app.insert(with_context, table="orders")
app.insert(table=5)  # error: call-overload
app.insert(ttl=True)  # error: call-overload
app.remove(ttl="yes")  # error: call-overload
app.on(model=5)  # error: call-overload
app.window(index)  # error: type-var
app.batch(changed=1)  # error: call-overload
