"""The state of a tumbling window on its way through Lambda and back, which is JSON.

It goes as DynamoDB JSON under one name of ours: so a Decimal comes back with its digits, bytes and sets come back at
all, and nobody has to guess from its look whether a state is one of ours.
"""

from __future__ import annotations

from collections.abc import Mapping

from tailrace._core import dumps, unmarshall
from tailrace.exceptions import EventFormatError, HandlerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["MAXIMUM_STATE_BYTES", "read_state", "state_of", "write_state"]

_NAME = "tailrace.item"
# AWS says 1 MB, and not which one: this is the smaller.
# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
MAXIMUM_STATE_BYTES = 1_000_000


def state_of(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """The state that an event holds, as it came; empty when its window has just begun.

    Raises:
        EventFormatError: it is no object.
    """
    state = members.get("state")
    if state is None:
        return {}
    if not isinstance(state, Mapping):
        raise EventFormatError(f"the state of a window is an object, not {type(state).__name__}", path=("state",))
    return state


def write_state(state: object, modes: Mapping[str, Any]) -> dict[str, Any]:
    """The state as the answer has it.

    Args:
        state: what ``marshall`` takes. Floats only where ``modes`` give floats back.
        modes: how it will be read.

    Raises:
        MarshallError: it is no such; it says where.
        HandlerError: no mapping, or too large.
    """
    import json

    if not isinstance(state, Mapping):
        raise HandlerError(
            f"the function of a window returned {type(state).__name__} and not the state, which is a dict: without it"
            " Lambda would take the invocation for failed"
        )
    floats: Literal["error", "repr"] = "repr" if modes["numbers"] in ("float", "int-float") else "error"
    text = dumps(state, floats=floats)
    written = {_NAME: json.loads(text)} if state else {}
    size_bytes = len(json.dumps(written, ensure_ascii=False).encode())
    if size_bytes > MAXIMUM_STATE_BYTES:
        raise HandlerError(
            f"the state of a window takes {size_bytes:,} bytes as JSON, and Lambda takes {MAXIMUM_STATE_BYTES:,}: keep"
            " less in it, such as counts in place of records"
        )
    return written


def read_state(state: Mapping[str, Any], modes: Mapping[str, Any]) -> dict[str, Any]:
    """The state as the function gets it, each time a new one.

    One that another handler has written is given as it is, but for its floats, which become Decimals with the digits
    that were written.

    Raises:
        UnmarshallError: it is broken.
    """
    if state.keys() == {_NAME}:
        return unmarshall(state[_NAME], **modes)
    foreign: dict[str, Any] = _foreign(dict(state), modes["numbers"] in ("float", "int-float"))
    return foreign


def _foreign(value: Any, keeps_floats: bool) -> Any:
    if isinstance(value, Mapping):
        return {name: _foreign(each, keeps_floats) for name, each in value.items()}
    if isinstance(value, list):
        return [_foreign(each, keeps_floats) for each in value]
    if isinstance(value, float) and not keeps_floats:
        from decimal import Decimal

        return Decimal(repr(value))
    return value
