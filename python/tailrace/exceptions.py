"""Every error tailrace raises: plain Python classes that can be pickled.

Each says what is wrong, where (``path`` inside the record) and in which record (``sequence_number``).
The extension looks the classes up here when it raises for the first time.
"""

from __future__ import annotations

__all__ = [
    "EventFormatError",
    "FilterPatternError",
    "HandlerError",
    "MarshallError",
    "MarshallTypeError",
    "MarshallValueError",
    "ModelError",
    "Quarantine",
    "SinkError",
    "TailraceError",
    "UnmarshallError",
    "UnmarshallTypeError",
    "UnmarshallValueError",
]


class TailraceError(Exception):
    """Root of the family: ``except TailraceError`` catches all that tailrace raises by itself.

    Args:
        message: what is wrong and how to mend it.
        path: where in the input, outermost first: attribute names and list positions, such as
            ``("dynamodb", "NewImage", "lines", "L", 0)``. Empty when it is the input itself.
        sequence_number: the SequenceNumber of the record, where one is known.

    Example:
        >>> error = TailraceError("too deep", path=("lines", 0), sequence_number="42")
        >>> str(error)
        'too deep (at lines[0], SequenceNumber 42)'
    """

    def __init__(
        self,
        message: str = "",
        *,
        path: tuple[str | int, ...] = (),
        sequence_number: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = tuple(path)
        self.sequence_number = sequence_number

    def __str__(self) -> str:
        where = []
        if self.path:
            where.append(f"at {_path_text(self.path)}")
        if self.sequence_number is not None:
            where.append(f"SequenceNumber {self.sequence_number}")
        return f"{self.message} ({', '.join(where)})" if where else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.path, self.sequence_number), self.__dict__)


class UnmarshallError(TailraceError):
    """An attribute value cannot be read. Raised as one of the two subclasses below.

    Example:
        >>> from tailrace import unmarshall
        >>> unmarshall({"price": {"N": "12 EUR"}})
        Traceback (most recent call last):
        tailrace.exceptions.UnmarshallValueError: ...
    """


class UnmarshallTypeError(UnmarshallError, TypeError):
    """The shape is wrong: an unknown type tag, no descriptor at all, a payload of another type."""


class UnmarshallValueError(UnmarshallError, ValueError):
    """The shape is right and the value is not: a bad number, base64, UTF-8, JSON, or too deep."""


class MarshallError(TailraceError):
    """A Python value cannot be written as an attribute value. Raised as one of the two subclasses below.

    Example:
        >>> from tailrace import marshall
        >>> marshall({"id": "a", "price": 0.1})
        Traceback (most recent call last):
        tailrace.exceptions.MarshallTypeError: ...
    """


class MarshallTypeError(MarshallError, TypeError):
    """The type is none that DynamoDB has: a float, a datetime, a set of different types, a name that is no str."""


class MarshallValueError(MarshallError, ValueError):
    """The type is right and the value is not: too many digits, NaN, an empty set, half a surrogate pair, too deep."""


class EventFormatError(TailraceError, ValueError):
    """The input is no batch of DynamoDB change records, or a record in it is malformed.

    Example:
        >>> from tailrace import Batch
        >>> Batch.from_event({"Records": [{"eventSource": "aws:s3"}]})
        Traceback (most recent call last):
        tailrace.exceptions.EventFormatError: ...
    """


class FilterPatternError(TailraceError, ValueError):
    """A filter pattern is refused, and why: AWS itself gives no reason.

    Args:
        message: what is wrong with the pattern and how to mend it.
        path: where in the pattern, outermost first, such as ``("eventName", 0, "prefix")``.
        sequence_number: None.
        aws_message: the text that AWS gives for such a pattern; None where AWS takes it or its text is not known.
        line: the line of the pattern's text, from 1; None when it came as an object.
        column: the character of that line, from 1; None when it came as an object.
        operator: the operator at hand, such as ``"numeric"``.
        found: what stands there.
        allowed: what may stand there.
        suggestion: what may have been meant.
        filter_index: which of several filters, from 0.

    Example:
        >>> from tailrace import FilterCriteria
        >>> FilterCriteria('{"eventName": [{"perfix": "MOD"}]}')
        Traceback (most recent call last):
        tailrace.exceptions.FilterPatternError: "perfix" is no operator: did you mean "prefix"? (at ...)
    """

    def __init__(
        self,
        message: str = "",
        *,
        path: tuple[str | int, ...] = (),
        sequence_number: str | None = None,
        aws_message: str | None = None,
        line: int | None = None,
        column: int | None = None,
        operator: str | None = None,
        found: str | None = None,
        allowed: tuple[str, ...] = (),
        suggestion: str | None = None,
        filter_index: int | None = None,
    ) -> None:
        super().__init__(message, path=path, sequence_number=sequence_number)
        self.aws_message = aws_message
        self.line = line
        self.column = column
        self.operator = operator
        self.found = found
        self.allowed = tuple(allowed)
        self.suggestion = suggestion
        self.filter_index = filter_index

    @property
    def reason(self) -> str:
        """What is wrong, without the place."""
        return self.message

    def __str__(self) -> str:
        where = []
        if self.filter_index is not None:
            where.append(f"in filter {self.filter_index}")
        if self.path:
            where.append(f"at {_path_text(self.path)}")
        if self.line is not None:
            where.append(f"line {self.line}, column {self.column}")
        return f"{self.message} ({', '.join(where)})" if where else self.message


class HandlerError(TailraceError):
    """A batch failed in a way that the answer to Lambda cannot express: the invocation must fail.

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.testing import make_event
        >>> app = StreamHandler(report="raise")
        >>> @app.insert
        ... def refuse(record):
        ...     raise RuntimeError("no")
        >>> app(make_event([{"id": "a"}]))
        Traceback (most recent call last):
        tailrace.exceptions.HandlerError: ...
    """


class ModelError(TailraceError, ValueError):
    """An image is not what the ``model=`` of a route takes; it says which attributes, and quotes no value of them.

    A function that is given as ``model=`` may raise it itself: then it is its text that is logged.

    Example:
        >>> from tailrace import StreamHandler
        >>> from tailrace.testing import make_event
        >>> app = StreamHandler(report="raise")
        >>> def with_plan(item):
        ...     if "plan" not in item:
        ...         raise ModelError("plan missing")
        ...     return item
        >>> @app.insert(model=with_plan)
        ... def welcome(record):
        ...     print("welcome")
        >>> try:
        ...     app(make_event([{"id": "a"}]))
        ... except HandlerError as error:
        ...     print(error.__cause__)
        new_image is not what model=with_plan takes: plan missing (at new_image, SequenceNumber ...)
    """


class SinkError(TailraceError):
    """A sink could not store a record.

    Example:
        >>> from tailrace.sinks import Deadline, SqliteReplica
        >>> from tailrace.testing import make_record
        >>> SqliteReplica("no/such/folder/replica.db").write([make_record(new_image={"id": "a"})], deadline=Deadline())
        Traceback (most recent call last):
        tailrace.exceptions.SinkError: ...
    """


class Quarantine(TailraceError):
    """Raise it in a handler to set the record aside in the quarantine store and go on.

    Args:
        reason: why, in words for whoever opens the quarantine.

    Example:
        >>> raise Quarantine("no such customer")
        Traceback (most recent call last):
        tailrace.exceptions.Quarantine: no such customer
    """

    @property
    def reason(self) -> str:
        """The reason given."""
        return self.message


def _rebuild(
    cls: type[TailraceError], message: str, path: tuple[str | int, ...], sequence_number: str | None
) -> TailraceError:
    return cls(message, path=path, sequence_number=sequence_number)


def _path_text(path: tuple[str | int, ...]) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
