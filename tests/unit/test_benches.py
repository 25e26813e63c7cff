"""The benchmarks: the same data everywhere, equal answers or no number, a table that says what was met."""

from __future__ import annotations

import gc
import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from benches import corpus, machine
from benches.answer import DifferentAnswersError, same
from benches.measure import FEWEST_PAIRS_COUNT, Pair, pairs
from benches.row import MS, SHARE, TIMES, US, Result, Row, Scale, Unit, Verdict, compare
from tailrace import Batch

TINY = Scale(item_count=2, record_count=3, full_batch_count={"a_flat": 4, "b_nested": 2})

# Numbers measured on other data can't be compared: whoever changes these starts a new history of results.
ITEMS_SHA256 = {
    "a_flat": "5e13cd536c55a4371e1385f17721095901fd12c066f5ab11b9eeca5d14a6835d",
    "b_nested": "ba68b9b32a65436dfb6ce9218e5197daf0fca516405e0f5acf2745df13ea5fc9",
    "c_large": "b750da95766f6ccbf2563a881dcd0a30d7e9d134ee5f11b3dce5fc4350668f5e",
    "d_numbers": "d28da5b33ac8f760f541fc76426bb4fa743dbc2eea01291032820bd60299b7ca",
}
EVENTS_SHA256 = {
    "a_flat": "05b7b4a723a2040c2ebf7be024f86014c4855085044509ff4d4ac37f158d482d",
    "b_nested": "d84c67e837eb5350ac31ef10390f5e5f3095bf4138a7be101f0159df831297a6",
}


@pytest.fixture
def rivals() -> None:
    for name in ("boto3", "orjson"):
        pytest.importorskip(name, reason=f"needs {name}, which the benchmarks measure against")


@pytest.fixture
def one_call(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sample of one call: what is proved is that the rows run, not how fast.

    The collector, which runs before each sample, does not look at what all other tests have left: that took a minute.
    """
    monkeypatch.setattr("benches.measure.SAMPLE_S", 0.0)
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("name", corpus.COUNTS)
def test_the_items_of_a_corpus_are_always_the_same(name: str) -> None:
    assert _sha256(corpus.dumps(corpus.items(name))) == ITEMS_SHA256[name]
    assert corpus.items(name, 3) == corpus.items(name)[:3]


@pytest.mark.parametrize("name", EVENTS_SHA256)
def test_the_event_of_a_corpus_is_always_the_same(name: str) -> None:
    body = corpus.dumps(corpus.event(name))
    assert _sha256(body) == EVENTS_SHA256[name]
    assert len(Batch.from_event(body)) == 1000


def test_fresh_items_are_equal_and_share_no_text() -> None:
    made = corpus.items("a_flat", 1)
    (copied,) = corpus.fresh(made)
    assert [copied] == made
    assert all(copied[name]["S"] is not made[0][name]["S"] for name in ("pk", "email"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal("1.0"), Decimal("1.00")),
        (1, True),
        (1, Decimal(1)),
        (b"a", bytearray(b"a")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, 2], (1, 2)),
        ([1], [1, 1]),
        ({1}, frozenset({1})),
        ({Decimal("1.0")}, {Decimal("1.00")}),
        ({"a": [{"b": Decimal("0")}]}, {"a": [{"b": Decimal("-0")}]}),
    ],
)
def test_answers_that_look_equal_are_told_apart(one: object, other: object) -> None:
    assert not same(one, other)
    assert same(one, one)
    assert same(other, other)


def test_sets_are_the_same_in_any_order() -> None:
    assert same({Decimal("1.50"), Decimal(2), Decimal("-3")}, {Decimal("-3"), Decimal("1.50"), Decimal(2)})


def test_no_number_without_the_same_answer() -> None:
    row = compare("ours", "data", "theirs", lambda: Decimal("1.0"), lambda: Decimal("1.00"))
    with pytest.raises(DifferentAnswersError, match=r"Decimal\('1.0'\) here, Decimal\('1.00'\) there"):
        row.measure(0)


@pytest.mark.usefixtures("one_call")
def test_the_collector_is_as_the_row_says_and_then_as_before() -> None:
    for collector in (True, False):
        states: set[bool] = set()
        pairs(lambda: states.add(gc.isenabled()), lambda: None, seconds=0, collector=collector)  # noqa: B023
        assert states == {collector}
        assert gc.isenabled()


@pytest.mark.usefixtures("one_call")
def test_samples_are_taken_in_turn_and_never_fewer_than_three() -> None:
    calls: list[str] = []
    found = pairs(lambda: calls.append("ours"), lambda: calls.append("theirs"), seconds=0, collector=False)
    assert len(found) == FEWEST_PAIRS_COUNT
    changes = [side for side, before in zip(calls, [None, *calls], strict=False) if side != before]
    # Each is tried out first; then theirs, ours, theirs, ours, theirs, ours, theirs.
    assert changes == ["ours", "theirs"] + ["ours", "theirs"] * FEWEST_PAIRS_COUNT


@pytest.mark.parametrize(("unit", "wanted"), [(TIMES, 4.0), (SHARE, 0.25), (US, -1.5)])
def test_a_pair_becomes_the_value_of_its_unit(unit: Unit, wanted: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benches.row.pairs", lambda *_, **__: [Pair(ours_s=1e-6, theirs_s=4e-6)])
    row = compare("ours", "data", "theirs", lambda: 1, lambda: 1, unit=unit, record_count=2)
    (value,) = row.measure(0)
    assert value == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("unit", "samples", "verdict"),
    [
        (TIMES, [1.0, 9.0, 10.0], "stretch"),
        (TIMES, [1.0, 8.9, 10.0], "must"),
        (TIMES, [1.0, 4.9, 10.0], "NO"),
        (MS, [1.0, 5.0, 10.0], "stretch"),
        (MS, [1.0, 8.9, 10.0], "must"),
        (MS, [1.0, 9.1, 10.0], "NO"),
    ],
)
def test_the_median_decides_which_target_is_met(unit: Unit, samples: list[float], verdict: Verdict) -> None:
    must, stretch = (5.0, 9.0) if unit.more_is_better else (9.0, 5.0)
    row = Row("ours", "data", "theirs", unit, lambda _: samples, must, stretch)
    assert Result(row, row.measure(0)).verdict == verdict


def test_a_row_without_a_target_is_judged_neither_way() -> None:
    result = Result(Row("ours", "data", "theirs", TIMES, lambda _: [1.0]), [1.0])
    assert result.verdict == "-"
    assert result.middle_half == (1.0, 1.0)


@pytest.mark.usefixtures("rivals", "one_call")
def test_every_row_runs_and_has_its_line_in_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from benches import report

    monkeypatch.setattr("benches.bench_footprint.FEWEST_RUNS_COUNT", 1)
    titles = [row.title for row in report.all_rows(TINY)]
    assert len(set(titles)) == len(titles)
    assert report.main(["--seconds", "0"], TINY) == 0
    lines = capsys.readouterr().out.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    assert tuple(cells[0]) == report.HEAD
    assert [f"{line[0]} {line[1]} {line[2]}" for line in cells[1:]] == titles
    assert all(re.fullmatch(r"-?\d+\.\d+[a-zA-Z ]+", line[4]) for line in cells[1:])
    assert {line[8] for line in cells[1:]} <= {"stretch", "must", "NO", "-"}
    assert len({len(line) for line in lines if line.startswith("|")}) == 1


@pytest.mark.usefixtures("rivals", "one_call")
def test_words_choose_the_rows(capsys: pytest.CaptureFixture[str]) -> None:
    from benches import report

    report.main(["--seconds", "0", "INDEX", "orjson"], TINY)
    out = capsys.readouterr().out
    assert out.count("index only") == 2
    assert "unmarshall" not in out


@pytest.mark.usefixtures("rivals", "one_call")
def test_the_rows_of_install_leave_boto3_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    from boto3.dynamodb.types import TypeDeserializer

    from benches import bench_dropin

    before = TypeDeserializer.deserialize
    during: list[object] = []

    def look(*_: object, **__: object) -> list[Pair]:
        during.append(TypeDeserializer.deserialize)
        return [Pair(1, 1)]

    monkeypatch.setattr("benches.row.pairs", look)
    for row in bench_dropin.rows(TINY):
        row.measure(0)
    assert TypeDeserializer.deserialize is before
    assert sum(found is not before for found in during) == len(corpus.COUNTS)


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [(float, {"n": 1, "l": [0.5, 100], "s": {2, 2.5}, "t": "1"}), (Decimal, {"n": 1, "l": [Decimal("0.50"), 100],
     "s": {2, Decimal("2.5")}, "t": "1"})],
)  # fmt: skip
def test_boto3s_answer_in_the_modes_of_numbers(mode: Any, wanted: Any) -> None:
    rival = pytest.importorskip("benches.rival")
    given = {"n": Decimal("1.0"), "l": [Decimal("0.50"), Decimal("1E+2")], "s": {Decimal(2), Decimal("2.5")}, "t": "1"}
    assert same(rival.with_ints(given, mode), wanted)


RIGHT: dict[str, Any] = {"n": Decimal("0.10"), "s": {Decimal(1), Decimal("2.5")}, "l": [b"x", None]}
WRONG: list[tuple[Any, set[str]]] = [
    (RIGHT, set()),
    ({**RIGHT, "l": [bytearray(b"x"), None]}, {"**`bytearray(b'x')`** for `b'x'`"}),
    ({**RIGHT, "n": 0.1}, {"float for Decimal"}),
    ({**RIGHT, "n": 0.1000001}, {"**digits lost**"}),
    ({**RIGHT, "n": Decimal("0.1")}, {"zeros not as written"}),
    ({**RIGHT, "s": [2.5, 1]}, {"list for set", "int for Decimal", "float for Decimal"}),
    ({**RIGHT, "s": {Decimal(1)}}, {"**`{Decimal('1')}`** for `{Decimal('1'), Decimal('2.5')}`"}),
    ({**RIGHT, "n": "0.10"}, {"**`'0.10'`** for `Decimal('0.10')`"}),
]


@pytest.mark.usefixtures("rivals")
@pytest.mark.parametrize(("answer", "notes"), WRONG)
def test_what_is_wrong_with_an_answer_of_another_library(answer: Any, notes: set[str]) -> None:
    from benches.rivals import differences

    found = set(differences(answer, RIGHT))
    assert {re.sub(r"`\{Decimal.*", "set", note) for note in found} == {
        re.sub(r"`\{Decimal.*", "set", note) for note in notes
    }


@pytest.mark.usefixtures("rivals")
def test_tailrace_is_right_in_every_case_that_others_are_asked() -> None:
    from benches import rivals

    answers = {case: rivals._answer(rivals.RIVALS["tailrace"](), case) for case in rivals.CASES}
    assert {case: answer for case, answer in answers.items() if not answer.startswith("right")} == {}
    assert rivals._answer(rivals.RIVALS["boto3"](), "1E+100 written out") == "**raises**: Rounded"
    assert rivals._answer(rivals.RIVALS["boto3"](), "N of no number") == "**`{'a': Decimal('NaN')}`**"


@pytest.mark.usefixtures("rivals")
def test_the_report_of_other_libraries(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that are installed; each is asked in a process of its own."""
    from benches import rivals

    case = "1E+100 written out"
    monkeypatch.setattr(corpus, "COUNTS", {"a_flat": 1})
    monkeypatch.setattr(rivals, "SECONDS_A_CORPUS", 0)
    monkeypatch.setattr(rivals, "RIVALS", {name: rivals.RIVALS[name] for name in ("tailrace", "pydynox")})
    monkeypatch.setattr(rivals, "CASES", {case: rivals.CASES[case]})
    monkeypatch.setattr(rivals, "_version", lambda name: "" if name == "pydynox" else "1.0")
    assert rivals.main([]) == 0
    streams = capsys.readouterr()
    lines = [line for line in streams.out.splitlines() if line.startswith("|")]
    assert re.fullmatch(r"\| a_flat \| [\d.]+x \|", lines[2])
    assert lines[-1] == f"| {case} | right |"
    assert "pydynox is not installed" in streams.err


@pytest.mark.usefixtures("rivals")
def test_a_library_that_ends_its_process_is_told_and_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    from benches import rivals

    run = subprocess.run
    for code, told in (("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"), ("1/0", "ZeroDivision")):
        monkeypatch.setattr(subprocess, "run", lambda _, code=code, **how: run([sys.executable, "-c", code], **how))
        try:
            cell = rivals._asked("boto3", "sets")
        except RuntimeError as error:
            cell = str(error)
        assert told in cell
    assert cell.startswith("boto3, sets: ")


@pytest.mark.usefixtures("rivals")
def test_a_report_says_where_its_numbers_come_from() -> None:
    text = "\n".join(machine.description())
    for word in ("tailrace 0.", "build", "Python 3.", "cores", "boto3 1.", "orjson 3."):
        assert word in text


@pytest.mark.usefixtures("rivals", "one_call")
def test_a_debug_build_is_not_measured(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from benches import report

    monkeypatch.setattr(report, "build_info", lambda: {"profile": "debug"})
    assert report.main([], TINY) == 2
    streams = capsys.readouterr()
    assert not streams.out
    assert "make build" in streams.err
