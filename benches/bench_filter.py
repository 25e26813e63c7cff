"""Filters: the records of an event held against patterns, as dicts and as bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson

from benches import corpus, ruler, walker
from benches.row import SHARE, Row, Scale, compare, compare_each
from tailrace import Batch, FilterCriteria

Record = dict[str, Any]
Matches = Callable[[Record], bool]
Goals = tuple[float | None, float | None]

# What each corpus is asked: two texts of one attribute, which a third to a half of the records have.
WANTED = {"a_flat": ("ACTIVE", "PENDING"), "b_nested": ("PAID", "DONE")}
LAMBDA, WALKER = "a lambda for this pattern", "a Python interpreter"
LAMBDA_GOALS: Goals = (1.2, 2.5)
WALKER_GOALS: Goals = (6.0, 9.0)
ORJSON_GOALS: dict[str, Goals] = {"a_flat": (15.0, 29.0), "b_nested": (30.0, 56.0)}
RULER_GOALS = {"dicts": (6.0, 12.0), "bytes": (4.0, 10.0)}
# Of the time of one filter.
TEN_FILTERS_GOALS: Goals = (3.0, None)
FILTER_COUNT = 10
HOT_SHARE = 10
RULER_CORPUS = "a_flat"


def rows(scale: Scale) -> Iterator[Row]:
    for name in WANTED:
        records = corpus.event(name, scale.record_count)["Records"]
        yield from _on_dicts(name, records)
        yield from _on_bytes(name, [corpus.dumps(record) for record in records])
        yield from _ten(name, records)
    yield from _rulers(corpus.event(RULER_CORPUS, scale.record_count)["Records"])


def _pattern(name: str) -> Record:
    return {"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"status": {"S": list(WANTED[name])}}}}


def _by_walker(name: str) -> Matches:
    pattern = _pattern(name)
    return lambda record: walker.matches(pattern, record)


def _by_hand(name: str) -> Matches:
    wanted = WANTED[name]
    return lambda record: (
        record["eventName"] == "MODIFY" and record["dynamodb"]["NewImage"]["status"].get("S") in wanted
    )


def _on_dicts(name: str, records: list[Record]) -> Iterator[Row]:
    """The interpreter gets few records, again and again, so that it does not wait for memory as a lambda does."""
    criteria = FilterCriteria(_pattern(name))
    few = records[: max(2, len(records) // HOT_SHARE)]
    yield _batch(name, LAMBDA, records, _by_hand(name), LAMBDA_GOALS)
    yield _batch(name, WALKER, few, _by_walker(name), WALKER_GOALS)
    for rival, matches in ((LAMBDA, _by_hand(name)), (WALKER, _by_walker(name))):
        yield compare_each(
            "criteria.matches(dict)", f"{name}, {len(few)} records", rival, criteria.matches, matches, inputs=few
        )


def _batch(data: str, rival: str, records: list[Record], matches: Matches, goals: Goals) -> Row:
    criteria, batch, (must, stretch) = FilterCriteria(_pattern(data)), Batch.from_event({"Records": records}), goals
    return compare(
        "Batch.matches, dicts",
        f"{data}, {len(records)} records",
        rival,
        lambda: batch.matches(criteria),
        lambda: list(map(matches, records)),
        must=must,
        stretch=stretch,
    )


def _on_bytes(name: str, texts: list[bytes]) -> Iterator[Row]:
    criteria, by_hand = FilterCriteria(_pattern(name)), _by_hand(name)
    body = b'{"Records":[' + b",".join(texts) + b"]}"
    must, stretch = ORJSON_GOALS[name]
    yield compare(
        "Batch.matches from the event's bytes",
        name,
        f"orjson.loads + {LAMBDA}",
        lambda: Batch.from_event(body).matches(criteria),
        lambda: list(map(by_hand, orjson.loads(body)["Records"])),
        must=must,
        stretch=stretch,
    )
    for rival, matches in ((LAMBDA, by_hand), (WALKER, _by_walker(name))):
        yield compare_each(
            "criteria.matches(bytes)",
            name,
            f"orjson.loads + {rival}",
            criteria.matches,
            lambda text, matches=matches: matches(orjson.loads(text)),  # type: ignore[misc] # as above
            inputs=texts,
            must=must,
            stretch=stretch,
        )


def _ten(name: str, records: list[Record]) -> Iterator[Row]:
    """Ten filters, of which only the last one matches; that one alone is the rival."""
    batches = {
        "dicts": Batch.from_event({"Records": records}),
        "bytes": Batch.from_event(corpus.dumps({"Records": records})),
    }
    one = FilterCriteria(_pattern(name))
    for of, others in _others(records[0]["dynamodb"]["NewImage"]).items():
        ten = FilterCriteria([*others, _pattern(name)], max_filters=FILTER_COUNT)
        for road, batch in batches.items():
            yield _ten_and_one(f"ten filters on {of}, {road}", name, batch, ten, one)


def _ten_and_one(product: str, name: str, batch: Batch, ten: FilterCriteria, one: FilterCriteria) -> Row:
    must, stretch = TEN_FILTERS_GOALS
    return compare(
        product,
        name,
        "one filter",
        lambda: batch.matches(ten),
        lambda: batch.matches(one),
        unit=SHARE,
        must=must,
        stretch=stretch,
    )


def _others(image: corpus.Item) -> dict[str, list[Record]]:
    """Nine filters that match no record: on the attribute of the tenth, and on others as far as there are."""
    paths = [path for path in _texts(image) if path != ("status",)]
    numbers = range(FILTER_COUNT - 1)
    return {
        "one attribute": [_nested(("status",), f"of no record: {number}") for number in numbers],
        "ten attributes": [_nested(paths[number % len(paths)], f"of no record: {number}") for number in numbers],
    }


def _texts(image: corpus.Item) -> Iterator[tuple[str, ...]]:
    """Paths of the texts of an image, those in maps included."""
    for name, value in image.items():
        if "S" in value:
            yield (name,)
        for path in _texts(value.get("M", {})):
            yield (name, "M", *path)


def _nested(path: tuple[str, ...], text: str) -> Record:
    pattern: Any = {"S": [text]}
    for name in reversed(path):
        pattern = {name: pattern}
    return {"eventName": ["MODIFY"], "dynamodb": {"NewImage": pattern}}


def _rulers(records: list[Record]) -> Iterator[Row]:
    """AWS's own matcher, which gets the JSON text of every record, as it wants it; where it has been fetched."""
    if not (ruler.JARS / "ready").exists():
        return
    pattern, texts = _pattern(RULER_CORPUS), [corpus.dumps(record) for record in records]
    criteria, batch = FilterCriteria(pattern), Batch.from_event({"Records": records})
    ours = {
        ("Batch.matches, dicts", "dicts"): lambda: batch.matches(criteria),
        ("criteria.matches(bytes)", "bytes"): lambda: list(map(criteria.matches, texts)),
    }
    for (product, road), timed in ours.items():
        yield ruler.row(product, timed, pattern, texts, RULER_GOALS[road])
