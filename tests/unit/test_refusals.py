"""Exceptions of two families: caught as ours, caught as boto3's, and the same in text, pickles and copies."""

from __future__ import annotations

import copy
import decimal
import functools
import multiprocessing.pool
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from tailrace import MarshallError, UnmarshallError
from tailrace.dropin import refusals
from tailrace.dropin.refusals import refusal
from tailrace.exceptions import UnmarshallTypeError, UnmarshallValueError

FAMILIES = {"unmarshall": UnmarshallError, "marshall": MarshallError}
SIGNALS = [decimal.Clamped, decimal.Inexact, decimal.InvalidOperation, decimal.Overflow, decimal.Rounded,
           decimal.Subnormal, decimal.Underflow, decimal.FloatOperation, decimal.DivisionByZero]  # fmt: skip


def raised(work: Callable[[], Any]) -> Exception:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is tested
        return error
    raise AssertionError("nothing was raised")


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - it was made here


def keys_of(value: Any) -> Any:
    return value.keys()


ERRORS: list[Exception] = [
    TypeError("Dynamodb type X is not supported"),
    TypeError(),
    TypeError("two", "arguments"),
    ValueError("argument must be a sequence of length 3"),
    OverflowError("too large"),
    RecursionError("maximum recursion depth exceeded"),
    RuntimeError("dictionary changed size during iteration"),
    KeyError("name"),
    IndexError("list index out of range"),
    raised(functools.partial(keys_of, 5)),
    raised(b"\xff".decode),
    raised("\ud800".encode),
    raised(lambda: {[]: 1}),  # type: ignore[dict-item]
    *(signal([signal]) for signal in SIGNALS),
]


@pytest.fixture(params=ERRORS, ids=lambda error: type(error).__name__)
def error(request: pytest.FixtureRequest) -> Exception:
    found: Exception = request.param
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_it_is_of_our_family_and_of_boto3s_class(family: Any, error: Exception) -> None:
    ours = refusal(family, error, ("lines", 0))
    assert isinstance(ours, FAMILIES[family])
    assert isinstance(ours, type(error))
    assert (str(ours), ours.args, ours.path) == (str(error), error.args, ("lines", 0))
    assert ours.sequence_number is None


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_it_is_the_same_when_copied_or_pickled(family: Any, error: Exception, again: Callable[[Any], Any]) -> None:
    ours = refusal(family, error, ("a",))
    other = again(ours)
    assert type(other) is type(ours)
    assert (str(other), other.args, other.path, other.message) == (str(ours), ours.args, ("a",), str(error))


def test_notes_travel_along() -> None:
    ours = refusal("unmarshall", TypeError("x"), ())
    ours.__notes__ = ["in the order of customer 5"]
    assert pickled(ours).__notes__ == ours.__notes__


def test_a_process_that_never_raised_one_can_read_one() -> None:
    """A worker sends its exception home by pickling it; home has never seen the class."""
    with multiprocessing.get_context("spawn").Pool(1) as pool, pytest.raises(decimal.Rounded) as caught:
        pool.apply(_raise_rounded)
    assert isinstance(caught.value, UnmarshallError)
    assert caught.value.path == ("price", "N")


def _raise_rounded() -> None:
    raise refusal("unmarshall", decimal.Rounded([decimal.Rounded]), ("price", "N"))


@pytest.mark.parametrize("family", FAMILIES)
def test_equal_kinds_have_one_class_found_by_its_name(family: Any, error: Exception) -> None:
    ours = type(refusal(family, error, ()))
    assert ours is type(refusal(family, type(error)(*error.args), ("elsewhere",)))
    assert getattr(refusals, ours.__name__) is ours
    assert pickled(ours) is ours


def test_names_that_are_no_class_are_not_found() -> None:
    for name in ("UnmarshallNothing", "TypeError", "Unmarshall", "Unmarshalldict", "MarshallMemoryError"):
        with pytest.raises(AttributeError, match=name):
            getattr(refusals, name)


def test_who_catches_a_wrong_type_or_value_of_ours_catches_boto3s_kind() -> None:
    assert isinstance(refusal("unmarshall", TypeError(), ()), UnmarshallTypeError)
    assert isinstance(refusal("unmarshall", raised(b"\xff".decode), ()), UnmarshallValueError)
    assert not isinstance(refusal("unmarshall", KeyError(), ()), UnmarshallTypeError | UnmarshallValueError)


def test_an_attribute_error_keeps_what_it_was_about() -> None:
    theirs = raised(functools.partial(keys_of, 5))
    ours = refusal("unmarshall", theirs, ())
    assert (ours.name, ours.obj) == ("keys", 5)  # type: ignore[attr-defined]
    assert pickled(ours).name == "keys"


def test_an_attribute_error_about_something_that_cannot_be_pickled_can_be() -> None:
    ours = refusal("unmarshall", raised(functools.partial(keys_of, lambda: 0)), ())
    assert str(pickled(ours)) == str(ours)


class Own(TypeError):
    """Somebody's exception, which may hold more than its text."""


@pytest.mark.parametrize(
    "untouched",
    [Own("x"), MemoryError(), ImportError("x"), OSError(2, "x"), KeyboardInterrupt(), SystemExit(1), StopIteration(),
     UnmarshallTypeError("x", path=("a",)), MarshallError("x")],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_what_is_not_boto3s_stays_what_it_is(untouched: BaseException) -> None:
    assert refusal("unmarshall", untouched, ("b",)) is untouched


def test_one_of_ours_is_not_wrapped_again() -> None:
    ours = refusal("unmarshall", TypeError("x"), ("a",))
    assert refusal("unmarshall", ours, ("b",)) is ours


def test_raising_it_shows_one_traceback() -> None:
    error = raised(_raise_rounded)
    assert error.__cause__ is error.__context__ is None
