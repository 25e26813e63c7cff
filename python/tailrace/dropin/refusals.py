"""Exceptions that are ours and boto3's: of our family, of the class that boto3 raises, with boto3's text."""

from __future__ import annotations

import builtins
import decimal

from tailrace import exceptions
from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    Family = Literal["unmarshall", "marshall"]

__all__ = ["refusal"]

_FAMILIES: dict[str, type[TailraceError]] = {
    "unmarshall": exceptions.UnmarshallError,
    "marshall": exceptions.MarshallError,
}
# Where our family tells a wrong type from a wrong value, those who catch that catch boto3's kind too.
_NARROWER: list[type[TailraceError]] = [
    exceptions.UnmarshallTypeError,
    exceptions.UnmarshallValueError,
    exceptions.MarshallTypeError,
    exceptions.MarshallValueError,
]
# The modules whose exceptions boto3 and Python raise at a value. A class from elsewhere is the caller's own.
_HOMES = {"builtins": builtins, "decimal": decimal}
# What they raise at a value. A full memory or a missing module is no fault of the value.
_OF_VALUES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_classes: dict[tuple[str, type[Exception]], type[Exception]] = {}


def refusal(family: Family, error: BaseException, path: tuple[str | int, ...]) -> BaseException:
    """Make the exception that stands for one of boto3's.

    Args:
        family: ``"unmarshall"`` or ``"marshall"``.
        error: what boto3 raises at this value.
        path: where in the value, outermost first: attribute names and list positions.

    Returns:
        An exception of ``UnmarshallError`` or ``MarshallError`` and of the class of ``error``, with its ``args`` and
        its text, and with ``path``. The error itself, if it is of our family already, of the caller's own making, or
        not about a value (such as MemoryError).

    Example:
        >>> error = refusal("unmarshall", TypeError("Dynamodb type X is not supported"), ("lines", 0))
        >>> isinstance(error, TypeError), str(error), error.path
        (True, 'Dynamodb type X is not supported', ('lines', 0))
    """
    if not isinstance(error, _OF_VALUES) or isinstance(error, TailraceError) or not _is_pythons_own(type(error)):
        return error
    return _make(family, type(error), error.args, {**_fields(error), "message": str(error), "path": tuple(path)})


class _Refusal(TailraceError):
    """What the classes made here share: the text is the message alone, since callers compare it with boto3's."""

    made_of: tuple[Family, type[Exception]]

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        # The object of an AttributeError is whatever the caller had, and need not be one that can be pickled.
        state = {name: value for name, value in {**_fields(self), **self.__dict__}.items() if name != "obj"}
        return (_make, (*self.made_of, self.args, state))


def _make(family: Family, cls: type[Exception], args: tuple[object, ...], state: dict[str, object]) -> Exception:
    error = _class(family, cls).__new__(_class(family, cls), *args)
    # Exceptions like UnicodeDecodeError keep their arguments in fields of their own.
    cls.__init__(error, *args)
    for name, value in {"sequence_number": None, **state}.items():
        setattr(error, name, value)
    return error


def _class(family: Family, cls: type[Exception]) -> type[Exception]:
    key = (family, cls)
    if key not in _classes:
        name = f"{family.capitalize()}{cls.__name__}"
        made = type(name, (_Refusal, _family(family, cls), cls), {"__module__": __name__, "made_of": key})
        # Of two threads the first one's class counts: `except` compares classes by identity.
        _classes.setdefault(key, made)
    return _classes[key]


def _family(family: Family, cls: type[Exception]) -> type[TailraceError]:
    root = _FAMILIES[family]
    return next((narrower for narrower in _NARROWER if issubclass(narrower, root) and _fits(narrower, cls)), root)


def _fits(narrower: type[TailraceError], cls: type[Exception]) -> bool:
    return any(issubclass(cls, base) for base in narrower.__bases__ if not issubclass(base, TailraceError))


def _is_pythons_own(cls: type[BaseException]) -> bool:
    return getattr(_HOMES.get(cls.__module__), cls.__name__, None) is cls


def _fields(error: Exception) -> dict[str, object]:
    """What an AttributeError knows besides its arguments."""
    return {name: getattr(error, name) for name in ("name", "obj") if isinstance(error, AttributeError)}


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """The classes by name, so that a pickled class is found again: ``UnmarshallTypeError``, ``MarshallRounded``."""
        for family in _FAMILIES:
            own = name.removeprefix(family.capitalize())
            for home in _HOMES.values():
                cls = getattr(home, own, None)
                if own != name and isinstance(cls, type) and issubclass(cls, _OF_VALUES):
                    return _class(family, cls)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
