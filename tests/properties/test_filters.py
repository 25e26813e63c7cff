"""Laws of what is told of filters: an explanation never says anything but what matching says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any, Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tailrace import Batch, Explanation, FilterCriteria, FilterPatternError
from tests.differential.filter_cases import Case, case
from tests.differential.filter_extensions import extended_case
from tests.reference.filter_json import Members, has_name_twice, read

Dialect = Literal["lambda", "eventbridge", "extended"]
DIALECTS: tuple[Dialect, ...] = ("lambda", "eventbridge", "extended")


def drawn(rng: Random, dialect: Dialect) -> tuple[Case, FilterCriteria]:
    made = extended_case(rng) if dialect == "extended" else case(rng)
    try:
        return made, FilterCriteria([made.pattern], dialect=dialect)
    except FilterPatternError:
        assume(False)
        raise


def roads(event: str) -> Iterator[Any]:
    """The event as bytes and as objects, and, where it is a record, as one of a batch made of either."""
    objects = json.loads(event, parse_float=Decimal)
    yield event.encode()
    yield objects
    if "eventName" in objects and isinstance(objects.get("dynamodb"), dict):
        yield Batch.from_event({"Records": [objects]})[0]
        # An image of a batch is taken for one in which nothing stands twice.
        if not any(map(has_name_twice, images(read(event)))):
            yield Batch.from_event(f'{{"Records":[{event}]}}')[0]


def images(event: Members) -> Iterator[Any]:
    changes = (change for name, change in event if name == "dynamodb" and isinstance(change, Members))
    return (image for change in changes for name, image in change if name in ("Keys", "NewImage", "OldImage"))


def is_sound(explanation: Explanation) -> bool:
    """Whether the verdicts of the parts lead to those of the whole."""
    (told,) = explanation.to_dict()["filters"]
    shown = [alternative["matches"] for alternative in told["alternatives"]]
    for alternative in told["alternatives"]:
        if alternative["matches"] and not all(path["matches"] for path in alternative["paths"]):
            return False
    if told["alternative_count"] == len(shown) and any(shown) is not told["matches"]:
        return False
    return explanation.matches is told["matches"] and any(shown) <= told["matches"]


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=150)
@given(seed=st.integers(0, 2**64))
def test_the_verdict_of_an_explanation_is_that_of_matches(dialect: Dialect, seed: int) -> None:
    made, criteria = drawn(Random(seed), dialect)
    for event in made.events:
        for form in roads(event):
            explanation = criteria.explain(form)
            assert explanation.matches is criteria.matches(form), (made.pattern, event, type(form))
            assert is_sound(explanation), (made.pattern, event, type(form))
            assert str(explanation).startswith(f"filter 0: {'match' if explanation.matches else 'no match'}")
            assert json.loads(json.dumps(explanation.to_dict()))["matches"] is explanation.matches
