"""The way into the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import tailrace as library
from tests.unit.cli_commands import environment, tailrace


def _main(before: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys\n{before}\nfrom tailrace.cli import main\nsys.argv = {['tailrace', *arguments]!r}\nmain()"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())


@pytest.mark.parametrize("missing", ["typer", "rich", "yaml"])
def test_without_the_extra_it_says_how_to_get_it(missing: str) -> None:
    done = _main(f"sys.modules[{missing!r}] = None", "show", "x")
    assert done.returncode == 2
    assert done.stderr == 'tailrace: the command line needs typer, rich and pyyaml: pip install "tailrace[cli]"\n'


def test_another_missing_module_is_not_blamed_on_the_extra() -> None:
    done = _main("sys.modules['zlib'] = None", "show", "x")
    assert done.returncode == 1
    assert "zlib" in done.stderr
    assert "pip install" not in done.stderr


def test_the_version(tmp_path: Path) -> None:
    done = tailrace("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"tailrace {library.__version__}\n")
    assert _main("", "--version").stdout == done.stdout


@pytest.mark.parametrize("verb", [(), ("run",), ("show",), ("diff",), ("demo",)])
def test_help(verb: tuple[str, ...], tmp_path: Path) -> None:
    done = tailrace(*verb, "-h", cwd=tmp_path)
    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert "Args:" not in done.stdout


@pytest.mark.parametrize("arguments", [("nothing",), ("run", "x"), ("show",), ("diff",), ("demo", "--records", "0")])
def test_what_is_not_understood_has_code_2(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert tailrace(*arguments, cwd=tmp_path).returncode == 2
    assert not list(tmp_path.iterdir())


def test_the_commands_do_not_load_boto3() -> None:
    done = _main("import atexit; atexit.register(lambda: print('boto3' in sys.modules))", "--version")
    assert done.stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize("arguments", [("diff",), ("diff", "x"), ("show",), ("run", "--handler", "os:getcwd")])
@pytest.mark.parametrize("there", [False, True])
def test_the_name_of_a_file_cannot_colour_the_terminal(arguments: tuple[str, ...], there: bool, tmp_path: Path) -> None:
    name = "\x1b[31mx\x9b.json"
    if there:
        (tmp_path / name).write_text("{")
    (tmp_path / "x").write_text("null")
    done = tailrace(*arguments, name, cwd=tmp_path)
    assert done.returncode == 2
    assert r"\x1b[31mx\x9b.json" in done.stderr
    assert done.stderr.rstrip("\n").isprintable()
