"""Metrics, and a place of a user's own for them."""

from typing_extensions import reveal_type

from tailrace import StreamHandler
from tailrace.metrics import CloudWatchMetrics, EmfMetrics, InvocationMetrics, Metrics, RecordCounts


class Own:
    async def emit(self, invocation: InvocationMetrics) -> None:
        reveal_type(invocation.batch_size)  # -> int
        reveal_type(invocation.oldest_record_age_ms)  # -> float | None
        reveal_type(invocation.records)  # -> Mapping[tuple[str, str], RecordCounts]
        reveal_type(RecordCounts(received=1).received)  # -> int


every: list[Metrics] = [Own(), EmfMetrics("Shop"), CloudWatchMetrics("Shop", dimensions={"Service": "x"}, client=None)]
StreamHandler(metrics=Own())
StreamHandler(metrics=EmfMetrics("Shop", dimensions={"Service": "x"}))
StreamHandler(metrics=object())  # error: arg-type
EmfMetrics()  # error: call-arg
EmfMetrics("Shop", dimensions={"Service": 1})  # error: dict-item
