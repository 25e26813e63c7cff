"""The command line in processes of its own, with pipes or a terminal around it."""

from __future__ import annotations

import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

COMMAND = [sys.executable, "-m", "tailrace"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def environment(**variables: str) -> dict[str, str]:
    """The environment without what would change colours and widths."""
    dropped = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | {"TERM": "xterm"} | variables


def hear_interrupts() -> None:
    """A shell starts what it runs in the background deaf to them, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def tailrace(*arguments: object, cwd: Path, stdin: bytes = b"", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with pipes."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        input=stdin,
        capture_output=True,
        env=environment(**variables),
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def in_shell(line: str, *arguments: object, cwd: Path) -> tuple[int, str]:
    """Run a shell line in which the command is ``"$@"``; exit code, and standard error."""
    done = subprocess.run(
        ["/bin/sh", "-c", line, "sh", *COMMAND, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    return done.returncode, done.stderr


def in_terminal(*arguments: object, cwd: Path, columns: int) -> tuple[int, str]:
    """Run a command in a terminal so wide; exit code, and all that it wrote."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=environment()
    )
    os.close(theirs)
    written = b""
    try:
        while data := os.read(ours, 65536):
            written += data
    except OSError:  # Linux: the other end is closed
        pass
    finally:
        os.close(ours)
    return process.wait(), written.decode()


def plain_lines(written: str) -> list[str]:
    """What a terminal shows in the end, without colours; lines that were drawn over are left out."""
    return [ESCAPES.sub("", line).rpartition("\r")[2] for line in written.replace("\r\n", "\n").split("\n")]
