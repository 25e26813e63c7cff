"""The event source mappings of a function, as an AWS account has them."""

from __future__ import annotations

from tailrace.doctor.mappings import FoundMapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["mappings_of_function"]

_STREAMS = (":dynamodb:", ":kinesis:")


def mappings_of_function(name: str, client: Any = None) -> list[FoundMapping]:
    """Ask AWS for the mappings of streams to a function.

    Args:
        name: the function's name or ARN, also with an alias or version.
        client: a boto3 client of Lambda; made with boto3's defaults when it is None.

    Returns:
        In AWS's order. Mappings of queues and topics are passed over.

    Raises:
        ImportError: there is no boto3.
        botocore.exceptions.ClientError: AWS refuses, say because there is no such function.
        botocore.exceptions.BotoCoreError: AWS cannot be asked, say for want of a Region or of credentials.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html

    Example:
        >>> from tailrace.doctor import mappings_of_function
        >>> class Client:  # stands for boto3.client("lambda")
        ...     def get_paginator(self, operation):
        ...         return self
        ...     def paginate(self, FunctionName):
        ...         return [{"EventSourceMappings": [{"UUID": "x", "EventSourceArn": "arn:aws:dynamodb:..."}]}]
        >>> [mapping.name for mapping in mappings_of_function("orders", Client())]
        ['x']
    """
    if client is None:
        import boto3

        client = boto3.client("lambda")
    pages = client.get_paginator("list_event_source_mappings").paginate(FunctionName=name)
    return [
        FoundMapping(str(settings.get("UUID", name)), None, dict(settings))
        for page in pages
        for settings in page["EventSourceMappings"]
        if any(service in str(settings.get("EventSourceArn")) for service in _STREAMS)
    ]
