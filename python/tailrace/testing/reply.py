"""What Lambda makes of a function's answer to a batch."""

from __future__ import annotations

import json

from tailrace.testing.wire import by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

__all__ = ["MAXIMUM_STATE_BYTES", "BadAnswerError", "overheard", "reported", "state_of", "state_size_bytes"]

# https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
MAXIMUM_STATE_BYTES = 1024 * 1024
_KEY = "batchItemFailures"


class BadAnswerError(Exception):
    """The answer names what Lambda cannot use: the batch counts as failed as a whole."""


def reported(answer: object, sequence_numbers: Collection[str]) -> str | None:
    """Find the number that Lambda goes back to.

    Args:
        answer: what the function answered, as JSON gives it.
        sequence_numbers: those of the batch.

    Returns:
        The lowest number that is named, or None for a complete success.

    Raises:
        BadAnswerError: a complete failure. AWS says so of an identifier that is empty, null or under a wrong key; one
            that is not in the batch is treated so too. Of an answer that is neither empty nor an object nothing is
            documented: here it fails.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    if answer in (None, "") or answer in ({}, []):
        return None
    if not isinstance(answer, dict):
        raise BadAnswerError(f"the answer is no object but {type(answer).__name__}")
    # A misspelt key reads as no failure at all: this is how records get lost, and a test should see it.
    failures = answer.get(_KEY)
    if failures is None:
        return None
    if not isinstance(failures, list):
        raise BadAnswerError(f"{_KEY} is no list")
    return min((_identifier(entry, sequence_numbers) for entry in failures), key=by_value, default=None)


def _identifier(entry: object, sequence_numbers: Collection[str]) -> str:
    if not isinstance(entry, dict) or "itemIdentifier" not in entry:
        raise BadAnswerError(f"an entry of {_KEY} has no itemIdentifier")
    identifier = entry["itemIdentifier"]
    if not identifier:
        raise BadAnswerError("an itemIdentifier is empty")
    if not isinstance(identifier, str) or identifier not in sequence_numbers:
        raise BadAnswerError(f"itemIdentifier {identifier!r} is no SequenceNumber of the batch")
    return identifier


def overheard(answer: object, sequence_numbers: tuple[str, ...]) -> tuple[str, ...]:
    """The records that an answer wanted to have again, though Lambda took it for a complete success.

    Args:
        answer: of a function whose mapping takes no partial answers, or with a key that is spelled another way.
        sequence_numbers: those of the batch.

    Returns:
        Those from the first that it names, or all if that is none of the batch; empty when it names nothing.
    """
    if not isinstance(answer, dict):
        return ()
    spelled = (value for name, value in answer.items() if _may_name_failures(name, value))
    failures = next((value for value in spelled if value), None)
    if failures is None:
        return ()
    try:
        lowest = by_value(str(reported({_KEY: failures}, sequence_numbers)))
    except BadAnswerError:
        return sequence_numbers
    return tuple(number for number in sequence_numbers if by_value(number) >= lowest)


def _may_name_failures(name: object, value: object) -> bool:
    """The key, in whatever case and with underscores; or any other whose list has what only a list of failures has."""
    if not isinstance(name, str):
        return False
    listed = isinstance(value, list) and any(isinstance(each, dict) and "itemIdentifier" in each for each in value)
    return listed or name.replace("_", "").lower() == _KEY.lower()


def state_of(answer: object) -> dict[str, Any]:
    """The state that a function hands on within a tumbling window.

    Raises:
        BadAnswerError: the answer has none: the invocation has failed.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html
    """
    state = answer.get("state") if isinstance(answer, dict) else None
    if not isinstance(state, dict):
        raise BadAnswerError("the answer has no state, which a mapping with a tumbling window needs")
    return state


def state_size_bytes(state: dict[str, Any]) -> int:
    """How much of ``MAXIMUM_STATE_BYTES`` it takes."""
    return len(json.dumps(state, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
