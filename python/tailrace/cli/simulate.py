"""``tailrace simulate``: what an event source mapping would make of records and a handler."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from tailrace import StreamHandler
from tailrace.cli.color import Color, wants_color
from tailrace.cli.console import complain, input_errors, output_console, until_reader_leaves
from tailrace.cli.delivery import incoming_records
from tailrace.cli.filter.pattern import Dialect, read_criteria
from tailrace.cli.lines import json_line
from tailrace.cli.mapping import read_mapping
from tailrace.cli.reading import Reader
from tailrace.cli.stop import stop_text
from tailrace.cli.summary import plural, print_summary
from tailrace.cli.target import HandlerNameError, load_handler
from tailrace.diffs.text import printable
from tailrace.testing import EventSourceMapping, Shard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tailrace.cli.delivery import Incoming
    from tailrace.testing import DeliveryReport, Step

__all__ = ["simulate"]

RECORDS_LOST = HANDLER_STOPPED = 1
NOT_UNDERSTOOD, INTERRUPTED = 2, 130
MOST_LOST_LISTED = 50
# A day of tries, each a minute after the other, and what other batches need: the stream's end comes first.
MAX_INVOCATIONS = 100_000


def simulate(
    events: Annotated[
        list[str], typer.Argument(metavar="EVENTS", help="Files of change records; - is standard input.")
    ],
    *,
    handler: Annotated[str, typer.Option(metavar="MODULE:NAME", help="The handler; the current folder is importable.")],
    mapping: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The mapping: JSON of the AWS CLI, or a template; other options count more."),
    ] = None,
    mapping_name: Annotated[str | None, typer.Option(metavar="NAME", help="Which mapping of that file.")] = None,
    batch_size: Annotated[int | None, typer.Option(help="Records in a batch.")] = None,
    window: Annotated[float | None, typer.Option(metavar="S", help="MaximumBatchingWindowInSeconds.")] = None,
    retries: Annotated[int | None, typer.Option(help="MaximumRetryAttempts; -1 for no limit.")] = None,
    max_age: Annotated[float | None, typer.Option(metavar="S", help="MaximumRecordAgeInSeconds; -1: no limit.")] = None,
    bisect: Annotated[
        bool | None, typer.Option("--bisect/--no-bisect", help="Split a batch whose function raises.")
    ] = None,
    factor: Annotated[int | None, typer.Option(help="ParallelizationFactor.")] = None,
    filter_pattern: Annotated[
        str | None, typer.Option("--filter", metavar="PATTERN", help="FilterCriteria or a pattern, or a file of it.")
    ] = None,
    tumbling_window: Annotated[float | None, typer.Option(metavar="S", help="TumblingWindowInSeconds.")] = None,
    report: Annotated[
        bool | None, typer.Option("--report/--no-report", help="Whether ReportBatchItemFailures is set.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Records arrive when they were made, not all at the start.")
    ] = False,
    timeout: Annotated[float, typer.Option(metavar="S", help="Seconds that an invocation may take.")] = 900,
    event_source_arn: Annotated[
        str | None, typer.Option(metavar="ARN", help="The stream, for records that do not name it (GetRecords).")
    ] = None,
    color: Annotated[Color, typer.Option(help="Colour the lines.")] = Color.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a step.")] = False,
) -> None:
    """Deliver records to a handler as an event source mapping would, and print what happens.

    The records of a stream are one shard, in the order of the files. Waiting takes no time.

    Args:
        events: paths of event files.
        handler: ``module:name``.
        mapping: a file with the mapping's settings.
        mapping_name: which of several in it.
        batch_size: BatchSize, as the others by AWS's names: window, retries, max_age, bisect, factor.
        window: in seconds.
        retries: how often a batch is tried again.
        max_age: in seconds.
        bisect: BisectBatchOnFunctionError.
        factor: batches of a shard at once.
        filter_pattern: what ``tailrace filter`` takes.
        tumbling_window: in seconds.
        report: whether partial answers are read.
        live: whether records arrive by their times.
        timeout: in seconds.
        event_source_arn: the ARN of the stream for records that carry none.
        color: colours or not.
        as_json: JSON lines instead of the timeline.

    Raises:
        typer.Exit: code 1 when a record was lost, or the handler stopped the process; 2 when the input, the handler's
            name or the settings cannot be understood; 130 when it was interrupted.
    """
    options = {
        "batch_size": batch_size,
        "maximum_batching_window_in_seconds": window,
        "maximum_retry_attempts": retries,
        "maximum_record_age_in_seconds": max_age,
        "bisect_batch_on_function_error": bisect,
        "parallelization_factor": factor,
        "tumbling_window_in_seconds": tumbling_window,
        "report_batch_item_failures": report,
        "timeout_ms": timeout * 1000,
        "arrival": "live" if live else "backlog",
    }
    with input_errors():
        simulated = _mapping(handler, mapping, mapping_name, filter_pattern, options)
        records = list(incoming_records(iter(Reader(events, event_source_arn))))
    reasons = _Reasons()
    delivered = _deliver(simulated, records, reasons)
    with until_reader_leaves(f"{plural(len(delivered.lost), 'record')} lost"):
        if as_json:
            for step in delivered.steps:
                print(json_line(_as_json(step)))
        else:
            _print(delivered, records, reasons, colored=wants_color(color))
    raise typer.Exit(RECORDS_LOST if delivered.lost else 0)


def _mapping(
    handler: str, file: str | None, name: str | None, pattern: str | None, options: dict[str, Any]
) -> EventSourceMapping:
    try:
        if pattern is not None:
            options["filter_criteria"] = read_criteria(pattern, Dialect.LAMBDA, 10)
        function = load_handler(handler)
        options["event_format"] = "bytes" if isinstance(function, StreamHandler) else "dict"
        options["max_invocations"] = MAX_INVOCATIONS
        given = {option: value for option, value in options.items() if value is not None}
        if file is None:
            return EventSourceMapping(function, **given)
        return EventSourceMapping.from_configuration(function, read_mapping(file, name), **given)
    except (HandlerNameError, ValueError) as error:
        complain(str(error))
        raise typer.Exit(NOT_UNDERSTOOD) from None


def _deliver(mapping: EventSourceMapping, records: list[Incoming], reasons: _Reasons) -> DeliveryReport:
    shards: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        shards.setdefault(str(record.wire.get("eventSourceARN", "stream")), []).append(record.wire)
    try:
        with reasons.listening():
            return mapping.deliver_shards(Shard(wires, arn) for arn, wires in shards.items())
    except KeyboardInterrupt:
        complain("interrupted")
        raise typer.Exit(INTERRUPTED) from None
    except BaseException as error:
        if isinstance(error, Exception):
            raise
        complain(stop_text(error, records))
        raise typer.Exit(HANDLER_STOPPED) from None


class _Reasons(logging.Handler):
    """Keeps what a StreamHandler logs of a record instead of writing it: the timeline tells that it failed."""

    def __init__(self) -> None:
        super().__init__()
        self.by_number: dict[str, str] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            self.by_number[str(getattr(record, "sequence_number", None))] = f"{type(error).__name__}: {error}"

    @contextmanager
    def listening(self) -> Iterator[None]:
        logger = logging.getLogger("tailrace")
        logger.addHandler(self)
        try:
            yield
        finally:
            logger.removeHandler(self)


def _as_json(step: Step) -> dict[str, Any]:
    invocation = step.invocation
    told = {
        "at": round(step.at, 3),
        "shard": step.shard_id,
        "kind": step.kind,
        "sequence_numbers": list(step.sequence_numbers),
        "said": step.said,
        "checkpoint": step.checkpoint,
    }
    if invocation is None:
        return told
    return told | {
        "invoke_count": invocation.invoke_count,
        "cause": invocation.cause,
        "reported": invocation.reported,
        "reason": invocation.reason,
        "unheard": list(invocation.unheard),
    }


def _print(delivered: DeliveryReport, records: list[Incoming], reasons: _Reasons, *, colored: bool) -> None:
    for line in delivered.timeline(color=colored).splitlines():
        print(line if colored else printable(line))
    if delivered.steps:
        print()
    counts = [
        ("records", delivered.record_count),
        ("invocations", delivered.invocation_count),
        ("done", len(delivered.done) - len(set(delivered.unheard))),
        ("filtered", len(delivered.filtered)),
        ("given up", len(delivered.discarded)),
        ("missed", len(delivered.missed)),
        ("unheard", len(set(delivered.unheard))),
    ]
    lines = [(label, f"{count:,}") for label, count in counts if count or label in ("records", "invocations", "done")]
    last = max((step.at for step in delivered.steps), default=0.0)
    print_summary(output_console(), [*lines, ("time", f"{last:,.1f} s")])
    _list_lost(delivered, records, reasons)


def _list_lost(delivered: DeliveryReport, records: list[Incoming], reasons: _Reasons) -> None:
    lost = set(delivered.lost)
    listed = [record for record in records if record.sequence_number in lost]
    if listed:
        print("\nRecords that were lost:")
    for record in listed[:MOST_LOST_LISTED]:
        number = record.sequence_number
        print(printable(f"  #{delivered.positions[number]:,}  {record.place}: {record.event_name}, eventID"
                        f" {record.event_id}, SequenceNumber {number}"))  # fmt: skip
        print(f"    {printable(' '.join(_why(number, delivered, reasons).split()))}")
    if len(listed) > MOST_LOST_LISTED:
        print(f"  and {len(listed) - MOST_LOST_LISTED:,} more")


def _why(number: str, delivered: DeliveryReport, reasons: _Reasons) -> str:
    if number in delivered.missed:
        return "it was there before the mapping began, at LATEST"
    if number in delivered.unheard:
        return "the answer names it or one before it, and Lambda does not hear that"
    step = next(step for step in delivered.steps if step.kind == "discard" and number in step.sequence_numbers)
    last = next((each for each in reversed(delivered.invocations) if number in each.sequence_numbers), None)
    error = reasons.by_number.get(number) or (last.reason if last is not None else None)
    if error is not None:
        return f"given up, {step.said}: {error}"
    if last is None:
        return f"given up, {step.said}, before it was delivered"
    return f"given up, {step.said}, with #{delivered.positions.get(last.reported or '', 0):,}, which kept failing"
