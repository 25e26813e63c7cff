"""All that a demo found out."""

from __future__ import annotations

from dataclasses import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from tailrace.cli.demo.corpus import Corpus
    from tailrace.cli.demo.pipeline import Accidents, Passage, Pipeline

__all__ = ["Outcome", "Race"]


@dataclass(frozen=True)
class Race:
    """tailrace against json + boto3, over the same files.

    Args:
        record_count: how many records they held.
        seconds: what tailrace's handler took.
        rival_seconds: what the other one took.
        reading_ratio: how many times faster tailrace reads both images of each record.
    """

    record_count: int
    seconds: float
    rival_seconds: float
    reading_ratio: float


@dataclass
class Outcome:
    """What went in, what came out, and what is wrong with it.

    Args:
        directory: where all files are.
        corpus: what went in.
        pipeline: where it went, open.
        accidents: what happened on the way.
        passage: how it went.
        race: how json + boto3 did; None without boto3.
        differences: sentences about what is not as it must be; none when all is well.
    """

    directory: Path
    corpus: Corpus
    pipeline: Pipeline
    accidents: Accidents
    passage: Passage
    race: Race | None = None
    differences: list[str] = field(default_factory=list)
