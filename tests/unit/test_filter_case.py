"""Letter case in filters is Unicode's simple case folding, over all planes, and the same both ways."""

from __future__ import annotations

import unicodedata

from tailrace import FilterCriteria
from tests.reference.filter_values import fold

# All that this Python's Unicode knows, but halves of surrogate pairs.
KNOWN = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]


def is_alike(wanted: str, found: str) -> bool:
    criteria = FilterCriteria({"a": [{"equals-ignore-case": wanted}]})
    return criteria.matches({"a": found})


def test_every_character_is_like_its_fold() -> None:
    for start in range(0, len(KNOWN), 1000):
        text = "".join(KNOWN[start : start + 1000])
        assert is_alike(text, fold(text)), f"{text[0]!r} and on"
        assert is_alike(fold(text), text), f"{text[0]!r} and on"


def test_characters_that_fold_apart_are_apart() -> None:
    """Of each character with those that some mapping takes it to, one for one."""
    for character in KNOWN:
        others = {character.lower(), character.upper(), character.title(), character.casefold()} - {character}
        for other in (other for other in others if len(other) == 1):
            assert is_alike(character, other) is (fold(character) == fold(other)), (character, other)


def test_no_text_of_several_characters_is_one() -> None:
    apart = [("\u00df", "ss"), ("\ufb01", "fi"), ("\u0130", "i\u0307"), ("\u0149", "\u02bcn"), ("\u0131", "i")]
    for one, other in apart:
        assert not is_alike(one, other)
        assert not is_alike(other, one)


def test_characters_whose_capitals_are_several_are_alike() -> None:
    """One for one since Unicode 15.1."""
    for one, other in [("\u1fd3", "\u0390"), ("\u1fe3", "\u03b0"), ("\ufb05", "\ufb06")]:
        assert is_alike(one, other)
        assert is_alike(other, one)
