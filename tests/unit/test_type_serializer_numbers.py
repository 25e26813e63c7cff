"""TypeSerializer's short way with numbers: taken only where boto3's context, as it stands, would change nothing."""

from __future__ import annotations

import decimal
from collections.abc import Iterator, Mapping
from decimal import Context, Decimal
from typing import Any

import pytest
from boto3.dynamodb import types as boto3_types

from tailrace import MarshallError, TypeSerializer
from tests.unit.test_marshall import Acting

NUMBERS: list[int | Decimal] = [
    *(0, 1, -1, 9, 10, 9999, -(2**31), 2**63 - 1, -(2**63), 2**63, 10**37, 10**38 - 1, -(10**38 - 1), 10**38, 10**40),
    *map(Decimal, ("0", "-0", "0.0", "0.00", "-0.000000", "0E-7", "0E+3", "0E-200", "0E+200", "1.50", "1E+2", "12E+1")),
    *map(Decimal, ("0.000001", "0.0000001", "1E-7", "1.0E-7", "0.123456", "123456.789", "1" * 38, "9" * 39)),
    *map(Decimal, ("0." + "1" * 38, "0.000001" + "1" * 32, "0.000000" + "1" * 38, "1" + "0" * 37, "1" + "0" * 38)),
    *map(Decimal, ("1E-128", "1E-130", "1E+125", "1E+127", "NaN", "sNaN", "Infinity", "-Infinity", "-NaN5")),
]
# What somebody may do to the context that every Table shares.
CHANGES: list[dict[str, Any]] = [
    {},
    *({"prec": prec} for prec in (1, 3, 4, 10, 37, 38, 39, 100)),
    *({"Emax": top} for top in (0, 3, 4, 36, 37, 38, 126, 999)),
    *({"Emin": bottom} for bottom in (0, -1, -5, -6, -7, -43, -999)),
    *({"Emin": bottom, "subnormal": True} for bottom in (-5, -6)),
    {"clamp": 1},
    {"clamp": 1, "Emax": 37},
    {"clamp": 1, "Emax": 36},
    {"clamp": 1, "Emax": 38, "prec": 38},
    {"clamp": 1, "Emax": 80, "prec": 100},
    {"capitals": 0},
    {"rounding": decimal.ROUND_UP, "prec": 2},
    {"prec": 5, "Emax": 3, "Emin": -3},
]


@pytest.fixture(params=CHANGES, ids=str)
def changed(request: pytest.FixtureRequest) -> Iterator[None]:
    """boto3's context with other limits, and with its traps or without them."""
    before = boto3_types.DYNAMODB_CONTEXT
    boto3_types.DYNAMODB_CONTEXT = before.copy()
    limits = dict(request.param)
    boto3_types.DYNAMODB_CONTEXT.traps[decimal.Subnormal] = limits.pop("subnormal", False)
    for name, value in limits.items():
        setattr(boto3_types.DYNAMODB_CONTEXT, name, value)
    yield
    boto3_types.DYNAMODB_CONTEXT = before


def outcome(serializer: Any, value: Any) -> Any:
    """What is written, or the class and the text of what boto3 raises."""
    try:
        return serializer.serialize(value)
    except Exception as error:  # noqa: BLE001 - whatever boto3 raises
        own = [cls for cls in type(error).__mro__ if cls.__module__ in ("builtins", "decimal")]
        return own[0], error.args, str(error)


def forms(number: int | Decimal) -> list[Any]:
    """The number alone, in a list, and in a set; a NaN stands in no set."""
    return [number, [number], *([] if Decimal(number).is_nan() else [{number}])]


@pytest.mark.parametrize("trapping", [True, False])
@pytest.mark.usefixtures("changed")
def test_every_number_comes_out_as_boto3s_context_has_it(trapping: bool) -> None:
    if not trapping:
        boto3_types.DYNAMODB_CONTEXT.clear_traps()
    ours, theirs = TypeSerializer(), boto3_types.TypeSerializer()
    for value in (form for number in NUMBERS for form in forms(number)):
        assert outcome(ours, value) == outcome(theirs, value)


class Doubling(Context):
    def create_decimal(self, num: Any = "0", /) -> Decimal:
        return super().create_decimal(num) * 2


def test_a_context_of_another_class_is_asked_for_each_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boto3_types, "DYNAMODB_CONTEXT", Doubling(prec=38, Emin=-128, Emax=126))
    for value in (5, Decimal("1.5"), [5], {"n": Decimal("1.5")}):
        assert TypeSerializer().serialize(value) == boto3_types.TypeSerializer().serialize(value)
    assert TypeSerializer().serialize(5) == {"N": "10"}


def test_a_context_that_changes_in_the_middle_counts_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context(prec=38, Emin=-128, Emax=126)
    monkeypatch.setattr(boto3_types, "DYNAMODB_CONTEXT", context)
    value = [12345, Acting(lambda: setattr(context, "prec", 2)), 12345]
    assert TypeSerializer().serialize(value)["L"][2] == {"N": "1.2E+4"}


@pytest.mark.parametrize("size", [1, 5, 6, 40])
@pytest.mark.parametrize(
    "act", [dict.clear, dict.popitem, lambda parent: parent.update(more=1)], ids=["clear", "pop", "add"]
)
def test_a_dict_that_changes_under_a_mapping_of_the_callers_is_boto3s_error(size: int, act: Any) -> None:
    parent: dict[str, Any] = {}
    parent.update({"a": Acting(lambda: act(parent)), **{f"n{n}": n for n in range(size - 1)}})
    before = dict(parent)
    with pytest.raises(RuntimeError, match="changed size during iteration") as raised:
        TypeSerializer().serialize(parent)
    assert isinstance(raised.value, MarshallError)
    parent.clear()
    parent.update(before)
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        boto3_types.TypeSerializer().serialize(parent)


@pytest.mark.parametrize("size", [2, 8, 30])
def test_no_value_of_a_dict_that_is_rearranged_is_left_as_it_was(size: int) -> None:
    parent: dict[str, Any] = {}

    def rearrange() -> None:
        for name in list(parent)[::2]:
            parent[name] = parent.pop(name)

    parent.update({"a": Acting(rearrange), **{f"n{n}": str(n) for n in range(size)}})
    try:
        made = TypeSerializer().serialize(parent)
    except RuntimeError:
        return
    assert all(isinstance(value, Mapping) for value in made["M"].values())
