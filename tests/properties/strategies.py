"""What Hypothesis draws for the core: the wire as any sender may write it, up to DynamoDB's limits and past them.

``tailrace.testing.strategies`` draws Python values, and the wire has one spelling for each. Here every spelling counts:
of numbers, of JSON, of Unicode.
"""

from __future__ import annotations

import base64
import json
import random
from functools import cache
from typing import Any

from hypothesis import strategies as st

from tests.reference.one_record import ARN

MAXIMUM_DIGITS, LOWEST, HIGHEST = 38, -130, 125
ODD = ("S", "N", "BOOL", "", " ", "\0", "\x1f", "\x7f", '"', "\\", "\\u0041", "a.b", "é", "e\u0301", "日本",
       "\U0001f600", "\u2028", "\ufeff", "\uffff", "\U0010ffff", "x" * 63, "x" * 64, "é" * 40, "n" * 255)  # fmt: skip


def texts() -> st.SearchStrategy[str]:
    return st.sampled_from(ODD) | st.text(max_size=80)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A number that DynamoDB can hold, in one of its spellings."""
    digits = draw(st.text("0123456789", min_size=1, max_size=MAXIMUM_DIGITS))
    if not digits.strip("0"):
        return draw(st.sampled_from(("0", "-0", "+0.000", "0E+5", ".0", "0.", "00", "0e-200")))
    significant = digits.strip("0")
    magnitude = draw(st.integers(LOWEST, HIGHEST) | st.integers(-3, 40))
    return draw(st.sampled_from(("", "-", "+"))) + draw(_spellings(significant, magnitude))


def _spellings(digits: str, magnitude: int) -> st.SearchStrategy[str]:
    """The same value written in different ways; ``magnitude`` is the power of ten of its first digit."""
    zeros = st.integers(0, 4).map(lambda count: "0" * count)
    shift = magnitude - len(digits) + 1
    plain = digits + "0" * shift if shift >= 0 else _with_point(digits, -shift)
    pointed = st.builds(lambda front, back: front + _with_tail(plain, back), zeros, zeros)
    exponent = st.builds(
        lambda at, mark, pad: _with_exponent(digits, at, magnitude + 1 - at, mark, pad),
        st.integers(0, len(digits)),
        st.sampled_from(("e", "E", "e+", "E+")),
        zeros,
    )
    return pointed | exponent


def _with_point(digits: str, fraction: int) -> str:
    padded = digits.rjust(fraction + 1, "0")
    return f"{padded[:-fraction]}.{padded[-fraction:]}"


def _with_tail(plain: str, zeros: str) -> str:
    return plain + zeros if "." in plain else plain + ("." + zeros if zeros else "")


def _with_exponent(digits: str, at: int, power: int, mark: str, pad: str) -> str:
    """``mark`` is E in its two sizes, with a plus sign or without."""
    point = "." if at < len(digits) else ""
    mark = f"{mark[0]}-" if power < 0 else mark
    return f"{digits[:at]}{point}{digits[at:]}{mark}{pad}{abs(power)}"


def no_numbers() -> st.SearchStrategy[str]:
    """Text that may or may not be a number, with what makes the difference."""
    return st.text("0123456789+-.eE_ naN٣\0", max_size=60) | st.from_regex(
        r"[+-]?[0-9]{0,45}(\.[0-9]{0,45})?([eE][+-]?[0-9]{0,8})?", fullmatch=True
    )


def base64_texts() -> st.SearchStrategy[str]:
    return st.binary(max_size=60).map(lambda data: base64.b64encode(data).decode("ascii"))


def _tagged(tag: str, payloads: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return payloads.map(lambda payload: {tag: payload})


@cache
def scalars() -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        _tagged("S", texts()),
        _tagged("N", numbers()),
        _tagged("B", base64_texts()),
        _tagged("BOOL", st.booleans()),
        _tagged("NULL", st.booleans()),
        _tagged("SS", st.lists(texts(), max_size=4)),
        _tagged("NS", st.lists(numbers(), max_size=4)),
        _tagged("BS", st.lists(base64_texts(), max_size=4)),
    )


@cache
def attribute_values() -> st.SearchStrategy[dict[str, Any]]:
    """An attribute value of any type, and now and then nested to the limit."""
    nested = st.recursive(
        scalars(),
        lambda inner: (
            _tagged("L", st.lists(inner, max_size=4)) | _tagged("M", st.dictionaries(texts(), inner, max_size=4))
        ),
        max_leaves=10,
    )
    return nested | _deep()


@st.composite
def _deep(draw: st.DrawFn) -> dict[str, Any]:
    value: Any = draw(scalars())
    # 31 levels are what DynamoDB stores, 127 what is read.
    for in_list in draw(st.lists(st.booleans(), max_size=31) | st.lists(st.booleans(), max_size=127)):
        value = {"L": [value]} if in_list else {"M": {"a": value}}
    return {**value}


def items() -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(texts(), attribute_values(), max_size=6)


def keys() -> st.SearchStrategy[dict[str, Any]]:
    value = _tagged("S", texts()) | _tagged("N", numbers()) | _tagged("B", base64_texts())
    return st.dictionaries(texts(), value, min_size=1, max_size=2)


@st.composite
def json_texts(draw: st.DrawFn, values: st.SearchStrategy[Any]) -> tuple[Any, str]:
    """A value and one of the many texts that mean it: blanks, escapes and order as they come."""
    value = draw(values)
    return value, write(value, random.Random(draw(st.integers(0, 2**32))))


def write(value: Any, by: random.Random) -> str:
    """JSON in the handwriting of a stranger."""
    if isinstance(value, dict):
        members = [f"{_string(name, by)}{_blank(by)}:{_blank(by)}{write(member, by)}" for name, member in value.items()]
        return _bracketed("{", members, "}", by)
    if isinstance(value, list):
        return _bracketed("[", [write(element, by) for element in value], "]", by)
    return _string(value, by) if isinstance(value, str) else json.dumps(value)


def _bracketed(opening: str, parts: list[str], closing: str, by: random.Random) -> str:
    comma = f"{_blank(by)},{_blank(by)}"
    return f"{opening}{_blank(by)}{comma.join(parts)}{_blank(by)}{closing}"


def _blank(by: random.Random) -> str:
    return by.choice(("", "", "", " ", "\n", "\t \r\n"))


_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _string(text: str, by: random.Random) -> str:
    return f'"{"".join(_character(each, by) for each in text)}"'


def _character(each: str, by: random.Random) -> str:
    must = each < " " or each in '"\\'
    if each in _SHORT and by.random() < 0.5:
        return _SHORT[each]
    if must or by.random() < 0.1:
        units = each.encode("utf-16-be")
        digits = [f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)]
        return "".join(unit.upper().replace("\\U", "\\u") if by.random() < 0.5 else unit for unit in digits)
    return each


@st.composite
def records(draw: st.DrawFn, sequence_number: str | None = None) -> dict[str, Any]:
    """A complete change record in Lambda's wire shape; what may be absent sometimes is."""
    key = draw(keys())
    event_name = draw(st.sampled_from(("INSERT", "MODIFY", "REMOVE")))
    images = {
        "NewImage": {} if event_name == "REMOVE" else {**draw(items()), **key},
        "OldImage": {} if event_name == "INSERT" else {**draw(items()), **key},
    }
    kept = draw(st.sets(st.sampled_from(tuple(images))))
    change = {
        "ApproximateCreationDateTime": draw(times()),
        "Keys": key,
        **{name: image for name, image in images.items() if image and name in kept},
        "SequenceNumber": sequence_number or draw(sequence_numbers()),
        "SizeBytes": draw(st.integers(0, 10**7)),
        "StreamViewType": draw(st.sampled_from(("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"))),
    }
    record = {
        "eventID": draw(st.text("0123456789abcdef", min_size=32, max_size=32)),
        "eventName": event_name,
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "dynamodb": change,
        "eventSourceARN": ARN,
    }
    if event_name == "REMOVE" and draw(st.booleans()):
        record["userIdentity"] = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    return record


def times() -> st.SearchStrategy[float]:
    """Whole seconds, as DynamoDB's streams send them."""
    return st.integers(0, 9_999_999_999).map(float)


def sequence_numbers(digits: int = 40) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=1, max_size=digits)
