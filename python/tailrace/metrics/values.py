"""The metrics by name, as CloudWatch shows them, and what CloudWatch takes for a namespace and dimensions."""

from __future__ import annotations

import os
import re

from tailrace.metrics.outcome import RecordCounts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tailrace.metrics.outcome import InvocationMetrics

    Values = dict[str, tuple[float, str]]

__all__ = ["TABLE_NAME", "by_table", "checked_dimensions", "checked_namespace", "invocation_values", "table_values"]

TABLE_NAME = "TableName"
_COUNTS = ("received", "processed", "failed", "returned", "skipped", "quarantined", "deduplicated")
_NAMES = {count: f"Records{count.capitalize()}" for count in _COUNTS}
_ONE = {
    "BatchSize": ("batch_size", "Count"),
    "OldestRecordAgeMs": ("oldest_record_age_ms", "Milliseconds"),
    "RedeliveredRecords": ("redelivered_count", "Count"),
    "LowWatermarkStall": ("low_watermark_stall", "Count"),
    "DecodeMs": ("decode_ms", "Milliseconds"),
    "HandlerMs": ("handler_ms", "Milliseconds"),
    "SinkMs": ("sink_ms", "Milliseconds"),
}
_EVENT_NAMES = ("INSERT", "MODIFY", "REMOVE", "OTHER")

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html: 30 dimensions, one is ours.
_MOST_DIMENSIONS = 29
_LONGEST_NAME, _LONGEST_VALUE = 250, 1024
_NAMESPACE = re.compile(r"[A-Za-z0-9._\-/#: ]{1,255}")
_TABLE = re.compile(r"[A-Za-z0-9._-]{1,255}")


def invocation_values(invocation: InvocationMetrics) -> Values:
    """What is said of the invocation as a whole: value and unit by name."""
    found = {name: (getattr(invocation, attribute), unit) for name, (attribute, unit) in _ONE.items()}
    return {name: (round(value, 3), unit) for name, (value, unit) in found.items() if value is not None}


def by_table(invocation: InvocationMetrics) -> dict[str, dict[str, RecordCounts]]:
    """The counts by event, by what stands for the table in a dimension."""
    tables: dict[str, dict[str, RecordCounts]] = {}
    for (table, event), counts in invocation.records.items():
        events = tables.setdefault(table if _TABLE.fullmatch(table) else "unknown", {})
        events[event] = _sum(events.get(event, RecordCounts()), counts)
    return tables


def table_values(events: Mapping[str, RecordCounts]) -> Values:
    """The counts of one table: in all, also where they are 0, and by event where they are not."""
    return {name: (value, "Count") for name, value in _named_counts(events)}


def _named_counts(events: Mapping[str, RecordCounts]) -> Iterator[tuple[str, int]]:
    for count, name in _NAMES.items():
        yield name, sum(getattr(counts, count) for counts in events.values())
    for event, counts in events.items():
        for count, name in _NAMES.items():
            if value := getattr(counts, count):
                yield f"{name}{event.capitalize()}", value


def _sum(left: RecordCounts, right: RecordCounts) -> RecordCounts:
    return RecordCounts(**{count: getattr(left, count) + getattr(right, count) for count in _COUNTS})


def checked_namespace(namespace: object) -> str:
    """The namespace.

    Raises:
        ValueError: CloudWatch would refuse it.
        TypeError: it is no text.
    """
    if not isinstance(namespace, str):
        raise TypeError(f"the first argument is the namespace, not {type(namespace).__name__}")
    if not _NAMESPACE.fullmatch(namespace) or not namespace.strip():
        raise ValueError(f"namespace {namespace!r}: use 1 to 255 letters, digits, blanks and . - _ / # :")
    if namespace.startswith("AWS/"):
        raise ValueError(f"namespace {namespace!r}: those that begin with AWS/ are the services' own")
    return namespace


def checked_dimensions(dimensions: Mapping[str, str] | None) -> dict[str, str]:
    """The dimensions of all metrics; None takes FunctionName in Lambda, and none elsewhere.

    Raises:
        ValueError: CloudWatch would refuse them, or a name is one of ours.
        TypeError: they are no mapping of text to text.
    """
    if dimensions is None:
        function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        return {"FunctionName": function} if function else {}
    checked = dict(dimensions)
    if len(checked) > _MOST_DIMENSIONS:
        raise ValueError(f"{len(checked)} dimensions: CloudWatch takes 30, and TableName is one of them")
    for name, value in checked.items():
        _check_dimension(name, value)
    return checked


def _check_dimension(name: object, value: object) -> None:
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError(f"dimensions are text by name, not {type(value).__name__} by {type(name).__name__}")
    if name in _taken_names() or name.startswith(":") or not _is_word(name, _LONGEST_NAME):
        raise ValueError(f"dimension {name!r}: use another name, of 1 to {_LONGEST_NAME} characters of ASCII")
    if not _is_word(value, _LONGEST_VALUE):
        raise ValueError(f"dimension {name!r}: its value has 1 to {_LONGEST_VALUE} characters of ASCII, not all blank")


def _is_word(text: str, longest: int) -> bool:
    return 0 < len(text) <= longest and text.isascii() and text.isprintable() and not text.isspace()


def _taken_names() -> set[str]:
    """The members that the line itself has."""
    by_event = {f"{name}{event.capitalize()}" for name in _NAMES.values() for event in _EVENT_NAMES}
    return {*_ONE, *_NAMES.values(), *by_event, TABLE_NAME, "_aws", "RequestId", "FirstUndone", "Error"}
