"""The messages of errors as they stand in the Rust sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

RUST = Path(__file__).resolve().parents[2] / "rust"
# The calls that take a message: the constructors of an error, and what hands a message on to one.
_CALLS = re.compile(
    r"(?:(?:Error|Self)::(?:new|shape|value|event)|self\.error|scanner\.error|\.hidden|\.require|want|mismatch)\("
    r"|Some\(format!\("
)
_TOKENS = re.compile(r"""b?'(?:\\.|[^'\\])'|"((?:[^"\\]|\\.)*)"|[()]""", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


# Those that make the reason why a filter pattern is refused, and those that give event-ruler's text for it.
REASONS = re.compile(r"Fault::here\(|wrong_network\(")
RULER_TEXTS = re.compile(r"\.ruler\(|wrong_network\(|string\(")


def messages(calls: re.Pattern[str] = _CALLS) -> dict[str, set[str]]:
    """Every message, placeholders and all, with the files that hold it; tests of the sources left out."""
    found: dict[str, set[str]] = {}
    for path in sorted(RUST.rglob("*.rs")):
        if path.name == "hint.rs":  # what it says is no error
            continue
        code = path.read_text("utf-8").partition("#[cfg(test)]")[0]
        for call in calls.finditer(_without_comments(code)):
            for message in _texts(call.string, call.end(), call.group().count("(")):
                found.setdefault(message, set()).add(str(path.relative_to(RUST)))
    return found


def _without_comments(code: str) -> str:
    return "\n".join(line for line in code.splitlines() if not line.lstrip().startswith("//"))


def _texts(code: str, start: int, depth: int) -> Iterator[str]:
    """The strings inside the parentheses that are open at this place."""
    for token in _TOKENS.finditer(code, start):
        if token.group() == "(":
            depth += 1
        elif token.group() == ")":
            depth -= 1
            if not depth:
                return
        elif token.group(1) is not None:
            yield re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), token.group(1))


def pattern(message: str) -> re.Pattern[str]:
    """What the message looks like with its placeholders filled."""
    return re.compile(".+".join(map(re.escape, re.split(r"\{[^{}\"\s]*\}", message))), re.DOTALL)
