"""What one value of an event must be for a condition of a filter to hold, in the plainest way."""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.reference.filter_json import Digits, Number

Holds = Callable[[Any], bool]
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
IPV4 = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+", re.ASCII)
IPV6 = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# One character for one in Unicode 15.1, where older tables know only folds to several.
FOLDS_SINCE_15_1 = {"\u1fd3": "\u0390", "\u1fe3": "\u03b0", "\ufb05": "\ufb06"}


def is_text(value: Any, test: Callable[[str], bool]) -> bool:
    return isinstance(value, str) and test(value)


def equals(wanted: Any) -> Holds:
    """Kind and value; a text that looks like an IP address is compared as one."""
    address = ip_address(wanted) if isinstance(wanted, str) else None
    if address is not None:
        return lambda value: is_text(value, lambda text: ip_address(text) == address)
    if isinstance(wanted, Number):
        return lambda value: isinstance(value, (Number, Digits)) and value.value == wanted.value
    if isinstance(wanted, str):
        return exactly(wanted)
    return lambda value: type(value) is type(wanted) and value == wanted


def exactly(wanted: str) -> Holds:
    return lambda value: isinstance(value, str) and value == wanted


def prefix(wanted: str) -> Holds:
    return lambda value: is_text(value, lambda text: text.startswith(wanted))


def suffix(wanted: str) -> Holds:
    return lambda value: is_text(value, lambda text: text.endswith(wanted))


def equals_ignore_case(wanted: str) -> Holds:
    return lambda value: is_text(value, lambda text: fold(text) == fold(wanted))


def prefix_ignore_case(wanted: str) -> Holds:
    return lambda value: is_text(value, lambda text: fold(text).startswith(fold(wanted)))


def suffix_ignore_case(wanted: str) -> Holds:
    return lambda value: is_text(value, lambda text: fold(text).endswith(fold(wanted)))


def fold(text: str) -> str:
    """Unicode's simple case folding: one character for one."""
    return "".join(map(_fold_character, text))


@cache
def _fold_character(character: str) -> str:
    """Python folds fully, to several characters where it must; one for one is then its lower case, if that is one."""
    since = FOLDS_SINCE_15_1.get(character)
    if since is not None:
        return since
    for folded in (character.casefold(), character.lower()):
        if len(folded) == 1:
            return folded
    return character


def wildcard(wanted: str) -> Holds:
    """A star stands for any text, also none. Raises ValueError for two stars in a row and for other escapes."""
    pieces = wildcard_pieces(wanted)
    pattern = re.compile(".*".join(map(re.escape, pieces)), re.DOTALL)
    return lambda value: is_text(value, lambda text: pattern.fullmatch(text) is not None)


def wildcard_pieces(wanted: str) -> list[str]:
    """The texts between the stars."""
    pieces, after_star, rest = [""], False, iter(wanted)
    for character in rest:
        if character == "*":
            if after_star:
                raise ValueError("two stars in a row")
            pieces.append("")
        elif character == "\\":
            escaped = next(rest, "")
            if escaped not in ("*", "\\"):
                raise ValueError("only a star and a backslash can be escaped")
            pieces[-1] += escaped
        else:
            pieces[-1] += character
        after_star = character == "*"
    return pieces


def wildcard_ignore_case(wanted: str) -> Holds:
    holds = wildcard(fold(wanted))
    return lambda value: is_text(value, lambda text: holds(fold(text)))


def regex(wanted: str) -> Holds:
    """The expression describes the text from its start to its end. Raises ValueError."""
    try:
        pattern = re.compile(wanted)
    except re.error as error:
        raise ValueError(str(error)) from error
    return lambda value: is_text(value, lambda text: pattern.fullmatch(text) is not None)


def numeric(*terms: tuple[str, Number]) -> Holds:
    """All comparisons hold."""
    return lambda value: (
        isinstance(value, (Number, Digits))
        and all(COMPARISONS[word](value.value, bound.value) for word, bound in terms)
    )


def none_of(conditions: list[Holds]) -> Holds:
    return lambda value: not any(holds(value) for holds in conditions)


def all_of(conditions: list[Holds]) -> Holds:
    return lambda value: all(holds(value) for holds in conditions)


def ip_address(text: str) -> Address | None:
    """The address that a text looks like and is. An IPv4 address inside IPv6 is that address; zeros may lead."""
    try:
        if IPV4.fullmatch(text):
            if len(text) > 15:
                return None
            return ipaddress.IPv4Address(bytes(int(part) for part in text.split(".")))
        if IPV6.fullmatch(text):
            address = ipaddress.IPv6Address(":".join(_short(group) for group in text.split(":")))
            return address.ipv4_mapped or address
    except ValueError:
        pass
    return None


def _short(group: str) -> str:
    """Java reads any number of leading zeros, Python four digits."""
    return (group.lstrip("0") or "0") if group else ""


def cidr(wanted: str) -> Holds:
    """An address of the same family with the same first bits. Raises ValueError."""
    parts = wanted.rstrip("/").split("/")
    if len(parts) != 2 or not re.fullmatch(r"[+-]?[0-9]+", parts[1]):
        raise ValueError("no address/bits")
    base, bits = ip_address(parts[0]), int(parts[1])
    if base is None or not 0 <= bits < base.max_prefixlen:
        raise ValueError("no address, or too many bits")
    network = ipaddress.ip_network((base, bits), strict=False)
    return lambda value: is_text(value, lambda text: ip_address(text) in network if ip_address(text) else False)
