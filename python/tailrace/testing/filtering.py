"""Which records a mapping with FilterCriteria delivers."""

from __future__ import annotations

import json
from base64 import b64decode
from binascii import Error

from tailrace import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace import FilterCriteria
    from tailrace.testing.wire import ShardRecord

__all__ = ["is_wanted"]


def is_wanted(record: ShardRecord, criteria: FilterCriteria | None) -> bool:
    """Whether a record passes the filters. One that no filter can judge does: nothing is dropped without a reason.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
    """
    if criteria is None:
        return True
    try:
        return criteria.matches(_seen(record.text))
    except TailraceError:
        return True


def _seen(text: str) -> bytes:
    """What a pattern sees of a record: of one through Kinesis the data as it was before it was encoded."""
    if '"kinesis"' not in text:
        return text.encode()
    wire = json.loads(text)
    try:
        data = json.loads(b64decode(wire["kinesis"]["data"]))
    except (KeyError, TypeError, ValueError, Error):
        return text.encode()
    return json.dumps({**wire["kinesis"], **wire, "data": data}).encode()
