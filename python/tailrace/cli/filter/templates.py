"""Where FilterCriteria stand in templates of CloudFormation and SAM, and in what the AWS CLI prints of a mapping."""

from __future__ import annotations

import json
from dataclasses import dataclass

import yaml  # type: ignore[import-untyped]

from tailrace.cli.reading import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

__all__ = ["FoundCriteria", "FoundPattern", "criteria_in"]

_JSON_FUNCTION = "Fn::ToJsonString"
_IF = ("!If", "Fn::If")
_SUB = ("!Sub", "Fn::Sub")
_TEXT = "tag:yaml.org,2002:str"
_DEEPEST = 100


@dataclass(frozen=True)
class FoundPattern:
    """One Pattern.

    Args:
        line: where it begins, from 1.
        text: the pattern; what a function puts in later is there as it is written.
        text_line: the line in the file of the first line of the text, where their lines go together.
        problem: why there is no text.
        is_wrong: whether that is a mistake.
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
    """

    path: Path
    line: int
    patterns: tuple[FoundPattern, ...]
    is_whole: bool


def criteria_in(name: str, text: str) -> list[FoundCriteria]:
    """Every FilterCriteria of a file, wherever it stands.

    Args:
        name: what to call the file.
        text: YAML, with the short forms of CloudFormation's functions, or JSON.

    Returns:
        In the order of the file.

    Raises:
        InputError: it is neither.
    """
    try:
        root = yaml.compose(_without_tabs(text), Loader=yaml.SafeLoader)
        return [] if root is None else list(_criteria(root, ()))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        raise InputError(name, f"broken YAML: {error.problem or error.context}", line=line) from None
    except yaml.YAMLError as error:
        raise InputError(name, f"broken YAML: {error}") from None
    except RecursionError:
        raise InputError(name, "nested too deep") from None


def _without_tabs(text: str) -> str:
    """YAML forbids the tabs that JSON allows between its tokens; inside of its strings there are none."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


def _criteria(node: yaml.Node, path: Path) -> Iterator[FoundCriteria]:
    if len(path) > _DEEPEST:
        raise RecursionError
    for step, child in _children(node):
        if step == "FilterCriteria":
            patterns = tuple(_patterns(child, (*path, step)))
            yield FoundCriteria((*path, step), child.start_mark.line + 1, patterns, not _has_condition(child))
        else:
            yield from _criteria(child, (*path, step))


def _children(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), child) for key, child in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


def _patterns(node: yaml.Node, path: Path) -> Iterator[FoundPattern]:
    if len(path) > _DEEPEST:
        raise RecursionError
    if _is_unknown(node):
        yield FoundPattern(node.start_mark.line + 1, problem=_unread(node))
    for step, child in _children(node):
        if step == "Pattern":
            yield from map(_pattern, _branches(child))
        else:
            yield from _patterns(child, (*path, step))


def _pattern(node: yaml.Node) -> FoundPattern:
    line, given = node.start_mark.line + 1, _argument(node)
    if _is_unknown(given):
        return FoundPattern(line, problem=_unread(given))
    if isinstance(given, yaml.ScalarNode) and given.tag in (_TEXT, "!Sub"):
        return FoundPattern(line, _paired(given.value), given.start_mark.line + 2 if given.style == "|" else None)
    if given is not node and isinstance(given, yaml.MappingNode):
        return FoundPattern(line, json.dumps(_value(given)))
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
    if _function(node) not in _IF:
        yield node
        return
    chosen = node if isinstance(node, yaml.SequenceNode) else node.value[0][1]
    if isinstance(chosen, yaml.SequenceNode):
        for branch in chosen.value[1:]:
            yield from _branches(branch)


def _is_unknown(node: yaml.Node) -> bool:
    """Whether it is what a function gives that nobody can follow here; conditions are followed."""
    name = _function(node)
    return name is not None and name not in (*_IF, *_SUB)


def _has_condition(node: yaml.Node) -> bool:
    return _function(node) in _IF or any(_has_condition(child) for _, child in _children(node))


def _function(node: yaml.Node) -> str | None:
    if node.tag.startswith("!"):
        return str(node.tag)
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        name = str(node.value[0][0].value)
        return name if name.startswith("Fn::") or name == "Ref" else None
    return None


def _unread(node: yaml.Node) -> str:
    return f"what {_function(node)} gives is known when the template is deployed: not checked"


def _value(node: yaml.Node) -> object:
    """The Python value of a node; of a function, what it is given."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _value(child) for key, child in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(child) for child in node.value]
    if not node.tag.startswith("tag:"):
        return node.value
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()


def _paired(text: str) -> str:
    """JSON writes what is beyond the first plane as two halves, which YAML takes for two characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
