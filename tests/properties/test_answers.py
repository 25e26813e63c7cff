"""Laws of answers: tailrace gives what botocore's parser gives, whatever the items, envelope and handwriting."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tailrace import UnmarshallError, loads
from tailrace.dropin.answers import OPERATIONS
from tests.properties.strategies import items, json_texts, keys, no_numbers, write
from tests.reference.api_answers import by_botocore, by_tailrace, native_by_tailrace, output
from tests.reference.exact import exact
from tests.reference.unmarshalling import item as plainly

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def values(shape: Any) -> st.SearchStrategy[Any]:
    """What may stand at a place of botocore's model: the right thing, with members missing, null, and unknown."""
    if shape.type_name == "map" and shape.value.name == "AttributeValue":
        return _true_nulls(items() if "Key" not in shape.name else keys())
    if shape.type_name == "structure":
        known = {name: values(member) | st.none() for name, member in shape.members.items()}
        unknown = st.dictionaries(st.text(max_size=5).filter(lambda name: name not in known), JUNK, max_size=1)
        return st.builds(lambda few, more: {**more, **few}, st.fixed_dictionaries({}, optional=known), unknown)
    if shape.type_name == "list":
        return st.lists(values(shape.member), max_size=3)
    if shape.type_name == "map":
        return st.dictionaries(st.text(max_size=5), values(shape.value), max_size=3)
    if shape.type_name == "timestamp":
        return st.integers(0, 2**33) | st.integers(0, 2**33).map(float) | st.floats(0, 2**31)
    return JUNK


def _true_nulls(wire: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return wire.map(_with_true_nulls)


def _with_true_nulls(value: Any) -> Any:
    """DynamoDB's NULL is true; another one is odd, and has tests of its own."""
    if isinstance(value, dict):
        return {
            name: _with_true_nulls(member) if member is not False or name != "NULL" else True
            for name, member in value.items()
        }
    return [_with_true_nulls(each) for each in value] if isinstance(value, list) else value


def answers() -> st.SearchStrategy[tuple[str, Any]]:
    return st.sampled_from(sorted(OPERATIONS)).flatmap(lambda name: st.tuples(st.just(name), values(output(name))))


@given(answers(), st.integers(0, 2**32))
def test_attribute_values_are_botocores(answer: tuple[str, Any], seed: int) -> None:
    operation, value = answer
    body = write(value, random.Random(seed)).encode("utf-8", "surrogatepass")
    try:
        ours = by_tailrace(operation, body)
    except UnmarshallError:
        ours = by_tailrace(operation, body, leave_odd=True)
    assert repr(ours) == repr(by_botocore(operation, body))


@given(json_texts(_true_nulls(items())))
def test_a_sound_item_is_not_left_to_botocore(written: tuple[Any, str]) -> None:
    wire, text = written
    body = f'{{"Items":[{text},{text}],"Count":2}}'.encode()
    assert repr(by_tailrace("Scan", body)) == repr(by_botocore("Scan", body))
    assert exact(native_by_tailrace("Scan", body)["Items"]) == exact([plainly(wire)] * 2)


@given(no_numbers())
def test_any_text_of_a_number_is_passed_on(text: str) -> None:
    body = json.dumps({"Item": {"a": {"N": text}, "b": {"NS": [text]}}}).encode()
    assert repr(by_tailrace("GetItem", body)) == repr(by_botocore("GetItem", body))


@given(st.lists(json_texts(_true_nulls(items())), max_size=4))
def test_loads_reads_each_item_as_it_reads_one(written: list[tuple[Any, str]]) -> None:
    texts = [text for _, text in written]
    wanted = [loads(text) for text in texts]
    assert exact(loads(f"[{','.join(texts)}]", shape="items")) == exact(wanted)
    assert exact(loads(f'{{"Items":[{",".join(texts)}]}}', shape="answer")) == exact({"Items": wanted})
    lines = [f'{{"Item":{text}}}'.replace("\n", " ").replace("\r", " ") for text in texts]
    assert exact(loads("\n".join(lines), shape="export")) == exact([{"Item": item} for item in wanted])


@given(answers(), st.data())
def test_a_spoilt_body_is_botocores_or_an_error(answer: tuple[str, Any], data: st.DataObject) -> None:
    """One byte changed: either both read the same, or tailrace leaves it."""
    operation, value = answer
    body = bytearray(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    assert _outcome(by_tailrace, operation, bytes(body), leave_odd=True) == _outcome(
        by_botocore, operation, bytes(body)
    )


def _outcome(read: Any, *arguments: Any, **options: Any) -> str:
    try:
        return repr(read(*arguments, **options))
    except Exception as error:  # noqa: BLE001 - which one is what is compared
        return f"{type(error).__name__}: {error}"
