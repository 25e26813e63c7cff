"""The handler that ``--handler module:app`` names."""

from __future__ import annotations

import inspect
import sys
from importlib import import_module
from pathlib import Path

from tailrace import StreamHandler
from tailrace.cli.stop import error_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Handler = Callable[[Any, Any], object]

__all__ = ["HandlerNameError", "load_handler"]


class HandlerNameError(Exception):
    """No handler is there by this name."""


def load_handler(name: str) -> Handler:
    """Import a handler. The current folder is on the import path, as with ``python -m``.

    Args:
        name: module and attribute, ``orders.stream:app``.

    Returns:
        The handler: whatever is called with an event and a context.

    Raises:
        HandlerNameError: it cannot be imported, or is neither a StreamHandler nor a plain function.
    """
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise HandlerNameError(f"--handler is module:name, such as orders.stream:app, not {name!r}")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    handler = _attribute(_module(module_name), attribute, name)
    if not callable(handler):
        raise HandlerNameError(f"handler {name}: it is {type(handler).__name__}, which nobody can call")
    if not isinstance(handler, StreamHandler) and _is_async(handler):
        raise HandlerNameError(
            f"handler {name}: it is async, so nobody would await it: give a StreamHandler or a plain function"
        )
    return handler


def _is_async(handler: Handler) -> bool:
    called = (handler, getattr(handler, "__call__", None))  # noqa: B004  an object's own __call__ may be async
    return any(inspect.iscoroutinefunction(each) or inspect.isasyncgenfunction(each) for each in called)


def _module(name: str) -> object:
    try:
        return import_module(name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit too: it would end the command with the code of a success
        raise HandlerNameError(f"cannot import {name}: {error_text(error)}") from error


def _attribute(module: object, path: str, name: str) -> object:
    value = module
    for part in path.split("."):
        value = _member(value, part, name)
    return value


def _member(value: object, part: str, name: str) -> object:
    try:
        return getattr(value, part)
    except AttributeError:
        raise HandlerNameError(f"handler {name}: there is no {part!r} in it") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module may import it only now
        raise HandlerNameError(f"handler {name}: {error_text(error)}") from error
