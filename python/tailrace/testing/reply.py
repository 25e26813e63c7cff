"""What Lambda makes of a function's answer to a batch."""

from __future__ import annotations

from tailrace.testing.wire import by_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["BadAnswerError", "reported"]


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
    failures = answer.get("batchItemFailures")
    if failures is None:
        return None
    if not isinstance(failures, list):
        raise BadAnswerError("batchItemFailures is no list")
    return min((_identifier(entry, sequence_numbers) for entry in failures), key=by_value, default=None)


def _identifier(entry: object, sequence_numbers: Collection[str]) -> str:
    if not isinstance(entry, dict) or "itemIdentifier" not in entry:
        raise BadAnswerError("an entry of batchItemFailures has no itemIdentifier")
    identifier = entry["itemIdentifier"]
    if not identifier:
        raise BadAnswerError("an itemIdentifier is empty")
    if not isinstance(identifier, str) or identifier not in sequence_numbers:
        raise BadAnswerError(f"itemIdentifier {identifier!r} is no SequenceNumber of the batch")
    return identifier
