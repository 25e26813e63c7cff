"""TypeDeserializer and the drop-in for boto3."""

from typing_extensions import reveal_type

from tailrace import TypeDeserializer, dropin, unmarshall
from tailrace.dropin import patch_client

deserializer = TypeDeserializer(numbers="int-float", binary="bytes", sets="list", strict=True)
reveal_type(deserializer.deserialize({"S": "a"}))  # -> Any
reveal_type(deserializer.deserialize_item({"a": {"S": "a"}}))  # -> dict[str, Any]
reveal_type(deserializer.deserialize_items([{"a": {"S": "a"}}]))  # -> list[dict[str, Any]]
TypeDeserializer(numbers=float)
TypeDeserializer(numbers="int")  # error: arg-type
TypeDeserializer("decimal")  # error: call-arg
reveal_type(unmarshall({"a": {"N": "1"}}, numbers=len))  # -> dict[str, Any]
unmarshall({}, sets="tuple")  # error: arg-type
reveal_type(dropin.install())  # -> bool
reveal_type(dropin.uninstall())  # -> bool
patch_client(object(), items="python")  # error: arg-type
