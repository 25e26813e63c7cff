"""The testing kit."""

from typing_extensions import reveal_type

from tailrace import StreamHandler
from tailrace.testing import (
    Checkpoint,
    DeliveryReport,
    EventSourceMapping,
    FunctionKilled,
    FunctionThrottled,
    Invocation,
    Shard,
    StalledError,
    Step,
    VirtualClock,
    make_event,
    make_record,
)

reveal_type(make_record(new_image={"id": "a"}))  # -> Record
reveal_type(make_event([{"id": "a"}], shape="pipes"))  # -> Any
mapping = EventSourceMapping(StreamHandler(), batch_size=10, maximum_retry_attempts=1, clock=VirtualClock())
invocation: type[Invocation] = Invocation
error: type[Exception] = StalledError
stops: list[type[BaseException]] = [FunctionKilled, FunctionThrottled]
reveal_type(StreamHandler().report)  # -> Literal['partial'] | Literal['raise']
made = EventSourceMapping.from_configuration(StreamHandler(), {"BatchSize": 5}, batch_size=2)
reveal_type(made)  # -> EventSourceMapping
reveal_type(mapping.clock.now())  # -> float
report: DeliveryReport = mapping.deliver([make_record(new_image={"id": "a"})])
report = mapping.deliver_shards([Shard(b"{}", "a"), Shard([], parent_shard_id="a")])
reveal_type(report.lost)  # -> list[str]
reveal_type(report.timeline(color=True))  # -> str
step: Step = report.steps[0]
reveal_type(step.at)  # -> float
checkpoint: Checkpoint = report.checkpoints[0]
EventSourceMapping(lambda event, context: None, filter_criteria={"eventName": ["INSERT"]}, destination="sqs")
EventSourceMapping(StreamHandler(), duplicate=lambda invocation: len(invocation.sequence_numbers))
make_record({"id": "a"})  # error: call-arg
EventSourceMapping(StreamHandler(), batch_size="10")  # error: arg-type
EventSourceMapping(StreamHandler(), starting_position="AT_TIMESTAMP")  # error: arg-type
EventSourceMapping(StreamHandler(), destination="dynamodb")  # error: arg-type
