"""StreamHandler: decorators give the function back as it was, the answer is Lambda's."""

from typing_extensions import reveal_type

from tailrace import FilterCriteria, Record, StreamHandler
from tailrace.sinks import MemorySink

app = StreamHandler(on_error="stop", report="partial", deadline_margin_ms=500)


@app.insert
def inserted(record: Record) -> int:
    return len(record.keys)


@app.modify()
async def modified(record: Record) -> None: ...


@app.remove
@app.on("INSERT", "MODIFY")
def any_change(record: Record) -> str:
    return str(record.event_name)


@app.modify(changed=("address", "city"), old=None, new="Basel")
@app.on("INSERT", "REMOVE", changed="status")
async def moved(record: Record) -> bool:
    return record.changed("status")


criteria = FilterCriteria({"eventName": ["INSERT"]})


@app.on(where=criteria)
@app.on("INSERT", changed="status", where='{"eventName": ["INSERT"]}')
@app.insert(where={"eventName": ["INSERT"]})
@app.modify(changed="status", where=[{"eventName": ["MODIFY"]}, "{}"])
@app.remove(where=None)
def filtered(record: Record) -> int:
    return len(record.keys)


reveal_type(filtered)  # -> def (record: Record) -> int
reveal_type(moved)  # -> def (record: Record) -> Coroutine[Any, Any, bool]
reveal_type(app.modify(inserted, changed="status", new=1))  # -> def (record: Record) -> int
reveal_type(app.on(inserted, changed="status"))  # -> def (record: Record) -> int
app.modify(changed=["address", "city"])  # error: call-overload
app.on("INSERT", changed=1)  # error: call-overload
app.insert(changed="status")  # error: call-overload
app.insert(where=5)  # error: call-overload
reveal_type(app.insert(inserted, where=criteria))  # -> def (record: Record) -> int
reveal_type(inserted)  # -> def (record: Record) -> int
reveal_type(any_change)  # -> def (record: Record) -> str
reveal_type(app.sink(MemorySink()))  # -> MemorySink
reveal_type(app.sink(MemorySink(), where=criteria))  # -> MemorySink
app.sink(MemorySink(), where=5)  # error: arg-type
reveal_type(app(b"[]", None)["batchItemFailures"][0]["itemIdentifier"])  # -> str
StreamHandler(order="per_item", workers=8, attempts=3, backoff_ms=50, numbers=float, binary="raw", sets="list")
StreamHandler(order="none")  # error: arg-type
StreamHandler(workers="8")  # error: arg-type
StreamHandler(numbers="exact")  # error: arg-type
StreamHandler(on_error="skip")  # error: arg-type
app.sink(object())  # error: type-var


@app.insert  # error: type-var
def takes_nothing() -> None: ...
