"""unmarshall and loads."""

from typing_extensions import reveal_type

from tailrace import __version__, build_info, loads, unmarshall

reveal_type(unmarshall({"id": {"S": "a"}}))  # -> dict[str, Any]
reveal_type(loads(b"{}"))  # -> dict[str, Any]
reveal_type(loads("{}", shape="item"))  # -> dict[str, Any]
reveal_type(build_info())  # -> dict[str, str | bool]
reveal_type(__version__)  # -> str
unmarshall([])  # error: arg-type
loads({})  # error: arg-type
loads(b"{}", shape="image")  # error: arg-type
