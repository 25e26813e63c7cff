"""What tailrace knows of boto3's two classes: which method does what, told by its code and not by a version number."""

from __future__ import annotations

from types import CodeType, FunctionType

from tailrace.exceptions import TailraceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["KNOWN", "fingerprint", "own_methods"]

# Class -> method -> fingerprint, the same in every boto3 from 1.28 to 1.44 under every Python.
KNOWN = {
    "TypeDeserializer": {
        "deserialize": "(self, value) ' is not supported' 'Dynamodb type ' 'Value must be a nonempty dictionary whose "
        "key is a valid dynamodb type.' '_deserialize_' AttributeError TypeError getattr keys list lower",
        "_deserialize_null": "(self, value)",
        "_deserialize_bool": "(self, value)",
        "_deserialize_n": "(self, value) DYNAMODB_CONTEXT create_decimal",
        "_deserialize_s": "(self, value)",
        "_deserialize_b": "(self, value) Binary",
        "_deserialize_ns": "(self, value) _deserialize_n map set",
        "_deserialize_ss": "(self, value) _deserialize_s map set",
        "_deserialize_bs": "(self, value) _deserialize_b map set",
        "_deserialize_l": "(self, value) deserialize",
        "_deserialize_m": "(self, value) deserialize items",
    },
    "TypeSerializer": {
        "serialize": "(self, value) '_serialize_' _get_dynamodb_type getattr lower",
        "_get_dynamodb_type": "(self, value) '\" for value \"' '\"' 'Unsupported type \"' BINARY BINARY_SET BOOLEAN "
        "LIST MAP NULL NUMBER NUMBER_SET STRING STRING_SET TypeError _is_binary _is_boolean _is_listlike _is_map "
        "_is_null _is_number _is_string _is_type_set type",
        "_is_null": "(self, value)",
        "_is_boolean": "(self, value) bool isinstance",
        "_is_number": "(self, value) 'Float types are not supported. Use Decimal types instead.' Decimal TypeError "
        "float int isinstance",
        "_is_string": "(self, value) isinstance str",
        "_is_binary": "(self, value) Binary bytearray bytes isinstance",
        "_is_set": "(self, value) Set collections_abc isinstance",
        "_is_type_set": "(self, value, type_validator) _is_set map",
        "_is_map": "(self, value) Mapping collections_abc isinstance",
        "_is_listlike": "(self, value) isinstance list tuple",
        "_serialize_null": "(self, value)",
        "_serialize_bool": "(self, value)",
        "_serialize_n": "(self, value) 'Infinity and NaN not supported' 'Infinity' 'NaN' DYNAMODB_CONTEXT TypeError "
        "create_decimal str",
        "_serialize_s": "(self, value)",
        "_serialize_b": "(self, value) Binary isinstance value",
        "_serialize_ss": "(self, value) _serialize_s",
        "_serialize_ns": "(self, value) _serialize_n",
        "_serialize_bs": "(self, value) _serialize_b",
        "_serialize_l": "(self, value) serialize",
        "_serialize_m": "(self, value) items serialize",
    },
}


def own_methods(cls: type, module: dict[str, object]) -> dict[str, FunctionType]:
    """The methods of one of boto3's classes that are boto3's, each of them known.

    Args:
        cls: ``TypeDeserializer`` or ``TypeSerializer``.
        module: the namespace of boto3.dynamodb.types. A function of another one is somebody's patch, and left out;
            that holds for a wrapper too which calls itself by the wrapped function's module.

    Returns:
        Name -> function.

    Raises:
        TailraceError: a method is missing, added, or is not the one that tailrace knows.
    """
    known = KNOWN.get(cls.__name__, {})
    if cls.__bases__ != (object,) or not known:
        raise TailraceError(f"{cls.__module__}.{cls.__qualname__} is not the class that tailrace knows")
    own = {name: value for name, value in vars(cls).items() if _is_of(value, module)}
    for name in sorted({*known, *own}):
        if name not in vars(cls):
            raise TailraceError(f"{cls.__name__}.{name} is missing")
        if name in own and fingerprint(own[name]) != known.get(name):
            raise TailraceError(f"{cls.__name__}.{name} is not the method that tailrace knows")
    return own


def fingerprint(function: FunctionType) -> str:
    """The arguments, names and texts of a function and of what is nested in it: alike under Python 3.10 to 3.14.

    Bytecode differs from one Python to the next, and so does where a comprehension's names stand; the words do not.

    Example:
        >>> fingerprint(lambda self, value: [self.read(v) for v in value.items()])
        '(self, value) items read'
    """
    code = function.__code__
    arguments = ", ".join(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    return " ".join([f"({arguments})", *sorted(set(_words(code, function.__doc__)))])


def _words(code: CodeType, docstring: str | None) -> Iterator[str]:
    yield from code.co_names
    yield from _texts(code.co_consts, docstring)


def _texts(constants: tuple[object, ...], docstring: str | None) -> Iterator[str]:
    for constant in constants:
        if isinstance(constant, CodeType):
            yield from _words(constant, docstring)
        elif isinstance(constant, tuple | frozenset):
            yield from _texts(tuple(constant), docstring)
        # Python 3.10 keeps the qualified name of a comprehension among the constants.
        elif isinstance(constant, str) and constant != docstring and "<locals>" not in constant:
            yield repr(constant)


def _is_of(value: object, module: dict[str, object]) -> bool:
    return isinstance(value, FunctionType) and value.__globals__ is module
