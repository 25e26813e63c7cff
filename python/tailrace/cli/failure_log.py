"""The file that failures go to, so that the console stays readable."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FailureLog", "check_writable", "failure_log"]

# How StreamHandler words it that a record went into quarantine.
_SET_ASIDE = "record set aside"


class FailureLog(logging.FileHandler):
    """Writes what is logged to a file, which is made when there is something to write.

    Attributes:
        set_aside: eventID of each record that a handler put into quarantine.
        reasons: the last error that was logged for a record, by SequenceNumber.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="a", encoding="utf-8", errors="backslashreplace", delay=True)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self.path = path
        self.set_aside: set[str | None] = set()
        self.reasons: dict[str, str] = {}

    @property
    def used(self) -> bool:
        """Whether something was written."""
        return self.stream is not None

    def emit(self, record: logging.LogRecord) -> None:
        """Write one message, and note what it says of which record."""
        if record.name == "tailrace":
            self._note(record)
        super().emit(record)

    def _note(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(_SET_ASIDE):
            self.set_aside.add(getattr(record, "event_id", None))
        elif record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            self.reasons[str(getattr(record, "sequence_number", None))] = f"{type(error).__name__}: {error}"


def check_writable(path: Path) -> None:
    """Find out before anything is delivered whether there could be a log; it leaves no new file behind.

    Args:
        path: the file.

    Raises:
        OSError: it could not be written.
    """
    real = Path(os.path.realpath(path))
    is_new = not real.exists()
    if is_new or real.is_file() or real.is_dir():  # to open a named pipe would wait for its reader
        with real.open("ab"):
            pass
    if is_new:
        real.unlink()


@contextmanager
def failure_log(path: Path) -> Iterator[FailureLog]:
    """Take everything that is logged while it is open, of every logger.

    Args:
        path: the file; added to when it is there.

    Yields:
        The log.
    """
    log = FailureLog(path)
    logging.getLogger().addHandler(log)
    try:
        yield log
    finally:
        logging.getLogger().removeHandler(log)
        log.close()
