"""Raw events on and off: the marshaller of Lambda's Python runtime is put behind ours, and back."""

from __future__ import annotations

import importlib
import os
import threading

from tailrace.aws_lambda.marshaller import RawMarshaller
from tailrace.environment import is_disabled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["disable_raw_events", "enable_raw_events"]

# The class that has the marshaller in this version; and those below it, where a function has given them another.
_CLIENTS = ("BaseLambdaRuntimeClient", "LambdaRuntimeClient", "LambdaMultiConcurrentRuntimeClient")
_INFO, _WARNING = 20, 30  # logging's numbers: logging itself is imported when there is something to say
_lock = threading.Lock()
# Class of the runtime's -> the marshaller that it had.
_before: dict[Any, object] = {}


def enable_raw_events() -> bool:
    """Take batches of change records from Lambda's Python runtime as bytes, and make no dicts of them.

    Call it in the module of the handler, where it runs before the first event. From then on the function gets a
    DynamoDB Streams batch, or a Kinesis batch that carries DynamoDB changes, as a ``RawEvent``; ``StreamHandler`` and
    ``Batch.from_event`` read it from the bytes, and wrappers index it as they index a dict. Every other event stays
    what it was, and so does every answer. If anything about an event is unexpected, the function gets the dict that
    it would have got, and the log says so once.

    It puts itself before the runtime's ``marshaller``, an attribute which AWS documents as the function's to replace.
    Calling it again changes nothing. With ``TAILRACE_DISABLE=1`` in the environment it does nothing.

    Returns:
        Whether the function will get raw events. False when disabled, where there is no Python runtime of Lambda (in
        tests, say), or where it has no such attribute; the log says which.

    Source: https://github.com/aws/aws-lambda-python-runtime-interface-client

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.aws_lambda import enable_raw_events
        >>> _ = enable_raw_events()
        >>> lambda_handler = StreamHandler()
    """
    if is_disabled():
        return _off("TAILRACE_DISABLE is set", _INFO)
    try:
        with _lock:
            return _enable()
    except ImportError:
        # On a developer's machine that is how it should be; in Lambda somebody has to know.
        return _off("there is no awslambdaric here", _WARNING if "AWS_LAMBDA_RUNTIME_API" in os.environ else _INFO)
    except Exception as error:  # noqa: BLE001  a runtime that has changed must not keep the function from starting
        return _off("this awslambdaric is not one that tailrace knows", _WARNING, error)


def disable_raw_events() -> bool:
    """Give the runtime its own marshaller back. An event that is being handled stays raw.

    Returns:
        Whether the function will get no raw events. False where somebody has put a marshaller over tailrace's since:
        that one is left alone.

    Example:
        >>> from tailrace.aws_lambda import disable_raw_events
        >>> disable_raw_events()
        True
    """
    with _lock:
        for client in _before:
            marshaller = vars(client)["marshaller"]
            if isinstance(marshaller, RawMarshaller):
                client.marshaller = marshaller.stock
        foreign = [client for client, stock in _before.items() if vars(client)["marshaller"] is not stock]
        if not foreign:
            _before.clear()
    return not foreign


def _enable() -> bool:
    module = importlib.import_module("awslambdaric.lambda_runtime_client")
    found: list[Any] = [getattr(module, name, object) for name in _CLIENTS]
    clients = [client for client in found if "marshaller" in vars(client)]
    if not clients:
        return _off("this awslambdaric has no marshaller", _WARNING)
    for client in clients:
        marshaller = vars(client)["marshaller"]
        if not isinstance(marshaller, RawMarshaller):
            _before.setdefault(client, marshaller)
            client.marshaller = RawMarshaller(marshaller)
    return True


def _off(why: str, level: int, error: Exception | None = None) -> bool:
    import logging

    logging.getLogger("tailrace").log(level, "raw events are off: %s", why, exc_info=error)
    return False
