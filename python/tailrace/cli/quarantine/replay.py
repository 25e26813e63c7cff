"""``tailrace quarantine replay``: records that were set aside, handled again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import typer

from tailrace import SinkError
from tailrace.cli.console import complain, output_console, until_reader_leaves
from tailrace.cli.quarantine.delivery import Redelivery
from tailrace.cli.quarantine.plan import planned
from tailrace.cli.quarantine.store import of_table, opened
from tailrace.cli.stop import error_text
from tailrace.cli.summary import print_summary
from tailrace.cli.target import HandlerNameError, load_handler
from tailrace.diffs.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from tailrace.cli.quarantine.plan import Item, Waiting

__all__ = ["replay"]

RECORDS_LEFT = HANDLER_STOPPED = 1
NOT_UNDERSTOOD, INTERRUPTED = 2, 130
MOST_FAILURES_LISTED = 20


@dataclass
class _Outcome:
    done_count: int = 0
    waiting_count: int = 0
    failed: list[tuple[Waiting, BaseException]] = field(default_factory=list)


def replay(
    store: Annotated[str, typer.Argument(metavar="STORE", help="The SQLite file.")],
    *,
    handler: Annotated[str, typer.Option(metavar="MODULE:NAME", help="The handler; the current folder is importable.")],
    table: Annotated[str | None, typer.Option(help="Only the records of this table.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="Stop after so many records.")] = None,
) -> None:
    """Hand each record to a handler, those of one item in order, and take out of the store what is done.

    A record that fails stays, with its new error and count, and those of the same item behind it wait. All routes of
    the handler see the record, also those that had succeeded before it was set aside.

    Args:
        store: the SQLite file.
        handler: ``module:name``.
        table: only of this table.
        limit: how many at most; all of them without one.

    Raises:
        typer.Exit: code 1 when records are left or the handler stops the process (``sys.exit``, whatever its code), 2
            when the store or the handler cannot be read, or standard output cannot be written, 130 when it was
            interrupted.
    """
    outcome = _Outcome()
    with opened(store) as opened_store:
        plan = planned(of_table(opened_store, table))[:limit]
        try:
            redelivery = Redelivery(load_handler(handler), opened_store)
        except HandlerNameError as error:
            complain(str(error))
            raise typer.Exit(NOT_UNDERSTOOD) from None
        code = _deliver(plan, redelivery, outcome)
    with until_reader_leaves(f"{outcome.done_count} of {len(plan)} records done"):
        _report(plan, outcome)
    raise typer.Exit(code or (RECORDS_LEFT if outcome.failed or outcome.waiting_count else 0))


def _deliver(plan: Iterable[Waiting], redelivery: Redelivery, outcome: _Outcome) -> int:
    """Deliver until the end, or until something stops it; the exit code, 0 for the end."""
    stuck: set[Item] = set()
    for waiting in plan:
        if waiting.item in stuck:
            outcome.waiting_count += 1
            continue
        try:
            error = redelivery.deliver(waiting)
        except KeyboardInterrupt:
            complain(f"interrupted at {_name(waiting)}, which stays")
            return INTERRUPTED
        except SinkError as broken:
            complain(f"{broken}; {outcome.done_count} done before {_name(waiting)}, which may be in the store still")
            return NOT_UNDERSTOOD
        except BaseException as stopped:
            if isinstance(stopped, Exception):
                raise
            complain(f"the handler stopped the process with {error_text(stopped)} at {_name(waiting)}, which stays")
            return HANDLER_STOPPED
        if error is None:
            outcome.done_count += 1
        else:
            stuck.add(waiting.item)
            outcome.failed.append((waiting, error))
    return 0


def _report(plan: list[Waiting], outcome: _Outcome) -> None:
    lines = [
        ("records", f"{len(plan):,}"),
        ("done", f"{outcome.done_count:,}"),
        ("failed", f"{len(outcome.failed):,}"),
        ("waiting", f"{outcome.waiting_count:,}"),
    ]
    print_summary(output_console(), lines)
    if outcome.failed:
        print("\nRecords that failed again, and stay:")
    for waiting, error in outcome.failed[:MOST_FAILURES_LISTED]:
        print(printable(f"  {_name(waiting)}"))
        print(f"    {printable(' '.join(error_text(error).split()))}")
    if len(outcome.failed) > MOST_FAILURES_LISTED:
        print(f"  and {len(outcome.failed) - MOST_FAILURES_LISTED:,} more: see `tailrace quarantine list`")


def _name(waiting: Waiting) -> str:
    table = f"table {waiting.table}, " if waiting.table else ""
    return f"{table}eventID {waiting.event_id}, SequenceNumber {waiting.sequence_number}"
