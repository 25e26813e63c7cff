"""boto3 made fast in place: its own two classes get tailrace's methods."""

from __future__ import annotations

import threading
import warnings

from tailrace import _core
from tailrace.dropin.internals import own_methods
from tailrace.environment import is_disabled
from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["install", "uninstall"]

_METHODS = {"TypeDeserializer": "deserialize", "TypeSerializer": "serialize"}
_lock = threading.Lock()
# (class, name of the method) -> (boto3's function, ours)
_replaced: dict[tuple[type, str], tuple[object, object]] = {}


def install() -> bool:
    """Make boto3's TypeDeserializer and TypeSerializer fast, and with them every resource and Table.

    The classes stay what they are and their methods ``deserialize`` and ``serialize`` are replaced, so names imported
    earlier, subclasses with methods of their own, and resources already made are fast too. Calling it again changes
    nothing. A number that DynamoDB holds and boto3 cannot read back (over 38 written digits) is read exactly.

    With ``TAILRACE_DISABLE=1`` in the environment it does nothing: a way back without a deployment.

    Returns:
        Whether both methods are tailrace's now. False when disabled, or where somebody has replaced a method before:
        that one is left alone, with a RuntimeWarning.

    Raises:
        ImportError: boto3 is not installed.
        TailraceError: this boto3 is not one that tailrace knows; nothing was changed.

    Example:
        >>> from tailrace import dropin
        >>> dropin.install()
        True
        >>> from boto3.dynamodb.types import TypeDeserializer
        >>> TypeDeserializer().deserialize({"NS": ["1.50"]})
        {Decimal('1.50')}
        >>> dropin.uninstall()
        True
    """
    if is_disabled():
        return False
    types = _boto3_types()
    with _lock:
        ours = {target: _method(types, target[0]) for target in _targets(types) if not _is_replaced(target)}
        for target, method in ours.items():
            if method is not None:
                _replace(target, method)
    foreign = [target for target, method in ours.items() if method is None]
    _warn(foreign, "was replaced by somebody before")
    return not foreign


def uninstall() -> bool:
    """Give boto3's classes their own methods back.

    Returns:
        Whether boto3 is as it was. False where somebody has put a method of theirs in the place of tailrace's since:
        that one is left alone, with a RuntimeWarning.

    Example:
        >>> from tailrace import dropin
        >>> dropin.uninstall()
        True
    """
    with _lock:
        foreign = [target for target in list(_replaced) if not _restore(target)]
    _warn(foreign, "was replaced by somebody since")
    return not foreign


def _boto3_types() -> ModuleType:
    try:
        from boto3.dynamodb import types
    except ImportError as error:
        raise ImportError("dropin.install() makes boto3 fast, and there is no boto3 here: pip install boto3") from error
    return types


def _targets(types: ModuleType) -> list[tuple[type, str]]:
    return [(getattr(types, cls), name) for cls, name in _METHODS.items()]


def _is_replaced(target: tuple[type, str]) -> bool:
    """Whether the method is ours, or something that somebody put over ours."""
    cls, name = target
    return target in _replaced and vars(cls).get(name) is not _replaced[target][0]


def _method(types: ModuleType, cls: type) -> object:
    """Our method for boto3's class, or None where somebody else's stands."""
    try:
        known = own_methods(cls, vars(types))
    except TailraceError as error:
        raise TailraceError(_refused(error.message)) from None
    bind = _core.bind_deserializer if cls.__name__ == "TypeDeserializer" else _core.bind_serializer
    name = _METHODS[cls.__name__]
    return bind(cls, known)[name] if name in known else None


def _refused(reason: str) -> str:
    from boto3 import __version__

    return (
        f"dropin.install() does not know the internals of boto3 {__version__}: {reason}. Nothing was changed. "
        f"A newer tailrace may know them; tailrace.TypeDeserializer works beside any boto3"
    )


def _replace(target: tuple[type, str], method: object) -> None:
    cls, name = target
    _replaced[target] = (vars(cls)[name], method)
    setattr(cls, name, method)


def _restore(target: tuple[type, str]) -> bool:
    cls, name = target
    theirs, ours = _replaced[target]
    if vars(cls).get(name) is ours:
        setattr(cls, name, theirs)
    if vars(cls).get(name) is not theirs:
        return False
    del _replaced[target]
    return True


def _warn(foreign: list[tuple[type, str]], what: str) -> None:
    for cls, name in foreign:
        text = f"boto3's {cls.__name__}.{name} {what}, and is left alone"
        warnings.warn(text, RuntimeWarning, stacklevel=3)
