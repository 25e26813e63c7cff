"""The source tree as the house tests read it: Python files, their imports, the public modules."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "tailrace"
RUST = ROOT / "rust"
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | Definition


@dataclass(frozen=True)
class Import:
    """One imported thing: the module named, and the name taken from it ("" for `import module`)."""

    module: str
    name: str
    line: int

    @property
    def root(self) -> str:
        return self.module.partition(".")[0]


def python_files() -> list[Path]:
    return sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")])


def rust_files() -> list[Path]:
    return sorted(RUST.rglob("*.rs"))


def module_name(path: Path) -> str:
    """``python/tailrace/sinks/base.py`` is ``tailrace.sinks.base``."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, wherever it stands: at the top, in a function, for type checkers only."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    return imports_in(path.read_text("utf-8"), package)


def imports_in(source: str, package: str) -> Iterator[Import]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, "", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, package)
            yield from (Import(module, alias.name, node.lineno) for alias in node.names)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    base = ".".join(parts[: len(parts) - node.level + 1])
    return f"{base}.{node.module}" if node.module else base


def docstrings(path: Path) -> Iterator[tuple[str, str, int]]:
    """Qualified name, docstring and line: of the module, of its classes and functions, and of its constants."""
    tree = ast.parse(path.read_text("utf-8"))
    yield from _docstrings(tree, module_name(path))


def _docstrings(node: Documented, name: str) -> Iterator[tuple[str, str, int]]:
    text = ast.get_docstring(node)
    if text:
        yield name, text, node.body[0].lineno
    for child, below in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(child, Definition):
            yield from _docstrings(child, f"{name}.{child.name}")
        elif isinstance(child, ast.Assign) and isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            yield f"{name}.{ast.unparse(child.targets[0])}", inspect.cleandoc(str(below.value.value)), below.lineno
