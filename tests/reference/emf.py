"""The rules of CloudWatch's embedded metric format, as its specification and its JSON schema have them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

UNITS = {
    "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
    "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
    "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
    "Gigabits/Second", "Terabits/Second", "Count/Second", "None",
}  # fmt: skip
LONGEST_EVENT_BYTES = 256 * 1024
TWO_WEEKS_MS, TWO_HOURS_MS = 14 * 86_400_000, 2 * 3_600_000
MOST_METRICS, MOST_DIMENSIONS, MOST_VALUES = 100, 30, 100


def faults(line: str) -> list[str]:
    """What is wrong with a line, in words; nothing when CloudWatch makes all of its metrics."""
    try:
        document = json.loads(line, parse_constant=lambda word: f"no JSON: {word}")
    except ValueError as error:
        return [f"no JSON: {error}"]
    if not isinstance(document, dict) or not isinstance(document.get("_aws"), dict):
        return ["the root is no object with _aws"]
    found = [] if len(line.encode()) <= LONGEST_EVENT_BYTES else ["longer than an event of CloudWatch Logs"]
    found += _faults_of_time(document["_aws"].get("Timestamp"))
    directives = document["_aws"].get("CloudWatchMetrics")
    if not isinstance(directives, list):
        return [*found, "CloudWatchMetrics is no array"]
    for directive in directives:
        found += _faults_of_directive(directive, document)
    return found


def _faults_of_time(time_ms: Any) -> list[str]:
    if not isinstance(time_ms, int) or isinstance(time_ms, bool):
        return ["Timestamp is no integer"]
    now_ms = time.time() * 1000
    return [] if now_ms - TWO_WEEKS_MS < time_ms < now_ms + TWO_HOURS_MS else ["Timestamp is too old or too new"]


def _faults_of_directive(directive: Any, document: dict[str, Any]) -> list[str]:
    missing = {"Namespace", "Dimensions", "Metrics"} - set(directive)
    if missing:
        return [f"a directive lacks {missing}"]
    found = [] if _is_text(directive["Namespace"], 1024) else ["Namespace"]
    if not directive["Dimensions"]:
        found.append("Dimensions has no set")
    for names in directive["Dimensions"]:
        found += _faults_of_dimensions(names, document)
    if len(directive["Metrics"]) > MOST_METRICS:
        found.append("more than 100 metrics")
    names = [metric.get("Name") for metric in directive["Metrics"]]
    if len(set(names)) < len(names):
        found.append("a metric twice")
    for metric in directive["Metrics"]:
        found += _faults_of_metric(metric, document)
    return found


def _faults_of_dimensions(names: Any, document: dict[str, Any]) -> list[str]:
    if not isinstance(names, list) or len(names) > MOST_DIMENSIONS or len(set(names)) < len(names):
        return ["a set of dimensions"]
    found = []
    for name in names:
        value = document.get(name)
        if not _is_text(name, 250) or not name.isascii() or name.startswith(":"):
            found.append(f"the name of dimension {name!r}")
        if not isinstance(value, str) or not _is_text(value, 1024) or not value.strip() or not value.isascii():
            found.append(f"the value of dimension {name!r}")
    return found


def _faults_of_metric(metric: Any, document: dict[str, Any]) -> list[str]:
    name = metric.get("Name")
    if not _is_text(name, 1024):
        return ["a metric's name"]
    found = [] if set(metric) <= {"Name", "Unit", "StorageResolution"} else [f"{name}: a member"]
    if metric.get("Unit", "None") not in UNITS:
        found.append(f"{name}: unit")
    value = document.get(name)
    values = value if isinstance(value, list) else [value]
    if not 0 < len(values) <= MOST_VALUES or not all(_is_number(each) for each in values):
        found.append(f"{name}: its value is no number")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest and re.fullmatch(".*", value) is not None
