"""One boto3 client made fast: the answers of DynamoDB read by tailrace instead of by botocore's walk over its model."""

from __future__ import annotations

import threading

from tailrace._core import Options
from tailrace.environment import is_disabled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias, TypeVar

    Client = TypeVar("Client")
    Numbers: TypeAlias = (
        Literal["decimal", "decimal-strict", "int-decimal", "int-float", "float", "str"] | Callable[[str], object]
    )

__all__ = ["patch_client", "unpatch_client"]

_FORMS = ("attribute-values", "native")
_lock = threading.Lock()


def patch_client(
    client: Client,
    *,
    items: Literal["attribute-values", "native"] = "attribute-values",
    numbers: Numbers = "decimal",
    binary: Literal["bytes", "boto3", "raw"] = "bytes",
    sets: Literal["set", "list"] = "set",
) -> Client:
    """Make a boto3 client read items fast: GetItem, Query, Scan, BatchGetItem, TransactGetItems, PartiQL, GetRecords.

    Only the JSON body of an answer is read by tailrace. Requests, retries, errors, checksums, events, paginators,
    waiters and ``ResponseMetadata`` stay botocore's. Patching again replaces the options; clients are patched one by
    one, and other clients stay as they are.

    Args:
        client: a client of ``dynamodb`` or ``dynamodbstreams``.
        items: ``"attribute-values"`` answers what botocore answers, object for object; an answer that is odd in any
            way is left to botocore's own parser. ``"native"`` gives the items as Python values: Item, Items,
            Attributes, Responses, and the keys and images of stream records. LastEvaluatedKey, UnprocessedKeys,
            UnprocessedItems and what an exception carries stay attribute values, since they go back to DynamoDB.
        numbers: for native items, as in ``unmarshall``.
        binary: for native items, as in ``unmarshall``.
        sets: for native items, as in ``unmarshall``.

    Returns:
        The client. With ``TAILRACE_DISABLE=1`` in the environment it was left alone.

    Raises:
        TypeError: no client of these services; or native items for the client of a boto3 resource, which makes Python
            values by itself.
        ValueError: an option has no such word.
        TailraceError: this botocore is not one that tailrace knows, and nothing was changed; or native items were
            asked for with ``TAILRACE_DISABLE=1``, under which there are none.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations.html

    Example:
        >>> import boto3
        >>> from tailrace.dropin.clients import patch_client
        >>> client = boto3.client("dynamodb", region_name="eu-west-1")
        >>> patch_client(client) is client
        True
    """
    if items not in _FORMS:
        raise ValueError('items is "attribute-values" or "native"')
    options = Options(numbers=numbers, binary=binary, sets=sets)
    if is_disabled():
        return _left_alone(client, items)
    from tailrace.dropin.endpoints import patch

    with _lock:
        patch(client, options if items == "native" else None)
    return client


def unpatch_client(client: Client) -> Client:
    """Give a client botocore's parser back.

    Args:
        client: any client; one that is not patched stays as it is.

    Returns:
        The client.

    Example:
        >>> import boto3
        >>> from tailrace.dropin.clients import patch_client, unpatch_client
        >>> client = boto3.client("dynamodb", region_name="eu-west-1")
        >>> unpatch_client(patch_client(client)) is client
        True
    """
    from tailrace.dropin.endpoints import unpatch

    with _lock:
        unpatch(client)
    return client


def _left_alone(client: Client, items: str) -> Client:
    """Without tailrace there are no native items, and code that expects them must not go on with others."""
    if items == "native":
        from tailrace.exceptions import TailraceError

        raise TailraceError('TAILRACE_DISABLE is set, and patch_client(items="native") gives what only tailrace makes')
    return client
