"""An error of the handler that says what another one means for a record."""

from __future__ import annotations

from tailrace.exceptions import HandlerError

__all__ = ["caused"]


def caused(text: str, cause: BaseException) -> HandlerError:
    """The error with this text, whose cause is the other one."""
    error = HandlerError(text)
    error.__cause__ = cause
    return error
