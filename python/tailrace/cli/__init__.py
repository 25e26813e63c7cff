"""The command line: ``tailrace run``, ``simulate``, ``doctor`` and so on. It needs the extra ``cli``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

__all__ = ["main"]

_NEEDED = ("typer", "rich", "yaml")


def main() -> None:
    """Run the command that ``sys.argv`` asks for.

    Raises:
        SystemExit: always; the code is 0 when all went well, 1 when records failed, two items differ, no record
            matches a filter, or there is something to say of one, 2 when the input or the command could not be
            understood, standard output cannot be written, or the extra ``cli`` is not installed.
    """
    try:
        from tailrace.cli.app import app
        from tailrace.cli.console import tolerate_any_text
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        print('tailrace: the command line needs typer, rich and pyyaml: pip install "tailrace[cli]"', file=sys.stderr)
        raise SystemExit(2) from None
    _need_streams()
    tolerate_any_text()
    app()


def _need_streams() -> None:
    """A stream that is closed at the start is None: nobody would see the results, but complaints can be spared."""
    streams: dict[str, object] = vars(sys)
    if streams["stderr"] is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  open to the end
    if streams["stdout"] is None:
        print("tailrace: standard output is closed", file=sys.stderr)
        raise SystemExit(2)
