"""Where the records of a FilterCriteria come from, as far as a template tells."""

from __future__ import annotations

import re

import yaml  # type: ignore[import-untyped]

from tailrace.doctor.nodes import argument_text, children, function_name, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["origin_of", "resource_types"]

# The services by the names that their ARNs and their types of resources have, and SAM's types of events.
_SERVICES = {
    "dynamodb": "dynamodb", "kinesis": "kinesis", "sqs": "SQS", "kafka": "Kafka", "msk": "Kafka", "mq": "Amazon MQ",
    "amazonmq": "Amazon MQ", "docdb": "DocumentDB", "rds": "DocumentDB", "selfmanagedkafka": "Kafka",
    "documentdb": "DocumentDB",
}  # fmt: skip
# What only mappings of one service have.
_SETTINGS = {
    "SelfManagedEventSource": "Kafka", "AmazonManagedKafkaEventSourceConfig": "Kafka",
    "SelfManagedKafkaEventSourceConfig": "Kafka", "DocumentDBEventSourceConfig": "DocumentDB", "Queues": "Amazon MQ",
    "DynamoDBStreamParameters": "dynamodb", "KinesisStreamParameters": "kinesis", "SqsQueueParameters": "SQS",
    "ActiveMQBrokerParameters": "Amazon MQ", "RabbitMQBrokerParameters": "Amazon MQ",
    "ManagedStreamingKafkaParameters": "Kafka", "SelfManagedKafkaParameters": "Kafka",
}  # fmt: skip
_ARNS = ("EventSourceArn", "Stream", "Queue", "Source")
_TYPE = re.compile(r"AWS::(\w+)::")
_ARN = re.compile(r"arn:[^:]*:([a-z0-9-]+):")


def resource_types(root: yaml.Node) -> dict[str, str]:
    """The types of the resources of a template, by their names."""
    found = {}
    for name, resource in children(dict(children(root)).get("Resources", root)):
        kind = dict(children(resource)).get("Type")
        if isinstance(kind, yaml.ScalarNode):
            found[str(name)] = kind.value
    return found


def origin_of(around: Sequence[yaml.Node], types: Mapping[str, str]) -> str:
    """The service whose records the mapping around a FilterCriteria has.

    Args:
        around: the nodes that a FilterCriteria stands in, the nearest last.
        types: those of the resources.

    Returns:
        ``"dynamodb"``, ``"kinesis"``, another name for people, or nothing where nobody can tell.
    """
    mapping, *above = [dict(members(node)) for node in reversed(around[-2:]) if isinstance(node, yaml.MappingNode)] or [
        {}
    ]
    for outer in above:
        kind = outer.get("Type")
        if isinstance(kind, yaml.ScalarNode) and kind.value.lower() in _SERVICES and "Properties" in outer:
            return _SERVICES[kind.value.lower()]
    for name, service in _SETTINGS.items():
        if name in mapping:
            return service
    given = [named[name] for named in (mapping, *above) for name in _ARNS if name in named]
    return next(filter(None, (_service(node, types) for node in given)), "")


def _service(node: yaml.Node, types: Mapping[str, str]) -> str:
    name = function_name(node)
    if name in ("!GetAtt", "Fn::GetAtt", "!Ref", "Ref"):
        found = _TYPE.match(types.get(_resource(node), ""))
        return _SERVICES.get(found[1].lower(), "") if found else ""
    text = argument_text(node) if name is not None else node.value
    found = _ARN.match(text) if isinstance(text, str) else None
    return _SERVICES.get(found[1], "") if found else ""


def _resource(node: yaml.Node) -> str:
    """The resource that !GetAtt or !Ref names."""
    given = node if node.tag.startswith("!") else node.value[0][1]
    first = given.value[0] if isinstance(given, yaml.SequenceNode) and given.value else given
    return str(first.value).partition(".")[0] if isinstance(first, yaml.ScalarNode) else ""
