"""Where FilterCriteria stand in templates of CloudFormation and SAM, and in what the AWS CLI prints of a mapping."""

from __future__ import annotations

import json
from dataclasses import dataclass

import yaml  # type: ignore[import-untyped]

from tailrace.doctor.nodes import DEEPEST, TemplateError, children, compose, function_name, paired, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

__all__ = ["FoundCriteria", "FoundPattern", "criteria_at", "criteria_in"]

_JSON_FUNCTION = "Fn::ToJsonString"
_IF = ("!If", "Fn::If")
_SUB = ("!Sub", "Fn::Sub")
_TEXT = "tag:yaml.org,2002:str"


@dataclass(frozen=True)
class FoundPattern:
    """One Pattern.

    Args:
        line: where it begins, from 1.
        text: the pattern; what a function puts in later is there as it is written.
        text_line: the line in the file of the first line of the text, where their lines go together.
        problem: why there is no text.
        is_wrong: whether that is a mistake.

    Example:
        >>> from tailrace.doctor import criteria_in
        >>> found = criteria_in("FilterCriteria: {Filters: [{Pattern: !Ref Pattern}]}")[0]
        >>> found.line, found.patterns[0].problem
        (1, 'what !Ref gives is known when the template is deployed: not checked')
    """

    line: int
    text: str = ""
    text_line: int | None = None
    problem: str | None = None
    is_wrong: bool = False


@dataclass(frozen=True)
class FoundCriteria:
    """One FilterCriteria.

    Args:
        path: where it stands.
        line: its line, from 1.
        patterns: what it has.
        is_whole: whether all of its filters count at once; with a condition among them nobody knows which do.

    Example:
        >>> from tailrace.doctor import criteria_in
        >>> found = criteria_in("FilterCriteria: {Filters: [{Pattern: !Ref Pattern}]}")[0]
        >>> found.line, found.patterns[0].problem
        (1, 'what !Ref gives is known when the template is deployed: not checked')
    """

    path: Path
    line: int
    patterns: tuple[FoundPattern, ...]
    is_whole: bool


def criteria_in(text: str) -> list[FoundCriteria]:
    """Every FilterCriteria of a file, wherever it stands.

    Args:
        text: YAML, with the short forms of CloudFormation's functions, or JSON.

    Returns:
        In the order of the file.

    Raises:
        TemplateError: it is neither.

    Example:
        >>> from tailrace.doctor import criteria_in
        >>> found = criteria_in("FilterCriteria: {Filters: [{Pattern: '{eventName: [INSERT]}'}]}")
        >>> found[0].patterns[0].text
        '{eventName: [INSERT]}'
    """
    root = compose(text)
    try:
        return [] if root is None else list(_criteria(root, ()))
    except RecursionError:
        raise TemplateError("nested too deep") from None


def criteria_at(node: yaml.Node, path: Path) -> FoundCriteria:
    """The FilterCriteria that a node is.

    Args:
        node: the value of the member FilterCriteria.
        path: where it stands.
    """
    patterns = tuple(_patterns(node, path))
    return FoundCriteria(path, node.start_mark.line + 1, patterns, not _has_condition(node))


def _criteria(node: yaml.Node, path: Path) -> Iterator[FoundCriteria]:
    if len(path) > DEEPEST:
        raise RecursionError
    for step, child in children(node):
        if step == "FilterCriteria":
            yield criteria_at(child, (*path, step))
        else:
            yield from _criteria(child, (*path, step))


def _patterns(node: yaml.Node, path: Path) -> Iterator[FoundPattern]:
    if len(path) > DEEPEST:
        raise RecursionError
    if _is_unknown(node):
        yield FoundPattern(node.start_mark.line + 1, problem=_unread(node))
    for step, child in children(node):
        if step == "Pattern":
            yield from map(_pattern, _branches(child))
        else:
            yield from _patterns(child, (*path, step))


def _pattern(node: yaml.Node) -> FoundPattern:
    line, given = node.start_mark.line + 1, _argument(node)
    if _is_unknown(given):
        return FoundPattern(line, problem=_unread(given))
    if isinstance(given, yaml.ScalarNode) and given.tag in (_TEXT, "!Sub"):
        return FoundPattern(line, paired(given.value), given.start_mark.line + 2 if given.style == "|" else None)
    if given is not node and isinstance(given, yaml.MappingNode):
        return FoundPattern(line, json.dumps(value_of(given)))
    return FoundPattern(line, problem="a Pattern is text in the template: put it in quotes", is_wrong=True)


def _argument(node: yaml.Node) -> yaml.Node:
    """What a function that writes text is given; the node itself where there is none."""
    if isinstance(node, yaml.SequenceNode) and node.tag == "!Sub" and node.value:
        first: yaml.Node = node.value[0]
        return first
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        key, value = node.value[0]
        if key.value == _JSON_FUNCTION:
            inner: yaml.Node = value
            return inner
        if key.value == "Fn::Sub":
            return value.value[0] if isinstance(value, yaml.SequenceNode) and value.value else value
    return node


def _branches(node: yaml.Node) -> Iterator[yaml.Node]:
    """What a condition chooses from; the node itself where there is none."""
    if function_name(node) not in _IF:
        yield node
        return
    chosen = node if isinstance(node, yaml.SequenceNode) else node.value[0][1]
    if isinstance(chosen, yaml.SequenceNode):
        for branch in chosen.value[1:]:
            yield from _branches(branch)


def _is_unknown(node: yaml.Node) -> bool:
    """Whether it is what a function gives that nobody can follow here; conditions are followed."""
    name = function_name(node)
    return name is not None and name not in (*_IF, *_SUB)


def _has_condition(node: yaml.Node) -> bool:
    return function_name(node) in _IF or any(_has_condition(child) for _, child in children(node))


def _unread(node: yaml.Node) -> str:
    return f"what {function_name(node)} gives is known when the template is deployed: not checked"
