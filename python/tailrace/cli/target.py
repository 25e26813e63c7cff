"""The handler that ``--handler module:app`` names."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

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
        HandlerNameError: it cannot be imported, or is nothing that can be called.
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
    return handler


def _module(name: str) -> object:
    try:
        return import_module(name)
    except Exception as error:
        raise HandlerNameError(f"cannot import {name}: {type(error).__name__}: {error}") from error


def _attribute(module: object, path: str, name: str) -> object:
    value = module
    for part in path.split("."):
        if not hasattr(value, part):
            raise HandlerNameError(f"handler {name}: there is no {part!r} in it")
        value = getattr(value, part)
    return value
