"""Every error tailrace raises: plain Python classes that can be pickled.

Each says what is wrong, where (``path`` inside the record) and in which record (``sequence_number``).
The extension looks the classes up here when it raises for the first time.
"""

from __future__ import annotations

__all__ = [
    "EventFormatError",
    "HandlerError",
    "MarshallError",
    "MarshallTypeError",
    "MarshallValueError",
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
