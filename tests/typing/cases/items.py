"""unmarshall and loads."""

from typing_extensions import reveal_type

from tailrace import __version__, build_info, loads, unmarshall

reveal_type(unmarshall({"id": {"S": "a"}}))  # -> dict[str, Any]
reveal_type(loads(b"{}"))  # -> dict[str, Any]
reveal_type(loads("{}", shape="item"))  # -> dict[str, Any]
reveal_type(build_info())  # -> dict[str, str | bool]
reveal_type(__version__)  # -> str
unmarshall([])  # error: arg-type
reveal_type(loads("{}", shape="answer", numbers=str))  # -> dict[str, Any]
reveal_type(loads("[]", shape="items"))  # -> list[dict[str, Any]]
reveal_type(loads("", shape="export", sets="list"))  # -> list[dict[str, Any]]
loads({})  # error: call-overload
loads(b"{}", shape="image")  # error: call-overload
