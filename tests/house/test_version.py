"""One version, written once in Cargo.toml, and a changelog that is kept."""

from __future__ import annotations

import importlib.metadata
import re

import tailrace
from tests.house.sources import ROOT


def _cargo_version() -> str:
    found = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text("utf-8"), re.MULTILINE)
    assert found
    return found[1]


def test_the_version_is_the_same_everywhere() -> None:
    versions = {tailrace.__version__, tailrace.build_info()["version"], importlib.metadata.version("tailrace")}
    assert versions == {_cargo_version()}


def test_pyproject_takes_the_version_from_cargo() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert 'dynamic = ["version"]' in text
    assert not re.search(r"^version\b", text, re.MULTILINE)


def test_the_changelog_has_room_for_what_comes_next() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings
    assert headings[0].strip("[]") == "Unreleased"
