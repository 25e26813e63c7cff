"""DynamoDB Streams in Python: change records unmarshalled in Rust, handled without losing one."""

from tailrace._core import (
    Batch,
    FilterCriteria,
    ImageDiff,
    Record,
    __version__,
    build_info,
    diff,
    diff_images,
    dumps,
    loads,
    marshall,
    unmarshall,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.dropin.deserializer import TypeDeserializer
    from tailrace.dropin.serializer import TypeSerializer
    from tailrace.exceptions import (
        EventFormatError,
        FilterPatternError,
        HandlerError,
        MarshallError,
        ModelError,
        Quarantine,
        SinkError,
        TailraceError,
        UnmarshallError,
    )
    from tailrace.filters.explanation import Explanation
    from tailrace.filters.warning import LintWarning
    from tailrace.handler.app import StreamHandler
    from tailrace.handler.model import TypedRecord
    from tailrace.handler.tumbling import TumblingWindow
    from tailrace.types import EventName, StreamViewType

__all__ = [
    "Batch",
    "EventFormatError",
    "EventName",
    "Explanation",
    "FilterCriteria",
    "FilterPatternError",
    "HandlerError",
    "ImageDiff",
    "LintWarning",
    "MarshallError",
    "ModelError",
    "Quarantine",
    "Record",
    "SinkError",
    "StreamHandler",
    "StreamViewType",
    "TailraceError",
    "TumblingWindow",
    "TypeDeserializer",
    "TypeSerializer",
    "TypedRecord",
    "UnmarshallError",
    "__version__",
    "build_info",
    "diff",
    "diff_images",
    "dumps",
    "loads",
    "marshall",
    "unmarshall",
]

_LAZY = {
    "EventFormatError": "exceptions",
    "EventName": "types",
    "Explanation": "filters.explanation",
    "FilterPatternError": "exceptions",
    "HandlerError": "exceptions",
    "LintWarning": "filters.warning",
    "MarshallError": "exceptions",
    "ModelError": "exceptions",
    "Quarantine": "exceptions",
    "SinkError": "exceptions",
    "StreamHandler": "handler.app",
    "StreamViewType": "types",
    "TailraceError": "exceptions",
    "TumblingWindow": "handler.tumbling",
    "TypeDeserializer": "dropin.deserializer",
    "TypeSerializer": "dropin.serializer",
    "TypedRecord": "handler.model",
    "UnmarshallError": "exceptions",
}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        from importlib import import_module

        if name == "dropin":
            return import_module("tailrace.dropin")
        if name not in _LAZY:
            raise AttributeError(f"module 'tailrace' has no attribute {name!r}")
        value = getattr(import_module(f"tailrace.{_LAZY[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted(set(globals()) | set(__all__))
