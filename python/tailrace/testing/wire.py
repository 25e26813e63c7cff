"""Records as Lambda gets them from a shard: their JSON text, their number, their time."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tailrace import Batch, Record, TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Wire = dict[str, Any]

__all__ = ["ShardRecord", "by_value", "creation_time_of", "sequence_number_of", "shard_records"]

_MOST_SECONDS = 100_000_000_000  # the year 5138; what is more are milliseconds


class ShardRecord:
    """One record of a shard, as text, so that each delivery makes objects of its own.

    Attributes:
        created: seconds since 1970; None where the record does not say.
        arrived: when it can be read, in seconds since the start of the delivery.
        settled: whether nothing more is to be done with it.
    """

    __slots__ = ("arrived", "created", "sequence_number", "settled", "text")

    def __init__(self, wire: Wire) -> None:
        number = sequence_number_of(wire)
        if not number or not number.isdecimal():
            raise ValueError(
                f"a record without a SequenceNumber does not come from a shard: eventID {wire.get('eventID')!r}"
            )
        self.sequence_number = number
        self.text = _json(wire)
        self.created = creation_time_of(wire)
        self.arrived = 0.0
        self.settled = False

    def item(self) -> bytes:
        """The identity of the changed item: changes of one item stay in order."""
        wire = json.loads(self.text)
        if "kinesis" in wire:
            return str(wire["kinesis"].get("partitionKey")).encode()
        try:
            return Batch.from_event({"Records": [wire]})[0].item_key
        except TailraceError:  # it is delivered all the same, and fails where it is read
            return _json({"Keys": wire["dynamodb"].get("Keys")}).encode()


def shard_records(records: Any) -> Iterator[ShardRecord]:
    """Read what is to be delivered: an event, its JSON text, or an iterable of Records and wire dicts."""
    if isinstance(records, (bytes, bytearray, str)):
        records = json.loads(records)
    if isinstance(records, Mapping):
        if "Records" not in records:
            raise ValueError("an event with Records is delivered, or an iterable of records")
        records = records["Records"]
    return (ShardRecord(_wire(record)) for record in records)


def sequence_number_of(record: Wire) -> str | None:
    """Find the number by which Lambda knows a record, in a DynamoDB stream or in Kinesis."""
    holder, name = ("kinesis", "sequenceNumber") if "kinesis" in record else ("dynamodb", "SequenceNumber")
    number = record.get(holder, {}).get(name)
    return number if isinstance(number, str) else None


def creation_time_of(record: Wire) -> float | None:
    """When the change was made, or came into Kinesis, in seconds since 1970; None where the record does not say."""
    if "kinesis" in record:
        time = record["kinesis"].get("approximateArrivalTimestamp")
    else:
        time = record["dynamodb"].get("ApproximateCreationDateTime")
    if isinstance(time, bool) or not isinstance(time, (int, float)):
        return None
    return time / 1000 if time > _MOST_SECONDS else float(time)


def by_value(sequence_number: str) -> tuple[int, str]:
    """Order numbers of any length."""
    digits = sequence_number.lstrip("0")
    return len(digits), digits


def _wire(record: object) -> Wire:
    if isinstance(record, Record):
        return record.to_dict()
    if isinstance(record, Mapping):
        return dict(record)
    raise TypeError(f"a record is a Record or a dict in Lambda's wire shape, not {type(record).__name__}")


def _json(wire: Wire) -> str:
    try:
        return json.dumps(wire, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"a record that is no JSON does not reach a function: {error}. Give Records, or dicts in Lambda's shape"
        ) from error
