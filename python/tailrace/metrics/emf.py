"""Metrics as lines of the log: CloudWatch's embedded metric format."""

from __future__ import annotations

import json
import sys

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
    from collections.abc import Iterator, Mapping
    from typing import Any

    from tailrace.metrics.outcome import InvocationMetrics
    from tailrace.metrics.values import Values

__all__ = ["EmfMetrics"]


class EmfMetrics:
    """Writes the numbers of each invocation to standard output, as one line of JSON.

    CloudWatch Logs makes metrics of such a line by itself: no call, no permission, no wait. The line also has, for
    Logs Insights, what is no metric: RequestId, FirstUndone (a SequenceNumber) and Error (a type). It never has a key
    or value of an item. Changes of several tables in one batch, as a Kinesis stream may bring them, make one more line
    for each further table.

    Args:
        namespace: of the metrics, 1 to 255 characters.
        dimensions: of all metrics, up to 29; those of records have TableName as well. None takes the name of the Lambda
            function as FunctionName. Each combination of values is a metric of its own and costs as one.

    Raises:
        ValueError: CloudWatch would refuse the namespace or a dimension.
        TypeError: an argument is of the wrong type.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

    Example:
        >>> import json
        >>> from tailrace import StreamHandler
        >>> from tailrace.metrics import EmfMetrics
        >>> from tailrace.testing import make_event
        >>> app = StreamHandler(metrics=EmfMetrics("Shop/Streams", dimensions={"Service": "orders"}))
        >>> app(make_event([{"id": "a"}], table_name="orders"))
        {"_aws": ...
        {'batchItemFailures': []}
    """

    def __init__(self, namespace: str, *, dimensions: Mapping[str, str] | None = None) -> None:
        self._namespace = checked_namespace(namespace)
        self._dimensions = checked_dimensions(dimensions)

    def __repr__(self) -> str:
        return f"EmfMetrics({self._namespace!r}, dimensions={self._dimensions!r})"

    def emit(self, invocation: InvocationMetrics) -> None:
        """Write the line."""
        lines = [json.dumps(document) + "\n" for document in self._documents(invocation)]
        # In one write, so that a line of another thread never stands in the middle of it.
        sys.stdout.write("".join(lines))
        sys.stdout.flush()

    def _documents(self, invocation: InvocationMetrics) -> Iterator[dict[str, Any]]:
        whole = invocation_values(invocation)
        first, *further = by_table(invocation).items() or [("", {})]
        yield self._document(invocation, whole, *first)
        for table, events in further:
            yield self._document(invocation, {}, table, events)

    def _document(
        self, invocation: InvocationMetrics, whole: Values, table: str, events: Mapping[str, Any]
    ) -> dict[str, Any]:
        of_table = table_values(events) if table else {}
        directives = [
            self._directive([*self._dimensions], whole),
            self._directive([*self._dimensions, TABLE_NAME], of_table),
        ]
        document: dict[str, Any] = {
            "_aws": {
                "Timestamp": invocation.time_ms,
                "CloudWatchMetrics": [each for each in directives if each["Metrics"]],
            },
            **self._dimensions,
        }
        if table:
            document[TABLE_NAME] = table
        document |= {name: value for name, (value, _) in (whole | of_table).items()}
        return document | _said(invocation)

    def _directive(self, dimensions: list[str], values: Values) -> dict[str, Any]:
        metrics = [{"Name": name, "Unit": unit} for name, (_, unit) in values.items()]
        return {"Namespace": self._namespace, "Dimensions": [dimensions], "Metrics": metrics}


def _said(invocation: InvocationMetrics) -> dict[str, str]:
    said = {"RequestId": invocation.request_id, "FirstUndone": invocation.first_undone, "Error": invocation.error}
    return {name: text for name, text in said.items() if text is not None}
