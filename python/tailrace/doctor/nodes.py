"""Templates of CloudFormation and SAM, and JSON, as nodes of YAML that know their lines."""

from __future__ import annotations

import json

import yaml  # type: ignore[import-untyped]

from tailrace import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "DEEPEST",
    "TemplateError",
    "argument_text",
    "children",
    "documents",
    "function_name",
    "is_null",
    "members",
    "paired",
    "value_of",
]

DEEPEST = 100
# Ten times what a template of 1 MB, the most that CloudFormation takes, has in lines of a few words.
MOST_VALUES = 500_000
_MERGE = "tag:yaml.org,2002:merge"


class TemplateError(TailraceError):
    """A text that is neither YAML nor JSON.

    Args:
        message: what is wrong.
        line: where, from 1; None when nobody knows.

    Example:
        >>> from tailrace.doctor import TemplateError, mappings_in
        >>> try:
        ...     mappings_in("Resources: [")
        ... except TemplateError as error:
        ...     print(error.line)
        1
    """

    def __init__(self, message: str = "", *, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def documents(text: str) -> list[yaml.Node]:
    """Read documents: YAML, with the short forms of CloudFormation's functions, or JSON.

    Returns:
        Their roots; none where there is nothing.

    Raises:
        TemplateError: it is neither, or aliases make it endless.
    """
    try:
        roots = [root for root in yaml.compose_all(_without_tabs(text), Loader=yaml.SafeLoader) if root is not None]
        sizes: dict[int, int | None] = {}
        if sum(_size(root, sizes) for root in roots) > MOST_VALUES:
            raise TemplateError(f"its aliases make more than {MOST_VALUES:,} values of it")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        raise TemplateError(f"broken YAML: {error.problem or error.context}", line=line) from None
    except yaml.YAMLError as error:
        raise TemplateError(f"broken YAML: {error}") from None
    except RecursionError:
        raise TemplateError("nested too deep") from None
    return roots


def _size(node: yaml.Node, sizes: dict[int, int | None]) -> int:
    """How many values a node is with all of its aliases written out. Each is counted once: they may be nested."""
    known = sizes.get(id(node), 0)
    if known is None:
        raise RecursionError  # it is inside of itself
    if not known:
        sizes[id(node)] = None
        known = sizes[id(node)] = 1 + sum(_size(child, sizes) for _, child in children(node))
    return known


def _without_tabs(text: str) -> str:
    """YAML forbids the tabs that JSON allows between its tokens; inside of its strings there are none."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


def children(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node]]:
    """The members of an object or the elements of a list, with their names or positions."""
    if isinstance(node, yaml.MappingNode):
        yield from members(node)
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


def members(node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
    """The members of an object, and those that it merges in with ``<<``."""
    for key, child in node.value:
        if key.tag != _MERGE:
            yield str(key.value), child
            continue
        for merged in child.value if isinstance(child, yaml.SequenceNode) else [child]:
            if isinstance(merged, yaml.MappingNode):
                yield from members(merged)


def is_null(node: yaml.Node) -> bool:
    """Whether it is null, or nothing is written."""
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def function_name(node: yaml.Node) -> str | None:
    """The function of CloudFormation that a node is; None for any other."""
    if node.tag.startswith("!"):
        return str(node.tag)
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        name = str(node.value[0][0].value)
        return name if name.startswith("Fn::") or name == "Ref" else None
    return None


def argument_text(node: yaml.Node) -> str:
    """What a function is given, if that is text."""
    given = node.value if node.tag.startswith("!") else node.value[0][1].value
    return given if isinstance(given, str) else ""


def value_of(node: yaml.Node) -> object:
    """The Python value of a node; of a function, what it is given."""
    if isinstance(node, yaml.MappingNode):
        return {name: value_of(child) for name, child in members(node)}
    if isinstance(node, yaml.SequenceNode):
        return [value_of(child) for child in node.value]
    if not node.tag.startswith("tag:"):
        return node.value
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node)
    finally:
        loader.dispose()


def paired(text: str) -> str:
    """JSON writes what is beyond the first plane as two halves, which YAML takes for two characters."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
