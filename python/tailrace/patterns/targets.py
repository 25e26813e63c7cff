"""The sinks that an environment can name, and the variables that each of them reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tailrace.patterns.readers import location, names, paths, switch, text, texts, whole, word
from tailrace.patterns.settings import Setting, Settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["TARGETS", "Target"]
