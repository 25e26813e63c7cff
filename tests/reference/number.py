"""N in the plainest way: a grammar, and Decimal for all else.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import re
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal

# Python's \d knows the digits of every script, and `$` a newline: neither is meant.
_GRAMMAR = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?0*[0-9]{1,6})?")
_WITHOUT_ROUNDING = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX)
MAXIMUM_DIGITS = 38
LOWEST, HIGHEST = -130, 125


def is_number(text: str) -> bool:
    """Whether DynamoDB can hold it: at most 38 significant digits, 1E-130 to 9.99...E+125."""
    if not _GRAMMAR.fullmatch(text):
        return False
    value = decimal_of(text)
    if not value:
        return True
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    return len(digits) <= MAXIMUM_DIGITS and LOWEST <= value.adjusted() <= HIGHEST


def decimal_of(text: str) -> Decimal:
    """The number as it is written, zeros and exponent kept."""
    return Decimal(text)


def by_value(text: str) -> Decimal:
    """One form for all spellings of a number: no zeros at the end, and no sign of zero."""
    return _WITHOUT_ROUNDING.normalize(decimal_of(text)) or Decimal(0)
