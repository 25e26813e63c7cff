"""boto3's decimal context is shared: what a user changes in it, or puts in its place, holds; its flags are kept."""

from __future__ import annotations

import decimal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Context, Decimal
from typing import Any

import pytest
from boto3.dynamodb import types as boto3_types

from tailrace import TypeDeserializer, UnmarshallError
from tests.reference.bases import KINDS, base_of
from tests.reference.outcome import assert_same, form, outcome
from tests.reference.untouched_boto3 import untouched_types

TEXTS = [
    "0", "-0", "1", "7", "42", "999", "1000", "9999", "10000", "123456", "-5", "1.50", "0.1", "1E+20", "1E-20",
    "12345.678", "9" * 38, "9" * 39, "1" + "0" * 37, "1" + "0" * 100, "1E+125", "1E+127", "1E-130", "1E-170", "abc", "",
    "NaN", "sNaN", "Infinity", "0E-500", "0e+500",
]  # fmt: skip
CHANGES: dict[str, Callable[[Context], Any]] = {
    "none": lambda _: None,
    "Inexact and Rounded off": lambda context: context.traps.update({decimal.Inexact: False, decimal.Rounded: False}),
    "all off": lambda context: context.clear_traps(),
    "InvalidOperation on": lambda context: context.traps.update({decimal.InvalidOperation: True}),
    "Subnormal on": lambda context: context.traps.update({decimal.Subnormal: True}),
    "FloatOperation on": lambda context: context.traps.update({decimal.FloatOperation: True}),
    "prec 10": lambda context: setattr(context, "prec", 10),
    "prec 3": lambda context: setattr(context, "prec", 3),
    "prec 1": lambda context: setattr(context, "prec", 1),
    "prec 3 without traps": lambda context: (setattr(context, "prec", 3), context.clear_traps()),
    "prec 100": lambda context: setattr(context, "prec", 100),
    "Emax 0": lambda context: setattr(context, "Emax", 0),
    "Emax 2 without traps": lambda context: (setattr(context, "Emax", 2), context.clear_traps()),
    "Emin 0": lambda context: setattr(context, "Emin", 0),
    "wide": lambda context: (setattr(context, "Emax", 999999), setattr(context, "Emin", -999999)),
    "ROUND_UP without traps": lambda context: (setattr(context, "rounding", "ROUND_UP"), context.clear_traps()),
    "clamp without traps": lambda context: (setattr(context, "clamp", 1), context.clear_traps()),
    "capitals 0": lambda context: setattr(context, "capitals", 0),
}


@pytest.fixture(params=KINDS)
def base(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Any]]:
    monkeypatch.setattr(boto3_types, "DYNAMODB_CONTEXT", boto3_types.DYNAMODB_CONTEXT.copy())
    boto3_types.DYNAMODB_CONTEXT.clear_flags()
    with base_of(request.param, "TypeDeserializer") as cls:
        yield cls


def exactly(cls: type[Any]) -> Any:
    """What raises where boto3 does; boto3's own class takes no options."""
    return cls(numbers="decimal-strict") if cls is TypeDeserializer else cls()


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("wrap", [lambda text: {"N": text}, lambda text: {"NS": [text]}], ids=["N", "NS"])
def test_a_changed_context_holds(base: type[Any], change: str, wrap: Callable[[Any], Any]) -> None:
    types = untouched_types()
    for context in (boto3_types.DYNAMODB_CONTEXT, types.DYNAMODB_CONTEXT):
        CHANGES[change](context)
    for text in [*TEXTS, 5, 123456, 0.5]:
        theirs = outcome(lambda text=text: types.TypeDeserializer().deserialize(wrap(text)))
        ours = outcome(lambda text=text: exactly(base).deserialize(wrap(text)))
        if base is TypeDeserializer or theirs.error is None:
            assert_same(ours, theirs)
        # What is over is kept apart: number by number the same flags.
        assert boto3_types.DYNAMODB_CONTEXT.flags == types.DYNAMODB_CONTEXT.flags, text
        boto3_types.DYNAMODB_CONTEXT.clear_flags()
        types.DYNAMODB_CONTEXT.clear_flags()


def test_a_context_changed_between_two_calls(base: type[Any]) -> None:
    read = base()
    assert form(read.deserialize({"N": "1234.5678"})) == form(Decimal("1234.5678"))
    boto3_types.DYNAMODB_CONTEXT.prec = 4
    boto3_types.DYNAMODB_CONTEXT.clear_traps()
    assert form(read.deserialize({"N": "1234.5678"})) == form(Decimal("1235"))
    boto3_types.DYNAMODB_CONTEXT.prec = 38
    assert form(read.deserialize({"N": "1234.5678"})) == form(Decimal("1234.5678"))


def test_another_context_in_its_place(base: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    read = base()
    assert read.deserialize({"N": "12345"}) == 12345
    with monkeypatch.context() as patch:
        patch.setattr(boto3_types, "DYNAMODB_CONTEXT", Context(prec=2, traps=[]))
        assert form(read.deserialize({"NS": ["12345"]})) == form({Decimal("1.2E+4")})
        patch.setattr(boto3_types, "DYNAMODB_CONTEXT", Context(prec=2, traps=[decimal.Inexact]))
        with pytest.raises(decimal.Inexact):
            base().deserialize({"N": "9" * 39})
    assert read.deserialize({"N": "12345"}) == 12345


def test_a_small_number_that_the_context_rounds_is_not_taken_from_the_ready_ones(base: type[Any]) -> None:
    read = base()
    assert read.deserialize({"N": "9999"}) == 9999
    boto3_types.DYNAMODB_CONTEXT.prec = 2
    boto3_types.DYNAMODB_CONTEXT.clear_traps()
    assert form(read.deserialize({"N": "9999"})) == form(Decimal("1.0E+4"))
    boto3_types.DYNAMODB_CONTEXT.prec = 38
    assert form(read.deserialize({"N": "9999"})) == form(Decimal("9999"))


def test_a_trap_of_junk_is_ours_and_boto3s(base: type[Any]) -> None:
    boto3_types.DYNAMODB_CONTEXT.traps[decimal.InvalidOperation] = True
    with pytest.raises(decimal.InvalidOperation) as caught:
        base().deserialize({"N": "abc"})
    assert isinstance(caught.value, UnmarshallError)


def test_the_callers_own_context_does_not_matter(base: type[Any]) -> None:
    with decimal.localcontext(Context(prec=2, traps=[decimal.Inexact, decimal.Rounded])) as own:
        assert form(base().deserialize({"N": "123.456"})) == form(Decimal("123.456"))
        assert form(base().deserialize({"N": "1" + "0" * 100})) == form(Decimal("1" + "0" * 100))
        assert not any(own.flags.values())


def test_every_thread_has_the_same_context(base: type[Any]) -> None:
    boto3_types.DYNAMODB_CONTEXT.prec = 3
    boto3_types.DYNAMODB_CONTEXT.clear_traps()
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(base().deserialize({"N": "123456"})))
    thread.start()
    thread.join()
    assert form(found) == form([Decimal("1.23E+5")])


WITHOUT_BOTO3 = """
import decimal, sys
from tailrace import TypeDeserializer
read = TypeDeserializer()
print(repr(read.deserialize({"M": {"n": {"N": "1.50"}, "s": {"NS": ["1" + "0" * 100]}, "j": {"N": "abc"}}})))
print(repr(read._deserialize_n("1.50")), repr(read._deserialize_n("1" + "0" * 45)))
try:
    read.deserialize({"N": "9" * 39})
except decimal.Inexact as error:
    print(type(error).__name__)
assert "boto3" not in sys.modules
import boto3.dynamodb.types
boto3.dynamodb.types.DYNAMODB_CONTEXT.prec = 2
boto3.dynamodb.types.DYNAMODB_CONTEXT.clear_traps()
print(repr(read.deserialize({"N": "1234"})))
print(repr(read._deserialize_n("1234")))
"""


def test_numbers_need_no_boto3_and_follow_it_from_its_import_on() -> None:
    run = subprocess.run([sys.executable, "-c", WITHOUT_BOTO3], check=True, capture_output=True, text=True)
    numbers = f"{{'n': Decimal('1.50'), 's': {{Decimal('{'1' + '0' * 100}')}}, 'j': Decimal('NaN')}}"
    assert run.stdout.splitlines() == [
        numbers,
        f"Decimal('1.50') Decimal('1{'0' * 45}')",
        "UnmarshallInexact",
        "Decimal('1.2E+3')",
        "Decimal('1.2E+3')",
    ]


def test_without_boto3_binary_says_what_to_do() -> None:
    code = """
import sys
sys.modules["boto3"] = None
from tailrace import TypeDeserializer
print(TypeDeserializer(binary="bytes").deserialize({"B": b"a"}))
for read in (TypeDeserializer().deserialize, lambda value: TypeDeserializer()._deserialize_b(value["B"])):
    try:
        read({"B": b"a"})
    except ImportError as error:
        print(type(error).__name__, error)
"""
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    first, *others = run.stdout.splitlines()
    assert first == "b'a'"
    assert len(others) == 2
    assert "boto3" in others[0]
    assert 'binary="bytes"' in others[0]
