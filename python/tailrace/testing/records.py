"""Change records made of Python items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import count

from tailrace import Batch
from tailrace.testing.attribute_values import attribute_values
from tailrace.testing.item_size import image_size_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace import Record
    from tailrace.types import UserIdentity

    Item = Mapping[str, Any]

__all__ = ["make_record"]

_serials = count(1)
_FIRST_SEQUENCE_NUMBER = 10**20  # real ones have 21 digits or more
_FIRST_CREATION_TIME = 1_767_225_600  # 2026-01-01T00:00:00Z
_IMAGES_OF_VIEW = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}


def make_record(
    *,
    new_image: Item | None = None,
    old_image: Item | None = None,
    keys: Item | Iterable[str] | str | None = None,
    event_name: str | None = None,
    event_id: str | None = None,
    sequence_number: str | None = None,
    approximate_creation_time: datetime | float | None = None,
    table_name: str = "table",
    aws_region: str = "us-east-1",
    event_source_arn: str | None = None,
    stream_view_type: str = "NEW_AND_OLD_IMAGES",
    user_identity: UserIdentity | None = None,
) -> Record:
    """Make one change record of Python items.

    Args:
        new_image: the item after the change: str, int, Decimal, bytes, bool, None, lists, dicts and sets.
        old_image: the item before the change.
        keys: the key itself, or the names of its attributes in the images. By default the first attribute of the
            image is the key.
        event_name: by default told by the images: INSERT, MODIFY or REMOVE.
        event_id: by default unique in this process, the same in every run.
        sequence_number: by default of 21 digits, higher than that of every record made before.
        approximate_creation_time: an aware datetime or seconds since 1970; by default a second for each record
            since the start of 2026.
        table_name: the table.
        aws_region: the Region.
        event_source_arn: the stream; by default made of table and Region.
        stream_view_type: which images the stream carries; the others are left out.
        user_identity: who made the change; Time to Live is
            ``{"type": "Service", "principalId": "dynamodb.amazonaws.com"}``.

    Returns:
        A Record; ``to_dict()`` gives what a Lambda event holds.

    Raises:
        MarshallError: a value that DynamoDB cannot hold, such as a float.
        ValueError: the images do not tell the key or the event, or differ in the key; a naive datetime; a
            stream_view_type that does not exist.

    Example:
        >>> from tailrace.testing import make_record
        >>> record = make_record(old_image={"id": "a", "n": 1}, new_image={"id": "a", "n": 2})
        >>> record.event_name, record.keys, record.new_image
        (<EventName.MODIFY: 'MODIFY'>, {'id': 'a'}, {'id': 'a', 'n': Decimal('2')})
    """
    serial = next(_serials)
    images = _images(new_image, old_image)
    record = {
        "eventID": event_id or f"{serial:032x}",
        "eventName": str(event_name) if event_name else _event_name(images),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": aws_region,
        "dynamodb": {
            "ApproximateCreationDateTime": _seconds(approximate_creation_time, serial),
            **_sized({"Keys": _keys(keys, images), **_of_view(stream_view_type, images)}),
            "SequenceNumber": sequence_number or str(_FIRST_SEQUENCE_NUMBER + serial),
            "StreamViewType": str(stream_view_type),
        },
        "eventSourceARN": event_source_arn or _arn(aws_region, table_name),
    }
    if user_identity is not None:
        record["userIdentity"] = dict(user_identity)
    return Batch.from_event({"Records": [record]})[0]


def _images(new_image: Item | None, old_image: Item | None) -> dict[str, Any]:
    given = (("NewImage", new_image), ("OldImage", old_image))
    return {name: attribute_values(item, (name,)) for name, item in given if item is not None}


def _of_view(stream_view_type: str, images: Mapping[str, Any]) -> dict[str, Any]:
    if stream_view_type not in _IMAGES_OF_VIEW:
        raise ValueError(f"stream_view_type={stream_view_type!r} does not exist: use {', '.join(_IMAGES_OF_VIEW)}")
    return {name: images[name] for name in _IMAGES_OF_VIEW[stream_view_type] if name in images}


def _sized(stream_record: dict[str, Any]) -> dict[str, Any]:
    return {**stream_record, "SizeBytes": sum(image_size_bytes(image) for image in stream_record.values())}


def _event_name(images: Mapping[str, Any]) -> str:
    if not images:
        raise ValueError("without images nothing tells the event: give event_name=")
    if len(images) > 1:
        return "MODIFY"
    return "INSERT" if "NewImage" in images else "REMOVE"


def _keys(keys: Item | Iterable[str] | str | None, images: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(keys, Mapping):
        return attribute_values(keys, ("Keys",))
    of_images = [_of_image(keys, image) for image in images.values()]
    if not of_images:
        raise ValueError("without images nothing tells the key: give keys= as a dict")
    if any(other != of_images[0] for other in of_images):
        raise ValueError(f"the images differ in their key, which no change does: {of_images[0]} and {of_images[1]}")
    return of_images[0]


def _of_image(names: Iterable[str] | str | None, image: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(names, str):
        names = (names,)
    key = {name: image.get(name) for name in (tuple(image)[:1] if names is None else names)}
    if not key or any(value is None or next(iter(value)) not in ("S", "N", "B") for value in key.values()):
        raise ValueError(f"{', '.join(key) or 'an empty image'} is no key: give keys=, of text, numbers or bytes")
    return key


def _seconds(time: datetime | float | None, serial: int) -> float:
    if time is None:
        return float(_FIRST_CREATION_TIME + serial)
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise ValueError("approximate_creation_time is naive: give it a time zone")
        return time.timestamp()
    return float(time)


def _arn(aws_region: str, table_name: str) -> str:
    return f"arn:aws:dynamodb:{aws_region}:123456789012:table/{table_name}/stream/2026-01-01T00:00:00.000"
