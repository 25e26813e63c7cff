"""The commands of ``tailrace``: one file a verb, put together here."""

from __future__ import annotations

from typing import Annotated

import typer

import tailrace
from tailrace.cli.compare import compare
from tailrace.cli.demo import demo
from tailrace.cli.doctor import doctor
from tailrace.cli.filter import filter_app
from tailrace.cli.quarantine import quarantine_app
from tailrace.cli.run import run
from tailrace.cli.show import show
from tailrace.cli.simulate import simulate

__all__ = ["app"]

app = typer.Typer(
    name="tailrace",
    help="DynamoDB change records on the command line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(help="Deliver the records of files to a handler, in batches, as Lambda does.")(run)
app.command(help="Print what each record of the files changed.")(show)
app.command("diff", help="Print what changed between two items, or in each record of a file.")(compare)
app.command(help="Deliver records as an event source mapping would, and print what happens. Code 1 for a lost record.")(
    simulate
)
app.command(help="Say what is wrong with event source mappings. Code 1 for an error.")(doctor)
app.add_typer(filter_app, name="filter")
app.add_typer(quarantine_app, name="quarantine")
app.command(help="Watch an order table become an audit trail, a replica and a search index.")(demo)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tailrace {tailrace.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass
