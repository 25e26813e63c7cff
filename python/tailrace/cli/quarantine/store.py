"""The store that a command line names, and what the commands ask of it."""

from __future__ import annotations

from contextlib import contextmanager

import typer

from tailrace import SinkError
from tailrace.cli.console import complain
from tailrace.sinks import SqliteQuarantine

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from tailrace.sinks import QuarantineEntry

    class Store(Protocol):
        """What keeps records that were set aside, each found by table, eventID and route."""

        def __iter__(self) -> Iterator[QuarantineEntry]:
            """All of them, in the order in which they were first stored."""
            ...

        def get(self, table: str, event_id: str, route: str) -> QuarantineEntry | None:
            """One of them."""
            ...

        def failed_again(self, table: str, event_id: str, route: str, *, error: BaseException) -> bool:
            """Note that it has failed once more, and with what; whether there is such a one."""
            ...

        def resolve(self, table: str, event_id: str, route: str) -> bool:
            """Take it out; whether there was such a one."""
            ...


__all__ = ["of_table", "opened"]

NOT_UNDERSTOOD = 2


@contextmanager
def opened(name: str) -> Iterator[Store]:
    """Open the store that is named.

    Args:
        name: the path of a SQLite file.

    Raises:
        typer.Exit: code 2 when it is not there, or cannot be read or written.
    """
    if "://" in name or name.startswith("arn:") or name in ("", ":memory:"):
        complain(f"{name!r}: a store is the path of a SQLite file")
        raise typer.Exit(NOT_UNDERSTOOD)
    try:
        with SqliteQuarantine(name) as store:
            yield store
    except SinkError as error:
        complain(str(error))
        raise typer.Exit(NOT_UNDERSTOOD) from None


def of_table(store: Store, table: str | None) -> Iterator[QuarantineEntry]:
    """The entries of one table, or all of them."""
    return (entry for entry in store if table is None or entry.table == table)
