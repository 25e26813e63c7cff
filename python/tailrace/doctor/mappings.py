"""Event source mappings in templates of CloudFormation and SAM, and in what the AWS CLI prints."""

from __future__ import annotations

from dataclasses import dataclass

import yaml  # type: ignore[import-untyped]

from tailrace.doctor.criteria import criteria_at
from tailrace.doctor.nodes import (
    DEEPEST,
    TemplateError,
    argument_text,
    children,
    documents,
    function_name,
    is_null,
    members,
    value_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tailrace.doctor.criteria import FoundCriteria

    Path = tuple[str | int, ...]

__all__ = ["FoundMapping", "Unresolved", "holds_unresolved", "mappings_in"]

_RESOURCE = "AWS::Lambda::EventSourceMapping"
_SAM_EVENTS = ("DynamoDB", "Kinesis")
_STREAMS = (":dynamodb:", ":kinesis:")


class Unresolved(str):
    """What a function of CloudFormation stands for: its value is known when the template is deployed.

    Example:
        >>> from tailrace.doctor import mappings_in
        >>> text = "{EventSourceArn: 'arn:aws:dynamodb:...', BatchSize: !Ref Size}"
        >>> mappings_in(text)[0].settings["BatchSize"]
        Unresolved('!Ref Size')
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Unresolved({str(self)!r})"


@dataclass(frozen=True)
class FoundMapping:
    """One event source mapping of a stream.

    Args:
        name: what it is called: the resource of a template, or the UUID.
        line: where it stands, from 1; None for one of an account.
        settings: by AWS's names; Unresolved where a function of CloudFormation stands.
        criteria: its FilterCriteria, with their lines, where it comes from a file.

    Example:
        >>> from tailrace.doctor import mappings_in
        >>> mappings_in('{"UUID": "x", "EventSourceArn": "arn:aws:dynamodb:...", "BatchSize": 10}')[0].settings
        {'UUID': 'x', 'EventSourceArn': 'arn:aws:dynamodb:...', 'BatchSize': 10}
    """

    name: str
    line: int | None
    settings: dict[str, object]
    criteria: FoundCriteria | None = None

    @property
    def unresolved(self) -> list[str]:
        """The names of the settings that a function of CloudFormation gives, in whole or in part."""
        return [name for name, value in self.settings.items() if holds_unresolved(value)]

    @property
    def resolved(self) -> dict[str, object]:
        """The settings that are known."""
        return {name: value for name, value in self.settings.items() if not holds_unresolved(value)}


def holds_unresolved(value: object) -> bool:
    """Whether a value, or something in it, is known only when the template is deployed."""
    if isinstance(value, dict):
        return any(map(holds_unresolved, value.values()))
    return any(map(holds_unresolved, value)) if isinstance(value, list) else isinstance(value, Unresolved)


def mappings_in(text: str) -> list[FoundMapping]:
    """Every mapping of a DynamoDB or Kinesis stream in a file.

    Args:
        text: the JSON of ``aws lambda get-event-source-mapping`` or ``list-event-source-mappings``, or a template of
            CloudFormation or SAM. Mappings of queues and topics are passed over.

    Returns:
        In the order of the file.

    Raises:
        TemplateError: the text is neither YAML nor JSON.

    Example:
        >>> from tailrace.doctor import mappings_in
        >>> template = '''
        ... Resources:
        ...   Orders:
        ...     Type: AWS::Serverless::Function
        ...     Properties:
        ...       Events:
        ...         Stream:
        ...           Type: DynamoDB
        ...           Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: LATEST}
        ... '''
        >>> [(mapping.name, mapping.line) for mapping in mappings_in(template)]
        [('Orders.Stream', 8)]
    """
    roots = documents(text)
    try:
        return [mapping for root in roots for mapping in _mappings(root, ())]
    except RecursionError:
        raise TemplateError("nested too deep") from None


def _mappings(node: yaml.Node, path: Path) -> Iterator[FoundMapping]:
    if len(path) > DEEPEST:
        raise RecursionError
    named = dict(members(node)) if isinstance(node, yaml.MappingNode) else {}
    kind = named["Type"].value if isinstance(named.get("Type"), yaml.ScalarNode) else None
    properties = named.get("Properties")
    if kind == _RESOURCE and isinstance(properties, yaml.MappingNode):
        yield from _of_streams(_found(properties, (*path, "Properties"), _name(path), node))
    elif kind in _SAM_EVENTS and isinstance(properties, yaml.MappingNode):
        yield _of_event(_found(properties, (*path, "Properties"), _name(path), node))
    elif "EventSourceArn" in named:
        name = str(value_of(named["UUID"])) if "UUID" in named else _name(path)
        yield from _of_streams(_found(node, path, name, node))
    else:
        for step, child in children(node):
            yield from _mappings(child, (*path, step))


def _found(node: yaml.Node, path: Path, name: str, whole: yaml.Node) -> FoundMapping:
    named = dict(children(node))
    criteria = named.get("FilterCriteria")
    found = None if criteria is None or is_null(criteria) else criteria_at(criteria, (*path, "FilterCriteria"))
    settings = {str(step): _plain(_resolved(child)) for step, child in named.items()}
    return FoundMapping(name, whole.start_mark.line + 1, settings, found)


def _of_event(mapping: FoundMapping) -> FoundMapping:
    """SAM has another word for the stream."""
    settings = {"EventSourceArn" if name == "Stream" else name: value for name, value in mapping.settings.items()}
    return FoundMapping(mapping.name, mapping.line, settings, mapping.criteria)


def _of_streams(mapping: FoundMapping) -> Iterator[FoundMapping]:
    """The mapping, if it is one of a stream."""
    arn = mapping.settings.get("EventSourceArn")
    if isinstance(arn, Unresolved):  # only streams have a position to start from
        if "StartingPosition" in mapping.settings:
            yield mapping
    elif any(service in str(arn) for service in _STREAMS):
        yield mapping


def _name(path: Path) -> str:
    """The resource, and the event of it, that a path leads to."""
    return ".".join(str(step) for step in path if step not in ("Resources", "Properties", "Events")) or "mapping"


def _plain(value: object) -> object:
    """CloudFormation takes numbers, true and false as text, too."""
    if isinstance(value, str) and not isinstance(value, Unresolved):
        if value.removeprefix("-").isdecimal():
            return int(value)
        return {"true": True, "false": False}.get(value, value)
    return value


def _resolved(node: yaml.Node) -> object:
    name = function_name(node)
    if name is not None:
        return Unresolved(f"{name} {argument_text(node)}".rstrip())
    if isinstance(node, yaml.MappingNode):
        return {name: _resolved(child) for name, child in members(node)}
    if isinstance(node, yaml.SequenceNode):
        return [_resolved(child) for child in node.value]
    return value_of(node)
