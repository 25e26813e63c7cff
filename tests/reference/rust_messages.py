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
RULER_CALLS = re.compile(r"\.ruler\(")
# What reading a pattern itself says, before anything is compiled.
READING = re.compile(r"Error::value\(")
_RULER_NAMES = re.compile(r"let ruler = ([^;]*);|const (?:TOO_MANY|ONE_KEY): &str = ([^;]*);")


def messages(calls: re.Pattern[str] = _CALLS, under: str = "") -> dict[str, set[str]]:
    """Every message, placeholders and all, with the files that hold it; tests of the sources left out."""
    found: dict[str, set[str]] = {}
    for file, code in _sources(under):
        for call in calls.finditer(code):
            for message in _texts(call.string, call.end(), call.group().count("(")):
                found.setdefault(message, set()).add(file)
    return found


def ruler_texts() -> set[str]:
    """event-ruler's texts, in the calls that take one and in what these calls are given by name."""
    found = set(messages(RULER_TEXTS))
    for _, code in _sources("core/filter"):
        for names in _RULER_NAMES.finditer(code):
            # What stands before an arrow is what is asked, and not what is said.
            values = re.sub(r'("[^"]*"\s*\|?\s*)+=>', "", names[1] or names[2])
            found |= {token[1] for token in _TOKENS.finditer(values) if token[1] is not None}
    return found - {""}


def unseen(calls: re.Pattern[str]) -> dict[str, list[str]]:
    """By file what stands in those calls that hold no text: their messages come from elsewhere."""
    found: dict[str, list[str]] = {}
    for file, code in _sources("core/filter"):
        for call in calls.finditer(code):
            if not [*_texts(code, call.end(), call.group().count("("))]:
                inside = code[call.end() : _end(code, call.end())]
                found.setdefault(file, []).append(" ".join(inside.split()))
    return found


def _sources(under: str) -> Iterator[tuple[str, str]]:
    for path in sorted(RUST.rglob("*.rs")):
        file = path.relative_to(RUST).as_posix()
        # What a hint says is no error.
        if file.startswith(under) and path.name not in ("fitting.rs", "hint.rs"):
            yield file, _without_comments(path.read_text("utf-8").partition("#[cfg(test)]")[0])


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


def _end(code: str, start: int) -> int:
    """Where the parenthesis closes that is open at this place."""
    depth = 1
    for token in _TOKENS.finditer(code, start):
        depth += {"(": 1, ")": -1}.get(token.group(), 0)
        if not depth:
            return token.start()
    return len(code)


def pattern(message: str) -> re.Pattern[str]:
    """What the message looks like with its placeholders filled."""
    return re.compile(".+".join(map(re.escape, re.split(r"\{[^{}\"\s]*\}", message))), re.DOTALL)
