"""The family of errors."""

from typing_extensions import reveal_type

import tailrace
from tailrace import (
    EventFormatError,
    HandlerError,
    MarshallError,
    Quarantine,
    SinkError,
    TailraceError,
    UnmarshallError,
)

family: list[type[TailraceError]] = [
    EventFormatError,
    HandlerError,
    MarshallError,
    Quarantine,
    SinkError,
    UnmarshallError,
]
reveal_type(TailraceError("x").path)  # -> tuple[str | int, ...]
reveal_type(UnmarshallError("x").sequence_number)  # -> str | None
reveal_type(Quarantine("x").reason)  # -> str
value_error: ValueError = EventFormatError("x")
TailraceError("x", path="path")  # error: arg-type
print(tailrace.EventFormaterror)  # error: attr-defined
