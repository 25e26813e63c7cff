"""Templates of CloudFormation and SAM, and JSON, as nodes of YAML that know their lines."""

from __future__ import annotations

import json

import yaml  # type: ignore[import-untyped]

from tailrace import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DEEPEST", "TemplateError", "children", "compose", "function_name", "paired", "value_of"]

DEEPEST = 100


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


def compose(text: str) -> yaml.Node | None:
    """Read a document: YAML, with the short forms of CloudFormation's functions, or JSON.

    Returns:
        Its root; None when there is nothing in it.

    Raises:
        TemplateError: it is neither.
    """
    try:
        return yaml.compose(_without_tabs(text), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = None if mark is None else mark.line + 1
        raise TemplateError(f"broken YAML: {error.problem or error.context}", line=line) from None
    except yaml.YAMLError as error:
        raise TemplateError(f"broken YAML: {error}") from None
    except RecursionError:
        raise TemplateError("nested too deep") from None


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
        yield from ((str(key.value), child) for key, child in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


def function_name(node: yaml.Node) -> str | None:
    """The function of CloudFormation that a node is; None for any other."""
    if node.tag.startswith("!"):
        return str(node.tag)
    if isinstance(node, yaml.MappingNode) and len(node.value) == 1:
        name = str(node.value[0][0].value)
        return name if name.startswith("Fn::") or name == "Ref" else None
    return None


def value_of(node: yaml.Node) -> object:
    """The Python value of a node; of a function, what it is given."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): value_of(child) for key, child in node.value}
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
