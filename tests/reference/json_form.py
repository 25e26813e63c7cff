"""The JSON form of an item, from its Python values and in the plainest way."""

from __future__ import annotations

import base64
from decimal import Decimal
from fractions import Fraction
from typing import Any


def json_form(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: json_form(member) for name, member in value.items()}
    if isinstance(value, list):
        return [json_form(element) for element in value]
    if isinstance(value, set):
        return [json_form(member) for member in sorted(value)]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return _number(Fraction(value)) if isinstance(value, Decimal) else value


def _number(number: Fraction) -> Any:
    if Fraction(repr(float(number))) == number:
        return number.numerator if number.denominator == 1 else float(number)
    return {"N": _digits(number)}


def _digits(number: Fraction) -> str:
    """All its digits and no zero at the end, with an exponent where `str(Decimal)` writes one."""
    exponent = 0
    while number.denominator != 1:
        number, exponent = number * 10, exponent - 1
    digits = number.numerator
    while digits % 10 == 0:
        digits, exponent = digits // 10, exponent + 1
    return str(Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), exponent)))
