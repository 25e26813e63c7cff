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

from tailrace.dropin.answers import AnswerParser, Readers, refuse_damaged
from tailrace.dropin.samples import SAMPLES
from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from botocore.model import ServiceModel

    from tailrace._core import Options

__all__ = ["AnswerParserFactory", "patch", "unpatch"]

SERVICES = ("dynamodb", "dynamodbstreams")
AFTER_CALL, DAMAGED = "after-call.dynamodb", "tailrace-refuse-damaged"
METHODS = ("_do_parse", "_handle_json_body", "_parse_shape", "_inject_response_metadata")


class AnswerParserFactory(ResponseParserFactory):
    """Makes parsers of ours in the place of botocore's, with the same defaults."""

    def __init__(self, original: Any, readers: Readers, client: Any) -> None:
        super().__init__()
        self.original = original
        self._readers = readers
        self._client = client

    def set_parser_defaults(self, **kwargs: Any) -> None:
        """As botocore's: for all clients of the session."""
        self.original.set_parser_defaults(**kwargs)

    def create_parser(self, protocol_name: str) -> Any:
        """A parser for one answer."""
        parsers: dict[str, Any] = PROTOCOL_PARSERS
        if parsers[protocol_name] is not JSONParser:
            return self.original.create_parser(protocol_name)
        if self._readers.native:
            _refuse_resource(self._client)
        return AnswerParser(self._readers, **self.original._defaults)  # noqa: SLF001 checked at the patch


def patch(client: object, options: Options | None) -> None:
    """Put our factory before the client's own, or in the place of an earlier one of ours."""
    known = _known_client(client)
    if options is not None:
        _refuse_resource(known)
    original = _original(known)
    _compare(known.meta.service_model)
    readers = Readers(known.meta.service_model, options)
    known.meta.events.unregister(AFTER_CALL, unique_id=DAMAGED)
    if readers.native:
        known.meta.events.register(AFTER_CALL, refuse_damaged, unique_id=DAMAGED)
    known._endpoint._response_parser_factory = AnswerParserFactory(original, readers, known)  # noqa: SLF001 looked at


def unpatch(client: object) -> None:
    """Put the client's own factory back."""
    endpoint: Any = getattr(client, "_endpoint", None)
    factory = getattr(endpoint, "_response_parser_factory", None)
    if isinstance(factory, AnswerParserFactory):
        endpoint._response_parser_factory = factory.original  # noqa: SLF001 looked at when it was patched
        known: Any = client
        known.meta.events.unregister(AFTER_CALL, unique_id=DAMAGED)


def _known_client(client: object) -> Any:
    if not isinstance(client, BaseClient):
        raise TypeError(f"patch_client takes a boto3 client, not {type(client).__name__}")
    service = client.meta.service_model.service_name
    if service not in SERVICES:
        raise TypeError(f"patch_client takes a client of dynamodb or dynamodbstreams, not of {service}")
    return client


def _original(client: Any) -> Any:
    """The client's own factory, once all is as we know it."""
    endpoint = getattr(client, "_endpoint", None)
    if not isinstance(endpoint, Endpoint) or not _is_own(type(endpoint), Endpoint, "_do_get_response"):
        raise _unknown("its endpoint is not botocore's")
    factory = getattr(endpoint, "_response_parser_factory", None)
    if isinstance(factory, AnswerParserFactory):
        factory = factory.original
    if type(factory) is not ResponseParserFactory or not isinstance(getattr(factory, "_defaults", None), dict):
        raise _unknown("another parser factory stands in its endpoint")
    parser: Any = PROTOCOL_PARSERS.get("json")
    if parser is not JSONParser or not all(hasattr(parser, name) for name in METHODS):
        raise _unknown("another parser reads JSON")
    return factory


def _is_own(class_: type, base: type, method: str) -> bool:
    return getattr(class_, method, None) is getattr(base, method, base)


def _compare(model: ServiceModel) -> None:
    """Both parsers read the sample answers: the same objects, in the same order."""
    readers = Readers(model, None)
    for operation in [name for name in SAMPLES if name in model.operation_names]:
        shape: Any = model.operation_model(operation).output_shape
        answer = {"body": SAMPLES[operation], "headers": {}, "status_code": 200}
        theirs, ours = (parser.parse(answer, shape) for parser in (JSONParser(), _strict_parser(readers)))
        if repr(ours) != repr(theirs):
            raise _unknown(f"it reads an answer of {operation} in another way")


def _strict_parser(readers: Readers) -> AnswerParser:
    return AnswerParser(readers, leave_odd=False)


def _refuse_resource(client: Any) -> None:
    """A resource makes Python values of what its client answers, and would take native items for attribute values."""
    transform: Any = sys.modules.get("boto3.dynamodb.transform")
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
