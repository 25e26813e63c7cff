"""AWS's vocabulary: the enums of a change record and the TypedDicts of the wire."""

from __future__ import annotations

from enum import Enum

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypedDict

    class BatchItemFailure(TypedDict):
        """One entry of the answer: a record's SequenceNumber."""

        itemIdentifier: str

    class _Failures(TypedDict):
        batchItemFailures: list[BatchItemFailure]

    class BatchResponse(_Failures, total=False):
        """A handler's answer to an event source mapping with ReportBatchItemFailures; in a window with its state."""

        state: dict[str, Any]

    class UserIdentity(TypedDict):
        """Who made the change; only the Time to Live service sets it."""

        type: str
        principalId: str

    Image = dict[str, dict[str, Any]]


__all__ = ["EventName", "StreamViewType"]


class EventName(str, Enum):
    """What happened to the item.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html

    Example:
        >>> EventName.INSERT == "INSERT"
        True
    """

    INSERT = "INSERT"
    MODIFY = "MODIFY"
    REMOVE = "REMOVE"

    __str__ = str.__str__
    __format__ = str.__format__  # type: ignore[assignment]


class StreamViewType(str, Enum):
    """Which images the stream carries.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StreamSpecification.html

    Example:
        >>> StreamViewType.NEW_AND_OLD_IMAGES == "NEW_AND_OLD_IMAGES"
        True
    """

    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"

    __str__ = str.__str__
    __format__ = str.__format__  # type: ignore[assignment]
