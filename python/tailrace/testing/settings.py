"""The settings of a mapping, within AWS's limits."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace import FilterCriteria

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Destination = Literal["s3", "sqs", "sns", "kafka"]

__all__ = ["RETENTION_SECONDS", "Settings", "check_range", "check_word", "compiled"]

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
_MAXIMUM_BATCH_SIZE = 10_000
_MAXIMUM_BATCHING_WINDOW_SECONDS = 300
_MAXIMUM_RETRY_ATTEMPTS = 10_000
_LOWEST_RECORD_AGE_SECONDS, _HIGHEST_RECORD_AGE_SECONDS = 60, 604_800
_MAXIMUM_PARALLELIZATION_FACTOR = 10
_MAXIMUM_TUMBLING_WINDOW_SECONDS = 900
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
RETENTION_SECONDS = 86_400


@dataclass(frozen=True)
class Settings:
    """What a mapping is told; the arguments are those of EventSourceMapping.

    Raises:
        ValueError: a setting outside its limits.
    """

    batch_size: int = 100
    maximum_batching_window_in_seconds: float = 0
    maximum_retry_attempts: int = -1
    maximum_record_age_in_seconds: float = -1
    bisect_batch_on_function_error: bool = False
    parallelization_factor: int = 1
    filter_criteria: FilterCriteria | None = None
    report_batch_item_failures: bool = True
    tumbling_window_in_seconds: float = 0
    starting_position: Literal["TRIM_HORIZON", "LATEST"] = "TRIM_HORIZON"
    destination: Destination = "s3"

    def __post_init__(self) -> None:
        check_range("batch_size", self.batch_size, 1, _MAXIMUM_BATCH_SIZE)
        window = self.maximum_batching_window_in_seconds
        check_range("maximum_batching_window_in_seconds", window, 0, _MAXIMUM_BATCHING_WINDOW_SECONDS)
        check_range("maximum_retry_attempts", self.maximum_retry_attempts, -1, _MAXIMUM_RETRY_ATTEMPTS)
        if self.maximum_record_age_in_seconds != -1:
            age = self.maximum_record_age_in_seconds
            check_range("maximum_record_age_in_seconds", age, _LOWEST_RECORD_AGE_SECONDS, _HIGHEST_RECORD_AGE_SECONDS)
        check_range("parallelization_factor", self.parallelization_factor, 1, _MAXIMUM_PARALLELIZATION_FACTOR)
        tumbling = self.tumbling_window_in_seconds
        check_range("tumbling_window_in_seconds", tumbling, 0, _MAXIMUM_TUMBLING_WINDOW_SECONDS)
        if tumbling and self.parallelization_factor > 1:
            raise ValueError("tumbling_window_in_seconds with parallelization_factor over 1 is not simulated")
        check_word("starting_position", self.starting_position, "TRIM_HORIZON", "LATEST")
        check_word("destination", self.destination, "s3", "sqs", "sns", "kafka")

    @property
    def age_limit_seconds(self) -> float:
        """The age at which a record is dropped: what is set, and never more than the stream keeps."""
        age = self.maximum_record_age_in_seconds
        return RETENTION_SECONDS if age == -1 else min(age, RETENTION_SECONDS)

    def retries_are_used_up(self, invoke_count: int) -> bool:
        """Whether a batch that was tried so often and failed is given up."""
        return 0 <= self.maximum_retry_attempts < invoke_count


def compiled(criteria: object) -> FilterCriteria | None:
    """The filters of a mapping; None where there are none.

    Raises:
        FilterPatternError: Lambda would refuse them.
    """
    if criteria is None or isinstance(criteria, FilterCriteria):
        return criteria
    return FilterCriteria(criteria, dialect="lambda", max_filters=10)


def check_range(option: str, value: float, lowest: int, highest: float) -> None:
    """Refuse a number outside its limits.

    Raises:
        ValueError: it is.
    """
    if not lowest <= value <= highest:
        raise ValueError(f"{option}={value!r} is not between {lowest:,} and {highest:,}")


def check_word(option: str, word: object, *allowed: str) -> None:
    """Refuse a word that does not exist.

    Raises:
        ValueError: it is none of these.
    """
    if word not in allowed:
        raise ValueError(f"{option}={word!r} does not exist: use {' or '.join(map(repr, allowed))}")
