"""``tailrace filter``: filter patterns tried, explained, judged and exported."""

from __future__ import annotations

import typer

from tailrace.cli.filter.explain import explain
from tailrace.cli.filter.export import export
from tailrace.cli.filter.lint import lint
from tailrace.cli.filter.matching import matching

__all__ = ["filter_app"]

filter_app = typer.Typer(help="Filter patterns: tried, explained, judged and exported.", no_args_is_help=True)
filter_app.command("test", help="Print which records match. Code 1 when none does.")(matching)
filter_app.command(help="Print why each record matches, or why not. Code 1 when none does.")(explain)
filter_app.command(help="Print what patterns, also those in templates, may not mean. Code 1 for an error.")(lint)
filter_app.command(help="Print FilterCriteria for Lambda. Code 1 when Lambda cannot express them.")(export)
