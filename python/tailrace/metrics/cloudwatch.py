"""Metrics by calls of CloudWatch."""

from __future__ import annotations

from tailrace.client import LazyClient, made_client
from tailrace.metrics.values import (
    TABLE_NAME,
    by_table,
    checked_dimensions,
    checked_namespace,
    invocation_values,
    table_values,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from tailrace.metrics.outcome import InvocationMetrics
    from tailrace.metrics.values import Values

    Datum = dict[str, Any]

__all__ = ["CloudWatchMetrics"]

# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
_MOST_METRICS = 1000
_MOST_BYTES = 1_000_000
_OF_A_MEMBER = 100
"""Bytes around each value of a request, ``&MetricData.member.1000.Dimensions.member.30.Value=``, and some to spare."""


class CloudWatchMetrics:
    """Sends the numbers of each invocation to CloudWatch: one call of PutMetricData.

    The call is made before Lambda gets the answer, takes some milliseconds and costs as a request. ``EmfMetrics`` needs
    none, so this one is for where no log reaches CloudWatch. A call that fails is logged, and fails no record. The
    client that is made here gives up after 1.5 seconds, so that metrics never cost an invocation its answer.

    Args:
        namespace: of the metrics, 1 to 255 characters.
        dimensions: of all metrics, up to 29; those of records have TableName as well. None takes the name of the Lambda
            function as FunctionName.
        client: a boto3 client of CloudWatch; None makes one at the first use.

    Raises:
        ValueError: CloudWatch would refuse the namespace or a dimension.
        TypeError: an argument is of the wrong type.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.metrics import CloudWatchMetrics
        >>> app = StreamHandler(metrics=CloudWatchMetrics("Shop/Streams", dimensions={"Service": "orders"}))
    """

    def __init__(self, namespace: str, *, dimensions: Mapping[str, str] | None = None, client: Any = None) -> None:
        self._namespace = checked_namespace(namespace)
        self._dimensions = checked_dimensions(dimensions)
        self._client = LazyClient(client, _made_client)

    def __repr__(self) -> str:
        return f"CloudWatchMetrics({self._namespace!r}, dimensions={self._dimensions!r})"

    def emit(self, invocation: InvocationMetrics) -> None:
        """Send them.

        Raises:
            Exception: a call failed. A StreamHandler logs it; what was sent before is kept, the rest is not sent.
        """
        client = self._client.get()
        for data in _requests(self._data(invocation)):
            client.put_metric_data(Namespace=self._namespace, MetricData=data)

    def _data(self, invocation: InvocationMetrics) -> Iterator[Datum]:
        yield from _named(invocation_values(invocation), self._dimensions, invocation.time_ms)
        for table, events in by_table(invocation).items():
            yield from _named(table_values(events), self._dimensions | {TABLE_NAME: table}, invocation.time_ms)


def _made_client() -> Any:
    retries = {"mode": "standard", "total_max_attempts": 1}
    return made_client("cloudwatch", connect_timeout=0.5, read_timeout=1, retries=retries)


def _named(values: Values, dimensions: Mapping[str, str], time_ms: int) -> Iterator[Datum]:
    pairs = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    for name, (value, unit) in values.items():
        yield {
            "MetricName": name,
            "Dimensions": pairs,
            "Timestamp": time_ms / 1000,
            "Value": float(value),
            "Unit": unit,
        }


def _requests(data: Iterable[Datum]) -> Iterator[list[Datum]]:
    """As many as a request takes at a time."""
    some: list[Datum] = []
    size_bytes = 0
    for datum in data:
        size_bytes += _size_bytes(datum)
        if some and (len(some) == _MOST_METRICS or size_bytes > _MOST_BYTES):
            yield some
            some, size_bytes = [], _size_bytes(datum)
        some.append(datum)
    if some:
        yield some


def _size_bytes(datum: Datum) -> int:
    """No less than it takes in a request: a character may be written as three."""
    words = [datum["MetricName"], datum["Unit"], "timestamp and value, 30 characters each"]
    words += [word for pair in datum["Dimensions"] for word in pair.values()]
    return sum(3 * len(word) + _OF_A_MEMBER for word in words)
