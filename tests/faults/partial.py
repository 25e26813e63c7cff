"""Some entries of a batch are refused, the others carried out: each service says so in its own way."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.faults.batches import Batch, ById, EntryError, Positional, Unprocessed
from tests.faults.bulk import Bulk
from tests.faults.exchange import Backend, Outcome, Request
from tests.faults.publish import Publish

BATCHES: dict[str, Batch] = {
    "SendMessageBatch": ById("InternalError"),
    "DeleteMessageBatch": ById("InternalError"),
    "PublishBatch": Publish("InternalError"),
    "PutEvents": Positional("ThrottlingException", "Entries", "Entries", "FailedEntryCount"),
    "PutRecords": Positional("ProvisionedThroughputExceededException", "Records", "Records", "FailedRecordCount"),
    "PutRecordBatch": Positional("ServiceUnavailableException", "Records", "RequestResponses", "FailedPutCount"),
    "BatchWriteItem": Unprocessed(),
    "_bulk": Bulk("rejected_execution_exception"),
}
# Whether an entry is refused, by its position in the call, from 0, and what it is.
Choose = Callable[[int, Any], bool]


def positions(*chosen: int) -> Choose:
    return lambda position, entry: position in chosen


def share(probability: float, seed: object) -> Choose:
    """By chance for each entry, the same at every run that asks in the same order."""
    chance, lock = random.Random(str(seed)), threading.Lock()

    def choose(position: int, entry: Any) -> bool:
        with lock:
            return chance.random() < probability

    return choose


@dataclass(frozen=True)
class Partial:
    """Chosen entries of a batch are answered as failed; what the service did with the others, it answers itself.

    SendMessageBatch and its like of SQS, PublishBatch, PutEvents, PutRecords, PutRecordBatch, BatchWriteItem (the
    entries become UnprocessedItems), ``_bulk`` of OpenSearch.

    Attributes:
        choose: which entries; it sees the entry as the service's JSON has it, for ``_bulk`` a dict of ``action``,
            ``metadata`` and ``document``.
        code: the error's code or type; None for what the service says of load that it can't take.
        message: the text beside it.
        status: of an item of OpenSearch.
        sender_fault: of an entry of SQS and SNS.
        carried_out: the failure is a lie: the entry is carried out as well, as after a time-out inside the service.
    """

    choose: Choose
    code: str | None = None
    message: str = "refused by a fault"
    status: int = 429
    sender_fault: bool = False
    carried_out: bool = False

    def fits(self, request: Request) -> bool:
        return request.operation in BATCHES

    def __call__(self, request: Request, backend: Backend) -> Outcome:
        batch = BATCHES[request.operation]
        entries = batch.entries(request)
        refused = {position for position, entry in enumerate(entries) if self.choose(position, entry)}
        sent = [position for position in range(len(entries)) if self.carried_out or position not in refused]
        answer = backend.carry_out(request.with_content(batch.only(request, sent))) if sent else None
        if not refused or (answer is not None and answer.status != 200):
            assert answer is not None
            return answer
        error = EntryError(self.code or batch.code, self.message, self.status, self.sender_fault)
        return batch.merged(request, answer, sent, dict.fromkeys(sorted(refused), error))
