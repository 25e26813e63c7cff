"""What is said of user code that raised: which error, and where."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

import tailrace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.cli.delivery import Incoming

__all__ = ["error_text", "stop_text"]

_NOT_THE_USERS = (Path(sysconfig.get_paths()["stdlib"]), Path(tailrace.__file__).parent)


def error_text(error: BaseException) -> str:
    """An error with the innermost line of the user's own code, where one is known.

    Example:
        >>> error_text(ValueError("no table"))
        'ValueError: no table'
    """
    place = _place(error)
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return f"{said} ({place})" if place else said


def stop_text(error: BaseException, batch: list[Incoming]) -> str:
    """That a handler stopped the process, and at which record.

    Args:
        error: what it raised, such as SystemExit.
        batch: the records that it was to handle.

    Returns:
        A sentence; it names the batch where nobody knows the record.
    """
    return f"the handler stopped the process with {error_text(error)} {_where(error, batch)}"


def _where(error: BaseException, batch: list[Incoming]) -> str:
    number = _sequence_number(error)
    at = [record for record in batch if record.sequence_number == number] or batch
    if len(at) > 1:
        return f"in the batch from {at[0].place} to {at[-1].place}"
    return "".join(
        f"at {record.place}: eventID {record.event_id}, SequenceNumber {record.sequence_number}" for record in at
    )


def _sequence_number(error: BaseException) -> str | None:
    """Of the record that the innermost function was called with: a StreamHandler passes them one by one."""
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        values = frame.f_locals.values()
        numbers = {value.sequence_number for value in values if isinstance(value, tailrace.Record)}
        if len(numbers) == 1:
            (found,) = numbers
    return found


def _place(error: BaseException) -> str:
    places = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        places.append((error.filename, error.lineno))
    return next((f"{_short(file)}, line {line}" for file, line in reversed(places) if _is_users(file)), "")


def _is_users(file: str) -> bool:
    path = Path(file)
    installed = {"site-packages", "dist-packages"} & set(path.parts)
    return not file.startswith("<") and not installed and not any(map(path.is_relative_to, _NOT_THE_USERS))


def _short(file: str) -> str:
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
