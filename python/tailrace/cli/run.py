"""``tailrace run``: the records of files through a handler."""

from __future__ import annotations

import logging
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from tailrace.cli.console import complain, output_console, progress_bar, until_reader_leaves
from tailrace.cli.delivery import Delivery, incoming_records
from tailrace.cli.failure_log import check_writable, failure_log
from tailrace.cli.reading import InputError, Reader
from tailrace.cli.stop import stop_text
from tailrace.cli.summary import counts_text, plural, print_summary, rate_text
from tailrace.cli.target import HandlerNameError, load_handler
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tailrace.cli.failure_log import FailureLog

__all__ = ["run"]

RECORDS_FAILED = HANDLER_STOPPED = 1
NOT_UNDERSTOOD, INTERRUPTED = 2, 130
MOST_FAILURES_LISTED = 20
_LOG = logging.getLogger("tailrace.run")


def run(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="Files of change records, gzip'd or not; - is standard input."),
    ],
    *,
    handler: Annotated[str, typer.Option(metavar="MODULE:NAME", help="The handler; the current folder is importable.")],
    batch_size: Annotated[int, typer.Option(min=1, max=10_000, help="Records in a batch.")] = 100,
    retries: Annotated[int, typer.Option(min=0, max=10_000, help="How often a batch that fails is tried again.")] = 2,
    event_source_arn: Annotated[
        str | None, typer.Option(metavar="ARN", help="The stream, for records that do not name it (GetRecords).")
    ] = None,
    log: Annotated[Path, typer.Option(help="Where failures go; made when there are any.")] = Path("tailrace-run.log"),
) -> None:
    """Deliver the records of files to a handler, batch by batch, in order.

    Args:
        files: paths of event files.
        handler: ``module:name``.
        batch_size: records in a batch, 1 to 10,000.
        retries: how often a batch, and then each record left of it, is tried again.
        event_source_arn: the ARN of the stream for records that carry none.
        log: the file for failures.

    Raises:
        typer.Exit: code 1 when records keep failing or the handler stops the process (``sys.exit``, whatever its
            code), 2 when the input or the handler's name cannot be understood or the log or standard output cannot
            be written, 130 when it was interrupted.
    """
    try:
        check_writable(log)
    except OSError as error:
        complain(f"--log {log}: {error.strerror or error}; nothing was delivered")
        raise typer.Exit(NOT_UNDERSTOOD) from None
    with failure_log(log) as failures:
        try:
            delivery = Delivery(load_handler(handler), batch_size, retries)
        except HandlerNameError as error:
            complain(str(error))
            raise typer.Exit(NOT_UNDERSTOOD) from None
        started = time.perf_counter()
        code = _deliver(delivery, Reader(files, event_source_arn))
        if delivery.batch_count or delivery.failed or not code:
            with until_reader_leaves(_outcome(delivery)):
                _report(delivery, failures, time.perf_counter() - started)
    raise typer.Exit(code or (RECORDS_FAILED if delivery.failed else 0))


def _deliver(delivery: Delivery, reader: Reader) -> int:
    """Deliver until the end, or until something stops it; the exit code, 0 for the end."""
    try:
        with progress_bar() as bar, closing(iter(reader)) as pieces:
            task = bar.add_task("delivering", total=reader.size_bytes, said="")

            def advance(_: int) -> None:
                bar.update(task, completed=reader.position_bytes, said=plural(delivery.record_count, "record"))

            delivery.deliver_all(incoming_records(pieces), advance)
    except InputError as error:
        complain(f"{error}; {_stand(delivery)}")
        return NOT_UNDERSTOOD
    except KeyboardInterrupt:
        complain(f"interrupted; {_stand(delivery)}")
        return INTERRUPTED
    except BaseException as error:
        if isinstance(error, Exception):
            raise
        _LOG.error("the handler stopped the process", exc_info=error)
        complain(f"{stop_text(error, delivery.open_batch)}; {_stand(delivery)}")
        return HANDLER_STOPPED
    return 0


def _stand(delivery: Delivery) -> str:
    """What a rerun has to know. It is safe: what is done comes again, as it may from Lambda too."""
    if not delivery.batch_count:
        return "no whole batch was done" if delivery.open_batch else "nothing was delivered"
    batches = plural(delivery.batch_count, "whole batch", "whole batches")
    return f"{batches} before it done, nothing behind; mend it and run again from the start"


def _outcome(delivery: Delivery) -> str:
    return f"{plural(delivery.record_count, 'record')} delivered, {len(delivery.failed):,} of them failed"


def _report(delivery: Delivery, failures: FailureLog, seconds: float) -> None:
    lines = [
        ("records", f"{delivery.record_count:,}"),
        ("events", counts_text(delivery.event_counts) or "none"),
        ("batches", f"{delivery.batch_count:,}"),
        ("retries", f"{delivery.retry_count:,}"),
        ("failed", f"{len(delivery.failed):,}"),
        ("quarantined", f"{len(failures.set_aside):,}"),
        ("time", rate_text(delivery.record_count, seconds)),
    ]
    if failures.used:
        lines.append(("log", printable(str(failures.path))))
    print_summary(output_console(), lines)
    _list_failed(delivery, failures)


def _list_failed(delivery: Delivery, failures: FailureLog) -> None:
    if delivery.failed:
        print("\nRecords that kept failing:")
    for failed in delivery.failed[:MOST_FAILURES_LISTED]:
        record = failed.record
        print(printable(f"  {record.place}: eventID {record.event_id}, SequenceNumber {record.sequence_number}"))
        reason = failures.reasons.get(record.sequence_number, failed.reason)
        print(f"    {printable(' '.join(reason.split()))}")
    if len(delivery.failed) > MOST_FAILURES_LISTED:
        print(f"  and {len(delivery.failed) - MOST_FAILURES_LISTED:,} more: see the log")
