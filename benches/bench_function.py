"""Whole Lambda functions: a full batch, routed by filters and compared where it matters; Powertools' way of reading."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from benches import corpus, rival
from benches.measure import Timed
from benches.row import SHARE, Row, Scale, compare
from tailrace import Record, StreamHandler

CORPUS = "a_flat"
BYTES_GOALS, DICT_GOALS, ORJSON_GOALS, POWERTOOLS_GOALS = (12.0, 30.0), (4.0, 8.0), (0.5, 0.15), (8.0, 15.0)
# About a tenth of the records are wanted: an account that was closed, a group of users; none was deleted.
CLOSED = {"dynamodb": {"NewImage": {"status": {"S": ["SUSPENDED"]}, "is_active": {"BOOL": [False]}}}}
GROUP = {"dynamodb": {"NewImage": {"email": {"S": [{"prefix": "zoe."}]}}}}
ORDINARY = "boto3 for every record + Python"
CAREFUL = "Python on the wire, boto3 for what is wanted"
Goals = tuple[float | None, float | None]
NO_GOALS: Goals = (None, None)
# By SequenceNumber the names of the attributes that changed.
Take = Callable[[Any, Any], None]
Changes = dict[str | None, frozenset[Any]]


def rows(scale: Scale) -> Iterator[Row]:
    event = corpus.event(CORPUS, scale.full_batch_count[CORPUS])
    body = corpus.dumps(event)
    yield _routed(
        "bytes", body, lambda: _by_items(json.loads(body)["Records"]), f"json.loads + {ORDINARY}", BYTES_GOALS
    )
    yield _routed("dict", event, lambda: _by_items(event["Records"]), ORDINARY, DICT_GOALS)
    yield _routed("bytes", body, lambda: _by_wire(json.loads(body)["Records"]), f"json.loads + {CAREFUL}", NO_GOALS)
    yield _routed("dict", event, lambda: _by_wire(event["Records"]), CAREFUL, NO_GOALS)
    yield _parsing(body)
    yield _powertools(corpus.event(CORPUS, scale.record_count))


def _routed(road: str, event: Any, theirs: Timed, against: str, goals: Goals) -> Row:
    must, stretch = goals
    function = Function()
    return compare(
        f"routed by 3 filters, a tenth compared, {road}",
        CORPUS,
        against,
        lambda: function(event),
        theirs,
        must=must,
        stretch=stretch,
    )


def _parsing(body: bytes) -> Row:
    must, stretch = ORJSON_GOALS
    function = Function()
    return compare(
        "routed by 3 filters, a tenth compared, bytes",
        CORPUS,
        "orjson.loads and nothing else",
        lambda: function(body),
        lambda: orjson.loads(body),
        answers=(lambda: function(body), lambda: _by_items(orjson.loads(body)["Records"])),
        unit=SHARE,
        must=must,
        stretch=stretch,
    )


class Function:
    """The function as one writes it with tailrace."""

    def __init__(self) -> None:
        self.found: Changes = {}
        self.app = StreamHandler()
        self.app.modify(self.compare, where=CLOSED)
        self.app.modify(self.compare, where=GROUP)
        self.app.remove(self.compare)

    def compare(self, record: Record) -> None:
        changes = record.diff
        assert changes is not None
        self.found[record.sequence_number] = changes.attributes

    def __call__(self, event: Any) -> Changes:
        self.found = {}
        assert self.app(event) == {"batchItemFailures": []}
        return self.found


def _by_items(records: list[dict[str, Any]]) -> Changes:
    """Each record's images become items, which are then looked at: how most functions are written."""
    found: Changes = {}
    for record in records:
        if record["eventName"] == "MODIFY":
            change = record["dynamodb"]
            old, new = rival.unmarshalled(change["OldImage"]), rival.unmarshalled(change["NewImage"])
            if (new["status"] == "SUSPENDED" and not new["is_active"]) or new["email"].startswith("zoe."):
                found[change["SequenceNumber"]] = frozenset(path[0] for path in rival.changes(old, new))
    return found


def _by_wire(records: list[dict[str, Any]]) -> Changes:
    """The wire is looked at first, and only what is wanted becomes items."""
    found: Changes = {}
    for record in records:
        change = record["dynamodb"]
        if record["eventName"] == "MODIFY" and _is_wanted(change["NewImage"]):
            old, new = rival.unmarshalled(change["OldImage"]), rival.unmarshalled(change["NewImage"])
            found[change["SequenceNumber"]] = frozenset(path[0] for path in rival.changes(old, new))
    return found


def _is_wanted(image: Mapping[str, Any]) -> bool:
    closed = image["status"].get("S") == "SUSPENDED" and image["is_active"].get("BOOL") is False
    return closed or image["email"].get("S", "").startswith("zoe.")


def _powertools(event: dict[str, Any]) -> Row:
    must, stretch = POWERTOOLS_GOALS
    return compare(
        "both images of every record, dict",
        CORPUS,
        "Powertools' BatchProcessor and DynamoDBRecord",
        lambda: _by_tailrace(event, _forget),
        lambda: _by_powertools(event, _forget),
        answers=(lambda: _images(_by_tailrace, event), lambda: _images(_by_powertools, event)),
        must=must,
        stretch=stretch,
    )


def _images(read: Callable[[dict[str, Any], Take], None], event: dict[str, Any]) -> list[Any]:
    images: list[Any] = []
    read(event, lambda old, new: images.append((old, new)))
    return images


def _forget(old: object, new: object) -> None:
    pass


def _by_tailrace(event: dict[str, Any], take: Take) -> None:
    app = StreamHandler()
    app.on(lambda record: take(record.old_image, record.new_image))
    app(event)


def _by_powertools(event: dict[str, Any], take: Take) -> None:
    def handle(record: DynamoDBRecord) -> None:
        change = record.dynamodb
        assert change is not None
        take(change.old_image, change.new_image)

    processor = BatchProcessor(event_type=EventType.DynamoDBStreams)
    process_partial_response(event=event, record_handler=handle, processor=processor, context=None)
