"""Public by ``__all__``, private by underscore, and both are true."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import tailrace
from tests.house.sources import PACKAGE, Definition, docstrings, module_name, python_files

FILES = [path for path in python_files() if path.suffix == ".py" and path.name != "__main__.py"]
# Where users import from. Each name they offer is documented with an example.
OFFERING = [
    "tailrace",
    "tailrace.aws_lambda",
    "tailrace.doctor",
    "tailrace.dropin",
    "tailrace.filters",
    "tailrace.idempotency",
    "tailrace.metrics",
    "tailrace.sinks",
    "tailrace.testing",
]
DOCUMENTED = {name: text for path in python_files() for name, text, _ in docstrings(path)}


def _module(path: Path) -> ModuleType:
    return importlib.import_module(module_name(path))


def _top_level(path: Path) -> list[str]:
    """Names of the classes and functions a file defines."""
    return [node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, Definition)]


def _offered() -> list[tuple[str, str]]:
    return [(module, name) for module in OFFERING for name in importlib.import_module(module).__all__]


def _origin(module: str, name: str) -> str:
    """Where a name is defined: ``tailrace.sinks.SqliteReplica`` in ``tailrace.sinks.sqlite...``."""
    value = getattr(importlib.import_module(module), name)
    if isinstance(value, tailrace.FilterCriteria):
        return f"tailrace.filters.presets.{name}"
    home = getattr(value, "__module__", module)
    # What the extension defines is documented in its stub.
    return f"tailrace._core.{name}" if f"tailrace._core.{name}" in DOCUMENTED else f"{home}.{name}"


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_every_name_in_all_exists_and_stands_there_once(path: Path) -> None:
    module = _module(path)
    names = getattr(module, "__all__", [])
    assert len(names) == len(set(names))
    assert not [name for name in names if not hasattr(module, name)]


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_module_with_public_definitions_lists_them(path: Path) -> None:
    public = {name for name in _top_level(path) if not name.startswith("_")}
    assert public - {"__getattr__", "__dir__"} <= set(getattr(_module(path), "__all__", []))


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_private_name_is_not_offered(path: Path) -> None:
    private = [name for name in getattr(_module(path), "__all__", []) if name.startswith("_")]
    assert not set(private) - {"__version__"}


@pytest.mark.parametrize(("module", "name"), _offered())
def test_an_offered_name_has_a_docstring_and_an_example(module: str, name: str) -> None:
    if name == "__version__":
        return
    text = DOCUMENTED.get(_origin(module, name), "")
    assert text, f"{module}.{name} has no docstring"
    assert "Example:" in text, f"{module}.{name} has no Example"
    assert ">>>" in text, f"the Example of {module}.{name} can't be run"


@pytest.mark.parametrize("module", OFFERING)
def test_dir_shows_every_offered_name(module: str) -> None:
    imported = importlib.import_module(module)
    assert set(imported.__all__) <= set(dir(imported))


@pytest.mark.parametrize(("module", "name"), _offered())
def test_a_name_is_importable_first_of_all(module: str, name: str) -> None:
    """Each lazy name resolves by itself, with nothing imported before it."""
    subprocess.run([sys.executable, "-c", f"from {module} import {name}"], check=True)


@pytest.mark.parametrize("module", OFFERING)
def test_an_unknown_name_is_an_attribute_error(module: str) -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing_so_called'"):
        importlib.import_module(module).nothing_so_called  # noqa: B018 - reading it is the test


def test_the_names_for_type_checkers_are_those_that_resolve() -> None:
    """The imports under ``if TYPE_CHECKING:`` and the table of lazy names say the same."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: (node.module or "").removeprefix("tailrace.")
        for node in guarded.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == tailrace._LAZY


def test_no_module_bears_the_name_of_a_public_function() -> None:
    """Importing ``tailrace.diff`` would put the module where the function ``tailrace.diff`` stood."""
    modules = {path.stem for path in PACKAGE.iterdir()}
    assert not modules & set(tailrace.__all__)
