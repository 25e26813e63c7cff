"""Hypothesis strategies for items and change records, up to the limits of DynamoDB.

They need the extra ``testing``, which installs Hypothesis.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from tailrace import Batch
from tailrace.testing.attribute_values import attribute_values as wire_values
from tailrace.testing.events import event_of_shape
from tailrace.testing.records import make_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tailrace import Record
    from tailrace.testing.events import Shape

__all__ = ["attribute_values", "events", "items", "keys", "records"]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_MAXIMUM_DIGITS = 38
_LOWEST_EXPONENT, _HIGHEST_EXPONENT = -130, 125
_MAXIMUM_DEPTH = 32
_LIMITS_OF_NUMBERS = tuple(
    map(
        Decimal,
        (
            "9.9999999999999999999999999999999999999E+125",
            "-9.9999999999999999999999999999999999999E+125",
            "1E-130",
            "-1E-130",
            "99999999999999999999999999999999999999",
            "-0.00000000000000000000000000000000000001",
            "12345678901234567890.123456789012345678",
            "1.50",
            "0",
        ),
    )
)
_ODD_TEXTS = ("S", "NULL", "a.b", "a[0]", "#n", ":v", '"', "\\", "\0", " ", "é", "e\u0301", "日本", "😀", "\u2028", "$")
_VIEWS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")
_TTL: Any = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def attribute_values() -> st.SearchStrategy[dict[str, Any]]:
    """Draw one attribute value in wire form, as in a Lambda event: B is base64 text.

    Returns:
        A strategy of dicts with one type tag.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html

    Example:
        >>> from hypothesis import find
        >>> from tailrace.testing.strategies import attribute_values
        >>> find(attribute_values(), lambda value: "N" in value)
        {'N': '0'}
    """
    return _values().map(lambda value: wire_values({"value": value})["value"])


def items() -> st.SearchStrategy[dict[str, Any]]:
    """Draw an item of Python values: numbers of 38 digits, nested 32 deep, odd names, empty text, sets.

    Returns:
        A strategy of dicts that ``make_record`` takes as images and that come back equal from a Record.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html

    Example:
        >>> from hypothesis import find
        >>> from tailrace.testing.strategies import items
        >>> find(items(), lambda item: True)
        {}
    """
    return st.dictionaries(_names(), _values(), max_size=5)


def keys() -> st.SearchStrategy[dict[str, Any]]:
    """Draw a primary key of one or two attributes: text, numbers or bytes, never empty.

    Returns:
        A strategy of dicts of Python values.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html

    Example:
        >>> from hypothesis import find
        >>> from tailrace.testing.strategies import keys
        >>> len(find(keys(), lambda key: True))
        1
    """
    value = st.one_of(st.text(min_size=1), _numbers(), st.binary(min_size=1))
    return st.dictionaries(_names(), value, min_size=1, max_size=2)


@st.composite
def records(draw: st.DrawFn, *, sequence_number: str | None = None, table_name: str = "table") -> Record:
    """Draw a change record: any event, any view of the stream, also by Time to Live, with and without its time.

    Args:
        draw: given by Hypothesis.
        sequence_number: drawn from 21 to 40 digits by default.
        table_name: the table.

    Returns:
        A strategy of Records.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html

    Example:
        >>> from hypothesis import find
        >>> from tailrace.testing.strategies import records
        >>> find(records(), lambda record: record.event_name == "REMOVE").new_image is None
        True
    """
    number = sequence_number or str(draw(_sequence_numbers()))
    key = draw(keys())
    event_name = draw(st.sampled_from(("INSERT", "MODIFY", "REMOVE")))
    record = make_record(
        keys=key,
        new_image=None if event_name == "REMOVE" else {**draw(items()), **key},
        old_image=None if event_name == "INSERT" else {**draw(items()), **key},
        event_name=event_name,
        event_id=f"{int(number):034x}",
        sequence_number=number,
        approximate_creation_time=draw(st.integers(1_000_000_000, 4_000_000_000)),
        stream_view_type=draw(st.sampled_from(_VIEWS)),
        table_name=table_name,
        user_identity=_TTL if event_name == "REMOVE" and draw(st.booleans()) else None,
    )
    return record if draw(st.booleans()) else _without_time(record)


@st.composite
def events(draw: st.DrawFn, *, shape: Shape = "lambda", min_size: int = 0, max_size: int = 8) -> Any:
    """Draw an event of records in the order of their numbers.

    Args:
        draw: given by Hypothesis.
        shape: what ``make_event`` takes.
        min_size: fewest records.
        max_size: most records.

    Returns:
        A strategy of events.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html

    Example:
        >>> from hypothesis import find
        >>> from tailrace.testing.strategies import events
        >>> find(events(), lambda event: True)
        {'Records': []}
    """
    numbers = draw(st.lists(_sequence_numbers(), min_size=min_size, max_size=max_size, unique=True))
    drawn = [draw(records(sequence_number=str(number))) for number in sorted(numbers)]
    return event_of_shape([record.to_dict() for record in drawn], shape)


def _without_time(record: Record) -> Record:
    wire = record.to_dict()
    del wire["dynamodb"]["ApproximateCreationDateTime"]
    return Batch.from_event({"Records": [wire]})[0]


def _sequence_numbers() -> st.SearchStrategy[int]:
    lengths = st.sampled_from((21, 40)) | st.integers(21, 40)
    return lengths.flatmap(lambda digits: st.integers(10 ** (digits - 1), 10**digits - 1))


def _names() -> st.SearchStrategy[str]:
    return st.sampled_from(_ODD_TEXTS) | st.text(min_size=1, max_size=20) | st.just("n" * 255)


def _numbers() -> st.SearchStrategy[Decimal]:
    # The limits themselves are drawn often: by chance a test would meet them once in ten thousand examples.
    return _any_number() | st.sampled_from(_LIMITS_OF_NUMBERS)


@st.composite
def _any_number(draw: st.DrawFn) -> Decimal:
    digits = draw(st.text("0123456789", min_size=1, max_size=_MAXIMUM_DIGITS)).lstrip("0")
    if not digits:
        return Decimal(0)
    written = len(digits) - 1
    exponent = draw(st.integers(_LOWEST_EXPONENT, _HIGHEST_EXPONENT) | st.integers(-3, 3).map(lambda e: e + written))
    sign = draw(st.booleans())
    return Decimal((int(sign), tuple(map(int, digits)), min(exponent, _HIGHEST_EXPONENT) - written))


@cache
def _values() -> st.SearchStrategy[Any]:
    texts = st.sampled_from(("", *_ODD_TEXTS)) | st.text()
    binaries = st.just(b"") | st.binary()
    numbers = _numbers()
    scalars = st.one_of(
        texts,
        numbers,
        binaries,
        st.booleans(),
        st.none(),
        st.sets(texts, min_size=1, max_size=3),
        st.sets(numbers, min_size=1, max_size=3),
        st.sets(binaries, min_size=1, max_size=3),
    )
    nested = st.recursive(
        scalars,
        lambda children: st.lists(children, max_size=3) | st.dictionaries(_names(), children, max_size=3),
        max_leaves=8,
    )
    # Each by itself too: `recursive` draws mostly containers, and hardly ever an empty one.
    return scalars | st.builds(list) | st.builds(dict) | nested | _deep(scalars)


@st.composite
def _deep(draw: st.DrawFn, scalars: st.SearchStrategy[Any]) -> Any:
    value = draw(scalars)
    name = draw(_names())
    levels = draw(st.integers(0, _MAXIMUM_DEPTH - 1) | st.just(_MAXIMUM_DEPTH - 1))
    for level in range(levels):
        value = [value] if level % 3 else {name: value}
    return value
