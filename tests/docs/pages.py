"""The pages of documentation as the tests read them: code blocks, headings and links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(```+|~~~+)\s*([\w-]*)")
HEADING = re.compile(r"^#+ (.+?)\s*#*$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# Above a block: <!-- not run: the reason -->
NOT_RUN = re.compile(r"^<!-- not run: \S.* -->$")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line of its first line, and whether the page says to run it."""

    language: str
    text: str
    line: int
    run: bool


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])


def blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text("utf-8").splitlines()
    at = 0
    while at < len(lines):
        opening = FENCE.match(lines[at].lstrip())
        if not opening:
            at += 1
            continue
        end = next(n for n in range(at + 1, len(lines)) if lines[n].strip() == opening[1])
        text = "\n".join(lines[at + 1 : end]) + "\n"
        yield Block(opening[2], text, at + 2, not _marked_not_run(lines[:at]))
        at = end + 1


def _marked_not_run(above: list[str]) -> bool:
    written = [line for line in above if line.strip()]
    return bool(written) and NOT_RUN.match(written[-1].strip()) is not None


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    text = page.read_text("utf-8")
    for block in blocks(page):
        text = text.replace(block.text, "")
    return text


def links(page: Path) -> list[str]:
    return LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """The fragments its headings can be reached by: lower case, no punctuation, dashes for blanks."""
    headings = [found[1] for line in prose(page).splitlines() if (found := HEADING.match(line))]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
