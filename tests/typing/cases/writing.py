"""marshall, dumps and TypeSerializer."""

from typing_extensions import reveal_type

from tailrace import TypeSerializer, dumps, marshall
from tailrace.exceptions import MarshallTypeError, MarshallValueError

reveal_type(marshall({"id": "a"}))  # -> dict[str, dict[str, Any]]
reveal_type(marshall({"ratio": 0.5}, floats="repr"))  # -> dict[str, dict[str, Any]]
reveal_type(dumps({"id": "a"}))  # -> bytes
reveal_type(dumps([{"id": "a"}], shape="items", floats="repr"))  # -> bytes
reveal_type(TypeSerializer().serialize(1))  # -> dict[str, Any]
reveal_type(TypeSerializer().serialize_item({"id": "a"}))  # -> dict[str, dict[str, Any]]
reveal_type(TypeSerializer().serialize_items([{"id": "a"}]))  # -> list[dict[str, dict[str, Any]]]
wrong_type: TypeError = MarshallTypeError("x")
wrong_value: ValueError = MarshallValueError("x")
marshall([])  # error: arg-type
marshall({}, floats="yes")  # error: arg-type
marshall({}, "repr")  # error: call-arg
dumps(5)  # error: arg-type
dumps({}, shape="image")  # error: arg-type
TypeSerializer(floats="repr")  # error: call-arg
