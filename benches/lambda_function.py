"""The Lambda function that ``benches.runtime`` measures: one business, whatever way the event takes to it."""

from __future__ import annotations

import os
from typing import Any

from tailrace import Record, StreamHandler
from tailrace.aws_lambda import enable_raw_events

__all__ = ["EVENTS", "compares", "passes_by", "reads_images"]

passes_by = StreamHandler()
compares = StreamHandler()
reads_images = StreamHandler()


def _by_orjson() -> None:
    import orjson
    from awslambdaric import lambda_runtime_client as client  # type: ignore[import-not-found,import-untyped,unused-ignore]
    from awslambdaric import lambda_runtime_marshaller as marshaller  # type: ignore[import-not-found,import-untyped,unused-ignore]

    class ByOrjson(marshaller.LambdaMarshaller):  # type: ignore[misc,name-defined,unused-ignore]
        def unmarshal_request(self, request: bytes, content_type: str = "application/json") -> Any:
            return orjson.loads(request)

        def marshal_response(self, response: Any) -> tuple[bytes, str]:
            return orjson.dumps(response), "application/json"

    client.BaseLambdaRuntimeClient.marshaller = ByOrjson()


def _by_tailrace() -> None:
    if not enable_raw_events():
        raise RuntimeError("this runtime gives no raw events")


EVENTS = {"json": lambda: None, "orjson": _by_orjson, "raw": _by_tailrace}
if "FUNCTION_EVENTS" in os.environ:
    EVENTS[os.environ["FUNCTION_EVENTS"]]()


@compares.modify
def suspended(record: Record) -> None:
    """Looks at one attribute of both images."""
    record.changed("status", new="SUSPENDED")


@reads_images.modify
def changed(record: Record) -> None:
    """Has both images as Python values."""
    _ = record.old_image, record.new_image
