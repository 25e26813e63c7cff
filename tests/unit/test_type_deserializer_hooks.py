"""Methods of somebody's own are called where boto3 calls them, in its order, with its arguments."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.reference.bases import KINDS, base_of
from tests.reference.outcome import Outcome, assert_same, form, outcome
from tests.reference.untouched_boto3 import untouched_types

TAGS = ["s", "n", "b", "bool", "null", "l", "m", "ss", "ns", "bs"]
Log = list[Any]
Define = Callable[[type[Any], Log], Any]


def everything() -> dict[str, Any]:
    """Each type alone, in a list, in a map, and nested once more."""
    each = [{"S": "a"}, {"N": "1.50"}, {"B": b"b"}, {"BOOL": True}, {"NULL": True}, {"SS": ["c"]}, {"NS": ["2", "7"]},
            {"BS": [b"d"]}, {"L": []}, {"M": {}}]  # fmt: skip
    members = {str(at): value for at, value in enumerate(each)}
    return {"M": {**members, "list": {"L": [*each, {"L": each}]}, "map": {"M": members}}}


@pytest.fixture(params=KINDS)
def base(request: pytest.FixtureRequest) -> Iterator[type[Any]]:
    with base_of(request.param, "TypeDeserializer") as cls:
        yield cls


Check = Callable[[Define], tuple[Outcome, Log]]


@pytest.fixture
def check(base: type[Any]) -> Check:
    """Runs one definition over our class and over boto3's: the same outcome, and the same calls of hooks."""
    theirs = untouched_types().TypeDeserializer

    def run(define: Define) -> tuple[Outcome, Log]:
        ours, ours_log = _run(define, base)
        expected, expected_log = _run(define, theirs)
        assert_same(ours, expected)
        assert ours_log == expected_log
        return ours, ours_log

    return run


def _run(define: Define, base: type[Any]) -> tuple[Outcome, Log]:
    log: Log = []
    made = define(base, log)
    read = made if callable(made) else made.deserialize
    return outcome(lambda: read(everything())), log


def logging(log: Log, name: str) -> Callable[[Any, Any], Any]:
    """A method that notes what it gets and marks what it gives; hashable, for the sets."""

    def hook(_: Any, value: Any) -> Any:
        log.append((name, form(value)))
        return (name, repr(value))

    return hook


def subclass(base: type[Any], **methods: Any) -> Any:
    return type("Own", (base,), methods)()


@pytest.mark.parametrize("tag", TAGS)
def test_an_override(check: Check, tag: str) -> None:
    _, log = check(lambda base, log: subclass(base, **{f"_deserialize_{tag}": logging(log, tag)}))
    assert log


@pytest.mark.parametrize("tag", TAGS)
def test_an_override_that_calls_super(check: Check, tag: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        def hook(self: Any, value: Any) -> Any:
            made = getattr(super(cls, self), f"_deserialize_{tag}")(value)
            log.append(form(made))
            return made

        cls: type[Any] = type("Own", (base,), {f"_deserialize_{tag}": hook})
        return cls()

    check(define)


def test_all_of_them_at_once(check: Check) -> None:
    _, log = check(lambda base, log: subclass(base, **{f"_deserialize_{tag}": logging(log, tag) for tag in TAGS}))
    assert [name for name, _ in log] == ["m"]


@pytest.mark.parametrize("tag", TAGS)
def test_a_method_of_one_instance(check: Check, tag: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = base()
        made.deserialize(everything())
        setattr(made, f"_deserialize_{tag}", functools.partial(logging(log, tag), made))
        return made

    check(define)


@pytest.mark.parametrize("tag", TAGS)
def test_a_method_put_into_the_class_after_its_first_use_and_taken_out_again(check: Check, tag: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = subclass(base)

        def read(value: Any) -> Any:
            results = [made.deserialize(value)]
            setattr(type(made), f"_deserialize_{tag}", logging(log, tag))
            results.append(made.deserialize(value))
            delattr(type(made), f"_deserialize_{tag}")
            return [*results, made.deserialize(value)]

        return read

    check(define)


@pytest.mark.parametrize("tag", TAGS)
def test_a_method_put_into_the_base_class_itself(base: type[Any], monkeypatch: pytest.MonkeyPatch, tag: str) -> None:
    """As those do who mend boto3 by ``TypeDeserializer._deserialize_n = ...``; old and new instances and subclasses."""
    log: Log = []
    instances = [base(), subclass(base)]
    before = [outcome(lambda made=made: made.deserialize(everything())) for made in instances]
    with monkeypatch.context() as patch:
        patch.setattr(base, f"_deserialize_{tag}", logging(log, tag))
        expected = outcome(lambda: subclass(untouched_types().TypeDeserializer, **{
            f"_deserialize_{tag}": logging([], tag)
        }).deserialize(everything()))  # fmt: skip
        for made in [*instances, base(), subclass(base)]:
            assert_same(outcome(lambda made=made: made.deserialize(everything())), expected)
    assert log
    assert [outcome(lambda made=made: made.deserialize(everything())) for made in instances] == before


def test_a_patch_that_calls_the_method_it_replaced(base: type[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    original = base._deserialize_n
    monkeypatch.setattr(base, "_deserialize_n", lambda self, value: [original(self, value)])
    assert form(base().deserialize({"L": [{"N": "1.50"}]})) == form([[original(base(), "1.50")]])


FORMS: dict[str, Callable[[Callable[[Any, Any], Any]], Any]] = {
    "staticmethod": lambda hook: staticmethod(lambda value: hook(None, value)),
    "classmethod": classmethod,
    "property": lambda hook: property(lambda self: functools.partial(hook, self)),
    "partial": lambda hook: functools.partial(hook, None),
    "a class": lambda hook: type("Callable", (), {"__new__": hook}),
    "partialmethod": functools.partialmethod,
}


@pytest.mark.parametrize("tag", ["n", "s", "l", "ns"])
@pytest.mark.parametrize("how", FORMS)
def test_a_hook_of_any_form(check: Check, how: str, tag: str) -> None:
    check(lambda base, log: subclass(base, **{f"_deserialize_{tag}": FORMS[how](logging(log, tag))}))


@pytest.mark.parametrize(
    "nothing", [None, 5, "x", property(lambda self: self.no_such_thing)], ids=lambda each: type(each).__name__
)
@pytest.mark.parametrize("tag", ["n", "m", "ns", "null"])
def test_a_hook_that_is_no_method(check: Check, nothing: Any, tag: str) -> None:
    """None in the place of a method is a TypeError; a property without a value makes the tag unknown."""
    assert check(lambda base, log: subclass(base, **{f"_deserialize_{tag}": nothing}))[0].error is not None


def test_getattr_reads_tags_that_boto3_does_not_know(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = subclass(base, __getattr__=lambda self, name: functools.partial(logging(log, name), self))
        return lambda value: made.deserialize({"L": [{"NEW": 1}, {"new": 2}, {"": 3}, {5: 4}, value]})

    check(define)


@pytest.mark.parametrize("tag", TAGS)
def test_getattribute_is_asked_for_every_method(check: Check, tag: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        def getattribute(self: Any, name: str) -> Any:
            if name == f"_deserialize_{tag}":
                log.append(name)
                return functools.partial(logging(log, tag), self)
            return base.__getattribute__(self, name)

        return subclass(base, __getattribute__=getattribute)

    check(define)


@pytest.mark.parametrize("tag", ["vector", "S2", "", "Über"])
def test_a_new_type(check: Check, tag: str) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = subclass(base, **{f"_deserialize_{tag}".lower(): logging(log, tag)})
        return lambda value: made.deserialize({"L": [{tag: value}, {"M": {"a": {tag.upper(): 5}}}]})

    check(define)


def test_deserialize_itself_is_called_for_every_nested_value(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Own(base):  # type: ignore[misc]
            def deserialize(self, value: Any) -> Any:
                log.append(form(value))
                return super().deserialize(value)

        return Own()

    check(define)


def test_deserialize_itself_may_read_in_its_own_way(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Own(base):  # type: ignore[misc]
            def deserialize(self, value: Any) -> Any:
                if "N" in value:
                    return ("number", value["N"])
                return super().deserialize(value)

            def _deserialize_s(self, value: str) -> str:
                return super()._deserialize_s(value).upper()  # type: ignore[no-any-return]

        return Own()

    check(define)


def test_deserialize_of_one_instance(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = base()
        plain = made.deserialize
        made.deserialize = lambda value: log.append(form(value)) or plain(value)
        return made

    check(define)


def test_a_mixin_in_front(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Floats:
            def _deserialize_n(self, value: str) -> float:
                return float(value)

        class Middle(base):  # type: ignore[misc]
            pass

        return type("Own", (Floats, Middle), {})()

    check(define)


def test_an_instance_that_changes_its_class(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = subclass(base)
        made.deserialize(everything())
        made.__class__ = type("Other", (base,), {"_deserialize_n": logging(log, "n")})
        return made

    check(define)


def test_a_class_that_changes_its_bases(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        plain = type("Plain", (base,), {})
        made = type("Own", (plain,), {})()
        made.deserialize(everything())
        type(made).__bases__ = (type("Hooked", (base,), {"_deserialize_s": logging(log, "s")}),)
        return made

    check(define)


def test_state_and_slots_of_a_subclass(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        @dataclass(frozen=True)
        class Prefixed(base):  # type: ignore[misc]
            prefix: str = "p"

            def _deserialize_s(self, value: str) -> str:
                return self.prefix + value

        return Prefixed("x")

    check(define)
    check(lambda base, log: type("Slotted", (base,), {"__slots__": ("own",)})())
    check(lambda base, log: type("WithoutSuper", (base,), {"__init__": lambda self: setattr(self, "own", 5)})())


def test_attributes_of_an_instance_that_are_no_hooks(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        made = base()
        made.client = made._deserialize_x = made.options = made.deserialized = made._serialize_n = 5
        return made

    check(define)


class Stop(BaseException):
    """No Exception."""


@pytest.mark.parametrize(
    "error", [KeyError("x"), TypeError("x"), RecursionError("x"), StopIteration(), Stop()], ids=repr
)
@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: {"M": {"a": {"L": [value]}}}], ids=["top", "deep"])
def test_what_a_hook_raises_comes_out_as_the_same_object(
    base: type[Any], error: BaseException, tag: str, wrap: Callable[[Any], Any]
) -> None:
    def hook(_: Any, __: Any) -> Any:
        raise error

    with pytest.raises(type(error)) as caught:
        subclass(base, **{f"_deserialize_{tag}": hook}).deserialize(wrap(everything()))
    assert caught.value is error
    assert type(caught.value) is type(error)


def test_what_the_deserialize_of_a_subclass_raises_comes_out_as_the_same_object(base: type[Any]) -> None:
    error = ValueError("x")

    class Own(base):  # type: ignore[misc]
        def deserialize(self, value: Any) -> Any:
            if "N" in value:
                raise error
            return super().deserialize(value)

    with pytest.raises(ValueError, match="x") as caught:
        Own().deserialize(everything())
    assert caught.value is error


def test_a_hook_that_reads_other_values_with_the_same_object(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Own(base):  # type: ignore[misc]
            def _deserialize_s(self, value: str) -> Any:
                log.append(value)
                return (value, self.deserialize({"L": [{"N": "5"}, {"BOOL": False}]}) if value == "a" else 0)

            def _deserialize_n(self, value: str) -> Any:
                return (super()._deserialize_n(value), self.deserialize({"S": "inner"}))

        return Own()

    check(define)


def test_a_hook_that_changes_its_list_while_it_is_read(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        value: list[Any] = [{"S": "grow"}, {"S": "b"}, {"S": "shrink"}, {"S": "d"}, {"S": "e"}]

        def hook(_: Any, text: str) -> str:
            if text == "grow":
                value.append({"N": "1"})
            if text == "shrink":
                del value[3:]
            return text

        made = subclass(base, _deserialize_s=hook)
        return lambda _: [made.deserialize({"L": value}), value]

    check(define)


@pytest.mark.parametrize("change", ["grow", "shrink", "replace", "clear", "swap"])
@pytest.mark.parametrize("size", [1, 3, 20])
def test_a_hook_that_changes_its_map_while_it_is_read(check: Check, change: str, size: int) -> None:
    def define(base: type[Any], log: Log) -> Any:
        value: dict[str, Any] = {str(at): {"S": str(at)} for at in range(size)}

        def hook(_: Any, text: str) -> str:
            if text == "0":
                _change(value, change)
            return text

        made = subclass(base, _deserialize_s=hook)
        return lambda _: made.deserialize({"M": value})

    check(define)


def _change(value: dict[str, Any], how: str) -> None:
    last = list(value)[-1]
    if how == "grow":
        value["new"] = {"S": "new"}
    elif how == "shrink":
        del value[last]
    elif how == "replace":
        value[last] = {"N": "5"}
    elif how == "swap":
        value["other"] = value.pop(last)
    else:
        value.clear()


def test_a_hook_that_patches_its_own_class_while_it_runs(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Own(base):  # type: ignore[misc]
            def _deserialize_s(self, value: str) -> str:
                type(self)._deserialize_n = logging(log, "n")
                return value

        return Own()

    _, log = check(define)
    assert log


def test_a_hook_that_patches_its_own_object_while_it_runs(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Own(base):  # type: ignore[misc]
            def _deserialize_s(self, value: str) -> str:
                self._deserialize_n = functools.partial(logging(log, "n"), self)
                self.deserialize = lambda value: log.append(form(value))
                return value

        return Own()

    _, log = check(define)
    assert log


def test_a_hook_that_takes_itself_out_again(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        class Own(base):  # type: ignore[misc]
            def _deserialize_s(self, value: str) -> str:
                log.append(value)
                del type(self)._deserialize_s
                return value.upper()

        return Own()

    _, log = check(define)
    assert log == ["a"]


def test_the_descriptor_of_a_value_may_be_changed_by_its_hook(check: Check) -> None:
    def define(base: type[Any], log: Log) -> Any:
        inner = {"S": "a", "N": "1"}

        def hook(_: Any, text: str) -> str:
            inner.clear()
            return text

        made = subclass(base, _deserialize_s=hook)
        return lambda _: [made.deserialize(inner), inner]

    check(define)
