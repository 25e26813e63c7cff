"""The seeds of fuzzing through Python: what the core reads there is what Python gets, and nothing crashes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tailrace import (
    Batch,
    FilterCriteria,
    FilterPatternError,
    Record,
    TailraceError,
    UnmarshallError,
    diff,
    diff_images,
    loads,
    unmarshall,
)
from tests.reference import unmarshalling
from tests.reference.exact import exact
from tests.reference.plain_diff import held, plain_diff

DIALECTS = ("lambda", "eventbridge", "extended")
CORPUS = Path(__file__).resolve().parents[2] / "fuzz" / "corpus"
ATTRIBUTES = (
    "sequence_number", "event_id", "event_name", "event_source_arn", "table_name", "aws_region", "stream_view_type",
    "size_bytes", "approximate_creation_time", "user_identity", "is_ttl_delete", "keys", "new_image", "old_image",
)  # fmt: skip


def seeds(target: str) -> list[Path]:
    return sorted((CORPUS / target).iterdir())


def test_every_target_has_seeds() -> None:
    assert all(len(seeds(target)) > 20 for target in ("item", "event", "number", "diff", "pattern", "matches"))


@pytest.mark.parametrize("seed", seeds("item"), ids=lambda seed: seed.name)
def test_an_item_is_read_or_refused(seed: Path) -> None:
    text = seed.read_bytes()
    if _taken(loads, text):
        assert exact(loads(text)) == exact(unmarshalling.item_from_json(text))
        assert exact(unmarshall(json.loads(text))) == exact(loads(text))
    _agrees_with_name(seed, _taken(loads, text))


@pytest.mark.parametrize("seed", seeds("item"), ids=lambda seed: seed.name)
@pytest.mark.parametrize(
    ("shape", "around"), [("items", b"[{},%s]"), ("answer", b'{"Item":%s}'), ("export", b'{}\n{"Item":%s}')]
)
def test_an_item_among_others_is_the_same(seed: Path, shape: Any, around: bytes) -> None:
    text = seed.read_bytes()
    if shape == "export" and b"\n" in text:
        pytest.skip("an item of an export stands in one line")
    among: Any = around.replace(b"%s", text)
    alone = _taken(loads, text)
    assert _taken(lambda data: loads(data, shape=shape), among) == alone
    if alone:
        read: Any = loads(among, shape=shape)
        member = read if shape == "answer" else read[1]
        assert exact(member if shape == "items" else member["Item"]) == exact(loads(text))


@pytest.mark.parametrize("seed", seeds("number"), ids=lambda seed: seed.name)
def test_a_number_is_read_or_refused(seed: Path) -> None:
    texts = seed.read_bytes().decode("utf-8", "surrogateescape").split("\n")
    taken = [_taken(unmarshall, {"n": {"N": text}}) for text in texts]
    for text, read in zip(texts, taken, strict=True):
        if read:
            assert exact(unmarshall({"n": {"N": text}})) == exact(unmarshalling.item({"n": {"N": text}}))
    _agrees_with_name(seed, all(taken))


@pytest.mark.parametrize("seed", seeds("event"), ids=lambda seed: seed.name)
def test_an_event_is_read_or_refused(seed: Path) -> None:
    text = seed.read_bytes()
    _agrees_with_name(seed, _all_is_read(text))
    try:
        objects = json.loads(text)
    except ValueError:
        return
    # As objects it has no members twice any more: what of them was wrong is not seen, and nothing else may be.
    if _all_is_read(text):
        assert _all_is_read(objects)
        assert _values(objects) == _values(text)


@pytest.mark.parametrize("seed", seeds("diff"), ids=lambda seed: seed.name)
def test_two_items_are_compared_or_refused(seed: Path) -> None:
    old, _, new = seed.read_bytes().partition(b"\n")
    taken = _taken(loads, old) and _taken(loads, new)
    _agrees_with_name(seed, taken)
    if not taken:
        _ = _taken(lambda texts: diff_images(*texts).changed, (old, new))
        return
    reference = plain_diff(loads(old), loads(new))
    objects = json.loads(old), json.loads(new)
    for found in (
        diff_images(old, new), diff_images(*objects), diff_images(old, objects[1]), diff_images(objects[0], new),
        diff(loads(old), loads(new)),
    ):  # fmt: skip
        assert [(each.path, each.kind, held(each.old), held(each.new)) for each in found] == [
            (each.path, each.kind, held(each.old), held(each.new)) for each in reference
        ]
        assert held(found.apply(loads(old))) == held(loads(new))


@pytest.mark.parametrize("seed", seeds("pattern"), ids=lambda seed: seed.name)
def test_a_pattern_is_taken_or_refused(seed: Path) -> None:
    text = seed.read_bytes()
    taken = [dialect for dialect in DIALECTS if _criteria(text, dialect) is not None]
    _agrees_with_name(seed, bool(taken))
    try:
        tree = json.loads(text, parse_float=Decimal, object_pairs_hook=_once)
    except ValueError:
        return
    # A list of patterns is one as objects only.
    if isinstance(tree, dict):
        assert [dialect for dialect in DIALECTS if _criteria(tree, dialect) is not None] == taken


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("seed", seeds("matches"), ids=lambda seed: seed.name)
def test_a_filter_answers_the_same_for_text_and_objects(seed: Path, dialect: Any) -> None:
    pattern, _, event = seed.read_bytes().partition(b"\n")
    criteria = _criteria(pattern, dialect)
    try:
        objects = json.loads(event, parse_float=Decimal, object_pairs_hook=_once)
    except ValueError:
        return
    if criteria is not None:
        assert _match(criteria, objects) == _match(criteria, event) == _match(criteria, event.decode())


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names stand once: a dict holds no others."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name stands twice")
    return members


def _criteria(pattern: Any, dialect: Any) -> FilterCriteria | None:
    try:
        return FilterCriteria(pattern, dialect=dialect)
    except FilterPatternError:
        return None


def _match(criteria: FilterCriteria, event: Any) -> bool | None:
    try:
        return criteria.matches(event)
    except TailraceError:
        return None


def _all_is_read(event: Any) -> bool:
    """False for an event that is refused, or one of whose records is in part."""
    try:
        values = _values(event)
    except TailraceError:
        return False
    return not any(isinstance(value, Exception) for record in values for value in record.values())


def _values(event: Any) -> list[dict[str, Any]]:
    return [{name: _value(record, name) for name in ATTRIBUTES} for record in Batch.from_event(event)]


def _value(record: Record, name: str) -> Any:
    try:
        return exact(getattr(record, name))
    except TailraceError as error:
        return None if "the record has no Keys" in str(error) else error


def _taken(read: Any, data: Any) -> bool:
    try:
        read(data)
    except UnmarshallError:
        return False
    return True


def _agrees_with_name(seed: Path, taken: bool) -> None:
    assert seed.name.startswith(("good-" if taken else "bad-", "found-"))
