"""Functions for a mapping to deliver to, and the six records that they get."""

from __future__ import annotations

from typing import Any

from tailrace import Batch
from tailrace.testing import make_event

SIX = make_event([{"id": name} for name in "abcdef"])
NUMBERS = [record["dynamodb"]["SequenceNumber"] for record in SIX["Records"]]
NAMES = dict(zip(NUMBERS, "abcdef", strict=True))


def ids(event: Any) -> str:
    return "".join(record.keys["id"] for record in Batch.from_event(event))


def naming(*identifiers: Any) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in identifiers]}


def number(name: str) -> str:
    return NUMBERS["abcdef".index(name)]


class Function:
    """A function that keeps what it was given and does for each invocation what it is told, then answers None."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.got: list[str] = []

    def __call__(self, event: Any, context: Any) -> Any:
        self.got.append(ids(event))
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Poisoned(Function):
    """A function that fails at some items, and names the first of them or raises."""

    def __init__(self, poison: str, *, raises: bool = False) -> None:
        super().__init__()
        self.poison = poison
        self.raises = raises

    def __call__(self, event: Any, context: Any) -> Any:
        self.got.append(ids(event))
        failed = [name for name in self.got[-1] if name in self.poison]
        if failed and self.raises:
            raise RuntimeError("no")
        return naming(*(number(name) for name in failed))


def names(sequence_numbers: list[str]) -> str:
    return "".join(NAMES[each] for each in sequence_numbers)
