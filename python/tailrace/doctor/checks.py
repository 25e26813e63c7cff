"""What is wrong with a mapping: each check is a row of what it finds, why that costs records, and the remedy."""

from __future__ import annotations

from tailrace import FilterCriteria, FilterPatternError
from tailrace.doctor.finding import Finding
from tailrace.doctor.mappings import Unresolved, holds_unresolved
from tailrace.doctor.patterns import asks_for_changes
from tailrace.testing import EventSourceMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Literal

    Settings = Mapping[str, Any]
    Report = Literal["partial", "raise"] | None

__all__ = ["check_mapping"]

_REPORT = "ReportBatchItemFailures"
_RETENTION_SECONDS = 86_400
_FILTERS_WITHOUT_QUOTA, _MAXIMUM_FILTERS = 5, 10


def check_mapping(settings: Settings, *, report: Report = None) -> list[Finding]:
    """Say what is wrong with an event source mapping of a stream, or costs records on a bad day.

    Args:
        settings: by AWS's names, as ``mappings_in`` and ``mappings_of_function`` give them. What is missing or null
            has AWS's default; what a function of CloudFormation stands for is not judged.
        report: the ``report=`` of the StreamHandler behind it; None when nobody knows the function.

    Returns:
        Errors first; empty when there is nothing to say.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html

    Example:
        >>> from tailrace.doctor import check_mapping
        >>> safe = {
        ...     "FunctionResponseTypes": ["ReportBatchItemFailures"],
        ...     "BisectBatchOnFunctionError": True,
        ...     "MaximumRetryAttempts": 8,
        ...     "MaximumRecordAgeInSeconds": 43200,
        ...     "StartingPosition": "TRIM_HORIZON",
        ...     "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::failures"}},
        ... }
        >>> check_mapping(safe, report="partial")
        []
        >>> [finding.code for finding in check_mapping({**safe, "FunctionResponseTypes": []}, report="partial")]
        ['answer-ignored']
    """
    given = {name: value for name, value in settings.items() if value is not None}
    found = [*_of_values(given), *_of_answers(given, report)]
    for check in (_of_retries, _of_age, _of_destination, _of_bisect, _of_position, _of_filters, _of_state):
        found += check(given)
    return sorted(found, key=lambda finding: finding.severity != "error")


def _of_values(settings: Settings) -> Iterator[Finding]:
    """Settings that AWS refuses, as the simulator knows them; one by one, so that each is told."""
    for name, value in settings.items():
        of_kinesis = name == "StartingPosition" and value == "AT_TIMESTAMP"
        if of_kinesis or name == "FilterCriteria" or holds_unresolved(value):
            continue
        try:
            EventSourceMapping.from_configuration(_nothing, {name: value})
        except ValueError as error:
            yield Finding(
                "bad-setting", "error", f"{name} cannot be: {error}", "AWS refuses such a mapping, or passes it over",
                "write a value within AWS's limits, under AWS's name", name,
            )  # fmt: skip


def _nothing(event: object, context: object) -> None:
    """A function for a mapping that delivers nothing."""


def _of_answers(settings: Settings, report: Report) -> Iterator[Finding]:
    types = settings.get("FunctionResponseTypes", [])
    if holds_unresolved(types):
        return
    name = "FunctionResponseTypes"
    if _REPORT in types:
        if report == "raise":
            yield Finding(
                "partial-answer-unused", "warning", 'partial answers are read, and the handler has report="raise"',
                "any failure brings the whole batch again, also what is done",
                'leave out report="raise"', name,
            )  # fmt: skip
    elif report == "partial":
        yield Finding(
            "answer-ignored", "error", f"{name} has no {_REPORT}, and the handler answers which record failed",
            "Lambda does not read the answer: it takes every batch for done, and the failed records are lost",
            f'set {name}: [{_REPORT}], or give the handler report="raise"', name,
        )  # fmt: skip
    elif report is None:
        yield Finding(
            "no-partial-answer", "warning", f"{name} has no {_REPORT}",
            "an answer that names failed records is not read, and they are lost; what is raised brings the whole batch"
            " again",
            f"set {name}: [{_REPORT}] and answer with the record that failed", name,
        )  # fmt: skip


def _of_retries(settings: Settings) -> Iterator[Finding]:
    retries, age = _number(settings, "MaximumRetryAttempts"), _number(settings, "MaximumRecordAgeInSeconds")
    if retries == -1:
        bounded = age is None or age != -1
        yield Finding(
            "retries-unbounded", "warning" if bounded else "error", "MaximumRetryAttempts is not limited",
            "a record that always fails blocks its shard until it is too old"
            + ("" if bounded else ", a day by default, and the stream drops what waits behind it"),
            "set MaximumRetryAttempts to 5 to 10, with an on-failure destination", "MaximumRetryAttempts",
        )  # fmt: skip
    elif retries == 0:
        yield Finding(
            "no-retries", "warning", "MaximumRetryAttempts is 0",
            "a moment's trouble of the function or of what it calls gives the records up",
            "set MaximumRetryAttempts to 5 to 10", "MaximumRetryAttempts",
        )  # fmt: skip


def _of_age(settings: Settings) -> Iterator[Finding]:
    age = _number(settings, "MaximumRecordAgeInSeconds")
    if age == -1:
        yield Finding(
            "age-unbounded", "warning", "MaximumRecordAgeInSeconds is not limited",
            "throttles use up no retry: only the age ends them, and after a day the stream drops the records",
            "set MaximumRecordAgeInSeconds below 86400, so that the destination gets what was not done in time",
            "MaximumRecordAgeInSeconds",
        )  # fmt: skip
    elif age is not None and age >= _RETENTION_SECONDS:
        yield Finding(
            "age-over-retention", "warning", f"MaximumRecordAgeInSeconds is {age:,.0f}, and a stream keeps records for"
            " 86,400", "the stream drops records before the mapping gives them up",
            "set MaximumRecordAgeInSeconds below 86400", "MaximumRecordAgeInSeconds",
        )  # fmt: skip


def _of_destination(settings: Settings) -> Iterator[Finding]:
    config = settings.get("DestinationConfig") or {}
    if _is_unresolved(config):
        return
    destination = (config.get("OnFailure") or {}) if isinstance(config, dict) else {}
    arn = destination if _is_unresolved(destination) else destination.get("Destination")
    if not arn:
        yield Finding(
            "no-destination", "error", "there is no on-failure destination",
            "records that are given up leave no trace: nobody can say which they were, or bring them back",
            "set DestinationConfig.OnFailure.Destination to a bucket: it also keeps the records", "DestinationConfig",
        )  # fmt: skip
    elif not _is_unresolved(arn) and ":s3:" not in str(arn):
        yield Finding(
            "destination-without-records", "warning", f"the on-failure destination is {arn}",
            "it gets the numbers of the records only: they must be read again within a day",
            "set DestinationConfig.OnFailure.Destination to a bucket", "DestinationConfig",
        )  # fmt: skip


def _of_bisect(settings: Settings) -> Iterator[Finding]:
    if not settings.get("BisectBatchOnFunctionError", False):
        yield Finding(
            "no-bisect", "warning", "BisectBatchOnFunctionError is off",
            "a function that crashes or times out is given the whole batch again, until all of it is given up",
            "set BisectBatchOnFunctionError: true; it uses up no retry", "BisectBatchOnFunctionError",
        )  # fmt: skip


def _of_position(settings: Settings) -> Iterator[Finding]:
    if settings.get("StartingPosition") == "LATEST":
        yield Finding(
            "starts-at-latest", "warning", "StartingPosition is LATEST",
            "changes that are made while the mapping is created or updated are never delivered",
            "set StartingPosition: TRIM_HORIZON", "StartingPosition",
        )  # fmt: skip


def _of_filters(settings: Settings) -> Iterator[Finding]:
    criteria = settings.get("FilterCriteria")
    filters = criteria.get("Filters") if isinstance(criteria, dict) else None
    if not isinstance(filters, list) or not filters or holds_unresolved(criteria):
        return
    name = "FilterCriteria"
    if not all(isinstance(each, dict) and isinstance(each.get("Pattern"), str) for each in filters):
        yield Finding(
            "filter-no-text", "error", "a Pattern is no text", "AWS does not take such a mapping",
            "put the pattern in quotes, as JSON", name,
        )  # fmt: skip
    if len(filters) > _FILTERS_WITHOUT_QUOTA:
        yield Finding(
            "filter-quota", "warning", f"there are {len(filters)} filters", "AWS takes 5, or 10 by a quota",
            "ask for the quota, or join patterns with $or", name,
        )  # fmt: skip
    patterns = [each["Pattern"] for each in filters if isinstance(each, dict) and isinstance(each.get("Pattern"), str)]
    source = _source(settings, patterns)
    if source != "kinesis" or any(map(asks_for_changes, patterns)):
        yield from _of_patterns(criteria, name, source)


def _source(settings: Settings, patterns: list[str]) -> Literal["dynamodb", "kinesis"] | None:
    """Where the records come from; only what comes through Kinesis has ``data``."""
    arn = str(settings.get("EventSourceArn", ""))
    if ":dynamodb:" in arn:
        return "dynamodb"
    is_kinesis = ":kinesis:" in arn or any('"data"' in pattern for pattern in patterns)
    return "kinesis" if is_kinesis else None


def _of_patterns(criteria: object, name: str, source: Literal["dynamodb", "kinesis"] | None) -> Iterator[Finding]:
    try:
        criteria = FilterCriteria(criteria, dialect="lambda", max_filters=_MAXIMUM_FILTERS)
        warnings = criteria.lint(source=source)
    except FilterPatternError as error:
        yield Finding(
            "filter-refused", "error", f"a filter pattern is refused: {error}", "AWS does not take such a mapping",
            "mend the pattern; `tailrace filter lint` shows where", name,
        )  # fmt: skip
        return
    for warning in warnings:
        severity: Literal["error", "warning"] = "error" if warning.severity == "error" else "warning"
        yield Finding(
            f"filter-{warning.code}", severity, f"filter {warning.filter_index}: {warning.message}",
            "records that no filter matches are skipped without a trace", "try it with `tailrace filter explain`", name,
        )  # fmt: skip


def _of_state(settings: Settings) -> Iterator[Finding]:
    if settings.get("State") in ("Disabled", "Disabling") or settings.get("Enabled") is False:
        yield Finding(
            "disabled", "warning", "the mapping is disabled",
            "nothing is delivered, and the stream drops what is older than a day", "enable it", "Enabled",
        )  # fmt: skip
    if problem := settings.get("FilterCriteriaError"):
        yield Finding(
            "filter-unreadable", "error", f"Lambda cannot read the FilterCriteria: {_message(problem)}",
            "the mapping does not filter as it was meant to, or stands still",
            "mend the key or the policy that it names", "FilterCriteria",
        )  # fmt: skip


def _message(problem: object) -> object:
    return problem.get("Message") or problem.get("ErrorCode") if isinstance(problem, dict) else problem


def _number(settings: Settings, name: str) -> float | None:
    """A number, AWS's default of -1 where there is none; None where nobody knows."""
    value = settings.get(name, -1)
    return value if isinstance(value, (int, float)) else None


def _is_unresolved(value: object) -> bool:
    return isinstance(value, Unresolved)
