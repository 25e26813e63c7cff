"""Which of many records have a mark in a DynamoDB table."""

from __future__ import annotations

import time

from tailrace.exceptions import SinkError
from tailrace.idempotency.row import State
from tailrace.idempotency.seen import LOOKUP_COUNT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from tailrace.idempotency.row import Columns

__all__ = ["look_up"]

_PAUSES_MS = (50.0, 100.0, 200.0, 400.0)
"""Before what was left over is asked for again; together they fit into the margin that a handler keeps."""


def look_up(client: Any, columns: Columns, keys: Sequence[str]) -> set[str]:
    """Those of the keys that are marked.

    Args:
        client: a boto3 client of DynamoDB.
        columns: where the rows are.
        keys: any number of them.

    Raises:
        SinkError: the table cannot be read, or not all of it.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
    """
    found: set[str] = set()
    unique = list(dict.fromkeys(keys))  # BatchGetItem refuses a key that it is given twice
    for first in range(0, len(unique), LOOKUP_COUNT):
        by_text = {columns.key(key)[columns.key_attribute]["S"]: key for key in unique[first : first + LOOKUP_COUNT]}
        for row in _rows(client, columns, list(by_text)):
            if State.of(row, columns).is_done:
                found.add(by_text[row[columns.key_attribute]["S"]])
    return found


def _rows(client: Any, columns: Columns, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
    # Strongly consistent: what comes again comes within milliseconds of its mark.
    wanted = {
        "Keys": [{columns.key_attribute: {"S": text}} for text in texts],
        "ConsistentRead": True,
        "ProjectionExpression": "#key, #ttl, #status",
        "ExpressionAttributeNames": columns.names(),
    }
    left: dict[str, Any] = {columns.table_name: wanted}
    for pause_ms in (*_PAUSES_MS, None):
        answer = _answer(client, columns, left)
        for rows in answer.get("Responses", {}).values():
            yield from rows
        left = answer.get("UnprocessedKeys") or {}
        if not left:
            return
        if pause_ms is not None:
            time.sleep(pause_ms / 1000)
    raise SinkError(
        f"table {columns.table_name}: DynamoDB has left over keys of BatchGetItem five times: is it throttled?"
    )


def _answer(client: Any, columns: Columns, wanted: dict[str, Any]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = client.batch_get_item(RequestItems=wanted)
    except Exception as error:
        code = (getattr(error, "response", None) or {}).get("Error", {}).get("Code")
        raise SinkError(f"table {columns.table_name}: batch_get_item failed: {code or type(error).__name__}") from error
    return answer
