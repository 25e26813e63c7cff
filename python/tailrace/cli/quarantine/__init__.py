"""``tailrace quarantine``: records that were set aside, listed, shown and handled again."""

from __future__ import annotations

import typer

from tailrace.cli.quarantine.listing import list_entries
from tailrace.cli.quarantine.replay import replay
from tailrace.cli.quarantine.showing import show_entries

__all__ = ["quarantine_app"]

quarantine_app = typer.Typer(help="Records that were set aside: listed, shown and handled again.", no_args_is_help=True)
quarantine_app.command("list", help="Print a line for each record, without values.")(list_entries)
quarantine_app.command("show", help="Print all that is kept of records. Code 1 when one is not there.")(show_entries)
quarantine_app.command(
    help="Hand the records to a handler, and take out those that are done. Code 1 when some are not."
)(replay)
