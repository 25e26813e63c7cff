"""Methods of somebody's own are called where boto3 calls them when a value is written, in its order."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary

from tests.reference.bases import KINDS, base_of
from tests.reference.outcome import Outcome, assert_same, form, outcome
from tests.reference.untouched_boto3 import untouched_types

TAGS = ["s", "n", "b", "bool", "null", "l", "m", "ss", "ns", "bs"]
KINDS_OF_VALUES = ["null", "boolean", "number", "string", "binary", "set", "map", "listlike"]
METHODS = [f"_serialize_{tag}" for tag in TAGS] + [f"_is_{kind}" for kind in KINDS_OF_VALUES]
Log = list[Any]
Define = Callable[[type[Any], Log], Any]
Check = Callable[[Define], tuple[Outcome, Log]]


def everything() -> Any:
    """Each type alone, in a list, in a map, and nested once more."""
    each = ["a", 1, Decimal("1.50"), b"b", Binary(b"c"), True, None, {"d"}, {2, 7}, {b"e"}, [], {}, (5,), set()]
    members = {str(at): value for at, value in enumerate(each)}
    return {**members, "list": [*each, each], "map": members}


@pytest.fixture(params=KINDS)
def base(request: pytest.FixtureRequest) -> Iterator[type[Any]]:
    with base_of(request.param, "TypeSerializer") as cls:
        yield cls


@pytest.fixture
def check(base: type[Any]) -> Check:
    """Runs one definition over our class and over boto3's: the same outcome, and the same calls of hooks."""
    module = untouched_types()
    module.Binary = Binary  # type: ignore[attr-defined]

    def run(define: Define) -> tuple[Outcome, Log]:
        ours, ours_log = _run(define, base)
        expected, expected_log = _run(define, module.TypeSerializer)
        assert_same(ours, expected)
        assert ours_log == expected_log
        return ours, ours_log

    return run


def _run(define: Define, base: type[Any]) -> tuple[Outcome, Log]:
    log: Log = []
    made = define(base, log)
    write = made if callable(made) else made.serialize
    return outcome(lambda: write(everything())), log


def through(log: Log, base: type[Any], name: str) -> Callable[..., Any]:
    """A method that notes what it gets and does what the one it replaces does."""
    original = getattr(base, name)

    def hook(self: Any, *values: Any) -> Any:
        log.append((name, form(values[0])))
        return original(self, *values)

    return hook


def subclass(base: type[Any], **methods: Any) -> Any:
    return type("Own", (base,), methods)()


@pytest.mark.parametrize("name", [*METHODS, "_get_dynamodb_type", "_is_type_set", "serialize"])
def test_an_override(check: Check, name: str) -> None:
    _, log = check(lambda base, log: subclass(base, **{name: through(log, base, name)}))
    assert log


@pytest.mark.parametrize("tag", TAGS)
def test_an_override_that_writes_in_its_own_way(check: Check, tag: str) -> None:
    check(lambda base, log: subclass(base, **{f"_serialize_{tag}": lambda self, value: (tag, repr(value))}))


def test_all_of_them_at_once(check: Check) -> None:
    names = [*METHODS, "_get_dynamodb_type", "_is_type_set", "serialize"]
    check(lambda base, log: subclass(base, **{name: through(log, base, name) for name in names}))


@pytest.mark.parametrize("name", [*METHODS, "_get_dynamodb_type", "_is_type_set", "serialize"])
def test_a_method_of_one_instance(check: Check, name: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = base()
        made.serialize(everything())
        setattr(made, name, functools.partial(through(log, base, name), made))
        return made

    check(define)


@pytest.mark.parametrize("name", METHODS)
def test_a_method_put_into_the_class_after_its_first_use_and_taken_out_again(check: Check, name: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = subclass(base)

        def write(value: Any) -> Any:
            results = [made.serialize(value)]
            setattr(type(made), name, through(log, base, name))
            results.append(made.serialize(value))
            delattr(type(made), name)
            return [*results, made.serialize(value)]

        return write

    check(define)


@pytest.mark.parametrize("name", [*METHODS, "_get_dynamodb_type", "_is_type_set"])
def test_a_method_put_into_the_base_class_itself(base: type[Any], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    log: Log = []
    instances = [base(), subclass(base)]
    before = [outcome(lambda made=made: made.serialize(everything())) for made in instances]
    with monkeypatch.context() as patch:
        patch.setattr(base, name, through(log, base, name))
        for made in [*instances, base(), subclass(base)]:
            assert outcome(lambda made=made: made.serialize(everything())) == before[0]
            assert log
            log.clear()
    assert [outcome(lambda made=made: made.serialize(everything())) for made in instances] == before
    assert not log


def test_floats_as_many_write_them(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Floats(base):  # type: ignore[misc]
            def _is_number(self, value: Any) -> bool:
                return isinstance(value, float) or super()._is_number(value)

            def _serialize_n(self, value: Any) -> str:
                return super()._serialize_n(Decimal(repr(value)) if isinstance(value, float) else value)  # type: ignore[no-any-return]

        made = Floats()
        return lambda value: made.serialize([0.1, {0.5}, {"a": 1.5, "b": value}])

    check(define)


def test_a_new_type(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Times(base):  # type: ignore[misc]
            def _get_dynamodb_type(self, value: Any) -> str:
                return "RANGE" if isinstance(value, range) else super()._get_dynamodb_type(value)

            def _serialize_range(self, value: range) -> Any:
                return [self.serialize(each) for each in value]

        made = Times()
        return lambda value: made.serialize({"a": [range(3), value]})

    check(define)


def test_serialize_itself_may_write_in_its_own_way(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Own(base):  # type: ignore[misc]
            def serialize(self, value: Any) -> Any:
                log.append(form(value))
                return {"S": "secret"} if value == "a" else super().serialize(value)

        return Own()

    check(define)


@pytest.mark.parametrize("error", [KeyError("x"), TypeError("x"), RecursionError("x"), StopIteration()], ids=repr)
@pytest.mark.parametrize("name", [*METHODS, "_get_dynamodb_type"])
def test_what_a_hook_raises_comes_out_as_the_same_object(base: type[Any], error: Exception, name: str) -> None:
    def hook(_: Any, *__: Any) -> Any:
        raise error

    with pytest.raises(type(error)) as caught:
        subclass(base, **{name: hook}).serialize([everything()])
    assert caught.value is error


def test_a_hook_that_changes_its_list_while_it_is_written(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        value: list[Any] = ["grow", "b", "shrink", "d", "e"]

        def hook(_: Any, text: str) -> str:
            if text == "grow":
                value.append(1)
            if text == "shrink":
                del value[3:]
            return text

        made = subclass(base, _serialize_s=hook)
        return lambda _: [made.serialize(value), value]

    check(define)


@pytest.mark.parametrize("size", [1, 3, 20])
def test_a_hook_that_changes_its_map_while_it_is_written(check: Check, size: int) -> None:
    def define(base: type[Any], log: Log) -> Any:
        value: dict[str, Any] = {str(at): str(at) for at in range(size)}

        def hook(_: Any, text: str) -> str:
            if text == "0":
                value["new"] = "new"
            return text

        made = subclass(base, _serialize_s=hook)
        return lambda _: made.serialize(value)

    check(define)


@pytest.mark.parametrize("name", METHODS)
def test_getattribute_is_asked_for_every_method(check: Check, name: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        def getattribute(self: Any, asked: str) -> Any:
            if asked == name:
                log.append(asked)
                return functools.partial(through(log, base, name), self)
            return base.__getattribute__(self, asked)

        return subclass(base, __getattribute__=getattribute)

    _, log = check(define)
    assert log
