"""The Pattern of a template: its text, and what of it is filled in when the template is deployed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import yaml  # type: ignore[import-untyped]

from tailrace.doctor.nodes import argument_text, function_name, members, paired, value_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Path = tuple[str | int, ...]

__all__ = ["FoundPattern", "asks_for_changes", "branches", "is_unknown", "pattern_of", "unread"]

_JSON_FUNCTION = "Fn::ToJsonString"
_IF = ("!If", "Fn::If")
_SUB = ("!Sub", "Fn::Sub")
_TEXT = "tag:yaml.org,2002:str"
# What !Sub fills in, what it writes as it stands, and what is looked up when the template is deployed.
_FILLED_IN = re.compile(r"\$\{(?!!)[^}]*\}|\{\{resolve:[^}]*\}\}")
# What only a pattern about changes of a table names: in the data of Kinesis or, by mistake, beside it.
_OF_CHANGES = frozenset(("dynamodb", "eventName", "userIdentity", "tableName", "recordFormat"))
_LITERAL = re.compile(r"\$\{!([^}]*)\}")


@dataclass(frozen=True)
class FoundPattern:
    """One Pattern.

    Args:
        line: where it begins, from 1.
        text: the pattern; what a function puts in later is there as it is written.
        text_line: the line in the file of the first line of the text, where their lines go together.
        problem: why there is no text, or what is wrong around it.
        is_wrong: whether that is a mistake.
        code: which kind of problem: ``"no-text"``, ``"malformed-criteria"`` or ``"not-read"``; empty without one.
        path: where it stands.
        filled_in: the parts of the text in the place of which something else stands once the template is deployed.

    Example:
        >>> from tailrace.doctor import criteria_in
        >>> found = criteria_in("FilterCriteria: {Filters: [{Pattern: !Ref Pattern}]}")[0]
        >>> found.line, found.patterns[0].problem
        (1, 'what !Ref gives is known when the template is deployed: not checked')
        >>> criteria_in("FilterCriteria: {Filters: [{Pattern: !Sub '${Pattern}'}]}")[0].patterns[0].filled_in
        ('${Pattern}',)
    """

    line: int
    text: str = ""
    text_line: int | None = None
    problem: str | None = None
    is_wrong: bool = False
    code: str = ""
    path: Path = ()
    filled_in: tuple[str, ...] = ()

    @property
    def asks_for_changes(self) -> bool:
        """Whether it is about changes of a table, if it is one of a stream of Kinesis."""
        return asks_for_changes(self.text)


def asks_for_changes(text: str) -> bool:
    """Whether a pattern of a stream of Kinesis is about changes of a table."""
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        return False
    data = tree.get("data") if isinstance(tree, dict) else None
    return any(_OF_CHANGES & each.keys() for each in (tree, data) if isinstance(each, dict))


def pattern_of(node: yaml.Node, path: Path) -> FoundPattern:
    """The Pattern that a node is, which is none of a condition."""
    line, given = node.start_mark.line + 1, _argument(node)
    if is_unknown(given):
        return unread(given, path)
    if isinstance(given, yaml.ScalarNode) and given.tag in (_TEXT, "!Sub"):
        is_sub = function_name(node) in _SUB
        text = _substituted(given.value, _variables(node)) if is_sub else given.value
        filled_in, text = _filled_in(text), _LITERAL.sub(r"${\1}", text) if is_sub else text
        text_line = given.start_mark.line + 2 if given.style == "|" else None
        return FoundPattern(line, paired(text), text_line, path=path, filled_in=filled_in)
    if given is not node and isinstance(given, yaml.MappingNode):
        functions: list[str] = []
        text = json.dumps(_value(given, functions))
        return FoundPattern(line, text, path=path, filled_in=(*functions, *_filled_in(text)))
    problem = "a Pattern is text in the template: put it in quotes"
    return FoundPattern(line, problem=problem, is_wrong=True, code="no-text", path=path)


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


def _variables(node: yaml.Node) -> dict[str, str]:
    """The values that !Sub is given for names, as far as they are written there."""
    given = node if isinstance(node, yaml.SequenceNode) or node.tag == "!Sub" else node.value[0][1]
    named = given.value[1:] if isinstance(given, yaml.SequenceNode) else []
    return {
        name: value.value
        for variables in named
        if isinstance(variables, yaml.MappingNode)
        for name, value in members(variables)
        if isinstance(value, yaml.ScalarNode) and function_name(value) is None and not _filled_in(value.value)
    }


def _substituted(text: str, variables: dict[str, str]) -> str:
    def known(found: re.Match[str]) -> str:
        return variables.get(found[0][2:-1].strip(), found[0])

    return _FILLED_IN.sub(known, text)


def _filled_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_FILLED_IN.findall(text)))


def _value(node: yaml.Node, functions: list[str]) -> object:
    """The Python value of a node; of a function, its name, which is noted."""
    name = function_name(node)
    if name is not None:
        functions.append(f"{name} {argument_text(node)}".rstrip())
        return functions[-1]
    if isinstance(node, yaml.MappingNode):
        return {key: _value(child, functions) for key, child in members(node)}
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, functions) for child in node.value]
    return value_of(node)


def branches(node: yaml.Node) -> Iterator[yaml.Node]:
    """What a condition chooses from, but for nothing at all; the node itself where there is none."""
    if function_name(node) in _IF:
        chosen = node if isinstance(node, yaml.SequenceNode) else node.value[0][1]
        if isinstance(chosen, yaml.SequenceNode):
            for branch in chosen.value[1:]:
                yield from branches(branch)
    elif not (function_name(node) in ("!Ref", "Ref") and argument_text(node) == "AWS::NoValue"):
        yield node


def is_unknown(node: yaml.Node) -> bool:
    """Whether it is what a function gives that nobody can follow here; conditions are followed."""
    name = function_name(node)
    return name is not None and name not in (*_IF, *_SUB, _JSON_FUNCTION)


def unread(node: yaml.Node, path: Path) -> FoundPattern:
    """What a function gives that nobody can follow here."""
    problem = f"what {function_name(node)} gives is known when the template is deployed: not checked"
    return FoundPattern(node.start_mark.line + 1, problem=problem, code="not-read", path=path)
