"""The decimal context that numbers go through: boto3's, as it stands at the moment."""

from __future__ import annotations

import functools
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Context

__all__ = ["dynamodb_context"]


def dynamodb_context() -> Context:
    """boto3's DYNAMODB_CONTEXT, which users change; one like it where boto3 is not in use."""
    types = sys.modules.get("boto3.dynamodb.types")
    context: Context = types.DYNAMODB_CONTEXT if types else _own_context()
    return context


@functools.cache
def _own_context() -> Context:
    from decimal import Clamped, Context, Inexact, Overflow, Rounded, Underflow

    return Context(prec=38, Emin=-128, Emax=126, traps=[Clamped, Overflow, Inexact, Rounded, Underflow])
