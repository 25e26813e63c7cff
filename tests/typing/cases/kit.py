"""The testing kit."""

from typing_extensions import reveal_type

from tailrace import StreamHandler
from tailrace.testing import DeliveryReport, EventSourceMapping, Invocation, StalledError, make_event, make_record

reveal_type(make_record(new_image={"id": "a"}))  # -> Record
reveal_type(make_event([{"id": "a"}], shape="pipes"))  # -> Any
mapping = EventSourceMapping(StreamHandler(), batch_size=10, maximum_retry_attempts=1)
report: type[DeliveryReport] = DeliveryReport
invocation: type[Invocation] = Invocation
error: type[Exception] = StalledError
make_record({"id": "a"})  # error: call-arg
EventSourceMapping(StreamHandler(), batch_size="10")  # error: arg-type
