"""What the variables of the environment say to all of tailrace."""

from __future__ import annotations

import os

__all__ = ["is_disabled"]

_NO = {"", "0", "false", "no", "off"}


def is_disabled() -> bool:
    """Whether ``TAILRACE_DISABLE`` turns off what changes other libraries: boto3, and Lambda's runtime.

    Returns:
        False where the variable is missing, empty, ``0``, ``false``, ``no`` or ``off``.
    """
    return os.environ.get("TAILRACE_DISABLE", "").strip().lower() not in _NO
