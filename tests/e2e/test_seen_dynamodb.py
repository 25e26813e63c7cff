"""DynamoDBSeen against DynamoDB Local: marks, claims, crashes between effect and mark, two invocations at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tailrace import Batch, Record, SinkError, StreamHandler
from tailrace.idempotency import DynamoDBSeen
from tailrace.sinks import SqliteQuarantine
from tailrace.testing import make_event
from tests.e2e.servers.dynamodb_local import DynamoDBLocal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

DONE: dict[str, list[Any]] = {"batchItemFailures": []}
EVENT = make_event([{"id": name} for name in "abcd"])
HOURS_25_S = 25 * 3600
MARKS: list[Any] = ["after", "before"]


@pytest.fixture(scope="module")
def client(dynamodb_local: DynamoDBLocal) -> Any:
    return dynamodb_local.client()


@pytest.fixture
def table(client: Any) -> Iterator[str]:
    name = f"seen-{uuid.uuid4().hex}"
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    client.delete_table(TableName=name)


@pytest.fixture
def made(client: Any, table: str) -> Callable[..., DynamoDBSeen]:
    return lambda name="app", **options: DynamoDBSeen(table, name=name, client=client, **options)


def rows(client: Any, table: str) -> list[dict[str, Any]]:
    return list(client.scan(TableName=table, ConsistentRead=True)["Items"])


def expire(client: Any, table: str, **values: int) -> None:
    """Set numbers of all rows, as time would."""
    for row in rows(client, table):
        row.update({name: {"N": str(value)} for name, value in values.items()})
        client.put_item(TableName=table, Item=row)


def reported(position: int, event: Any = EVENT) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": event["Records"][position]["dynamodb"]["SequenceNumber"]}]}


def handler(store: Any, got: list[str], **options: Any) -> StreamHandler:
    app = StreamHandler(idempotency=store, **options)

    @app.on()
    def keep(record: Record) -> None:
        got.append(record.keys["id"])

    return app


@pytest.mark.parametrize("mark", MARKS)
def test_another_environment_does_not_run_what_was_handled(
    made: Callable[..., DynamoDBSeen], client: Any, table: str, mark: Any
) -> None:
    got: list[str] = []
    for _ in range(2):
        assert handler(made(mark=mark), got)(EVENT) == DONE
    assert got == ["a", "b", "c", "d"]
    for row in rows(client, table):
        assert row["status"] == {"S": "DONE"}
        assert HOURS_25_S - 60 < int(row["expiration"]["N"]) - time.time() <= HOURS_25_S + 2


@pytest.mark.parametrize("mark", MARKS)
def test_handlers_of_other_names_do_not_swallow_each_others_records(
    made: Callable[..., DynamoDBSeen], mark: Any
) -> None:
    got: list[str] = []
    for name in ("left", "right", "left"):
        assert handler(made(name, mark=mark), got)(EVENT) == DONE
    assert got == ["a", "b", "c", "d"] * 2


@pytest.mark.parametrize("mark", MARKS)
def test_a_row_that_has_expired_is_absent_though_it_is_still_there(
    made: Callable[..., DynamoDBSeen], client: Any, table: str, mark: Any
) -> None:
    got: list[str] = []
    handler(made(mark=mark), got)(EVENT)
    expire(client, table, expiration=int(time.time()) - 1)
    assert handler(made(mark=mark), got)(EVENT) == DONE
    assert got == ["a", "b", "c", "d"] * 2
    assert handler(made(mark=mark), got)(EVENT) == DONE
    assert len(got) == 8, "and it is marked anew"


@pytest.mark.parametrize("mark", MARKS)
def test_a_record_that_failed_is_run_again_at_once(made: Callable[..., DynamoDBSeen], mark: Any) -> None:
    got: list[str] = []
    app = StreamHandler(idempotency=made(mark=mark))

    @app.on()
    def flaky(record: Record) -> None:
        got.append(record.keys["id"])
        if got == ["a", "b"]:
            raise RuntimeError("no")

    assert app(EVENT) == reported(1)
    assert app(EVENT) == DONE
    assert got == ["a", "b", "b", "c", "d"]


def test_lookups_are_batched_and_what_is_left_over_is_asked_for_again(
    made: Callable[..., DynamoDBSeen], dynamodb_local: DynamoDBLocal, table: str
) -> None:
    client = dynamodb_local.client()
    calls: Counter[str] = Counter()

    def leave_over(parsed: Any, **_: Any) -> None:
        """Say of the first answer that half of it was not read, as DynamoDB does under load."""
        calls["batch"] += 1
        if calls["batch"] == 1:
            found = parsed["Responses"][table]
            parsed["Responses"][table] = found[::2]
            keys = [{"id": row["id"]} for row in found[1::2]]
            parsed["UnprocessedKeys"] = {
                table: {
                    "Keys": keys, "ConsistentRead": True, "ProjectionExpression": "#key, #ttl, #status",
                    "ExpressionAttributeNames": {"#key": "id", "#ttl": "expiration", "#status": "status"},
                }
            }  # fmt: skip

    event = make_event([{"id": str(number)} for number in range(250)])
    got: list[str] = []
    assert handler(made(), got)(event) == DONE
    client.meta.events.register("after-call.dynamodb.BatchGetItem", leave_over)
    assert handler(DynamoDBSeen(table, name="app", client=client), got)(event) == DONE
    assert len(got) == 250
    assert calls["batch"] == 4, "three of a hundred at most, and one for what was left over"


def test_what_is_left_over_for_good_fails_the_records(
    made: Callable[..., DynamoDBSeen], dynamodb_local: DynamoDBLocal, table: str
) -> None:
    client = dynamodb_local.client()

    def leave_all_over(params: Any, **_: Any) -> None:
        client.meta.events.register(
            "after-call.dynamodb.BatchGetItem",
            lambda parsed, **_: parsed.update(Responses={}, UnprocessedKeys=json.loads(params["body"])["RequestItems"]),
            unique_id="once",
        )

    client.meta.events.register("before-call.dynamodb.BatchGetItem", leave_all_over)
    got: list[str] = []
    assert handler(DynamoDBSeen(table, name="app", client=client), got)(EVENT) == reported(0)
    assert got == []


@pytest.mark.parametrize("mark", MARKS)
def test_a_table_that_is_not_there_fails_the_record_and_runs_nothing(
    dynamodb_local: DynamoDBLocal, mark: Any, caplog: pytest.LogCaptureFixture
) -> None:
    got: list[str] = []
    store = DynamoDBSeen("no-such-table", name="app", client=dynamodb_local.client(), mark=mark)
    assert handler(store, got)(EVENT) == reported(0)
    assert got == []
    assert "ResourceNotFoundException" in caplog.text


def test_a_mark_that_is_lost_on_the_way_back_is_no_second_run(
    made: Callable[..., DynamoDBSeen], dynamodb_local: DynamoDBLocal, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A client repeats a write whose answer it did not get, and finds its own row."""
    for mark in MARKS:
        caplog.clear()
        client, repeated = _repeating_client(dynamodb_local)
        got: list[str] = []
        store = DynamoDBSeen(table, name=f"app-{mark}", client=client, mark=mark)
        assert handler(store, got)(EVENT) == DONE
        assert got == ["a", "b", "c", "d"]
        assert repeated
        assert not caplog.text


def _repeating_client(server: DynamoDBLocal) -> tuple[Any, list[str]]:
    """A client whose every write is sent twice; the answer is that of the second."""
    client, repeated = server.client(), []
    sending = client._endpoint.http_session.send  # type: ignore[attr-defined]

    def send(request: Any) -> Any:
        if b"Condition" in request.body:
            sending(request)
            repeated.append(request.headers["X-Amz-Target"].decode())
        return sending(request)

    client._endpoint.http_session.send = send  # type: ignore[attr-defined]
    return client, repeated


def test_two_invocations_at_once_that_mark_afterwards_both_run_it_and_say_so(
    made: Callable[..., DynamoDBSeen], caplog: pytest.LogCaptureFixture
) -> None:
    got, answers = _two_at_once(made, make_event([{"id": "a"}]), "after")
    assert Counter(got) == {"a": 2}
    assert answers == [DONE, DONE]
    assert caplog.text.count("record run twice") == 1


def test_two_invocations_at_once_that_claim_run_it_once_and_the_other_comes_again(
    made: Callable[..., DynamoDBSeen],
) -> None:
    event = make_event([{"id": "a"}])
    got, answers = _two_at_once(made, event, "before")
    assert got == ["a"]
    assert sorted(map(len, (answer["batchItemFailures"] for answer in answers))) == [0, 1]
    assert handler(made(mark="before"), got)(event) == DONE
    assert got == ["a"], "when it comes again, it is seen"


def _two_at_once(made: Callable[..., DynamoDBSeen], event: Any, mark: Any) -> tuple[list[str], list[Any]]:
    meet = threading.Barrier(2)
    got: list[str] = []
    answers: list[Any] = []

    def invoke() -> None:
        app = StreamHandler(idempotency=made(mark=mark))

        @app.on()
        def effect(record: Record) -> None:
            got.append(record.keys["id"])
            if mark == "after":
                meet.wait(30)
            else:
                time.sleep(0.5)

        if mark == "before":
            meet.wait(30)
        answers.append(app(event))

    threads = [threading.Thread(target=invoke) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got, answers


@pytest.mark.parametrize("mark", MARKS)
def test_many_processes_that_are_given_the_same_batch(
    dynamodb_local: DynamoDBLocal, table: str, tmp_path: Path, mark: Any
) -> None:
    """Each effect happens at least once; with claims, never twice at the same time, and once in all."""
    event = make_event([{"id": str(number)} for number in range(40)])
    processes = [_start(dynamodb_local, table, tmp_path, event, mark=mark, until_done=True) for _ in range(3)]
    for process in processes:
        assert process.wait(120) == 0
    effects = Counter(_effects(tmp_path))
    assert set(effects) == {str(number) for number in range(40)}
    if mark == "before":
        assert max(effects.values()) == 1


@pytest.mark.parametrize("kill", ["exit", "kill"])
def test_a_crash_between_effect_and_mark_repeats_that_record_and_no_other(
    dynamodb_local: DynamoDBLocal, table: str, tmp_path: Path, kill: str
) -> None:
    process = _start(dynamodb_local, table, tmp_path, EVENT, mark="after", crash_after="b", kill=kill)
    assert process.wait(60) == (9 if kill == "exit" else -signal.SIGKILL)
    assert _effects(tmp_path) == ["a", "b"]
    assert _start(dynamodb_local, table, tmp_path, EVENT, mark="after").wait(60) == 0
    assert _effects(tmp_path) == ["a", "b", "b", "c", "d"]


@pytest.mark.parametrize("crash", [{"crash_before": "b"}, {"crash_after": "b"}], ids=["before", "after"])
def test_a_claim_that_a_crash_left_holds_until_its_invocation_must_have_ended_and_is_then_taken_over(
    dynamodb_local: DynamoDBLocal, made: Callable[..., DynamoDBSeen], table: str, tmp_path: Path, crash: Any
) -> None:
    client = dynamodb_local.client()
    process = _start(dynamodb_local, table, tmp_path, EVENT, mark="before", timeout_ms=60_000, **crash)
    assert process.wait(60) == 9
    left = _effects(tmp_path)
    assert left == (["a"] if "crash_before" in crash else ["a", "b"])
    (claim,) = [row for row in rows(client, table) if row["status"] == {"S": "IN_PROGRESS"}]
    until_s = int(claim["in_progress_until_ms"]["N"]) / 1000
    assert 30 < until_s - time.time() <= 61
    got: list[str] = []
    assert handler(made(mark="before"), got)(EVENT) == reported(1), "as long as it may still run"
    _end_claims(client, table)
    assert handler(made(mark="before"), got)(EVENT) == DONE
    assert got == ["b", "c", "d"], "nothing is lost: what may have happened is repeated"


@pytest.mark.parametrize("crash", [{"crash_before": "b"}, {"crash_after": "b"}], ids=["before", "after"])
def test_set_aside_never_repeats_and_never_skips_without_a_word(
    dynamodb_local: DynamoDBLocal, made: Callable[..., DynamoDBSeen], table: str, tmp_path: Path, crash: Any
) -> None:
    client = dynamodb_local.client()
    options: dict[str, Any] = {"mark": "before", "after_crash": "set_aside"}
    assert _start(dynamodb_local, table, tmp_path, EVENT, **options, **crash).wait(60) == 9
    _end_claims(client, table)
    got: list[str] = []
    assert handler(made(**options), got)(EVENT) == reported(1), "without a quarantine it stops the stream"
    with SqliteQuarantine(tmp_path / "aside.db") as quarantine:
        for _ in range(2):
            assert handler(made(**options), got, quarantine=quarantine)(EVENT) == DONE
        assert got == ["c", "d"]
        (entry,) = quarantine
        assert "must be looked up" in str(entry.reason)
        # Someone has looked it up: it has not happened.
        replayed = {"Records": [entry.record]}
        made(**options).forget(Batch.from_event(replayed)[0])
        assert handler(made(**options), got, quarantine=quarantine)(replayed) == DONE
        assert got == ["c", "d", "b"]


def test_who_runs_for_longer_than_said_is_told_when_another_has_taken_over(
    made: Callable[..., DynamoDBSeen], client: Any, table: str
) -> None:
    first, second = made(mark="before"), made(mark="before")
    assert first.claim("k", remaining_ms=0)
    _end_claims(client, table)
    assert second.claim("k", remaining_ms=10_000)
    with pytest.raises(SinkError, match="taken the record over"):
        first.mark("k")
    first.release("k")
    second.mark("k")
    assert first.seen(["k"]) == {"k"}
    assert not second.claim("k", remaining_ms=None)


def test_an_answer_that_is_lost_leaves_no_claim(
    made: Callable[..., DynamoDBSeen], dynamodb_local: DynamoDBLocal, client: Any, table: str
) -> None:
    """The record was not run: nothing may hold it up, or take it for one that was."""
    broken = dynamodb_local.client()

    def lose(http_response: Any = None, parsed: Any = None, **_: Any) -> None:
        raise ConnectionError("lost")

    broken.meta.events.register("after-call.dynamodb.PutItem", lose)
    got: list[str] = []
    store = DynamoDBSeen(table, name="app", client=broken, mark="before", after_crash="set_aside")
    assert handler(store, got)(EVENT) == reported(0)
    assert rows(client, table) == []
    assert handler(made(mark="before", after_crash="set_aside"), got)(EVENT) == DONE


def test_a_row_of_somebody_else_is_neither_seen_nor_claimed(
    made: Callable[..., DynamoDBSeen], client: Any, table: str
) -> None:
    later = {"N": str(int(time.time()) + 1000)}
    client.put_item(TableName=table, Item={"id": {"S": "app k"}, "expiration": later})
    assert made().seen(["k"]) == set()
    with pytest.raises(SinkError, match="none of tailrace's"):
        made(mark="before").claim("k", remaining_ms=None)


def test_names_of_attributes_may_be_others(client: Any, made: Callable[..., DynamoDBSeen], table: str) -> None:
    store = made(ttl_attribute="ttl")
    store.mark("k")
    (row,) = rows(client, table)
    assert set(row) == {"id", "ttl", "status", "owner"}
    assert store.seen(["k", "k", "other"]) == {"k"}


def _end_claims(client: Any, table: str) -> None:
    for row in rows(client, table):
        if row["status"] == {"S": "IN_PROGRESS"}:
            row["in_progress_until_ms"] = {"N": str(int(time.time() * 1000) - 1)}
            client.put_item(TableName=table, Item=row)


def _effects(folder: Path) -> list[str]:
    file = folder / "effects"
    return file.read_text("utf-8").split() if file.exists() else []


def _start(server: DynamoDBLocal, table: str, folder: Path, event: Any, **options: Any) -> subprocess.Popen[bytes]:
    """A process that is given the event, as a Lambda environment is."""
    said = json.dumps({"url": server.url, "table": table, "folder": str(folder), "event": event, **options})
    process = subprocess.Popen([sys.executable, "-m", "tests.e2e.test_seen_dynamodb"], stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(said.encode())
    process.stdin.close()
    return process


class _Context:
    def __init__(self, timeout_ms: float) -> None:
        self.end = time.monotonic() + timeout_ms / 1000

    def get_remaining_time_in_millis(self) -> int:
        return int((self.end - time.monotonic()) * 1000)


def _environment(options: dict[str, Any]) -> None:
    """What such a process does: the effect is a line in a file."""
    store = DynamoDBSeen(
        options["table"], name="app", client=DynamoDBLocal(options["url"]).client(), mark=options["mark"],
        after_crash=options.get("after_crash", "repeat"),
    )  # fmt: skip
    app = StreamHandler(idempotency=store)

    @app.on()
    def effect(record: Record) -> None:
        key = record.keys["id"]
        if key == options.get("crash_before"):
            os._exit(9)
        with (Path(options["folder"]) / "effects").open("a", encoding="utf-8") as file:
            file.write(f"{key}\n")
        if key == options.get("crash_after"):
            if options.get("kill") == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            os._exit(9)

    while app(options["event"], _Context(options.get("timeout_ms", 60_000))) != DONE and options.get("until_done"):
        time.sleep(0.01)


if __name__ == "__main__":
    _environment(json.loads(sys.stdin.read()))
