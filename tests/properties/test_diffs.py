"""Laws of what is made of a diff: patches lead from the old item to the new, updates name every change once."""

from __future__ import annotations

import json
import random
import re
from typing import Any

import jsonpatch
from hypothesis import given, settings
from hypothesis import strategies as st

from tailrace import ImageDiff, diff, diff_images, marshall, unmarshall
from tailrace.diffs.patch import json_form
from tailrace.testing import strategies as kit
from tests.reference import json_form as reference
from tests.reference.edits import Edits
from tests.reference.exact import exact

Pair = tuple[dict[str, Any], dict[str, Any]]
# Drawing whole items takes long.
fewer = settings(max_examples=60)


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """An item and what became of it, or two that have nothing to do with each other."""
    old, other = draw(kit.items()), draw(kit.items())
    # By chance a list is hardly ever long enough to lose two elements.
    old |= {"list": [*other.values(), {"inner": [*other.values()]}]}
    if draw(st.sampled_from((True, True, True, False))):
        return old, Edits(random.Random(draw(st.integers(0, 2**32))), [*old.values(), *other.values()]).item(old)
    return old, other


def on_the_wire(old: dict[str, Any] | None, new: dict[str, Any] | None, **options: Any) -> ImageDiff:
    return diff_images(*(None if item is None else marshall(item) for item in (old, new)), **options)


# What is made of a diff is the same whether its values are given or made anew of attribute values.
MAKERS = st.sampled_from((diff, on_the_wire))


def as_text(document: Any) -> str:
    """Told apart as JSON does: 1, 1.0 and true are equal in Python."""
    return json.dumps(document, sort_keys=True, allow_nan=False)


@fewer
@given(kit.items())
def test_the_json_form_is_that_of_the_reference_and_goes_through_json(item: dict[str, Any]) -> None:
    form = json_form(item)
    assert as_text(form) == as_text(reference.json_form(item))
    assert as_text(json.loads(as_text(form))) == as_text(form)


@fewer
@given(pairs(), MAKERS, st.sampled_from(("positional", "whole")), st.booleans())
def test_a_json_patch_leads_from_the_old_item_to_the_new(pair: Pair, make: Any, lists: str, test: bool) -> None:
    old, new = (reference.json_form(item) for item in pair)
    operations = json.loads(json.dumps(make(*pair, lists=lists).to_json_patch(test), allow_nan=False))
    assert as_text(jsonpatch.apply_patch(old, operations)) == as_text(new)


@fewer
@given(pairs(), MAKERS)
def test_a_json_patch_leads_back(pair: Pair, make: Any) -> None:
    old, new = (reference.json_form(item) for item in pair)
    assert as_text(jsonpatch.apply_patch(new, make(*pair[::-1]).to_json_patch())) == as_text(old)


@fewer
@given(kit.items(), MAKERS)
def test_an_item_against_nothing(item: dict[str, Any], make: Any) -> None:
    form = reference.json_form(item)
    assert as_text(jsonpatch.apply_patch({}, make(None, item).to_json_patch())) == as_text(form)
    assert jsonpatch.apply_patch(form, make(item, None).to_json_patch()) == {}


@fewer
@given(kit.items(), MAKERS, st.booleans())
def test_of_no_change_nothing_is_made(item: dict[str, Any], make: Any, option: bool) -> None:
    nothing = make(item, item)
    assert nothing.to_json_patch(test=option) == []
    assert nothing.to_update_expression(guard=option) == {}
    assert nothing.render(color=option) == ""
    assert nothing.to_dict() == {"changes": []}


@fewer
@given(pairs())
def test_each_change_is_a_line_that_a_terminal_shows_as_it_is(pair: Pair) -> None:
    found = diff(*pair)
    lines = found.render().split("\n") if found else []
    assert on_the_wire(*pair).render().replace("\n", "").isprintable()
    assert [line[0] for line in lines] == [{"added": "+", "removed": "-", "changed": "~"}[each.kind] for each in found]
    assert all(line.isprintable() for line in lines)
    assert len(set(lines)) == len(lines)


@fewer
@given(pairs(), MAKERS, st.booleans())
def test_an_update_uses_every_placeholder_and_no_name_of_its_own(pair: Pair, make: Any, guard: bool) -> None:
    request = make(*pair).to_update_expression(guard=guard)
    expressions = f"{request.get('UpdateExpression', '')} {request.get('ConditionExpression', '')}"
    placeholders = {*request.get("ExpressionAttributeNames", {}), *request.get("ExpressionAttributeValues", {})}
    assert set(re.findall(r"[#:]\w+", expressions)) == placeholders
    words = set(re.findall(r"(?<![#:\w])[A-Za-z_]+", expressions))
    assert words <= {"SET", "REMOVE", "ADD", "DELETE", "AND", "attribute_exists", "attribute_not_exists"}


@fewer
@given(pairs(), MAKERS)
def test_the_python_values_of_an_update_are_its_attribute_values(pair: Pair, make: Any) -> None:
    python = make(*pair).to_update_expression(guard=True)
    wire = make(*pair).to_update_expression(guard=True, values="attribute-values")
    assert {**python, "ExpressionAttributeValues": None} == {**wire, "ExpressionAttributeValues": None}
    values = python.get("ExpressionAttributeValues", {})
    assert exact(unmarshall(marshall(values))) == exact(values)
    assert unmarshall(wire.get("ExpressionAttributeValues", {})) == values
