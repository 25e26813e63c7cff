"""A mapping as AWS writes it down, read as the settings of ours."""

from __future__ import annotations

from tailrace.testing.settings import compiled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["settings_of"]

_PLAIN = {
    "BatchSize": "batch_size",
    "MaximumBatchingWindowInSeconds": "maximum_batching_window_in_seconds",
    "MaximumRetryAttempts": "maximum_retry_attempts",
    "MaximumRecordAgeInSeconds": "maximum_record_age_in_seconds",
    "BisectBatchOnFunctionError": "bisect_batch_on_function_error",
    "ParallelizationFactor": "parallelization_factor",
    "TumblingWindowInSeconds": "tumbling_window_in_seconds",
    "StartingPosition": "starting_position",
}
_OTHERS = ("FilterCriteria", "FunctionResponseTypes", "DestinationConfig")
_BY_LOWER_CASE = {name.lower(): name for name in (*_PLAIN, *_OTHERS)}
_REPORT = "ReportBatchItemFailures"


def settings_of(configuration: Mapping[str, Any]) -> dict[str, Any]:
    """Read a mapping of AWS as keyword arguments of EventSourceMapping.

    Args:
        configuration: what ``get-event-source-mapping`` prints, what ``create-event-source-mapping`` takes, or the
            properties of a mapping in a template, without functions of CloudFormation. Names that say nothing about
            delivery (UUID, State...) are passed over. A setting that is missing or null has AWS's default.

    Returns:
        The settings that are set; ``report_batch_item_failures`` always, as AWS's default is False.

    Raises:
        ValueError: a setting's name in another case than AWS's, or a value that cannot be.
        FilterPatternError: Lambda would refuse the FilterCriteria.
    """
    _check_names(configuration)
    given = {name: value for name, value in configuration.items() if value is not None}
    settings = {ours: _value(name, given[name]) for name, ours in _PLAIN.items() if name in given}
    settings["report_batch_item_failures"] = _reports(given.get("FunctionResponseTypes", []))
    if given.get("FilterCriteria"):
        settings["filter_criteria"] = compiled(given["FilterCriteria"])
    kind = _destination(given.get("DestinationConfig"))
    return settings if kind is None else settings | {"destination": kind}


def _check_names(configuration: Mapping[str, Any]) -> None:
    for name in configuration:
        right = _BY_LOWER_CASE.get(name.replace("_", "").lower())
        if right is not None and right != name:
            raise ValueError(f"{name} is no setting of AWS: it is spelled {right}")


def _value(name: str, value: object) -> object:
    if name == "StartingPosition":
        return value
    wanted: tuple[type, ...] = (bool,) if name == "BisectBatchOnFunctionError" else (int, float)
    if not isinstance(value, wanted) or (bool not in wanted and isinstance(value, bool)):
        raise ValueError(f"{name} is {'true or false' if bool in wanted else 'a number'}, not {value!r}")
    return value


def _reports(types: object) -> bool:
    if not isinstance(types, list) or any(each != _REPORT for each in types):
        raise ValueError(f'FunctionResponseTypes is [] or ["{_REPORT}"], not {types!r}')
    return bool(types)


def _destination(config: object) -> str | None:
    """Which service the ARN of the on-failure destination names."""
    on_failure = config.get("OnFailure") if isinstance(config, dict) else None
    arn = on_failure.get("Destination") if isinstance(on_failure, dict) else None
    if not arn:
        return None
    kind = "kafka" if str(arn).startswith("kafka:") else str(arn).split(":")[2:3]
    kind = kind if isinstance(kind, str) else "".join(kind)
    if kind not in ("s3", "sqs", "sns", "kafka"):
        raise ValueError(f"DestinationConfig.OnFailure.Destination {arn!r} is no bucket, queue or topic")
    return kind
