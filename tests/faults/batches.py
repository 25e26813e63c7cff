"""The calls that carry many entries: what their entries are, a call with some of them, an answer with some failed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tests.faults.exchange import Answer, Request


@dataclass(frozen=True)
class EntryError:
    code: str
    message: str
    status: int
    sender_fault: bool


class Batch(Protocol):
    """How one operation writes its entries. ``code`` is what the service says of load that it can't take."""

    @property
    def code(self) -> str: ...

    def entries(self, request: Request) -> list[Any]: ...

    def only(self, request: Request, positions: Sequence[int]) -> bytes:
        """The request's content with these entries alone."""
        ...

    def merged(
        self, request: Request, answer: Answer | None, sent: Sequence[int], errors: Mapping[int, EntryError]
    ) -> Answer:
        """The answer to the whole request: the service's to the entries that were sent, and these errors over it."""
        ...


def answered(content_type: str, answer: Answer | None, body: bytes) -> Answer:
    """The service's answer with another body, or one in its place when it was not asked."""
    return answer.with_body(body) if answer else Answer(200, "OK", (("Content-Type", content_type),), body)


@dataclass(frozen=True)
class Positional:
    """PutEvents, PutRecords, PutRecordBatch: the answer's entries stand where those of the request stand."""

    code: str
    asked: str
    results: str
    failed_count: str

    def entries(self, request: Request) -> list[Any]:
        entries: list[Any] = request.json()[self.asked]
        return entries

    def only(self, request: Request, positions: Sequence[int]) -> bytes:
        asked = request.json()
        return json.dumps(asked | {self.asked: [asked[self.asked][position] for position in positions]}).encode()

    def merged(
        self, request: Request, answer: Answer | None, sent: Sequence[int], errors: Mapping[int, EntryError]
    ) -> Answer:
        told = answer.json() if answer else {}
        by_position = dict(zip(sent, told.get(self.results, []), strict=True)) | {
            position: {"ErrorCode": error.code, "ErrorMessage": error.message} for position, error in errors.items()
        }
        results = [by_position[position] for position in sorted(by_position)]
        failed = sum("ErrorCode" in result for result in results)
        body = json.dumps(told | {self.results: results, self.failed_count: failed}).encode()
        return answered("application/x-amz-json-1.1", answer, body)


@dataclass(frozen=True)
class ById:
    """SendMessageBatch and its like of SQS: entries are known by their Id."""

    code: str

    def entries(self, request: Request) -> list[Any]:
        entries: list[Any] = request.json()["Entries"]
        return entries

    def only(self, request: Request, positions: Sequence[int]) -> bytes:
        asked = request.json()
        return json.dumps(asked | {"Entries": [asked["Entries"][position] for position in positions]}).encode()

    def merged(
        self, request: Request, answer: Answer | None, sent: Sequence[int], errors: Mapping[int, EntryError]
    ) -> Answer:
        told = answer.json() if answer else {}
        entries = self.entries(request)
        failed = {entries[position]["Id"]: error for position, error in errors.items()}
        kept = {
            key: [each for each in told.get(key) or [] if each["Id"] not in failed] for key in ("Successful", "Failed")
        }
        kept["Failed"] += [
            {"Id": name, "Code": error.code, "Message": error.message, "SenderFault": error.sender_fault}
            for name, error in failed.items()
        ]
        return answered("application/x-amz-json-1.0", answer, json.dumps(told | kept).encode())


@dataclass(frozen=True)
class Unprocessed:
    """BatchWriteItem: what was not written comes back as it was sent."""

    code: str = ""

    def entries(self, request: Request) -> list[Any]:
        return [entry for _, entry in self._entries(request)]

    def only(self, request: Request, positions: Sequence[int]) -> bytes:
        return json.dumps(request.json() | {"RequestItems": self._tables(request, positions)}).encode()

    def merged(
        self, request: Request, answer: Answer | None, sent: Sequence[int], errors: Mapping[int, EntryError]
    ) -> Answer:
        told = answer.json() if answer else {}
        left = dict(told.get("UnprocessedItems") or {})
        for table, entries in self._tables(request, list(errors)).items():
            left[table] = left.get(table, []) + [entry for entry in entries if entry not in left.get(table, [])]
        body = json.dumps(told | {"UnprocessedItems": left}).encode()
        return answered("application/x-amz-json-1.0", answer, body)

    def _entries(self, request: Request) -> list[tuple[str, Any]]:
        return [(table, entry) for table, entries in request.json()["RequestItems"].items() for entry in entries]

    def _tables(self, request: Request, positions: Sequence[int]) -> dict[str, list[Any]]:
        entries = self._entries(request)
        tables: dict[str, list[Any]] = {}
        for table, entry in (entries[position] for position in positions):
            tables.setdefault(table, []).append(entry)
        return tables
