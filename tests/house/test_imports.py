"""Who may import whom: the rooms of the house and the doors between them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.house.sources import PACKAGE, Import, imports, imports_in, module_name, python_files, rust_files

CORE = {"tailrace._core"}
WORDS = {"tailrace.types", "tailrace.exceptions"}
# What the environment's variables say.
ENVIRONMENT = {"tailrace.environment"}
# How a package loads its names, and how a client of boto3 is made.
LAZILY, CLIENT = {"tailrace.lazily"}, {"tailrace.client"}
# What sinks share; none of them is a sink.
SINK_GROUND = {
    "tailrace.sinks.aws",
    "tailrace.sinks.base",
    "tailrace.sinks.delivery",
    "tailrace.sinks.feed",
    "tailrace.sinks.masking",
    "tailrace.sinks.payload",
    "tailrace.sinks.sqlite",
}
# What users import, and so what the rooms that stand on the library may import.
PUBLIC_MODULES = {
    "tailrace",
    "tailrace.aws_lambda",
    "tailrace.doctor",
    "tailrace.dropin",
    "tailrace.exceptions",
    "tailrace.filters",
    "tailrace.idempotency",
    "tailrace.metrics",
    "tailrace.sinks",
    "tailrace.sinks.base",
    "tailrace.testing",
    "tailrace.types",
}
# These gather the public names of others, and hold nothing of their own.
GATHER = {PACKAGE / "__init__.py", PACKAGE / "sinks" / "__init__.py"}
# Room (longest matching prefix rules) -> what it may import of ours, besides its own room.
MAY_IMPORT = {
    "tailrace._core": WORDS | {"tailrace.filters.explanation", "tailrace.filters.warning"},
    "tailrace.exceptions": CORE,
    "tailrace.types": CORE,
    "tailrace.environment": set(),
    "tailrace.lazily": set(),
    "tailrace.client": set(),
    "tailrace.handler": CORE | WORDS | {"tailrace.metrics.outcome", "tailrace.idempotency.seen", "tailrace.sinks.base"},
    "tailrace.idempotency": CORE | WORDS | LAZILY | CLIENT,
    "tailrace.idempotency.sqlite": CORE | WORDS | {"tailrace.sinks.sqlite"},
    "tailrace.metrics": CORE | WORDS | LAZILY | CLIENT,
    "tailrace.filters": CORE | WORDS | {"tailrace.diffs.text"},
    "tailrace.diffs": CORE | WORDS,
    "tailrace.dropin": CORE | WORDS | ENVIRONMENT,
    "tailrace.aws_lambda": CORE | WORDS | ENVIRONMENT,
    "tailrace.sinks.base": CORE | WORDS,
    "tailrace.sinks.feed": CORE | WORDS,
    "tailrace.sinks.aws": CORE | WORDS | CLIENT | {"tailrace.sinks.delivery"},
    "tailrace.sinks.delivery": CORE | WORDS | {"tailrace.sinks.base", "tailrace.sinks.feed"},
    "tailrace.sinks.masking": CORE | WORDS,
    "tailrace.sinks.sqlite": CORE | WORDS | {"tailrace.sinks.base", "tailrace.sinks.feed"},
    "tailrace.sinks": CORE | WORDS | SINK_GROUND,
    "tailrace.patterns": PUBLIC_MODULES,
    "tailrace.consumer": PUBLIC_MODULES,
    "tailrace.backfill": PUBLIC_MODULES,
    "tailrace.doctor": PUBLIC_MODULES,
    "tailrace.testing": PUBLIC_MODULES,
    # What an item holds is written on a terminal by one module only: an escape that is forgotten is a hole.
    "tailrace.cli": PUBLIC_MODULES | {"tailrace.diffs.text"},
    "tailrace.__main__": {"tailrace.cli"},
}
# Room -> packages from outside; every other room stands on the standard library alone.
THIRD_PARTY = {
    "tailrace.cli": {"boto3", "botocore", "rich", "typer", "yaml"},
    "tailrace.doctor": {"boto3", "yaml"},
    "tailrace.dropin": {"boto3", "botocore"},
    "tailrace.client": {"boto3", "botocore"},
    "tailrace.sinks.aws": {"botocore"},
    # The first is for type checkers, which know it without its being installed; the other is Python's own from 3.14.
    "tailrace.handler": {"typing_extensions", "annotationlib"},
    "tailrace.testing": {"hypothesis"},
}


def _room(module: str, rooms: dict[str, set[str]]) -> str:
    """The longest entry of the table that the module is, or lies in."""
    inside = [room for room in rooms if module == room or module.startswith(room + ".")]
    return max(inside, key=len, default="")


def _own_room(module: str) -> str:
    """A sink is a room of its own, file or folder; elsewhere the first level under tailrace is."""
    parts = module.split(".")
    return ".".join(parts[: 3 if parts[1:2] == ["sinks"] else 2])


def _target(found: Import, modules: set[str]) -> str:
    """`from tailrace.sinks import base` imports the module tailrace.sinks.base."""
    deeper = f"{found.module}.{found.name}"
    return deeper if deeper in modules else found.module


def _trespasses(path: Path, modules: set[str]) -> list[str]:
    module = module_name(path)
    allowed = MAY_IMPORT[_room(module, MAY_IMPORT)]
    targets = [(_target(found, modules), found.line) for found in imports(path) if found.root == "tailrace"]
    return [
        f"{path.relative_to(PACKAGE)}:{line} imports {target}"
        for target, line in targets
        if target not in allowed and _own_room(target) != _own_room(module)
    ]


@pytest.mark.parametrize("path", sorted(set(python_files()) - GATHER), ids=module_name)
def test_no_module_imports_from_a_room_it_may_not_know(path: Path) -> None:
    modules = {module_name(each) for each in python_files()}
    assert _room(module_name(path), MAY_IMPORT), "this module belongs to no room: say in MAY_IMPORT what it may import"
    assert not _trespasses(path, modules)


@pytest.mark.parametrize("path", python_files(), ids=module_name)
def test_a_package_from_outside_is_imported_only_by_the_room_that_needs_it(path: Path) -> None:
    allowed = THIRD_PARTY.get(_room(module_name(path), THIRD_PARTY), set())
    outside = {found.root for found in imports(path)} - set(sys.stdlib_module_names) - {"tailrace"}
    assert outside <= allowed


def test_names_come_from_public_modules_by_their_public_names() -> None:
    """A room that stands on the library takes no underscored name from it."""
    standing_on_top = [room for room, allowed in MAY_IMPORT.items() if allowed >= PUBLIC_MODULES]
    private = [
        f"{path.relative_to(PACKAGE)}:{found.line} imports {found.name}"
        for path in python_files()
        if _room(module_name(path), MAY_IMPORT) in standing_on_top
        for found in imports(path)
        if found.root == "tailrace" and found.name.startswith("_") and found.name != "__version__"
        if _own_room(found.module) != _own_room(module_name(path))
    ]
    assert not private


def test_rust_core_knows_nothing_of_python() -> None:
    words = ("pyo3", "crate::py", "super::py")
    leaks = [
        f"{path.name}:{number}"
        for path in rust_files()
        if "core" in path.parts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(word in line.partition("//")[0] for word in words)
    ]
    assert not leaks


def test_imports_are_seen_in_functions_under_type_checking_and_in_relative_form() -> None:
    source = """
def f():
    from .routing import Route
if TYPE_CHECKING:
    from ..sinks.base import Sink
import a.b
"""
    found = {(each.module, each.name) for each in imports_in(source, "tailrace.handler")}
    assert found == {("tailrace.handler.routing", "Route"), ("tailrace.sinks.base", "Sink"), ("a.b", "")}
