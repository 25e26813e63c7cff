"""``tailrace demo``: an order table becomes an audit trail, a replica and a search index."""

from __future__ import annotations

import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from tailrace.cli.console import complain, progress_bar, until_reader_leaves
from tailrace.cli.demo.check import DATABASES, content, differences_from_corpus
from tailrace.cli.demo.corpus import RECORDS_A_FILE, write_corpus
from tailrace.cli.demo.outcome import Outcome, Race
from tailrace.cli.demo.pipeline import Accidents, Passage, Pipeline
from tailrace.cli.demo.race import RACE_FILES, READING_FILES, deliver_both, reading_ratio
from tailrace.cli.demo.report import print_report
from tailrace.cli.failure_log import failure_log
from tailrace.cli.summary import plural

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tailrace.cli.demo.plain import PlainPipeline

    Advance = Callable[[int], None]

__all__ = ["demo"]

RESULT_WRONG = 1
LOG = "demo.log"
MARKER = ".tailrace-demo"  # says that the folder is the demo's own, and may be replaced


class _OthersFolderError(Exception):
    """The folder holds something and is none of the demo's."""


def demo(
    records: Annotated[int, typer.Option(min=1, help="How many change records.")] = 50_000,
    directory: Annotated[
        Path, typer.Option("--dir", help="Where the files go: a new or empty folder, or that of an earlier demo.")
    ] = Path("demo-data"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same records.")] = 1,
) -> None:
    """Show the whole way of change records, and check where it ends.

    Args:
        records: how many, 1 or more.
        directory: for event files and databases: new, empty, or of an earlier demo, whose files are replaced.
        seed: of all chance.

    Raises:
        typer.Exit: code 1 when a database does not hold what it must, 2 when the folder cannot be written
            or holds files and is not of a demo's making.
    """
    try:
        _clear(directory)
    except (OSError, _OthersFolderError) as error:
        complain(f"{directory}: {getattr(error, 'strerror', None) or error}")
        raise typer.Exit(2) from None
    with failure_log(directory / LOG):
        with _phase(f"writing {plural(records, 'change record')} of an order table", records) as advance:
            corpus = write_corpus(directory / "events", records, seed, advance)
        accidents = Accidents(len(corpus.files))
        with closing(Pipeline(directory, accidents)) as pipeline:
            outcome = Outcome(directory, corpus, pipeline, accidents, Passage(pipeline.handler))
            _deliver(outcome)
            outcome.differences += differences_from_corpus(directory, corpus)
            _replay(outcome)
            with until_reader_leaves():
                print_report(outcome)
    raise typer.Exit(RESULT_WRONG if outcome.differences else 0)


def _clear(directory: Path) -> None:
    """Remove what an earlier demo left, and nothing else.

    Raises:
        _OthersFolderError: it holds something, and no demo has made it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    marker = directory / MARKER
    if not marker.is_file() and any(directory.iterdir()):
        raise _OthersFolderError("it holds files, and no demo has made it: name a new or an empty folder")
    marker.write_text("Made by tailrace demo. The next demo replaces its databases and event files here.\n")
    for folder in (directory, _rivals(directory)):
        folder.mkdir(parents=True, exist_ok=True)
        for name in (LOG, *(name + suffix for name in DATABASES for suffix in ("", "-wal", "-shm"))):
            (folder / name).unlink(missing_ok=True)


def _deliver(outcome: Outcome) -> None:
    """All files to the handler; the first of them to json + boto3 as well, where it is installed."""
    files, passage = outcome.corpus.files, outcome.passage
    rival = _rival_pipeline(outcome.directory)
    if rival is not None:
        with closing(rival):
            _race(outcome, rival, files[:RACE_FILES])
        files = files[RACE_FILES:]
    left = outcome.corpus.record_count - passage.record_count
    if left:
        with _phase(f"delivering {plural(left, 'record')} to the handler and its sinks", left) as advance:
            _deliver_files(passage, files, advance)
    if passage.lost_count:
        outcome.differences.append(f"{plural(passage.lost_count, 'record')} given up on the way")
    if passage.retry_count != outcome.accidents.refusal_count + outcome.accidents.death_count:
        outcome.differences.append("there were other retries than accidents")


def _deliver_files(passage: Passage, files: list[Path], advance: Advance) -> None:
    for file in files:
        before = passage.record_count
        passage.deliver(file.read_bytes())
        advance(passage.record_count - before)


def _race(outcome: Outcome, rival: PlainPipeline, files: list[Path]) -> None:
    from tailrace.cli.demo.plain import read_both_images

    passage, total = outcome.passage, min(outcome.corpus.record_count, RECORDS_A_FILE * len(files))
    with _phase(f"delivering {plural(total, 'record')}, also to json + boto3", total) as advance:
        rival_seconds = deliver_both(files, passage, rival.handler, advance)
    ours, theirs = content(outcome.directory), content(_rivals(outcome.directory))
    outcome.differences += [f"{part}: other rows than json + boto3" for part in ours if ours[part] != theirs[part]]
    with _phase("reading alone, against json + boto3", len(files[:READING_FILES])) as advance:
        ratio = reading_ratio(files[:READING_FILES], read_both_images, advance)
    outcome.race = Race(passage.record_count, passage.handler_seconds, rival_seconds, ratio)


def _replay(outcome: Outcome) -> None:
    """The same files once more, to a pipeline that opens the same databases anew."""
    before = content(outcome.directory)
    with closing(Pipeline(outcome.directory)) as again:
        passage = Passage(again.handler)
        with _phase("delivering the same files once more", outcome.corpus.record_count) as advance:
            _deliver_files(passage, outcome.corpus.files, advance)
    if passage.lost_count or passage.retry_count:
        outcome.differences.append("the replay did not go through at once")
    after = content(outcome.directory)
    outcome.differences += [f"{part}: changed by a replay" for part in before if before[part] != after[part]]


def _rivals(directory: Path) -> Path:
    return directory / "json-boto3"


def _rival_pipeline(directory: Path) -> PlainPipeline | None:
    try:
        from tailrace.cli.demo.plain import PlainPipeline
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("boto3", "botocore"):
            raise
        return None
    return PlainPipeline(_rivals(directory))


@contextmanager
def _phase(what: str, total: int) -> Iterator[Advance]:
    """A progress bar while it lasts, and a line when it is over."""
    started = time.perf_counter()
    with progress_bar() as bar:
        task = bar.add_task(what, total=total, said="")
        yield lambda count: bar.advance(task, count)
    with until_reader_leaves():
        print(f"{what:<60}{time.perf_counter() - started:5.1f} s")
