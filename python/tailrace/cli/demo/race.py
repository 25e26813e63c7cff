"""tailrace against json + boto3, on the same bytes in the same run."""

from __future__ import annotations

import time

from tailrace import Batch, UnmarshallError
from tailrace.cli.demo.pipeline import Passage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

__all__ = ["RACE_FILES", "READING_FILES", "deliver_both", "reading_ratio"]

RACE_FILES = 200
READING_FILES = 100


def deliver_both(
    files: Iterable[Path], passage: Passage, rival: Callable[[bytes, object], object], progress: Callable[[int], None]
) -> float:
    """Deliver files to tailrace and, each in turn, to its rival, so that the disk's moods weigh on both.

    Args:
        files: event files.
        passage: tailrace's way through them.
        rival: the other handler; nothing goes wrong on its way.
        progress: called with the number of records after each file.

    Returns:
        The seconds that the rival took.
    """
    rivals = Passage(rival)
    for file in files:
        event, before = file.read_bytes(), passage.record_count
        passage.deliver(event)
        rivals.call(event)
        progress(passage.record_count - before)
    return rivals.handler_seconds


def reading_ratio(files: Iterable[Path], rival: Callable[[bytes], int], progress: Callable[[int], None]) -> float:
    """How many times faster tailrace turns events into both images of every record, as Python values.

    Both read each file in turn, so that a slow moment of the machine weighs on both.

    Args:
        files: event files; ``READING_FILES`` of them are enough.
        rival: reads an event and answers how many images it held.
        progress: called with 1 after each file.

    Returns:
        The rival's time over ours.

    Raises:
        RuntimeError: the two did not read the same number of images.
    """
    ours = theirs = 0.0
    for file in files:
        event = file.read_bytes()
        started = time.perf_counter()
        count = _read_both_images(event)
        between = time.perf_counter()
        rivals_count = rival(event)
        ours += between - started
        theirs += time.perf_counter() - between
        if count != rivals_count:
            raise RuntimeError(f"{file}: {count} images here, {rivals_count} there")
        progress(1)
    return theirs / ours


def _read_both_images(event: bytes) -> int:
    count = 0
    for record in Batch.from_event(event):
        count += record.old_image is not None
        try:
            count += record.new_image is not None
        except UnmarshallError:
            count += 1  # boto3 reads the unreadable number as NaN
    return count
