"""What changed between the two images of a record, from the bytes and from the dicts that Lambda delivers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import deepdiff
import dictdiffer
import jsondiff

from benches import corpus, rival
from benches.row import SHARE, Row, Scale, compare
from tailrace import Batch, ImageDiff, diff, diff_images

BOTO3 = "boto3 + Python diff"
# (must, stretch), times faster, from dicts and from bytes.
BOTO3_GOALS = {"dicts": (12.0, 16.0), "bytes": (25.0, 40.0)}
RIVAL_GOALS = {
    "dictdiffer": {"dicts": (16.0, 20.0), "bytes": (35.0, 45.0)},
    "deepdiff": {"dicts": (250.0, 340.0), "bytes": (500.0, 760.0)},
    "jsondiff": {"dicts": (None, None), "bytes": (None, None)},
}
# The slow ones get fewer records.
RIVAL_RECORD_COUNT = {"dictdiffer": 1, "deepdiff": 20, "jsondiff": 1}
FEW_NAMES_COUNT, MANY_NAMES_COUNT = 100, 1000

Images = tuple[corpus.Item, corpus.Item]
Changes = dict[rival.Path, tuple[Any, Any]]


def rows(scale: Scale) -> Iterator[Row]:
    small = corpus.updates(scale.record_count)["Records"]
    yield from _records("2 of 18 attributes", small, BOTO3_GOALS)
    yield from _records("most attributes", corpus.event("b_nested", scale.record_count)["Records"], {})
    yield _natives(small)
    for name, attributes in RIVALS.items():
        yield from _rivals(name, attributes, small[: max(2, len(small) // RIVAL_RECORD_COUNT[name])])
    yield from _wide()


def _records(data: str, records: list[dict[str, Any]], goals: dict[str, tuple[float, float]]) -> Iterator[Row]:
    """Path and values of every change of a Batch that has been read, as when filters or routes looked at it before."""
    images = [_images(record) for record in records]
    for road, batch in _batches(records).items():
        must, stretch = goals.get(road, (None, None))
        yield compare(
            f"diffs of records, {road}",
            data,
            BOTO3,
            lambda batch=batch: _each(map(_parts, batch.diffs())),
            lambda: _each(rival.changes(*map(rival.unmarshalled, pair)) for pair in images),
            answers=(
                lambda batch=batch: [_told(each) for each in batch.diffs()],
                lambda: [rival.changes(*map(rival.unmarshalled, pair)) for pair in images],
            ),
            must=must,
            stretch=stretch,
        )


def _natives(records: list[dict[str, Any]]) -> Row:
    items = _items(records)
    return compare(
        "diff(old, new)",
        "2 of 18 attributes",
        "Python diff of the same",
        lambda: _each(_parts(diff(old, new)) for old, new in items),
        lambda: _each(rival.changes(old, new) for old, new in items),
        answers=(
            lambda: [_told(diff(old, new)) for old, new in items],
            lambda: [rival.changes(old, new) for old, new in items],
        ),
    )


def _rivals(
    name: str, attributes: Callable[[Any, Any], frozenset[Any]], records: list[dict[str, Any]]
) -> Iterator[Row]:
    """Each has the items as boto3 gives them; ours reads the wire. What is compared is which attributes changed."""
    items = _items(records)
    for road, batch in _batches(records).items():
        must, stretch = RIVAL_GOALS[name][road]
        yield compare(
            f"diffs of records, {road}",
            "2 of 18 attributes",
            f"{name}, items unmarshalled before",
            lambda batch=batch: _each(map(_parts, batch.diffs())),
            lambda: _each(attributes(old, new) for old, new in items),
            answers=(
                lambda batch=batch: [each.attributes for each in batch.diffs()],
                lambda: [attributes(old, new) for old, new in items],
            ),
            must=must,
            stretch=stretch,
        )


def _wide() -> Iterator[Row]:
    """The cost of a name must not grow with their number, whatever their order."""
    few, many = corpus.wide(FEW_NAMES_COUNT), corpus.wide(MANY_NAMES_COUNT)
    times = MANY_NAMES_COUNT // FEW_NAMES_COUNT
    for road, form in (("dicts", lambda item: item), ("bytes", corpus.dumps)):
        few_images, many_images = tuple(map(form, few)), tuple(map(form, many))
        yield compare(
            f"diff_images, {road}",
            f"{MANY_NAMES_COUNT} names in another order",
            f"{times} times {FEW_NAMES_COUNT} names",
            lambda images=many_images: diff_images(*images),
            lambda images=few_images: [diff_images(*images) for _ in range(times)],
            answers=(
                lambda images=many_images: len(diff_images(*images)),
                lambda images=few_images: times * len(diff_images(*images)),
            ),
            unit=SHARE,
            must=1.5,
        )


def _batches(records: list[dict[str, Any]]) -> dict[str, Batch]:
    event = {"Records": records}
    return {"dicts": Batch.from_event(corpus.fresh([event])[0]), "bytes": Batch.from_event(corpus.dumps(event))}


def _images(record: dict[str, Any]) -> Images:
    (fresh,) = corpus.fresh([record["dynamodb"]])
    return fresh["OldImage"], fresh["NewImage"]


def _items(records: list[dict[str, Any]]) -> list[Images]:
    return [(rival.unmarshalled(old), rival.unmarshalled(new)) for old, new in map(_images, records)]


def _each(answers: Iterable[object]) -> None:
    """Each answer is dropped before the next, as when records are handled one by one."""
    deque(answers, maxlen=0)


def _parts(made: ImageDiff) -> tuple[object, object, object]:
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
