"""Whether a function takes Lambda's context as well: decided once, when it is registered, by its signature."""

from __future__ import annotations

import sys
from types import FunctionType, MethodType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    # The names that can be given by position, how many of them must be, whether any number can be, and the names that
    # must be given by keyword.
    _Signature = tuple[tuple[str, ...], int, bool, tuple[str, ...]]

__all__ = ["takes_context"]

_CO_VARARGS = 0x04  # inspect.CO_VARARGS; inspect itself is a slow import
_CONTEXT_NAMES = ("context", "lambda_context")
_SELF_NAMES = ("self", "cls")


def takes_context(function: Any, *given: str) -> bool:
    """Whether a function is called with Lambda's context behind what every handler gets.

    It is if it has one more parameter without a default, or one that is called ``context`` or ``lambda_context``. Any
    other parameter with a default keeps that. A decorator that takes whatever it is given is asked for what it wraps; a
    function that does so, or whose signature cannot be read, gets no context.

    Args:
        function: what is to be called.
        given: the names of what every handler gets.

    Returns:
        Whether it gets the context.

    Raises:
        TypeError: it cannot be called like that.

    Example:
        >>> takes_context(lambda record: None, "record"), takes_context(lambda record, context: None, "record")
        (False, True)
    """
    signature = _signature(function)
    if signature is None:
        return False
    names, required_count, takes_any, required_keywords = signature
    count = len(given)
    too_few = len(names) < count and not takes_any
    if too_few or required_count > count + 1 or required_keywords:
        raise _refusal(function, given, names, required_keywords)
    if required_count > count and (names[0] in _SELF_NAMES or names[count] in given):
        raise TypeError(
            f"{function!r} would be called with ({', '.join(given)}, context): register a method of an object, not that"
            " of its class, and let what every handler gets come first"
        )
    extra = names[count] if len(names) > count else None
    return required_count > count or extra in _CONTEXT_NAMES


def _signature(function: Any) -> _Signature | None:
    if isinstance(function, MethodType):
        return _bound(_signature(function.__func__))
    if type(function) is FunctionType and not hasattr(function, "__signature__"):
        if function.__code__.co_flags & _CO_VARARGS and hasattr(function, "__wrapped__"):
            return _signature(function.__wrapped__)
        return _of_code(function)
    return _inspected(function)


def _bound(signature: _Signature | None) -> _Signature | None:
    """Without ``self``."""
    if signature is None or not signature[0]:
        return signature
    names, required_count, takes_any, required_keywords = signature
    return names[1:], max(required_count - 1, 0), takes_any, required_keywords


def _of_code(function: FunctionType) -> _Signature:
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    return (
        names,
        len(names) - len(function.__defaults__ or ()),
        bool(code.co_flags & _CO_VARARGS),
        tuple(name for name in keywords if name not in (function.__kwdefaults__ or {})),
    )


def _inspected(function: Any) -> _Signature | None:
    """For all else that can be called: partials, classes, objects, functions written in C."""
    import inspect

    options: dict[str, Any] = {}
    if sys.version_info >= (3, 14):  # annotations are not asked for, and may name what only type checkers know
        from annotationlib import Format

        options["annotation_format"] = Format.STRING
    try:
        parameters = list(inspect.signature(function, **options).parameters.values())
    except (ValueError, TypeError):  # a function written in C that does not say what it takes, or an AsyncMock on 3.10
        return None
    positional = [each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    keywords = [each for each in parameters if each.kind is each.KEYWORD_ONLY]
    return (
        tuple(each.name for each in positional),
        sum(each.default is each.empty for each in positional),
        any(each.kind is each.VAR_POSITIONAL for each in parameters),
        tuple(each.name for each in keywords if each.default is each.empty),
    )


def _refusal(
    function: Any, given: tuple[str, ...], names: tuple[str, ...], required_keywords: tuple[str, ...]
) -> TypeError:
    written = [*names, *(["*", *required_keywords] if required_keywords else [])]
    called = getattr(function, "__qualname__", type(function).__qualname__)
    alone, with_context = ", ".join(given), ", ".join((*given, "context"))
    return TypeError(
        f"{called}({', '.join(written)}) cannot be a handler here: it is called with ({alone}), or with"
        f" ({with_context}) if it takes one more"
    )
