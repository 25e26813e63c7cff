"""Where the numbers of each invocation go: what ``metrics=`` of a StreamHandler takes.

Each name is loaded when it is first used.
"""

from __future__ import annotations

from tailrace.lazily import lazily

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.metrics.cloudwatch import CloudWatchMetrics
    from tailrace.metrics.emf import EmfMetrics
    from tailrace.metrics.outcome import InvocationMetrics, Metrics, RecordCounts

__all__ = ["CloudWatchMetrics", "EmfMetrics", "InvocationMetrics", "Metrics", "RecordCounts"]

_LAZY = {
    "CloudWatchMetrics": "cloudwatch",
    "EmfMetrics": "emf",
    "InvocationMetrics": "outcome",
    "Metrics": "outcome",
    "RecordCounts": "outcome",
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _LAZY)
