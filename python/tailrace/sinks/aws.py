"""Clients of AWS services for sinks, and what their errors mean for the records of a call."""

from __future__ import annotations

from tailrace.client import LazyClient, made_client
from tailrace.exceptions import SinkError
from tailrace.sinks.delivery import Poison, Retry, Unusable, Verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

__all__ = ["lazy_client", "verdict_of", "verdict_of_code"]

_PASSING = {
    "BandwidthLimitExceeded",
    "ConditionalRequestConflict",
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalException",
    "KMSThrottlingException",
    "KmsThrottled",
    "LimitExceededException",
    "OperationAborted",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}
"""Codes that botocore takes for throttling or a passing fault, and those that services give single entries."""


def lazy_client(service: str, given: Any, *, sink: str, region: str | None = None) -> LazyClient:
    """The client of a sink: the caller's own, or one that is made at the first use.

    It waits 2 s for a connection and 10 s for an answer, and sends a call twice at most: pauses between further ones
    are the sink's business, which knows how much time is left.

    Args:
        service: as boto3 calls it.
        given: the caller's own, or None.
        sink: the name of the class, for the message where boto3 is missing.
        region: the AWS Region; None takes that of the environment.
    """

    def make() -> Any:
        retries = {"mode": "standard", "total_max_attempts": 2}
        try:
            return made_client(
                service,
                region,
                connect_timeout=2,
                read_timeout=10,
                retries=retries,
                tcp_keepalive=True,
                max_pool_connections=32,
            )
        except ModuleNotFoundError as error:
            raise SinkError(f"{sink} needs boto3: pip install 'tailrace[aws]', or give it a client") from error

    return LazyClient(given, make)


def verdict_of(error: Exception, *, poison: Collection[str] = ()) -> Verdict:
    """What an error of a call means for all of its entries.

    Args:
        error: as the client raised it.
        poison: the codes with which the service refuses what an entry is.
    """
    answer: dict[str, Any] = getattr(error, "response", None) or {}
    if "Error" in answer:
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        named = answer["Error"]
        return verdict_of_code(named.get("Code", ""), named.get("Message", ""), poison=poison, status=status)
    if _is_of_the_network(error):
        return Retry(SinkError(f"no answer: {type(error).__name__}"))
    if type(error).__name__ == "ParamValidationError":  # its text quotes the values of the request
        return Poison(SinkError("the client of boto3 refused the request for what is in it: ParamValidationError"))
    return Unusable(error)


def verdict_of_code(code: str, message: str = "", *, poison: Collection[str] = (), status: int = 0) -> Verdict:
    """What the code of an answer means, of a whole call or of one entry.

    Args:
        code: as the service names it.
        message: what it says besides; only told where the fault is none of the record's, for it may quote values.
        poison: the codes with which the service refuses what an entry is.
        status: of HTTP, where there is one.
    """
    if code in poison:
        return Poison(SinkError(f"refused by the service: {code}"))
    if code in _PASSING or status == 429 or status >= 500:  # noqa: PLR2004 - Too Many Requests, and the server's faults
        return Retry(SinkError(f"not taken for now: {code or status}"))
    return Unusable(SinkError(f"the target cannot be written: {code or status}: {message}"))


def _is_of_the_network(error: Exception) -> bool:
    try:
        from botocore.exceptions import ConnectionClosedError, HTTPClientError
    except ModuleNotFoundError:
        return isinstance(error, OSError)
    return isinstance(error, (HTTPClientError, ConnectionClosedError, OSError))
