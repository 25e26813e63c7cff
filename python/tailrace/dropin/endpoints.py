"""Where a client keeps what parses its answers, and how tailrace comes in and goes out there.

Of botocore it needs three things: ``client._endpoint``, whose ``_response_parser_factory`` makes a parser for each
answer; a factory that makes the parser of the JSON protocol with its defaults; and that parser's
``_handle_json_body``. Each is looked at before anything is changed, and a sample answer is read by both.
"""

from __future__ import annotations

import sys

import botocore
from botocore.client import BaseClient
from botocore.endpoint import Endpoint
from botocore.parsers import PROTOCOL_PARSERS, JSONParser, ResponseParserFactory

from tailrace.dropin.answers import AnswerParser, Readers
from tailrace.dropin.samples import SAMPLES
from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from botocore.parsers import ResponseParser

    from tailrace._core import Options

__all__ = ["AnswerParserFactory", "patch", "unpatch"]

SERVICES = ("dynamodb", "dynamodbstreams")


class AnswerParserFactory(ResponseParserFactory):
    """Makes parsers of ours in the place of botocore's, with the same defaults."""

    def __init__(self, original: ResponseParserFactory, readers: Readers, client: BaseClient) -> None:
        super().__init__()
        self.original = original
        self._readers = readers
        self._client = client

    def set_parser_defaults(self, **kwargs: Any) -> None:
        """As botocore's: for all clients of the session."""
        self.original.set_parser_defaults(**kwargs)

    def create_parser(self, protocol_name: str) -> ResponseParser:
        """A parser for one answer."""
        if PROTOCOL_PARSERS[protocol_name] is not JSONParser:
            return self.original.create_parser(protocol_name)
        if self._readers.native:
            _refuse_resource(self._client)
        return AnswerParser(self._readers, **self.original._defaults)  # noqa: SLF001 checked at the patch


def patch(client: object, options: Options | None) -> None:
    """Put our factory before the client's own, or in the place of an earlier one of ours."""
    client = _known_client(client)
    if options is not None:
        _refuse_resource(client)
    original = _original(client)
    readers = Readers(client.meta.service_model, options)
    _compare(client)
    client._endpoint._response_parser_factory = AnswerParserFactory(original, readers, client)  # noqa: SLF001 as above


def unpatch(client: object) -> None:
    """Put the client's own factory back."""
    endpoint = getattr(client, "_endpoint", None)
    factory = getattr(endpoint, "_response_parser_factory", None)
    if isinstance(factory, AnswerParserFactory):
        endpoint._response_parser_factory = factory.original  # type: ignore[union-attr]  # noqa: SLF001


def _known_client(client: object) -> BaseClient:
    if not isinstance(client, BaseClient):
        raise TypeError(f"patch_client takes a boto3 client, not {type(client).__name__}")
    service = client.meta.service_model.service_name
    if service not in SERVICES:
        raise TypeError(f"patch_client takes a client of dynamodb or dynamodbstreams, not of {service}")
    return client


def _original(client: BaseClient) -> ResponseParserFactory:
    """The client's own factory, once all is as we know it."""
    endpoint = getattr(client, "_endpoint", None)
    if not isinstance(endpoint, Endpoint) or type(endpoint)._do_get_response is not Endpoint._do_get_response:  # noqa: SLF001
        raise _unknown("its endpoint is not botocore's")
    factory = getattr(endpoint, "_response_parser_factory", None)
    if isinstance(factory, AnswerParserFactory):
        factory = factory.original
    if type(factory) is not ResponseParserFactory or not isinstance(getattr(factory, "_defaults", None), dict):
        raise _unknown("another parser factory stands in its endpoint")
    if PROTOCOL_PARSERS.get("json") is not JSONParser or not hasattr(JSONParser, "_handle_json_body"):
        raise _unknown("another parser reads JSON")
    return factory


def _compare(client: BaseClient) -> None:
    """Both parsers read the sample answers: the same objects, in the same order."""
    model = client.meta.service_model
    readers = Readers(model, None)
    for operation, body in SAMPLES.items():
        if operation not in model.operation_names:
            continue
        shape = model.operation_model(operation).output_shape
        answer = {"body": body, "headers": {}, "status_code": 200}
        theirs = JSONParser().parse(answer, shape)
        ours = AnswerParser(readers, leave_odd=False).parse(answer, shape)
        if repr(ours) != repr(theirs):
            raise _unknown(f"it reads an answer of {operation} in another way")


def _refuse_resource(client: BaseClient) -> None:
    """A resource makes Python values of what its client answers, and would take native items for attribute values."""
    transform = sys.modules.get("boto3.dynamodb.transform")
    if transform is None:
        return
    handlers = client.meta.events._emitter._handlers.prefix_search("after-call.dynamodb.GetItem")  # noqa: SLF001
    if any(isinstance(getattr(each, "__self__", None), transform.TransformationInjector) for each in handlers):
        raise TypeError(
            'items="native" is not for the client of a boto3 resource, which makes Python values by itself: patch it '
            'with items="attribute-values", or give native items a client of their own'
        )


def _unknown(what: str) -> TailraceError:
    return TailraceError(
        f"patch_client does not know the internals of botocore {botocore.__version__} as it is here: {what}. "
        "The client was left alone. A newer tailrace may know them"
    )
