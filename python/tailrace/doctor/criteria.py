"""Where FilterCriteria stand in templates of CloudFormation and SAM, and in what the AWS CLI prints of a mapping."""

from __future__ import annotations

from dataclasses import dataclass, replace

import yaml  # type: ignore[import-untyped]

from tailrace.doctor.nodes import DEEPEST, TemplateError, children, documents, function_name, is_null, members
from tailrace.doctor.origin import origin_of, resource_types
from tailrace.doctor.patterns import FoundPattern, branches, is_unknown, pattern_of, unread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Path = tuple[str | int, ...]

__all__ = ["FoundCriteria", "criteria_at", "criteria_in"]

_NAME = "FilterCriteria"


@dataclass(frozen=True)
class FoundCriteria:
    """One FilterCriteria.

    Args:
        path: where it stands.
        line: its line, from 1.
        patterns: what it has, and what is wrong around that.
        is_whole: whether all of its filters count at once; with a condition among them nobody knows which do.
        source: where its records come from: ``"dynamodb"``, ``"kinesis"``, another service, or nothing where nobody
            can tell.

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
    source: str = ""


def criteria_in(text: str) -> list[FoundCriteria]:
    """Every FilterCriteria of a file, wherever it stands.

    Args:
        text: YAML, with the short forms of CloudFormation's functions, or JSON. Of several documents each is read.

    Returns:
        In the order of the file.

    Raises:
        TemplateError: it is neither, or its aliases make it endless.

    Example:
        >>> from tailrace.doctor import criteria_in
        >>> found = criteria_in("FilterCriteria: {Filters: [{Pattern: '{eventName: [INSERT]}'}]}")
        >>> found[0].patterns[0].text
        '{eventName: [INSERT]}'
    """
    roots = documents(text)
    try:
        return [found for root in roots for found in _criteria((root,), (), resource_types(root))]
    except RecursionError:
        raise TemplateError("nested too deep") from None


def criteria_at(node: yaml.Node, path: Path) -> FoundCriteria:
    """The FilterCriteria that a node is.

    Args:
        node: the value of the member FilterCriteria.
        path: where it stands.
    """
    patterns = tuple(_each(node, path, _of_criteria))
    return FoundCriteria(path, node.start_mark.line + 1, patterns, not _has_condition(node))


def _criteria(around: tuple[yaml.Node, ...], path: Path, types: Mapping[str, str]) -> Iterator[FoundCriteria]:
    if len(path) > DEEPEST:
        raise RecursionError
    for step, child in children(around[-1]):
        if step == _NAME:
            yield replace(criteria_at(child, (*path, step)), source=origin_of(around, types))
        elif _is_like(step, _NAME) and any(_is_like(name, "Filters") for name, _ in children(child)):
            found = criteria_at(child, (*path, step))
            patterns = (_malformed(child, (*path, step), f"{step} is spelled {_NAME}"), *found.patterns)
            yield replace(found, patterns=patterns, source=origin_of(around, types))
        else:
            yield from _criteria((*around, child), (*path, step), types)


def _each(
    node: yaml.Node, path: Path, read: Callable[[yaml.Node, Path], Iterator[FoundPattern]]
) -> Iterator[FoundPattern]:
    """What any branch of a condition has."""
    if len(path) > DEEPEST:
        raise RecursionError
    for branch in branches(node):
        if is_unknown(branch):
            yield unread(branch, path)
        else:
            yield from read(branch, path)


def _of_criteria(node: yaml.Node, path: Path) -> Iterator[FoundPattern]:
    if isinstance(node, yaml.MappingNode):
        for name, child in members(node):
            if name == "Pattern":
                yield _malformed(child, path, "a Pattern stands in a list: Filters: [{Pattern: ...}]")
                yield from _each(child, (*path, name), _of_pattern)
            else:
                yield from _named((name, child), path, _NAME, "Filters", _of_filters)
        return
    yield _malformed(node, path, f"{_NAME} is an object with a list of Filters, found {_kind(node)}")
    if isinstance(node, yaml.SequenceNode):
        yield from _of_list(node, path)


def _of_filters(node: yaml.Node, path: Path) -> Iterator[FoundPattern]:
    if isinstance(node, yaml.SequenceNode):
        yield from _of_list(node, path)
        return
    yield _malformed(node, path, f"Filters is a list, found {_kind(node)}")
    if isinstance(node, yaml.MappingNode):
        yield from _each(node, path, _of_filter)


def _of_list(node: yaml.SequenceNode, path: Path) -> Iterator[FoundPattern]:
    for index, child in enumerate(node.value):
        yield from _each(child, (*path, index), _of_filter)


def _of_filter(node: yaml.Node, path: Path) -> Iterator[FoundPattern]:
    if not isinstance(node, yaml.MappingNode) or not node.value:
        found = "an empty object" if isinstance(node, yaml.MappingNode) else _kind(node)
        yield _malformed(node, path, f"a filter is an object with a Pattern, found {found}")
        return
    for member in members(node):
        yield from _named(member, path, "a filter", "Pattern", _of_pattern)


def _of_pattern(node: yaml.Node, path: Path) -> Iterator[FoundPattern]:
    yield pattern_of(node, path)


def _named(
    member: tuple[str, yaml.Node],
    path: Path,
    what: str,
    known: str,
    read: Callable[[yaml.Node, Path], Iterator[FoundPattern]],
) -> Iterator[FoundPattern]:
    """What a member has if it is the known one, in any spelling of it."""
    name, node = member
    if name != known:
        more = f": did you mean {known}?" if _is_like(name, known) else f", only {known}"
        yield _malformed(node, (*path, name), f"{what} has no {name}{more}")
    if _is_like(name, known):
        yield from _each(node, (*path, name), read)


def _is_like(name: object, known: str) -> bool:
    return isinstance(name, str) and name.lower().rstrip("s") == known.lower().rstrip("s")


def _malformed(node: yaml.Node, path: Path, problem: str) -> FoundPattern:
    line = node.start_mark.line + 1
    return FoundPattern(line, problem=problem, is_wrong=True, code="malformed-criteria", path=path)


def _kind(node: yaml.Node) -> str:
    if is_null(node):
        return "nothing"
    if isinstance(node, yaml.ScalarNode):
        return "text"
    return "a list" if isinstance(node, yaml.SequenceNode) else "an object"


def _has_condition(node: yaml.Node) -> bool:
    return function_name(node) in ("!If", "Fn::If") or any(_has_condition(child) for _, child in children(node))
