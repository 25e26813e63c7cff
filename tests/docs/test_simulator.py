"""The page of the simulator shows what it prints, and lists each finding of the doctor and each argument."""

from __future__ import annotations

import inspect
import re

from tailrace.testing import EventSourceMapping, VirtualClock
from tests.docs.pages import ROOT, blocks
from tests.house.sources import PACKAGE

PAGE = ROOT / "docs" / "simulator.md"
TEXT = PAGE.read_text("utf-8")


def test_the_timeline_is_that_of_the_example() -> None:
    first, shown = list(blocks(PAGE))[:2]
    names: dict[str, object] = {}
    exec(first.text, names)  # noqa: S102  running it is the test
    mapping = EventSourceMapping(names["app"], batch_size=4, maximum_retry_attempts=2, clock=VirtualClock())  # type: ignore[arg-type]
    assert mapping.deliver(names["event"]).timeline() + "\n" == shown.text  # type: ignore[arg-type]


def test_each_code_of_the_doctor_is_told() -> None:
    source = (PACKAGE / "doctor" / "checks.py").read_text("utf-8")
    codes = set(re.findall(r"Finding\(\s+\"([a-z-]+)\"", source))
    assert len(codes) > 10
    told = {code for row in re.findall(r"^\| (`.+?`) \| (?:error|warning)", TEXT, re.MULTILINE) for code in
            re.findall(r"`([a-z-]+)`", row)}  # fmt: skip
    assert told == codes


def test_each_setting_is_told() -> None:
    table = TEXT.partition("## Settings")[2].partition("## Time")[0]
    arguments = set(re.findall(r"`([a-z_]+)`", table))
    assert arguments <= set(inspect.signature(EventSourceMapping).parameters) | {"from_configuration"}
    settings = re.findall(r"^\| ([A-Z]\w+) \|", table, re.MULTILINE)
    assert len(settings) == 11
    assert "StartingPosition" in settings
