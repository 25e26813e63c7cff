"""The wheels as a user gets them: one for each Python found here and one for all, each tried in its own virtualenv."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import tailrace
from tests.e2e.interpreters import SUPPORTED, interpreters

pytestmark = [pytest.mark.wheels, pytest.mark.timeout(1800)]

ROOT = Path(__file__).resolve().parents[2]
SMOKE = Path(__file__).with_name("wheel_smoke.py")
THIS_PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
KINDS = ["version-specific", "abi3"]
LARGEST_EXTENSION_BYTES = 2_000_000
# One folder for all the builds, and none of the others: each would rebuild what the other left.
TARGET = ROOT / "target-wheels"

Build = Callable[..., Path]


class Installed(NamedTuple):
    """A virtualenv with a wheel in it."""

    python: Path
    wheel: Path


def _run(*command: object, **environment: str) -> str:
    """Runs a command whose output matters only when it fails."""
    run = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | environment,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert run.returncode == 0, f"{command} ended with {run.returncode}:\n{run.stdout}"
    return run.stdout


def _interpreter(version: str) -> str:
    if version not in interpreters():
        pytest.skip(f"CPython {version} is not installed here")
    return interpreters()[version]


@pytest.fixture(scope="session")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Builds a wheel with maturin, once for each set of options."""

    @cache
    def built(python: str, *options: str) -> Path:
        out = tmp_path_factory.mktemp("wheel")
        maturin = [sys.executable, "-m", "maturin", "build", "--quiet", "--interpreter", python, "--out", out]
        _run(*maturin, "--target-dir", TARGET, *options, PYO3_PYTHON=python)
        (wheel,) = out.glob("*.whl")
        return wheel

    return built


@pytest.fixture(scope="session")
def install(build: Build, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Installed]:
    """Installs the wheel of a kind in a new virtualenv of a Python: alone, without an index to ask."""

    @cache
    def installed(version: str, kind: str) -> Installed:
        interpreter = _interpreter(version)
        # One abi3 wheel serves all: it is built by whichever Python comes first.
        builder = next(iter(interpreters().values())) if kind == "abi3" else interpreter
        wheel = build(builder, "--release", *(["--features", "abi3"] if kind == "abi3" else []))
        venv = tmp_path_factory.mktemp("venv")
        _run(interpreter, "-m", "venv", venv)
        python = venv / "bin" / "python"
        _run(python, "-m", "pip", "install", "--quiet", "--no-index", wheel)
        return Installed(python, wheel)

    return installed


every_wheel = pytest.mark.parametrize(("version", "kind"), [(version, kind) for version in SUPPORTED for kind in KINDS])


@every_wheel
def test_the_wheel_alone_does_the_main_job(install: Callable[..., Installed], version: str, kind: str) -> None:
    installed = install(version, kind)
    assert "smoke: fine" in _run(installed.python, "-W", "error", SMOKE, tailrace.__version__, kind)


@every_wheel
def test_the_unit_tests_pass_on_the_wheel(install: Callable[..., Installed], version: str, kind: str) -> None:
    """Where it tells something new: not again on the Python that runs this; for abi3 on the newest."""
    if kind == "version-specific" and version == THIS_PYTHON:
        pytest.skip("the unit tests have run on this Python")
    if kind == "abi3" and version != max(interpreters(), key=_number):
        pytest.skip("abi3 is tried on the newest Python found here")
    installed = install(version, kind)
    pip = [installed.python, "-m", "pip"]
    _run(*pip, "install", "--quiet", "--upgrade", "pip>=25.1")
    _run(*pip, "install", "--quiet", "--group", "test", f"tailrace[cli,testing] @ {installed.wheel.as_uri()}")
    output = _run(installed.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit")
    assert re.search(r"^\d+ passed", output.splitlines()[-1])


def _number(version: str) -> int:
    return int(version.partition(".")[2])


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_wheel_holds(install: Callable[..., Installed], kind: str) -> None:
    wheel = install(THIS_PYTHON, kind).wheel
    digits = THIS_PYTHON.replace(".", "")
    assert (f"-cp{digits}-cp{digits}-" if kind == "version-specific" else "-cp310-abi3-") in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    folder = f"tailrace-{tailrace.__version__}.dist-info"
    assert {name.partition("/")[0] for name in sizes} == {"tailrace", folder}
    assert {"tailrace/_core.pyi", "tailrace/py.typed", f"{folder}/licenses/LICENSE"} <= sizes.keys()
    sources = {str(path.relative_to(ROOT / "python")) for path in (ROOT / "python" / "tailrace").rglob("*.py")}
    assert {name for name in sizes if name.endswith(".py")} == sources
    (extension,) = [name for name in sizes if name.endswith(".so")]
    assert sizes[extension] <= LARGEST_EXTENSION_BYTES


@pytest.mark.parametrize("kind", KINDS)
def test_the_wheel_depends_on_nothing_but_its_extras(install: Callable[..., Installed], kind: str) -> None:
    with zipfile.ZipFile(install(THIS_PYTHON, kind).wheel) as archive:
        metadata = archive.read(f"tailrace-{tailrace.__version__}.dist-info/METADATA").decode()
    required = re.findall(r"^Requires-Dist: (.+)$", metadata, re.MULTILINE)
    assert required
    assert all("extra ==" in line for line in required)
    assert "\nLicense-Expression: Apache-2.0\n" in metadata


def test_a_debug_build_says_so_at_import(build: Build, tmp_path: Path) -> None:
    python = _interpreter(THIS_PYTHON)
    with zipfile.ZipFile(build(python)) as archive:
        archive.extractall(tmp_path)
    code = "import tailrace; print(tailrace.build_info()['profile'])"
    output = _run(python, "-W", "always", "-c", code, PYTHONPATH=str(tmp_path))
    assert "Warning: " in output
    assert output.endswith("debug\n")
