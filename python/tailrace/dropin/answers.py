"""botocore's parser of JSON answers, with tailrace reading the bodies that hold items."""

from __future__ import annotations

import logging
from zlib import crc32

from botocore.utils import parse_timestamp

from tailrace._core import AnswerReader
from tailrace.exceptions import TailraceError, UnmarshallError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from botocore.model import ServiceModel, Shape
    from botocore.parsers import ResponseParser

    from tailrace._core import Options

    class JSONParser(ResponseParser):
        """What of botocore's parser is used, and its stubs leave out."""

        _timestamp_parser: Any
        _blob_parser: Any
        _default_blob_parser: Any

        def _do_parse(self, response: Mapping[str, Any], shape: Shape) -> Any: ...
        def _handle_json_body(self, raw_body: bytes, shape: Shape) -> Any: ...
        def _parse_shape(self, shape: Shape, node: Any) -> Any: ...
        def _inject_response_metadata(self, parsed: dict[str, Any], headers: Mapping[str, Any]) -> None: ...

else:
    from botocore.parsers import JSONParser

__all__ = ["OPERATIONS", "AnswerParser", "Damaged", "Readers", "refuse_damaged"]

LOG = logging.getLogger(__name__)

_IMAGES = frozenset({"Records[].dynamodb.Keys", "Records[].dynamodb.NewImage", "Records[].dynamodb.OldImage"})
# Operation -> where its answer holds what becomes native items.
OPERATIONS: dict[str, frozenset[str]] = {
    "GetItem": frozenset({"Item"}),
    "Query": frozenset({"Items[]"}),
    "Scan": frozenset({"Items[]"}),
    "BatchGetItem": frozenset({"Responses{}[]"}),
    "TransactGetItems": frozenset({"Responses[].Item"}),
    "ExecuteStatement": frozenset({"Items[]"}),
    "BatchExecuteStatement": frozenset({"Responses[].Item"}),
    "ExecuteTransaction": frozenset({"Responses[].Item"}),
    "PutItem": frozenset({"Attributes"}),
    "UpdateItem": frozenset({"Attributes"}),
    "DeleteItem": frozenset({"Attributes"}),
    "GetRecords": _IMAGES,
}
# Type names for which botocore's JSON parser gives what JSON says.
_PLAIN = frozenset({"string", "boolean", "integer", "long", "float", "double", "character"})
_SCALARS = {"S": "string", "N": "string", "B": "blob", "NULL": "boolean", "BOOL": "boolean"}
_SETS = {"SS": "string", "NS": "string", "BS": "blob"}


class Damaged(dict[str, "Any"]):
    """What botocore makes of broken JSON, an empty answer, and why it is not one."""

    def __init__(self, error: UnmarshallError) -> None:
        super().__init__()
        self.error = error


def refuse_damaged(parsed: object, **_: object) -> None:
    """Once botocore asks no more, an answer that is still damaged must not look like an empty one."""
    if isinstance(parsed, Damaged):
        raise parsed.error


class AnswerParser(JSONParser):
    """Parses one answer. What is no body with items, or odd, botocore's own methods read."""

    def __init__(self, readers: Readers, *, leave_odd: bool = True, **defaults: Any) -> None:
        super().__init__(**defaults)
        self._readers = readers
        self._leave_odd = leave_odd and not readers.native

    def _do_parse(self, response: Mapping[str, Any], shape: Shape) -> Any:
        try:
            return super()._do_parse(response, shape)
        except UnmarshallError as error:
            if not (self._readers.are_checked and _is_damaged(response)):
                raise
            LOG.debug("an answer has another checksum than its header says", exc_info=True)
            # botocore's retries compare the checksum themselves, once there is an answer.
            parsed = Damaged(error)
        self._inject_response_metadata(parsed, response["headers"])
        return parsed

    def _handle_json_body(self, raw_body: bytes, shape: Shape) -> Any:
        reader = self._readers.of(shape)
        if reader is None or not raw_body or type(raw_body) is not bytes or self._has_other_blobs():
            return super()._handle_json_body(raw_body, shape)
        try:
            counts_seconds = self._timestamp_parser is parse_timestamp
            return reader.read(raw_body, self._timestamp_parser, self._parse_shape, counts_seconds)
        except UnmarshallError as odd:
            if not self._leave_odd:
                raise
            LOG.debug("an answer is left to botocore: %s", odd)
        return super()._handle_json_body(raw_body, shape)

    def _has_other_blobs(self) -> bool:
        """Whether somebody gave the session a parser of blobs, whose results only botocore can make."""
        return self._blob_parser != self._default_blob_parser and not self._readers.native


class Readers:
    """A reader for each operation of a service whose answers hold items."""

    def __init__(self, model: ServiceModel, options: Options | None) -> None:
        self.native = options is not None
        # Whether botocore compares the checksum of answers and asks again; for streams it does not.
        self.are_checked = model.service_name == "dynamodb"
        self._of: dict[Shape, AnswerReader] = {}
        for operation in OPERATIONS.keys() & set(model.operation_names):
            shape: Any = model.operation_model(operation).output_shape
            walk = _Walk(OPERATIONS[operation], native=self.native)
            form = walk.form(shape, "", ())
            if walk.found != OPERATIONS[operation]:
                raise TailraceError(
                    f"botocore describes the answer of {operation} in a way that tailrace does not know"
                )
            self._of[shape] = AnswerReader(form, options)

    def of(self, shape: Shape) -> AnswerReader | None:
        """The reader for bodies of this shape; shapes are the same objects for the life of a client."""
        return self._of.get(shape)


class _Walk:
    """The shape of an answer in the words of AnswerReader."""

    def __init__(self, wanted: frozenset[str], *, native: bool) -> None:
        self._wanted = wanted
        self._native = native
        self.found: set[str] = set()

    def form(self, shape: Any, path: str, outer: tuple[Any, ...]) -> tuple[str, Any]:
        """The form of a shape that stands at this path, inside structures of these names."""
        if _is_item(shape):
            return self._item(path)
        if shape.type_name == "structure" and _is_simple(shape) and shape.name not in outer:
            return "structure", [self._member(shape, name, path, (*outer, shape.name)) for name in shape.members]
        if shape.type_name == "list":
            return "list", self.form(shape.member, f"{path}[]", outer)
        if shape.type_name == "map" and shape.key.type_name == "string":
            return "map", self.form(shape.value, f"{path}{{}}", outer)
        if shape.type_name == "timestamp":
            return "timestamp", None
        return ("plain", None) if shape.type_name in _PLAIN else ("foreign", shape)

    def _item(self, path: str) -> tuple[str, None]:
        if path not in self._wanted:
            return "attribute-values", None
        self.found.add(path)
        return "native" if self._native else "attribute-values", None

    def _member(self, shape: Any, name: str, path: str, outer: tuple[Any, ...]) -> tuple[str, str, tuple[str, Any]]:
        member = shape.members[name]
        wire_name = member.serialization.get("name", name)
        return wire_name, name, self.form(member, f"{path}.{name}" if path else name, outer)


def _is_simple(structure: Any) -> bool:
    return not (
        getattr(structure, "is_document_type", False)
        or getattr(structure, "is_tagged_union", False)
        or getattr(structure, "event_stream_name", None)
    )


def _is_item(shape: Any) -> bool:
    """Whether this is a map of names to attribute values with the ten types; a type beyond them is nobody's here."""
    if shape.type_name != "map" or shape.key.type_name != "string":
        return False
    value = shape.value
    if value.type_name != "structure" or not _is_simple(value) or _TAGS - set(value.members):
        return False
    members = value.members
    return (
        all(members[tag].type_name == name for tag, name in _SCALARS.items())
        and all(_holds(members[tag], "list", name) for tag, name in _SETS.items())
        and members["M"].type_name == "map"
        and members["M"].value.name == value.name
        and members["L"].type_name == "list"
        and members["L"].member.name == value.name
        and not any(member.serialization for member in members.values())
    )


_TAGS = {*_SCALARS, *_SETS, "M", "L"}


def _holds(shape: Any, type_name: str, member: str) -> bool:
    return bool(shape.type_name == type_name and shape.member.type_name == member)


def _is_damaged(response: Mapping[str, Any]) -> bool:
    """Whether the body is not the one the server sent, by the checksum with which DynamoDB sends it."""
    wanted = str(response["headers"].get("x-amz-crc32", ""))
    return wanted.isdecimal() and int(wanted) != crc32(response["body"])
