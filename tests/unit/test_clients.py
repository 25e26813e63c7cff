"""``patch_client``: what becomes of a client, what stays botocore's, what is refused, and the way back."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from decimal import Decimal
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.endpoint import Endpoint
from botocore.exceptions import ChecksumError, ClientError
from botocore.parsers import PROTOCOL_PARSERS, JSONParser, ResponseParserFactory

from tailrace import TailraceError, UnmarshallError
from tailrace.dropin.answers import AnswerParser
from tailrace.dropin.clients import patch_client, unpatch_client
from tests.reference.canned_client import Answers, Raw, answer, client, config, session

KEY = {"id": {"S": "a"}}
ITEM = {"id": {"S": "a"}, "n": {"N": "1.0"}, "b": {"B": "aGk="}, "s": {"NS": ["1"]}}
WIRE = {"id": {"S": "a"}, "n": {"N": "1.0"}, "b": {"B": b"hi"}, "s": {"NS": ["1"]}}
NATIVE = {"id": "a", "n": Decimal("1.0"), "b": b"hi", "s": {Decimal(1)}}
BROKEN = b'{"Item":{"id":{"S":"a"}'


@pytest.fixture(autouse=True)
def _enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAILRACE_DISABLE", raising=False)


def factory(client: Any) -> Any:
    return client._endpoint._response_parser_factory


def get(client: Any) -> Any:
    return client.get_item(TableName="t", Key=KEY)


def test_it_returns_the_client_and_the_way_back_leads_back() -> None:
    made = client()
    before = factory(made)
    assert patch_client(made) is made
    assert factory(made) is not before
    assert unpatch_client(made) is made
    assert factory(made) is before
    assert unpatch_client(made) is made
    assert factory(made) is before


def test_patching_again_replaces_the_options() -> None:
    made = client()
    before = factory(made)
    Answers(made, {"Item": ITEM})
    assert get(made)["Item"] == get(patch_client(made))["Item"] == WIRE
    assert get(patch_client(made, items="native"))["Item"] == NATIVE
    assert get(patch_client(made, items="native"))["Item"] == NATIVE
    modes: dict[str, Any] = {"numbers": "int-float", "binary": "raw", "sets": "list"}
    assert get(patch_client(made, items="native", **modes))["Item"] == {"id": "a", "n": 1, "b": "aGk=", "s": [1]}
    assert get(patch_client(made, **modes))["Item"] == WIRE
    assert get(unpatch_client(made))["Item"] == WIRE
    assert factory(made) is before


def test_numbers_may_be_a_function_and_its_exceptions_travel_untouched() -> None:
    made = client()
    Answers(made, {"Item": ITEM})
    assert get(patch_client(made, items="native", numbers=len))["Item"]["n"] == 3
    with pytest.raises(ZeroDivisionError):
        get(patch_client(made, items="native", numbers=lambda text: 1 // 0))


def test_other_clients_stay_as_they_are() -> None:
    one, other = client(), client()
    patch_client(one)
    assert type(factory(other)) is ResponseParserFactory


def test_the_parser_is_ours_and_the_answer_is_whole() -> None:
    made, plain = client(), client()
    for each in (made, plain):
        Answers(each, answer({"Item": ITEM, "ConsumedCapacity": {"CapacityUnits": 0.5}}, **{"X-Other": "x"}))
    patch_client(made)
    assert type(factory(made).create_parser("json")) is AnswerParser
    assert type(factory(made).create_parser("query")) is PROTOCOL_PARSERS["query"]
    ours, theirs = get(made), get(plain)
    assert repr(ours) == repr(theirs)
    assert ours["ResponseMetadata"]["RequestId"] == "r"


def test_operations_without_items_stay_botocores() -> None:
    made = patch_client(client(), items="native")
    Answers(made, {"Table": {"TableName": "t", "TableStatus": "ACTIVE", "CreationDateTime": 1.7e9}})
    assert made.describe_table(TableName="t")["Table"]["CreationDateTime"].year == 2023
    made.get_waiter("table_exists").wait(TableName="t", WaiterConfig={"Delay": 0, "MaxAttempts": 1})


@pytest.mark.parametrize("items", ["attribute-values", "native"])
def test_an_exception_carries_attribute_values(items: Any) -> None:
    made = patch_client(client(), items=items)
    Answers(made, answer({"__type": "x#ConditionalCheckFailedException", "Message": "m", "Item": ITEM}, 400))
    with pytest.raises(made.exceptions.ConditionalCheckFailedException) as raised:
        made.put_item(TableName="t", Item=KEY, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert raised.value.response["Item"] == WIRE
    assert raised.value.response["Error"] == {"Message": "m", "Code": "ConditionalCheckFailedException"}


@pytest.mark.parametrize("items", ["attribute-values", "native"])
def test_a_cancelled_transaction_tells_its_reasons(items: Any) -> None:
    made = patch_client(client(), items=items)
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": ITEM}]
    Answers(
        made, answer({"__type": "TransactionCanceledException", "Message": "m", "CancellationReasons": reasons}, 400)
    )
    with pytest.raises(made.exceptions.TransactionCanceledException) as raised:
        made.transact_write_items(TransactItems=[{"Delete": {"TableName": "t", "Key": KEY}}])
    assert raised.value.response["CancellationReasons"] == [reasons[0], {**reasons[1], "Item": WIRE}]


def test_a_pages_items_are_native_and_its_key_is_not() -> None:
    made = patch_client(client(), items="native")
    pages = [{"Items": [ITEM], "Count": 1, "LastEvaluatedKey": KEY}, {"Items": [ITEM, ITEM], "Count": 2}]
    answers = Answers(made, *pages)
    whole = made.get_paginator("scan").paginate(TableName="t").build_full_result()
    assert whole["Items"] == [NATIVE] * 3
    assert json.loads(answers.requests[1].body)["ExclusiveStartKey"] == KEY


def test_a_batch_goes_on_with_its_unprocessed_keys() -> None:
    made = patch_client(client(), items="native")
    answers = Answers(made, {"Responses": {"t": [ITEM]}, "UnprocessedKeys": {"t": {"Keys": [KEY]}}})
    first = made.batch_get_item(RequestItems={"t": {"Keys": [KEY]}})
    assert first["Responses"] == {"t": [NATIVE]}
    made.batch_get_item(RequestItems=first["UnprocessedKeys"])
    assert json.loads(answers.requests[1].body)["RequestItems"] == {"t": {"Keys": [KEY]}}


def test_events_are_seen_and_what_they_change_counts() -> None:
    made = patch_client(client(), items="native")
    Answers(made, {"Item": ITEM})
    seen: dict[str, Any] = {}

    def before_parse(response_dict: Any, customized_response_dict: Any, **_: Any) -> None:
        seen["before-parse"] = bytes(response_dict["body"])
        customized_response_dict["More"] = 1

    def received(parsed_response: Any, **_: Any) -> None:
        seen["response-received"] = parsed_response["Item"]

    def after_call(parsed: Any, **_: Any) -> None:
        parsed["Item"]["late"] = True

    for name, handler in (("before-parse", before_parse), ("response-received", received), ("after-call", after_call)):
        made.meta.events.register(f"{name}.dynamodb.GetItem", handler)
    found = get(made)
    assert found["More"] == 1
    assert found["Item"] == {**NATIVE, "late": True}
    assert json.loads(seen["before-parse"]) == {"Item": ITEM}
    assert seen["response-received"] is found["Item"]


@pytest.mark.parametrize("items", ["attribute-values", "native"])
@pytest.mark.parametrize("mode", ["legacy", "standard"])
def test_a_damaged_answer_is_asked_for_again(items: Any, mode: str) -> None:
    made = patch_client(client(retries={"total_max_attempts": 3, "mode": mode}), items=items)
    answers = Answers(made, answer(BROKEN, **{"x-amz-crc32": "5"}), answer({"Item": ITEM}))
    found = get(made)
    assert found["Item"] == (NATIVE if items == "native" else WIRE)
    assert found["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(answers.requests) == 2


@pytest.mark.parametrize("items", ["attribute-values", "native"])
def test_an_answer_that_stays_damaged_is_botocores_error(items: Any) -> None:
    made = patch_client(client(retries={"total_max_attempts": 2, "mode": "legacy"}), items=items)
    Answers(made, answer(BROKEN, **{"x-amz-crc32": "5"}))
    with pytest.raises(ChecksumError):
        get(made)


@pytest.mark.parametrize("mode", ["standard", "adaptive"])
def test_an_answer_that_stays_damaged_is_never_an_empty_one(mode: str) -> None:
    """In these modes botocore gives up with {}: no such item, or the end of a Scan."""
    made = patch_client(client(retries={"total_max_attempts": 2, "mode": mode}), items="native")
    answers = Answers(made, answer(BROKEN, **{"x-amz-crc32": "5"}))
    with pytest.raises(UnmarshallError):
        get(made)
    assert len(answers.requests) == 2
    assert "Item" not in get(patch_client(made))
    assert "Item" not in get(unpatch_client(patch_client(made, items="native")))


def test_damaged_stream_records_are_an_error() -> None:
    """Nobody asks for them again, and botocore would give no records and no iterator: the end of the shard."""
    made = patch_client(client("dynamodbstreams"), items="native")
    Answers(made, answer(b'{"Records":[', **{"x-amz-crc32": "5"}))
    with pytest.raises(UnmarshallError, match="broken JSON"):
        made.get_records(ShardIterator="i")


@pytest.mark.parametrize("items", ["attribute-values", "native"])
def test_an_error_of_the_server_is_tried_again(items: Any) -> None:
    made = patch_client(client(), items=items)
    answers = Answers(
        made, answer(b"<html>no</html>", 503), answer({"__type": "InternalServerError"}, 500), {"Item": ITEM}
    )
    assert get(made)["ResponseMetadata"]["RetryAttempts"] == 2
    answers.answers = [answer({"__type": "x#ValidationException", "message": "m"}, 400)]
    with pytest.raises(ClientError, match="ValidationException"):
        get(made)


def test_what_botocore_reads_by_chance_is_botocores_in_one_form_and_an_error_in_the_other() -> None:
    made = client()
    for body in (BROKEN, b'{"Item":{"id":{"S":5}}}'):
        Answers(made, body)
        theirs = get(unpatch_client(made))
        assert get(patch_client(made)) == theirs
        with pytest.raises(UnmarshallError):
            get(patch_client(made, items="native"))


def test_an_answer_without_a_body_is_botocores() -> None:
    for items in ("attribute-values", "native"):
        made = patch_client(client(), items=items)  # type: ignore[call-overload]
        Answers(made, b"")
        assert set(get(made)) == {"ResponseMetadata"}


def test_stream_records_come_in_both_forms() -> None:
    made = patch_client(client("dynamodbstreams"))
    change = {"Keys": KEY, "NewImage": ITEM, "SizeBytes": 5, "ApproximateCreationDateTime": 1.7e9}
    Answers(made, {"Records": [{"eventID": "1", "dynamodb": change}], "NextShardIterator": "i"})
    native = patch_client(client("dynamodbstreams"), items="native")
    Answers(native, {"Records": [{"eventID": "1", "dynamodb": change}]})
    (ours,) = made.get_records(ShardIterator="i")["Records"]
    (theirs,) = unpatch_client(made).get_records(ShardIterator="i")["Records"]
    assert repr(ours) == repr(theirs)
    (record,) = native.get_records(ShardIterator="i")["Records"]
    assert record["dynamodb"] == {**theirs["dynamodb"], "Keys": {"id": "a"}, "NewImage": NATIVE}


@pytest.mark.parametrize("bad", [None, 5, "client", boto3, object()], ids=lambda bad: type(bad).__name__)
def test_what_is_no_client_is_refused(bad: Any) -> None:
    with pytest.raises(TypeError, match="takes a boto3 client, not"):
        patch_client(bad)
    assert unpatch_client(bad) is bad


def test_another_service_is_refused() -> None:
    made = session().client("s3")
    before = factory(made)
    with pytest.raises(TypeError, match="of dynamodb or dynamodbstreams, not of s3"):
        patch_client(made)
    assert factory(made) is before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"items": "python"}, 'items is "attribute-values" or "native"'),
        ({"numbers": "double"}, "numbers is"),
        ({"binary": "text"}, "binary is"),
        ({"sets": "tuple", "items": "native"}, "sets is"),
    ],
)
def test_a_word_that_does_not_exist_is_refused(options: dict[str, Any], message: str) -> None:
    made = client()
    before = factory(made)
    with pytest.raises(ValueError, match=message):
        patch_client(made, **options)
    assert factory(made) is before


def test_native_items_are_refused_for_a_resource_in_every_order() -> None:
    resource = session().resource("dynamodb", config=config())
    before = factory(resource.meta.client)
    for made in (resource.meta.client, resource.Table("t").meta.client):
        with pytest.raises(TypeError, match="the client of a boto3 resource"):
            patch_client(made, items="native")
        assert factory(made) is before


def test_a_resource_made_of_a_native_client_later_is_told() -> None:
    made = patch_client(client(), items="native")
    Answers(made, {"Item": ITEM})
    table = type(session().resource("dynamodb", config=config()).Table("t"))("t", client=made)
    with pytest.raises(TypeError, match="the client of a boto3 resource"):
        get(made)
    patch_client(made)
    assert table.get_item(Key={"id": "a"})["Item"]["n"] == Decimal("1.0")


def test_a_resource_reads_attribute_values_as_ever() -> None:
    resource = session().resource("dynamodb", config=config())
    table = resource.Table("t")
    Answers(table.meta.client, {"Items": [ITEM], "Count": 1, "LastEvaluatedKey": KEY})
    before = table.scan()
    patch_client(resource.meta.client)
    assert repr(table.scan()) == repr(before)
    assert before["Items"][0]["n"] == Decimal("1.0")


@pytest.mark.parametrize("word", ["1", "true", "YES", " on "])
def test_it_can_be_turned_off_from_outside(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAILRACE_DISABLE", word)
    made = client()
    before = factory(made)
    assert patch_client(made) is made
    assert factory(made) is before
    with pytest.raises(TailraceError, match="TAILRACE_DISABLE"):
        patch_client(made, items="native")
    assert factory(made) is before


@pytest.mark.parametrize("word", ["", "0", "false", "No", "off"])
def test_a_word_that_says_no_turns_nothing_off(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAILRACE_DISABLE", word)
    assert factory(patch_client(client())).original


def test_a_client_patched_before_can_be_given_back_when_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    made = client()
    before = factory(made)
    patch_client(made)
    monkeypatch.setenv("TAILRACE_DISABLE", "1")
    assert factory(unpatch_client(made)) is before


class OtherEndpoint(Endpoint):
    def _do_get_response(self, *arguments: Any) -> Any:
        return super()._do_get_response(*arguments)


class OtherFactory(ResponseParserFactory):
    pass


class OtherParser(JSONParser):
    def _handle_boolean(self, shape: Any, value: Any) -> str:
        return str(value)


def _other_endpoint(made: Any, _: pytest.MonkeyPatch) -> None:
    made._endpoint.__class__ = OtherEndpoint


def _no_endpoint(made: Any, _: pytest.MonkeyPatch) -> None:
    made._endpoint = object()


def _other_factory(made: Any, _: pytest.MonkeyPatch) -> None:
    made._endpoint._response_parser_factory = OtherFactory()


def _other_parser(_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROTOCOL_PARSERS, "json", OtherParser)


def _other_method(_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(JSONParser, "_handle_json_body")


def _other_result(_: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JSONParser, "_handle_blob", lambda self, shape, value: value, raising=False)


def _other_shape(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(JSONParser, "_handle_boolean", OtherParser._handle_boolean, raising=False)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_endpoint, "its endpoint is not botocore's"),
        (_no_endpoint, "its endpoint is not botocore's"),
        (_other_factory, "another parser factory"),
        (_other_parser, "another parser reads JSON"),
        (_other_method, "another parser reads JSON"),
        (_other_result, "reads an answer of GetItem in another way"),
        (_other_shape, "reads an answer of GetItem in another way"),
    ],
)
def test_a_botocore_that_is_not_known_is_refused(change: Any, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = client()
    change(made, monkeypatch)
    before = getattr(made._endpoint, "_response_parser_factory", None)
    with pytest.raises(TailraceError, match=message) as raised:
        patch_client(made)
    assert botocore.__version__ in str(raised.value)
    assert getattr(made._endpoint, "_response_parser_factory", None) is before


def test_the_defaults_of_the_session_are_kept() -> None:
    core = botocore.session.get_session()
    core.set_credentials("test", "test")
    made = core.create_client("dynamodb", region_name="eu-west-1")
    core.get_component("response_parser_factory").set_parser_defaults(blob_parser=str.upper)
    patch_client(made)
    Answers(made, {"Item": ITEM})
    assert get(made)["Item"]["b"] == {"B": "AGK="}
    factory(made).set_parser_defaults(blob_parser=str.lower)
    assert get(made)["Item"]["b"] == get(unpatch_client(made))["Item"]["b"] == {"B": "agk="}


def test_many_threads_may_patch_and_ask_at_once() -> None:
    made = client()
    original = factory(made)
    made.meta.events.register("before-send.dynamodb", lambda **_: answer({"Item": ITEM}))
    failures: list[BaseException] = []
    forms: set[str] = set()

    def work(at: int) -> None:
        try:
            for turn in range(25):
                if (at + turn) % 3 == 0:
                    unpatch_client(made)
                else:
                    patch_client(made, items="native" if (at + turn) % 3 == 1 else "attribute-values")
                item = get(made)["Item"]
                assert item in (NATIVE, WIRE)
                forms.add("native" if item == NATIVE else "wire")
        except BaseException as failure:  # noqa: BLE001 - told to the main thread
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(at,)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert forms == {"native", "wire"}
    assert factory(unpatch_client(made)) is original


def test_a_patched_client_is_let_go() -> None:
    import gc
    import weakref

    made = client()
    patch_client(made, items="native", numbers=lambda text, made=made: (made, text))
    Answers(made, {"Item": {}})
    get(made)
    gone = weakref.ref(made)
    del made
    gc.collect()
    assert gone() is None


def test_nothing_of_botocore_is_imported_before_it_is_needed() -> None:
    code = (
        "import sys, tailrace\nfrom tailrace.dropin.clients import patch_client\n"
        "assert not {'boto3', 'botocore'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_raw_body_is_read_once() -> None:
    made = patch_client(client())
    raw = Raw(json.dumps({"Item": ITEM}).encode())
    given = answer({})
    given.raw = raw
    given.headers.pop("x-amz-crc32", None)
    Answers(made, given)
    assert get(made)["Item"] == WIRE
    assert not raw.read()
