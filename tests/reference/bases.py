"""The classes that must do what boto3's untouched ones do: tailrace's own, and boto3's while install() holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.dynamodb import types

import tailrace
from tailrace import dropin

KINDS = ["ours", "installed"]


@contextmanager
def base_of(kind: str, name: str) -> Iterator[type[Any]]:
    """``TypeDeserializer`` or ``TypeSerializer`` of that kind."""
    if kind == "ours":
        yield getattr(tailrace, name)
        return
    assert dropin.install()
    try:
        yield getattr(types, name)
    finally:
        assert dropin.uninstall()
