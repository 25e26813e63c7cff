"""OpenSearch's ``_bulk``: lines of JSON, an action and, but for a delete, its document.

Source: https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.faults.batches import EntryError, answered
from tests.faults.exchange import Answer, Request


@dataclass(frozen=True)
class Bulk:
    code: str

    def entries(self, request: Request) -> list[Any]:
        return [self._entry(lines) for lines in self._groups(request)]

    def only(self, request: Request, positions: Sequence[int]) -> bytes:
        """The lines as they are: their numbers and their order are what is tested."""
        groups = list(self._groups(request))
        return b"".join(line + b"\n" for position in positions for line in groups[position])

    def merged(
        self, request: Request, answer: Answer | None, sent: Sequence[int], errors: Mapping[int, EntryError]
    ) -> Answer:
        told: dict[str, Any] = answer.json() if answer else {"took": 0}
        entries = self.entries(request)
        items = dict(zip(sent, told.get("items", []), strict=True))
        items |= {position: self._item(request, entries[position], error) for position, error in errors.items()}
        told |= {"errors": True, "items": [items[position] for position in sorted(items)]}
        return answered("application/json; charset=UTF-8", answer, json.dumps(told).encode())

    def _groups(self, request: Request) -> Iterator[list[bytes]]:
        """The lines of each entry."""
        lines = iter([line for line in request.content.split(b"\n") if line.strip()])
        for line in lines:
            yield [line] if "delete" in json.loads(line) else [line, next(lines)]

    def _entry(self, lines: list[bytes]) -> dict[str, Any]:
        ((action, metadata),) = json.loads(lines[0]).items()
        document = json.loads(lines[1]) if len(lines) > 1 else None
        return {"action": action, "metadata": metadata, "document": document}

    def _item(self, request: Request, entry: dict[str, Any], error: EntryError) -> dict[str, Any]:
        metadata = entry["metadata"]
        index = metadata.get("_index") or self._index_of_path(request)
        cause = {"type": error.code, "reason": error.message}
        item = {"_index": index, "_id": metadata.get("_id"), "status": error.status, "error": cause}
        return {entry["action"]: item}

    def _index_of_path(self, request: Request) -> str:
        return unquote(urlsplit(request.path).path.strip("/").split("/")[0])
