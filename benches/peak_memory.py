"""How much memory this process needs at most to read an event's images one by one, as a share of the bytes.

``python -m benches.peak_memory FILE``; the bytes themselves are part of it. Linux only.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tailrace import Batch

# Whatever is loaded or made once is there after this.
FIRST = b'{"Records":[{"dynamodb":{"NewImage":{"id":{"N":"1.5"},"name":{"S":"a"}},"SequenceNumber":"1"}}]}'


def main(file: Path) -> float:
    _read_one_by_one(FIRST)
    before = _status_kb("VmRSS")
    body = file.read_bytes()
    _read_one_by_one(body)
    return (_status_kb("VmHWM") - before) * 1024 / len(body)


def _read_one_by_one(body: bytes) -> int:
    return sum(len(record.new_image or "") + len(record.old_image or "") for record in Batch.from_event(body))


def _status_kb(field: str) -> int:
    """Of /proc, for the peak that getrusage tells is inherited from the parent process."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0])
    raise RuntimeError(f"no {field} in /proc/self/status")


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))
