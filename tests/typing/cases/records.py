"""Batch and Record, and the words of a record."""

from typing_extensions import reveal_type

from tailrace import Batch, EventName, Record, StreamViewType

batch = Batch.from_event(b"[]", event_source_arn=None)
reveal_type(batch)  # -> Batch
reveal_type(batch.shape)  # -> Literal['stream'] | Literal['kinesis'] | Literal['pipes']
reveal_type(batch[0])  # -> Record
reveal_type(batch[1:])  # -> Batch
reveal_type(list(batch))  # -> list[Record]
reveal_type(len(batch))  # -> int
reveal_type(batch.by_item())  # -> dict[bytes, Batch]
reveal_type(batch.take([0]))  # -> Batch
Batch.from_event(1)  # error: arg-type
Batch.from_event(b"[]", None)  # error: arg-type
Batch()[0] = batch[0]  # error: index


def read(record: Record) -> None:
    reveal_type(record.event_id)  # -> str | None
    reveal_type(record.event_name)  # -> str | None
    reveal_type(record.event_source_arn)  # -> str | None
    reveal_type(record.table_name)  # -> str | None
    reveal_type(record.aws_region)  # -> str | None
    reveal_type(record.sequence_number)  # -> str | None
    reveal_type(record.stream_view_type)  # -> str | None
    reveal_type(record.size_bytes)  # -> int | None
    reveal_type(record.approximate_creation_time)  # -> datetime | None
    if record.user_identity is not None:  # mypy writes out a TypedDict in no fixed order
        reveal_type(record.user_identity["principalId"])  # -> str
    reveal_type(record.is_ttl_delete)  # -> bool
    reveal_type(record.keys)  # -> dict[str, Any]
    reveal_type(record.new_image)  # -> dict[str, Any] | None
    reveal_type(record.old_image)  # -> dict[str, Any] | None
    reveal_type(record.item_key)  # -> bytes
    reveal_type(record.attribute_values("keys"))  # -> dict[str, dict[str, Any]] | None
    reveal_type(record.to_dict())  # -> dict[str, Any]
    record.keys = {}  # error: misc
    record.attribute_values("image")  # error: arg-type
    print(record.event_nmae)  # error: attr-defined


reveal_type(EventName.INSERT)  # -> Literal[EventName.INSERT]?
reveal_type(EventName("MODIFY"))  # -> EventName
reveal_type(StreamViewType.KEYS_ONLY.value)  # -> Literal['KEYS_ONLY']?
