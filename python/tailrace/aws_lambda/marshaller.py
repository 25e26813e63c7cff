"""What stands between Lambda's runtime and the function: the runtime's marshaller, with raw events before it."""

from __future__ import annotations

import json
import threading

from tailrace.aws_lambda.raw_event import RawEvent, RawRecords
from tailrace.exceptions import EventFormatError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["RawMarshaller"]

JSON = "application/json"


class RawMarshaller:
    """Gives the function a batch of change records as a RawEvent, and all else as another marshaller would.

    Whatever goes wrong here is left to that marshaller, whose events are dicts and whose errors Lambda knows.

    Args:
        stock: the marshaller that stood there before.
    """

    def __init__(self, stock: Any) -> None:
        self.stock = stock
        self._thread = threading.local()
        self._has_failed = False

    def unmarshal_request(self, request: Any, content_type: Any = JSON, *args: Any, **kwargs: Any) -> Any:
        """The event that the function gets.

        Args:
            request: the body of the invocation.
            content_type: its type; nothing but JSON is touched.
            *args: what a later runtime may add.
            **kwargs: what a later runtime may add.

        Returns:
            A RawEvent, or what the other marshaller makes of it.
        """
        event = self._raw_event(request, content_type)
        self._thread.answers_raw_event = event is not None
        return event if event is not None else self.stock.unmarshal_request(request, content_type, *args, **kwargs)

    def marshal_response(self, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The answer of the function, and its content type.

        Args:
            response: what the function returned.
            *args: what a later runtime may add.
            **kwargs: what a later runtime may add.

        Returns:
            What the other marshaller makes of it. It does not know JSON when it gets it as bytes: to a raw event that
            is answered as JSON.
        """
        if isinstance(response, bytes) and getattr(self._thread, "answers_raw_event", False) and _is_json(response):
            return response, JSON
        try:
            return self.stock.marshal_response(response, *args, **kwargs)
        except Exception:
            plain = _plain(response)
            if plain is response:
                raise
            return self.stock.marshal_response(plain, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        if name == "stock":  # while a copy of this is being made
            raise AttributeError(name)
        return getattr(self.stock, name)

    def _raw_event(self, request: Any, content_type: Any) -> RawEvent | None:
        if content_type != JSON or not isinstance(request, (bytes, bytearray, memoryview)):
            return None
        try:
            return RawEvent(bytes(request), self._decode)
        except EventFormatError:
            return None  # no batch of change records, which is no failure
        except Exception as error:  # noqa: BLE001  whatever it is, the function gets its event
            self._say_once(error)
            return None

    def _decode(self, body: bytes) -> Any:
        return self.stock.unmarshal_request(body, JSON)

    def _say_once(self, error: Exception) -> None:
        if self._has_failed:
            return
        self._has_failed = True
        import logging

        text = "an event could not be kept raw and became a dict; this is not said again"
        logging.getLogger("tailrace").warning(text, exc_info=error)


def _is_json(answer: bytes) -> bool:
    try:
        json.loads(answer)
    except ValueError:
        return False
    return True


def _plain(value: Any) -> Any:
    """The same value with raw events and records decoded; the very object where there are none in it."""
    if isinstance(value, RawEvent):
        return value.to_dict()
    if isinstance(value, RawRecords):
        return list(value)
    if isinstance(value, dict):
        members = {name: _plain(member) for name, member in value.items()}
        return members if any(members[name] is not value[name] for name in members) else value
    if isinstance(value, (list, tuple)):
        elements = [_plain(element) for element in value]
        return elements if any(one is not two for one, two in zip(elements, value, strict=True)) else value
    return value
