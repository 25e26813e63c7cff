"""Where the numbers of each invocation go: what ``metrics=`` of a StreamHandler takes.

Each name is loaded when it is first used.
"""

from __future__ import annotations

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

    def __getattr__(name: str) -> object:
        if name not in _LAZY:
            raise AttributeError(f"module 'tailrace.metrics' has no attribute {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"tailrace.metrics.{_LAZY[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(set(globals()) | set(__all__))
