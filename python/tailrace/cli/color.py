"""Whether lines are coloured."""

from __future__ import annotations

from enum import Enum

from tailrace.cli.console import output_console

__all__ = ["Color", "wants_color"]


class Color(str, Enum):
    """When lines are coloured."""

    AUTO, ALWAYS, NEVER = "auto", "always", "never"


def wants_color(color: Color) -> bool:
    """Whether they are now; ``auto`` is for a terminal without NO_COLOR."""
    console = output_console()  # it knows NO_COLOR, FORCE_COLOR and what the terminal can
    auto = console.is_terminal and console.color_system is not None and not console.no_color
    return {Color.AUTO: auto, Color.ALWAYS: True, Color.NEVER: False}[color]
