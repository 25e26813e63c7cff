"""What changed between the two images of a record, from the bytes and from the dicts that Lambda delivers."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import deepdiff
import dictdiffer  # type: ignore[import-untyped] # it has no stubs
import jsondiff  # type: ignore[import-untyped] # likewise

from benches import corpus, rival
from benches.row import SHARE, Row, Scale, compare
from tailrace import Batch, ImageDiff, diff, diff_images

Goals = tuple[float | None, float | None]
Record = dict[str, Any]
Images = tuple[corpus.Item, corpus.Item]
Changes = dict[rival.Path, tuple[Any, Any]]
Attributes = Callable[[Any, Any], frozenset[Any]]

BOTO3 = "boto3 + Python diff"
# (must, stretch), times faster, from dicts and from bytes.
BOTO3_GOALS: dict[str, Goals] = {"dicts": (12.0, 16.0), "bytes": (25.0, 40.0)}
RIVAL_GOALS: dict[str, dict[str, Goals]] = {
    "dictdiffer": {"dicts": (16.0, 20.0), "bytes": (35.0, 45.0)},
    "deepdiff": {"dicts": (250.0, 340.0), "bytes": (500.0, 760.0)},
    "jsondiff": {"dicts": (None, None), "bytes": (None, None)},
}
# The slow ones get fewer records.
RIVAL_RECORD_COUNT = {"dictdiffer": 1, "deepdiff": 20, "jsondiff": 1}
FEW_NAMES_COUNT, MANY_NAMES_COUNT = 100, 1000
# Of the time that linear growth would take.
WIDE_MUST = 1.5
SMALL = "2 of 18 attributes"


def rows(scale: Scale) -> Iterator[Row]:
    small = corpus.updates(scale.record_count)["Records"]
    yield from _records(SMALL, small, BOTO3_GOALS)
    yield from _records("most attributes", corpus.event("b_nested", scale.record_count)["Records"], {})
    yield _natives(small)
    for name, attributes in RIVALS.items():
        yield from _rivals(name, attributes, small[: max(2, len(small) // RIVAL_RECORD_COUNT[name])])
    yield _wide("dicts", lambda item: item)
    yield _wide("bytes", corpus.dumps)


def _records(data: str, records: list[Record], goals: dict[str, Goals]) -> Iterator[Row]:
    """Path and values of every change of a Batch that has been read, as when filters or routes looked at it before."""
    images = [_images(record) for record in records]
    for road, batch in _batches(records).items():
        yield _of_boto3(road, data, batch, images, goals.get(road, (None, None)))


def _of_boto3(road: str, data: str, batch: Batch, images: list[Images], goals: Goals) -> Row:
    must, stretch = goals
    return compare(
        f"diffs of records, {road}",
        data,
        BOTO3,
        lambda: _each(map(_parts, batch.diffs())),
        lambda: _each(_by_boto3(images)),
        answers=(
            lambda: [_told(made) for made in batch.diffs() if made is not None],
            lambda: list(_by_boto3(images)),
        ),
        must=must,
        stretch=stretch,
    )


def _by_boto3(images: list[Images]) -> Iterator[Changes]:
    return (rival.changes(rival.unmarshalled(old), rival.unmarshalled(new)) for old, new in images)


def _natives(records: list[Record]) -> Row:
    items = _items(records)
    return compare(
        "diff(old, new)",
        SMALL,
        "Python diff of the same",
        lambda: _each(_parts(diff(old, new)) for old, new in items),
        lambda: _each(rival.changes(old, new) for old, new in items),
        answers=(
            lambda: [_told(diff(old, new)) for old, new in items],
            lambda: [rival.changes(old, new) for old, new in items],
        ),
    )


def _rivals(name: str, attributes: Attributes, records: list[Record]) -> Iterator[Row]:
    """Each has the items as boto3 gives them; ours reads the wire. What is compared is which attributes changed."""
    for road, batch in _batches(records).items():
        yield _rival(name, attributes, road, batch, _items(records))


def _rival(name: str, attributes: Attributes, road: str, batch: Batch, items: list[Images]) -> Row:
    must, stretch = RIVAL_GOALS[name][road]
    return compare(
        f"diffs of records, {road}",
        SMALL,
        f"{name}, items unmarshalled before",
        lambda: _each(map(_parts, batch.diffs())),
        lambda: _each(attributes(old, new) for old, new in items),
        answers=(
            lambda: [made.attributes for made in batch.diffs() if made is not None],
            lambda: [attributes(old, new) for old, new in items],
        ),
        must=must,
        stretch=stretch,
    )


def _wide(road: str, form: Callable[[corpus.Item], Any]) -> Row:
    """The cost of a name must not grow with their number, whatever their order."""
    few = [form(item) for item in corpus.wide(FEW_NAMES_COUNT)]
    many = [form(item) for item in corpus.wide(MANY_NAMES_COUNT)]
    times = MANY_NAMES_COUNT // FEW_NAMES_COUNT
    return compare(
        f"diff_images, {road}",
        f"{MANY_NAMES_COUNT} names in another order",
        f"{times} times {FEW_NAMES_COUNT} names",
        lambda: diff_images(*many),
        lambda: _each(diff_images(*few) for _ in range(times)),
        answers=(lambda: len(diff_images(*many)), lambda: times * len(diff_images(*few))),
        unit=SHARE,
        must=WIDE_MUST,
    )


def _batches(records: list[Record]) -> dict[str, Batch]:
    body = corpus.dumps({"Records": records})
    return {"dicts": Batch.from_event(json.loads(body)), "bytes": Batch.from_event(body)}


def _images(record: Record) -> Images:
    (fresh,) = corpus.fresh([record["dynamodb"]])
    return fresh["OldImage"], fresh["NewImage"]


def _items(records: list[Record]) -> list[Images]:
    return [(rival.unmarshalled(old), rival.unmarshalled(new)) for old, new in map(_images, records)]


def _each(answers: Iterable[object]) -> None:
    """Each answer is dropped before the next, as when records are handled one by one."""
    deque(answers, maxlen=0)


def _parts(made: ImageDiff | None) -> tuple[object, object, object]:
    assert made is not None
    return made.added, made.removed, made.changed


def _told(made: ImageDiff) -> Changes:
    """In the form of the rival."""
    return {change.path: (change.old, change.new) for change in made}


def _of_dictdiffer(old: Any, new: Any) -> frozenset[str]:
    return frozenset(
        name
        for kind, path, values in dictdiffer.diff(old, new, dot_notation=False)
        for name in ([path[0]] if path else [each[0] for each in values])
    )


def _of_deepdiff(old: Any, new: Any) -> frozenset[str]:
    return frozenset(deepdiff.DeepDiff(old, new).affected_root_keys)


def _of_jsondiff(old: Any, new: Any) -> frozenset[str]:
    return frozenset(jsondiff.diff(old, new, syntax="symmetric"))


RIVALS = {"dictdiffer": _of_dictdiffer, "deepdiff": _of_deepdiff, "jsondiff": _of_jsondiff}
